//! Fits the law to repeated measurements, with intervals of its coefficients.

use super::law::Law;
use crate::bench::statistics::interval::Interval;
use crate::bench::statistics::quantile::median;
use fastrand::Rng;

/// Resamples for an interval.
const RESAMPLES: usize = 2_000;

/// A fixed seed, so that the same samples always give the same intervals.
const SEED: u64 = 2007;

/// The law that fits the median rates, and 95 % intervals of its coefficients.
///
/// Each interval's `median` is the coefficient fitted to the medians of all rounds, not a median of
/// coefficients. Its ends come from 2,000 resamples of whole rounds, each fitted like the original:
/// what disturbed a round disturbed all its rates together. They show what repeating the
/// measurement changes. That rates follow the law at all is taken for granted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fitted {
    /// λ, in the unit of the rates.
    pub lambda: Interval,
    /// σ.
    pub sigma: Interval,
    /// κ.
    pub kappa: Interval,
    /// The number of threads with the highest rate. `None` unless the law has a peak and at least
    /// 97.5 % of the resampled laws have one (see [`Law::peak`]). Those without count as beyond the
    /// high end.
    pub peak: Option<Interval>,
}

impl Fitted {
    /// Fits `samples`: for each number of threads, the rates of all rounds in the rounds' order.
    ///
    /// The same samples give the same result, whatever the order of the numbers of threads. Another
    /// order of the rounds may move an end of an interval by what another 2,000 resamples would.
    /// `None` where [`Law::fit`] finds no law for the medians or for a resample, and without
    /// rounds.
    ///
    /// # Panics
    ///
    /// When the numbers of threads do not all have the same number of rounds.
    #[must_use]
    pub fn of(samples: &[(f64, Vec<f64>)]) -> Option<Self> {
        let rounds = samples.first()?.1.len();
        let complete = samples.iter().all(|(_, rates)| rates.len() == rounds);
        assert!(complete, "every number of threads needs a rate from each round");
        let law = fit_medians(samples, &(0..rounds).collect::<Vec<_>>())?;
        let mut rng = Rng::with_seed(SEED);
        let resampled = (0..RESAMPLES).map(|_| {
            let drawn = (0..rounds).map(|_| rng.usize(..rounds)).collect::<Vec<_>>();
            fit_medians(samples, &drawn)
        });
        Self::around(law, &resampled.collect::<Option<Vec<_>>>()?)
    }

    fn around(law: Law, resampled: &[Law]) -> Option<Self> {
        let interval = |figure: fn(&Law) -> f64| {
            Interval::of_estimate(figure(&law), &resampled.iter().map(figure).collect::<Vec<_>>())
        };
        let peak = |law: &Law| law.peak().unwrap_or(f64::INFINITY);
        Some(Self {
            lambda: interval(|law| law.lambda)?,
            sigma: interval(|law| law.sigma)?,
            kappa: interval(|law| law.kappa)?,
            peak: interval(peak).filter(|peak| peak.high.is_finite()),
        })
    }
}

