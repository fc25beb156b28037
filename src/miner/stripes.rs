//! The nonce space cut into stripes, and the cursor that hands them out.

use std::ops::RangeInclusive;

use crate::sync::{AtomicU64, Ordering};

/// A contiguous range of nonces for one worker, all of one width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stripe {
    pub(super) first: u64,
    pub(super) last: u64,
    /// Where the stripe begins, counted in nonces from the start of the whole range.
    pub(super) offset: u64,
}

impl Stripe {
    /// Nonces in the stripe.
    pub(super) const fn len(&self) -> u64 {
        self.last - self.first + 1
    }
}

/// Nonces of one width, and where their stripes begin in the count of all stripes.
#[derive(Clone, Copy, Debug)]
struct Segment {
    first: u64,
    last: u64,
    first_index: u64,
}

/// Hands out the stripes of a range in increasing order, each exactly once, to any number of
/// takers.
///
/// The cursor counts stripes, not nonces, so ranges that end at the largest nonce cannot wrap it:
/// there are at most 2^64 − 1 stripes, and taking them all would take centuries.
#[derive(Debug)]
pub(super) struct Stripes {
    cursor: AtomicU64,
    start: u64,
    /// Nonces in a stripe; the last one of a segment may be shorter.
    len: u64,
    segments: Vec<Segment>,
}

impl Stripes {
    /// Cuts a range into stripes of `len` nonces. A stripe ends early where
    /// `last_of_width(nonce)`, the last nonce as wide as this one, says that the width changes.
    ///
    /// # Panics
    /// When `len` is 0.
    pub(super) fn new(
        range: RangeInclusive<u64>,
        len: u64,
        last_of_width: impl Fn(u64) -> u64,
    ) -> Self {
        assert!(len > 0, "a stripe holds at least one nonce");
        let (start, end) = range.into_inner();
        let mut segments = Vec::new();
        let (mut next, mut first_index) = (Some(start), 0);
        while let Some(first) = next.filter(|first| *first <= end) {
            let last = end.min(last_of_width(first));
            segments.push(Segment { first, last, first_index });
            first_index += (last - first) / len + 1;
            next = last.checked_add(1);
        }
        Self { cursor: AtomicU64::new(0), start, len, segments }
    }

    /// The next stripe that nobody has, or `None` when all have been handed out.
    pub(super) fn take(&self) -> Option<Stripe> {
        // Relaxed: each taker needs an index of its own, and nothing else travels with it.
        self.stripe(self.cursor.fetch_add(1, Ordering::Relaxed))
    }

    fn stripe(&self, index: u64) -> Option<Stripe> {
        let segment = self.segments.iter().rfind(|segment| segment.first_index <= index)?;
        let skipped = (index - segment.first_index).checked_mul(self.len)?;
        let first = segment.first.checked_add(skipped).filter(|first| *first <= segment.last)?;
        let last = first.saturating_add(self.len - 1).min(segment.last);
        Some(Stripe { first, last, offset: first - self.start })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pow::NonceEncoding::Decimal;

    fn all(range: RangeInclusive<u64>, len: u64) -> Vec<Stripe> {
        let stripes = Stripes::new(range, len, |nonce| Decimal.last_of_width(nonce));
        std::iter::from_fn(|| stripes.take()).collect()
    }

    fn covered_once(range: RangeInclusive<u64>, len: u64) {
        let mut next = *range.start();
        let stripes = all(range.clone(), len);
        for stripe in &stripes {
            assert_eq!(stripe.first, next, "{range:?} by {len}");
            assert_eq!(stripe.offset, stripe.first - range.start());
            assert!((1..=len).contains(&stripe.len()));
            assert_eq!(Decimal.width(stripe.first), Decimal.width(stripe.last));
            next = stripe.last.wrapping_add(1);
        }
        assert_eq!(stripes.last().unwrap().last, *range.end());
    }

    #[test]
    fn a_range_is_covered_once_in_order_and_no_stripe_changes_width() {
        for (start, end) in [(0, 0), (0, 9), (5, 123), (95, 1_005), (0, 10_000), (999, 1_000)] {
            for len in [1, 2, 7, 10, 64, 1_000, u64::MAX] {
                covered_once(start..=end, len);
            }
        }
    }

    #[test]
    fn the_last_nonces_there_are_can_be_searched() {
        covered_once(u64::MAX - 1_000..=u64::MAX, 64);
        covered_once(u64::MAX - 1_000..=u64::MAX, u64::MAX);
        covered_once(10_u64.pow(19) - 70..=10_u64.pow(19) + 70, 64);
    }

    #[test]
    fn taking_after_the_end_gives_nothing_again_and_again() {
        let stripes = Stripes::new(0..=5, 3, |nonce| Decimal.last_of_width(nonce));
        assert_eq!(std::iter::from_fn(|| stripes.take()).count(), 2);
        assert!((0..100).all(|_| stripes.take().is_none()));
    }

    #[test]
    fn takers_on_many_threads_never_share_a_stripe() {
        let stripes = Stripes::new(0..=99_999, 7, |nonce| Decimal.last_of_width(nonce));
        let mut firsts: Vec<u64> = std::thread::scope(|scope| {
            let taker = || std::iter::from_fn(|| stripes.take()).map(|s| s.first).collect();
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(taker)).collect();
            threads.into_iter().flat_map(|t| -> Vec<u64> { t.join().unwrap() }).collect()
        });
        firsts.sort_unstable();
        let expected: Vec<u64> = all(0..=99_999, 7).iter().map(|stripe| stripe.first).collect();
        assert_eq!(firsts, expected);
    }
}
