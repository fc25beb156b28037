//! The streams and subjects of a cluster, and what the engine is asked to do with them.
//!
//! The engine is trusted to move messages on, and for nothing that the answer depends on.
//!
//! | stream | subjects | holds |
//! |---|---|---|
//! | `STRIPMINE_JOB` | `stripmine.job.<job>.header`, `.state` | the last message of each |
//! | `STRIPMINE_LEASE` | `stripmine.lease.<job>` | leases, until they are acknowledged |
//! | `STRIPMINE_DONE` | `stripmine.done.<user>.<job>` | reports of what lies above the floor |
//!
//! Beside the streams: `stripmine.stop.<job>` (a find), `stripmine.call` (a coordinator calls the
//! hosts), `stripmine.hello.<user>` (a host answers), `stripmine.coordinator.<job>` (is somebody
//! there?).

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_nats::jetstream::context::{CreateStreamErrorKind, PublishErrorKind};
use async_nats::jetstream::message::{PublishMessage, StreamMessage};
use async_nats::jetstream::stream::{
    Config, LastRawMessageError, LastRawMessageErrorKind, RetentionPolicy, Stream,
};
use async_nats::jetstream::{self, Context, ErrorCode};
use async_nats::{Client, Event, Subscriber};
use futures_util::StreamExt as _;
use tokio::sync::mpsc::UnboundedSender;

use super::access::Access;
use super::error::ClusterError;

pub(super) const JOB: &str = "STRIPMINE_JOB";
pub(super) const LEASE: &str = "STRIPMINE_LEASE";
pub(super) const DONE: &str = "STRIPMINE_DONE";

/// The consumer that all hosts pull their leases from.
pub(super) const HOSTS: &str = "hosts";

/// A lease whose holder says nothing for this long is given to another host.
pub(super) const ACK_WAIT: Duration = Duration::from_secs(3);

/// Holders say this often that they are at work on a lease.
pub(super) const WORKING_EVERY: Duration = Duration::from_millis(750);

/// Leases that may be held, and hosts that may wait, at a time. The engine's own limits are 1,000
/// and 512, and the second cannot be changed later.
const MOST_HOSTS: i64 = 65_536;

/// How long an answer of the engine may take.
const PATIENCE: Duration = Duration::from_secs(3);

pub(super) const CALL: &str = "stripmine.call";
pub(super) const ALL_HELLOS: &str = "stripmine.hello.*";
pub(super) const ALL_STATES: &str = "stripmine.job.*.state";
pub(super) const ALL_STOPS: &str = "stripmine.stop.*";
const ALL_HEADERS: &str = "stripmine.job.*.header";

pub(super) fn header_subject(job: &str) -> String {
    format!("stripmine.job.{job}.header")
}

pub(super) fn state_subject(job: &str) -> String {
    format!("stripmine.job.{job}.state")
}

pub(super) fn lease_subject(job: &str) -> String {
    format!("stripmine.lease.{job}")
}

pub(super) fn done_subject(user: &str, job: &str) -> String {
    format!("stripmine.done.{user}.{job}")
}

pub(super) fn stop_subject(job: &str) -> String {
    format!("stripmine.stop.{job}")
}

pub(super) fn hello_subject(user: &str) -> String {
    format!("stripmine.hello.{user}")
}

pub(super) fn coordinator_subject(job: &str) -> String {
    format!("stripmine.coordinator.{job}")
}

/// The part of a subject at this place, from 0; empty where there is none.
pub(super) fn token(subject: &str, place: usize) -> &str {
    subject.split('.').nth(place).unwrap_or_default()
}

/// Why something was not stored.
#[derive(Debug)]
pub(super) enum Unstored {
    /// Another message came before it.
    WrongLast,
    /// The stream is gone, or what it must hold already.
    NoStream,
    /// The message is too long for the engine.
    TooLong,
    /// No answer in time, or another error; it may have been stored all the same.
    Unknown(String),
}

/// A message of a stream.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) subject: String,
    pub(super) sequence: u64,
    pub(super) payload: Vec<u8>,
}

/// A connection to the engine.
#[derive(Clone)]
pub(super) struct Engine {
    pub(super) client: Client,
    pub(super) context: Context,
    pub(super) user: String,
}

impl Engine {
    pub(super) async fn connect(
        access: &Access,
        name: &str,
        events: UnboundedSender<Event>,
    ) -> Result<Self, ClusterError> {
        let client = access.connect(name, events).await?;
        let mut context = jetstream::new(client.clone());
        context.set_timeout(PATIENCE);
        Ok(Self { client, context, user: access.user().to_owned() })
    }

