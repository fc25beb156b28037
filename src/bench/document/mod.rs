//! What a benchmark saves: every sample, every figure made of them, and where they were taken.
//!
//! The fields are the JSON's own, described one by one in `docs/benchmarking.md`. Within
//! [`SCHEMA`] fields are only added, so readers skip those that they do not know. What could not
//! be known is left out, never shown as 0.

mod check;
mod environment;
mod error;
mod read;
mod write;

pub use environment::Environment;
pub use error::DocumentError;
pub use read::MAX_BYTES;

use serde::{Deserialize, Serialize};

use super::statistics::Interval;

/// The version of the document.
pub const SCHEMA: u32 = 1;

/// One run of `stripmine bench`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// [`SCHEMA`].
    pub schema: u32,
    /// How the run ended.
    pub outcome: Outcome,
    /// What the machine, or the run, is called.
    pub label: String,
    /// When the run began, in Unix seconds.
    pub started_unix_s: f64,
    /// How much was measured.
    pub settings: Settings,
    /// The machine, and the program.
    pub environment: Environment,
    /// What one hash is.
    pub workload: Workload,
    /// Every kernel at every number of threads.
    pub points: Vec<Point>,
    /// What one thread is compared with.
    pub baselines: Vec<Baseline>,
    /// What sharing a search costs, at the largest number of threads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coordinator: Option<Coordinator>,
    /// How soon everyone stops after a find, at the largest number of threads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop: Option<Stop>,
    /// How the rate grows with threads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scalability: Option<Scalability>,
    /// What proves that the hashes were computed.
    pub proof: Proof,
    /// What a reader should know before believing the figures.
    pub warnings: Vec<Warning>,
    /// How the points compare with those of an earlier run, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
}

impl Document {
    /// The point of this kernel at this number of threads.
    #[must_use]
    pub fn point(&self, kernel: &str, threads: usize) -> Option<&Point> {
        self.points.iter().find(|point| point.kernel == kernel && point.threads == threads)
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Everything was measured, and the proof holds.
    Done,
    /// It was stopped; what was measured until then is here.
    Interrupted,
    /// The proof does not hold: a kernel computed something else than SHA-256.
    Failed,
}

/// How much was measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Seconds that a sample of a point is meant to last.
    pub time_s: f64,
    /// Samples asked for, of each point.
    pub samples: usize,
    /// Seconds that each point ran before its first sample.
    pub warmup_s: f64,
}

/// The header that was searched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workload {
    /// `chain`, `bitcoin` or `text`.
    pub name: String,
    /// What one hash is, in words.
    pub one_hash: String,
    /// Bytes that are hashed, the nonce included.
    pub bytes: usize,
    /// Blocks of 64 bytes that they fill, padding included.
    pub blocks: usize,
    /// How often a header is hashed: 1, or 2 for the digest of the digest.
    pub hashed: u32,
    /// The first header that is hashed, in hex.
    pub first_header: String,
    /// The nonce in it; every sample starts there.
    pub first_nonce: u64,
}

impl Workload {
    /// Whether rates of the two can be compared: whether the same bytes were hashed in the same
    /// way.
    #[must_use]
    pub fn is_comparable(&self, other: &Self) -> bool {
        let bytes = |it: &Self| (it.first_header.to_lowercase(), it.first_nonce, it.hashed);
        self.name == other.name && bytes(self) == bytes(other)
    }
}

/// One kernel at one number of threads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// The kernel's name.
    pub kernel: String,
    /// Worker threads.
    pub threads: usize,
    /// Whether each worker was pinned to a CPU.
    pub pinned: bool,
    /// Hashes per second: the median of the samples.
    pub hashes_per_s: Interval,
    /// How many times as fast as one thread of the same kernel: the median over the rounds of the
    /// ratio within a round.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speedup: Option<Interval>,
    /// The speedup per thread; 1 is perfect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub efficiency: Option<Interval>,
    /// How evenly the hashes fell to the workers.
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

impl Point {
    /// The samples' rates, in hashes per second, in the order of the rounds.
    #[must_use]
    pub fn rates(&self) -> Vec<f64> {
        self.samples.iter().map(|sample| sample.hashes_per_s).collect()
    }
}

/// The share of the hashes of all samples that fell to the least and to the most busy worker.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fairness {
    /// The lowest share, 0 to 1.
    pub lowest_share: f64,
    /// The highest share, 0 to 1.
    pub highest_share: f64,
}

/// One worker's part in all samples of a point.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
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
    pub busy_s: f64,
}

/// One sample of a point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// The round, from 0. Samples of one round are compared with each other.
    pub round: usize,
    /// Seconds from the start of the first round to the start of the sample.
    pub at_s: f64,
    /// Seconds from the barrier behind which all workers started to the stop of the last.
    pub elapsed_s: f64,
    /// Nonces tested.
    pub hashes: u64,
    /// `hashes` ÷ `elapsed_s`.
    pub hashes_per_s: f64,
    /// Segments of the proof that it covered, from the first on.
    pub segments: usize,
    /// The sum of all compared words, modulo 2^32.
    pub sum: u32,
    /// Nonces tested, by worker.
    pub workers: Vec<u64>,
}

