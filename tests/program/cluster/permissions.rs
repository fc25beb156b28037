//! TLS with a certificate authority of one's own, and two users with the permissions that
//! `docs/cluster.md` gives them.

use std::process::Command;

use async_nats::ConnectOptions;
use futures_util::StreamExt as _;
use serde_json::json;

use super::client::Liar;
use super::server::Server;
use super::{KERNEL, PATIENCE, Process};
use crate::common::process::{Scratch, number, skipped, stripmine};

const DOCS: &str = include_str!("../../../docs/cluster.md");

/// A server as `docs/cluster.md` sets it up, on this machine.
fn server() -> Option<Server> {
    let directory = tempfile::tempdir().expect("a directory");
    let certified = Command::new("sh")
        .current_dir(directory.path())
        .args(["-ec", &block("sh make-certificates").replace("nats.example", "localhost")])
        .output();
    if !certified.is_ok_and(|output| output.status.success()) {
        assert!(std::env::var_os("CI").is_none(), "openssl is required here");
        skipped("TLS between machines; there is no openssl");
        return None;
    }
    let path = directory.path().to_str().expect("a path").to_owned();
    let configuration = block("conf users").replace("/etc/nats", &path);
    Server::with("tls", configuration, directory)
}

/// The block of code with this heading.
fn block(heading: &str) -> String {
    let (_, rest) = DOCS.split_once(&format!("```{heading}\n")).expect("such a block");
    rest.split_once("```").expect("its end").0.to_owned()
}

fn command(server: &Server, arguments: &[&str], user: &str, scratch: &Scratch) -> Command {
    let mut command = stripmine();
    let url = server.url().replace("127.0.0.1", "localhost");
    let arguments =
        arguments.iter().map(|it| if *it == "URL" { url.clone() } else { (*it).to_owned() });
    command.args(arguments).args(KERNEL).arg("--cluster-ca").arg(server.directory().join("ca.pem"));
    let creds = scratch.write(user, format!("{user}\n{user}-secret\n"));
    command.arg("--cluster-creds").arg(creds);
    command
}

#[test]
fn two_users_under_tls_search_together() {
    let Some(server) = server() else { return };
    let scratch = Scratch::new();
    let join = command(&server, &["join", "URL", "--name", "h0"], "ann", &scratch).spawn();
    let _host = Process(Some(join.expect("it starts")));
    let solve = ["solve", "--cluster", "URL", "--output", "json", "--prefix", "standing "];
    let mut solve = command(&server, &solve, "coordinator", &scratch);
    let ran = Process::start(solve.args(["--bits", "16"])).finish(PATIENCE).ends_with_code(0);
    let document = ran.documents().remove(0);
    assert_eq!(number(&document, "nonce"), 26_992);
    assert!(ran.out().contains("ann/h0"), "{ran}");
}

#[test]
fn who_is_not_vouched_for_or_has_no_credentials_is_refused() {
    let Some(server) = server() else { return };
    let scratch = Scratch::new();
    let url = server.url().replace("127.0.0.1", "localhost");
    let stranger = scratch.run_untouched(&["join", &url]);
    stranger.ends_with_code(2).says(&["--cluster-ca"]);
    let mut wrong = command(&server, &["join", "URL"], "ann", &scratch);
    scratch.write("ann", "ann\nguess\n");
    Process::start(&mut wrong)
        .finish(PATIENCE)
        .ends_with_code(2)
        .says(&["refuses these credentials"]);
    // A server that offers no TLS, off this machine as far as its address tells.
    let Some(plain) = Server::start() else { return };
    let far = plain.url().replace("nats://127.0.0.1", "nats://0.0.0.0");
    let refused = scratch.run_untouched(&["join", &far]);
    refused.ends_with_code(2).says(&["TLS", "--cluster-insecure"]);
}

/// What the user of a host may do, tried over its own connection.
struct User(Liar);

