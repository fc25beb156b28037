//! Blocks in which every stream has its own schedule: the one with the varying word, alone or
//! beside blocks with known schedules; and the second hash.

use super::rounds::{KnownBlocks, PAIRS, Schedule, fed_forward, first_pair, first_words, rounds};
use super::vector::{STREAMS, State, Token, Vector};
use crate::kernel::stages::{Out, Varying};
use crate::sha256::{self, INITIAL, K};
use std::array::from_fn;

/// The output of a stage.
pub(super) type GroupsOut<'a> = Out<'a, [State; STREAMS], Vector>;

/// The part of the block that all streams share when word number `WORD` varies.
struct Block<const WORD: usize> {
    token: Token,
    /// The state before the first pair of rounds that differs.
    start: State,
    /// The first sixteen words of the schedule, the varying digits zero.
    words: [Vector; 4],
    /// The state before the block, for the feed-forward.
    midstate: State,
}

impl<const WORD: usize> Block<WORD> {
    #[inline(always)]
    fn new(token: Token, block: &Varying<'_>) -> Self {
        let mut midstate = block.pass.feed;
        midstate[4] = midstate[4].wrapping_add(midstate[0]);
        let partial = &block.pass.first.partial;
        let start = (0..2 * first_pair(WORD))
            .fold(midstate, |state, t| sha256::round(state, K[t].wrapping_add(partial[t])));
        Self {
            token,
            start: State::new(token, start),
            words: from_fn(|i| Vector::load(token, &partial.as_chunks().0[i])),
            midstate: State::new(token, midstate),
        }
    }

    /// The states and schedules of streams `FIRST` to `FIRST + N - 1` of a group with these values.
    #[inline(always)]
    fn begin<const FIRST: usize, const N: usize>(
        &self,
        values: Vector,
    ) -> ([State; N], Schedule<N>) {
        let (mut states, mut w) = ([self.start; N], self.words.map(|words| [words; N]));
        for s in 0..N {
            let place = Vector::load(self.token, &places(FIRST + s, 1 << (WORD % 4)));
            let varying = &mut w[WORD / 4][s];
            *varying = varying.add(values.bytes_at(place));
            if WORD % 2 == 1 {
                let place = Vector::load(self.token, &places(FIRST + s, A_AND_E));
                states[s].abef = states[s].abef.add(values.bytes_at(place));
            }
        }
        (states, w)
    }

    /// The states of a group with these values after the block.
    #[inline(always)]
    fn hash(&self, values: Vector) -> [State; STREAMS] {
        let (mut states, w) = self.begin::<0, STREAMS>(values);
        rounds::<STREAMS, WORD, PAIRS>(self.token, &mut states, w, &mut ());
        fed_forward(states, [self.midstate; STREAMS])
    }
}

/// A bit for each of the words f, e, b, a that a schedule word is added to.
const A_AND_E: u32 = 0b1010;

/// For [`Vector::bytes_at`]: word number `from` at each place whose bit is set, zeros at the
/// others.
const fn places(from: usize, set: u32) -> [u32; 4] {
    const BYTES: [u32; STREAMS] = [0x0302_0100, 0x0706_0504, 0x0b0a_0908, 0x0f0e_0d0c];
    let mut places = [u32::MAX; 4];
    let mut i = 0;
    while i < 4 {
        if set >> i & 1 == 1 {
            places[i] = BYTES[from];
        }
        i += 1;
    }
    places
}

/// The block alone: [`super::Stages::varying`].
#[target_feature(enable = "sha,ssse3,sse4.1")]
pub(super) fn alone<const WORD: usize>(
    token: Token,
    block: Varying<'_>,
    mut out: GroupsOut<'_>,
) -> bool {
    let all = Block::<WORD>::new(token, &block);
    let mut any = Vector::splat(token, 0);
    for (group, values) in block.values.as_chunks().0.iter().enumerate() {
        let state = all.hash(Vector::load(token, values));
        match &mut out {
            Out::States(states) => states[group] = state,
            Out::Words(words, bits) => {
                words[group] = first_words(&state);
                any = any.or(words[group].clear_of(Vector::splat(token, *bits)));
            }
        }
    }
    any.has_any()
}

