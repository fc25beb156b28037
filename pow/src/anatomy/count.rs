//! Counts the cost of a hash from its plan, for each kernel.

use super::cost::Cost;
use super::operations::{
    BEFORE_KNOWN_BLOCK, LOOK, Operations, Wanted, additions, block, known_block, second_hash,
};
use crate::kernel::Kernel;
use crate::plan::Plan;
use crate::plan::shape::{Any, Bitcoin, Shape};
use crate::template::Hashing;

/// The SHA instructions of a block with known schedule: `sha256rnds2` does two of the 64 rounds.
const KNOWN_BLOCK: usize = 32;

/// The SHA instructions of a block's schedule: a `sha256msg1` and a `sha256msg2` for each four of
/// the 48 words.
const SCHEDULE: usize = 24;

/// The SHA instructions of the second hash: the last two rounds are not needed.
const SECOND_HASH: usize = KNOWN_BLOCK - 1 + SCHEDULE;

/// The pairs of rounds that differ from stream to stream in the block in which `word` varies. An
/// odd word comes last in its pair, which all streams share except for an addition.
pub(super) const fn pairs_in_streams(word: usize) -> usize {
    KNOWN_BLOCK - word.div_ceil(2)
}

impl Plan {
    /// A kernel's cost of one hash. All tails share the varying block's cost, and lanes that hold a
    /// nonce share the cost of those that hold none.
    pub(crate) fn cost(&self, kernel: Kernel) -> Cost {
        match kernel {
            Kernel::Sha2 => {
                let second = usize::from(self.hashing == Hashing::Twice);
                Cost::Blocks((self.blocks_left + second) as f64)
            }
            Kernel::ShaNi => Cost::Streams(self.instructions_in_streams(kernel)),
            Kernel::Avx512Sha if self.hashing == Hashing::Once && self.blocks_after() > 0 => {
                self.cost_on_both(kernel)
            }
            Kernel::Portable => Cost::Words(self.instructions_in_lanes(kernel)),
            _ => Cost::Lanes(self.instructions_in_lanes(kernel)),
        }
    }

    /// The words that vary and those that are zero in the shape that a kernel's lanes have for the
    /// varying block.
    pub(super) fn shape_in_lanes(&self, kernel: Kernel) -> (u16, u16) {
        let word = self.layout.varying().1;
        match kernel {
            Kernel::Portable => (Any::WORDS, Any::ZEROS),
            _ if self.is_bitcoin && self.hashing == Hashing::Twice => {
                (Bitcoin::WORDS, Bitcoin::ZEROS)
            }
            Kernel::Sse41 => (0xf << (word / 4 * 4), 0),
            _ => (1 << word, 0),
        }
    }

    /// How many hashes share the varying block.
    pub(super) fn sharing(&self) -> u64 {
        if self.layout.has_tails() { self.layout.low_values() } else { 1 }
    }

    /// The average number of nonces in a vector's lanes, or in a group's streams. The last vector
    /// of a pass may not be full.
    fn nonces_in_group(&self, kernel: Kernel) -> f64 {
        let values = self.layout.middle_values();
        values as f64 / values.div_ceil(kernel.lanes() as u64) as f64
    }

    /// The operations of the varying block, from the nonces on.
    fn varying_block(&self, kernel: Kernel, wanted: Wanted) -> Operations {
        let (words, zeros) = self.shape_in_lanes(kernel);
        block(words, zeros, wanted).plus(additions(1))
    }

    fn instructions_in_lanes(&self, kernel: Kernel) -> f64 {
        let (last, second) = match self.hashing {
            Hashing::Once => (Wanted::FirstWord, LOOK),
            Hashing::Twice => (Wanted::State, LOOK.plus(second_hash())),
        };
        let (shared, own) = match self.blocks_after() {
            0 => (self.varying_block(kernel, last), second),
            blocks => {
                let shared = self.varying_block(kernel, Wanted::State).plus(BEFORE_KNOWN_BLOCK);
                let more = BEFORE_KNOWN_BLOCK.plus(known_block(Wanted::State)).times(blocks - 1);
                (shared, second.plus(more).plus(known_block(last)))
            }
        };
        let shared = shared.instructions(kernel) as f64 / self.sharing() as f64;
        (shared + own.instructions(kernel) as f64) / self.nonces_in_group(kernel)
    }

    fn instructions_in_streams(&self, kernel: Kernel) -> f64 {
        let second = if self.hashing == Hashing::Twice { SECOND_HASH } else { 0 };
        let own = (self.blocks_after() * KNOWN_BLOCK + second) as f64;
        let varying = pairs_in_streams(self.layout.varying().1) + SCHEDULE;
        let shared = varying as f64 / self.sharing() as f64;
        (shared + own) * kernel.lanes() as f64 / self.nonces_in_group(kernel)
    }

