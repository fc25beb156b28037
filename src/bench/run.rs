//! One benchmark from start to end: warm up, sample in turn, time the stops, prove the work.

use std::time::{Duration, Instant};

use super::baselines::proof_target;
use super::benchmark::{Benchmark, SHORTER_TIME};
use super::document::{Document, Ending, Environment};
use super::environment::Watch;
use super::error::BenchError;
use super::event::{Event, Step};
use super::incidents::Incidents;
use super::measured::Measured;
use super::proof::{Hasher, Prover};
use super::series::{Headers, Method, Series};
use crate::miner::Miner;
use crate::pow::{Job, Target};
use crate::sync::CancelToken;

/// Lengths that a segment can have, in nonces. A run takes the longest that fits into a sample of
/// the slowest point [`LEAST_SEGMENTS`] times.
const SEGMENT_LENS: [u64; 7] = [1_000_000, 500_000, 200_000, 100_000, 50_000, 20_000, 10_000];

/// Segments that a sample of the slowest point has at least.
const LEAST_SEGMENTS: f64 = 2.0;

/// Runs a benchmark and proves it. When it is cancelled, returns what was measured until then.
/// Start the watch before.
///
/// # Errors
/// When workers cannot be set up, or one of them or Python dies.
///
/// # Panics
/// When the benchmark has no kernels or no threads.
pub fn measure(
    benchmark: &Benchmark,
    watch: &Watch,
    cancel: &CancelToken,
    mut listener: impl FnMut(Event<'_>),
) -> Result<Document, BenchError> {
    let headers = Headers::new(benchmark.workload);
    let clock_beside_sibling = watch.clock_beside_sibling(benchmark.kernels[0]);
    let mut incidents = Incidents::default();
    let mut all = Series::all(benchmark, &mut incidents)?;
    let mut left = benchmark.duration();
    for series in &mut all {
        listener(Event::Turn { step: Step::WarmUp, name: &series.name, left });
        let warmed_up = series.warm_up(&headers, benchmark.warmup, watch, cancel);
        match incidents.warn_of_failed_python(warmed_up)? {
            Some(Some(())) => {}
            Some(None) => break,
            None => series.leave_out(),
        }
        left = left.saturating_sub(benchmark.warmup);
    }
    let segment_len = segment_len(benchmark, &all);
    for series in &mut all {
        series.nonces = sample_len(benchmark, &headers, series, segment_len);
    }
    let prover = Prover::new(&headers.template, headers.first, segment_len);
    let (headers, started, stops) = (&headers, Instant::now(), Vec::new());
    let mut measured = Measured {
        benchmark,
        headers,
        watch,
        cancel,
        series: all,
        prover,
        started,
        stops,
        incidents,
        sustained: None,
    };
    measured.sample(segment_len, left, &mut listener)?;
    measured.time_stops(&mut listener)?;
    measured.sustain(segment_len, &mut listener)?;
    measured.prove(&mut listener);
    let ending = if cancel.is_cancelled() { Ending::Interrupted } else { Ending::Done };
    let environment = Environment { clock_beside_sibling, ..watch.environment() };
    Ok(measured.into_document(environment, ending))
}

/// The order in which a round, from 0, takes the series: each round begins one further on.
fn turns(round: usize, count: usize) -> impl Iterator<Item = usize> {
    (0..count).map(move |turn| (round + turn) % count)
}

/// The length of a segment: the same for all, short enough for the slowest point.
fn segment_len(benchmark: &Benchmark, all: &[Series]) -> u64 {
    let points = all.iter().filter(|series| matches!(series.method, Method::Point(_)));
    let slowest = points.map(|point| point.rate).fold(f64::INFINITY, f64::min);
    let nonces = slowest * benchmark.time.as_secs_f64() / LEAST_SEGMENTS;
    let [.., shortest] = SEGMENT_LENS;
    SEGMENT_LENS.into_iter().find(|len| *len as f64 <= nonces).unwrap_or(shortest)
}

/// Nonces in a sample: a whole number of segments where these are summed.
fn sample_len(benchmark: &Benchmark, headers: &Headers, series: &Series, segment_len: u64) -> u64 {
    let shorter = benchmark.time.mul_f64(SHORTER_TIME);
    match series.method {
        Method::Baseline(_) => headers.nonces_for_time(series.rate, shorter),
        Method::Alone(..) => headers.nonces_in_segments(series.rate, shorter, segment_len),
        _ => headers.nonces_in_segments(series.rate, benchmark.time, segment_len),
    }
}

impl Measured<'_> {
    /// Takes all samples, round by round, until it is cancelled.
    fn sample(
        &mut self,
        segment_len: u64,
        mut left: Duration,
        listener: &mut impl FnMut(Event<'_>),
    ) -> Result<(), BenchError> {
        for round in 0..self.benchmark.samples.get() {
            for index in turns(round, self.series.len()) {
                if self.cancel.is_cancelled() {
                    return Ok(());
                }
                let series = &mut self.series[index];
                if series.is_left_out {
                    continue;
                }
                let name = &*series.name;
                listener(Event::Turn { step: Step::Sample(round), name, left });
                let (headers, len) = (self.headers, Some(segment_len));
                let pauses = self.watch.pauses();
                let taken = series.take(headers, len, self.started, self.cancel);
                let Some(taken) = self.incidents.warn_of_failed_python(taken)? else {
                    series.leave_out();
                    continue;
                };
                let Some(taken) = taken else { return Ok(()) };
                left = left.saturating_sub(Duration::from_secs_f64(taken.sample.elapsed_s));
                if self.watch.pauses() != pauses {
                    self.incidents.paused += 1;
                    continue;
                }
                let hashes_per_s = taken.sample.hashes_per_s;
                listener(Event::Sampled { name, round, hashes_per_s });
                if let Some(miner) = series.miner() {
                    self.prover.add_sums(hasher(miner), &taken.sums);
                }
                series.keep(round, taken);
            }
        }
        Ok(())
    }

    /// Hashes some of what every point hashed again, by the naive path.
    fn prove(&mut self, listener: &mut impl FnMut(Event<'_>)) {
        let headers = self.headers;
        for series in &self.series {
            if self.cancel.is_cancelled() {
                return;
            }
            let left = Duration::ZERO;
            listener(Event::Turn { step: Step::Proof, name: &series.name, left });
            match (&series.method, series.samples.last()) {
                (Method::Point(miner), Some(sample)) => {
                    let job = Job::new(&headers.template, Target::ZERO, miner.kernel());
                    self.prover.hash_again(hasher(miner), &job, sample.segments);
                }
                (Method::Baseline(one), Some(_)) => {
                    let expected = headers.finds(self.benchmark, series.nonces);
                    for finds in &series.finds {
                        self.prover.compare_finds(one.baseline.name(), finds, &expected);
                    }
                }
                _ => {}
            }
        }
    }
}

impl Headers {
    /// What baselines find among this many nonces, by the first kernel.
    fn finds(&self, benchmark: &Benchmark, nonces: u64) -> Vec<u64> {
        let job = Job::new(&self.template, proof_target(), benchmark.kernels[0]);
        let last = self.first + (nonces - 1);
        let next = |nonce: &u64| job.search(nonce + 1..=last).map(|hit| hit.nonce);
        let first = job.search(self.first..=last).map(|hit| hit.nonce);
        std::iter::successors(first, next).collect()
    }
}

fn hasher(miner: &Miner) -> Hasher {
    Hasher { kernel: miner.kernel().name(), threads: miner.threads() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::baselines::Baseline;
    use crate::bench::document::Point;
    use crate::bench::workload::Workload;
    use crate::machine::Topology;
    use crate::miner::fault::Fault;
    use crate::pow::Kernel;
    use std::num::NonZeroUsize;

    fn benchmark(kernels: &[Kernel], threads: &[usize]) -> Benchmark {
        Benchmark {
            label: "a test".to_owned(),
            workload: Workload::Text,
            kernels: kernels.to_vec(),
            auto: None,
            threads: threads.to_vec(),
            baselines: Vec::new(),
            time: Duration::from_millis(20),
            samples: NonZeroUsize::new(2).unwrap(),
            warmup: Duration::ZERO,
            pins: None,
            each_cpu: Vec::new(),
            sustain: None,
        }
    }

    fn document(benchmark: &Benchmark) -> Document {
        measure(benchmark, &Watch::start(&Topology::detect()), &CancelToken::new(), |_| ()).unwrap()
    }

    #[test]
    fn a_kernel_that_skips_a_nonce_or_has_a_wrong_lane_once_is_caught_and_named() {
        for fault in [Fault::SkipsANonce, Fault::WrongLane] {
            let _injected = fault.inject_into(Kernel::Portable);
            for kernels in [[Kernel::Portable, Kernel::Sha2], [Kernel::Sha2, Kernel::Portable]] {
                let document = document(&benchmark(&kernels, &[1]));
                assert_eq!(document.outcome, Ending::Failed, "{fault:?} {kernels:?}");
                let mismatches = &document.proof.mismatches;
                assert!(!mismatches.is_empty());
                for mismatch in mismatches {
                    assert_eq!(mismatch.kernel, "portable", "{fault:?} {kernels:?}");
                }
            }
        }
    }

    #[test]
    fn a_kernel_that_is_always_wrong_is_caught_though_nothing_contradicts_it() {
        // Every segment of 10,000 nonces has its wrong lane, in every sample alike.
        let _injected = Fault::WrongLane.inject_into(Kernel::Portable);
        let document = document(&benchmark(&[Kernel::Portable], &[1]));
        assert_eq!(document.outcome, Ending::Failed);
        assert!(document.proof.nonces_hashed_again > 0);
    }

    fn adds_up(point: &Point) {
        assert_eq!(point.workers.len(), point.threads);
        assert_eq!(point.workers.iter().map(|worker| worker.hashes).sum::<u64>(), point.hashes);
        assert_eq!(point.samples.iter().map(|sample| sample.hashes).sum::<u64>(), point.hashes);
        let shares: f64 = point.workers.iter().map(|worker| worker.share).sum();
        let rates: f64 = point.workers.iter().map(|worker| worker.hashes_per_s).sum();
        assert!((shares - 1.0).abs() < 1e-9);
        assert!((rates / (point.hashes as f64 / point.elapsed_s) - 1.0).abs() < 1e-9);
        for sample in &point.samples {
            assert_eq!(sample.workers.iter().sum::<u64>(), sample.hashes);
            let rate = sample.hashes as f64 / sample.elapsed_s;
            assert!((sample.hashes_per_s / rate - 1.0).abs() < 1e-9);
        }
        assert!(point.fairness.lowest_share <= point.fairness.highest_share);
    }

    #[test]
    fn workers_samples_and_points_add_up_and_the_sums_agree() {
        let benchmark = Benchmark {
            baselines: vec![Baseline::Reference, Baseline::Sha2],
            ..benchmark(&[Kernel::Portable, Kernel::Sha2], &[1, 3])
        };
        let document = document(&benchmark);
        assert_eq!(document.outcome, Ending::Done, "{:?}", document.proof.mismatches);
        assert_eq!(document.points.len(), 4);
        document.points.iter().for_each(adds_up);
        // Two samples of four points and of the separate searches cover the first segment.
        assert!(document.proof.sums_compared >= 9);
        assert!(document.proof.cost.is_some() && document.coordinator.is_some());
        assert_eq!(document.baselines.len(), 2);
        for baseline in &document.baselines {
            let kernels: Vec<&str> =
                baseline.speedups.iter().map(|speedup| speedup.kernel.as_str()).collect();
            assert_eq!(kernels, ["portable", "sha2"]);
        }
    }

    #[test]
    fn ratios_are_medians_of_the_ratios_within_a_round() {
        let benchmark = Benchmark {
            samples: NonZeroUsize::new(3).unwrap(),
            ..benchmark(&[Kernel::Portable], &[1, 2])
        };
        let document = document(&benchmark);
        let [one, two] = &document.points[..] else { panic!("two points") };
        let mut ratios: Vec<f64> =
            two.rates().iter().zip(one.rates()).map(|(two, one)| two / one).collect();
        ratios.sort_by(f64::total_cmp);
        let (speedup, efficiency) = (two.speedup.unwrap(), two.efficiency.unwrap());
        assert!((speedup.median - ratios[1]).abs() < 1e-12);
        assert!((efficiency.median - ratios[1] / 2.0).abs() < 1e-12);
        assert!((one.speedup.unwrap().median - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_was_measured_before_the_flag_was_raised_is_kept() {
        let cancel = CancelToken::new();
        let benchmark = Benchmark {
            samples: NonZeroUsize::new(50).unwrap(),
            ..benchmark(&[Kernel::Portable], &[1, 2])
        };
        let watch = Watch::start(&Topology::detect());
        let document = measure(&benchmark, &watch, &cancel, |event| {
            if matches!(event, Event::Turn { step: Step::Sample(2), .. }) {
                cancel.cancel();
            }
        });
        let document = document.unwrap();
        assert_eq!(document.outcome, Ending::Interrupted);
        for point in &document.points {
            assert_eq!(point.samples.len(), 2);
        }
        assert!(document.stop.is_none());
    }

    #[test]
    fn a_run_that_is_stopped_at_once_has_no_points() {
        let cancel = CancelToken::new();
        cancel.cancel();
        let watch = Watch::start(&Topology::detect());
        let benchmark = benchmark(&[Kernel::Portable], &[1, 2]);
        let document = measure(&benchmark, &watch, &cancel, |_| ()).unwrap();
        assert_eq!(document.outcome, Ending::Interrupted);
        assert!(document.points.is_empty() && document.baselines.is_empty());
    }
}
