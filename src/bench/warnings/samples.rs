//! Warnings about samples: too few, too short, too different, drifting.

use super::super::document::{Point, Settings};
use super::super::statistics::{Spread, coverage, median};
use crate::text::counted;

/// Fewer samples say nothing of a drift.
const LEAST_FOR_DRIFT: usize = 5;

/// The tolerated relative spread of a point's samples, 0 to 1.
const SPREAD: f64 = 0.05;

/// The tolerated relative change from the first samples to the last, 0 to 1.
const DRIFT: f64 = 0.03;

/// How long a sample has to last, as a share of the time asked for.
const SHORT: f64 = 0.5;

/// Warns of points with too few samples. Points without any are left out.
pub(super) fn few(settings: &Settings, points: &[Point]) -> Option<String> {
    let fewest = points.iter().map(|point| point.samples.len()).filter(|&count| count > 0).min()?;
    if coverage(fewest).is_some() {
        return None;
    }
    let remedy = if coverage(settings.samples).is_none() {
        "use --samples 9".to_owned()
    } else {
        format!("let it take all {}", settings.samples)
    };
    Some(format!(
        "{} a point: brackets are lowest to highest, and hold the true median in less than 95 % of \
         the cases; {remedy}",
        counted(fewest, "sample"),
    ))
}

/// Warns of samples far shorter than asked for, and names the point with the shortest. They occur
/// if a header has no more nonces.
pub(super) fn short(settings: &Settings, points: &[Point]) -> Option<String> {
    let length = |point: &Point| {
        let seconds: Vec<f64> = point.samples.iter().map(|sample| sample.elapsed_s).collect();
        median(&seconds)
    };
    let short: Vec<(&Point, f64)> = points
        .iter()
        .filter_map(|point| Some((point, length(point)?)))
        .filter(|(_, seconds)| *seconds < SHORT * settings.time_s)
        .collect();
    let (point, seconds) = short.iter().min_by(|(_, one), (_, other)| one.total_cmp(other))?;
    Some(format!(
        "{} last {:.1} ms, not {:.0} ms: use a longer --warmup (where a header has no more nonces, \
         a shorter --time)",
        samples_of(point, short.len() - 1),
        seconds * 1e3,
        settings.time_s * 1e3,
    ))
}

/// Warns of samples that differ, and names the point where they differ most.
pub(super) fn spread(points: &[Point]) -> Option<String> {
    let spread: Vec<&Point> = points.iter().filter(|point| is_spread(point)).collect();
    let (worst, by) = spread
        .iter()
        .filter_map(|point| Some((point, relative_spread(point)?)))
        .max_by(|(_, one), (_, other)| one.total_cmp(other))?;
    Some(format!(
        "{} differ by {:.0} %: quiet the machine, or use a longer --time (docs/benchmarking.md)",
        samples_of(worst, spread.len() - 1),
        by * 100.0,
    ))
}

/// Names the samples of a point, and says at how many other points the same was found.
fn samples_of(point: &Point, others: usize) -> String {
    let more = if others == 0 { String::new() } else { format!(" (and at {others} more)") };
    format!("samples of {} at {}{more}", point.kernel, counted(point.threads, "thread"))
}

/// Whether the samples of a point differ by more than is tolerated.
pub(super) fn is_spread(point: &Point) -> bool {
    relative_spread(point).is_some_and(|spread| spread > SPREAD)
}

/// (highest rate − lowest rate) ÷ median rate.
fn relative_spread(point: &Point) -> Option<f64> {
    let Spread { median, low, high } = Spread::of(&point.rates())?;
    (median > 0.0).then(|| (high - low) / median)
}

/// Warns if the rates of most points changed in the same direction, by more than is tolerated, from
/// the first samples to the last.
///
/// Every point is sampled in every round, so a change of the machine affects them all.
pub(super) fn drift(points: &[Point]) -> Option<String> {
    let drifts: Vec<f64> = points.iter().filter_map(relative_drift).collect();
    let are_most = |count: usize| 2 * count > drifts.len();
    let change = if are_most(drifts.iter().filter(|&&drift| drift < -DRIFT).count()) {
        "fell"
    } else if are_most(drifts.iter().filter(|&&drift| drift > DRIFT).count()) {
        "rose"
    } else {
        return None;
    };
    Some(format!(
        "rates {change} by {:.0} % from the first samples to the last (heat, clock or load): warm \
         up longer on a quiet machine",
        median(&drifts)?.abs() * 100.0,
    ))
}

