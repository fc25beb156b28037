//! The part of a block's compression that all lanes share, computed once on single words.

use crate::plan::shape::{has, varying};
use crate::sha256::{self, K, small_sigma0, small_sigma1};

/// The part of one block's compression that does not depend on its varying words.
#[derive(Clone, Debug)]
pub(crate) struct Uniform {
    /// The state after the round that takes the first varying word, computed with a zero in its
    /// place: the word is later added to a and e.
    pub(crate) state: [u32; 8],
    /// For each later round, the constant part of the sum T1: K, the schedule word where it does
    /// not vary, and h in the three rounds in which it does not vary.
    pub(crate) keyed: [u32; 64],
    /// For each schedule word, the sum of its terms that do not vary.
    pub(crate) partial: [u32; 64],
}

impl Uniform {
    /// For the block that follows `state`, with zeros for the varying part of its words.
    pub(crate) fn new(state: [u32; 8], block: &[u32; 16], words: u16) -> Self {
        let varying = varying(words);
        let partial = partial_schedule(block, varying);
        let first = words.trailing_zeros() as usize;
        let state =
            (0..=first).fold(state, |state, t| sha256::round(state, K[t].wrapping_add(partial[t])));
        let mut keyed = K;
        for t in first + 1..64 {
            if !has(varying, t) {
                keyed[t] = keyed[t].wrapping_add(partial[t]);
            }
            if t <= first + 3 {
                keyed[t] = keyed[t].wrapping_add(state[7 - (t - first - 1)]);
            }
        }
        Self { state, keyed, partial }
    }
}

/// The schedule, leaving out every term that varies.
fn partial_schedule(block: &[u32; 16], varying: u64) -> [u32; 64] {
    let mut w = [0u32; 64];
    w[..16].copy_from_slice(block);
    for t in 16..64 {
        let term = |back: usize, word: fn(u32) -> u32| {
            if has(varying, t - back) { 0 } else { word(w[t - back]) }
        };
        w[t] = term(2, small_sigma1)
            .wrapping_add(term(7, |w| w))
            .wrapping_add(term(15, small_sigma0))
            .wrapping_add(term(16, |w| w));
    }
    w
}
