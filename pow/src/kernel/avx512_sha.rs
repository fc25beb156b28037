//! AVX-512 for blocks whose schedule differs from lane to lane, SHA extensions for the others.
//!
//! A block with known schedule consists of rounds alone. The SHA unit does them in 32 instructions
//! a hash, and leaves most of the vector units free: while the lanes hash one group's varying
//! block, the SHA unit hashes the next block of the group before. This is faster than lanes alone
//! on cores whose SHA unit starts one instruction a cycle.

#![allow(unsafe_code, reason = "instructions that a token proves the CPU to have")]

use super::isa::by_word;
use super::lane_stages;
use super::rounds::Beside;
use super::sha_ni::{
    self, STREAMS, State, Vector, fed_forward, first_words, known_block, known_rounds,
};
use super::stages::{Out, Stages, Varying};
use crate::lanes::Lanes;
use crate::lanes::x86::avx512::{self, Avx512};
use crate::plan::shape::{Shape, Word};
use crate::plan::uniform::Uniform;
use std::array::from_fn;
use std::hint::black_box;

/// Sixteen lanes are this many sets of streams.
const SETS: usize = Avx512::COUNT / STREAMS;

/// Proof that this CPU has AVX-512F and the SHA extensions.
#[derive(Clone, Copy)]
pub(crate) struct Token {
    lanes: avx512::Token,
    streams: sha_ni::Token,
}

impl Token {
    /// The token, if this CPU has the instructions.
    pub(crate) fn detect() -> Option<Self> {
        Some(Self { lanes: avx512::Token::detect()?, streams: sha_ni::Token::detect()? })
    }
}

/// The states of sixteen lanes as streams: stream `s` of set `i` is lane 4 i + s. Row `s` holds
/// stream `s` of every set, four words each.
#[repr(align(64))]
struct Sets {
    /// f, e, b, a: a vector of [`State`] from the bottom.
    abef: [[u32; 16]; STREAMS],
    /// h, g, d, c.
    cdgh: [[u32; 16]; STREAMS],
}

impl Sets {
    fn new() -> Self {
        Self { abef: [[0; 16]; STREAMS], cdgh: [[0; 16]; STREAMS] }
    }

    /// Takes the states of a group.
    #[inline]
    #[target_feature(enable = "avx512f,sha")]
    #[expect(clippy::many_single_char_names, reason = "the standard's names")]
    fn fill(&mut self, [a, b, c, d, e, f, g, h]: [Avx512; 8]) {
        self.abef = Avx512::interleave([f, e, b, a]).map(Lanes::store);
        self.cdgh = Avx512::interleave([h, g, d, c]).map(Lanes::store);
        // Hidden from the compiler, which would otherwise split the vectors in registers instead of
        // reading their parts from memory.
        black_box(self);
    }

    #[inline]
    #[target_feature(enable = "avx512f,sha")]
    fn get(&self, token: sha_ni::Token, set: usize) -> [State; STREAMS] {
        from_fn(|s| State {
            abef: Vector::load(token, &self.abef[s].as_chunks().0[set]),
            cdgh: Vector::load(token, &self.cdgh[s].as_chunks().0[set]),
        })
    }

    #[inline]
    #[target_feature(enable = "avx512f,sha")]
    fn put(&mut self, set: usize, states: [State; STREAMS]) {
        for (s, State { abef, cdgh }) in states.into_iter().enumerate() {
            self.abef[s].as_chunks_mut().0[set] = abef.store();
            self.cdgh[s].as_chunks_mut().0[set] = cdgh.store();
        }
    }

    /// Hashes a block with known schedule.
    #[inline(never)]
    #[target_feature(enable = "avx512f,sha")]
    fn advance(&mut self, token: sha_ni::Token, keyed: &[u32; 64]) {
        for set in 0..SETS {
            self.put(set, known_block(token, self.get(token, set), keyed));
        }
    }

