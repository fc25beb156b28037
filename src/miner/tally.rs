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

    /// The lowest nonce that was not tested: that of a stripe that was taken but not searched, the
    /// one after a find, or the one after the range.
    fn tested_below(&self, shared: &Shared<'_>) -> u128 {
        let range = shared.stripes.range();
        let after = |nonce: u64| u128::from(nonce) + 1;
        let abandoned = self.lowest_abandoned.map(|offset| u128::from(range.start() + offset));
        let after_finds = self.hits.iter().map(|(hit, _)| after(hit.nonce));
        after_finds.chain(abandoned).fold(after(*range.end()), u128::min)
    }

    fn worker_reports(&self, shared: &Shared<'_>) -> Vec<WorkerReport> {
        let counters = shared.counters.iter().zip(&self.busy);
        counters.map(|(counter, busy)| counter.report(*busy)).collect()
    }
}

/// What was tested in a search, whatever its outcome.
pub(super) struct Tested {
    pub(super) workers: Vec<WorkerReport>,
    /// All nonces of the range below this one.
    pub(super) below: u128,
    /// The find that is the answer.
    pub(super) hit: Option<Hit>,
}

/// The outcome of a search.
///
/// Where the lowest nonce is wanted, a find counts only when every nonce below it was searched: a
/// cancelled search may have left some out.
pub(super) fn conclude(
    shared: &Shared<'_>,
    tally: Tally,
    report: impl FnOnce(Tested) -> Report,
) -> Result<Outcome, SearchError> {
    if let Some((worker, message)) = tally.panic {
        return Err(SearchError::WorkerPanicked { worker, message });
    }
    let (workers, below) = (tally.worker_reports(shared), tally.tested_below(shared));
    if tally.lowest_abandoned.is_some_and(|abandoned| !shared.winner.beats(abandoned)) {
        return Ok(Outcome::Cancelled(report(Tested { workers, below, hit: None })));
    }
    let winner = shared.winner.offset().map(|offset| shared.stripes.range().start() + offset);
    let Some((hit, at)) = tally.hits.iter().find(|(hit, _)| Some(hit.nonce) == winner) else {
        return Ok(Outcome::Exhausted(report(Tested { workers, below, hit: None })));
    };
    let report = report(Tested { workers, below, hit: Some(*hit) });
    let stopped_after = tally.last_stop.unwrap_or(*at).saturating_duration_since(*at);
    Ok(Outcome::Found(Solution { nonce: hit.nonce, digest: hit.digest, stopped_after, report }))
}
