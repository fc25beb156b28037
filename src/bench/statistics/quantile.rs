//! Medians and quantiles.
//!
//! Values should be finite: a NaN sorts beyond the infinity of its sign and can become the result.

/// The median of `values`, in any order; `None` when there are none. Of an even number of values it
/// lies halfway between the two in the middle.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// The value below which a share of `values` lies; `None` when there are none.
///
/// Hyndman and Fan's type 7, the default of R: of n sorted values, numbered from 0, the
/// one at position `share` × (n − 1), interpolated linearly between its neighbours.
///
/// # Panics
///
/// When `share` is not from 0 to 1.
#[must_use]
pub fn quantile(values: &[f64], share: f64) -> Option<f64> {
    assert!((0.0..=1.0).contains(&share), "a quantile needs a share from 0 to 1, not {share}");
    let position = share * values.len().checked_sub(1)? as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in it")]
    let place = position.floor() as usize;
    let mut values = values.to_vec();
    let (_, low, above) = values.select_nth_unstable_by(place, f64::total_cmp);
    let low = *low;
    if position.fract() == 0.0 {
        return Some(low);
    }
    let high = above.iter().copied().min_by(f64::total_cmp)?;
    Some(low + position.fract() * (high - low))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Miles per gallon of R's built-in data set `mtcars`.
    const MTCARS_MPG: [f64; 32] = [
        21.0, 21.0, 22.8, 21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8, 16.4, 17.3, 15.2, 10.4,
        10.4, 14.7, 32.4, 30.4, 33.9, 21.5, 15.5, 15.2, 13.3, 19.2, 27.3, 26.0, 30.4, 15.8, 19.7,
        15.0, 21.4,
    ];

    #[track_caller]
    fn assert_close(measured: Option<f64>, expected: f64) {
        let measured = measured.unwrap();
        assert!((measured - expected).abs() < 1e-12, "{measured} is not {expected}");
    }

    #[test]
    fn quartiles_as_r_gives_them() {
        // > quantile(mtcars$mpg)
        //     0%    25%    50%    75%   100%
        // 10.400 15.425 19.200 22.800 33.900
        for (share, expected) in
            [(0.0, 10.4), (0.25, 15.425), (0.5, 19.2), (0.75, 22.8), (1.0, 33.9)]
        {
            assert_close(quantile(&MTCARS_MPG, share), expected);
        }
    }

    #[test]
    fn type_7_and_none_of_the_other_eight() {
        // By their definitions, types 1 to 9 give 20, 27.5, 20, 20, 27.5, 26, 29, 27, 27.125.
        assert_close(quantile(&[15.0, 20.0, 35.0, 40.0, 50.0], 0.4), 29.0);
        // As Python's statistics.quantiles(range(1, 11), n=100, method="inclusive") has them.
        let one_to_ten: Vec<f64> = (1..=10).map(f64::from).collect();
        for (share, expected) in [(0.1, 1.9), (0.25, 3.25), (0.9, 9.1), (0.99, 9.91)] {
            assert_close(quantile(&one_to_ten, share), expected);
        }
    }

    #[test]
    fn medians_of_odd_and_even_numbers_of_values() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), Some(2.5));
        assert_eq!(median(&[-1.0, 1.0]), Some(0.0));
    }

    #[test]
    fn one_value_is_every_quantile() {
        for share in [0.0, 0.3, 0.5, 1.0] {
            assert_eq!(quantile(&[7.0], share), Some(7.0));
        }
    }

    #[test]
    fn nothing_of_nothing() {
        assert_eq!(median(&[]), None);
        assert_eq!(quantile(&[], 0.9), None);
    }

    #[test]
    #[should_panic(expected = "a share from 0 to 1, not 1.5")]
    fn a_share_above_one_is_a_mistake() {
        let _ = quantile(&[1.0], 1.5);
    }

    #[test]
    #[should_panic(expected = "not NaN")]
    fn a_share_that_is_no_number_is_a_mistake() {
        let _ = quantile(&[1.0], f64::NAN);
    }
}
