//! Ranges of nonces: one, and a set of disjoint ones.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A range of nonces, both ends included; never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The first nonce.
    pub first: u64,
    /// The last nonce; not below the first.
    pub last: u64,
}

impl Span {
    /// The range from `first` to `last`; `None` when it would be empty.
    pub(super) fn new(first: u64, last: u64) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// The number of nonces; the largest integer where there are 2^64.
    pub(super) const fn len(self) -> u64 {
        (self.last - self.first).saturating_add(1)
    }

    /// The first nonces of the range, at least one and at most this many.
    pub(super) fn cut_to(self, len: u64) -> Self {
        let last = self.first.saturating_add(len.max(1) - 1).min(self.last);
        Self { first: self.first, last }
    }

    pub(super) const fn contains(self, other: Self) -> bool {
        self.first <= other.first && other.last <= self.last
    }
}

/// A set of nonces, kept as disjoint ranges that do not touch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Spans {
    /// The last nonce of each range, by its first.
    lasts: BTreeMap<u64, u64>,
}

impl Spans {
    /// Adds a range; whatever of it is there already stays.
    pub(super) fn add(&mut self, span: Span) {
        let Span { mut first, mut last } = span;
        // The ranges that overlap or touch the new one, from the highest down.
        let reach = last.saturating_add(1);
        while let Some((&other_first, &other_last)) = self.lasts.range(..=reach).next_back()
            && other_last.saturating_add(1) >= first
        {
            self.lasts.remove(&other_first);
            first = first.min(other_first);
            last = last.max(other_last);
        }
        self.lasts.insert(first, last);
    }

    /// The lowest nonce from `first` on that is not in the set; `None` when all up to the largest
    /// nonce of all are.
    pub(super) fn lowest_missing(&self, first: u64) -> Option<u64> {
        match self.lasts.range(..=first).next_back() {
            Some((_, &last)) if last >= first => last.checked_add(1),
            _ => Some(first),
        }
    }

    /// The first run of nonces within the range that are not in the set.
    pub(super) fn first_gap(&self, within: Span) -> Option<Span> {
        let first = self.lowest_missing(within.first)?;
        let next = self.lasts.range(first..).next().map(|(&next, _)| next - 1);
        Span::new(first, within.last.min(next.unwrap_or(u64::MAX)))
    }

    pub(super) fn contains(&self, span: Span) -> bool {
        self.first_gap(span).is_none()
    }
}

impl FromIterator<Span> for Spans {
    fn from_iter<I: IntoIterator<Item = Span>>(spans: I) -> Self {
        let mut set = Self::default();
        spans.into_iter().for_each(|span| set.add(span));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fastrand::Rng;

    fn span(first: u64, last: u64) -> Span {
        Span::new(first, last).unwrap()
    }

    #[test]
    fn a_set_of_ranges_holds_what_a_set_of_numbers_would() {
        let mut random = Rng::with_seed(7);
        for _ in 0..300 {
            let mut spans = Spans::default();
            let mut numbers = [false; 40];
            for _ in 0..random.usize(..12) {
                let first = random.u64(..40);
                let last = random.u64(first..40);
                spans.add(span(first, last));
                numbers[to_index(first)..=to_index(last)].fill(true);
            }
            for first in 0..40 {
                let missing = (first..40).find(|number| !numbers[to_index(*number)]);
                assert_eq!(spans.lowest_missing(first), Some(missing.unwrap_or(40)));
                for last in first..40 {
                    let gap = (first..=last).find(|number| !numbers[to_index(*number)]);
                    let found = spans.first_gap(span(first, last));
                    assert_eq!(found.map(|gap| gap.first), gap);
                    let end = gap.map(|gap| {
                        (gap..=last).take_while(|number| !numbers[to_index(*number)]).last()
                    });
                    assert_eq!(found.map(|gap| Some(gap.last)), end);
                    assert_eq!(spans.contains(span(first, last)), gap.is_none());
                }
            }
            let is_touching = spans.lasts.iter().zip(spans.lasts.iter().skip(1));
            assert!(is_touching.clone().all(|((_, last), (next, _))| last + 1 < *next));
        }
    }

    fn to_index(number: u64) -> usize {
        usize::try_from(number).unwrap()
    }

    #[test]
    fn the_largest_nonce_of_all_is_a_nonce() {
        let mut spans = Spans::default();
        spans.add(span(u64::MAX - 1, u64::MAX));
        assert_eq!(spans.lowest_missing(u64::MAX - 1), None);
        assert_eq!(spans.first_gap(span(5, u64::MAX)), Some(span(5, u64::MAX - 2)));
        spans.add(span(0, u64::MAX - 2));
        assert!(spans.contains(span(0, u64::MAX)));
        assert_eq!(span(0, u64::MAX).len(), u64::MAX);
        assert_eq!(span(7, u64::MAX).cut_to(3), span(7, 9));
    }
}
