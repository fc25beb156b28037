//! Begins a search, or goes on with it: looks it up, claims it, and offers it to the hosts.

use async_nats::Subscriber;

use super::job::{Ended, Job};
use crate::cluster::engine::{
    DONE, Engine, JOB, LEASE, Unstored, coordinator_subject, done_subject, header_subject,
    lease_subject, state_subject,
};
use crate::cluster::error::ClusterError;
use crate::cluster::pull::Puller;
use crate::cluster::spans::Span;
use crate::cluster::wire::{
    JobMessage, LeaseMessage, StateMessage, Task, VerdictName, decode, encode, fingerprint,
};

/// Reports that are pulled at a time.
const REPORTS: usize = 256;

/// A search as it was found.
pub(super) enum Opened {
    /// It was decided before.
    Decided(Ended),
    Open(Box<Opening>),
}

/// A search that this coordinator has claimed.
pub(super) struct Opening {
    /// The header as it is stored.
    pub(super) header: Vec<u8>,
    pub(super) state: StateMessage,
    /// The number of the state's message.
    pub(super) state_sequence: u64,
    /// Those who ask whether this search has a coordinator.
    pub(super) asked: Subscriber,
    pub(super) reports: Puller,
    /// Stored reports that must be heard first.
    pub(super) replay: u64,
    /// Leases of an earlier start that the engine still has: the number of each, its range, and the
    /// number of its message in the stream.
    pub(super) standing: Vec<(u64, Span, u64)>,
}

/// Begins a search, or goes on with it.
pub(super) async fn open(engine: &Engine, job: &Job) -> Result<Opened, ClusterError> {
    if is_coordinated(engine, &job.id).await {
        return Err(ClusterError::Coordinated);
    }
    let header = encode(&JobMessage::new(&job.task, &job.note));
    let before = engine.last(JOB, &state_subject(&job.id)).await?;
    let state_before = before.as_ref().map(|it| decode::<StateMessage>(&it.payload)).transpose()?;
    // What was written about another header, such as one with another timestamp, is of no use.
    let state_before = state_before.map(|state| {
        if state.header == fingerprint(&header) {
            state
        } else {
            state.afresh(job.task.range.first)
        }
    });
    if let Some(ended) = state_before.as_ref().and_then(|state| decided(state, &job.task)) {
        return Ok(Opened::Decided(ended));
    }
    // Whoever comes later must hear from us before we claim the search.
    let asked = engine.subscribe(coordinator_subject(&job.id)).await?;
    engine.confirm().await?;
    if engine.last(JOB, &header_subject(&job.id)).await?.is_none_or(|it| it.payload != header) {
        let stored = engine.store(header_subject(&job.id), header.clone(), None).await;
        stored.map_err(|unstored| not_stored(&unstored, header.len()))?;
    }
    let first = StateMessage::first(job.task.range.first, fingerprint(&header));
    let mut state = state_before.unwrap_or(first);
    (state.start, state.verdict) = (state.start + 1, None);
    state.header = fingerprint(&header);
    state.find = state.find.filter(|find| job.task.is_valid(*find));
    let after = before.map_or(0, |before| before.sequence);
    let claimed = engine.store(state_subject(&job.id), encode(&state), Some(after)).await;
    let state_sequence = claimed.map_err(|unstored| not_stored(&unstored, 0))?;
    let (consumer, replay) = engine.listen_to_reports(&job.id).await?;
    let reports = Puller::new(engine, DONE, &consumer, REPORTS).await?;
    let standing = standing_leases(engine, job, &state.header).await?;
    let opening = Opening { header, state, state_sequence, asked, reports, replay, standing };
    Ok(Opened::Open(Box::new(opening)))
}

/// Whether a process answers for this search. One that is there and does not answer is stuck: its
/// next word to the engine will be refused.
pub(super) async fn is_coordinated(engine: &Engine, id: &str) -> bool {
    let request = async_nats::Request::new().timeout(Some(std::time::Duration::from_secs(1)));
    engine.client.send_request(coordinator_subject(id), request).await.is_ok()
}

/// An answer that stands already; a find is hashed again.
fn decided(state: &StateMessage, task: &Task) -> Option<Ended> {
    match (state.verdict?, state.find) {
        (VerdictName::Found, Some(find)) if task.is_valid(find) => {
            Some(Ended::Found(find, task.template.digest(find)))
        }
        (VerdictName::Exhausted, _) => Some(Ended::Exhausted),
        _ => None,
    }
}

async fn standing_leases(
    engine: &Engine,
    job: &Job,
    header: &str,
) -> Result<Vec<(u64, Span, u64)>, ClusterError> {
    let messages = engine.all(LEASE, &lease_subject(&job.id)).await?;
    let leases = messages.iter().filter_map(|message| {
        let lease = decode::<LeaseMessage>(&message.payload).ok()?;
        let is_ours = lease.header == header
            && lease.repeats.is_none()
            && job.task.range.contains(lease.span);
        is_ours.then_some((lease.lease, lease.span, message.sequence))
    });
    Ok(leases.collect())
}

fn not_stored(unstored: &Unstored, len: usize) -> ClusterError {
    let doing = "the search cannot be offered";
    match unstored {
        Unstored::WrongLast => ClusterError::Coordinated,
        Unstored::NoStream => ClusterError::engine(doing)("its stream is gone".into()),
        Unstored::TooLong => ClusterError::engine(doing)(
            format!(
                "its header takes {len} bytes, more than the servers let through; raise \
                 max_payload in their configuration"
            )
            .into(),
        ),
        Unstored::Unknown(error) => ClusterError::engine(doing)(error.clone().into()),
    }
}

/// Removes what hosts and coordinator said about a search.
pub(super) async fn clear(engine: &Engine, id: &str) {
    engine.purge(LEASE, &lease_subject(id), None).await;
    engine.purge(DONE, &done_subject("*", id), None).await;
    engine.forget_reports(id).await;
}
