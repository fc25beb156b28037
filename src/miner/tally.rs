//! The messages of a search's workers, and the outcome that follows from them.

use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};

use super::report::{Report, WorkerReport};
use super::search::{Outcome, SearchError, Solution};
use super::worker::{Shared, StopReason};
use crate::pow::Hit;

/// The time between two calls of a listener.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);

/// What a worker tells the coordinator.
pub(super) enum WorkerMessage {
    Found { hit: Hit, at: Instant },
    Stopped { worker: usize, stop: StopReason, at: Instant, busy: Duration },
}

/// All that the workers of one search have reported.
pub(super) struct Tally {
    pub(super) hits: Vec<(Hit, Instant)>,
    last_stop: Option<Instant>,
    busy: Vec<Duration>,
    lowest_abandoned: Option<u64>,
    panic: Option<(usize, String)>,
}

impl Tally {
    pub(super) fn new(workers: usize) -> Self {
        let busy = vec![Duration::ZERO; workers];
        Self { hits: Vec::new(), last_stop: None, busy, lowest_abandoned: None, panic: None }
    }

    /// Takes messages until this many workers have stopped, calling `tick` ten times a second.
    /// Returns why the last of them stopped.
    pub(super) fn listen(
        &mut self,
        receiver: &Receiver<WorkerMessage>,
        mut running: usize,
        mut tick: impl FnMut(),
    ) -> Option<StopReason> {
        let mut next_tick = Instant::now() + PROGRESS_INTERVAL;
        let mut last_stop = None;
        while running > 0 {
            match receiver.recv_deadline(next_tick) {
                Ok(WorkerMessage::Found { hit, at }) => self.hits.push((hit, at)),
                Ok(WorkerMessage::Stopped { worker, stop, at, busy }) => {
                    self.note_stop(worker, &stop, busy);
                    self.last_stop = self.last_stop.max(Some(at));
                    last_stop = Some(stop);
                    running -= 1;
                }
                Err(RecvTimeoutError::Timeout) => {
                    tick();
                    next_tick = Instant::now() + PROGRESS_INTERVAL;
                }
                Err(RecvTimeoutError::Disconnected) => unreachable!("the caller holds a sender"),
            }
        }
        last_stop
    }

    pub(super) fn note_stop(&mut self, worker: usize, stop: &StopReason, busy: Duration) {
        self.busy[worker] += busy;
        match stop {
            StopReason::Done | StopReason::Paused => {}
            StopReason::Abandoned(offset) => {
                self.lowest_abandoned = self.lowest_abandoned.into_iter().chain([*offset]).min();
            }
            StopReason::Panicked(message) => self.panic = Some((worker, message.clone())),
        }
    }

    fn worker_reports(&self, shared: &Shared<'_>) -> Vec<WorkerReport> {
        let counters = shared.counters.iter().zip(&self.busy);
        counters.map(|(counter, busy)| counter.report(*busy)).collect()
    }
}

/// The outcome of a search.
///
/// Where the lowest nonce is wanted, a find counts only when every nonce below it was searched: a
/// cancelled search may have left some out.
pub(super) fn conclude(
    shared: &Shared<'_>,
    tally: Tally,
    start: u64,
    report: impl FnOnce(Vec<WorkerReport>) -> Report,
) -> Result<Outcome, SearchError> {
    let report = report(tally.worker_reports(shared));
    if let Some((worker, message)) = tally.panic {
        return Err(SearchError::WorkerPanicked { worker, message });
    }
    if tally.lowest_abandoned.is_some_and(|abandoned| !shared.winner.beats(abandoned)) {
        return Ok(Outcome::Cancelled(report));
    }
    let winner = shared.winner.offset();
    let is_winner = |hit: &Hit| winner.is_some_and(|offset| hit.nonce == start + offset);
    let Some((hit, at)) = tally.hits.iter().find(|(hit, _)| is_winner(hit)) else {
        return Ok(Outcome::Exhausted(report));
    };
    let stopped_after = tally.last_stop.unwrap_or(*at).saturating_duration_since(*at);
    Ok(Outcome::Found(Solution { nonce: hit.nonce, digest: hit.digest, stopped_after, report }))
}
