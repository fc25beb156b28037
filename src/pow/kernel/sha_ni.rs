//! The stages with the SHA extensions: an instruction does two rounds of one hash, so streams take the place of lanes.
//!
//! Two rounds wait for the two before them, longer than the unit needs between two instructions: several streams side by
//! side keep it busy. They share the constants of a block, so a block with known schedule is loads and rounds only.

#![allow(unsafe_code, reason = "instructions that a token proves the CPU to have")]

use super::stages::{Out, Stages, Varying};
use crate::pow::plan::uniform::Uniform;
use crate::pow::sha256::{self, INITIAL, K};
#[allow(clippy::wildcard_imports, reason = "intrinsics have names of their own")]
use core::arch::x86_64::*;
use std::array::from_fn;
use std::hint::black_box;

/// How many hashes go side by side.
pub(super) const STREAMS: usize = 4;

/// Proof that this CPU has the SHA extensions.
#[derive(Clone, Copy)]
pub(crate) struct Token(());

impl Token {
    /// The token, if this CPU has the instructions.
    pub(crate) fn detect() -> Option<Self> {
        (is_x86_feature_detected!("sha") && is_x86_feature_detected!("avx")).then_some(Self(()))
    }
}

/// One hash's state as `sha256rnds2` wants it: a, b, e, f from the top of the first vector; c, d, g, h of the second.
pub(super) type State = [__m128i; 2];

/// What a stage makes of groups.
type GroupsOut<'a> = Out<'a, [State; STREAMS], [u32; STREAMS]>;

/// Sixteen schedule words of each stream, four in a vector, the first at the bottom.
type Schedule = [[__m128i; STREAMS]; 4];

#[inline]
#[target_feature(enable = "sha,avx")]
pub(super) fn load(words: &[u32]) -> __m128i {
    let words: &[u32; 4] = words.first_chunk().expect("four words");
    // SAFETY: the array has the 16 bytes that are read, unaligned.
    unsafe { _mm_loadu_si128(words.as_ptr().cast()) }
}

