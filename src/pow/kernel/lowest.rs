//! What is done with the deciding words: the lowest nonce whose word will do is kept.

use crate::pow::Hashing;

/// Nonces side by side: `first`, `first + step`, …, `count` of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    pub(crate) first: u64,
    pub(crate) step: u64,
    pub(crate) count: usize,
}

impl Group {
    /// The nonces, one by one. Those beyond the range that is searched may wrap around 2^64; they are left out.
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

/// Finds the lowest nonce whose deciding word is at most a limit.
pub(crate) struct Lowest {
    hashing: Hashing,
    zero_bits: u32,
    limit: u32,
    first: u64,
    last: u64,
    found: Option<u64>,
}

impl Lowest {
    pub(crate) fn new(hashing: Hashing, first: u64, last: u64, limit: u32) -> Self {
        Self { hashing, zero_bits: hashing.zero_bits(limit), limit, first, last, found: None }
    }

    /// The lowest nonce found.
    pub(crate) fn found(&self) -> Option<u64> {
        self.found
    }
}

impl Lowest {
    /// Bits that no word of interest has.
    pub(crate) fn zero_bits(&self) -> u32 {
        self.zero_bits
    }

    /// No nonce above this one is still of interest.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    /// Looks at the deciding words of a group of nonces; there may be more words than nonces.
    pub(crate) fn take(&mut self, words: &[u32], group: Group) {
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
