//! The operations on words of a block's rounds and schedule, and the instructions for them.

use crate::pow::kernel::Kernel;
use crate::pow::plan::shape::{Shape, has, has_constant_part};

/// A number of operations of each kind, or of the instructions that one of each kind takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Operations {
    pub(super) rotations: usize,
    pub(super) shifts: usize,
    /// Exclusive ors of three words.
    pub(super) xors: usize,
    pub(super) choices: usize,
    pub(super) majorities: usize,
    pub(super) additions: usize,
    /// First looks: whether any lane's word has zeros in all of some bits.
    pub(super) looks: usize,
}

const NONE: Operations = Operations {
    rotations: 0,
    shifts: 0,
    xors: 0,
    choices: 0,
    majorities: 0,
    additions: 0,
    looks: 0,
};

/// With AVX-512 each is one instruction.
const AVX512: Operations = Operations {
    rotations: 1,
    shifts: 1,
    xors: 1,
    choices: 1,
    majorities: 1,
    additions: 1,
    looks: 1,
};

/// With instructions of two operands and without rotations. The round before has computed one of
/// Maj's two exclusive ors.
const TWO_OPERANDS: Operations = Operations {
    rotations: 3,
    shifts: 1,
    xors: 2,
    choices: 3,
    majorities: 3,
    additions: 1,
    looks: 3,
};

/// Σ0 or Σ1.
const BIG_SIGMA: Operations = Operations { rotations: 3, xors: 1, ..NONE };

/// σ0 or σ1.
const SMALL_SIGMA: Operations = Operations { rotations: 2, shifts: 1, xors: 1, ..NONE };

/// The operations of a round for a: Σ0, Maj and their sum with T1.
const ROUND_FOR_A: Operations = BIG_SIGMA.plus(Operations { majorities: 1, additions: 2, ..NONE });

/// The operations for T1, given h + K + W: Σ1, Ch and their sums.
const T1: Operations = BIG_SIGMA.plus(Operations { choices: 1, additions: 2, ..NONE });

/// The operations of a round for e: d and T1.
const ROUND_FOR_E: Operations = T1.plus(additions(1));

/// A first look at a group.
pub(super) const LOOK: Operations = Operations { looks: 1, ..NONE };

pub(super) const fn additions(additions: usize) -> Operations {
    Operations { additions, ..NONE }
}

impl Operations {
    pub(super) const fn plus(self, other: Self) -> Self {
        Self {
            rotations: self.rotations + other.rotations,
            shifts: self.shifts + other.shifts,
            xors: self.xors + other.xors,
            choices: self.choices + other.choices,
            majorities: self.majorities + other.majorities,
            additions: self.additions + other.additions,
            looks: self.looks + other.looks,
        }
    }

    pub(super) const fn times(self, times: usize) -> Self {
        Self {
            rotations: self.rotations * times,
            shifts: self.shifts * times,
            xors: self.xors * times,
            choices: self.choices * times,
            majorities: self.majorities * times,
            additions: self.additions * times,
            looks: self.looks * times,
        }
    }

    /// The instructions of all these operations in a kernel that hashes in lanes.
    pub(super) fn instructions(self, kernel: Kernel) -> usize {
        let each = match kernel {
            Kernel::Avx512Sha | Kernel::Avx512 => AVX512,
            _ => TWO_OPERANDS,
        };
        self.rotations * each.rotations
            + self.shifts * each.shifts
            + self.xors * each.xors
            + self.choices * each.choices
            + self.majorities * each.majorities
            + self.additions * each.additions
            + self.looks * each.looks
    }
}

/// The part of a block's output that is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All eight words of the state.
    State,
    /// Its first word.
    FirstWord,
    /// e after the last round.
    LastE,
}

/// The operations of a block with varying words, including its first varying round's two additions.
/// The feed-forward of a, or of the e that is wanted, is part of a constant.
pub(super) fn block<S: Shape>(wanted: Wanted) -> Operations {
    let all = (S::FIRST + 1..=S::LAST).fold(additions(2), |sum, t| {
        // h + K is known before for three rounds.
        let own = additions(usize::from(t > S::FIRST + 3)).plus(schedule_word::<S>(t));
        let round = match wanted {
            Wanted::LastE if t + 4 > S::LAST => ROUND_FOR_E,
            Wanted::FirstWord if t == S::LAST => ROUND_FOR_A.plus(T1),
            _ => ROUND_FOR_A.plus(ROUND_FOR_E),
        };
        sum.plus(own).plus(round)
    });
    if wanted == Wanted::State { all.plus(additions(7)) } else { all }
}

/// A schedule word that varies: its terms, their sum, and its sum with h + K.
fn schedule_word<S: Shape>(t: usize) -> Operations {
    if !has(S::VARYING, t) {
        return NONE;
    }
    if t < 16 {
        return additions(1);
    }
    let varies = |back: usize| usize::from(has(S::VARYING, t - back));
    let constant = usize::from(has_constant_part(S::VARYING, S::ZERO, t));
    let terms = varies(2) + varies(7) + varies(15) + varies(16) + constant;
    SMALL_SIGMA.times(varies(2) + varies(15)).plus(additions(terms))
}

/// The operations of a block with known schedule that do not depend on its schedule's first word:
/// most of its first round, and h + K + W of the three after it.
pub(super) const BEFORE_KNOWN_BLOCK: Operations = ROUND_FOR_A.plus(ROUND_FOR_E).plus(additions(3));

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
    use crate::pow::plan::shape::{Bitcoin, SecondHash};

    #[test]
    fn a_bitcoin_header_takes_the_operations_that_the_disassembly_has() {
        let all = block::<Bitcoin>(Wanted::State).plus(block::<SecondHash>(Wanted::LastE));
        let counted = all.plus(additions(1)).plus(LOOK);
        assert_eq!((counted.rotations, counted.shifts), (1_020, 156));
        assert_eq!(counted.xors + counted.choices + counted.majorities, 628);
        assert_eq!((counted.additions, counted.looks), (1_042, 1));
    }

    #[test]
    fn a_round_is_sixteen_instructions_with_avx512_and_more_than_twice_as_many_with_avx2() {
        let round = ROUND_FOR_A.plus(ROUND_FOR_E).plus(additions(1));
        assert_eq!(round.instructions(Kernel::Avx512), 16);
        assert_eq!(round.instructions(Kernel::Avx2), 6 * 3 + 2 * 2 + 3 + 3 + 6);
    }
}
