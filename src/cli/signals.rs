//! Ctrl-C and SIGTERM: the first asks the command to stop, a second of the same kind ends it at
//! once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::failure::{Failure, Result};
use crate::miner::CancelToken;

/// Interval of looks for a signal while waiting.
const INTERVAL: Duration = Duration::from_millis(50);

/// Time that cancelled work has to end by itself.
const GRACE: Duration = Duration::from_millis(500);

/// Whether a signal asked the command to stop, and which one.
pub(super) struct Signals {
    cancel: CancelToken,
    which: Arc<AtomicUsize>,
}

impl Signals {
    /// Installs handlers for both signals, for the rest of the process.
    pub(super) fn take_over() -> Result<Self> {
        let (raised, which) = <(Arc<AtomicBool>, Arc<AtomicUsize>)>::default();
        for signal in [SIGINT, SIGTERM] {
            register(signal, &raised, &which)
                .map_err(|error| Failure::system(format!("cannot handle signals: {error}")))?;
        }
        Ok(Self { cancel: CancelToken::from(raised), which })
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

    /// Does what can take for ever, such as opening a FIFO. A signal ends the wait for it.
    pub(super) fn wait_for<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        self.receive(&on_a_thread(work)).map(did_not_panic)
    }

    /// The same for work that a cancelled token ends, unless the system makes it wait.
    pub(super) fn wait_for_cancellable<T: Send + 'static>(
        &self,
        work: impl FnOnce(&CancelToken) -> T + Send + 'static,
    ) -> Result<T> {
        let cancel = self.cancel.clone();
        let receiver = on_a_thread(move || work(&cancel));
        let waited = self.receive(&receiver).map(did_not_panic);
        waited.or_else(|interrupted| receiver.recv_timeout(GRACE).map_err(|_| interrupted))
    }

    /// Waits for what another thread sends, or for a signal. `None` when it sends no more.
    pub(super) fn receive<T>(&self, receiver: &Receiver<T>) -> Result<Option<T>> {
        loop {
            match receiver.recv_timeout(INTERVAL) {
                Ok(message) => return Ok(Some(message)),
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
                Err(RecvTimeoutError::Timeout) => self.check()?,
            }
        }
    }
}

/// Starts work on a thread of its own, which sends the result.
fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Receiver<T> {
    let (sender, receiver) = bounded(1);
    // Nobody receives the result of work that was given up.
    thread::spawn(move || drop(sender.send(work())));
    receiver
}

fn did_not_panic<T>(result: Option<T>) -> T {
    result.expect("the work ends with a result, unless it has panicked and said why")
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
