//! Signals and the time limit. Ctrl-C, SIGTERM and the time limit stop a command before its end.
//! SIGUSR1 asks for its progress. SIGCONT says that the process goes on after a stop, such as by
//! Ctrl-Z.
//!
//! The first signal asks the command to stop, a second of the same kind ends it at once. A signal
//! that the parent set to be ignored, as `nohup` and some runners of jobs do, stays ignored.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::failure::{Failure, Result, Stop};
use crate::miner::CancelToken;

/// Interval of looks for a signal while waiting.
const INTERVAL: Duration = Duration::from_millis(50);

/// Time that cancelled work has to end by itself.
const GRACE: Duration = Duration::from_millis(500);

/// Stands for the time limit where signals have their numbers.
const TIME_LIMIT: usize = usize::MAX;

/// Whether the command was asked to stop, and by what.
pub(super) struct Signals {
    cancel: CancelToken,
    raised: Arc<AtomicBool>,
    which: Arc<AtomicUsize>,
    /// Raised when somebody asks for the state.
    asked: Arc<AtomicBool>,
    /// Raised when the process goes on after it was stopped.
    continued: Arc<AtomicBool>,
}

impl Signals {
    /// Installs handlers, for the rest of the process.
    pub(super) fn take_over() -> Result<Self> {
        let (raised, which) = <(Arc<AtomicBool>, Arc<AtomicUsize>)>::default();
        let failed = |error| Failure::system(format!("cannot handle signals: {error}"));
        let ignored = ignored_signals();
        for signal in [SIGINT, SIGTERM].into_iter().filter(|it| !is_in(ignored, *it)) {
            register(signal, &raised, &which).map_err(failed)?;
        }
        let asked = Arc::<AtomicBool>::default();
        let continued = Arc::<AtomicBool>::default();
        #[cfg(unix)]
        flag::register(signal_hook::consts::SIGUSR1, Arc::clone(&asked)).map_err(failed)?;
        #[cfg(unix)]
        flag::register(signal_hook::consts::SIGCONT, Arc::clone(&continued)).map_err(failed)?;
        let cancel = CancelToken::from(Arc::clone(&raised));
        Ok(Self { cancel, raised, which, asked, continued })
    }

    /// Raised when the process goes on after it was stopped; lowered by whoever takes note of it.
    pub(super) fn continued(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.continued)
    }

    /// Stops the command after this time, if there is a limit.
    pub(super) fn stop_after(&self, limit: Option<Duration>) {
        let Some(limit) = limit else { return };
        let (raised, which) = (Arc::clone(&self.raised), Arc::clone(&self.which));
        thread::spawn(move || {
            thread::sleep(limit);
            // An error means that a signal was first.
            let _ = which.compare_exchange(0, TIME_LIMIT, Ordering::Relaxed, Ordering::Relaxed);
            raised.store(true, Ordering::Relaxed);
        });
    }

    /// Cancelled by the first signal, and by the time limit.
    pub(super) fn cancel_token(&self) -> &CancelToken {
        &self.cancel
    }

    /// Whether SIGUSR1 has come since the last call.
    pub(super) fn take_request(&self) -> bool {
        self.asked.swap(false, Ordering::Relaxed)
    }

    /// What asked the command to stop; Ctrl-C, if nothing has.
    pub(super) fn stop(&self) -> Stop {
        match self.which.load(Ordering::Relaxed) {
            // Within the handler, the number is stored after the flag.
            0 => Stop::Signal(SIGINT),
            TIME_LIMIT => Stop::TimeLimit,
            number => Stop::Signal(i32::try_from(number).unwrap_or(SIGINT)),
        }
    }

    /// The failure to end with after a stop; `None` if there was none.
    pub(super) fn failure(&self) -> Option<Failure> {
        self.cancel.is_cancelled().then(|| self.stop().into())
    }

    /// Fails after a stop.
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

/// The signals that this process ignores, as a mask: bit k is signal k + 1. It is known on Linux
/// alone; elsewhere none seems to be ignored.
fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

fn is_in(mask: u64, signal: i32) -> bool {
    mask >> (signal - 1) & 1 == 1
}
