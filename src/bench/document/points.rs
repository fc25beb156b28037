//! Points, baselines, separate searches and stop times, each with its samples.

use serde::{Deserialize, Serialize};

use super::bounds::{NotNegative, OneOrMore, Positive, Share, Threads};
use crate::bench::account::{Account, WorkerTimes};
use crate::bench::statistics::Interval;

/// One kernel at one number of threads.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Point {
    /// The kernel's name.
    pub kernel: String,
    /// Whether `auto` chose the kernel. Such points match each other between runs, whatever kernel
    /// it chose.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub auto: bool,
    /// Worker threads.
    #[serde(with = "Threads::<usize>")]
    pub threads: usize,
    /// Whether each worker was pinned to a CPU.
    pub pinned: bool,
    /// Hashes per second: the median of the samples.
    #[cfg_attr(test, schemars(with = "super::bounds::PositiveInterval"))]
    pub hashes_per_s: Interval,
    /// How often an interval of as many samples holds the true median, 0.95 to 1. Left out below 6
    /// samples: then `low` and `high` are the lowest and the highest.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "Share::<Option<f64>>")]
    pub coverage: Option<f64>,
    /// How many times as fast as one thread of the same kernel: the median over the rounds of the
    /// ratio within a round.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<super::bounds::PositiveInterval>"))]
    pub speedup: Option<Interval>,
    /// The speedup per thread. 1 is perfect.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<super::bounds::PositiveInterval>"))]
    pub efficiency: Option<Interval>,
    /// The rate ÷ the sum of what the CPUs that it used give alone, within a round. Known with
    /// `--each-cpu`, where workers were pinned or were as many as the CPUs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<super::bounds::PositiveInterval>"))]
    pub efficiency_of_cpus: Option<Interval>,
    /// Where the threads went, in threads' worth: medians of the samples' accounts, which need not
    /// add up. Left out where no round has a sample of one thread of the same kernel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Account<Interval>>,
    /// CPU cycles for a hash, of all workers together: the median of the samples.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<super::bounds::PositiveInterval>"))]
    pub cycles_per_hash: Option<Interval>,
    /// The clock of the workers' cores in GHz, each weighed by its time on a CPU: the median of the
    /// samples.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<super::bounds::PositiveInterval>"))]
    pub clock_ghz: Option<Interval>,
    /// How evenly the hashes were spread over the workers.
    pub fairness: Fairness,
    /// Hashes in all samples.
    pub hashes: u64,
    /// Seconds that all samples took.
    pub elapsed_s: f64,
    /// Each worker's part in all samples. Their hashes add up to the point's, their shares to 1,
    /// and their rates to `hashes` ÷ `elapsed_s`.
    pub workers: Vec<Worker>,
    /// The samples, in the order of the rounds.
    pub samples: Vec<Sample>,
}

/// What stands for a kernel's name where it was chosen by itself.
pub const AUTO: &str = "auto";

impl Point {
    /// Whether the point is of this kernel, or was made with `auto` and the name is [`AUTO`].
    #[must_use]
    pub fn is_of(&self, kernel: &str) -> bool {
        self.kernel == kernel || (self.auto && kernel == AUTO)
    }

    /// Whether both have the same kernel and are pinned alike: points of one curve.
    pub(in crate::bench) fn is_on_curve_of(&self, other: &Self) -> bool {
        self.kernel == other.kernel && self.pinned == other.pinned
    }

    /// The samples' rates, in hashes per second, in the order of the rounds.
    #[must_use]
    pub fn rates(&self) -> Vec<f64> {
        self.samples.iter().map(|sample| sample.hashes_per_s).collect()
    }
}

/// The least and the largest part of the hashes that a worker had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Fairness {
    /// The lowest share, 0 to 1.
    pub lowest_share: f64,
    /// The highest share, 0 to 1.
    pub highest_share: f64,
}

/// One worker's part in all samples of a point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Worker {
    /// The worker's number, from 0.
    pub worker: usize,
    /// Stripes searched.
    pub stripes: u64,
    /// Nonces tested.
    pub hashes: u64,
    /// Its part of the point's hashes, 0 to 1.
    pub share: f64,
    /// Its hashes per second of the point's time.
    pub hashes_per_s: f64,
    /// Seconds between its first stripe and its last, over all samples.
    #[serde(with = "NotNegative::<f64>")]
    pub busy_s: f64,
}

/// The rate of this many hashes in this time, in hashes per second.
pub(in crate::bench) fn rate(hashes: u64, elapsed_s: f64) -> f64 {
    hashes as f64 / elapsed_s
}

