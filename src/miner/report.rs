//! The report of a search: hashes, time, and each worker's part.

use std::time::Duration;

use crate::pow::{Hit, Kernel, Target};

/// The work of one search, whatever its outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The kernel that hashed.
    pub kernel: Kernel,
    /// The target of the search.
    pub target: Target,
    /// Wall clock from the start of the search to the stop of its last worker.
    pub elapsed: Duration,
    /// One entry per worker, in order, also for a worker that got no stripe.
    pub workers: Vec<WorkerReport>,
    /// All nonces of the range below this one were tested: the place to go on from. It is 2^64
    /// after the largest nonce of 64 bits.
    pub tested_below: u128,
    /// The tested nonce with the lowest digest; of a search that found a nonce, that one. `None`
    /// where no nonce was tested, and for sweeps.
    pub best: Option<Hit>,
}

/// One worker's part in a search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkerReport {
    /// Stripes searched, wholly or up to a find.
    pub stripes: u64,
    /// Nonces tested.
    pub hashes: u64,
    /// Time from taking the first stripe to stopping.
    pub busy: Duration,
}

impl Report {
    /// Nonces tested by all workers.
    #[must_use]
    pub fn hashes(&self) -> u64 {
        self.workers.iter().map(|worker| worker.hashes).sum()
    }

    /// Nonces tested per second of wall clock.
    #[must_use]
    pub fn hashes_per_s(&self) -> f64 {
        per_second(self.hashes(), self.elapsed)
    }

    /// A worker's hashes per second of the search's wall clock (not of its own busy time), so
    /// that the workers' rates add up to the search's.
    #[must_use]
    pub fn worker_hashes_per_s(&self, worker: &WorkerReport) -> f64 {
        per_second(worker.hashes, self.elapsed)
    }

    /// A worker's part of all hashes, 0 to 1.
    #[must_use]
    pub fn worker_share(&self, worker: &WorkerReport) -> f64 {
        ratio(worker.hashes as f64, self.hashes() as f64)
    }

    /// A worker's busy time as a part of the search's wall clock, 0 to 1.
    #[must_use]
    pub fn worker_busy_share(&self, worker: &WorkerReport) -> f64 {
        ratio(worker.busy.as_secs_f64(), self.elapsed.as_secs_f64())
    }

    /// Takes time in which nothing ran, since the process was stopped, out of the search's time and
    /// every worker's, so that no rate counts it.
    pub fn take_out(&mut self, stopped: Duration) {
        self.elapsed = self.elapsed.saturating_sub(stopped);
        for worker in &mut self.workers {
            worker.busy = worker.busy.saturating_sub(stopped).min(self.elapsed);
        }
    }

    /// Adds another search by the same miner: hashes, stripes and times add up, worker by worker.
    /// The target stays that of the first, as does what is said of nonces.
    pub fn add(&mut self, other: &Self) {
        self.elapsed += other.elapsed;
        for (sum, worker) in self.workers.iter_mut().zip(&other.workers) {
            sum.add(worker);
        }
    }
}

impl WorkerReport {
    /// Adds the worker's part in another search.
    pub fn add(&mut self, other: &Self) {
        self.stripes += other.stripes;
        self.hashes += other.hashes;
        self.busy += other.busy;
    }
}

fn per_second(hashes: u64, elapsed: Duration) -> f64 {
    ratio(hashes as f64, elapsed.as_secs_f64())
}

/// A part of a whole; nothing of nothing is 0.
fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(elapsed_ms: u64, hashes: &[u64]) -> Report {
        let worker = |hashes: &u64| WorkerReport {
            stripes: 1,
            hashes: *hashes,
            busy: Duration::from_millis(elapsed_ms / 2),
        };
        Report {
            kernel: Kernel::Portable,
            target: Target::EVERYTHING,
            elapsed: Duration::from_millis(elapsed_ms),
            workers: hashes.iter().map(worker).collect(),
            tested_below: 0,
            best: None,
        }
    }

    #[test]
    fn rates_and_shares_of_the_workers_add_up_to_the_search() {
        let report = report(500, &[100, 300, 0]);
        assert_eq!(report.hashes(), 400);
        assert!((report.hashes_per_s() - 800.0).abs() < 1e-9);
        let rates: f64 = report.workers.iter().map(|w| report.worker_hashes_per_s(w)).sum();
        assert!((rates - report.hashes_per_s()).abs() < 1e-9);
        let shares: f64 = report.workers.iter().map(|w| report.worker_share(w)).sum();
        assert!((shares - 1.0).abs() < 1e-12);
        assert!((report.worker_busy_share(&report.workers[0]) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn a_run_is_the_sum_of_its_searches() {
        let mut run = report(500, &[100, 300]);
        run.add(&report(1_500, &[900, 700]));
        assert_eq!((run.hashes(), run.elapsed), (2_000, Duration::from_secs(2)));
        assert_eq!(run.workers[0].hashes, 1_000);
        assert_eq!(run.workers[0].stripes, 2);
    }

    #[test]
    fn time_in_which_the_process_was_stopped_is_in_no_rate() {
        let mut stopped = report(8_500, &[100, 300]);
        for worker in &mut stopped.workers {
            worker.busy = Duration::from_millis(8_400);
        }
        stopped.take_out(Duration::from_secs(8));
        assert!((stopped.hashes_per_s() - 800.0).abs() < 1e-9);
        assert!((stopped.worker_busy_share(&stopped.workers[1]) - 0.8).abs() < 1e-9);
    }

    #[test]
    fn nothing_done_in_no_time_is_a_rate_of_zero() {
        let report = report(0, &[0, 0]);
        assert!(report.hashes_per_s().abs() < f64::EPSILON);
        assert!(report.worker_share(&report.workers[0]).abs() < f64::EPSILON);
    }
}
