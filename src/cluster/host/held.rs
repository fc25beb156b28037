//! A lease that a host holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::cluster::pull::Pulled;
use crate::cluster::wire::LeaseMessage;
use crate::miner::CancelToken;

/// What becomes of a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Waiting,
    Searching,
    /// It was searched; its report is on its way.
    Reporting,
}

/// A lease that is held, until its report is stored or it is dropped.
pub(super) struct Held {
    pub(super) lease: LeaseMessage,
    /// Where it is acknowledged.
    pub(super) reply: String,
    pub(super) deliveries: u64,
    pub(super) phase: Phase,
    /// Ends the search of it.
    pub(super) cancel: CancelToken,
    tested: Arc<AtomicU64>,
}

impl Held {
    pub(super) fn new(lease: LeaseMessage, pulled: Pulled) -> Self {
        let Pulled { reply, deliveries, .. } = pulled;
        let (cancel, tested) = (CancelToken::new(), Arc::default());
        Self { lease, reply, deliveries, phase: Phase::Waiting, cancel, tested }
    }

    pub(super) fn is(&self, lease: u64) -> bool {
        self.lease.lease == lease
    }

    /// Counts the nonces that were tested.
    pub(super) fn counter(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.tested)
    }

    /// Nonces tested so far.
    pub(super) fn tested(&self) -> u64 {
        self.tested.load(Ordering::Relaxed)
    }
}
