//! Sinks for deciding words: one keeps the lowest nonce whose word is small enough, one sums them.

use crate::pow::template::Hashing;

/// Nonces hashed side by side: `first`, `first + step`, …, `count` of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    pub(crate) first: u64,
    pub(crate) step: u64,
    pub(crate) count: usize,
}

impl Group {
    /// The nonces, one by one. Those beyond the searched range may wrap around 2^64; the sinks
    /// leave them out.
    fn nonces(self) -> impl Iterator<Item = u64> {
        (0..self.count as u64).map(move |lane| self.first.wrapping_add(lane * self.step))
    }

    /// At most `count` of these nonces, from number `from`.
    pub(crate) fn part(self, from: usize, count: usize) -> Self {
        Self {
            first: self.first.wrapping_add(from as u64 * self.step),
            count: count.min(self.count - from),
            ..self
        }
    }
}

/// Takes the deciding words of a search as they come.
pub(crate) trait Sink {
    /// Whether it takes the sum of all words, or only the words that may be of interest.
    const WANTS_SUM: bool;
    /// The largest nonce that is still of interest.
    fn last(&self) -> u64;
    /// Takes the words of a group of nonces. There may be more words than nonces.
    fn take(&mut self, words: &[u32], group: Group);
    /// Whether all these nonces belong in the sum.
    fn wants_all_of(&self, _: Group) -> bool {
        false
    }
    /// Takes the sum of the words of nonces that all belong in it.
    fn add(&mut self, _: u32) {}
}

/// Finds the lowest nonce from `first` to `last` whose deciding word is at most a limit.
pub(crate) struct Lowest {
    pub(crate) hashing: Hashing,
    pub(crate) limit: u32,
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) found: Option<u64>,
}

impl Sink for Lowest {
    const WANTS_SUM: bool = false;

    fn last(&self) -> u64 {
        self.last
    }

    fn take(&mut self, words: &[u32], group: Group) {
        let lowest = group.nonces().zip(words).find(|&(nonce, &word)| {
            (self.first..=self.last).contains(&nonce)
                && self.hashing.leading_word(word) <= self.limit
        });
        if let Some((nonce, _)) = lowest {
            self.found = Some(nonce);
            self.last = nonce.saturating_sub(1);
        }
    }
}

/// Sums the deciding words of all nonces from `first` to `last`, modulo 2^32, as the hash computes
/// them.
pub(crate) struct Sum {
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) total: u32,
}

impl Sink for Sum {
    const WANTS_SUM: bool = true;

    fn last(&self) -> u64 {
        self.last
    }

    fn take(&mut self, words: &[u32], group: Group) {
        let is_wanted = |nonce: &u64| (self.first..=self.last).contains(nonce);
        let words = group.nonces().zip(words).filter(|(nonce, _)| is_wanted(nonce));
        self.add(words.fold(0, |sum: u32, (_, word)| sum.wrapping_add(*word)));
    }

    fn wants_all_of(&self, group: Group) -> bool {
        let steps = (group.count as u64).saturating_sub(1).saturating_mul(group.step);
        let end = group.first.checked_add(steps);
        self.first <= group.first && end.is_some_and(|end| end <= self.last)
    }

    fn add(&mut self, sum: u32) {
        self.total = self.total.wrapping_add(sum);
    }
}
