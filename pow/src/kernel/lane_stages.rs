//! The [stages](Stages) of a hash in lanes.
//!
//! Each stage is a loop over groups of nonces. It becomes one function per instruction set and
//! shape, with everything in it inlined. The batch that passes from stage to stage stays in the
//! first-level cache.

use super::rounds::{Beside, Constants, Start, finish};
#[cfg(doc)]
use super::stages::Stages;
use super::stages::{Out, Varying};
use crate::lanes::Lanes;
#[cfg(target_arch = "x86_64")]
use crate::lanes::pair::Pair;
use crate::plan::Pass;
use crate::plan::shape::{Constant, SecondHash, Shape};
use crate::plan::uniform::Uniform;
use std::array::from_fn;
use std::hint::black_box;

/// The sum of all words of these groups: [`Stages::sum`].
#[inline(always)]
pub(crate) fn sum<L: Lanes>(token: L::Token, words: &[L]) -> u32 {
    let sums = words.iter().fold(L::splat(token, 0), |sums, word| sums.add(*word)).store();
    sums.as_ref().iter().copied().fold(0, u32::wrapping_add)
}

/// The block with the varying word, of shape `S`: [`Stages::varying`]. One loop gives states and
/// words, so that it is compiled once.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(crate) fn varying<L: Lanes, S: Shape>(
    token: L::Token,
    block: Varying<'_>,
    mut out: Out<'_, [L; 8], L>,
) -> bool {
    let mut lanes = 0;
    for (group, values) in block.values.chunks_exact(L::COUNT).enumerate() {
        let state = varying_rounds::<L, S>(token, block.pass, values, &mut ());
        lanes |= put(token, state, block.pass, &mut out, group);
    }
    lanes != 0
}

/// The same, of a shape in which the varying word is one of several: less code to compile, and a
/// few more instructions.
#[inline(always)]
pub(crate) fn varying_among<L: Lanes, S: Shape>(
    token: L::Token,
    block: Varying<'_>,
    mut out: Out<'_, [L; 8], L>,
) -> bool {
    let Varying { word, pass, values } = block;
    let uniform = uniform_without(pass, S::WORDS);
    let mut lanes = 0;
    for (group, values) in values.chunks_exact(L::COUNT).enumerate() {
        let values = L::load(token, values);
        let words: [L; 16] = from_fn(|i| {
            let same = L::splat(token, pass.first.partial[i]);
            if i == word { same.add(values) } else { same }
        });
        let state = rounds::<L, S>(token, &uniform, words[S::FIRST], words, &mut ());
        lanes |= put(token, state, pass, &mut out, group);
    }
    lanes != 0
}

/// The part that does not depend on these words of the block. The last constant includes the
/// feed-forward of a, as in a pass.
fn uniform_without(pass: &Pass, words: u16) -> Uniform {
    let mut midstate = pass.feed;
    midstate[4] = midstate[4].wrapping_add(midstate[0]);
    let others = from_fn(|i| if words >> i & 1 == 1 { 0 } else { pass.first.partial[i] });
    let mut uniform = Uniform::new(midstate, &others, words);
    uniform.keyed[63] = uniform.keyed[63].wrapping_add(midstate[0]);
    uniform
}

/// Writes a group's output of the varying block. Returns the lanes whose word may be of interest.
#[inline(always)]
fn put<L: Lanes>(
    token: L::Token,
    state: [L; 8],
    pass: &Pass,
    out: &mut Out<'_, [L; 8], L>,
    group: usize,
) -> u32 {
    match out {
        Out::States(states) => {
            states[group] = feed(token, state, pass);
            0
        }
        Out::Words(words, bits) => {
            words[group] = state[0];
            state[0].clear_of(L::splat(token, *bits))
        }
    }
}

/// The block with the varying word, for one group, with other work beside it: the state, fed
/// forward.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(crate) fn varying_group<L: Lanes, S: Shape>(
    token: L::Token,
    pass: &Pass,
    values: &[u32],
    beside: &mut impl Beside<L>,
) -> [L; 8] {
    feed(token, varying_rounds::<L, S>(token, pass, values, beside), pass)
}