    /// Makes the streams and the hosts' consumer where they are missing: on three servers if there
    /// are as many.
    pub(super) async fn set_up(&self) -> Result<(), ClusterError> {
        let stream = |name: &str, subject: &str| Config {
            name: name.to_owned(),
            subjects: vec![subject.to_owned()],
            num_replicas: 1,
            ..Config::default()
        };
        let job = Config { max_messages_per_subject: 1, ..stream(JOB, "stripmine.job.>") };
        let retention = RetentionPolicy::WorkQueue;
        let lease = Config { retention, ..stream(LEASE, "stripmine.lease.*") };
        let done = stream(DONE, "stripmine.done.*.*");
        for config in [job, lease, done] {
            self.create_stream(config).await?;
        }
        let consumer = pull::Config {
            durable_name: Some(HOSTS.to_owned()),
            ack_policy: AckPolicy::Explicit,
            ack_wait: ACK_WAIT,
            max_deliver: -1,
            max_ack_pending: MOST_HOSTS,
            max_waiting: MOST_HOSTS,
            ..pull::Config::default()
        };
        let created = self.context.create_consumer_on_stream(consumer, LEASE).await;
        let doing = "the hosts' consumer cannot be made";
        created.map(drop).map_err(|error| ClusterError::engine(doing)(error.into()))
    }

    async fn create_stream(&self, config: Config) -> Result<(), ClusterError> {
        let doing = "a stream cannot be made";
        if self.client.server_info().cluster.is_some() {
            let replicated = Config { num_replicas: 3, ..config.clone() };
            match self.context.get_or_create_stream(replicated).await {
                Ok(_) => return Ok(()),
                Err(error) if !lacks_replicas(error.kind()) => {
                    return Err(ClusterError::engine(doing)(error.into()));
                }
                Err(_) => {}
            }
        }
        let created = self.context.get_or_create_stream(config).await;
        created.map(drop).map_err(|error| ClusterError::engine(doing)(error.into()))
    }

    async fn stream(&self, name: &str) -> Result<Stream<()>, ClusterError> {
        let stream = self.context.get_stream_no_info(name).await;
        stream.map_err(|error| ClusterError::engine("no such stream")(error.into()))
    }

    /// The last message of this subject; `None` when there is none.
    pub(super) async fn last(
        &self,
        stream: &str,
        subject: &str,
    ) -> Result<Option<Stored>, ClusterError> {
        found(self.stream(stream).await?.get_last_raw_message_by_subject(subject).await)
    }

    /// Whether the stream still has the message with this number.
    pub(super) async fn has(&self, stream: &str, sequence: u64) -> Result<bool, ClusterError> {
        let message = self.stream(stream).await?.get_raw_message(sequence).await;
        found(message).map(|message| message.is_some())
    }

    /// The messages of a stream that have this subject, from the oldest.
    pub(super) async fn all(
        &self,
        stream: &str,
        subject: &str,
    ) -> Result<Vec<Stored>, ClusterError> {
        let (of_stream, mut all) = (self.stream(stream).await?, Vec::<Stored>::new());
        loop {
            let next = all.last().map_or(1, |last| last.sequence + 1);
            let message = of_stream.raw_message_builder().sequence(next).next_by_subject(subject);
            match found(message.send().await)? {
                Some(message) => all.push(message),
                None => return Ok(all),
            }
        }
    }

    /// The open searches, from the oldest.
    pub(super) async fn open_jobs(&self) -> Result<Vec<String>, ClusterError> {
        let headers = self.all(JOB, ALL_HEADERS).await?;
        Ok(headers.iter().map(|header| token(&header.subject, 2).to_owned()).collect())
    }

    /// Stores a message, and returns its number. With `after`, only if the last message of the
    /// subject has that number; 0 stands for none.
    pub(super) async fn store(
        &self,
        subject: String,
        payload: Vec<u8>,
        after: Option<u64>,
    ) -> Result<u64, Unstored> {
        let message = PublishMessage::build().payload(payload.into());
        let message = match after {
            Some(after) => message.expected_last_subject_sequence(after),
            None => message,
        };
        let unstored = |error: jetstream::context::PublishError| match error.kind() {
            PublishErrorKind::WrongLastSequence => Unstored::WrongLast,
            PublishErrorKind::StreamNotFound => Unstored::NoStream,
            PublishErrorKind::MaxPayloadExceeded => Unstored::TooLong,
            _ => Unstored::Unknown(error.to_string()),
        };
        let sent = self.context.send_publish(subject, message).await.map_err(unstored)?;
        Ok(sent.await.map_err(unstored)?.sequence)
    }

