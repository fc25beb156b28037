//! What holds for the statistics of all samples, tried on seeded ones.

use crate::common::Random;
use stripmine::bench::statistics::{Interval, Spread, median, quantile};

fn values(random: &mut Random) -> Vec<f64> {
    let len = 1 + random.below(40);
    (0..len).map(|_| random.below(1_000_000) as f64 / 64.0 + 1.0).collect()
}

fn shuffled(values: &[f64], random: &mut Random) -> Vec<f64> {
    let mut left = values.to_vec();
    let mut shuffled = Vec::new();
    while !left.is_empty() {
        shuffled.push(left.swap_remove(random.below(left.len() as u64) as usize));
    }
    shuffled
}

#[test]
fn quantiles_rise_from_the_lowest_value_to_the_highest() {
    let mut random = Random(31);
    for _ in 0..2_000 {
        let values = values(&mut random);
        let shares: Vec<f64> = (0..=50).map(|part| f64::from(part) / 50.0).collect();
        let all: Vec<f64> = shares.iter().map(|it| quantile(&values, *it).unwrap()).collect();
        assert!(all.is_sorted(), "{values:?}: {all:?}");
        let spread = Spread::of(&values).unwrap();
        assert_eq!((all[0], all[25], all[50]), (spread.low, spread.median, spread.high));
        assert!(values.contains(&spread.low) && values.contains(&spread.high));
        let below = values.iter().filter(|value| **value < spread.median).count();
        let above = values.iter().filter(|value| **value > spread.median).count();
        assert!(below.max(above) <= values.len() / 2, "as many below as above: {values:?}");
    }
}

#[test]
fn the_order_of_samples_does_not_matter_and_their_unit_is_the_figure_s() {
    let mut random = Random(32);
    for _ in 0..300 {
        let values = values(&mut random);
        let other = shuffled(&values, &mut random);
        assert_eq!(median(&other), median(&values));
        assert_eq!(Interval::of_median(&other), Interval::of_median(&values));
        // Powers of two are exact.
        let scaled: Vec<f64> = values.iter().map(|value| value * 1024.0).collect();
        let interval = Interval::of_median(&values).unwrap();
        let expected = Interval {
            median: interval.median * 1024.0,
            low: interval.low * 1024.0,
            high: interval.high * 1024.0,
        };
        assert_eq!(Interval::of_median(&scaled), Some(expected));
    }
}

#[test]
fn an_interval_holds_its_median_and_lies_among_the_samples() {
    let mut random = Random(33);
    for _ in 0..1_000 {
        let values = values(&mut random);
        let Interval { median: middle, low, high } = Interval::of_median(&values).unwrap();
        let spread = Spread::of(&values).unwrap();
        assert_eq!(Some(middle), median(&values));
        assert!(spread.low <= low && low <= middle && middle <= high && high <= spread.high);
        let same = vec![values[0]; values.len()];
        let certain = Interval::of_median(&same).unwrap();
        assert_eq!((certain.low, certain.high), (values[0], values[0]));
    }
}

#[test]
fn a_thing_is_as_fast_as_itself_and_nothing_comes_of_nothing() {
    let mut random = Random(34);
    for _ in 0..300 {
        let values = values(&mut random);
        let ratio = Interval::of_median_ratio(&values, &values).unwrap();
        assert!(ratio.low <= 1.0 && ratio.high >= 1.0, "{ratio:?}");
    }
    assert_eq!((median(&[]), Interval::of_median(&[])), (None, None));
    assert_eq!(Interval::of_median(&[1.0, f64::NAN]), None);
    assert_eq!(Interval::of_median(&[1.0, f64::INFINITY]), None);
}
