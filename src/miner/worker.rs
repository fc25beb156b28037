//! What every worker does: take a stripe, search it, count it, and know when to stop.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crossbeam_utils::CachePadded;

use super::stripes::{Stripe, Stripes};
use super::winner::Winner;
use crate::pow::Hit;
use crate::sync::{AtomicBool, AtomicU64, Ordering};

/// What one worker has done so far; written by that worker alone, read by the coordinator.
#[derive(Debug, Default)]
pub(super) struct Counter {
    pub(super) stripes: AtomicU64,
    pub(super) hashes: AtomicU64,
}

/// What the workers of one search share.
pub(super) struct Shared<'a> {
    pub(super) stripes: Stripes,
    pub(super) winner: Winner,
    /// One counter per worker, each on cache lines of its own.
    pub(super) counters: Vec<CachePadded<Counter>>,
    /// The caller's wish to stop.
    pub(super) cancel: &'a AtomicBool,
    /// Raised when a thread of this search panicked.
    pub(super) failed: AtomicBool,
    /// Searches one stripe for its lowest valid nonce.
    pub(super) search: &'a (dyn Fn(&Stripe) -> Option<Hit> + Sync),
}

/// Why a worker stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// Nothing is left that could win.
    Done,
    /// It has tested as many nonces as it was asked to.
    Paused,
    /// The search was cancelled; the stripe at this offset was taken but not searched.
    Abandoned(u64),
    /// It panicked, saying this.
    Panicked(String),
}

impl Shared<'_> {
    /// Searches stripe after stripe as this worker, until nothing is left that could win, the
    /// search is cancelled, or `most` nonces have been tested. Calls `found` at every find.
    ///
    /// No lock and no clock in here, and nothing is sent but finds.
    pub(super) fn work(&self, worker: usize, most: u64, mut found: impl FnMut(Hit)) -> Stop {
        let mut tested = 0;
        while tested < most {
            let Some(stripe) = self.stripes.take() else {
                return Stop::Done;
            };
            if self.winner.beats(stripe.offset) {
                return Stop::Done;
            }
            if self.is_stopped() {
                return Stop::Abandoned(stripe.offset);
            }
            let hit = (self.search)(&stripe);
            let hashes = hit.map_or(stripe.len(), |hit| hit.nonce - stripe.first + 1);
            if let Some(hit) = hit {
                self.winner.propose(stripe.offset + (hit.nonce - stripe.first));
                found(hit);
            }
            self.count(worker, hashes);
            tested += hashes;
        }
        Stop::Paused
    }

    /// As [`work`](Self::work); a panic stops the other workers and is the reason for the stop.
    pub(super) fn work_or_say_why(&self, worker: usize, most: u64, found: impl FnMut(Hit)) -> Stop {
        let work = AssertUnwindSafe(|| self.work(worker, most, found));
        catch_unwind(work).unwrap_or_else(|payload| {
            self.failed.store(true, Ordering::Relaxed);
            Stop::Panicked(panic_message(payload.as_ref()))
        })
    }

    fn is_stopped(&self) -> bool {
        self.cancel.load(Ordering::Relaxed) || self.failed.load(Ordering::Relaxed)
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
