//! The stages of a hash: the block with the varying word, the blocks after it, the second hash.

use crate::plan::Pass;
use crate::plan::uniform::Uniform;
use std::slice::from_ref;

/// The stages of a hash on one instruction set, all on groups of nonces.
///
/// A stage that writes words returns whether any of them has zeros in all the given bits, so that
/// it may be of interest. A stage that writes states returns false.
pub(crate) trait Stages: Copy {
    /// Nonces in a group.
    const COUNT: usize;
    /// The eight words of a hash's state, for a group.
    type State: Copy;
    /// One word, for a group.
    type Word: Copy;

    /// A state and a word of zeros.
    fn zero(self) -> (Self::State, Self::Word);
    /// A group's words, one by one.
    fn store(self, word: Self::Word) -> impl AsRef<[u32]>;
    /// The sum of all words of all these groups, modulo 2^32.
    fn sum(self, words: &[Self::Word]) -> u32;
    /// The block with the varying word.
    fn varying(self, block: Varying<'_>, out: Out<'_, Self::State, Self::Word>) -> bool;
    /// That block when it is Bitcoin's second and last, and the second hash. `digests` is room for
    /// the first hash. Overridden where the block's zeros save work.
    fn bitcoin(
        self,
        block: Varying<'_>,
        second: &Uniform,
        digests: &mut [Self::State],
        words: &mut [Self::Word],
        bits: u32,
    ) -> bool {
        self.varying(block, Out::States(digests));
        self.again(digests, second, words, bits)
    }
    /// The blocks after it: each tail is applied to each state. `more` is K + W of the blocks after
    /// the tails.
    fn later(
        self,
        tails: &[[u32; 64]],
        more: &[[u32; 64]],
        states: &[Self::State],
        out: Out<'_, Self::State, Self::Word>,
    ) -> bool;
    /// The block with the varying word and all blocks after it, which do not vary. `states` is room
    /// for the states between them. Overridden where the two can be hashed side by side.
    fn varying_and_later(
        self,
        block: Varying<'_>,
        tail: &[u32; 64],
        more: &[[u32; 64]],
        states: &mut [Self::State],
        words: &mut [Self::Word],
        bits: u32,
    ) -> bool {
        self.varying(block, Out::States(states));
        self.later(from_ref(tail), more, states, Out::Words(words, bits))
    }
    /// The second of two hashes: for each digest of the first, the last word of its digest.
    fn again(
        self,
        digests: &[Self::State],
        second: &Uniform,
        words: &mut [Self::Word],
        bits: u32,
    ) -> bool;
}

/// The block with the varying word, for consecutive groups of the word's values.
#[derive(Clone, Copy)]
pub(crate) struct Varying<'a> {
    /// Which of the block's 16 words varies.
    pub(crate) word: usize,
    pub(crate) pass: &'a Pass,
    /// The values, where they lie in the word.
    pub(crate) values: &'a [u32],
}

/// The output of a stage, one entry for each group.
pub(crate) enum Out<'a, State, Word> {
    /// The state after the stage's blocks.
    States(&'a mut [State]),
    /// The first word of the digest; and the bits that are zero in every word of interest.
    Words(&'a mut [Word], u32),
}