/// The first two words, at the bottom of a vector.
#[inline]
#[target_feature(enable = "sha,avx")]
fn load_two(words: &[u32; 2]) -> __m128i {
    // SAFETY: the array has the 8 bytes that are read, unaligned.
    unsafe { _mm_loadl_epi64(words.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "sha,avx")]
pub(super) fn store(words: &mut [u32; 4], vector: __m128i) {
    // SAFETY: the array has room for the 16 bytes written, unaligned.
    unsafe { _mm_storeu_si128(words.as_mut_ptr().cast(), vector) }
}

#[inline]
#[target_feature(enable = "sha,avx")]
#[expect(clippy::many_single_char_names, reason = "the standard's names")]
fn state([a, b, c, d, e, f, g, h]: [u32; 8]) -> State {
    [load(&[f, e, b, a]), load(&[h, g, d, c])]
}

/// Four rounds of all streams, given each its K + W.
#[inline]
#[target_feature(enable = "sha,avx")]
fn four_rounds(states: &mut [State; STREAMS], keyed: [__m128i; STREAMS]) {
    for ([abef, cdgh], keyed) in states.iter_mut().zip(keyed) {
        *cdgh = _mm_sha256rnds2_epu32(*cdgh, *abef, keyed);
        *abef = _mm_sha256rnds2_epu32(*abef, *cdgh, _mm_shuffle_epi32::<0x0e>(keyed));
    }
}

/// The schedule's next four words, in the place of those sixteen before them: number `i` of the block's vectors.
#[inline]
#[target_feature(enable = "sha,avx")]
fn extend(w: &mut Schedule, i: usize) {
    let [first, second, third, latest] = from_fn(|back| w[(i + back) % 4]);
    w[i % 4] = from_fn(|s| {
        let seven_back = _mm_alignr_epi8::<4>(latest[s], third[s]);
        let sum = _mm_add_epi32(_mm_sha256msg1_epu32(first[s], second[s]), seven_back);
        _mm_sha256msg2_epu32(sum, latest[s])
    });
}

/// The rounds of a block from vector number `FIRST` of its schedule on, without the last two if `SHORT`.
#[inline]
#[target_feature(enable = "sha,avx")]
fn rounds<const FIRST: usize, const SHORT: bool>(states: &mut [State; STREAMS], mut w: Schedule) {
    let k = black_box(&K);
    for i in FIRST..15 + usize::from(!SHORT) {
        if i >= 4 {
            extend(&mut w, i);
        }
        four_rounds(states, from_fn(|s| _mm_add_epi32(w[i % 4][s], load(&k[4 * i..]))));
    }
    if SHORT {
        extend(&mut w, 15);
        for (s, [abef, cdgh]) in states.iter_mut().enumerate() {
            let keyed = _mm_add_epi32(w[3][s], load(&k[60..]));
            *abef = _mm_sha256rnds2_epu32(*cdgh, *abef, keyed);
        }
    }
}

#[inline]
#[target_feature(enable = "sha,avx")]
fn add(x: State, y: State) -> State {
    [_mm_add_epi32(x[0], y[0]), _mm_add_epi32(x[1], y[1])]
}

/// The first words of the streams' states.
#[inline]
#[target_feature(enable = "sha,avx")]
pub(super) fn first_words(states: &[State; STREAMS]) -> [u32; STREAMS] {
    let [low, high] = [0, 2].map(|s| _mm_unpackhi_epi32(states[s][0], states[s + 1][0]));
    let mut words = [0; STREAMS];
    store(&mut words, _mm_unpackhi_epi64(low, high));
    words
}

/// The block with the varying word in vector `QUARTER`, for a group of values: the state, fed forward.
#[target_feature(enable = "sha,avx")]
fn varying<const QUARTER: usize>(block: Varying<'_>, mut out: GroupsOut<'_>) -> bool {
    let Varying { word, pass, values } = block;
    let mut midstate = pass.feed;
    midstate[4] = midstate[4].wrapping_add(midstate[0]);
    let partial = &pass.first.partial;
    let before = (0..4 * QUARTER)
        .fold(midstate, |state, t| sha256::round(state, K[t].wrapping_add(partial[t])));
    let (before, midstate) = (state(before), state(midstate));
    let mut place = [0; 4];
    place[word % 4] = u32::MAX;
    let place = load(&place);
    let mut any = false;
    for (group, values) in values.chunks_exact(STREAMS).enumerate() {
        let mut states = [before; STREAMS];
        let mut w: Schedule = from_fn(|i| [load(&partial[4 * i..]); STREAMS]);
        for s in 0..STREAMS {
            let value = _mm_and_si128(_mm_set1_epi32(values[s].cast_signed()), place);
            w[QUARTER][s] = _mm_add_epi32(w[QUARTER][s], value);
        }
        rounds::<QUARTER, false>(&mut states, w);
        let states = fed_forward(states, [midstate; STREAMS]);
        match &mut out {
            Out::States(out) => out[group] = states,
            Out::Words(words, bits) => {
                any |= put(&mut words[group], first_words(&states), *bits);
            }
        }
    }
    any
}

/// Stores words; says whether any of them has none of the bits.
#[inline]
fn put(out: &mut [u32; STREAMS], words: [u32; STREAMS], bits: u32) -> bool {
    *out = words;
    words.iter().any(|word| word & bits == 0)
}

/// A block with known schedule, given K + W: the states, fed forward. Loads and rounds only: the unit takes two words of
/// K + W at a time, and two loads cost less than one and a shuffle.
#[inline]
#[target_feature(enable = "sha,avx")]
pub(super) fn known_block(before: [State; STREAMS], keyed: &[u32; 64]) -> [State; STREAMS] {
    let mut states = before;
    // Hidden from the compiler, which would else copy the row to where it does not have to load it from.
    for four in black_box(keyed).as_chunks().0 {
        known_rounds(&mut states, four);
    }
    fed_forward(states, before)
}

/// Four rounds of all streams, given the K + W that they share.
#[inline]
#[target_feature(enable = "sha,avx")]
pub(super) fn known_rounds(states: &mut [State; STREAMS], [k, l, m, n]: &[u32; 4]) {
    let keyed = load_two(&[*k, *l]);
    for [abef, cdgh] in &mut *states {
        *cdgh = _mm_sha256rnds2_epu32(*cdgh, *abef, keyed);
    }
    let keyed = load_two(&[*m, *n]);
    for [abef, cdgh] in states {
        *abef = _mm_sha256rnds2_epu32(*abef, *cdgh, keyed);
    }
}

/// The feed-forward (FIPS 180-4, section 6.2.2, step 4).
#[inline]
#[target_feature(enable = "sha,avx")]
pub(super) fn fed_forward(states: [State; STREAMS], before: [State; STREAMS]) -> [State; STREAMS] {
    from_fn(|s| add(states[s], before[s]))
}

/// Groups whose blocks take turns, so that none waits for its own block before.
const TURNS: usize = 4;

/// The blocks with known schedule.
#[target_feature(enable = "sha,avx")]
fn later(
    tails: &[[u32; 64]],
    more: &[[u32; 64]],
    states: &[[State; STREAMS]],
    mut out: GroupsOut<'_>,
) -> bool {
    let mut any = false;
    for (turn, groups) in states.chunks(TURNS).enumerate() {
        let mut after = [groups[0]; TURNS];
        for (tail, keyed) in tails.iter().enumerate() {
            for (after, before) in after.iter_mut().zip(groups) {
                *after = known_block(*before, keyed);
            }
            for keyed in more {
                for state in &mut after[..groups.len()] {
                    *state = known_block(*state, keyed);
                }
            }
            for (group, state) in after[..groups.len()].iter().enumerate() {
                let i = (turn * TURNS + group) * tails.len() + tail;
                match &mut out {
                    Out::States(out) => out[i] = *state,
                    Out::Words(words, bits) => any |= put(&mut words[i], first_words(state), *bits),
                }
            }
        }
    }
    any
}

/// The second of two hashes. Its digest's last word is f after round 61.
#[target_feature(enable = "sha,avx")]
fn again(digests: &[[State; STREAMS]], words: &mut [[u32; STREAMS]], bits: u32) -> bool {
    let (padding, length) = (load(&[0x8000_0000, 0, 0, 0]), load(&[0, 0, 0, 256]));
    let initial = state(INITIAL);
    let mut any = false;
    for (digests, out) in digests.iter().zip(words) {
        let mut w: Schedule =
            [[padding; STREAMS], [padding; STREAMS], [padding; STREAMS], [length; STREAMS]];
        for (s, [abef, cdgh]) in digests.iter().enumerate() {
            let (abef, ghcd) = (_mm_shuffle_epi32::<0x1b>(*abef), _mm_shuffle_epi32::<0xb1>(*cdgh));
            w[0][s] = _mm_blend_epi16::<0xf0>(abef, ghcd);
            w[1][s] = _mm_alignr_epi8::<8>(ghcd, abef);
        }
        let mut states = [initial; STREAMS];
        rounds::<0, true>(&mut states, w);
        let last =
            from_fn(|s| _mm_cvtsi128_si32(states[s][0]).cast_unsigned().wrapping_add(INITIAL[7]));
        any |= put(out, last, bits);
    }
    any
}

impl Stages for Token {
    const COUNT: usize = STREAMS;
    type State = [State; STREAMS];
    type Word = [u32; STREAMS];

    fn zero(self) -> (Self::State, Self::Word) {
        // SAFETY: the token proves that the CPU has the features.
        ([unsafe { state([0; 8]) }; STREAMS], [0; STREAMS])
    }

    fn store(self, word: Self::Word) -> impl AsRef<[u32]> {
        word
    }

    fn sum(self, words: &[Self::Word]) -> u32 {
        words.as_flattened().iter().copied().fold(0, u32::wrapping_add)
    }

    fn varying(self, block: Varying<'_>, out: GroupsOut<'_>) -> bool {
        // SAFETY: the token proves that the CPU has the features.
        unsafe {
            match block.word / 4 {
                0 => varying::<0>(block, out),
                1 => varying::<1>(block, out),
                2 => varying::<2>(block, out),
                _ => varying::<3>(block, out),
            }
        }
    }

    fn bitcoin(
        self,
        block: Varying<'_>,
        second: &Uniform,
        words: &mut [Self::Word],
        bits: u32,
    ) -> bool {
        let mut digests = vec![self.zero().0; words.len()];
        self.varying(block, Out::States(&mut digests));
        self.again(&digests, second, words, bits)
    }

    fn later(
        self,
        tails: &[[u32; 64]],
        more: &[[u32; 64]],
        states: &[Self::State],
        out: GroupsOut<'_>,
    ) -> bool {
        // SAFETY: the token proves that the CPU has the features.
        unsafe { later(tails, more, states, out) }
    }

    fn again(
        self,
        digests: &[Self::State],
        _: &Uniform,
        words: &mut [Self::Word],
        bits: u32,
    ) -> bool {
        // SAFETY: the token proves that the CPU has the features.
        unsafe { again(digests, words, bits) }
    }
}