/// One sample of a point.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Sample {
    /// The round, from 0. Samples of one round are compared with each other.
    pub round: usize,
    /// Seconds from the start of the first round to the start of the sample.
    #[serde(with = "NotNegative::<f64>")]
    pub at_s: f64,
    /// Seconds from the barrier at which all workers started to the stop of the last.
    #[serde(with = "Positive::<f64>")]
    pub elapsed_s: f64,
    /// Nonces tested.
    #[serde(with = "OneOrMore::<u64>")]
    pub hashes: u64,
    /// `hashes` ÷ `elapsed_s`.
    pub hashes_per_s: f64,
    /// Segments of the proof that it covered, from the first on.
    pub segments: usize,
    /// The sum of all compared words, modulo 2^32.
    pub sum: u32,
    /// Nonces tested, by worker.
    pub workers: Vec<u64>,
    /// The times and clocks of the workers, if any are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<WorkerTimes>,
    /// Where the threads went, in threads' worth. The parts add up to the number of threads. Left
    /// out where the round has no sample of one thread of the same kernel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Account<f64>>,
}

impl Sample {
    /// The sample without what only points have.
    #[must_use]
    pub fn plain(&self) -> PlainSample {
        let &Self { round, elapsed_s, hashes, hashes_per_s, .. } = self;
        PlainSample { round, elapsed_s, hashes, hashes_per_s }
    }
}

/// A single-threaded way to do the same, without the miner.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct MeasuredBaseline {
    /// `reference`, `sha2` or `python`.
    pub name: String,
    /// What it does, in words.
    pub what: String,
    /// Hashes per second: the median of the samples.
    #[cfg_attr(test, schemars(with = "super::bounds::PositiveInterval"))]
    pub hashes_per_s: Interval,
    /// How many times as fast one thread of each kernel is.
    pub speedups: Vec<BaselineSpeedup>,
    /// The speedup of the first kernel that was measured on one thread.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<super::bounds::PositiveInterval>"))]
    pub speedup: Option<Interval>,
    /// The samples, in the order of the rounds.
    pub samples: Vec<PlainSample>,
}

/// How many times as fast as a baseline one thread of a kernel is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct BaselineSpeedup {
    /// The kernel's name.
    pub kernel: String,
    /// The ratio of the rates: the median over the rounds of the ratio within a round.
    #[cfg_attr(test, schemars(with = "super::bounds::PositiveInterval"))]
    pub speedup: Interval,
}

/// One sample of something that points are compared with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PlainSample {
    /// The round, from 0.
    pub round: usize,
    /// Seconds that the sample took.
    #[serde(with = "Positive::<f64>")]
    pub elapsed_s: f64,
    /// Nonces tested.
    #[serde(with = "OneOrMore::<u64>")]
    pub hashes: u64,
    /// `hashes` ÷ `elapsed_s`; of separate searches, the sum of their own rates.
    #[serde(with = "Positive::<f64>")]
    pub hashes_per_s: f64,
}

/// What it costs that workers share one search: its rate against that of as many searches that
/// share nothing, each with a stop flag of its own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Coordinator {
    /// The kernel's name.
    pub kernel: String,
    /// Threads on either side.
    #[serde(with = "Threads::<usize>")]
    pub threads: usize,
    /// The part of the separate searches' rate that sharing costs: 1 − shared ÷ separate, within
    /// a round. Below 0 where sharing was faster.
    pub overhead: Interval,
    /// The samples of the separate searches.
    pub separate: Vec<PlainSample>,
}

/// The time from a find to the last worker's stop.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StopTimes {
    /// The kernel's name.
    pub kernel: String,
    /// Worker threads.
    #[serde(with = "Threads::<usize>")]
    pub threads: usize,
    /// Half of the searches stopped sooner, in seconds.
    pub median_s: f64,
    /// 99 in 100 of the searches stopped sooner, in seconds.
    pub p99_s: f64,
    /// The time of every search, in seconds.
    #[cfg_attr(test, schemars(inner(range(min = 0))))]
    pub times_s: Vec<f64>,
}

/// The Universal Scalability Law (Gunther 2007), fitted to the medians of one kernel's points up
/// to one thread per physical core: the rate of n threads is
/// λ n ÷ (1 + σ (n − 1) + κ n (n − 1)).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Scalability {
    /// The kernel's name.
    pub kernel: String,
    /// The numbers of threads that the law was fitted to.
    pub threads: Vec<usize>,
    /// λ: hashes per second of one thread alone.
    #[cfg_attr(test, schemars(with = "super::bounds::PositiveInterval"))]
    pub lambda: Interval,
    /// σ: contention, the part of the work that only one thread can do at a time.
    pub sigma: Interval,
    /// κ: coherency, the cost of each pair of threads.
    pub kappa: Interval,
    /// The number of threads with the highest rate. Left out unless the interval of κ excludes
    /// that there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<super::bounds::PositiveInterval>"))]
    pub peak_threads: Option<Interval>,
}
