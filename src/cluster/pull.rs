//! Pulls messages from a consumer, few at a time.
//!
//! The client has such a thing itself; this one asks for one message when it is wanted, needs no
//! permission but that, and asks again when its server has gone silent.

use std::time::Duration;

use async_nats::jetstream::{self, Context};
use async_nats::{StatusCode, Subscriber};
use futures_util::StreamExt as _;
use tokio::time::{Instant, timeout_at};

use super::engine::Engine;
use super::error::ClusterError;

/// How long a request stays with the server.
const EXPIRES: Duration = Duration::from_secs(20);

/// While a request is open, the server says this often that it is there.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// A request is sent again when nothing was heard for this long.
const DEAF: Duration = Duration::from_millis(2_500);

/// Before it asks again where there is no consumer, or the server refuses.
const PAUSE: Duration = Duration::from_millis(250);

/// A message that is to be acknowledged.
#[derive(Debug)]
pub(super) struct Pulled {
    pub(super) payload: Vec<u8>,
    pub(super) subject: String,
    /// Its number in the stream.
    pub(super) sequence: u64,
    /// How often it was delivered, this time included.
    pub(super) deliveries: u64,
    /// Messages that wait behind it.
    pub(super) pending: u64,
    /// Where it is acknowledged.
    pub(super) reply: String,
}

/// Pulls from one consumer.
pub(super) struct Puller {
    engine: Engine,
    subject: String,
    inbox: String,
    answers: Subscriber,
    batch: usize,
    /// Messages that are still to come for the open request.
    open: usize,
    deaf_at: Instant,
}

impl Puller {
    pub(super) async fn new(
        engine: &Engine,
        stream: &str,
        consumer: &str,
        batch: usize,
    ) -> Result<Self, ClusterError> {
        let inbox = engine.client.new_inbox();
        let answers = engine.subscribe(inbox.clone()).await?;
        let subject = format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}");
        let (engine, deaf_at) = (engine.clone(), Instant::now());
        Ok(Self { engine, subject, inbox, answers, batch, open: 0, deaf_at })
    }

    /// The next message; waits for it as long as it takes. Nothing is lost when the caller stops
    /// waiting.
    pub(super) async fn next(&mut self) -> Pulled {
        loop {
            if self.open == 0 {
                self.ask().await;
            }
            match timeout_at(self.deaf_at, self.answers.next()).await {
                // The server is away, or has forgotten the request.
                Err(_) => self.open = 0,
                Ok(None) => std::future::pending().await,
                Ok(Some(answer)) => {
                    self.deaf_at = Instant::now() + DEAF;
                    match answer.status {
                        Some(StatusCode::IDLE_HEARTBEAT) => {}
                        // The request has ended.
                        Some(StatusCode::TIMEOUT) => self.open = 0,
                        // There is no consumer, or the server has no leader at the moment.
                        Some(_) => self.deaf_at = Instant::now() + PAUSE,
                        None => {
                            self.open = self.open.saturating_sub(1);
                            if let Some(pulled) = read(&self.engine.context, answer) {
                                return pulled;
                            }
                        }
                    }
                }
            }
        }
    }

    /// Takes an open request for lost, as it is when the connection was.
    pub(super) fn ask_again(&mut self) {
        self.open = 0;
    }

    async fn ask(&mut self) {
        let request = serde_json::json!({
            "batch": self.batch,
            "expires": u64::try_from(EXPIRES.as_nanos()).unwrap_or(u64::MAX),
            "idle_heartbeat": u64::try_from(HEARTBEAT.as_nanos()).unwrap_or(u64::MAX),
        });
        let payload = request.to_string().into();
        let (subject, inbox) = (self.subject.clone(), self.inbox.clone());
        // Where it is lost, it is sent again.
        let _ = self.engine.client.publish_with_reply(subject, inbox, payload).await;
        (self.open, self.deaf_at) = (self.batch, Instant::now() + DEAF);
    }
}

/// A message with what the engine says of it; `None` for one that is of no stream.
fn read(context: &Context, message: async_nats::Message) -> Option<Pulled> {
    let message = jetstream::Message { message, context: context.clone() };
    let info = message.info().ok()?;
    let (sequence, pending) = (info.stream_sequence, info.pending);
    let deliveries = u64::try_from(info.delivered).unwrap_or(1);
    let async_nats::Message { payload, subject, reply, .. } = message.message;
    Some(Pulled {
        payload: payload.to_vec(),
        subject: subject.to_string(),
        sequence,
        deliveries,
        pending,
        reply: reply?.to_string(),
    })
}

/// What is said about a message that was pulled.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ack {
    /// It is done with.
    Done,
    /// It is being worked on.
    Working,
    /// Somebody else shall have it.
    GiveBack,
    /// Somebody else shall have it, in a moment.
    GiveBackLater,
}

impl Engine {
    pub(super) async fn acknowledge(&self, reply: &str, ack: Ack) {
        let word: &[u8] = match ack {
            Ack::Done => b"+ACK",
            Ack::Working => b"+WPI",
            Ack::GiveBack => b"-NAK",
            // The delay is in nanoseconds.
            Ack::GiveBackLater => br#"-NAK {"delay": 200000000}"#,
        };
        self.say(reply, word.to_vec()).await;
    }
}
