//! The rounds of a block, several streams side by side: with a schedule of their own, or with one
//! that all share.

use super::vector::{STREAMS, State, Token, Vector};
use crate::sha256::K;
use std::array::from_fn;
use std::hint::black_box;

/// Sixteen schedule words of each stream, four in a vector: vector number i of the block's sixteen
/// at place i mod 4.
pub(super) type Schedule<const N: usize> = [[Vector; N]; 4];

/// Pairs of rounds in a block: `sha256rnds2` does a pair.
pub(super) const PAIRS: usize = 32;

/// The number of the first pair of rounds that differs from stream to stream when word number
/// `word` does. An odd word's round is the second of its pair: all streams share that pair, and
/// then add the word itself to a and e.
pub(super) const fn first_pair(word: usize) -> usize {
    word.div_ceil(2)
}

/// Rounds of other streams, done beside those of a block with its own schedule.
pub(super) trait Beside<const N: usize> {
    /// Does some rounds beside those of vector number `I` of a block whose word number `WORD`
    /// varies, and then stops the compiler from moving rounds across this place.
    fn step<const I: usize, const WORD: usize>(&mut self, states: &mut [State; N]);
}

/// No rounds beside four streams.
impl Beside<4> for () {
    #[inline(always)]
    fn step<const I: usize, const WORD: usize>(&mut self, states: &mut [State; 4]) {
        State::hold_in_step(states.each_mut());
    }
}

/// The rounds of a block whose first varying word is number `WORD`, up to pair number `END`, for
/// `N` streams with their own schedules. Written out, so that the schedule's places are known at
/// compile time.
#[inline(always)]
pub(super) fn rounds<const N: usize, const WORD: usize, const END: usize>(
    token: Token,
    states: &mut [State; N],
    mut w: Schedule<N>,
    beside: &mut impl Beside<N>,
) {
    macro_rules! vectors {
        ($($i:literal)*) => {
            $(vector::<N, WORD, END, $i>(token, states, &mut w, beside);)*
        };
    }
    vectors!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
}

/// Those of the [`rounds`] that take vector number `I` of the schedule. Computes vector number `I +
/// 1`, too, so that it is ready when its rounds begin.
#[inline(always)]
fn vector<const N: usize, const WORD: usize, const END: usize, const I: usize>(
    token: Token,
    states: &mut [State; N],
    w: &mut Schedule<N>,
    beside: &mut impl Beside<N>,
) {
    for (s, state) in states.iter_mut().enumerate() {
        let keyed = w[I % 4][s].add(Vector::load(token, &K.as_chunks().0[I]));
        if (4..16).contains(&(I + 1)) {
            w[(I + 1) % 4][s] = Vector::next_of_schedule(from_fn(|back| w[(I + 1 + back) % 4][s]));
        }
        if (first_pair(WORD)..END).contains(&(2 * I)) {
            state.two_rounds(keyed);
        }
        if (first_pair(WORD)..END).contains(&(2 * I + 1)) {
            state.two_rounds(keyed.reordered::<0x0e>());
        }
    }
    if first_pair(WORD) < 2 * I + 2 {
        beside.step::<I, WORD>(states);
    }
}

/// Four rounds of all streams, given the K + W that they share. An instruction takes two words of
/// K + W, and two loads cost less than one load and a shuffle.
#[inline(always)]
pub(crate) fn known_rounds<const N: usize>(
    token: Token,
    states: &mut [State; N],
    [k, l, m, n]: &[u32; 4],
) {
    for two in [[*k, *l], [*m, *n]] {
        let keyed = Vector::load_two(token, &two);
        for state in &mut *states {
            state.two_rounds(keyed);
        }
    }
}

/// A block with known schedule, given K + W: the states, fed forward. Loads and rounds only.
#[inline(always)]
pub(crate) fn known_block<const N: usize>(
    token: Token,
    before: [State; N],
    keyed: &[u32; 64],
) -> [State; N] {
    let mut states = before;
    // Hidden from the compiler, which would otherwise copy the row elsewhere before using it.
    for four in black_box(keyed).as_chunks().0 {
        known_rounds(token, &mut states, four);
    }
    fed_forward(states, before)
}

/// The feed-forward (FIPS 180-4, section 6.2.2, step 4).
#[inline(always)]
pub(crate) fn fed_forward<const N: usize>(states: [State; N], before: [State; N]) -> [State; N] {
    from_fn(|s| states[s].add(before[s]))
}

/// The first words of the streams' states.
#[inline(always)]
pub(crate) fn first_words(states: &[State; STREAMS]) -> Vector {
    let [low, high] = [0, 2].map(|s| states[s].abef.upper_words(states[s + 1].abef));
    low.upper_halves(high)
}

/// Blocks with known schedules, hashed for two streams each, beside two streams whose block has its
/// own schedule.
pub(super) struct KnownBlocks<'a, const BLOCKS: usize> {
    pub(super) token: Token,
    pub(super) states: [[State; 2]; BLOCKS],
    /// K + W of each block.
    pub(super) keyed: [&'a [u32; 64]; BLOCKS],
}

impl<const BLOCKS: usize> Beside<2> for KnownBlocks<'_, BLOCKS> {
    #[inline(always)]
    fn step<const I: usize, const WORD: usize>(&mut self, streams: &mut [State; 2]) {
        let first = const { done_before(I, WORD) };
        self.four_rounds(streams, first);
        if const { done_before(I + 1, WORD) > done_before(I, WORD) + 1 } {
            self.four_rounds(streams, first + 1);
        }
    }
}

impl<const BLOCKS: usize> KnownBlocks<'_, BLOCKS> {
    #[inline(always)]
    fn four_rounds(&mut self, [s, t]: &mut [State; 2], number: usize) {
        for block in 0..BLOCKS {
            let states = &mut self.states[block];
            known_rounds(self.token, states, &self.keyed[block].as_chunks().0[number]);
            let [u, v] = states;
            State::hold_in_step([s, t, u, v]);
        }
    }
}

/// How many of a known block's groups of four rounds are done before vector number `vector` of the
/// block beside it, whose word number `word` varies.
const fn done_before(vector: usize, word: usize) -> usize {
    let first = first_pair(word) / 2;
    vector.saturating_sub(first) * 16 / (16 - first)
}
