//! Durations.

use std::time::Duration;

use super::figures::significant;
use super::rate::prefixed;

/// A duration in the unit that fits it: see [`seconds`].
pub(crate) fn duration(duration: Duration) -> String {
    seconds(duration.as_secs_f64())
}

/// A duration in the unit that fits it: `84 µs`, `0.60 ms`, `3.7 ms`, `0.529 s`, `71.0 s`,
/// `3 min 55 s`, `2 h 05 min`, `1 d 04 h`, `11 years`. It may be longer than a [`Duration`] can be.
pub(crate) fn seconds(seconds: f64) -> String {
    const MINUTE: f64 = 60.0;
    const HOUR: f64 = 60.0 * MINUTE;
    const DAY: f64 = 24.0 * HOUR;
    const YEAR: f64 = 365.25 * DAY;
    match seconds {
        s if s < 0.000_099_5 => format!("{:.0} µs", s * 1e6),
        s if s < 0.009_95 => format!("{} ms", significant(s * 1e3, 2)),
        s if s < 9.9995 => format!("{s:.3} s"),
        s if s < 99.95 => format!("{s:.1} s"),
        s if s < HOUR => in_two_units(s, (MINUTE, "min"), (1.0, "s")),
        s if s < DAY => in_two_units(s, (HOUR, "h"), (MINUTE, "min")),
        s if s < YEAR => in_two_units(s, (DAY, "d"), (HOUR, "h")),
        s => format!("{} years", prefixed(s / YEAR)),
    }
}

/// Seconds in a large and a small unit, each given by its length in seconds and its name.
fn in_two_units(seconds: f64, large: (f64, &str), small: (f64, &str)) -> String {
    let smalls = (seconds / small.0).round();
    let per_large = large.0 / small.0;
    let (larges, rest) = ((smalls / per_large).floor(), smalls % per_large);
    format!("{larges:.0} {} {rest:02.0} {}", large.1, small.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_take_the_unit_that_fits() {
        for (input, text) in [
            (0.0, "0 µs"),
            (0.000_084, "84 µs"),
            (0.0006, "0.60 ms"),
            (0.003_71, "3.7 ms"),
            (0.074, "0.074 s"),
            (0.529, "0.529 s"),
            (38.24, "38.2 s"),
            (99.96, "1 min 40 s"),
            (235.0, "3 min 55 s"),
            (3_599.9, "60 min 00 s"),
            (7_500.0, "2 h 05 min"),
            (100_000.0, "1 d 04 h"),
            (1e30, "3.17e22 years"),
        ] {
            assert_eq!(seconds(input), text);
        }
    }
}