    /// Hashes a block with known schedule from other states.
    #[inline(never)]
    #[target_feature(enable = "avx512f,sha")]
    fn take_after(&mut self, token: sha_ni::Token, before: &Self, keyed: &[u32; 64]) {
        for set in 0..SETS {
            self.put(set, known_block(token, before.get(token, set), keyed));
        }
    }

    /// The first words of all states, as lanes.
    #[inline]
    #[target_feature(enable = "avx512f,sha")]
    fn first_words(&self, token: Token) -> Avx512 {
        as_lanes(token, from_fn(|set| first_words(&self.get(token.streams, set)).store()))
    }

    /// The first words of all states after blocks with known schedule, as lanes.
    #[inline(never)]
    #[target_feature(enable = "avx512f,sha")]
    fn first_words_after_all(&mut self, token: Token, blocks: &[[u32; 64]]) -> Avx512 {
        let Some((last, others)) = blocks.split_last() else { return self.first_words(token) };
        for keyed in others {
            self.advance(token.streams, keyed);
        }
        self.first_words_after(token, last)
    }

    /// The first words of all states after one block with known schedule, as lanes. Stores no
    /// state.
    #[inline]
    #[target_feature(enable = "avx512f,sha")]
    fn first_words_after(&self, token: Token, keyed: &[u32; 64]) -> Avx512 {
        let streams = token.streams;
        let words = |set| first_words(&known_block(streams, self.get(streams, set), keyed));
        as_lanes(token, from_fn(|set| words(set).store()))
    }
}

/// A word of every stream, as lanes.
#[inline]
#[target_feature(enable = "avx512f,sha")]
fn as_lanes(token: Token, words: [[u32; STREAMS]; SETS]) -> Avx512 {
    Avx512::load(token.lanes, words.as_flattened())
}

/// A block with known schedule, hashed set by set beside the rounds of lanes.
struct KnownBlock<'a> {
    token: sha_ni::Token,
    sets: &'a mut Sets,
    keyed: &'a [u32; 64],
    /// The states of the current set.
    states: [State; STREAMS],
}

/// The quartets of a block for all sets. A quartet is four rounds of one set's streams.
const QUARTETS: usize = SETS * 16;

/// How many quartets are done before step `t` of a block whose first step is number `first`. Zero
/// for earlier steps, which are compiled but never run.
const fn done_before(t: usize, first: usize) -> usize {
    t.saturating_sub(first) * QUARTETS / (64 - first)
}

impl<'a> KnownBlock<'a> {
    #[inline]
    #[target_feature(enable = "avx512f,sha")]
    fn new(token: sha_ni::Token, sets: &'a mut Sets, keyed: &'a [u32; 64]) -> Self {
        Self { states: sets.get(token, 0), token, sets, keyed }
    }

    #[inline]
    #[target_feature(enable = "avx512f,sha")]
    fn quartet(&mut self, number: usize, e: Avx512) -> Avx512 {
        let (set, rounds) = (number / 16, number % 16);
        if rounds == 0 {
            self.states = self.sets.get(self.token, set);
        }
        known_rounds(self.token, &mut self.states, &self.keyed.as_chunks().0[rounds]);
        let e = e.in_step_with(self.states.each_mut().map(State::vectors));
        if rounds == 15 {
            self.sets.put(set, fed_forward(self.states, self.sets.get(self.token, set)));
        }
        e
    }
}

impl Beside<Avx512> for KnownBlock<'_> {
    #[inline(always)]
    fn step<S: Shape, const T: usize>(&mut self, e: Avx512) -> Avx512 {
        const { assert!(S::LAST == 63, "all quartets are done after the last step") };
        let quartets = const { done_before(T, S::FIRST + 1)..done_before(T + 1, S::FIRST + 1) };
        // SAFETY: only functions that have these features make this type's values.
        quartets.fold(e, |e, number| unsafe { self.quartet(number, e) })
    }
}

