//! One run: how it ended, how much was measured, and all of its parts.

use serde::{Deserialize, Serialize};

use super::bounds::{NotNegative, OneOrMore, OneOrTwo, Positive};
use super::comparison::Comparison;
use super::cpus::EachCpu;
use super::environment::Environment;
use super::points::{Coordinator, MeasuredBaseline, Point, Scalability, StopTimes};
use super::proof::Proof;
use super::sustained::Sustained;
use super::warning::Warning;

/// The version of the document.
pub const SCHEMA: u32 = 1;

/// One run of `stripmine bench`. Within a schema number fields are only added: skip those that you
/// do not know.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "A benchmark of stripmine"))]
pub struct Document {
    /// The version of the document.
    #[cfg_attr(test, schemars(extend("const" = SCHEMA)))]
    pub schema: u32,
    /// How the run ended.
    pub outcome: Ending,
    /// The name of the machine or the run.
    pub label: String,
    /// When the run began, in Unix seconds.
    #[serde(with = "NotNegative::<f64>")]
    pub started_unix_s: f64,
    /// How much was measured.
    pub settings: Settings,
    /// The machine and the program. What could not be read is left out.
    pub environment: Environment,
    /// The header that was searched.
    pub workload: SearchedHeader,
    /// Every kernel at every number of threads.
    pub points: Vec<Point>,
    /// What one thread is compared with.
    pub baselines: Vec<MeasuredBaseline>,
    /// What sharing one search costs, at the largest number of threads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coordinator: Option<Coordinator>,
    /// The time from a find to the last worker's stop, at the largest number of threads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop: Option<StopTimes>,
    /// What every CPU does alone, if that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each_cpu: Option<EachCpu>,
    /// The rate of all threads over a long time, if that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sustained: Option<Sustained>,
    /// How the rate grows with threads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scalability: Option<Scalability>,
    /// The proof that every counted nonce was hashed.
    pub proof: Proof,
    /// What a reader should know before believing the figures.
    pub warnings: Vec<Warning>,
    /// How the points compare with those of an earlier run, if that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
}

impl Document {
    /// The point of this kernel, or of [`AUTO`](super::AUTO), at this number of threads.
    #[must_use]
    pub fn point(&self, kernel: &str, threads: usize) -> Option<&Point> {
        self.points.iter().find(|point| point.is_of(kernel) && point.threads == threads)
    }

    /// The point of one thread that a point is compared with: of the same kernel, and pinned or not
    /// as it is.
    pub(super) fn one_thread_beside(&self, point: &Point) -> Option<&Point> {
        self.points.iter().find(|it| it.threads == 1 && it.is_on_curve_of(point))
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Ending {
    /// Everything was measured, and the proof holds.
    #[default]
    Done,
    /// The run was stopped. What was measured until then is here.
    Interrupted,
    /// The proof does not hold: a kernel did not compute SHA-256.
    Failed,
}

/// How much was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Settings {
    /// Seconds that a sample of a point is meant to last.
    #[serde(with = "Positive::<f64>")]
    pub time_s: f64,
    /// Samples asked for, of each point.
    #[serde(with = "OneOrMore::<usize>")]
    pub samples: usize,
    /// Seconds that each point ran before its first sample.
    #[serde(with = "NotNegative::<f64>")]
    pub warmup_s: f64,
}

/// The header that was searched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SearchedHeader {
    /// `chain`, `bitcoin` or `text`.
    pub name: String,
    /// What one hash is, in words.
    pub one_hash: String,
    /// Bytes that are hashed, the nonce included.
    pub bytes: usize,
    /// Blocks of 64 bytes that they fill, padding included.
    pub blocks: usize,
    /// How often a header is hashed: 1, or 2 for the digest of the digest.
    #[serde(with = "OneOrTwo::<u32>")]
    pub hashed: u32,
    /// The first header that is hashed, in hex.
    #[cfg_attr(test, schemars(regex(pattern = "^([0-9a-fA-F]{2})*$")))]
    pub first_header: String,
    /// The nonce in it. Every sample starts there.
    pub first_nonce: u64,
}

/// Bytes in a block of SHA-256, and the fewest bytes of padding (FIPS 180-4, section 5.1.1).
const BLOCK: usize = 64;
const PADDING: usize = 9;

impl SearchedHeader {
    /// Computes bytes and blocks from the first header.
    pub(in crate::bench) fn compute_sizes(&mut self) {
        self.bytes = self.first_header.len() / 2;
        self.blocks = (self.bytes + PADDING).div_ceil(BLOCK);
    }

    /// Whether rates of the two can be compared: whether the same bytes were hashed in the same
    /// way.
    #[must_use]
    pub fn is_comparable(&self, other: &Self) -> bool {
        let bytes = |it: &Self| (it.first_header.to_lowercase(), it.first_nonce, it.hashed);
        self.name == other.name && bytes(self) == bytes(other)
    }
}
