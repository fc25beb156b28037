//! Intervals: how far a figure computed from a few samples can be trusted.

use super::bootstrap::{Atom, medians};
use super::quantile::median;
use serde::{Deserialize, Serialize};

/// The part of the resampled figures that may lie below an interval, and the same above.
const TAIL: f64 = 0.025;

/// A median, or another figure estimated from samples, and the ends of its 95 % bootstrap interval.
///
/// The ends are percentiles (Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter
/// 13). A resample is as many samples, each drawn from all those at hand. Of the same figure made
/// of resamples, at most 2.5 % lie below `low` and at most 2.5 % above `high`. Few samples give an
/// interval that is too narrow: what no sample showed, no resample can.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Interval {
    /// The median, or the estimate, in the unit of the values.
    pub median: f64,
    /// The low end, in the unit of the values.
    pub low: f64,
    /// The high end, in the unit of the values.
    pub high: f64,
}

impl Interval {
    /// The interval of the median of `values`, in any order; `None` when there are none or one is
    /// not finite.
    ///
    /// All resamples are weighed, none is drawn (see Maritz and Jarrett 1978), so the same values
    /// always give the same interval. Of an odd number of values the ends are two of the values,
    /// equally far from the lowest and the highest. How often the interval holds the true median
    /// follows from the binomial distribution, for independent samples of any continuous
    /// distribution:
    ///
    /// | values | the interval is                | holds the true median |
    /// |-------:|--------------------------------|----------------------:|
    /// |      3 | lowest to highest              |                75.0 % |
    /// |      5 | lowest to highest              |                93.8 % |
    /// |      7 | 2nd lowest to 2nd highest      |                87.5 % |
    /// |      9 | 2nd lowest to 2nd highest      |                96.1 % |
    /// |     11 | 3rd lowest to 3rd highest      |                93.5 % |
    /// |     15 | 4th lowest to 4th highest      |                96.5 % |
    ///
    /// Of an even number, the ends may lie halfway between two values; simulated with normal
    /// samples, the interval of 4, 6, 8, 10 values holds the true median in 88, 94, 93, 95 % of
    /// the cases.
    ///
    /// Samples that drift or are disturbed together are not independent: then it holds the median
    /// less often. Work grows with the square of the number of values: use hundreds at most.
    #[must_use]
    pub fn of_median(values: &[f64]) -> Option<Self> {
        let median = median(values)?;
        if !values.iter().all(|value| value.is_finite()) {
            return None;
        }
        Self::around(median, medians(values))
    }

    /// The interval of the ratio of the median of `a` to that of `b`, which were sampled apart from
    /// each other; `None` when either has none or a value is not positive and finite.
    ///
    /// From 10,000 resamples of both, drawn with a fixed seed: the same values in the same order
    /// always give the same interval.
    #[must_use]
    pub fn of_median_ratio(a: &[f64], b: &[f64]) -> Option<Self> {
        const RESAMPLES: usize = 10_000;
        if !a.iter().chain(b).all(|value| value.is_finite() && *value > 0.0) {
            return None;
        }
        let estimate = median(a)? / median(b)?;
        let mut rng = fastrand::Rng::with_seed(0);
        let mut resampled = |values: &[f64]| {
            let drawn: Vec<f64> =
                values.iter().map(|_| values[rng.usize(..values.len())]).collect();
            median(&drawn)
        };
        let ratios: Option<Vec<f64>> =
            (0..RESAMPLES).map(|_| Some(resampled(a)? / resampled(b)?)).collect();
        Self::of_estimate(estimate, &ratios?)
    }

    /// The interval of an estimate from the same estimate of many resamples; `None` when there are
    /// none. It is widened if it would not hold the estimate. An infinite estimate stands for
    /// "there is none".
    pub(super) fn of_estimate(estimate: f64, resampled: &[f64]) -> Option<Self> {
        Self::around(estimate, resampled.iter().map(|&value| Atom { value, weight: 1.0 }).collect())
    }

