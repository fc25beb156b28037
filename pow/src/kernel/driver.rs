//! Walks through a stripe, the same on every instruction set: passes, batches of groups, tails.

#![allow(clippy::cast_possible_truncation, reason = "digits and table indices are small")]

use std::ops::Range;

use super::sink::{Group, Sink};
use super::stages::{Out, Stages, Varying};
use crate::plan::{Pass, Plan};
use crate::template::Hashing;

/// At most this many nonces are in a batch: their states take 16 KiB.
const BATCH: usize = 512;

/// Hashes nonces stage by stage, in its own buffers.
pub(crate) struct Driver<'a, E: Stages, S: Sink> {
    engine: E,
    plan: &'a Plan,
    /// Bits that are zero in every word of interest.
    bits: u32,
    sink: &'a mut S,
    /// The values of the low digits that are hashed.
    lows: Range<usize>,
    states: Vec<E::State>,
    digests: Vec<E::State>,
    words: Vec<E::Word>,
}

impl<'a, E: Stages, S: Sink> Driver<'a, E, S> {
    /// At most this many groups are in a batch.
    const GROUPS: usize = BATCH / E::COUNT;

    /// For the words that this sink is interested in.
    pub(crate) fn new(engine: E, plan: &'a Plan, sink: &'a mut S) -> Self {
        let (state, word) = engine.zero();
        Self {
            engine,
            plan,
            bits: plan.hashing.zero_bits(sink.limit()),
            sink,
            lows: 0..plan.layout.low_values() as usize,
            states: vec![state; Self::GROUPS],
            digests: vec![state; Self::GROUPS],
            words: vec![word; Self::GROUPS],
        }
    }

    /// Hashes the nonces from `first` to `last`, all of the plan's width, as long as they can still
    /// be the lowest.
    pub(crate) fn hash_range(&mut self, first: u64, last: u64) {
        let (table, low) = (self.plan.layout.middle_values(), self.plan.layout.low_values());
        if first / low == last / low {
            // The other digits are the same in the whole range.
            self.lows = (first % low) as usize..(last % low + 1) as usize;
        }
        let steps = if self.plan.layout.has_tails() { 0..1 } else { self.lows.clone() };
        for high in first / low / table..=last / low / table {
            let from = (first / low).saturating_sub(high * table);
            for step in steps.clone() {
                let to =
                    (self.sink.last().min(last) / low).saturating_sub(high * table).min(table - 1);
                let pass = self.plan.pass(high, step as u64);
                self.hash_pass(&pass, from as usize, to as usize, high * table * low + step as u64);
            }
            if self.sink.last() < last {
                return;
            }
        }
    }

    /// Hashes the middle digits from `from` to `to`; `start` is the nonce where they are zero.
    fn hash_pass(&mut self, pass: &Pass, mut from: usize, to: usize, start: u64) {
        let step = self.plan.layout.low_values();
        while from <= to {
            let count = (to - from + 1).min(BATCH);
            // The last group of all may wrap around 2^64; the sink leaves those lanes out.
            let first = start.wrapping_add(from as u64 * step);
            self.hash_batch(pass, from, Group { first, step, count });
            from += count;
            if self.sink.last() < start.saturating_add(from as u64 * step) {
                return;
            }
        }
    }

    /// Hashes neighbouring groups.
    fn hash_batch(&mut self, pass: &Pass, from: usize, nonces: Group) {
        let groups = nonces.count.div_ceil(E::COUNT);
        let values = &self.plan.table[from..from + groups * E::COUNT];
        let block = Varying { word: self.plan.layout.varying().1, pass, values };
        let (words, bits) = (&mut self.words[..groups], self.bits);
        let any = match (self.plan.tails(pass), self.plan.hashing) {
            ([], Hashing::Once) => self.engine.varying(block, Out::Words(words, bits)),
            ([], Hashing::Twice) if self.plan.is_bitcoin => {
                let digests = &mut self.digests[..groups];
                self.engine.bitcoin(block, self.plan.second, digests, words, bits)
            }
            ([], Hashing::Twice) => {
                let digests = &mut self.digests[..groups];
                self.engine.varying(block, Out::States(digests));
                self.engine.again(digests, self.plan.second, words, bits)
            }
            ([tail], Hashing::Once) => {
                let (more, states) = (&self.plan.more, &mut self.states[..groups]);
                self.engine.varying_and_later(block, tail, more, states, words, bits)
            }
            (tails @ [_], Hashing::Twice) => {
                self.engine.varying(block, Out::States(&mut self.states[..groups]));
                self.hash_later_blocks(tails, 0..groups)
            }
            (tails, _) => {
                self.engine.varying(block, Out::States(&mut self.states[..groups]));
                return self.hash_tails(tails, groups, nonces);
            }
        };
        self.hand_over(any, 0..groups, |group| nonces.part(group * E::COUNT, E::COUNT));
    }

    /// Hashes the blocks after the varying one where there are several tails: two groups at a time.
    fn hash_tails(&mut self, tails: &[[u32; 64]], groups: usize, nonces: Group) {
        let rows = Self::GROUPS / 2;
        let lows = self.lows.clone();
        for group in (0..groups).step_by(2) {
            let end = (group + 2).min(groups);
            for (chunk, tails) in tails[lows.clone()].chunks(rows).enumerate() {
                let any = self.hash_later_blocks(tails, group..end);
                self.hand_over(any, 0..tails.len() * (end - group), |word| {
                    let nonces = nonces.part((group + word / tails.len()) * E::COUNT, E::COUNT);
                    let tail = lows.start + chunk * rows + word % tails.len();
                    Group { first: nonces.first.wrapping_add(tail as u64), ..nonces }
                });
            }
        }
    }

    /// Computes words from states, through digests when there is a second hash.
    fn hash_later_blocks(&mut self, tails: &[[u32; 64]], groups: Range<usize>) -> bool {
        let (more, bits) = (&self.plan.more, self.bits);
        let count = groups.len() * tails.len();
        let (states, words) = (&self.states[groups], &mut self.words[..count]);
        match self.plan.hashing {
            Hashing::Once => self.engine.later(tails, more, states, Out::Words(words, bits)),
            Hashing::Twice => {
                let digests = &mut self.digests[..count];
                self.engine.later(tails, more, states, Out::States(digests));
                self.engine.again(digests, self.plan.second, words, bits)
            }
        }
    }

    /// Hands the words to the sink: as a sum where the sink wants all of them, one by one where any
    /// may be of interest.
    fn hand_over(&mut self, any: bool, words: Range<usize>, nonces: impl Fn(usize) -> Group) {
        if S::WANTS_SUM {
            let is_wanted = |i| nonces(i).count == E::COUNT && self.sink.wants_all_of(nonces(i));
            if words.clone().all(is_wanted) {
                let sum = self.engine.sum(&self.words[words]);
                return self.sink.add(sum);
            }
        }
        if any || S::WANTS_SUM {
            for i in words {
                self.sink.take(self.engine.store(self.words[i]).as_ref(), nonces(i));
            }
            self.bits = self.plan.hashing.zero_bits(self.sink.limit());
        }
    }
}
