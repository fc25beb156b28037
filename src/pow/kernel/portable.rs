//! The stages on any CPU. One shape serves for every varying word: a small kernel, compiled quickly.

#![allow(clippy::cast_possible_truncation, reason = "digits and table indices are small")]

use super::stages::{self, Out, Stages, Varying};
use crate::pow::lanes::{Lanes, portable::Portable, portable::Token};
use crate::pow::plan::Pass;
use crate::pow::plan::shape::Any;
use crate::pow::plan::uniform::Uniform;
use std::array::from_fn;

type State = [Portable; 8];

/// The block with the varying word, its 16 words taken as lanes.
fn varying(pass: &Pass, word: usize, uniform: &Uniform, values: &[u32]) -> State {
    let values = Portable::load(Token, values);
    let words: [Portable; 16] = from_fn(|i| {
        let same = Portable::splat(Token, pass.first.partial[i]);
        if i == word { same.add(values) } else { same }
    });
    stages::rounds::<Portable, Any>(Token, uniform, words[0], words, &mut ())
}

/// What does not depend on any word of the block.
fn uniform(pass: &Pass) -> Uniform {
    let mut midstate = pass.feed;
    midstate[4] = midstate[4].wrapping_add(midstate[0]);
    let mut uniform = Uniform::new(midstate, &[0; 16], u16::MAX);
    uniform.keyed[63] = uniform.keyed[63].wrapping_add(midstate[0]);
    uniform
}

impl Stages for Token {
    const COUNT: usize = Portable::COUNT;
    type State = State;
    type Word = Portable;

    fn zero(self) -> (State, Portable) {
        let zero = Portable::splat(self, 0);
        ([zero; 8], zero)
    }

    fn store(self, word: Portable) -> impl AsRef<[u32]> {
        word.store()
    }

    fn sum(self, words: &[Portable]) -> u32 {
        stages::sum(self, words)
    }

    fn varying(self, block: Varying<'_>, mut out: Out<'_, State, Portable>) -> bool {
        let Varying { word, pass, values } = block;
        let uniform = uniform(pass);
        let mut lanes = 0;
        for (group, values) in values.chunks_exact(Portable::COUNT).enumerate() {
            let state = varying(pass, word, &uniform, values);
            match &mut out {
                Out::States(states) => states[group] = stages::feed(self, state, pass),
                Out::Words(words, bits) => {
                    words[group] = state[0];
                    lanes |= state[0].clear_of(Portable::splat(self, *bits));
                }
            }
        }
        lanes != 0
    }

    fn later(
        self,
        tails: &[[u32; 64]],
        more: &[[u32; 64]],
        states: &[State],
        out: Out<'_, State, Portable>,
    ) -> bool {
        stages::later(self, tails, more, states, out)
    }

    fn again(self, digests: &[State], second: &Uniform, words: &mut [Portable], bits: u32) -> bool {
        stages::again(self, digests, second, words, bits)
    }
}
