//! Figures with their intervals.

use std::collections::BTreeSet;

use crate::bench::document::Document;
use crate::bench::statistics::{Interval, coverage};
use crate::text::{RateUnit, percent, percent_figure, times};

/// What the intervals of these documents' medians are, by how many samples the points have: `96.1 %
/// intervals of the median`, or the range where samples are too few for an interval.
#[must_use]
pub fn kind_of_intervals(documents: &[Document]) -> String {
    let points = documents.iter().flat_map(|document| &document.points);
    let counts: BTreeSet<usize> = points.map(|point| point.samples.len()).collect();
    let coverages: Option<Vec<f64>> = counts.iter().map(|count| coverage(*count)).collect();
    match coverages.as_deref() {
        Some([only]) => format!("{} intervals of the median", percent(*only)),
        Some([_, ..]) => "intervals of the median, at least 95 % sure".to_owned(),
        None if counts.last().is_some_and(|most| coverage(*most).is_some()) => {
            "intervals of the median; of fewer than 6 samples, their range".to_owned()
        }
        _ => "the range of the samples".to_owned(),
    }
}

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

/// A rate's ratio to an earlier rate, to a thousandth, and its interval: `0.987 x` and
/// `[0.981, 0.993]`.
#[must_use]
pub fn ratio_to_earlier(ratio: &Interval) -> [String; 2] {
    let Interval { median, low, high } = ratio;
    [format!("{median:.3} x"), format!("[{low:.3}, {high:.3}]")]
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::document::{Point, Sample};

    /// A run with a point of each of these numbers of samples.
    fn run(counts: &[usize]) -> Document {
        let point =
            |&count: &usize| Point { samples: vec![Sample::default(); count], ..Point::default() };
        Document { points: counts.iter().map(point).collect(), ..Document::default() }
    }

    #[test]
    fn intervals_are_called_what_they_are() {
        for (counts, words) in [
            (&[9, 9][..], "96.1 % intervals of the median"),
            (&[6], "96.9 % intervals of the median"),
            (&[9, 8], "intervals of the median, at least 95 % sure"),
            (&[9, 5], "intervals of the median; of fewer than 6 samples, their range"),
            (&[5, 3], "the range of the samples"),
            (&[], "the range of the samples"),
        ] {
            assert_eq!(kind_of_intervals(&[run(counts)]), words, "{counts:?}");
        }
        let two = [run(&[9]), run(&[3])];
        assert!(kind_of_intervals(&two).ends_with("of fewer than 6 samples, their range"));
    }
}
