//! NATS servers on free ports of this machine, each in a directory of its own.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use base64ct::{Base64, Encoding as _};
use serde_json::{Value, json};
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
    /// The other servers of its cluster, which keep the same.
    others: Vec<Self>,
}

fn directory() -> TempDir {
    tempfile::tempdir().expect("a directory")
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
        Self::with("nats", String::new(), directory())
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
        let others = Vec::new();
        let mut server = Self { process: None, directory, port, configuration, scheme, others };
        server.start_again();
        Some(server)
    }

    /// Starts three servers that keep everything three times.
    pub(super) fn three() -> Option<Self> {
        let cluster_ports = [0; 3].map(|_| free_port());
        let routes = cluster_ports.map(|port| format!("\"nats://127.0.0.1:{port}\"")).join(", ");
        let mut servers = Vec::new();
        for (number, port) in (0..).zip(cluster_ports) {
            let configuration = format!(
                "server_name: s{number}\ncluster {{ name: three, listen: \"127.0.0.1:{port}\", \
                 routes: [{routes}] }}"
            );
            servers.push(Self::with("nats", configuration, directory())?);
        }
        let mut first = servers.remove(0);
        first.others = servers;
        // Until they have found each other, nothing can be kept three times.
        let trial = json!({"name": "TRIAL", "subjects": ["trial"], "retention": "limits",
            "storage": "file", "num_replicas": 3});
        let is_made = || {
            let made = first.ask("$JS.API.STREAM.CREATE.TRIAL", &trial);
            made.is_some_and(|it| it["error"].is_null())
        };
        assert!(wait_until(is_made), "three servers do not become one cluster");
        Some(first)
    }

    /// The addresses of this server, and of the others of its cluster.
    pub(super) fn url(&self) -> String {
        let all = std::iter::once(self).chain(&self.others);
        all.map(Self::own_url).collect::<Vec<_>>().join(",")
    }

    fn own_url(&self) -> String {
        format!("{}://127.0.0.1:{}", self.scheme, self.port)
    }

    pub(super) fn port(&self) -> u16 {
        self.port
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

    /// Of three servers, ends the one that leads the others in keeping this stream.
    pub(super) fn kill_leader(&mut self, stream: &str) {
        let info = self.stream_info(stream).expect("the servers know their stream");
        assert_eq!(info["config"]["num_replicas"], 3, "{info}");
        let leader = info["cluster"]["leader"].as_str().expect("there is a leader");
        match leader.trim_start_matches('s').parse().expect("a number") {
            0_usize => self.kill(),
            number => self.others[number - 1].kill(),
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

    /// What was last written down of this search; null where nothing was.
    pub(super) fn state(&self, job: &str) -> Value {
        let last = json!({"last_by_subj": format!("stripmine.job.{job}.state")});
        let stored = self.ask("$JS.API.STREAM.MSG.GET.STRIPMINE_JOB", &last).unwrap_or_default();
        let Some(data) = stored["message"]["data"].as_str() else { return Value::Null };
        let state = Base64::decode_vec(data).expect("base64");
        serde_json::from_slice(&state).expect("JSON")
    }

    /// Reports that were stored so far.
    pub(super) fn reports(&self) -> u64 {
        self.last_sequence("STRIPMINE_DONE")
    }

    /// Messages that this stream has ever stored, by the server's own word.
    fn last_sequence(&self, stream: &str) -> u64 {
        let info = self.stream_info(stream);
        info.and_then(|info| info["state"]["last_seq"].as_u64()).unwrap_or(0)
    }

    fn stream_info(&self, stream: &str) -> Option<Value> {
        self.ask(&format!("$JS.API.STREAM.INFO.{stream}"), &json!({}))
    }

    /// What it answers to a request; nothing where it is away.
    fn ask(&self, subject: &str, request: &Value) -> Option<Value> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let client = async_nats::connect(self.own_url()).await.ok()?;
            let payload = request.to_string().into();
            let request = async_nats::Request::new().payload(payload);
            let request = request.timeout(Some(Duration::from_millis(500)));
            let answer = client.send_request(subject.to_owned(), request).await.ok()?;
            serde_json::from_slice(&answer.payload).ok()
        })
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
