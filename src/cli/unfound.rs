//! A search that ended without a find: how near it came, and where to go on.

use serde::Serialize;
use serde_json::value::RawValue;

use super::failure::{Failure, Result};
use crate::miner::Report;
use crate::pow::Hit;
use crate::text::grouped;

/// What a search tested, in nonces as they are written.
pub(super) struct TestedNonces<'a> {
    /// The first nonce of the search.
    pub(super) first: u64,
    /// The last nonce of the search.
    pub(super) last: u64,
    /// The largest nonce that the header can hold.
    pub(super) largest: u64,
    /// Digits that stand before every nonce: those of a wide one.
    pub(super) leading_digits: &'a str,
    pub(super) report: &'a Report,
}

/// The same for JSON.
#[derive(Serialize)]
pub(super) struct TestedDocument {
    /// `None` where no flag can go on from there.
    tested_below: Option<u128>,
    best: Option<BestDocument>,
}

/// The lowest hash, with its nonce: an integer of any size.
#[derive(Serialize)]
struct BestDocument {
    nonce: Box<RawValue>,
    hash: String,
}

impl TestedNonces<'_> {
    /// Which nonces were tested, and the flags to go on from there: these, each followed by a
    /// space, and `--start-nonce`.
    pub(super) fn how_to_go_on(&self, flags: &str) -> String {
        let below = self.report.tested_below;
        if !self.leading_digits.is_empty() {
            return "the nonces of auto:wide have no flag to go on from: the same command starts \
                    again from the first"
                .to_owned();
        }
        let tested = match (self.first, below - u128::from(self.first)) {
            (_, 0) => "no nonce was tested".to_owned(),
            (0, _) => format!("all nonces below {} were tested", grouped(below)),
            (first, _) => {
                let last = grouped(below - 1);
                format!("all nonces from {} to {last} were tested", grouped(first))
            }
        };
        if below > u128::from(self.largest) {
            return format!("{tested}, and the header holds no larger one");
        }
        let is_at_end = below > u128::from(self.last);
        let end = if is_at_end { ", with a larger --end-nonce" } else { "" };
        format!("{tested}; {flags}--start-nonce {below} goes on from there{end}")
    }

    /// The lowest hash and its nonce; nothing before a nonce was tested.
    pub(super) fn best(&self) -> Option<String> {
        let Hit { digest, .. } = self.report.best?;
        Some(format!("{digest}, of nonce {}", self.best_nonce()?))
    }

    pub(super) fn document(&self) -> Result<TestedDocument> {
        let below = self.report.tested_below;
        let nonce = self.best_nonce().map(RawValue::from_string).transpose();
        let hit = nonce.map_err(Failure::system)?.zip(self.report.best);
        Ok(TestedDocument {
            tested_below: self.leading_digits.is_empty().then_some(below),
            best: hit.map(|(nonce, hit)| BestDocument { nonce, hash: hit.digest.to_string() }),
        })
    }

    fn best_nonce(&self) -> Option<String> {
        self.report.best.map(|best| format!("{}{}", self.leading_digits, best.nonce))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::pow::{Kernel, Target};

    fn told(first: u64, tested_below: u128, leading_digits: &str) -> String {
        let (kernel, target) = (Kernel::Portable, Target::ZERO);
        let (elapsed, workers) = (Duration::ZERO, Vec::new());
        let report = Report { kernel, target, elapsed, workers, tested_below, best: None };
        let (last, largest) = (999_999_999, u64::from(u32::MAX));
        TestedNonces { first, last, largest, leading_digits, report: &report }
            .how_to_go_on("--timestamp 5 ")
    }

    #[test]
    fn the_flags_are_told_that_go_on() {
        assert_eq!(
            told(0, 123_456_789, ""),
            "all nonces below 123,456,789 were tested; --timestamp 5 --start-nonce 123456789 goes \
             on from there"
        );
        assert_eq!(
            told(1_000, 2_000, ""),
            "all nonces from 1,000 to 1,999 were tested; --timestamp 5 --start-nonce 2000 goes on \
             from there"
        );
        assert_eq!(
            told(7, 7, ""),
            "no nonce was tested; --timestamp 5 --start-nonce 7 goes on from there"
        );
        assert_eq!(
            told(0, 1_000_000_000, ""),
            "all nonces below 1,000,000,000 were tested; --timestamp 5 --start-nonce 1000000000 \
             goes on from there, with a larger --end-nonce"
        );
    }

    #[test]
    fn where_nothing_can_go_on_no_flag_is_told() {
        assert_eq!(
            told(5, 1 << 32, ""),
            "all nonces from 5 to 4,294,967,295 were tested, and the header holds no larger one"
        );
        assert!(told(5, 9, "11").contains("auto:wide"));
    }
}
