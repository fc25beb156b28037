//! The settings of a benchmark, and its expected duration.

use std::num::NonZeroUsize;
use std::time::Duration;

use super::baselines::Baseline;
use super::workload::Workload;
use crate::machine::CpuId;
use crate::pow::Kernel;

/// The searches whose stopping is timed take as long as this many samples at most.
const STOPS_SAMPLES: u32 = 4;

/// They take no longer than this either.
const LONGEST_STOPS: Duration = Duration::from_secs(2);

/// Baselines and single CPUs are sampled for this share of a point's time: they vary little from
/// sample to sample, and there may be many.
pub(super) const SHORTER_TIME: f64 = 0.5;

/// A benchmark to be run: what to measure, and how much of it.
#[derive(Clone, Debug)]
pub struct Benchmark {
    /// The name of the machine or the run.
    pub label: String,
    /// The header that is searched.
    pub workload: Workload,
    /// The kernels, at least one; the first is the one whose sharing and stopping are measured.
    pub kernels: Vec<Kernel>,
    /// The one of them that `auto` chose, if that was asked.
    pub auto: Option<Kernel>,
    /// The numbers of threads, at least one, in increasing order.
    pub threads: Vec<usize>,
    /// What one thread is compared with.
    pub baselines: Vec<Baseline>,
    /// About how long a sample of a point lasts.
    pub time: Duration,
    /// Samples of each point.
    pub samples: NonZeroUsize,
    /// How long each point runs before its first sample.
    pub warmup: Duration,
    /// The CPU of each worker, wrapping. Without any, workers are not pinned.
    pub pins: Option<Vec<CpuId>>,
    /// The CPUs to measure alone, in the order in which pinned workers fill them.
    pub each_cpu: Vec<AloneCpu>,
    /// How long the largest number of threads runs after the samples, if it does.
    pub sustain: Option<Duration>,
}

/// A CPU to measure alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AloneCpu {
    /// The CPU.
    pub cpu: CpuId,
    /// The lowest allowed CPU of its core.
    pub core: CpuId,
    /// Its kind of core, where cores differ.
    pub kind: Option<String>,
    /// Its memory domain, where there are several.
    pub numa_node: Option<u16>,
}

impl Benchmark {
    /// About how long the measurements will take: warming up, all samples, the searches whose
    /// stopping is timed, and the long run.
    #[must_use]
    pub fn duration(&self) -> Duration {
        let points = self.kernels.len() * self.threads.len();
        // The first point without its sum, and searches that share nothing.
        let others = 1 + usize::from(self.measures_sharing());
        let shorter = self.baselines.len() + self.each_cpu.len();
        let series = points + others + shorter;
        let full = (points + others) as f64 + shorter as f64 * SHORTER_TIME;
        let sampling = self.time.mul_f64(full * self.samples.get() as f64);
        let warming_up = self.warmup.mul_f64(series as f64);
        sampling + warming_up + self.stops_time() + self.sustain.unwrap_or_default()
    }

    /// The most time that the searches take whose stopping is timed.
    pub(super) fn stops_time(&self) -> Duration {
        if !self.measures_sharing() {
            return Duration::ZERO;
        }
        LONGEST_STOPS.min(self.time.saturating_mul(STOPS_SAMPLES))
    }

    /// The largest number of threads.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn most_threads(&self) -> usize {
        *self.threads.iter().max().expect("a benchmark has numbers of threads")
    }

    /// Whether a search shared by threads is measured.
    pub(super) fn measures_sharing(&self) -> bool {
        self.most_threads() > 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn benchmark(threads: Vec<usize>) -> Benchmark {
        Benchmark {
            label: "here".to_owned(),
            workload: Workload::Chain,
            kernels: vec![Kernel::Sha2],
            auto: None,
            threads,
            baselines: Baseline::ALL.to_vec(),
            time: Duration::from_millis(500),
            samples: NonZeroUsize::new(7).unwrap(),
            warmup: Duration::from_millis(200),
            pins: None,
            each_cpu: Vec::new(),
            sustain: None,
        }
    }

    #[test]
    fn the_duration_counts_every_sample() {
        // Two points, the first without its sum, the separate searches; half as long baselines.
        let sampling = 7.0 * 0.5 * (2.0 + 2.0 + 3.0 * 0.5);
        let expected = sampling + 7.0 * 0.2 + 2.0;
        assert!((benchmark(vec![1, 2]).duration().as_secs_f64() - expected).abs() < 1e-6);
    }

    #[test]
    fn single_cpus_and_a_long_run_take_their_time() {
        let plain = benchmark(vec![1, 2]);
        let cpu = |number| AloneCpu {
            cpu: CpuId(number),
            core: CpuId(number),
            kind: None,
            numa_node: None,
        };
        let sustain = Some(Duration::from_secs(60));
        let longer = Benchmark { each_cpu: vec![cpu(0), cpu(1)], sustain, ..plain.clone() };
        let more = longer.duration().saturating_sub(plain.duration()).as_secs_f64();
        assert!((more - (2.0 * (7.0 * 0.25 + 0.2) + 60.0)).abs() < 1e-6, "{more}");
    }

    #[test]
    fn one_thread_shares_nothing() {
        let sampling = 7.0 * 0.5 * (1.0 + 1.0 + 3.0 * 0.5);
        let expected = sampling + 5.0 * 0.2;
        assert!((benchmark(vec![1]).duration().as_secs_f64() - expected).abs() < 1e-6);
    }
}
