//! Computes accounts and clocks from the times and clocks of the workers.

use std::cmp::Ordering;

use super::points::{Point, Sample};
use super::run::Document;
use crate::bench::account::{Account, Observed, split};
use crate::bench::statistics::Interval;

/// The clock beside a busy sibling agrees with the clock alone if it is at most this part lower.
const SIBLING_TOLERANCE: f64 = 0.02;

impl Document {
    /// Computes the account of every sample that a sample of one thread stands beside, and what
    /// follows for the points.
    pub(super) fn compute_accounts(&mut self) {
        for index in 0..self.points.len() {
            let point = &self.points[index];
            let one_thread = self.one_thread_beside(point);
            let are_clocks_comparable = self.are_clocks_comparable(point.threads);
            let account = |sample: &Sample| {
                let one = one_thread?.samples.iter().find(|it| it.round == sample.round)?;
                split(sample.observed()?, one.observed()?, are_clocks_comparable)
            };
            let accounts: Vec<_> = point.samples.iter().map(account).collect();
            let point = &mut self.points[index];
            for (sample, account) in point.samples.iter_mut().zip(accounts) {
                sample.account = account;
            }
            point.compute_account();
        }
    }

    /// Whether the clocks of this many threads can be compared with that of one: not where siblings
    /// are busy and the measured clock depends on it.
    fn are_clocks_comparable(&self, threads: usize) -> bool {
        let agrees = |beside: f64| beside >= 1.0 - SIBLING_TOLERANCE;
        let environment = &self.environment;
        !environment.shares_cores(threads) || environment.clock_beside_sibling.is_some_and(agrees)
    }
}

impl Point {
    fn compute_account(&mut self) {
        let of_samples = |figure: &dyn Fn(&Sample) -> Option<f64>| {
            let figures: Vec<f64> = self.samples.iter().filter_map(figure).collect();
            Interval::of_median(&figures)
        };
        let cycles_per_hash = of_samples(&Sample::cycles_per_hash);
        let clock_ghz = of_samples(&Sample::clock_ghz);
        let accounts: Vec<Account<f64>> = self.samples.iter().filter_map(|it| it.account).collect();
        self.account = Account::merged(&accounts, Interval::of_median);
        (self.cycles_per_hash, self.clock_ghz) = (cycles_per_hash, clock_ghz);
    }

    /// The sample whose account stands for the point in tables and charts, where the parts have to
    /// add up: the one with the median of what was reached, the lower of two.
    #[must_use]
    pub fn typical_sample(&self) -> Option<&Sample> {
        let reached = |sample: &&Sample| sample.account.map(|account| account.reached);
        let mut samples: Vec<&Sample> =
            self.samples.iter().filter(|sample| sample.account.is_some()).collect();
        samples.sort_by(|a, b| reached(a).partial_cmp(&reached(b)).unwrap_or(Ordering::Equal));
        samples.get(samples.len().checked_sub(1)? / 2).copied()
    }
}

impl Sample {
    fn observed(&self) -> Option<Observed<'_>> {
        let times = self.times.as_ref()?;
        Some(Observed { elapsed_s: self.elapsed_s, hashes: &self.workers, times })
    }

    /// The CPU cycles of all workers and the seconds on a CPU that they took, if there are any.
    fn cycles(&self) -> Option<(f64, f64)> {
        let cycles = self.times.as_ref()?.cycles()?;
        (cycles.0 > 0.0).then_some(cycles)
    }

    /// CPU cycles for a hash, of all workers together.
    #[must_use]
    pub fn cycles_per_hash(&self) -> Option<f64> {
        Some(self.cycles()?.0 / self.hashes as f64)
    }

    /// The clock of the workers' cores in GHz, each weighed by its time on a CPU.
    #[must_use]
    pub fn clock_ghz(&self) -> Option<f64> {
        let (cycles, seconds) = self.cycles()?;
        Some(cycles / seconds / 1e9)
    }
}