    fn around(estimate: f64, mut atoms: Vec<Atom>) -> Option<Self> {
        atoms.sort_unstable_by(|a, b| a.value.total_cmp(&b.value));
        let tail = TAIL * atoms.iter().map(|atom| atom.weight).sum::<f64>();
        let low = first_beyond(tail, atoms.iter())?.min(estimate);
        let high = first_beyond(tail, atoms.iter().rev())?.max(estimate);
        Some(Self { median: estimate, low, high })
    }
}

/// The first value by which more than `tail` of the weight has come.
fn first_beyond<'a>(tail: f64, mut atoms: impl Iterator<Item = &'a Atom>) -> Option<f64> {
    let mut weight = 0.0;
    let beyond = |atom: &&Atom| {
        weight += atom.weight;
        weight > tail
    };
    atoms.find(beyond).map(|atom| atom.value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    fn one_to(n: u32) -> Vec<f64> {
        (1..=n).map(f64::from).collect()
    }

    fn interval(values: &[f64]) -> Interval {
        Interval::of_median(values).unwrap()
    }

    #[test]
    fn a_ratio_of_medians_has_the_ends_that_all_pairs_of_resamples_give() {
        // Of all 3^3 x 3^3 pairs of resamples, enumerated in Python: the 2.5 and 97.5 percentiles
        // of median(a) / median(b).
        let ratio = Interval::of_median_ratio(&[90.0, 100.0, 120.0], &[40.0, 50.0, 60.0]).unwrap();
        assert_eq!(ratio, Interval { median: 2.0, low: 1.5, high: 3.0 });
        // Of one value each there is one ratio.
        let ratio = Interval::of_median_ratio(&[3.0], &[2.0]);
        assert_eq!(ratio, Some(Interval { median: 1.5, low: 1.5, high: 1.5 }));
    }

    #[test]
    fn a_ratio_of_medians_needs_positive_values_on_both_sides() {
        for (a, b) in [
            (&[1.0][..], &[][..]),
            (&[], &[1.0]),
            (&[1.0], &[0.0]),
            (&[-1.0], &[1.0]),
            (&[f64::NAN], &[1.0]),
            (&[1.0], &[f64::INFINITY]),
        ] {
            assert_eq!(Interval::of_median_ratio(a, b), None, "{a:?} {b:?}");
        }
    }

    /// The probability of at most `successes` heads in `tosses` of a fair coin.
    fn heads_at_most(successes: u32, tosses: u32) -> f64 {
        let choose = |k| (0..k).map(|i| f64::from(tosses - i) / f64::from(i + 1)).product::<f64>();
        (0..=successes).map(choose).sum::<f64>() / 2_f64.powf(f64::from(tosses))
    }

    #[test]
    fn odd_numbers_of_values_and_how_often_they_hold_the_median() {
        // By a few lines of Python with fractions: the lowest k with
        // P(Bin(n, k/n) >= (n + 1)/2) > 1/40, and 1 - 2 P(Bin(n, 1/2) < k).
        for (n, rank, holds) in [
            (1, 1, 0.0),
            (3, 1, 0.75),
            (5, 1, 0.9375),
            (7, 2, 0.875),
            (9, 2, 0.960_937_5),
            (11, 3, 0.934_570_312_5),
            (13, 4, 0.907_714_843_75),
            (15, 4, 0.964_843_75),
            (17, 5, 0.950_958_251_953_125),
            (19, 6, 0.936_431_884_765_625),
        ] {
            let Interval { median, low, high } = interval(&one_to(n));
            assert_eq!((low, high), (f64::from(rank), f64::from(n + 1 - rank)), "{n} values");
            assert!((median - f64::from(n + 1) / 2.0).abs() < 1e-12);
            let missed = 2.0 * heads_at_most(rank - 1, n);
            assert!((1.0 - missed - holds).abs() < 1e-12, "{n} values");
        }
    }

    #[test]
    fn even_numbers_of_values() {
        // Python with fractions: the weights of every pair in the middle, by counting draws.
        let values = [3.0, 1.0, 4.0, 15.0, 9.0, 26.0, 53.0, 58.0, 97.0, 93.0];
        let ends = |n| (interval(&values[..n]).low, interval(&values[..n]).high);
        assert_eq!(ends(2), (1.0, 3.0));
        assert_eq!(ends(6), (2.0, 20.5));
        assert_eq!(ends(8), (3.0, 53.0));
        assert_eq!(ends(10), (4.0, 73.0));
        let twenty = interval(&one_to(20));
        assert_eq!((twenty.low, twenty.high), (6.5, 14.5));
    }

    /// The share of 20,000 samples of `n` standard normal values whose interval holds 0.
    fn held(n: usize) -> f64 {
        let mut rng = fastrand::Rng::with_seed(1979);
        // Box and Muller 1958.
        let mut normal = || (-2.0 * (1.0 - rng.f64()).ln()).sqrt() * (TAU * rng.f64()).cos();
        let holds_zero = |_: &u32| {
            let Interval { low, high, .. } =
                interval(&(0..n).map(|_| normal()).collect::<Vec<_>>());
            (low..=high).contains(&0.0)
        };
        (0..20_000).filter(holds_zero).count() as f64 / 20_000.0
    }

    #[test]
    fn how_often_the_median_of_normal_samples_is_held() {
        // Odd numbers in theory, as above; even ones by numpy, 40,000 samples each. The bounds are
        // four standard errors of both wide.
        for (n, expected) in [
            (3, 0.75),
            (5, 0.9375),
            (7, 0.875),
            (9, 0.961),
            (15, 0.965),
            (4, 0.879),
            (6, 0.937),
            (8, 0.928),
            (10, 0.948),
        ] {
            let held = held(n);
            assert!((held - expected).abs() < 0.012, "{n} values: {held}, not {expected}");
        }
    }

    #[test]
    fn order_and_unit_do_not_matter() {
        let [a, b] = [[5.0, 3.0, 8.0, 1.0], [1.0, 8.0, 5.0, 3.0]].map(|values| interval(&values));
        assert_eq!(a, b);
        let doubled = interval(&[10.0, 6.0, 16.0, 2.0]);
        assert_eq!((doubled.low, doubled.high), (2.0 * a.low, 2.0 * a.high));
        let negated = interval(&[-5.0, -3.0, -8.0, -1.0]);
        assert_eq!((negated.low, negated.high), (-a.high, -a.low));
    }

    #[test]
    fn equal_values_leave_no_doubt() {
        assert_eq!(interval(&[4.0; 6]), Interval { median: 4.0, low: 4.0, high: 4.0 });
    }

    #[test]
    fn nothing_and_what_is_not_finite_have_no_interval() {
        assert_eq!(Interval::of_median(&[]), None);
        for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(Interval::of_median(&[1.0, odd, 2.0]), None);
        }
    }

    #[test]
    fn one_in_forty_estimates_may_lie_beyond_each_end() {
        let resampled: Vec<f64> = (0..2_000).map(f64::from).collect();
        let interval = Interval::of_estimate(1_000.0, &resampled);
        assert_eq!(interval, Some(Interval { median: 1_000.0, low: 50.0, high: 1_949.0 }));
    }

    #[test]
    fn an_estimate_is_never_outside() {
        let interval = Interval::of_estimate(1.0, &[2.0, 3.0, 4.0]);
        assert_eq!(interval, Some(Interval { median: 1.0, low: 1.0, high: 4.0 }));
        assert_eq!(Interval::of_estimate(1.0, &[]), None);
    }

    #[test]
    fn as_json() {
        let json = serde_json::to_string(&interval(&[1.0, 2.0, 4.0])).unwrap();
        assert_eq!(json, r#"{"median":2.0,"low":1.0,"high":4.0}"#);
    }
}
