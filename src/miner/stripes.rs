//! Stripes of nonces, and the cursor that hands them out.

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

/// Nonces of one width, and the number of their first stripe.
#[derive(Clone, Copy, Debug)]
struct SameWidth {
    first: u64,
    last: u64,
    first_index: u64,
    /// Nonces in a stripe.
    stripe_len: u64,
}

/// The nonces of one width, and the length of their stripes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Width {
    /// The last nonce of this width.
    pub(super) last: u64,
    /// Nonces in a stripe, at least 1.
    pub(super) stripe_len: u64,
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
    widths: Vec<SameWidth>,
}

impl Stripes {
    /// Cuts a range into stripes. `width_of(nonce)` describes the nonces as wide as this one.
    /// Stripes begin at multiples of their length and end before the next one, so that kernels
    /// that search groups of nonces meet whole groups; at the ends of the range and where the
    /// width changes they are shorter.
    pub(super) fn new(range: RangeInclusive<u64>, width_of: impl Fn(u64) -> Width) -> Self {
        let (start, end) = range.into_inner();
        let mut widths = Vec::new();
        let (mut next, mut first_index) = (Some(start), 0);
        while let Some(first) = next.filter(|first| *first <= end) {
            let Width { last, stripe_len } = width_of(first);
            let last = end.min(last);
            widths.push(SameWidth { first, last, first_index, stripe_len });
            first_index += last / stripe_len - first / stripe_len + 1;
            next = last.checked_add(1);
        }
        Self { cursor: AtomicU64::new(0), start, widths }
    }

    /// The next stripe that nobody has, or `None` when all have been handed out.
    pub(super) fn take(&self) -> Option<Stripe> {
        // Relaxed: each taker needs a different index, and nothing else travels with it.
        self.stripe(self.cursor.fetch_add(1, Ordering::Relaxed))
    }

    /// The nonces of all stripes.
    pub(super) fn range(&self) -> RangeInclusive<u64> {
        let last = self.widths.last().expect("a range is not empty").last;
        self.start..=last
    }

    fn stripe(&self, index: u64) -> Option<Stripe> {
        let width = self.widths.iter().rfind(|width| width.first_index <= index)?;
        let SameWidth { stripe_len, .. } = *width;
        let number = (width.first / stripe_len).checked_add(index - width.first_index)?;
        if number > width.last / stripe_len {
            return None;
        }
        let first = width.first.max(number * stripe_len);
        let last = width.last.min((number * stripe_len).saturating_add(stripe_len - 1));
        Some(Stripe { first, last, offset: first - self.start })
    }
}

#[cfg(test)]
mod tests {
    use fastrand::Rng;
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;
    use crate::pow::NonceEncoding::Decimal;

    fn stripes(range: RangeInclusive<u64>, stripe_len: u64) -> Stripes {
        Stripes::new(range, |nonce| Width { last: Decimal.last_of_width(nonce), stripe_len })
    }

    fn all(range: RangeInclusive<u64>, stripe_len: u64) -> Vec<Stripe> {
        let stripes = stripes(range, stripe_len);
        std::iter::from_fn(|| stripes.take()).collect()
    }

    fn covered_once(range: RangeInclusive<u64>, len: u64) {
        let mut next = *range.start();
        let stripes = all(range.clone(), len);
        for stripe in &stripes {
            assert_eq!(stripe.first, next, "{range:?} by {len}");
            assert_eq!(stripe.offset, stripe.first - range.start());
            assert!((1..=len).contains(&stripe.len()));
            assert_eq!(stripe.first / len, stripe.last / len, "it crosses no multiple of {len}");
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
    fn each_width_has_its_own_length() {
        let width_of = |nonce| Width {
            last: Decimal.last_of_width(nonce),
            stripe_len: if nonce < 10 { 4 } else { 50 },
        };
        let stripes = Stripes::new(3..=120, width_of);
        let stripes = std::iter::from_fn(|| stripes.take()).map(|s| (s.first, s.last));
        let expected = [(3, 3), (4, 7), (8, 9), (10, 49), (50, 99), (100, 120)];
        assert_eq!(stripes.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn the_last_nonces_there_are_can_be_searched() {
        covered_once(u64::MAX - 1_000..=u64::MAX, 64);
        covered_once(u64::MAX - 1_000..=u64::MAX, u64::MAX);
        covered_once(10_u64.pow(19) - 70..=10_u64.pow(19) + 70, 64);
    }

    #[test]
    fn taking_after_the_end_gives_nothing_again_and_again() {
        let stripes = stripes(0..=5, 3);
        assert_eq!(std::iter::from_fn(|| stripes.take()).count(), 2);
        assert!((0..100).all(|_| stripes.take().is_none()));
    }

    /// A range of up to a few thousand stripes at any place, and about how long its stripes are.
    fn ranges() -> impl Strategy<Value = (RangeInclusive<u64>, u64)> {
        let sizes = (0..64_u32, 0..40_u32, any::<[u64; 3]>());
        sizes.prop_map(|(place, longest, [start, stripe_len, len])| {
            let start = start % (1 << place);
            let stripe_len = 1 + stripe_len % (1 << longest);
            let len = len % stripe_len.saturating_mul(3_000);
            (start..=start.saturating_add(len), stripe_len)
        })
    }

    /// With stripes of another length for each width.
    #[test]
    fn whatever_the_order_of_takers_a_range_is_covered_exactly_once() {
        let config = ProptestConfig {
            failure_persistence: None,
            rng_seed: RngSeed::Fixed(41),
            ..ProptestConfig::with_cases(2_000)
        };
        proptest!(config, |((range, stripe_len) in ranges(), seed: u64)| {
            let shortest = 1 + (range.end() - range.start()) / 3_000;
            let width_of = |nonce| {
                let mut random = Rng::with_seed(seed ^ Decimal.width(nonce) as u64);
                let stripe_len = random.u64(1..=2 * stripe_len).max(shortest);
                Width { last: Decimal.last_of_width(nonce), stripe_len }
            };
            let stripes = Stripes::new(range.clone(), width_of);
            taken_in_any_order(&stripes, &range, &mut Rng::with_seed(seed));
        });
    }

    /// Eight takers in random order. Together they take the whole range, and no stripe twice.
    fn taken_in_any_order(stripes: &Stripes, range: &RangeInclusive<u64>, random: &mut Rng) {
        let mut takers: [Vec<Stripe>; 8] = Default::default();
        let mut has_more = [true; 8];
        while has_more.contains(&true) {
            let taker = random.usize(..8);
            match stripes.take() {
                Some(stripe) => takers[taker].push(stripe),
                None => has_more[taker] = false,
            }
        }
        for taken in &takers {
            assert!(taken.is_sorted_by(|a, b| a.last < b.first), "each taker moves upwards");
        }
        let mut all: Vec<Stripe> = takers.concat();
        all.sort_unstable_by_key(|stripe| stripe.first);
        assert_eq!(all.first().map(|stripe| stripe.first), Some(*range.start()));
        assert_eq!(all.last().map(|stripe| stripe.last), Some(*range.end()));
        let follows = |pair: &[Stripe]| pair[0].last.checked_add(1) == Some(pair[1].first);
        assert!(all.windows(2).all(follows), "{range:?}: without gap or overlap");
        assert!(all.iter().all(|stripe| stripe.offset == stripe.first - range.start()));
    }

    #[test]
    fn takers_on_many_threads_never_share_a_stripe() {
        let stripes = stripes(0..=99_999, 7);
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
