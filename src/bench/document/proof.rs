//! The proof of a run: what shows that every counted nonce was hashed.

use serde::{Deserialize, Serialize};

use super::bounds::OneOrMore;
use super::points::PlainSample;
use crate::bench::statistics::Interval;

/// The proof that every counted nonce was hashed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Proof {
    /// Whether everything agreed.
    pub ok: bool,
    /// Nonces in a segment. Segment k begins at the workload's first nonce + k × this.
    #[serde(with = "OneOrMore::<u64>")]
    pub segment_len: u64,
    /// The sum of each segment, modulo 2^32: of the words that decide whether a digest meets a
    /// target (its most significant 32 bits), over all nonces of the segment.
    pub sums: Vec<u32>,
    /// How often a segment's sum was compared with another sample's.
    pub sums_compared: u64,
    /// Nonces that were hashed again one by one with the `sha2` crate, and agreed.
    pub nonces_hashed_again: u64,
    /// The part of the rate that summing costs the first point: 1 − with ÷ without, within a round.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Interval>,
    /// The samples of the first point without the sum.
    pub unproved: Vec<PlainSample>,
    /// What did not agree.
    pub mismatches: Vec<Mismatch>,
}

/// A sum or a word that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Mismatch {
    /// The kernel or the baseline that computed it.
    pub kernel: String,
    /// Worker threads.
    pub threads: usize,
    /// The segment.
    pub segment: usize,
    /// The nonce, if a single one is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<u64>,
    /// What was computed: a sum or a word; by a baseline, the number of finds.
    pub found: u32,
    /// What it should have been.
    pub expected: u32,
    /// Where the expectation comes from.
    pub against: String,
}
