//! Ctrl-C and SIGTERM: the first asks the command to stop, a second of the same kind ends it at
//! once. SIGCONT tells that the process was stopped, by Ctrl-Z for instance, and goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::failure::{Failure, Result};
use crate::miner::CancelToken;

/// Whether a signal asked the command to stop, and which one.
pub(super) struct Signals {
    cancel: CancelToken,
    which: Arc<AtomicUsize>,
    continued: Arc<AtomicBool>,
}

impl Signals {
    /// Installs handlers for both signals, for the rest of the process.
    pub(super) fn take_over() -> Result<Self> {
        let (raised, which) = <(Arc<AtomicBool>, Arc<AtomicUsize>)>::default();
        for signal in [SIGINT, SIGTERM] {
            register(signal, &raised, &which)
                .map_err(|error| Failure::system(format!("cannot handle signals: {error}")))?;
        }
        let continued = Arc::default();
        // Without it, a stop is taken for a slow search.
        #[cfg(unix)]
        let _ = flag::register(signal_hook::consts::SIGCONT, Arc::clone(&continued));
        Ok(Self { cancel: CancelToken::from(raised), which, continued })
    }

    /// Raised when the process goes on after it was stopped; lowered by whoever takes note of it.
    pub(super) fn continued(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.continued)
    }

    /// Cancelled by the first signal.
    pub(super) fn cancel_token(&self) -> &CancelToken {
        &self.cancel
    }

    /// The failure to end with after a signal; `None` if there was none.
    pub(super) fn failure(&self) -> Option<Failure> {
        if !self.cancel.is_cancelled() {
            return None;
        }
        let signal = match self.which.load(Ordering::Relaxed) {
            // The handler is about to store the number.
            0 => SIGINT,
            number => i32::try_from(number).unwrap_or(SIGINT),
        };
        Some(Failure::Interrupted { signal, is_reported: false })
    }

    /// Fails after a signal.
    pub(super) fn check(&self) -> Result<()> {
        self.failure().map_or(Ok(()), Err)
    }
}

fn register(
    signal: i32,
    raised: &Arc<AtomicBool>,
    which: &Arc<AtomicUsize>,
) -> std::io::Result<()> {
    // Actions run in the order of their registration. The flag comes first, so that no signal is
    // lost while the others are being registered. The shutdown comes before `seen` is set, so that
    // only a second signal triggers it.
    let number = usize::try_from(signal).unwrap_or_default();
    let seen = Arc::<AtomicBool>::default();
    flag::register(signal, Arc::clone(raised))?;
    flag::register_usize(signal, Arc::clone(which), number)?;
    flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&seen))?;
    flag::register(signal, seen)?;
    Ok(())
}
