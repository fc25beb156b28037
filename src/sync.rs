//! Atomics and the cancel token of a search, in one place so that a model checker can stand in
//! for the atomics.

#[cfg(all(test, loom))]
mod model;

use std::sync::Arc;

#[cfg(all(test, loom))]
pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU32};
#[cfg(all(test, loom))]
pub(crate) use model::AtomicU64;

pub(crate) use std::sync::atomic::Ordering;
#[cfg(not(all(test, loom)))]
pub(crate) use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64};

/// Asks a running search to stop, from any thread.
///
/// Clones share one flag: keep one, and give the other to the search. A token that was cancelled
/// stays cancelled; make a new one for the next search.
///
/// ```
/// use stripmine::miner::CancelToken;
///
/// let token = CancelToken::new();
/// let other = token.clone();
/// std::thread::spawn(move || other.cancel()).join().unwrap();
/// assert!(token.is_cancelled());
/// ```
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// A token that is not cancelled.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancels the token and all its clones.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the token or one of its clones was cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A token that is cancelled when somebody sets the flag, such as a signal handler.
#[cfg(not(all(test, loom)))]
impl From<Arc<AtomicBool>> for CancelToken {
    fn from(flag: Arc<AtomicBool>) -> Self {
        Self(flag)
    }
}