/// A single-threaded way to do the same, without the miner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// `reference`, `sha2` or `python`.
    pub name: String,
    /// What it does, in words.
    pub what: String,
    /// Hashes per second: the median of the samples.
    pub hashes_per_s: Interval,
    /// By kernel: how many times as fast one thread of it is, the median over the rounds of the
    /// ratio within a round.
    pub speedups: Vec<BaselineSpeedup>,
    /// The speedup of the first kernel that was measured on one thread.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speedup: Option<Interval>,
    /// The samples, in the order of the rounds.
    pub samples: Vec<BaselineSample>,
}

/// How many times as fast as a baseline one thread of a kernel is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BaselineSpeedup {
    /// The kernel's name.
    pub kernel: String,
    /// The ratio of the rates.
    pub speedup: Interval,
}

/// One sample of something that is compared with points.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BaselineSample {
    /// The round, from 0.
    pub round: usize,
    /// Seconds that the sample took.
    pub elapsed_s: f64,
    /// Nonces tested.
    pub hashes: u64,
    /// `hashes` ÷ `elapsed_s`.
    pub hashes_per_s: f64,
}

/// What it costs that workers share one search: its rate against that of as many searches that
/// share nothing, each with a stop flag of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Coordinator {
    /// The kernel's name.
    pub kernel: String,
    /// Threads on either side.
    pub threads: usize,
    /// The part of the separate searches' rate that sharing costs: 1 − shared ÷ separate, within
    /// a round. Below 0 where sharing was faster.
    pub overhead: Interval,
    /// The separate searches' samples; their rates are the sums of the searches' own rates.
    pub separate: Vec<BaselineSample>,
}

/// The time from a find to the last worker's stop.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stop {
    /// The kernel's name.
    pub kernel: String,
    /// Worker threads.
    pub threads: usize,
    /// Half of the searches stopped sooner, in seconds.
    pub median_s: f64,
    /// 99 in 100 of the searches stopped sooner, in seconds.
    pub p99_s: f64,
    /// Every search's time from the find to the last stop, in seconds.
    pub times_s: Vec<f64>,
}

/// The Universal Scalability Law (Gunther 2007), fitted to the medians of one kernel's points up
/// to one thread per physical core: the rate of n threads is
/// λ n ÷ (1 + σ (n − 1) + κ n (n − 1)).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scalability {
    /// The kernel's name.
    pub kernel: String,
    /// Thread counts that the law was fitted to.
    pub threads: Vec<usize>,
    /// λ: hashes per second of one thread alone.
    pub lambda: Interval,
    /// σ: contention, the part of the work that only one thread can do at a time.
    pub sigma: Interval,
    /// κ: coherency, what each pair of threads costs.
    pub kappa: Interval,
    /// The number of threads with the highest rate. Left out where the interval of κ does not
    /// exclude that there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peak_threads: Option<Interval>,
}

/// What proves that every counted nonce was hashed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proof {
    /// Whether everything agreed.
    pub ok: bool,
    /// Nonces in a segment; segment k begins at the workload's first nonce + k × this.
    pub segment_len: u64,
    /// By segment: the sum, modulo 2^32, of the words that decide whether a digest meets a target
    /// (its most significant 32 bits; see the workload), over all nonces of the segment.
    pub sums: Vec<u32>,
    /// How often a segment's sum was compared with another sample's.
    pub sums_compared: u64,
    /// Nonces that were hashed again one by one with the `sha2` crate, and agreed.
    pub nonces_hashed_again: u64,
    /// The part of the rate that summing costs the first point: 1 − with ÷ without, within a round.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Interval>,
    /// The samples without the sum.
    pub unproved: Vec<BaselineSample>,
    /// What did not agree.
    pub mismatches: Vec<Mismatch>,
}

/// A sum or a word that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mismatch {
    /// The kernel, or the baseline, that computed it.
    pub kernel: String,
    /// Worker threads.
    pub threads: usize,
    /// The segment.
    pub segment: usize,
    /// The nonce, where a single one is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<u64>,
    /// What was computed: a sum or a word; by a baseline, the number of finds.
    pub found: u32,
    /// What it should have been.
    pub expected: u32,
    /// Where the expectation comes from.
    pub against: String,
}

/// Something about the machine or the run that makes figures doubtful, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// What it is about, for programs.
    pub kind: String,
    /// What is wrong, and the remedy, for people.
    pub text: String,
}

/// The points of a run against those of an earlier one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// What the earlier run is called.
    pub label: String,
    /// When it began, in Unix seconds.
    pub started_unix_s: f64,
    /// How much slower a point may be, as a part of the earlier rate, 0 to 1.
    pub max_slowdown: f64,
    /// The points that both runs have.
    pub points: Vec<ComparedPoint>,
    /// What makes the comparison doubtful.
    pub warnings: Vec<Warning>,
}

/// A point of a run against the same of an earlier one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparedPoint {
    /// The kernel's name.
    pub kernel: String,
    /// Worker threads.
    pub threads: usize,
    /// This run's median rate over the earlier one's. The interval holds what either run's samples
    /// vary by, not what changes from run to run.
    pub ratio: Interval,
    /// What the interval says.
    pub verdict: Verdict,
    /// Whether even the interval's high end is slower than allowed.
    pub too_slow: bool,
}

/// What can be said of two rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The whole interval of the ratio lies above 1.
    Faster,
    /// The whole interval of the ratio lies below 1.
    Slower,
    /// The interval has 1 in it.
    NoDifference,
}