impl User {
    fn new(server: &Server) -> Self {
        let options = ConnectOptions::new()
            .require_tls(true)
            .add_root_certificates(server.directory().join("ca.pem"))
            .user_and_password("ann".to_owned(), "ann-secret".to_owned())
            .custom_inbox_prefix("_INBOX_ann");
        let url = server.url().replace("127.0.0.1", "localhost");
        Self(Liar::new(options, &url, "ann", "ann"))
    }

    /// Whether the server answers this request.
    fn is_answered(&self, subject: &str, payload: &serde_json::Value) -> bool {
        let request = async_nats::Request::new()
            .payload(payload.to_string().into())
            .timeout(Some(std::time::Duration::from_millis(400)));
        self.0.run(self.0.client.send_request(subject.to_owned(), request)).is_ok()
    }

    /// Whether others hear what it says there.
    fn is_heard(&self, server: &Server, subject: &str) -> bool {
        let options = ConnectOptions::new()
            .require_tls(true)
            .add_root_certificates(server.directory().join("ca.pem"))
            .user_and_password("coordinator".to_owned(), "coordinator-secret".to_owned())
            .custom_inbox_prefix("_INBOX_coordinator");
        let url = server.url().replace("127.0.0.1", "localhost");
        let listener = Liar::new(options, &url, "coordinator", "coordinator");
        let mut heard = listener.run(async {
            let heard = listener.client.subscribe(subject.to_owned()).await.expect("it may listen");
            listener.client.flush().await.expect("it is flushed");
            heard
        });
        listener.run(tokio_sleep(100));
        self.0.say(subject, &json!({"protocol": 1}));
        let wait = std::time::Duration::from_millis(400);
        listener.run(async { tokio::time::timeout(wait, heard.next()).await.is_ok() })
    }
}

async fn tokio_sleep(ms: u64) {
    tokio::time::sleep(std::time::Duration::from_millis(ms)).await;
}

#[test]
fn a_host_s_user_can_do_nothing_but_a_host_s_work() {
    let Some(server) = server() else { return };
    let scratch = Scratch::new();
    // A search that has made the streams.
    let solve = ["solve", "--cluster", "URL", "--prefix", "x", "--time-limit", "1"];
    let mut solve = command(&server, &solve, "coordinator", &scratch);
    Process::start(&mut solve).finish(PATIENCE).ends_with_code(1);
    let user = User::new(&server);
    // Its own work.
    let last = json!({"last_by_subj": "stripmine.job.x.state"});
    assert!(user.is_answered("$JS.API.STREAM.MSG.GET.STRIPMINE_JOB", &last));
    let pull = json!({"batch": 1, "no_wait": true});
    assert!(user.is_answered("$JS.API.CONSUMER.MSG.NEXT.STRIPMINE_LEASE.hosts", &pull));
    assert!(user.is_answered("stripmine.done.ann.x", &json!({"protocol": 1})));
    assert!(user.is_heard(&server, "stripmine.hello.ann"));
    // Everybody else's.
    let nothing = json!({});
    for subject in [
        "$JS.API.STREAM.PURGE.STRIPMINE_JOB",
        "$JS.API.STREAM.DELETE.STRIPMINE_JOB",
        "$JS.API.STREAM.MSG.DELETE.STRIPMINE_DONE",
        "$JS.API.STREAM.MSG.GET.STRIPMINE_DONE",
        "$JS.API.CONSUMER.DELETE.STRIPMINE_LEASE.hosts",
        "stripmine.done.bob.x",
        "stripmine.lease.x",
    ] {
        assert!(!user.is_answered(subject, &nothing), "{subject}");
    }
    let stream = json!({"name": "MINE", "subjects": ["mine"], "retention": "limits", "storage": "file", "num_replicas": 1});
    assert!(!user.is_answered("$JS.API.STREAM.CREATE.MINE", &stream));
    for subject in
        ["stripmine.job.x.state", "stripmine.stop.x", "stripmine.call", "stripmine.hello.bob"]
    {
        assert!(!user.is_heard(&server, subject), "{subject}");
    }
}
