//! The law, and how it is fitted to rates.

use rmpfit::{MPError, MPFitter, MPPar, MPResult, MPSuccess};
use std::iter::zip;

/// One way for a rate to grow with the number of threads; see the [module](super).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Law {
    /// λ: the rate of one thread, in the unit of the rates.
    pub lambda: f64,
    /// σ, contention: the part of the work that only one thread can do at a time.
    pub sigma: f64,
    /// κ, coherency: what each pair of threads costs, as a part of one thread's work.
    pub kappa: f64,
}

impl Law {
    /// The law closest to `points`, each a number of threads and the rate with these, in any order.
    ///
    /// This is the law with the least squares of the differences between rates, among all laws with
    /// λ, σ, κ ≥ 0, as in the `usl` package of R. Rates that grow faster than the threads give
    /// σ = κ = 0 and a bad fit. A σ or κ that changes no rate by more than 1 part in a million is
    /// beyond the precision of the fit and becomes 0.
    ///
    /// `None` when there are fewer than 3 different numbers of threads (3 are fitted exactly and
    /// show no doubt: have more), when a number of threads is below 1 or a rate is not above 0, and
    /// when no law is found.
    #[must_use]
    pub fn fit(points: &[(f64, f64)]) -> Option<Self> {
        let mut residuals = Residuals::new(points)?;
        let law = residuals.least()?;
        let law = residuals.simpler(law, Self { kappa: 0.0, ..law });
        Some(residuals.simpler(law, Self { sigma: 0.0, ..law }))
    }

    /// The rate with `threads` threads, in the unit of [`lambda`](Self::lambda).
    #[must_use]
    pub fn rate_at(&self, threads: f64) -> f64 {
        let others = threads - 1.0;
        self.lambda * threads / (1.0 + self.sigma * others + self.kappa * threads * others)
    }

    /// The number of threads with the highest rate, √((1 − σ) ÷ κ), rarely a whole number. `None`
    /// if κ is 0, since more threads are then never slower, or if σ ≥ 1, since they are never
    /// faster.
    #[must_use]
    pub fn peak(&self) -> Option<f64> {
        (self.kappa > 0.0 && self.sigma < 1.0).then(|| ((1.0 - self.sigma) / self.kappa).sqrt())
    }
}

/// The precision of the fit, relative to a rate: far better than that of samples.
const PRECISION: f64 = 1e-6;

/// λ, σ and κ.
const COEFFICIENTS: usize = 3;

/// Residuals of a law against rates, for `rmpfit`: Levenberg and Marquardt's method as in MINPACK
/// (Moré 1978), with bounds.
struct Residuals {
    /// Numbers of threads and rates, ascending.
    points: Vec<(f64, f64)>,
    /// What the rates are divided by, so that λ is about as large as σ and κ can get.
    unit: f64,
    at_least_zero: [MPPar; COEFFICIENTS],
}

impl Residuals {
    fn new(points: &[(f64, f64)]) -> Option<Self> {
        let mut points = points.to_vec();
        // Sums of floats depend on the order, but the law must not.
        points.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let different = points.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()).count();
        let enough = different >= COEFFICIENTS && points.iter().all(is_measured);
        let unit = points.iter().map(|(threads, rate)| rate / threads).fold(0.0, f64::max);
        let at_least_zero = std::array::from_fn(|_| MPPar { limited_low: true, ..MPPar::new() });
        enough.then_some(Self { points, unit, at_least_zero })
    }

    /// The law with the least squares, in the rates' own unit.
    fn least(&mut self) -> Option<Law> {
        let mut coefficients = [1.0, 0.1, 0.01];
        let status = self.mpfit(&mut coefficients).ok()?;
        let [lambda, sigma, kappa] = coefficients;
        let law = Law { lambda: lambda * self.unit, sigma, kappa };
        (status.success != MPSuccess::MaxIter).then_some(law)
    }

    /// `candidate` where it gives the same rates as `law`, to the precision of the fit.
    fn simpler(&self, law: Law, candidate: Law) -> Law {
        let change = |threads| (candidate.rate_at(threads) / law.rate_at(threads) - 1.0).abs();
        let same = self.points.iter().all(|&(threads, _)| change(threads) <= PRECISION);
        if same { candidate } else { law }
    }
}

fn is_measured(&(threads, rate): &(f64, f64)) -> bool {
    threads.is_finite() && threads >= 1.0 && rate.is_finite() && rate > 0.0
}

