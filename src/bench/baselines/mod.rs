//! Baselines: ways to search on one thread without the miner.
//!
//! They share no code with the kernels. Their work is proved as well: they must find the nonces
//! that the kernels find.

mod loops;
mod python;

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::{Duration, Instant};

pub(super) use loops::Looped;
use loops::header_loop;
pub use loops::{reference_loop, sha2_digest};
use python::python_version;
pub use python::{PythonError, has_python};

use super::workload::Workload;
use crate::chain::Block;
use crate::pow::{Target, Template};
use crate::sync::CancelToken;

/// Leading hex zeros of the finds that prove a baseline's work: one nonce in 4,096 has them.
const PROOF_HEX_ZEROS: u8 = 3;

/// Nonces between two looks at the cancel flag: a few hundredths of a second of the slowest loop.
const STEP: u64 = 16_384;

/// A single-threaded way to search, without the miner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Baseline {
    /// The reference's loop in Rust.
    Reference,
    /// The `sha2` crate's digest over a header whose digits are rewritten in place.
    Sha2,
    /// The reference's loop in a `python3` process.
    Python,
}

/// There is no baseline of this name, which is cut to 40 characters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no baseline {name:?}; choose from reference, sha2, python")]
pub struct UnknownBaseline {
    name: String,
}

impl Baseline {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Reference, Self::Sha2, Self::Python];

    /// The name by which users choose it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::Sha2 => "sha2",
            Self::Python => "python",
        }
    }

    /// The name that tables and sentences give it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Reference => "reference loop",
            Self::Sha2 => "sha2 crate",
            Self::Python => "Python",
        }
    }
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Baseline {
    type Err = UnknownBaseline;

    fn from_str(name: &str) -> Result<Self, UnknownBaseline> {
        let baseline = Self::ALL.into_iter().find(|baseline| baseline.name() == name);
        baseline.ok_or_else(|| UnknownBaseline { name: name.chars().take(40).collect() })
    }
}

/// A baseline, set up for one workload.
pub(super) struct Loop {
    pub(super) baseline: Baseline,
    /// What it does, in words.
    pub(super) what: String,
    workload: Workload,
    template: Template,
    block: Option<Block>,
}

/// The target of the finds that prove a baseline's work.
pub(super) fn proof_target() -> Target {
    Target::from_hex_zeros(u32::from(PROOF_HEX_ZEROS)).expect("fewer zeros than a digest has")
}

impl Loop {
    /// Sets a baseline up. Looks for Python and asks for its version.
    pub(super) fn new(baseline: Baseline, workload: Workload) -> Result<Self, PythonError> {
        let what = match baseline {
            Baseline::Reference => {
                "the reference's loop in Rust: every header written anew, its hash compared as text"
                    .to_owned()
            }
            Baseline::Sha2 => {
                "the sha2 crate's digest of the whole header, digits rewritten in place".to_owned()
            }
            Baseline::Python => format!("the reference's loop in {}", python_version()?),
        };
        let (template, block) = (workload.template(), workload.block());
        Ok(Self { baseline, what, workload, template, block })
    }

    /// Tests all nonces of the range, which should take about `expected`; `None` when it was
    /// cancelled.
    pub(super) fn test_all(
        &self,
        nonces: RangeInclusive<u64>,
        expected: Duration,
        cancel: &CancelToken,
    ) -> Result<Option<Looped>, PythonError> {
        if self.baseline == Baseline::Python {
            let workload = self.workload;
            return python::test_all(workload, PROOF_HEX_ZEROS, &nonces, expected, cancel);
        }
        let (first, last) = nonces.into_inner();
        let (started, mut finds) = (Instant::now(), Vec::new());
        for step in first / STEP..=last / STEP {
            if cancel.is_cancelled() {
                return Ok(None);
            }
            let (begin, end) = (step * STEP, step * STEP + (STEP - 1));
            self.find_all(first.max(begin), last.min(end), &mut finds);
        }
        Ok(Some(Looped { elapsed: started.elapsed(), finds }))
    }

    /// Collects every find of a range.
    fn find_all(&self, mut first: u64, last: u64, finds: &mut Vec<u64>) {
        while first <= last
            && let Some(nonce) = self.find(first..=last)
        {
            finds.push(nonce);
            first = nonce + 1;
        }
    }

    fn find(&self, nonces: RangeInclusive<u64>) -> Option<u64> {
        let zeros = usize::from(PROOF_HEX_ZEROS);
        match (self.baseline, &self.block) {
            (Baseline::Sha2, _) => sha2_digest(&self.template, &proof_target(), nonces),
            (_, Some(block)) => reference_loop(block, zeros, nonces),
            (_, None) => header_loop(&self.template, zeros, nonces),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::say_not_tested;
    use crate::pow::{Job, Kernel};

    /// The baseline; `None`, said loudly, where its Python is missing.
    fn tested(baseline: Baseline, workload: Workload) -> Option<Loop> {
        let set_up = Loop::new(baseline, workload);
        set_up.inspect_err(|error| say_not_tested(&format!("a baseline: {error}"))).ok()
    }

    #[test]
    fn every_baseline_finds_what_the_kernels_find_in_every_workload() {
        for workload in Workload::ALL {
            let (first, last) = (workload.first_nonce(), workload.first_nonce() + 20_000);
            let template = workload.template();
            let job = Job::new(&template, proof_target(), Kernel::Sha2);
            let mut expected = Vec::new();
            let mut next = first;
            while let Some(hit) = job.search(next..=last) {
                expected.push(hit.nonce);
                next = hit.nonce + 1;
            }
            assert!(expected.len() > 1, "{}: too few to compare", workload.name());
            for baseline in Baseline::ALL {
                let Some(one) = tested(baseline, workload) else { continue };
                let looped =
                    one.test_all(first..=last, Duration::from_secs(10), &CancelToken::new());
                let looped = looped.unwrap().unwrap();
                assert_eq!(looped.finds, expected, "{baseline} {}", workload.name());
                assert!(looped.elapsed > Duration::ZERO);
            }
        }
    }

    #[test]
    fn a_cancelled_baseline_gives_nothing() {
        let cancel = CancelToken::new();
        cancel.cancel();
        for baseline in Baseline::ALL {
            if let Some(one) = tested(baseline, Workload::Chain) {
                let looped = one.test_all(0..=u64::MAX, Duration::MAX, &cancel).unwrap();
                assert!(looped.is_none(), "{baseline}");
            }
        }
    }

    #[test]
    fn baselines_are_known_by_their_names() {
        for baseline in Baseline::ALL {
            assert_eq!(baseline.name().parse(), Ok(baseline));
        }
        assert_eq!(
            "perl".parse::<Baseline>().unwrap_err().to_string(),
            "there is no baseline \"perl\"; choose from reference, sha2, python"
        );
    }
}
