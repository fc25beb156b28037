//! Figures from samples: medians, ratios, sums, and their intervals.

use super::points::{
    BaselineSpeedup, Coordinator, Fairness, PlainSample, Point, Sample, Scalability, StopTimes,
    rate,
};
use super::run::{Document, Ending};
use super::sustained::Sustained;
use crate::bench::statistics::usl::Fitted;
use crate::bench::statistics::{Interval, coverage, median, quantile};

/// Fewer numbers of threads say too little of a law with three parameters.
const LEAST_COUNTS_FOR_A_LAW: usize = 6;

impl Document {
    /// Computes every figure from the samples. What they do not suffice for is left out.
    pub(in crate::bench) fn compute_figures(&mut self) {
        self.workload.compute_sizes();
        self.points.iter_mut().for_each(Point::compute_totals);
        let unproved = &mut self.proof.unproved;
        let baselines = self.baselines.iter_mut().flat_map(|it| &mut it.samples);
        for sample in unproved.iter_mut().chain(baselines) {
            sample.hashes_per_s = rate(sample.hashes, sample.elapsed_s);
        }
        self.compute_speedups();
        self.compute_cpus();
        self.sustained.iter_mut().for_each(Sustained::compute);
        self.compute_accounts();
        self.compute_baselines();
        self.coordinator = self.coordinator.take().and_then(|it| it.computed(&self.points));
        self.stop = self.stop.take().and_then(StopTimes::computed);
        self.scalability = self.law();
        let cost = |first| ratio(&plain(first), &self.proof.unproved).map(lost);
        self.proof.cost = self.points.first().and_then(cost);
        if let Some(comparison) = &mut self.comparison {
            let max_slowdown = comparison.max_slowdown;
            comparison.points.iter_mut().for_each(|point| point.judge(max_slowdown));
        }
        self.proof.ok = self.proof.mismatches.is_empty();
        if !self.proof.ok {
            self.outcome = Ending::Failed;
        }
    }

    fn compute_speedups(&mut self) {
        for index in 0..self.points.len() {
            let point = &self.points[index];
            let one_thread = self.one_thread_beside(point);
            let speedup = one_thread.and_then(|it| ratio(&plain(point), &plain(it)));
            let point = &mut self.points[index];
            point.speedup = speedup;
            point.efficiency = speedup.map(|it| scaled(it, 1.0 / point.threads as f64));
        }
    }

    /// Computes what each CPU does alone, and compares the points with it.
    fn compute_cpus(&mut self) {
        let Some(each) = &mut self.each_cpu else { return };
        each.compute();
        for point in &mut self.points {
            point.efficiency_of_cpus = each.efficiency(point);
        }
    }

    /// Compares each baseline with one thread of every kernel.
    fn compute_baselines(&mut self) {
        let mut one_thread: Vec<&Point> = Vec::new();
        for point in self.points.iter().filter(|point| point.threads == 1) {
            if one_thread.iter().all(|other| other.kernel != point.kernel) {
                one_thread.push(point);
            }
        }
        for baseline in &mut self.baselines {
            let rates: Vec<f64> = baseline.samples.iter().map(|it| it.hashes_per_s).collect();
            baseline.hashes_per_s = median_of(&rates);
            let speedup = |point: &&Point| {
                let speedup = ratio(&plain(point), &baseline.samples)?;
                Some(BaselineSpeedup { kernel: point.kernel.clone(), speedup })
            };
            baseline.speedups = one_thread.iter().filter_map(speedup).collect();
            baseline.speedup = baseline.speedups.first().map(|first| first.speedup);
        }
    }