/// The relative change of a point's rate, from the median of the first third of the samples to that
/// of the last. It is 0 unless all of the last are higher than all of the first, or all are lower.
/// `None` for too few samples.
fn relative_drift(point: &Point) -> Option<f64> {
    let rates = point.rates();
    if rates.len() < LEAST_FOR_DRIFT {
        return None;
    }
    let third = rates.len().div_ceil(3);
    let (first, last) = (&rates[..third], &rates[rates.len() - third..]);
    let (before, after) = (Spread::of(first)?, Spread::of(last)?);
    let overlap = before.low <= after.high && after.low <= before.high;
    Some(if overlap { 0.0 } else { (after.median - before.median) / before.median })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{asking_for, point};
    use super::*;

    const STEADY: [f64; 7] = [100.0; 7];

    #[test]
    fn six_samples_are_enough() {
        assert_eq!(few(&asking_for(6), &[point(1, &STEADY[..6])]), None);
        assert_eq!(
            few(&asking_for(5), &[point(1, &STEADY[..5])]).unwrap(),
            "5 samples a point: brackets are lowest to highest, and hold the true median in less \
             than 95 % of the cases; use --samples 9"
        );
    }

    #[test]
    fn the_point_with_the_fewest_samples_counts() {
        let points = [point(1, &STEADY), point(2, &STEADY[..1]), point(4, &[])];
        let text = few(&asking_for(7), &points).unwrap();
        assert!(text.starts_with("1 sample a point"), "{text}");
    }

    #[test]
    fn a_run_that_was_stopped_is_to_be_let_finish() {
        let text = few(&asking_for(7), &[point(1, &STEADY[..2])]).unwrap();
        assert!(text.ends_with("let it take all 7"), "{text}");
    }

    #[test]
    fn samples_last_half_of_what_was_asked_for_at_least() {
        let lasting = |seconds: f64| {
            let mut point = point(2, &STEADY);
            point.samples.iter_mut().for_each(|sample| sample.elapsed_s = seconds);
            point
        };
        assert_eq!(short(&asking_for(7), &[lasting(0.25), lasting(1.0)]), None);
        let text = short(&asking_for(7), &[lasting(0.5), lasting(0.24)]).unwrap();
        assert!(
            text.starts_with("samples of sha2 at 2 threads last 240.0 ms, not 500 ms"),
            "{text}"
        );
        assert_eq!(short(&asking_for(7), &[point(1, &[])]), None);
    }

    #[test]
    fn samples_may_differ_by_five_in_a_hundred() {
        for (rates, warns) in [
            (&[97.5, 100.0, 102.5][..], false),
            (&[97.5, 100.0, 102.6], true),
            (&[97.0, 102.0, 102.0, 102.0, 101.0], false),
            (&[98.0, 100.0, 104.0, 103.2], true),
            (&[100.0], false),
            (&[0.0, 0.0, 1.0], false),
            (&[], false),
        ] {
            let warning = spread(&[point(1, rates)]);
            assert_eq!(warning.is_some(), warns, "{rates:?}: {warning:?}");
        }
    }

    #[test]
    fn the_worst_point_is_named_and_the_others_counted() {
        let points = [
            point(1, &[95.0, 100.0, 101.0]),
            point(8, &[88.0, 100.0, 100.0]),
            point(4, &[91.0, 100.0, 100.0]),
            point(2, &STEADY),
        ];
        assert_eq!(
            spread(&points).unwrap(),
            "samples of sha2 at 8 threads (and at 2 more) differ by 12 %: quiet the machine, or \
             use a longer --time (docs/benchmarking.md)"
        );
        let alone = spread(&points[..1]).unwrap();
        assert!(alone.starts_with("samples of sha2 at 1 thread differ by 6 %"), "{alone}");
    }

    #[test]
    fn drifts_of_one_point() {
        for (rates, expected) in [
            // Thirds of seven samples are three, of five and six two.
            (&[100.0, 98.0, 96.0, 94.0, 92.0, 90.0, 49.0][..], Some(-8.0 / 98.0)),
            (&[50.0, 50.0, 60.0, 75.0, 75.0], Some(0.5)),
            (&[50.0, 50.0, 99.0, 1.0, 25.0, 25.0], Some(-0.5)),
            // One sample of the last third is no lower than one of the first.
            (&[100.0, 90.0, 96.0, 94.0, 90.0, 80.0, 70.0], Some(0.0)),
            (&[100.0; 7], Some(0.0)),
            (&[100.0, 100.0, 50.0, 50.0], None),
            (&[], None),
        ] {
            let drift = relative_drift(&point(1, rates));
            assert_eq!(drift, expected, "{rates:?}");
        }
    }

    #[test]
    fn most_points_must_drift_the_same_way() {
        let steady = || point(1, &STEADY);
        let falling = || point(2, &[100.0, 99.0, 98.0, 97.0, 93.0, 92.0, 91.0]);
        let rising = || point(4, &[100.0, 101.0, 101.0, 106.0, 107.0, 108.0, 108.0]);
        let few = || point(8, &[100.0, 50.0]);
        for (points, change) in [
            (vec![falling()], Some("fell by 7 %")),
            (vec![rising()], Some("rose by 7 %")),
            (vec![falling(), steady(), falling()], Some("fell by 7 %")),
            (vec![few(), few(), rising()], Some("rose by 7 %")),
            (vec![falling(), steady()], None),
            (vec![falling(), rising()], None),
            (vec![falling(), rising(), steady()], None),
            (vec![steady(), steady(), falling()], None),
            (vec![few()], None),
            (vec![], None),
        ] {
            let warning = drift(&points);
            match change {
                None => assert_eq!(warning, None),
                Some(change) => {
                    let text = warning.unwrap();
                    assert!(text.contains(change), "{text}");
                }
            }
        }
    }

    #[test]
    fn small_drifts_are_tolerated() {
        let to = |last| point(1, &[100.0, 100.0, 100.0, last, last, last, last]);
        assert_eq!(drift(&[to(97.0)]), None);
        assert_eq!(drift(&[to(103.0)]), None);
        assert!(drift(&[to(96.9)]).is_some());
        assert!(drift(&[to(103.1)]).is_some());
    }

    #[test]
    fn noise_is_no_drift() {
        // Wide, and without a direction; and one slow sample at the beginning or the end.
        let noisy = [100.0, 90.0, 95.0, 102.0, 91.0, 99.0, 96.0];
        let slow_start = [80.0, 100.0, 100.0, 100.0, 100.0, 100.0, 100.0];
        let slow_end = [100.0, 100.0, 100.0, 100.0, 80.0];
        for rates in [&noisy[..], &slow_start, &slow_end] {
            assert_eq!(drift(&[point(1, rates)]), None, "{rates:?}");
        }
    }
}
