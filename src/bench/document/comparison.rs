//! The comparison of a run with an earlier one, as it is saved.

use serde::{Deserialize, Serialize};

use super::bounds::{NotNegative, Share, Threads};
use super::warning::Warning;
use crate::bench::statistics::Interval;

/// The points of a run against those of an earlier one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Comparison {
    /// The label of the earlier run.
    pub label: String,
    /// When it began, in Unix seconds.
    #[serde(with = "NotNegative::<f64>")]
    pub started_unix_s: f64,
    /// How much slower a point may be, as a part of the earlier rate, 0 to 1.
    #[serde(with = "Share::<f64>")]
    pub max_slowdown: f64,
    /// The points that both runs have.
    pub points: Vec<ComparedPoint>,
    /// What makes the comparison doubtful.
    pub warnings: Vec<Warning>,
}

/// A point of a run against the same point of an earlier one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ComparedPoint {
    /// The kernel's name.
    pub kernel: String,
    /// The kernel of the earlier run, where `auto` chose another one then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved_kernel: Option<String>,
    /// Worker threads.
    #[serde(with = "Threads::<usize>")]
    pub threads: usize,
    /// This run's median rate over the earlier one's. The interval holds what either run's samples
    /// vary by, not what changes from run to run.
    #[cfg_attr(test, schemars(with = "super::bounds::PositiveInterval"))]
    pub ratio: Interval,
    /// What the interval says.
    pub verdict: Verdict,
    /// Whether even the interval's high end is slower than allowed.
    pub too_slow: bool,
}

impl ComparedPoint {
    /// The kernel, and the earlier run's where that was another: `avx512, then sha-ni`.
    #[must_use]
    pub fn kernels(&self) -> String {
        let then = self.saved_kernel.as_ref().map(|kernel| format!(", then {kernel}"));
        format!("{}{}", self.kernel, then.unwrap_or_default())
    }

    /// Says what the ratio means, where a point may be this much slower.
    pub(in crate::bench) fn judge(&mut self, max_slowdown: f64) {
        self.verdict = Verdict::of(&self.ratio);
        self.too_slow = self.ratio.high < 1.0 - max_slowdown;
    }
}

/// What can be said of two rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The whole interval of the ratio lies above 1.
    Faster,
    /// The whole interval of the ratio lies below 1.
    Slower,
    /// The interval has 1 in it.
    NoDifference,
}

impl Verdict {
    fn of(ratio: &Interval) -> Self {
        if ratio.low > 1.0 {
            Self::Faster
        } else if ratio.high < 1.0 {
            Self::Slower
        } else {
            Self::NoDifference
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_needs_an_interval_that_leaves_out_no_difference() {
        let verdict = |low, high| Verdict::of(&Interval { median: 1.0, low, high });
        assert_eq!(verdict(1.001, 1.1), Verdict::Faster);
        assert_eq!(verdict(0.9, 0.999), Verdict::Slower);
        assert_eq!(verdict(0.99, 1.01), Verdict::NoDifference);
        assert_eq!(verdict(1.0, 1.01), Verdict::NoDifference);
    }
}