    /// The Universal Scalability Law, fitted to the first kernel's points that have a physical core
    /// for every thread.
    fn law(&self) -> Option<Scalability> {
        let cores = self.environment.usable_cores();
        let first = self.points.first()?;
        let fits = |it: &&Point| it.is_on_curve_of(first) && it.threads <= cores;
        let points: Vec<&Point> = self.points.iter().filter(fits).collect();
        if points.len() < LEAST_COUNTS_FOR_A_LAW {
            return None;
        }
        let rounds = points.iter().map(|point| point.samples.len()).min()?;
        let rates = |point: &&Point| (point.threads as f64, point.rates()[..rounds].to_vec());
        let samples: Vec<(f64, Vec<f64>)> = points.iter().map(rates).collect();
        let Fitted { lambda, sigma, kappa, peak } = Fitted::of(&samples)?;
        let is_finite =
            |it: &Interval| [it.low, it.median, it.high].iter().all(|it| it.is_finite());
        if ![lambda, sigma, kappa].iter().all(is_finite) {
            return None;
        }
        let (kernel, threads) =
            (first.kernel.clone(), points.iter().map(|it| it.threads).collect());
        Some(Scalability { kernel, threads, lambda, sigma, kappa, peak_threads: peak })
    }
}

impl Point {
    /// Everything that follows from the point's own samples.
    fn compute_totals(&mut self) {
        for sample in &mut self.samples {
            sample.hashes_per_s = rate(sample.hashes, sample.elapsed_s);
        }
        self.hashes_per_s = median_of(&self.rates());
        self.coverage = coverage(self.samples.len());
        self.hashes = self.samples.iter().map(|sample| sample.hashes).sum();
        self.elapsed_s = self.samples.iter().map(|sample| sample.elapsed_s).sum();
        for (number, worker) in self.workers.iter_mut().enumerate() {
            worker.worker = number;
            worker.hashes = self.samples.iter().map(|sample| sample.workers[number]).sum();
            worker.share = worker.hashes as f64 / self.hashes as f64;
            worker.hashes_per_s = rate(worker.hashes, self.elapsed_s);
        }
        let shares = || self.workers.iter().map(|worker| worker.share);
        self.fairness = Fairness {
            lowest_share: shares().fold(f64::INFINITY, f64::min),
            highest_share: shares().fold(0.0, f64::max),
        };
    }
}

impl Coordinator {
    /// With the overhead, or nothing where no round has both samples.
    fn computed(self, points: &[Point]) -> Option<Self> {
        let is_same = |it: &&Point| it.kernel == self.kernel && it.threads == self.threads;
        let shared = plain(points.iter().find(is_same)?);
        let overhead = lost(ratio(&shared, &self.separate)?);
        Some(Self { overhead, ..self })
    }
}

impl StopTimes {
    /// With the quantiles, or nothing without times.
    fn computed(self) -> Option<Self> {
        let (median_s, p99_s) = (median(&self.times_s)?, quantile(&self.times_s, 0.99)?);
        Some(Self { median_s, p99_s, ..self })
    }
}

fn plain(point: &Point) -> Vec<PlainSample> {
    point.samples.iter().map(Sample::plain).collect()
}

/// The median of rates with its interval. There is at least one: runs save nothing without a
/// sample, and reading refuses it.
fn median_of(rates: &[f64]) -> Interval {
    Interval::of_median(rates).unwrap_or_default()
}

/// How many times as fast `a` is as `b`: the median of the ratios within a round.
fn ratio(a: &[PlainSample], b: &[PlainSample]) -> Option<Interval> {
    let in_round = |a: &PlainSample| {
        let b = b.iter().find(|b| b.round == a.round)?;
        Some(a.hashes_per_s / b.hashes_per_s)
    };
    Interval::of_median(&a.iter().filter_map(in_round).collect::<Vec<_>>())
}

/// 1 − a ratio: the share of the rate that is lost.
fn lost(ratio: Interval) -> Interval {
    Interval { median: 1.0 - ratio.median, low: 1.0 - ratio.high, high: 1.0 - ratio.low }
}

fn scaled(Interval { median, low, high }: Interval, factor: f64) -> Interval {
    Interval { median: median * factor, low: low * factor, high: high * factor }
}
