//! Properties of the statistics, tried on random samples.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::common::cases;
use stripmine::bench::statistics::{Interval, Spread, median, quantile};

/// Up to forty samples.
fn samples() -> impl Strategy<Value = Vec<f64>> {
    vec((0..1_000_000_u32).prop_map(|number| f64::from(number) / 64.0 + 1.0), 1..=40)
}

#[test]
fn quantiles_rise_from_the_lowest_value_to_the_highest() {
    proptest!(cases(2_000), |(values in samples())| {
        let shares: Vec<f64> = (0..=50).map(|part| f64::from(part) / 50.0).collect();
        let all: Vec<f64> = shares.iter().map(|it| quantile(&values, *it).unwrap()).collect();
        prop_assert!(all.is_sorted(), "{:?}", all);
        let spread = Spread::of(&values).unwrap();
        prop_assert_eq!((all[0], all[25], all[50]), (spread.low, spread.median, spread.high));
        prop_assert!(values.contains(&spread.low) && values.contains(&spread.high));
        let below = values.iter().filter(|value| **value < spread.median).count();
        let above = values.iter().filter(|value| **value > spread.median).count();
        prop_assert!(below.max(above) <= values.len() / 2, "as many below as above");
    });
}

#[test]
fn the_order_of_samples_does_not_matter_and_their_unit_is_the_figure_s() {
    let twice =
        samples().prop_flat_map(|values| (Just(values.clone()), Just(values).prop_shuffle()));
    proptest!(cases(300), |((values, other) in twice)| {
        prop_assert_eq!(median(&other), median(&values));
        prop_assert_eq!(Interval::of_median(&other), Interval::of_median(&values));
        // Powers of two are exact.
        let scaled: Vec<f64> = values.iter().map(|value| value * 1024.0).collect();
        let interval = Interval::of_median(&values).unwrap();
        let expected = Interval {
            median: interval.median * 1024.0,
            low: interval.low * 1024.0,
            high: interval.high * 1024.0,
        };
        prop_assert_eq!(Interval::of_median(&scaled), Some(expected));
    });
}

#[test]
fn an_interval_holds_its_median_and_lies_among_the_samples() {
    proptest!(cases(1_000), |(values in samples())| {
        let Interval { median: middle, low, high } = Interval::of_median(&values).unwrap();
        let spread = Spread::of(&values).unwrap();
        prop_assert_eq!(Some(middle), median(&values));
        prop_assert!(spread.low <= low && low <= middle && middle <= high && high <= spread.high);
        let same = vec![values[0]; values.len()];
        let certain = Interval::of_median(&same).unwrap();
        prop_assert_eq!((certain.low, certain.high), (values[0], values[0]));
    });
}

#[test]
fn samples_against_themselves_have_the_ratio_1_and_no_samples_have_no_figure() {
    proptest!(cases(300), |(values in samples())| {
        let ratio = Interval::of_median_ratio(&values, &values).unwrap();
        prop_assert!(ratio.low <= 1.0 && ratio.high >= 1.0, "{:?}", ratio);
    });
    assert_eq!((median(&[]), Interval::of_median(&[])), (None, None));
    assert_eq!(Interval::of_median(&[1.0, f64::NAN]), None);
    assert_eq!(Interval::of_median(&[1.0, f64::INFINITY]), None);
}