impl MPFitter for Residuals {
    fn eval(&mut self, coefficients: &[f64], residuals: &mut [f64]) -> MPResult<()> {
        let &[lambda, sigma, kappa] = coefficients else { return Err(MPError::Input) };
        let law = Law { lambda, sigma, kappa };
        for (residual, &(threads, rate)) in zip(residuals, &self.points) {
            *residual = rate / self.unit - law.rate_at(threads);
        }
        Ok(())
    }

    fn number_of_points(&self) -> usize {
        self.points.len()
    }

    fn parameters(&self) -> &[MPPar] {
        &self.at_least_zero
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn law(threads: &[f64], rates: &[f64]) -> Law {
        Law::fit(&zip(threads.to_vec(), rates.to_vec()).collect::<Vec<_>>()).unwrap()
    }

    /// Asserts λ, σ and κ, each to the given part of its value.
    #[track_caller]
    fn assert_close(law: Law, expected: [f64; 3], tolerance: f64) {
        for (fitted, expected) in zip([law.lambda, law.sigma, law.kappa], expected) {
            assert!(
                (fitted - expected).abs() <= tolerance * expected,
                "{fitted} is not {expected}"
            );
        }
    }

    /// SPEC SDM91 on a Sun server of 1994: simulated users, scripts per hour (data set
    /// `specsdm91` of R's package `usl`).
    const SDM91: ([f64; 7], [f64; 7]) = (
        [1.0, 18.0, 36.0, 72.0, 108.0, 144.0, 216.0],
        [64.9, 995.9, 1652.4, 1853.2, 1828.9, 1775.0, 1702.2],
    );

    /// A ray tracer on an SGI Origin 2000: processors, intersections per second (data set
    /// `raytracer` of the same package).
    const RAYTRACER: ([f64; 11], [f64; 11]) = (
        [1.0, 4.0, 8.0, 12.0, 16.0, 20.0, 24.0, 28.0, 32.0, 48.0, 64.0],
        [20.0, 78.0, 130.0, 170.0, 190.0, 200.0, 210.0, 230.0, 260.0, 280.0, 310.0],
    );

    #[test]
    fn spec_sdm91_as_r_fits_it() {
        // README.md and tests/{summary,predict,peak-scalability}.Rout.save of
        // github.com/smoeding/usl 3.0.3, which writes alpha, beta, gamma for σ, κ, λ.
        let law = law(&SDM91.0, &SDM91.1);
        let printed = [law.lambda, 1e4 * law.sigma, 1e4 * law.kappa];
        assert_eq!(printed.map(|figure| format!("{figure:.3}")), ["89.995", "277.285", "1.044"]);
        assert_eq!(format!("{:.2}", law.peak().unwrap()), "96.52");
        assert_eq!(format!("{:.0}", law.rate_at(law.peak().unwrap())), "1884");
        let fitted = SDM91.0.map(|users| format!("{:.0}", law.rate_at(users)));
        assert_eq!(fitted, ["90", "1078", "1541", "1850", "1879", "1822", "1646"]);
    }

    #[test]
    fn six_points_of_the_ray_tracer_as_r_fits_them() {
        // tests/confint.Rout.save of the same.
        let law = law(&RAYTRACER.0[..6], &RAYTRACER.1[..6]);
        assert_eq!(format!("{:.5}", law.lambda), "20.85605");
        assert_eq!(format!("{:.5} {:.5}", law.sigma, law.kappa), "0.02444 0.00163");
    }

    #[test]
    fn all_points_of_the_ray_tracer_need_the_bound_of_kappa() {
        // scipy 1.17.1, optimize.least_squares with bounds 0 and infinity, best of 32 starts:
        // λ = 21.848843, σ = 0.05777078, κ = 7e-26.
        let law = law(&RAYTRACER.0, &RAYTRACER.1);
        assert_close(law, [21.848_843, 0.057_770_78, 0.0], 1e-6);
        assert_eq!(law.peak(), None);
    }

    #[test]
    fn a_router_as_schwartz_fits_it() {
        // Schwartz, Practical Scalability Analysis with the Universal Scalability Law; data and
        // coefficients as in the tests of github.com/codahale/usl-rs 0.3.0, which allows them 1
        // part in 10^5.
        let rates = [
            955.16, 1878.91, 2688.01, 3548.68, 4315.54, 5130.43, 5931.37, 6531.08, 7219.8, 7867.61,
            8278.71, 8646.7, 9047.84, 9426.55, 9645.37, 9897.24, 10097.6, 10240.5, 10532.39,
            10798.52, 11151.43, 11518.63, 11806.0, 12089.37, 12075.41, 12177.29, 12211.41,
            12158.93, 12155.27, 12118.04, 12140.4, 12074.39,
        ];
        let threads = (1..=32).map(f64::from).collect::<Vec<_>>();
        let law = law(&threads, &rates);
        assert_close(law, [995.648_6, 0.026_715_91, 7.690_945e-4], 1e-5);
        assert_eq!(format!("{:.0}", law.peak().unwrap().floor()), "35");
    }

    #[test]
    fn the_least_squares_to_many_digits() {
        // Gauss and Newton's method with 40 digits, in Python with mpmath.
        let [sdm91, six] = [law(&SDM91.0, &SDM91.1), law(&RAYTRACER.0[..6], &RAYTRACER.1[..6])];
        let expected = [89.995_233_104_332, 0.027_728_475_618_634, 0.000_104_365_483_844];
        assert_close(sdm91, expected, 1e-6);
        let expected = [20.856_045_302_982, 0.024_444_041_421_927, 0.001_626_809_280_410];
        assert_close(six, expected, 1e-6);
    }

    #[test]
    fn rates_as_steady_as_can_be_have_no_contention_and_no_peak() {
        let threads = (1..=64).map(f64::from).collect::<Vec<_>>();
        let law = law(&threads, &threads.iter().map(|n| 21.2e6 * n).collect::<Vec<_>>());
        assert_eq!((law.sigma, law.kappa, law.peak()), (0.0, 0.0, None));
        assert!((law.lambda / 21.2e6 - 1.0).abs() < 1e-9);
    }

    #[test]
    fn rates_that_outgrow_the_threads_fit_a_straight_line() {
        let (threads, rates) = ([1.0, 2.0, 4.0, 8.0], [1.0, 2.1, 4.4, 9.6]);
        let law = law(&threads, &rates);
        assert_eq!((law.sigma, law.kappa), (0.0, 0.0));
        // Least squares through the origin: Σ n X ÷ Σ n².
        assert!((law.lambda - 99.6 / 85.0).abs() < 1e-9);
    }

    #[test]
    fn a_law_is_found_again_from_its_rates() {
        let threads = [1.0, 2.0, 3.0, 4.0, 8.0, 16.0, 32.0];
        for (sigma, kappa) in [(0.05, 0.0), (0.0, 0.001), (0.02, 0.0005), (0.9, 0.01), (0.3, 0.2)] {
            let truth = Law { lambda: 2.0e7, sigma, kappa };
            let found = law(&threads, &threads.map(|n| truth.rate_at(n)));
            assert_close(found, [truth.lambda, sigma, kappa], 1e-6);
        }
    }

    #[test]
    fn the_unit_of_rates_is_the_unit_of_lambda() {
        let per_hour = law(&SDM91.0, &SDM91.1);
        let per_day = law(&SDM91.0, &SDM91.1.map(|rate| 24.0 * rate));
        assert_close(per_day, [24.0 * per_hour.lambda, per_hour.sigma, per_hour.kappa], 1e-6);
    }

    #[test]
    fn the_order_of_points_does_not_matter() {
        let mut points = zip(SDM91.0, SDM91.1).collect::<Vec<_>>();
        let law = Law::fit(&points);
        points.rotate_left(3);
        points.swap(0, 1);
        assert_eq!(Law::fit(&points), law);
    }

    #[test]
    fn the_peak_is_where_more_and_fewer_threads_are_slower() {
        let law = Law { lambda: 1.0, sigma: 0.04, kappa: 0.0024 };
        assert_eq!(law.peak(), Some(20.0));
        let rate = law.rate_at(20.0);
        assert!(law.rate_at(19.9) < rate && law.rate_at(20.1) < rate);
        assert_eq!(Law { sigma: 1.0, ..law }.peak(), None);
    }

    #[test]
    fn three_numbers_of_threads_are_needed() {
        assert!(Law::fit(&[(1.0, 1.0), (2.0, 1.9), (4.0, 3.5)]).is_some());
        assert_eq!(Law::fit(&[(1.0, 1.0), (2.0, 1.9), (2.0, 1.8)]), None);
        assert_eq!(Law::fit(&[]), None);
    }

    #[test]
    fn points_that_cannot_have_been_measured_have_no_law() {
        for point in [(4.0, 0.0), (4.0, -1.0), (4.0, f64::NAN), (4.0, f64::INFINITY), (0.5, 1.0)] {
            assert_eq!(Law::fit(&[(1.0, 1.0), (2.0, 1.9), (3.0, 2.7), point]), None);
        }
        assert_eq!(Law::fit(&[(1.0, 1.0), (2.0, 1.9), (3.0, 2.7), (f64::NAN, 1.0)]), None);
    }
}
