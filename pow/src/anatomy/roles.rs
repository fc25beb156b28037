//! The roles of a header's blocks: what a search does with each of them.

use super::count::pairs_in_streams;
use crate::kernel::Kernel;
use crate::plan::Plan;
use crate::plan::shape::{SecondHash, Shape, varying};
use crate::template::Hashing;

/// A block's rounds.
const ROUNDS: usize = 64;

/// Words of a schedule that are not words of its block.
const EXTENDED: u32 = 48;

/// What a search does with a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockRole {
    /// No digit of the nonce lies in it: hashed once, before the search.
    Midstate,
    /// Only higher digits lie in it: hashed once for many nonces.
    HigherDigits,
    /// One word takes another value for every nonce.
    Varying {
        /// That word, 0 to 15.
        word: usize,
        /// Rounds that are done for each nonce, of 64; those before are the same for all of them.
        rounds: usize,
        /// Words of the schedule that are computed for each nonce, of the 48 beyond the block's
        /// own.
        schedule_words: u32,
        /// Nonces that share the work.
        shared_by: u64,
    },
    /// The lowest digits begin it: its schedule is tabulated for each of their values.
    LowestDigits {
        /// Values that are tabulated.
        values: u64,
    },
    /// Nothing in it changes: its schedule is computed once, and each hash costs rounds alone.
    Constant,
    /// Hashed for every nonce, all 64 rounds and the schedule: the kernel computes nothing
    /// beforehand.
    Whole,
    /// The digest, hashed again: every word varies, and the last rounds may not be needed.
    SecondHash {
        /// Rounds that are computed, of 64.
        rounds: usize,
    },
}

impl Plan {
    /// The role of each block of the header, for a kernel; the second hash comes last.
    pub(crate) fn block_roles(&self, kernel: Kernel) -> Vec<BlockRole> {
        let before = std::iter::repeat_n(BlockRole::Midstate, self.hashed_blocks);
        let left = (0..self.blocks_left).map(|block| match kernel {
            Kernel::Sha2 => BlockRole::Whole,
            _ => self.block_role(kernel, block),
        });
        let second = (self.hashing == Hashing::Twice).then(|| second_hash(kernel));
        before.chain(left).chain(second).collect()
    }

    fn block_role(&self, kernel: Kernel, block: usize) -> BlockRole {
        let varying = self.layout.varying().0;
        match block {
            _ if block < self.start => BlockRole::Midstate,
            _ if block < varying => BlockRole::HigherDigits,
            _ if block == varying => self.varying_role(kernel),
            _ if block == varying + 1 && self.layout.has_tails() => {
                BlockRole::LowestDigits { values: self.layout.low_values() }
            }
            _ => BlockRole::Constant,
        }
    }

    fn varying_role(&self, kernel: Kernel) -> BlockRole {
        let word = self.layout.varying().1;
        let (rounds, schedule_words) = if kernel == Kernel::ShaNi {
            (2 * pairs_in_streams(word), EXTENDED)
        } else {
            let (words, _) = self.shape_in_lanes(kernel);
            let rounds = ROUNDS - 1 - words.trailing_zeros() as usize;
            (rounds, (varying(words) >> 16).count_ones())
        };
        let shared_by = self.sharing();
        BlockRole::Varying { word, rounds, schedule_words, shared_by }
    }
}

fn second_hash(kernel: Kernel) -> BlockRole {
    let rounds = match kernel {
        Kernel::Sha2 => ROUNDS,
        Kernel::ShaNi => ROUNDS - 2,
        _ => SecondHash::LAST + 1,
    };
    BlockRole::SecondHash { rounds }
}
