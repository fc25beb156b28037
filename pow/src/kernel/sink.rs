//! Sinks for deciding words: one keeps the lowest nonce whose word is small enough, and the nonces
//! with the smallest words; one sums them.

use crate::template::Hashing;

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
    /// The largest leading word that is still of interest.
    fn limit(&self) -> u32;
    /// Takes the words of a group of nonces. There may be more words than nonces.
    fn take(&mut self, words: &[u32], group: Group);
    /// Whether all these nonces belong in the sum.
    fn wants_all_of(&self, _: Group) -> bool {
        false
    }
    /// Takes the sum of the words of nonces that all belong in it.
    fn add(&mut self, _: u32) {}
}

/// The nonces with the smallest leading word: those from which the lowest digest comes.
#[derive(Debug)]
pub(crate) struct Smallest {
    pub(crate) word: u32,
    pub(crate) nonces: Vec<u64>,
}

impl Smallest {
    /// No nonces yet; larger leading words than this one are of no interest.
    pub(crate) const fn at_most(word: u32) -> Self {
        Self { word, nonces: Vec::new() }
    }

    /// Takes a nonce with its leading word, which is at most the smallest.
    #[cold]
    pub(crate) fn note(&mut self, nonce: u64, word: u32) {
        if word < self.word {
            self.nonces.clear();
        }
        self.word = word;
        self.nonces.push(nonce);
    }
}

/// Finds the lowest nonce from `first` to `last` whose leading word is at most a limit, and the
/// nonces with the smallest leading word of those beyond the limit.
pub(crate) struct Lowest<'a> {
    pub(crate) hashing: Hashing,
    pub(crate) limit: u32,
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) found: Option<u64>,
    pub(crate) smallest: &'a mut Smallest,
}

impl Lowest<'_> {
    /// Takes the leading word of a nonce within the range. Returns whether the nonce is the find.
    #[inline]
    pub(crate) fn take_word(&mut self, nonce: u64, word: u32) -> bool {
        if word <= self.limit {
            self.found = Some(nonce);
            self.last = nonce.saturating_sub(1);
            return true;
        }
        if word <= self.smallest.word {
            self.smallest.note(nonce, word);
        }
        false
    }
}

impl Sink for Lowest<'_> {
    const WANTS_SUM: bool = false;

    fn last(&self) -> u64 {
        self.last
    }

    fn limit(&self) -> u32 {
        self.limit.max(self.smallest.word)
    }

    fn take(&mut self, words: &[u32], group: Group) {
        for (nonce, &word) in group.nonces().zip(words) {
            let is_wanted = (self.first..=self.last).contains(&nonce);
            if is_wanted && self.take_word(nonce, self.hashing.leading_word(word)) {
                return;
            }
        }
    }
}

/// Sums the deciding words of all nonces from `first` to `last`, modulo 2^32, as the hash computes
/// them.
///
/// The search is the same as for a digest whose leading word is at most `limit`.
pub(crate) struct Sum {
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) limit: u32,
    pub(crate) total: u32,
}

impl Sink for Sum {
    const WANTS_SUM: bool = true;

    fn last(&self) -> u64 {
        self.last
    }

    fn limit(&self) -> u32 {
        self.limit
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_nonces_with_the_smallest_word_are_kept() {
        let mut smallest = Smallest::at_most(7);
        let (hashing, found) = (Hashing::Once, None);
        let smallest_so_far = &mut smallest;
        let mut lowest =
            Lowest { hashing, limit: 2, first: 10, last: 30, found, smallest: smallest_so_far };
        let group = |first| Group { first, step: 1, count: 4 };
        lowest.take(&[9, 7, 8, 5], group(10));
        assert_eq!(lowest.limit(), 5);
        lowest.take(&[5, 6, 4, 4], group(14));
        lowest.take(&[0, 4, 5, 4], group(29));
        assert_eq!((lowest.found, lowest.last, lowest.limit()), (Some(29), 28, 4));
        assert_eq!(smallest.nonces, [16, 17], "those after a find do not count");
    }
}