/// The block beside the `BLOCKS` blocks with known schedules that follow it: while two streams hash
/// it, the two before them hash the first of those blocks, and the two before these the second.
#[target_feature(enable = "sha,ssse3,sse4.1")]
pub(super) fn beside_known<const WORD: usize, const BLOCKS: usize>(
    token: Token,
    block: Varying<'_>,
    keyed: [&[u32; 64]; BLOCKS],
    out: GroupsOut<'_>,
) -> bool {
    let all = Block::<WORD>::new(token, &block);
    let mut before = [[all.midstate; 2]; BLOCKS];
    let mut halves = Halves { token, first: before[0], out, any: Vector::splat(token, 0) };
    let groups = block.values.as_chunks().0;
    for half in 0..2 * groups.len() + BLOCKS {
        // After the last group, its values are hashed once more, and the result is dropped.
        let values = Vector::load(token, &groups[(half / 2).min(groups.len() - 1)]);
        let (mut states, w) = if half.is_multiple_of(2) {
            all.begin::<0, 2>(values)
        } else {
            all.begin::<2, 2>(values)
        };
        let mut beside = KnownBlocks { token, states: before, keyed };
        rounds::<2, WORD, PAIRS>(token, &mut states, w, &mut beside);
        let after: [_; BLOCKS] = from_fn(|i| fed_forward(beside.states[i], before[i]));
        before[1..].copy_from_slice(&after[..BLOCKS - 1]);
        before[0] = fed_forward(states, [all.midstate; 2]);
        if let Some(half) = half.checked_sub(BLOCKS) {
            halves.take(half, after[BLOCKS - 1]);
        }
    }
    halves.any.has_any()
}

/// Joins halves of groups.
struct Halves<'a> {
    token: Token,
    /// The half that waits for the other.
    first: [State; 2],
    out: GroupsOut<'a>,
    any: Vector,
}

impl Halves<'_> {
    #[inline(always)]
    fn take(&mut self, half: usize, states: [State; 2]) {
        if half.is_multiple_of(2) {
            self.first = states;
            return;
        }
        let ([s, t], [u, v]) = (self.first, states);
        let state = [s, t, u, v];
        match &mut self.out {
            Out::States(out) => out[half / 2] = state,
            Out::Words(words, bits) => {
                words[half / 2] = first_words(&state);
                self.any = self.any.or(words[half / 2].clear_of(Vector::splat(self.token, *bits)));
            }
        }
    }
}

/// The second of two hashes: [`super::Stages::again`].
#[target_feature(enable = "sha,ssse3,sse4.1")]
pub(super) fn again(
    token: Token,
    digests: &[[State; STREAMS]],
    words: &mut [Vector],
    bits: u32,
) -> bool {
    let mut any = Vector::splat(token, 0);
    for (digests, word) in digests.iter().zip(words) {
        *word = hash_again(token, digests);
        any = any.or(word.clear_of(Vector::splat(token, bits)));
    }
    any.has_any()
}

/// The last words of the digests' digests: h, which is e after round 60, and f one round later.
#[inline(always)]
fn hash_again(token: Token, digests: &[State; STREAMS]) -> Vector {
    let padding = [[0x8000_0000, 0, 0, 0], [0, 0, 0, 256]];
    let [padding, length] = padding.map(|words| [Vector::load(token, &words); STREAMS]);
    let mut w = [padding, padding, padding, length];
    for (s, State { abef, cdgh }) in digests.iter().enumerate() {
        let (abef, ghcd) = (abef.reordered::<0x1b>(), cdgh.reordered::<0xb1>());
        w[0][s] = abef.with_upper_of(ghcd);
        w[1][s] = abef.followed_by::<8>(ghcd);
    }
    let mut states = [State::new(token, INITIAL); STREAMS];
    rounds::<STREAMS, 0, 31>(token, &mut states, w, &mut ());
    let [low, high] = [0, 2].map(|s| states[s].abef.lower_words(states[s + 1].abef));
    low.lower_halves(high).add(Vector::splat(token, INITIAL[7]))
}
