//! The worker's loop: takes a stripe, searches it, counts it, and decides whether to go on.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use crossbeam_utils::CachePadded;

use super::report::WorkerReport;
use super::stripes::{Stripe, Stripes};
use super::winner::{Order, Winner};
use crate::pow::Hit;
use crate::sync::{AtomicBool, AtomicU64, CancelToken, Ordering};

/// The work of one worker so far: written by that worker alone, read by the coordinator.
#[derive(Debug, Default)]
pub(super) struct Counter {
    pub(super) stripes: AtomicU64,
    pub(super) hashes: AtomicU64,
}

/// The state that the workers of one search share.
pub(super) struct Shared<'a> {
    pub(super) stripes: Stripes,
    pub(super) winner: Winner,
    /// One counter per worker, each on cache lines of its own.
    pub(super) counters: Vec<CachePadded<Counter>>,
    /// Cancelled when the caller wants the search to stop.
    pub(super) cancel: CancelToken,
    /// Raised when a thread of this search panicked.
    pub(super) failed: AtomicBool,
    /// Searches one stripe for its lowest valid nonce.
    pub(super) search_stripe: &'a (dyn Fn(&Stripe) -> Option<Hit> + Sync),
}

/// Why a worker stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum StopReason {
    /// No stripe is left.
    Done,
    /// It has tested as many nonces as it was asked to test.
    Paused,
    /// Nothing that is left could win, or the search was cancelled; the stripe at this offset was
    /// taken but not searched.
    Abandoned(u64),
    /// It panicked with this message.
    Panicked(String),
}

impl Counter {
    /// The worker's report, once it has stopped.
    pub(super) fn report(&self, busy: Duration) -> WorkerReport {
        let load = |count: &AtomicU64| count.load(Ordering::Relaxed);
        WorkerReport { stripes: load(&self.stripes), hashes: load(&self.hashes), busy }
    }
}

impl<'a> Shared<'a> {
    /// A search that nobody has begun.
    pub(super) fn new(
        stripes: Stripes,
        order: Order,
        workers: usize,
        cancel: CancelToken,
        search_stripe: &'a (dyn Fn(&Stripe) -> Option<Hit> + Sync),
    ) -> Self {
        Self {
            stripes,
            winner: Winner::new(order),
            counters: std::iter::repeat_with(CachePadded::default).take(workers).collect(),
            cancel,
            failed: AtomicBool::new(false),
            search_stripe,
        }
    }

    /// Searches stripe after stripe as this worker, until nothing is left that could win, the
    /// search is cancelled, or `most` nonces have been tested. Calls `found` at every find, and
    /// `searched` after every stripe.
    ///
    /// The hot path: it takes no lock, reads no clock, and sends only finds.
    pub(super) fn search_stripes(
        &self,
        worker: usize,
        most: u64,
        mut found: impl FnMut(Hit),
        mut searched: impl FnMut(),
    ) -> StopReason {
        let mut tested = 0;
        while tested < most {
            let Some(stripe) = self.stripes.take() else {
                return StopReason::Done;
            };
            if self.winner.beats(stripe.offset) || self.is_stopped() {
                return StopReason::Abandoned(stripe.offset);
            }
            let hit = (self.search_stripe)(&stripe);
            let hashes = hit.map_or(stripe.len(), |hit| hit.nonce - stripe.first + 1);
            if let Some(hit) = hit {
                self.winner.propose(stripe.offset + (hit.nonce - stripe.first));
                found(hit);
            }
            self.count(worker, hashes);
            tested += hashes;
            searched();
        }
        StopReason::Paused
    }

    /// As [`search_stripes`](Self::search_stripes). A panic stops the other workers, and its
    /// message is the reason for the stop.
    pub(super) fn search_stripes_or_catch_panic(
        &self,
        worker: usize,
        most: u64,
        found: impl FnMut(Hit),
        searched: impl FnMut(),
    ) -> StopReason {
        let search = AssertUnwindSafe(|| self.search_stripes(worker, most, found, searched));
        catch_unwind(search).unwrap_or_else(|payload| {
            self.failed.store(true, Ordering::Relaxed);
            StopReason::Panicked(panic_message(payload.as_ref()))
        })
    }

    fn is_stopped(&self) -> bool {
        self.cancel.is_cancelled() || self.failed.load(Ordering::Relaxed)
    }

    fn count(&self, worker: usize, hashes: u64) {
        let counter = &self.counters[worker];
        // Relaxed: plain sums, read for progress and, after the worker has reported, for good.
        counter.stripes.fetch_add(1, Ordering::Relaxed);
        counter.hashes.fetch_add(hashes, Ordering::Relaxed);
    }
}

fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no message").to_owned()
}
