//! Warnings: what makes the figures of a benchmark doubtful, and what to do about it.
//!
//! Each warning names a remedy. A field that is not known gives no warning. The figures of a
//! benchmark with warnings are still what was measured: a warning is no failure.

mod samples;
mod surroundings;
mod threads;

use super::document::{Environment, Point, Settings, Warning};

/// All warnings, the worst first: what spoils every figure, then what limits the number of threads
/// worth judging, then what the samples themselves show.
#[must_use]
pub(super) fn of(environment: &Environment, settings: &Settings, points: &[Point]) -> Vec<Warning> {
    let texts = [
        ("debug-build", surroundings::debug_build(environment)),
        ("load", surroundings::load(environment)),
        ("steal", surroundings::steal(environment)),
        ("governor", surroundings::governor(environment)),
        ("more-threads-than-cpus", threads::more_than_cpus(environment, points)),
        ("quota", threads::quota(environment, points)),
        ("siblings-share-cores", threads::siblings(environment, points)),
        ("slow-cores", threads::slow_cores(environment, points)),
        ("virtual-machine", threads::virtual_cores(environment, points)),
        ("unpinned-on-numa", threads::unpinned(environment, points)),
        ("few-samples", samples::few(settings, points)),
        ("short-samples", samples::short(settings, points)),
        ("spread", samples::spread(points)),
        ("drift", samples::drift(points)),
    ];
    texts
        .into_iter()
        .filter_map(|(kind, text)| Some(Warning { kind: kind.to_owned(), text: text? }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::document::{Fairness, Sample};
    use super::super::statistics::{Interval, Spread};
    use super::*;

    /// A machine with the required properties alone.
    pub(super) fn unknown() -> Environment {
        Environment {
            version: "1.0.0".to_owned(),
            build_profile: "release".to_owned(),
            physical_cores: 4,
            logical_cpus: 8,
            usable_threads: 8,
            num_cpus: 8,
            ..Environment::default()
        }
    }

    /// Settings that ask for `samples` samples.
    pub(super) fn asking_for(samples: usize) -> Settings {
        Settings { time_s: 0.5, samples, warmup_s: 0.5 }
    }

    /// The point of the kernel `sha2` that was measured at these rates, round by round.
    pub(super) fn point(threads: usize, rates: &[f64]) -> Point {
        let spread = Spread::of(rates).unwrap_or(Spread { median: 0.0, low: 0.0, high: 0.0 });
        Point {
            kernel: "sha2".to_owned(),
            auto: false,
            threads,
            pinned: false,
            hashes_per_s: Interval { median: spread.median, low: spread.low, high: spread.high },
            fairness: Fairness { lowest_share: 1.0, highest_share: 1.0 },
            elapsed_s: rates.len() as f64,
            samples: rates.iter().enumerate().map(|(round, &rate)| sample(round, rate)).collect(),
            ..Point::default()
        }
    }

    fn sample(round: usize, hashes_per_s: f64) -> Sample {
        let at_s = round as f64;
        Sample { round, at_s, elapsed_s: 1.0, hashes_per_s, ..Sample::default() }
    }

    #[test]
    fn a_quiet_machine_gives_no_warnings() {
        let quiet = Environment {
            is_virtual: Some(false),
            sockets: Some(2),
            numa_nodes: Some(2),
            siblings_per_core: Some(2),
            allowed_cpus: Some(8),
            allowed_cores: Some(4),
            cpu_quota: Some(4.0),
            governor: Some("performance".to_owned()),
            frequency_driver: Some("acpi-cpufreq".to_owned()),
            turbo: Some(true),
            load_before: Some(0.03),
            steal: Some(0.0),
            ..unknown()
        };
        let points = [1, 2, 4].map(|threads| point(threads, &[100.0; 7]));
        assert_eq!(of(&quiet, &asking_for(7), &points), []);
    }

    #[test]
    fn what_is_not_known_is_not_warned_of() {
        let points = [1, 99].map(|threads| point(threads, &[100.0; 7]));
        assert_eq!(of(&unknown(), &asking_for(7), &points), []);
    }

    #[test]
    fn nothing_measured() {
        let empty = point(1, &[]);
        assert_eq!(of(&unknown(), &asking_for(7), &[]), []);
        assert_eq!(of(&unknown(), &asking_for(7), &[empty]), []);
    }

    /// Everything at once: all kinds, their order, and that each is one line.
    #[test]
    fn a_machine_that_is_good_for_nothing() {
        let bad = Environment {
            build_profile: "debug".to_owned(),
            sockets: Some(2),
            numa_nodes: Some(2),
            siblings_per_core: Some(2),
            allowed_cpus: Some(8),
            allowed_cores: Some(4),
            cpu_quota: Some(1.5),
            governor: Some("ondemand".to_owned()),
            load_before: Some(8.0),
            steal: Some(0.2),
            ..unknown()
        };
        let falling = [100.0, 99.0, 98.0, 80.0, 70.0, 69.0, 68.0];
        let mut points = [1, 6, 16].map(|threads| point(threads, &falling)).to_vec();
        points.push(point(2, &[100.0]));
        let warnings = of(&bad, &asking_for(7), &points);
        let kinds: Vec<_> = warnings.iter().map(|warning| warning.kind.as_str()).collect();
        let expected = [
            "debug-build",
            "load",
            "steal",
            "governor",
            "more-threads-than-cpus",
            "quota",
            "siblings-share-cores",
            "unpinned-on-numa",
            "few-samples",
            "spread",
            "drift",
        ];
        assert_eq!(kinds, expected);
        for warning in warnings {
            let length = warning.text.chars().count();
            assert!(length <= 160, "{length} characters: {}", warning.text);
            assert!(!warning.text.contains('\n') && !warning.text.ends_with('.'));
        }
    }
}
