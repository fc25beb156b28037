//! The stages on any CPU. All varying words share one shape: a small kernel that compiles quickly.

use super::lane_stages;
use super::stages::{Out, Stages, Varying};
use crate::lanes::{Lanes, portable::Portable, portable::Token};
use crate::plan::shape::Any;
use crate::plan::uniform::Uniform;

type State = [Portable; 8];

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
        lane_stages::sum(self, words)
    }

    fn varying(self, block: Varying<'_>, out: Out<'_, State, Portable>) -> bool {
        lane_stages::varying_among::<Portable, Any>(self, block, out)
    }

    fn later(
        self,
        tails: &[[u32; 64]],
        more: &[[u32; 64]],
        states: &[State],
        out: Out<'_, State, Portable>,
    ) -> bool {
        lane_stages::later(self, tails, more, states, out)
    }

    fn again(self, digests: &[State], second: &Uniform, words: &mut [Portable], bits: u32) -> bool {
        lane_stages::again(self, digests, second, words, bits)
    }
}
