//! One search on many machines: real servers, coordinators and hosts, on this one.
//!
//! Where there is no `nats-server`, nothing of it is tested, loudly; where `CI` is set that is a
//! failure.

mod answers;
mod chain;
mod client;
mod failures;
mod liars;
mod link;
mod permissions;
mod server;

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::process::{Ran, Scratch, number, send, stripmine, text};
use server::Server;

/// The kernel of these tests: it needs no time to start, however it was compiled.
const KERNEL: [&str; 2] = ["--kernel", "sha2"];

/// A process that is ended with the test.
struct Process(Option<Child>);

impl Process {
    fn start(command: &mut Command) -> Self {
        let child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Self(Some(child))
    }

    /// Sends it a signal, by name.
    fn signal(&self, name: &str) {
        send(name, self.0.as_ref().expect("it was not ended"));
    }

    /// Waits for its end, for so long at most.
    fn finish(mut self, patience: Duration) -> Ran {
        let mut child = self.0.take().expect("it was not ended");
        let started = Instant::now();
        while child.try_wait().expect("a child can be waited for").is_none() {
            if started.elapsed() > patience {
                child.kill().expect("a child can be ended");
                let output = child.wait_with_output().expect("it has ended");
                panic!("it hangs: {}", String::from_utf8_lossy(&output.stderr));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let output = child.wait_with_output().expect("it has ended");
        Ran { code: output.status.code(), stdout: output.stdout, stderr: output.stderr }
    }

    fn has_ended(&mut self) -> bool {
        let child = self.0.as_mut().expect("it was not ended");
        child.try_wait().expect("a child can be waited for").is_some()
    }

    /// Ends it without a word.
    fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if let Some(mut child) = self.0.take() {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// Makes a host of this name, with this many workers.
fn host(server: &Server, name: &str, threads: u32) -> Process {
    host_at(&server.url(), name, threads)
}

fn host_at(url: &str, name: &str, threads: u32) -> Process {
    let threads = threads.to_string();
    let mut command = stripmine();
    command.args(["join", url, "--name", name, "--threads", &threads]).args(KERNEL);
    Process::start(command.stdout(Stdio::null()).stderr(Stdio::null()))
}

fn hosts(server: &Server, count: u32, threads: u32) -> Vec<Process> {
    (0..count).map(|number| host(server, &format!("h{number}"), threads)).collect()
}

/// A search of a text. Where `lowest` is the largest number, it takes longer than any test.
#[derive(Clone, Copy)]
struct Header {
    prefix: &'static str,
    bits: u32,
    /// The lowest valid nonce.
    lowest: u64,
}

impl Header {
    fn solve(self, server: &Server) -> Command {
        let mut command = stripmine();
        command.args(["solve", "--cluster", &server.url(), "--output", "json"]).args(KERNEL);
        command.args(["--threads", "1", "--prefix", self.prefix]);
        command.args(["--bits", &self.bits.to_string()]);
        command
    }

    /// The answer is the lowest nonce, and the hosts' work adds up.
    #[track_caller]
    fn is_answered_by(self, ran: Ran) {
        let ran = ran.ends_with_code(0);
        let document = ran.documents().remove(0);
        assert_eq!(text(&document, "outcome"), "found", "{ran}");
        assert_eq!(number(&document, "nonce"), self.lowest, "{ran}");
    }
}

/// How long a search of these tests may take: many times what it does.
const PATIENCE: Duration = Duration::from_secs(120);

#[test]
fn without_a_server_the_error_is_clear_and_comes_at_once() {
    let scratch = Scratch::new();
    let url = format!("nats://127.0.0.1:{}", server::free_port());
    for arguments in [
        &["solve", "--prefix", "x", "--cluster", &url][..],
        &["mine", "--cluster", &url],
        &["join", &url],
    ] {
        let started = Instant::now();
        let ran = scratch.run_untouched(arguments);
        assert!(started.elapsed() < Duration::from_secs(10), "{ran}");
        ran.ends_with_code(3).prints_nothing().says(&[&url, "no NATS server", "nats-server -js"]);
    }
}

#[test]
fn what_a_cluster_cannot_do_is_refused() {
    let scratch = Scratch::new();
    let near = "nats://127.0.0.1:1";
    let wide = ["--cluster", near, "--start-nonce", "auto:wide"];
    for command in [&["mine"][..], &["solve", "--prefix", "x"]] {
        let ran = scratch.run_untouched(&[command, &wide].concat());
        ran.ends_with_code(2).prints_nothing().says(&["auto:wide"]);
    }
    let first = scratch.run_untouched(&["mine", "--cluster", near, "--order", "first"]);
    first.ends_with_code(2).prints_nothing().says(&["--order first"]);
    let secret = scratch.run_untouched(&["join", "nats://ann:secret@127.0.0.1"]);
    let secret = secret.ends_with_code(2).prints_nothing().says(&["--cluster-creds"]);
    assert!(!secret.err().contains("secret"), "{secret}");
    scratch.write("creds", "ann\n");
    let creds = ["join", near, "--cluster-creds", "creds"];
    scratch.run_untouched(&creds).ends_with_code(2).says(&["creds", "two lines"]);
    let missing = ["join", near, "--cluster-ca", "missing.pem"];
    scratch.run_untouched(&missing).ends_with_code(3).says(&["missing.pem"]);
}