/// The law of the medians over some rounds.
fn fit_medians(samples: &[(f64, Vec<f64>)], rounds: &[usize]) -> Option<Law> {
    let point = |(threads, rates): &(f64, Vec<f64>)| {
        let drawn = rounds.iter().map(|&round| rates[round]).collect::<Vec<_>>();
        Some((*threads, median(&drawn)?))
    };
    Law::fit(&samples.iter().map(point).collect::<Option<Vec<_>>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::iter::zip;

    const THREADS: [f64; 6] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0];

    fn samples(rounds: &[[f64; 6]]) -> Vec<(f64, Vec<f64>)> {
        let column =
            |(index, threads)| (threads, rounds.iter().map(|round| round[index]).collect());
        THREADS.into_iter().enumerate().map(column).collect()
    }

    fn of_laws(laws: &[Law]) -> Fitted {
        let rounds = laws.iter().map(|law| THREADS.map(|threads| law.rate_at(threads)));
        Fitted::of(&samples(&rounds.collect::<Vec<_>>())).unwrap()
    }

    const THREE_ROUNDS: [[f64; 6]; 3] = [
        [10.0, 19.6, 37.5, 67.2, 105.0, 118.0],
        [10.1, 19.8, 37.1, 67.9, 104.0, 119.5],
        [9.9, 19.5, 37.8, 66.8, 106.1, 117.2],
    ];

    const AMDAHL: Law = Law { lambda: 10.0, sigma: 0.05, kappa: 0.0 };
    const RETROGRADE: Law = Law { lambda: 10.0, sigma: 0.05, kappa: 0.002 };

    #[test]
    fn three_rounds_and_all_ways_to_resample_them() {
        // The least and the greatest of the 10 different resamples of 3 rounds. Each has a
        // weight of 1/27 or more; fitted by scipy 1.17.1 (optimize.least_squares with bounds).
        let fitted = Fitted::of(&samples(&THREE_ROUNDS)).unwrap();
        let expected = [
            (fitted.lambda, [9.835_673_73, 9.686_360_57, 10.023_297_17]),
            (fitted.sigma, [0.013_169_985, 0.009_350_206, 0.017_641_651]),
            (fitted.kappa, [0.001_268_006_6, 0.001_147_014_5, 0.001_363_166_2]),
            (fitted.peak.unwrap(), [27.897_186_81, 26.957_875_63, 29.265_133_41]),
        ];
        for (Interval { median, low, high }, expected) in expected {
            for (figure, expected) in zip([median, low, high], expected) {
                assert!((figure / expected - 1.0).abs() < 1e-6, "{figure} is not {expected}");
            }
        }
    }

    #[test]
    fn rounds_that_agree_leave_no_doubt() {
        let Fitted { lambda, sigma, kappa, peak } = of_laws(&[RETROGRADE; 4]);
        for interval in [lambda, sigma, kappa, peak.unwrap()] {
            assert_eq!(
                [interval.low, interval.high].map(f64::to_bits),
                [interval.median.to_bits(); 2]
            );
        }
    }

    #[test]
    fn no_peak_where_the_median_has_none() {
        assert_eq!(of_laws(&[AMDAHL; 4]).peak, None);
        assert_eq!(of_laws(&[AMDAHL, AMDAHL, RETROGRADE]).peak, None);
    }

    #[test]
    fn a_peak_needs_39_of_40_resamples_to_have_it() {
        // A resample of 7 rounds has no peak when at least 4 of its draws are rounds without. With
        // one such round that happens to 1.0 % of the resamples, with two to 10.8 %, by the
        // binomial distribution.
        let mut laws = [RETROGRADE; 7];
        laws[3] = AMDAHL;
        assert!(of_laws(&laws).peak.is_some());
        laws[5] = AMDAHL;
        assert_eq!(of_laws(&laws).peak, None);
        assert!(of_laws(&laws).kappa.median > 0.0);
    }

    #[test]
    fn intervals_hold_the_estimate() {
        let Fitted { lambda, sigma, kappa, peak } = Fitted::of(&samples(&THREE_ROUNDS)).unwrap();
        for Interval { median, low, high } in [lambda, sigma, kappa, peak.unwrap()] {
            assert!((low..=high).contains(&median));
        }
    }

    #[test]
    fn the_same_samples_give_the_same_intervals_in_any_order_of_threads() {
        let mut samples = samples(&THREE_ROUNDS);
        let fitted = Fitted::of(&samples);
        assert_eq!(Fitted::of(&samples), fitted);
        samples.reverse();
        assert_eq!(Fitted::of(&samples), fitted);
    }

    #[test]
    fn too_little_to_fit() {
        assert_eq!(Fitted::of(&[]), None);
        assert_eq!(Fitted::of(&samples(&[])), None);
        assert_eq!(Fitted::of(&samples(&THREE_ROUNDS)[..2]), None);
        assert!(Fitted::of(&samples(&THREE_ROUNDS)[..3]).is_some());
    }

    #[test]
    #[should_panic(expected = "a rate from each round")]
    fn a_missing_rate_is_a_mistake() {
        let mut samples = samples(&THREE_ROUNDS);
        samples[4].1.pop();
        let _ = Fitted::of(&samples);
    }
}
