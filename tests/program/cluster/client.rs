//! A client of a NATS server that plays a host and can report what is not true.

use std::time::Duration;

use async_nats::{Client, ConnectOptions};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// The version of the protocol.
const PROTOCOL: u32 = stripmine::cluster::PROTOCOL;

pub(super) struct Liar {
    runtime: tokio::runtime::Runtime,
    pub(super) client: Client,
    user: String,
    name: &'static str,
}

/// The hash of this text with its nonce.
pub(super) fn hash(prefix: &str, nonce: u64) -> String {
    hex::encode(Sha256::digest(format!("{prefix}{nonce}")))
}

/// A lease, and where it is acknowledged.
pub(super) struct Lease {
    pub(super) message: Value,
    pub(super) reply: String,
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
        self.run(self.publish(subject, message.to_string()));
    }

    async fn publish(&self, subject: &str, text: String) {
        self.client.publish(subject.to_owned(), text.into()).await.expect("it is sent");
        self.client.flush().await.expect("it is flushed");
    }

    pub(super) fn hello(&self) {
        self.hello_at(1e6);
    }

    /// Says that it is there, and makes this many hashes per second.
    pub(super) fn hello_at(&self, rate: f64) {
        let hello = json!({
            "protocol": PROTOCOL, "host": self.name, "kernel": "sha2", "threads": 1,
            "rate": rate, "held": 1, "tested": 0, "leaves": false,
        });
        self.say(&format!("stripmine.hello.{}", self.user), &hello);
    }

    /// Takes a lease, if there is one within this time.
    pub(super) fn lease_within(&self, wait: Duration) -> Option<Lease> {
        self.run(async {
            let inbox = self.client.new_inbox();
            let mut answers = self.client.subscribe(inbox.clone()).await.expect("it subscribes");
            let subject = "$JS.API.CONSUMER.MSG.NEXT.STRIPMINE_LEASE.hosts";
            let expires = u64::try_from(wait.as_nanos()).expect("it is short");
            let pull = json!({"batch": 1, "expires": expires}).to_string();
            let asked = self.client.publish_with_reply(subject, inbox, pull.into());
            asked.await.expect("it asks");
            // The server does not always say that the time has passed.
            let answer = tokio::time::timeout(2 * wait, answers.next()).await.ok()??;
            if answer.status.is_some() {
                return None;
            }
            let message = serde_json::from_slice(&answer.payload).expect("JSON");
            let reply = answer.reply.expect("it can be acknowledged").to_string();
            Some(Lease { message, reply })
        })
    }

    /// A report of this lease as an honest host would make it, but for its nonces.
    pub(super) fn report(&self, lease: &Lease, prefix: &str) -> Value {
        let span = &lease.message["span"];
        let first = span["first"].as_u64().expect("a nonce");
        let len = span["last"].as_u64().expect("a nonce") - first + 1;
        let hash = hash(prefix, first);
        json!({
            "protocol": PROTOCOL, "job": lease.message["job"], "header": lease.message["header"],
            "lease": lease.message["lease"], "host": self.name, "span": span, "is_find": false,
            "best": {"nonce": first, "hash": hash}, "kernel": "sha2", "seconds": 0.1,
            "deliveries": 1, "workers": [{"stripes": 1, "hashes": len, "busy_s": 0.1}],
        })
    }

    /// Says that the lease was searched.
    pub(super) async fn send(&self, lease: &Lease, report: &Value) {
        let job = lease.message["job"].as_str().expect("a name");
        self.publish(&format!("stripmine.done.{}.{job}", self.user), report.to_string()).await;
        self.publish(&lease.reply, "+ACK".to_owned()).await;
    }
}
