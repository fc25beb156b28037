//! Figures with their intervals.

use crate::bench::statistics::Interval;
use crate::text::{RateUnit, percent_figure, times};

/// A rate with its interval: `42.1 MH/s [42.0, 42.3]`.
#[must_use]
pub fn rate_with_interval(rate: &Interval, digits: u32) -> String {
    let unit = RateUnit::fitting(rate.median);
    with_ends(rate, &format!(" {}", unit.name), |rate| unit.figure(rate, digits))
}

/// A ratio with its interval: `31.5 x [31.2, 31.7]`.
#[must_use]
pub fn times_with_interval(ratio: &Interval) -> String {
    with_ends(ratio, " x", times)
}

/// A part of a whole with its interval: `0.1 % [-0.3, 0.5]`.
#[must_use]
pub fn percent_with_interval(part: &Interval) -> String {
    with_ends(part, " %", percent_figure)
}

fn with_ends(interval: &Interval, unit: &str, figure: impl Fn(f64) -> String) -> String {
    let [median, low, high] = [interval.median, interval.low, interval.high].map(figure);
    format!("{median}{unit} [{low}, {high}]")
}
