//! Intervals: how far a figure computed from a few samples can be trusted.

use super::order::Ends;
use super::quantile::median;
use serde::{Deserialize, Serialize};

/// The share of the resampled figures that may lie below a bootstrap interval, and the same above.
const TAIL: f64 = 0.025;

/// A median, or another figure estimated from samples, and the ends of its interval.
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
    /// The ends are two of the values, equally far from the lowest and the highest: the shortest
    /// such interval that holds the true median in at least 95 % of the cases. How often it does is
    /// a theorem about independent values of any continuous distribution, and [`coverage`] says
    /// it:
    ///
    /// | values  | the interval is             | holds the true median |
    /// |--------:|-----------------------------|----------------------:|
    /// | up to 5 | the range, and no more      |        93.8 % or less |
    /// |       6 | lowest to highest           |                96.9 % |
    /// |       7 | lowest to highest           |                98.4 % |
    /// |       9 | 2nd lowest to 2nd highest   |                96.1 % |
    /// |      12 | 3rd lowest to 3rd highest   |                96.1 % |
    /// |      15 | 4th lowest to 4th highest   |                96.5 % |
    ///
    /// Samples that drift or are disturbed together are not independent: then it holds the median
    /// less often.
    ///
    /// [`coverage`]: super::coverage
    #[must_use]
    pub fn of_median(values: &[f64]) -> Option<Self> {
        let median = median(values)?;
        if !values.iter().all(|value| value.is_finite()) {
            return None;
        }
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let Ends { rank, .. } = Ends::of(sorted.len());
        Some(Self { median, low: sorted[rank - 1], high: sorted[sorted.len() - rank] })
    }

    /// The interval of the ratio of the median of `a` to that of `b`, which were sampled apart from
    /// each other; `None` when either has none or a value is not positive and finite.
    ///
    /// A 95 % bootstrap interval from 10,000 resamples of both, drawn with a fixed seed: the same
    /// values in the same order always give the same interval. Its ends are percentiles (Efron and
    /// Tibshirani 1993, An Introduction to the Bootstrap, chapter 13). Few samples give an interval
    /// that is too narrow: what no sample showed, no resample can.
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

    /// The 95 % bootstrap interval of an estimate from the same estimate of many resamples; `None`
    /// when there are none. It is widened if it would not hold the estimate. An infinite estimate
    /// stands for "there is none".
    pub(super) fn of_estimate(estimate: f64, resampled: &[f64]) -> Option<Self> {
        let mut sorted = resampled.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of it")]
        let beyond = (TAIL * sorted.len() as f64).floor() as usize;
        let low = sorted.get(beyond)?.min(estimate);
        let high = sorted.iter().nth_back(beyond)?.max(estimate);
        Some(Self { median: estimate, low, high })
    }
}

#[cfg(test)]
mod tests {
    use super::super::coverage;
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

    #[test]
    fn the_ends_are_values_equally_far_from_both_ends() {
        for (n, rank) in [(1, 1), (2, 1), (5, 1), (8, 1), (9, 2), (11, 2), (12, 3), (20, 6)] {
            let Interval { median, low, high } = interval(&one_to(n));
            assert_eq!((low, high), (f64::from(rank), f64::from(n + 1 - rank)), "{n} values");
            assert!((median - f64::from(n + 1) / 2.0).abs() < 1e-12);
        }
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
    fn the_median_of_normal_samples_is_held_as_often_as_is_said() {
        for n in [6, 7, 8, 9, 10, 12, 15] {
            // Four standard errors wide.
            let (held, said) = (held(n), coverage(n).unwrap());
            assert!((held - said).abs() < 0.006, "{n} values: {held}, not {said}");
        }
        assert!((held(5) - 0.9375).abs() < 0.007, "five values are a range");
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