    /// Removes all messages of a subject, or those before a number.
    pub(super) async fn purge(&self, stream: &str, subject: &str, before: Option<u64>) {
        let Ok(stream) = self.stream(stream).await else { return };
        let purge = stream.purge().filter(subject);
        // A message that stays costs space, or a host a look at it.
        match before {
            Some(before) => drop(purge.sequence(before).await),
            None => drop(purge.await),
        }
    }

    /// Makes the consumer by which a coordinator hears the stored reports of its search, from the
    /// first on. It is durable: one that is not went deaf when its server died.
    ///
    /// Returns its name, and how many reports there are.
    pub(super) async fn listen_to_reports(&self, job: &str) -> Result<(String, u64), ClusterError> {
        let name = report_consumer(job);
        let config = pull::Config {
            durable_name: Some(name.clone()),
            filter_subject: done_subject("*", job),
            deliver_policy: DeliverPolicy::All,
            ack_policy: AckPolicy::Explicit,
            ack_wait: ACK_WAIT,
            max_deliver: -1,
            max_ack_pending: MOST_HOSTS,
            ..pull::Config::default()
        };
        // The consumer of an earlier start would go on where it stopped.
        self.forget_reports(job).await;
        let created = self.context.create_consumer_on_stream(config, DONE).await;
        let doing = "the reports cannot be listened to";
        let consumer = created.map_err(|error| ClusterError::engine(doing)(error.into()))?;
        Ok((name, consumer.cached_info().num_pending))
    }

    pub(super) async fn forget_reports(&self, job: &str) {
        let _ = self.context.delete_consumer_from_stream(report_consumer(job), DONE).await;
    }

    /// Sends a message that is not stored.
    pub(super) async fn say(&self, subject: impl Into<String>, payload: Vec<u8>) {
        // Where it is lost, the next look at the streams tells the same.
        let _ = self.client.publish(subject.into(), payload.into()).await;
    }

    pub(super) async fn subscribe(
        &self,
        subject: impl Into<String>,
    ) -> Result<Subscriber, ClusterError> {
        let subscribed = self.client.subscribe(subject.into()).await;
        subscribed.map_err(|error| ClusterError::engine("cannot subscribe")(error.into()))
    }

    /// Waits until the server has read everything that was sent: a subscription can be lost
    /// between being sent and being flushed.
    pub(super) async fn confirm(&self) -> Result<(), ClusterError> {
        let inbox = self.client.new_inbox();
        let mut echo = self.subscribe(inbox.clone()).await?;
        self.say(inbox, Vec::new()).await;
        match tokio::time::timeout(PATIENCE, echo.next()).await {
            Ok(Some(_)) => Ok(()),
            _ => Err(ClusterError::engine("cannot use the server")("it does not answer".into())),
        }
    }
}

fn report_consumer(job: &str) -> String {
    format!("coordinator-{job}")
}

/// A message that was asked for; one that is not there is no error.
fn found(
    message: Result<StreamMessage, LastRawMessageError>,
) -> Result<Option<Stored>, ClusterError> {
    match message {
        Ok(StreamMessage { subject, sequence, payload, .. }) => {
            Ok(Some(Stored { subject: subject.to_string(), sequence, payload: payload.to_vec() }))
        }
        Err(error) => match error.kind() {
            LastRawMessageErrorKind::NoMessageFound => Ok(None),
            LastRawMessageErrorKind::JetStream(error)
                if error.error_code() == ErrorCode::STREAM_NOT_FOUND =>
            {
                Err(ClusterError::NoStream)
            }
            _ => Err(ClusterError::engine("a stream cannot be read")(error.into())),
        },
    }
}

/// Whether a stream cannot be replicated here.
fn lacks_replicas(error: CreateStreamErrorKind) -> bool {
    let CreateStreamErrorKind::JetStream(error) = error else { return false };
    // "Insufficient resources" has no name in the client.
    [ErrorCode::CLUSTER_NO_PEERS, ErrorCode::STREAM_REPLICAS_NOT_SUPPORTED, ErrorCode(10023)]
        .contains(&error.error_code())
}