/// The varying block as the last of a header that is hashed twice: [`Stages::bitcoin`].
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(crate) fn varying_twice<L: Lanes, S: Shape>(
    token: L::Token,
    block: Varying<'_>,
    second: &Uniform,
    _: &mut [[L; 8]],
    words: &mut [L],
    bits: u32,
) -> bool {
    let mut lanes = 0;
    for (values, out) in block.values.chunks_exact(L::COUNT).zip(words) {
        let digest = varying_group::<L, S>(token, block.pass, values, &mut ());
        *out = hash_again(token, digest, second);
        lanes |= out.clear_of(L::splat(token, bits));
    }
    lanes != 0
}

/// The same in two loops, with room for the digests. Where a rotation takes three instructions, one
/// loop for both hashes would fill the first-level instruction cache and overflow the cache of
/// decoded instructions.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(crate) fn varying_then_again<L: Lanes, S: Shape>(
    token: L::Token,
    block: Varying<'_>,
    second: &Uniform,
    digests: &mut [[L; 8]],
    words: &mut [L],
    bits: u32,
) -> bool {
    for (values, digest) in block.values.chunks_exact(L::COUNT).zip(&mut *digests) {
        *digest = varying_group::<L, S>(token, block.pass, values, &mut ());
    }
    again(token, digests, second, words, bits)
}

/// The blocks after the varying one: [`Stages::later`]. Two groups are hashed side by
/// side; the last may be hashed twice.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(crate) fn later_paired<L: Lanes>(
    token: L::Token,
    tails: &[[u32; 64]],
    more: &[[u32; 64]],
    states: &[[L; 8]],
    mut out: Out<'_, [L; 8], L>,
) -> bool {
    let mut lanes = 0;
    for first in (0..states.len()).step_by(2) {
        let second = (first + 1).min(states.len() - 1);
        let state: [Pair<L>; 8] = from_fn(|i| Pair(states[first][i], states[second][i]));
        let start = ready(token, state, &tails[0]);
        for (tail, row) in tails.iter().enumerate() {
            let (mut row, mut more) = (row, more.iter());
            let (mut before, mut start) = (state, start);
            let after = loop {
                let after = constant_rounds(token, &start, row);
                let Some(next) = more.next() else { break after };
                before = from_fn(|i| after[i].add(before[i]));
                (row, start) = (next, ready(token, before, next));
            };
            let [one, two] = [first, second].map(|group| group * tails.len() + tail);
            match &mut out {
                Out::States(digests) => {
                    let digest: [Pair<L>; 8] = from_fn(|i| after[i].add(before[i]));
                    digests[one] = from_fn(|i| digest[i].0);
                    digests[two] = from_fn(|i| digest[i].1);
                }
                Out::Words(words, bits) => {
                    let word = after[0].add(before[0]);
                    (words[one], words[two]) = (word.0, word.1);
                    lanes |= word.clear_of(Pair::splat(token, *bits));
                }
            }
        }
    }
    lanes != 0
}

/// The blocks after the varying one: [`Stages::later`].
#[inline(always)]
pub(crate) fn later<L: Lanes>(
    token: L::Token,
    tails: &[[u32; 64]],
    more: &[[u32; 64]],
    states: &[[L; 8]],
    out: Out<'_, [L; 8], L>,
) -> bool {
    let mut lanes = 0;
    let (mut digests, mut words, bits) = match out {
        Out::States(states) => (states.iter_mut(), [].iter_mut(), 0),
        Out::Words(words, bits) => ([].iter_mut(), words.iter_mut(), bits),
    };
    for state in states {
        let first = ready(token, *state, &tails[0]);
        for row in tails {
            let (mut row, mut more) = (row, more.iter());
            let (mut before, mut start) = (*state, first);
            loop {
                let after = constant_rounds(token, &start, row);
                let next = more.next();
                if next.is_none()
                    && let Some(word) = words.next()
                {
                    *word = after[0].add(before[0]);
                    lanes |= word.clear_of(L::splat(token, bits));
                    break;
                }
                before = from_fn(|i| after[i].add(before[i]));
                let Some(next) = next else {
                    if let Some(digest) = digests.next() {
                        *digest = before;
                    }
                    break;
                };
                (row, start) = (next, ready(token, before, next));
            }
        }
    }
    lanes != 0
}

