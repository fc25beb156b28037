//! NATS servers on free ports of this machine, each in a directory of its own.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::Process;
use crate::common::process::{skipped, wait_until};

/// A server with its data.
pub(super) struct Server {
    process: Option<Process>,
    directory: TempDir,
    port: u16,
    /// Its configuration, beside port and data.
    configuration: String,
    scheme: &'static str,
}

/// A port that nobody uses, in no other test either: below those that the system gives out.
pub(super) fn free_port() -> u16 {
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    loop {
        let taken = TAKEN.fetch_add(1, Ordering::Relaxed);
        let offset = (std::process::id() * 64 + taken) % 12_000;
        let port = 20_000 + u16::try_from(offset).expect("it is small");
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

impl Server {
    /// Starts a server; `None`, loudly, where there is none.
    pub(super) fn start() -> Option<Self> {
        Self::with("nats", String::new(), tempfile::tempdir().expect("a directory"))
    }

    /// Starts a server with a configuration, whose files are in this directory.
    pub(super) fn with(
        scheme: &'static str,
        configuration: String,
        directory: TempDir,
    ) -> Option<Self> {
        if let Err(error) = Command::new("nats-server").arg("--version").output() {
            assert!(std::env::var_os("CI").is_none(), "nats-server is required here: {error}");
            skipped("searches by several machines; there is no nats-server");
            return None;
        }
        let port = free_port();
        let mut server = Self { process: None, directory, port, configuration, scheme };
        server.start_again();
        Some(server)
    }

    pub(super) fn url(&self) -> String {
        format!("{}://127.0.0.1:{}", self.scheme, self.port)
    }

    pub(super) fn directory(&self) -> &std::path::Path {
        self.directory.path()
    }

    /// Ends it without a word; its data stays.
    pub(super) fn kill(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill();
        }
    }

    /// Removes what it had stored.
    pub(super) fn lose_data(&self) {
        std::fs::remove_dir_all(self.directory.path().join("data")).expect("it had data");
    }

    pub(super) fn start_again(&mut self) {
        let file = self.directory.path().join("server.conf");
        let data = self.directory.path().join("data");
        let text = format!(
            "listen: \"127.0.0.1:{}\"\njetstream {{ store_dir: \"{}\" }}\n{}",
            self.port,
            data.display(),
            self.configuration
        );
        std::fs::write(&file, text).expect("a file can be written");
        let mut command = Command::new("nats-server");
        command.arg("-c").arg(&file).stdout(Stdio::null()).stderr(Stdio::null());
        self.process = Some(Process::start(&mut command));
        assert!(wait_until(|| self.greets()), "the server does not start");
    }

    /// Whether it answers.
    fn greets(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) else { return false };
        let mut start = [0; 4];
        stream.set_read_timeout(Some(Duration::from_secs(1))).expect("a time limit");
        stream.read_exact(&mut start).is_ok() && start == *b"INFO"
    }

    /// Waits until hosts have stored this many reports.
    #[track_caller]
    pub(super) fn wait_for_reports(&self, count: u64) {
        let started = Instant::now();
        while self.reports() < count {
            assert!(started.elapsed() < Duration::from_secs(60), "nobody reports anything");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Whether a search was offered.
    pub(super) fn has_search(&self) -> bool {
        self.last_sequence("STRIPMINE_JOB") > 0
    }

    /// Reports that were stored so far.
    fn reports(&self) -> u64 {
        self.last_sequence("STRIPMINE_DONE")
    }

    /// Messages that this stream has ever stored, by the server's own word.
    fn last_sequence(&self, stream: &str) -> u64 {
        let Ok(mut socket) = TcpStream::connect(("127.0.0.1", self.port)) else { return 0 };
        socket.set_read_timeout(Some(Duration::from_millis(500))).expect("a time limit");
        let connect = r#"CONNECT {"verbose":false,"pedantic":false}"#;
        let ask = format!("SUB reply 1\r\nPUB $JS.API.STREAM.INFO.{stream} reply 0\r\n\r\n");
        let asked = socket.write_all(format!("{connect}\r\n{ask}").as_bytes());
        let mut answer = String::new();
        let mut bytes = [0; 4096];
        while asked.is_ok() && !answer.contains("\"last_ts\":") && !answer.contains("error") {
            match socket.read(&mut bytes) {
                Ok(len) if len > 0 => answer.push_str(&String::from_utf8_lossy(&bytes[..len])),
                _ => return 0,
            }
        }
        let after = answer.split("\"last_seq\":").nth(1).unwrap_or_default();
        let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap_or(0)
    }
}

/// A client that is subscribed to a subject for as long as it lives.
pub(super) struct Listener(
    #[expect(dead_code, reason = "its end ends the subscription")] TcpStream,
);

impl Listener {
    pub(super) fn new(server: &Server, subject: &str) -> Self {
        let mut socket = TcpStream::connect(("127.0.0.1", server.port)).expect("it connects");
        let subscribe = format!("CONNECT {{\"verbose\":false}}\r\nSUB {subject} 1\r\nPING\r\n");
        socket.write_all(subscribe.as_bytes()).expect("it is sent");
        socket.set_read_timeout(Some(Duration::from_secs(10))).expect("a time limit");
        // The server answers in turn.
        let (mut answer, mut bytes) = (Vec::new(), [0; 4096]);
        while !answer.ends_with(b"PONG\r\n") {
            let len = socket.read(&mut bytes).expect("the server answers");
            assert!(len > 0, "the server goes");
            answer.extend_from_slice(&bytes[..len]);
        }
        Self(socket)
    }
}