/// The varying block in lanes, and beside it the next block of the group before:
/// [`Stages::varying_and_later`].
#[target_feature(enable = "avx512f,sha")]
fn varying_and_later<S: Shape>(
    token: Token,
    block: Varying<'_>,
    tail: &[u32; 64],
    more: &[[u32; 64]],
    words: &mut [Avx512],
    bits: u32,
) -> bool {
    let (mut sets, [mut state]) = (Sets::new(), [token.zero().0]);
    let (first, rest) = block.values.split_at(Avx512::COUNT);
    token
        .varying(Varying { values: first, ..block }, Out::States(std::slice::from_mut(&mut state)));
    let mut rest = rest.chunks_exact(Avx512::COUNT);
    let mut any = 0;
    for word in words {
        sets.fill(state);
        if let Some(values) = rest.next() {
            let mut beside = KnownBlock::new(token.streams, &mut sets, tail);
            state = lane_stages::varying_group::<Avx512, S>(
                token.lanes,
                block.pass,
                values,
                &mut beside,
            );
        } else {
            sets.advance(token.streams, tail);
        }
        *word = sets.first_words_after_all(token, more);
        any |= word.clear_of(Avx512::splat(token.lanes, bits));
    }
    any != 0
}

/// The blocks after the varying one: [`Stages::later`].
#[target_feature(enable = "avx512f,sha")]
fn later(
    token: Token,
    tails: &[[u32; 64]],
    more: &[[u32; 64]],
    states: &[[Avx512; 8]],
    words: &mut [Avx512],
    bits: u32,
) -> bool {
    let (mut before, mut after) = (Sets::new(), Sets::new());
    let mut any = 0;
    for (state, words) in states.iter().zip(words.chunks_exact_mut(tails.len())) {
        before.fill(*state);
        for (tail, word) in tails.iter().zip(words) {
            *word = if more.is_empty() {
                before.first_words_after(token, tail)
            } else {
                after.take_after(token.streams, &before, tail);
                after.first_words_after_all(token, more)
            };
            any |= word.clear_of(Avx512::splat(token.lanes, bits));
        }
    }
    any != 0
}

/// Defines stages that are those of lanes.
macro_rules! by_lanes {
    ($(fn $stage:ident($($argument:ident: $type:ty),*) -> $result:ty;)*) => {$(
        fn $stage(self, $($argument: $type),*) -> $result {
            self.lanes.$stage($($argument),*)
        }
    )*};
}

impl Stages for Token {
    const COUNT: usize = Avx512::COUNT;
    type State = [Avx512; 8];
    type Word = Avx512;

    by_lanes! {
        fn zero() -> ([Avx512; 8], Avx512);
        fn store(word: Avx512) -> impl AsRef<[u32]>;
        fn sum(words: &[Avx512]) -> u32;
        fn varying(block: Varying<'_>, out: Out<'_, [Avx512; 8], Avx512>) -> bool;
        fn bitcoin(
            block: Varying<'_>,
            second: &Uniform,
            digests: &mut [[Avx512; 8]],
            words: &mut [Avx512],
            bits: u32
        ) -> bool;
        fn again(
            digests: &[[Avx512; 8]],
            second: &Uniform,
            words: &mut [Avx512],
            bits: u32
        ) -> bool;
    }

    fn later(
        self,
        tails: &[[u32; 64]],
        more: &[[u32; 64]],
        states: &[[Avx512; 8]],
        out: Out<'_, [Avx512; 8], Avx512>,
    ) -> bool {
        match out {
            // SAFETY: the token proves that the CPU has the features.
            Out::Words(words, bits) => unsafe { later(self, tails, more, states, words, bits) },
            Out::States(_) => self.lanes.later(tails, more, states, out),
        }
    }

    fn varying_and_later(
        self,
        block: Varying<'_>,
        tail: &[u32; 64],
        more: &[[u32; 64]],
        _: &mut [[Avx512; 8]],
        words: &mut [Avx512],
        bits: u32,
    ) -> bool {
        by_word!(block.word, WORD => varying_and_later::<Word<WORD>>(self, block, tail, more, words, bits))
    }
}
