//! Time in which the process was stopped during a search, by Ctrl-Z or SIGSTOP.
//!
//! It is part of no rate. Time in which the machine slept needs no care: the clock of a search
//! stands still in it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::miner::{Outcome, Progress, Report};

/// The most time between two ticks of a search that runs: it ticks ten times a second, later if the
/// machine is busy.
const LONGEST_TICK: Duration = Duration::from_millis(200);

/// How long a search ran between the last tick before a stop and the stop, on average.
const BEFORE_STOP: Duration = Duration::from_millis(50);

/// Adds up how long a search was stopped, to within about 50 ms for each stop.
#[derive(Debug)]
pub(super) struct StoppedTime {
    /// Raised when the process goes on after a stop.
    continued: Arc<AtomicBool>,
    last_tick: Instant,
    /// The time between the last two ticks.
    last_gap: Duration,
    total: Duration,
}

impl StoppedTime {
    pub(super) fn start(continued: Arc<AtomicBool>) -> Self {
        continued.store(false, Ordering::Relaxed);
        Self {
            continued,
            last_tick: Instant::now(),
            last_gap: Duration::ZERO,
            total: Duration::ZERO,
        }
    }

    /// Looks whether the process was stopped since the last tick.
    pub(super) fn tick(&mut self) {
        self.tick_at(Instant::now());
    }

    fn tick_at(&mut self, now: Instant) {
        let since = now.saturating_duration_since(self.last_tick);
        self.last_tick = now;
        let gap_before = std::mem::replace(&mut self.last_gap, since);
        if !self.continued.swap(false, Ordering::Relaxed) {
            return;
        }
        // On a busy machine, the thread that raises the flag may run only after the first tick: the
        // stop is then in the gap before.
        let gap = if since > LONGEST_TICK { since } else { gap_before };
        self.last_gap = Duration::ZERO;
        if gap > LONGEST_TICK {
            self.total += gap.saturating_sub(BEFORE_STOP);
        }
    }

    /// The progress without the time in which the process was stopped.
    pub(super) fn progress(&self, progress: &Progress) -> Progress {
        let elapsed = progress.elapsed.saturating_sub(self.total);
        Progress { elapsed, ..progress.clone() }
    }

    /// Takes the time in which the process was stopped out of an outcome's rates. Returns it, if
    /// there was any.
    pub(super) fn take_out_of(mut self, outcome: &mut Outcome) -> Option<Duration> {
        self.tick();
        if self.total.is_zero() {
            return None;
        }
        let report: &mut Report = match outcome {
            Outcome::Found(solution) => &mut solution.report,
            Outcome::Exhausted(report) | Outcome::Cancelled(report) => report,
        };
        report.take_out(self.total);
        Some(self.total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENTH: Duration = Duration::from_millis(100);

    /// What is added up where ticks come this many milliseconds apart; `true` after a stop.
    fn stopped(ticks: &[(u64, bool)]) -> Duration {
        let continued = Arc::new(AtomicBool::new(true));
        let mut stopped = StoppedTime::start(Arc::clone(&continued));
        for &(after_ms, is_stop) in ticks {
            continued.store(is_stop, Ordering::Relaxed);
            stopped.tick_at(stopped.last_tick + Duration::from_millis(after_ms));
        }
        stopped.total
    }

    #[test]
    fn only_a_stop_is_stopped_time() {
        assert_eq!(stopped(&[(100, false), (100, false)]), Duration::ZERO);
        assert_eq!(stopped(&[(100, false), (8_050, true), (100, false)]), 80 * TENTH);
        assert_eq!(stopped(&[(1_050, true), (2_050, true)]), 30 * TENTH);
        assert_eq!(stopped(&[(8_050, false), (100, true), (100, true)]), 80 * TENTH, "told late");
        assert_eq!(stopped(&[(1_000, false), (350, true)]), 3 * TENTH, "busy, then stopped");
        assert_eq!(stopped(&[(8_000, false)]), Duration::ZERO, "a busy machine stops nothing");
        assert_eq!(stopped(&[(100, true)]), Duration::ZERO, "a stop that was none");
    }

    #[test]
    fn progress_leaves_it_out() {
        let mut stopped = StoppedTime::start(Arc::default());
        stopped.total = 80 * TENTH;
        let progress = Progress { elapsed: 100 * TENTH, hashes: vec![7], best: None };
        assert_eq!(stopped.progress(&progress).elapsed, 20 * TENTH);
    }
}
