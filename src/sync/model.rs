//! `loom`'s atomic word, made to try every order of its accesses.
//!
//! Loom remembers only the last access of each atomic. When that is a thread's own load, loom does
//! not see that the thread's next store conflicts with earlier loads by others, and never tries the
//! store before them. So every load here comes with an access to a second atomic, which changes it
//! and therefore conflicts with every other load. That access is relaxed: it orders nothing in the
//! program.

use loom::sync::atomic::{self, Ordering};

#[derive(Debug, Default)]
pub(crate) struct AtomicU64 {
    value: atomic::AtomicU64,
    loads: atomic::AtomicU64,
}

impl AtomicU64 {
    pub(crate) fn new(value: u64) -> Self {
        Self { value: atomic::AtomicU64::new(value), loads: atomic::AtomicU64::new(0) }
    }

    pub(crate) fn load(&self, order: Ordering) -> u64 {
        self.loads.fetch_add(1, Ordering::Relaxed);
        self.value.load(order)
    }

    pub(crate) fn fetch_add(&self, more: u64, order: Ordering) -> u64 {
        self.value.fetch_add(more, order)
    }

    pub(crate) fn fetch_min(&self, other: u64, order: Ordering) -> u64 {
        self.value.fetch_min(other, order)
    }

    pub(crate) fn compare_exchange(
        &self,
        expected: u64,
        new: u64,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u64, u64> {
        self.value.compare_exchange(expected, new, success, failure)
    }
}
