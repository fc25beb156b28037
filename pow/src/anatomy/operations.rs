//! The operations on words of a block's rounds and schedule, and the instructions for them.

use crate::kernel::Kernel;
use crate::plan::shape::{Any, SecondHash, Shape, has, has_constant_part, varying, zero};

/// How many operations of each kind: rotations, shifts, exclusive ors of three words, Ch, Maj,
/// additions, and first looks (whether any lane's word has zeros in all of some bits).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Operations([usize; KINDS]);

const KINDS: usize = 7;

const NONE: Operations = Operations([0; KINDS]);
const ROTATION: Operations = Operations([1, 0, 0, 0, 0, 0, 0]);
const SHIFT: Operations = Operations([0, 1, 0, 0, 0, 0, 0]);
const XOR: Operations = Operations([0, 0, 1, 0, 0, 0, 0]);
const CHOICE: Operations = Operations([0, 0, 0, 1, 0, 0, 0]);
const MAJORITY: Operations = Operations([0, 0, 0, 0, 1, 0, 0]);
const ADDITION: Operations = Operations([0, 0, 0, 0, 0, 1, 0]);

/// A first look at a group.
pub(super) const LOOK: Operations = Operations([0, 0, 0, 0, 0, 0, 1]);

/// The instructions of each operation with AVX-512.
const AVX512: [usize; KINDS] = [1; KINDS];

/// The same with instructions of two operands and without rotations. The round before has computed
/// one of Maj's two exclusive ors.
const TWO_OPERANDS: [usize; KINDS] = [3, 1, 2, 3, 3, 1, 3];

/// The same on single words, which have rotations.
const WORDS: [usize; KINDS] = [1, 1, 2, 3, 3, 1, 3];

/// Σ0 or Σ1.
const BIG_SIGMA: Operations = ROTATION.times(3).plus(XOR);

/// σ0 or σ1.
const SMALL_SIGMA: Operations = ROTATION.times(2).plus(SHIFT).plus(XOR);

/// The operations of a round for a: Σ0, Maj and their sum with T1.
const ROUND_FOR_A: Operations = BIG_SIGMA.plus(MAJORITY).plus(additions(2));

/// The operations for T1, given h + K + W: Σ1, Ch and their sums.
const T1: Operations = BIG_SIGMA.plus(CHOICE).plus(additions(2));

/// The operations of a round for e: d and T1.
const ROUND_FOR_E: Operations = T1.plus(ADDITION);

pub(super) const fn additions(count: usize) -> Operations {
    ADDITION.times(count)
}

impl Operations {
    pub(super) const fn plus(mut self, other: Self) -> Self {
        let mut kind = 0;
        while kind < KINDS {
            self.0[kind] += other.0[kind];
            kind += 1;
        }
        self
    }

    pub(super) const fn times(mut self, times: usize) -> Self {
        let mut kind = 0;
        while kind < KINDS {
            self.0[kind] *= times;
            kind += 1;
        }
        self
    }

    /// The instructions of all these operations in a kernel that hashes in lanes or single words.
    pub(super) fn instructions(self, kernel: Kernel) -> usize {
        let each = match kernel {
            Kernel::Avx512Sha | Kernel::Avx512 => AVX512,
            Kernel::Portable => WORDS,
            _ => TWO_OPERANDS,
        };
        self.0.iter().zip(each).map(|(count, each)| count * each).sum()
    }
}

/// The part of a block's output that is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All eight words of the state.
    State,
    /// Its first word.
    FirstWord,
    /// The last word of the second hash's digest: e after round 60.
    LastE,
}

/// The operations of a block in which these words vary and those are zero, including its first
/// varying round's two additions. The feed-forward of a, or of the e that is wanted, is part of a
/// constant.
pub(super) fn block(words: u16, zeros: u16, wanted: Wanted) -> Operations {
    let (varying, zero) = (varying(words), zero(words, zeros));
    let first = words.trailing_zeros() as usize;
    let last = if wanted == Wanted::LastE { SecondHash::LAST } else { Any::LAST };
    let all = (first + 1..=last).fold(additions(2), |sum, t| {
        // h + K is known before for three rounds.
        let own = additions(usize::from(t > first + 3)).plus(schedule_word(varying, zero, t));
        let round = match wanted {
            Wanted::LastE if t + 4 > last => ROUND_FOR_E,
            Wanted::FirstWord if t == last => ROUND_FOR_A.plus(T1),
            _ => ROUND_FOR_A.plus(ROUND_FOR_E),
        };
        sum.plus(own).plus(round)
    });
    if wanted == Wanted::State { all.plus(additions(7)) } else { all }
}

/// A schedule word that varies: its terms, their sum, and its sum with h + K.
fn schedule_word(varying: u64, zero: u64, t: usize) -> Operations {
    if !has(varying, t) {
        return NONE;
    }
    if t < 16 {
        return additions(1);
    }
    let varies = |back: usize| usize::from(has(varying, t - back));
    let constant = usize::from(has_constant_part(varying, zero, t));
    let terms = varies(2) + varies(7) + varies(15) + varies(16) + constant;
    SMALL_SIGMA.times(varies(2) + varies(15)).plus(additions(terms))
}

/// The operations of a block with known schedule that do not depend on its schedule's first word:
/// most of its first round, and h + K + W of the three after it.
pub(super) const BEFORE_KNOWN_BLOCK: Operations = ROUND_FOR_A.plus(ROUND_FOR_E).plus(additions(3));

/// The operations of the second hash.
pub(super) fn second_hash() -> Operations {
    block(SecondHash::WORDS, SecondHash::ZEROS, Wanted::LastE)
}

/// The rest of a block with known schedule.
pub(super) fn known_block(wanted: Wanted) -> Operations {
    let round = ROUND_FOR_A.plus(ROUND_FOR_E);
    let rounds = additions(2).plus(round.times(63)).plus(additions(60));
    match wanted {
        Wanted::State => rounds.plus(additions(8)),
        // One more for the feed-forward, one less in the last round.
        Wanted::FirstWord | Wanted::LastE => rounds,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::shape::Bitcoin;

    #[test]
    fn a_bitcoin_header_takes_the_operations_that_the_disassembly_has() {
        let first = block(Bitcoin::WORDS, Bitcoin::ZEROS, Wanted::State);
        let all = first.plus(second_hash()).plus(additions(1)).plus(LOOK);
        let Operations([rotations, shifts, xors, choices, majorities, additions, looks]) = all;
        assert_eq!((rotations, shifts), (1_020, 156));
        assert_eq!(xors + choices + majorities, 628);
        assert_eq!((additions, looks), (1_042, 1));
    }

    #[test]
    fn a_round_is_sixteen_instructions_with_avx512_and_more_than_twice_as_many_with_avx2() {
        let round = ROUND_FOR_A.plus(ROUND_FOR_E).plus(additions(1));
        assert_eq!(round.instructions(Kernel::Avx512), 16);
        assert_eq!(round.instructions(Kernel::Avx2), 6 * 3 + 2 * 2 + 3 + 3 + 6);
    }
}
