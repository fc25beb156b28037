//! The lowest digest that a search has met: how near it came.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::stripes::Stripe;
use crate::pow::{Hit, Job};
use crate::sync::{AtomicU32, Ordering};

/// The nonce with the lowest digest of all that were tested, for all workers of a search.
///
/// The workers read one word, once for each stripe. Only a lower digest takes the lock: that
/// happens about ln n times in n nonces.
#[derive(Debug)]
pub(super) struct BestSoFar {
    /// The leading word of the digest.
    word: AtomicU32,
    hit: Mutex<Option<Hit>>,
}

impl BestSoFar {
    pub(super) fn new() -> Self {
        Self { word: AtomicU32::new(u32::MAX), hit: Mutex::new(None) }
    }

    /// Searches a stripe for its lowest valid nonce, and keeps its lowest digest.
    pub(super) fn search(&self, job: &Job<'_>, stripe: &Stripe) -> Option<Hit> {
        // Relaxed: an old word only costs a comparison.
        let word = self.word.load(Ordering::Relaxed);
        let searched = job.search_for_best(stripe.first..=stripe.last, word);
        if let Some(hit) = searched.best {
            self.propose(hit);
        }
        searched.hit
    }

    /// The nonce and its digest; `None` before any nonce was tested.
    pub(super) fn get(&self) -> Option<Hit> {
        *self.lock()
    }

    #[cold]
    fn propose(&self, hit: Hit) {
        let mut best = self.lock();
        if best.is_none_or(|best| hit.digest < best.digest) {
            *best = Some(hit);
            self.word.store(hit.digest.leading_word(), Ordering::Relaxed);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Hit>> {
        self.hit.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
