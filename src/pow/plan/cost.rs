//! What a hash costs, counted in 512-bit vector instructions, and the nonces for which it costs least.

use crate::pow::plan::Plan;
use crate::pow::plan::shape::{Bitcoin, Digest, Shape, Word, has, has_constant_part, varying};
use crate::pow::{BlockRole, Hashing};

/// The lanes that a vector of the kernel counted for has.
const LANES: f64 = 16.0;

/// A block with known schedule: 63 rounds of 16 instructions, the first round's rest, the feed-forward.
const CONSTANT_BLOCK: usize = 63 * 16 + 15 + 8;

/// Of that, what a tail does not repeat: all of the first round but two additions, three more additions.
const BEFORE_TAIL: usize = 13 + 3;

/// The instructions of a block of shape `S`, as the rounds are written: what varies, and nothing else.
fn instructions<S: Shape>() -> usize {
    (S::FIRST + 1..=S::LAST).fold(4, |sum, t| {
        let varies = has(S::VARYING, t);
        let round = 15 + usize::from(t > S::FIRST + 3) + usize::from(varies);
        sum + round + if t >= 16 && varies { schedule_word::<S>(t) } else { 0 }
    })
}

/// The instructions of a varying word of the schedule: four for each σ, one for each sum of two terms.
fn schedule_word<S: Shape>(t: usize) -> usize {
    let varying = [2, 7, 15, 16].map(|back| usize::from(has(S::VARYING, t - back)));
    let constant = usize::from(has_constant_part(S::VARYING, S::ZERO, t));
    4 * (varying[0] + varying[2]) + varying.iter().sum::<usize>() + constant - 1
}

/// The instructions of the block with the varying word.
fn varying_block(plan: &Plan) -> usize {
    macro_rules! by_word {
        ($($i:literal)*) => {
            match plan.layout.varying().1 {
                $($i => instructions::<Word<$i>>(),)*
                _ => unreachable!("a block has 16 words"),
            }
        };
    }
    let bitcoin = plan.is_bitcoin && plan.hashing == Hashing::Twice;
    if bitcoin {
        instructions::<Bitcoin>()
    } else {
        by_word!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
    }
}

impl Plan {
    /// What the search does with each block of the header.
    pub(crate) fn block_roles(&self) -> Vec<BlockRole> {
        let varying = self.layout.varying().0;
        let before = std::iter::repeat_n(BlockRole::Midstate, self.hashed_blocks);
        let role = |block: usize| match block {
            _ if block < self.start => BlockRole::Midstate,
            _ if block < varying => BlockRole::HigherDigits,
            _ if block == varying => self.varying_role(),
            _ if block == varying + 1 && self.layout.has_tails() => {
                BlockRole::LowestDigits { values: self.layout.low_values() }
            }
            _ => BlockRole::Constant,
        };
        before.chain((0..self.blocks_left).map(role)).collect()
    }

    fn varying_role(&self) -> BlockRole {
        let word = self.layout.varying().1;
        BlockRole::Varying {
            word,
            rounds: 63 - word,
            schedule_words: varying(1 << word).count_ones(),
            shared_by: if self.layout.has_tails() { self.layout.low_values() } else { 1 },
        }
    }

    /// The vector instructions of one hash: the varying block shared by all tails, lanes that hold no nonce paid by those
    /// that do.
    pub(crate) fn cost(&self) -> f64 {
        let digest = if self.hashing == Hashing::Twice { 8 + instructions::<Digest>() } else { 1 };
        let blocks = self.blocks_after();
        let tails = if self.layout.has_tails() { self.layout.low_values() as usize } else { 1 };
        let shared = varying_block(self) + if blocks > 0 { 16 + BEFORE_TAIL } else { 0 };
        let own = digest + blocks * CONSTANT_BLOCK - if blocks > 0 { BEFORE_TAIL } else { 0 };
        let values = self.layout.middle_values() as f64;
        let filled = values / ((values / LANES).ceil() * LANES);
        (shared as f64 / tails as f64 + own as f64) / LANES / filled
    }
}