    /// The varying block in lanes, the blocks after it in streams. The first of them is hashed
    /// beside the varying block, unless there is one for each value of the low digits.
    fn cost_on_both(&self, kernel: Kernel) -> Cost {
        let nonces = self.nonces_in_group(kernel);
        let varying = self.varying_block(kernel, Wanted::State).instructions(kernel) as f64;
        let lanes = (varying / self.sharing() as f64 + LOOK.instructions(kernel) as f64) / nonces;
        let streams = |blocks| (blocks * KNOWN_BLOCK * kernel.lanes()) as f64 / nonces;
        let beside = usize::from(!self.layout.has_tails());
        Cost::LanesAndStreams {
            lanes,
            beside: streams(beside),
            alone: streams(self.blocks_after() - beside),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::cut_header::CutHeader;
    use crate::{NonceEncoding, Template};

    fn cost(kernel: Kernel, prefix: usize, width: usize, suffix: usize) -> Cost {
        let template =
            Template::new(vec![b'p'; prefix], NonceEncoding::Decimal, vec![b's'; suffix]);
        Plan::new(&CutHeader::new(&template), width).cost(kernel)
    }

    fn bitcoin(kernel: Kernel) -> Cost {
        Plan::new(&CutHeader::new(&Template::bitcoin(&[7; 80])), 4).cost(kernel)
    }

    /// A chain header: the nonce's last digits in word 11, two blocks with known schedule after it.
    fn chain_header(kernel: Kernel) -> Cost {
        cost(kernel, 41, 7, 116)
    }

    #[test]
    fn a_known_block_is_32_sha_instructions_and_a_varying_one_has_a_schedule() {
        assert_eq!(chain_header(Kernel::ShaNi), Cost::Streams(26.0 + 24.0 + 64.0));
        assert_eq!(bitcoin(Kernel::ShaNi), Cost::Streams(30.0 + 24.0 + 31.0 + 24.0));
    }

    #[test]
    fn low_digits_that_begin_a_block_share_the_block_before() {
        let shared = Cost::Streams(32.0 + (24.0 + 24.0) / 1000.0);
        assert_eq!(cost(Kernel::ShaNi, 55, 12, 20), shared);
    }

    #[test]
    fn sha2_hashes_every_block_from_the_one_where_the_nonce_begins() {
        assert_eq!(chain_header(Kernel::Sha2), Cost::Blocks(3.0));
        assert_eq!(cost(Kernel::Sha2, 64, 7, 100), Cost::Blocks(2.0));
        assert_eq!(bitcoin(Kernel::Sha2), Cost::Blocks(2.0));
    }

    #[test]
    fn avx512_sha_has_lanes_for_the_varying_block_and_the_sha_unit_for_the_others() {
        let Cost::LanesAndStreams { lanes, beside, alone } = chain_header(Kernel::Avx512Sha) else {
            panic!("both units")
        };
        assert_eq!((beside, alone), (32.0, 32.0));
        assert_eq!(Cost::Lanes(lanes), Cost::Lanes((1_266.0 + 8.0) / 16.0), "state: e and 7 sums");
        for same in [bitcoin, |kernel| cost(kernel, 20, 8, 0)] {
            assert_eq!(same(Kernel::Avx512Sha), same(Kernel::Avx512), "lanes alone");
        }
    }

    #[test]
    fn fewer_lanes_and_fewer_operations_in_an_instruction_cost_more() {
        for header in [bitcoin, chain_header] {
            let [wide, narrow, portable] =
                [Kernel::Avx512, Kernel::Avx2, Kernel::Portable].map(header);
            assert!(3.0 * wide.value() < narrow.value(), "{wide} {narrow}");
            assert!(2.0 * narrow.value() < portable.value(), "{narrow} {portable}");
            let vector = 4.0 * header(Kernel::Sse41).value();
            assert!(portable.value() < vector, "a word has rotations: {portable} {vector}");
        }
    }

    #[test]
    fn lanes_without_a_nonce_are_paid_by_the_others() {
        // One digit in the word that varies: ten values in sixteen lanes, or in two groups of
        // eight.
        let (full, part) = (cost(Kernel::Avx512, 56, 4, 0), cost(Kernel::Avx512, 56, 1, 0));
        assert!((part.value() / full.value() - 1.6).abs() < 0.01, "{full} {part}");
    }
}
