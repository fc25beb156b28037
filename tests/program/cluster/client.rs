//! A client of a server that says what it likes.

use std::time::Duration;

use async_nats::{Client, ConnectOptions};
use futures_util::StreamExt as _;
use serde_json::{Value, json};

/// The version of the protocol.
const PROTOCOL: u32 = stripmine::cluster::PROTOCOL;

pub(super) struct Liar {
    runtime: tokio::runtime::Runtime,
    pub(super) client: Client,
    user: String,
    name: &'static str,
}

/// A lease, and where it is acknowledged.
pub(super) struct Lease {
    pub(super) message: Value,
    reply: String,
}

impl Liar {
    pub(super) fn new(options: ConnectOptions, url: &str, user: &str, name: &'static str) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let client = runtime.block_on(options.connect(url)).expect("it connects");
        Self { runtime, client, user: user.to_owned(), name }
    }

    pub(super) fn run<T>(&self, act: impl Future<Output = T>) -> T {
        self.runtime.block_on(act)
    }

    pub(super) fn say(&self, subject: &str, message: &Value) {
        let payload = message.to_string().into();
        self.run(async {
            self.client.publish(subject.to_owned(), payload).await.expect("it is sent");
            self.client.flush().await.expect("it is flushed");
        });
    }

    pub(super) fn hello(&self) {
        let hello = json!({
            "protocol": PROTOCOL, "host": self.name, "kernel": "sha2", "threads": 1,
            "rate": 1e6, "held": 1, "tested": 0, "leaves": false,
        });
        self.say(&format!("stripmine.hello.{}", self.user), &hello);
    }

    /// Takes a lease, once there is one.
    pub(super) fn take_lease(&self) -> Lease {
        self.run(async {
            let inbox = self.client.new_inbox();
            let mut answers = self.client.subscribe(inbox.clone()).await.expect("it subscribes");
            loop {
                let subject = "$JS.API.CONSUMER.MSG.NEXT.STRIPMINE_LEASE.hosts";
                let pull = json!({"batch": 1, "expires": 1_000_000_000}).to_string();
                let asked = self.client.publish_with_reply(subject, inbox.clone(), pull.into());
                asked.await.expect("it asks");
                let wait = tokio::time::timeout(Duration::from_secs(2), answers.next());
                match wait.await {
                    Ok(Some(answer)) if answer.status.is_none() => {
                        let message = serde_json::from_slice(&answer.payload).expect("JSON");
                        let reply = answer.reply.expect("it can be acknowledged").to_string();
                        return Lease { message, reply };
                    }
                    _ => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
        })
    }

    /// A report of this lease as an honest host would make it, but for its nonces.
    pub(super) fn report(&self, lease: &Lease, prefix: &str) -> Value {
        use sha2::{Digest as _, Sha256};
        let span = &lease.message["span"];
        let first = span["first"].as_u64().expect("a nonce");
        let len = span["last"].as_u64().expect("a nonce") - first + 1;
        let hash = hex::encode(Sha256::digest(format!("{prefix}{first}")));
        json!({
            "protocol": PROTOCOL, "job": lease.message["job"], "header": lease.message["header"],
            "lease": lease.message["lease"], "host": self.name, "span": span, "is_find": false,
            "best": {"nonce": first, "hash": hash}, "kernel": "sha2", "seconds": 0.1,
            "deliveries": 1, "workers": [{"stripes": 1, "hashes": len, "busy_s": 0.1}],
        })
    }

    /// Says that the lease was searched.
    pub(super) fn send(&self, lease: &Lease, report: &Value) {
        let job = lease.message["job"].as_str().expect("a name");
        self.say(&format!("stripmine.done.{}.{job}", self.user), report);
        self.run(async {
            let acked = self.client.publish(lease.reply.clone(), "+ACK".into());
            acked.await.expect("it is acknowledged");
            self.client.flush().await.expect("it is flushed");
        });
    }
}