/// The second of two hashes: [`Stages::again`].
#[inline(always)]
pub(crate) fn again<L: Lanes>(
    token: L::Token,
    digests: &[[L; 8]],
    second: &Uniform,
    words: &mut [L],
    bits: u32,
) -> bool {
    let mut lanes = 0;
    for (digest, word) in digests.iter().zip(words) {
        *word = hash_again(token, *digest, second);
        lanes |= word.clear_of(L::splat(token, bits));
    }
    lanes != 0
}

/// The rounds of a block with varying words. `first` is added to the word that the uniform part
/// assumes for the first varying one.
#[inline(always)]
fn rounds<L: Lanes, S: Shape>(
    token: L::Token,
    uniform: &Uniform,
    first: L,
    w: [L; 16],
    beside: &mut impl Beside<L>,
) -> [L; 8] {
    // Hidden from the compiler, which would otherwise keep a vector of every constant in memory
    // across all groups.
    let uniform = black_box(uniform);
    let mut state = from_fn(|i| L::splat(token, uniform.state[i]));
    state[0] = state[0].add(first);
    state[4] = state[4].add(first);
    let keyed = from_fn(|i| L::splat(token, uniform.keyed[S::FIRST + 1 + i]));
    let constants = Constants { keyed: &uniform.keyed, partial: &uniform.partial };
    finish::<L, S>(token, &Start { state, keyed, w }, constants, beside)
}

/// The rounds of the block with the varying word. Of the working variables, only a includes the
/// feed-forward.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn varying_rounds<L: Lanes, S: Shape>(
    token: L::Token,
    pass: &Pass,
    values: &[u32],
    beside: &mut impl Beside<L>,
) -> [L; 8] {
    let values = L::load(token, values);
    let words = [values.add(L::splat(token, pass.word)); 16];
    rounds::<L, S>(token, &pass.first, values, words, beside)
}

/// The feed-forward after the varying block (FIPS 180-4, section 6.2.2, step 4).
#[inline(always)]
fn feed<L: Lanes>(token: L::Token, state: [L; 8], pass: &Pass) -> [L; 8] {
    let feed = black_box(&pass.feed);
    from_fn(|i| if i == 0 { state[0] } else { state[i].add(L::splat(token, feed[i])) })
}

/// The second hash: the last word of the digest's digest.
#[inline(always)]
fn hash_again<L: Lanes>(token: L::Token, digest: [L; 8], second: &Uniform) -> L {
    rounds::<L, SecondHash>(token, second, digest[0], from_fn(|i| digest[i % 8]), &mut ())[4]
}

/// The first round of a block with known schedule, without the row's first word; and h + K + W of
/// the next three rounds, which do not depend on it.
#[inline(always)]
#[expect(clippy::many_single_char_names, reason = "the standard's names")]
fn ready<L: Lanes>(token: L::Token, [a, b, c, d, e, f, g, h]: [L; 8], row: &[u32; 64]) -> Start<L> {
    let t1 = h.add(e.choose(f, g)).add(e.big_sigma1());
    let next = t1.add(a.big_sigma0().add(a.majority(b, c)));
    let keyed = [g, f, e];
    let keyed = from_fn(|i| keyed[i].add(L::splat(token, row[i + 1])));
    Start { state: [next, a, b, c, d.add(t1), e, f, g], keyed, w: [a; 16] }
}

/// The rounds of a block with known schedule.
#[inline(always)]
fn constant_rounds<L: Lanes>(token: L::Token, start: &Start<L>, row: &[u32; 64]) -> [L; 8] {
    let row = black_box(row);
    let mut state = start.state;
    state[0] = state[0].add(L::splat(token, row[0]));
    state[4] = state[4].add(L::splat(token, row[0]));
    let constants = Constants { keyed: row, partial: row };
    finish::<L, Constant>(token, &Start { state, ..*start }, constants, &mut ())
}
