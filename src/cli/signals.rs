//! Ctrl-C and SIGTERM: the first one asks the command to stop, a second of its kind ends it at
//! once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use anyhow::Context as _;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::failure::Failure;
use crate::miner::CancelToken;

/// Whether, and by which signal, the command was asked to stop.
pub(super) struct Signals {
    raised: Arc<AtomicBool>,
    cancel: CancelToken,
    which: Arc<AtomicUsize>,
}

impl Signals {
    /// Takes over both signals for the rest of the process.
    pub(super) fn take_over() -> Result<Self, Failure> {
        let raised = Arc::new(AtomicBool::new(false));
        let cancel = CancelToken::from(Arc::clone(&raised));
        let signals = Self { raised, cancel, which: Arc::default() };
        for signal in [SIGINT, SIGTERM] {
            signals.register(signal).context("cannot handle signals").map_err(Failure::System)?;
        }
        Ok(signals)
    }

    fn register(&self, signal: i32) -> std::io::Result<()> {
        // Actions run in the order of their registration. The flag comes first, so that no signal
        // is lost while the others are being registered; the exit looks whether an earlier signal
        // was seen before this one is noted as seen.
        let number = usize::try_from(signal).unwrap_or_default();
        let seen = Arc::new(AtomicBool::new(false));
        flag::register(signal, Arc::clone(&self.raised))?;
        flag::register_usize(signal, Arc::clone(&self.which), number)?;
        flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&seen))?;
        flag::register(signal, seen)?;
        Ok(())
    }

    /// Cancelled by the first signal.
    pub(super) fn cancel_token(&self) -> &CancelToken {
        &self.cancel
    }

    /// How to end after a signal, if there was one.
    pub(super) fn failure(&self) -> Option<Failure> {
        if !self.cancel.is_cancelled() {
            return None;
        }
        let signal = match self.which.load(Ordering::Relaxed) {
            // The handler is just about to note which.
            0 => SIGINT,
            number => i32::try_from(number).unwrap_or(SIGINT),
        };
        Some(Failure::Interrupted { signal })
    }
}
