//! The stages with the SHA extensions, which hash streams instead of lanes: one instruction does
//! two rounds of one hash.
//!
//! An instruction waits for the one before it longer than the unit needs between two instructions,
//! so several streams side by side keep the unit busy. They share the constants of a block: a block
//! with known schedule takes only loads and rounds. Where one follows the varying block, both are
//! hashed side by side, each for two streams.

#![allow(unsafe_code, reason = "instructions that a token proves the CPU to have")]

mod rounds;
mod varying;
mod vector;

use super::isa::by_word;
use super::stages::{Out, Stages, Varying};
use crate::plan::uniform::Uniform;
pub(crate) use rounds::{fed_forward, first_words, known_block, known_rounds};
use varying::{GroupsOut, again, alone, beside_known};
pub(crate) use vector::{STREAMS, State, Token, Vector};

/// Groups whose blocks take turns, so that none waits for its own previous block.
const TURNS: usize = 4;

/// The blocks with known schedule.
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn later(
    token: Token,
    tails: &[[u32; 64]],
    more: &[[u32; 64]],
    states: &[[State; STREAMS]],
    mut out: GroupsOut<'_>,
) -> bool {
    let mut any = Vector::splat(token, 0);
    for (turn, groups) in states.chunks(TURNS).enumerate() {
        let mut after = [groups[0]; TURNS];
        for (tail, keyed) in tails.iter().enumerate() {
            for (after, before) in after.iter_mut().zip(groups) {
                *after = known_block(token, *before, keyed);
            }
            for keyed in more {
                for state in &mut after[..groups.len()] {
                    *state = known_block(token, *state, keyed);
                }
            }
            for (group, state) in after[..groups.len()].iter().enumerate() {
                let i = (turn * TURNS + group) * tails.len() + tail;
                match &mut out {
                    Out::States(out) => out[i] = *state,
                    Out::Words(words, bits) => {
                        words[i] = first_words(state);
                        any = any.or(words[i].clear_of(Vector::splat(token, *bits)));
                    }
                }
            }
        }
    }
    any.has_any()
}

impl Stages for Token {
    const COUNT: usize = STREAMS;
    type State = [State; STREAMS];
    type Word = Vector;

    fn zero(self) -> ([State; STREAMS], Vector) {
        ([State::new(self, [0; 8]); STREAMS], Vector::splat(self, 0))
    }

    fn store(self, word: Vector) -> impl AsRef<[u32]> {
        word.store()
    }

    fn sum(self, words: &[Vector]) -> u32 {
        let sums = words.iter().fold(Vector::splat(self, 0), |sums, word| sums.add(*word));
        sums.store().into_iter().fold(0, u32::wrapping_add)
    }

    fn varying(self, block: Varying<'_>, out: GroupsOut<'_>) -> bool {
        by_word!(block.word, WORD => alone::<WORD>(self, block, out))
    }

    fn later(
        self,
        tails: &[[u32; 64]],
        more: &[[u32; 64]],
        states: &[[State; STREAMS]],
        out: GroupsOut<'_>,
    ) -> bool {
        // SAFETY: the token proves that the CPU has the features.
        unsafe { later(self, tails, more, states, out) }
    }

    fn varying_and_later(
        self,
        block: Varying<'_>,
        tail: &[u32; 64],
        more: &[[u32; 64]],
        states: &mut [[State; STREAMS]],
        words: &mut [Vector],
        bits: u32,
    ) -> bool {
        let Some((second, more)) = more.split_first() else {
            let out = Out::Words(words, bits);
            return by_word!(block.word, WORD => beside_known::<WORD, 1>(self, block, [tail], out));
        };
        let Some((third, more)) = more.split_first() else {
            let out = Out::Words(words, bits);
            return by_word!(block.word, WORD => beside_known::<WORD, 2>(self, block, [tail, second], out));
        };
        let out = Out::States(states);
        by_word!(block.word, WORD => beside_known::<WORD, 2>(self, block, [tail, second], out));
        self.later(std::slice::from_ref(third), more, states, Out::Words(words, bits))
    }

    fn again(
        self,
        digests: &[[State; STREAMS]],
        _: &Uniform,
        words: &mut [Vector],
        bits: u32,
    ) -> bool {
        // SAFETY: the token proves that the CPU has the features.
        unsafe { again(self, digests, words, bits) }
    }
}
