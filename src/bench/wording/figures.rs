//! Figures for people.

use crate::bench::statistics::Interval;

/// The unit of a column or an axis of hash rates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateUnit {
    /// Its name, such as `MH/s`.
    pub name: &'static str,
    /// Hashes per second in one of it.
    pub hashes_per_s: f64,
}

impl RateUnit {
    /// The largest unit of which `hashes_per_s` is at least one.
    #[must_use]
    pub fn fitting(hashes_per_s: f64) -> Self {
        const UNITS: [(&str, f64); 5] =
            [("TH/s", 1e12), ("GH/s", 1e9), ("MH/s", 1e6), ("kH/s", 1e3), ("H/s", 1.0)];
        let fits = UNITS.iter().find(|(_, size)| hashes_per_s >= *size).unwrap_or(&UNITS[4]);
        Self { name: fits.0, hashes_per_s: fits.1 }
    }

    /// The unit for a table of these rates: the largest in which none is below one.
    #[must_use]
    pub fn for_all(hashes_per_s: impl Iterator<Item = f64>) -> Self {
        let lowest = hashes_per_s.reduce(f64::min);
        Self::fitting(lowest.unwrap_or(1.0))
    }

    /// The rate in this unit, without its name.
    #[must_use]
    pub fn figure(self, hashes_per_s: f64, digits: u32) -> String {
        significant(hashes_per_s / self.hashes_per_s, digits)
    }

    /// The rate in the unit that fits it, with the unit's name: `42.1 MH/s`.
    #[must_use]
    pub fn with_unit(hashes_per_s: f64, digits: u32) -> String {
        let unit = Self::fitting(hashes_per_s);
        format!("{} {}", unit.figure(hashes_per_s, digits), unit.name)
    }
}

/// A number to so many significant digits, those before the point kept: `21.2`, `640`, `1234`,
/// `0.109`; no more than nine after the point.
#[must_use]
pub fn significant(number: f64, digits: u32) -> String {
    if number == 0.0 || !number.is_finite() {
        return format!("{number}");
    }
    let scientific = format!("{:.*e}", digits.saturating_sub(1) as usize, number);
    let exponent = scientific.split_once('e').and_then(|(_, exponent)| exponent.parse().ok());
    let after = i64::from(digits) - 1 - exponent.unwrap_or(0);
    format!("{number:.*}", usize::try_from(after.clamp(0, 9)).unwrap_or(0))
}

/// A ratio: `14.0`, `4.40`, `193`.
#[must_use]
pub fn times(ratio: f64) -> String {
    significant(ratio, 3)
}

/// A part of a whole with one digit after the point: `94.3 %`.
#[must_use]
pub fn percent(part: f64) -> String {
    format!("{} %", signed_percent(part))
}

/// The same without the sign of the unit, and without a negative zero: `0.1`, `-0.3`.
#[must_use]
pub fn signed_percent(part: f64) -> String {
    let text = format!("{:.1}", part * 100.0);
    if text == "-0.0" { "0.0".to_owned() } else { text }
}

/// A time in the unit that fits it: `84.0 µs`, `0.60 ms`, `0.52 s`.
#[must_use]
pub fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 1e-4 => format!("{} µs", significant(s * 1e6, 2)),
        s if s < 1.0 => format!("{} ms", significant(s * 1e3, 2)),
        s => format!("{} s", significant(s, 3)),
    }
}

/// A count with commas between groups of three digits: `22,268,600`.
#[must_use]
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
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

/// A part of a whole with its interval: `0.1 % [-0.3, 0.5]`.
#[must_use]
pub fn percent_with_interval(part: &Interval) -> String {
    with_ends(part, " %", signed_percent)
}

fn with_ends(interval: &Interval, unit: &str, figure: impl Fn(f64) -> String) -> String {
    let [median, low, high] = [interval.median, interval.low, interval.high].map(figure);
    format!("{median}{unit} [{low}, {high}]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_take_the_unit_that_fits() {
        for (rate, text) in [
            (0.5, "0.500 H/s"),
            (999.0, "999 H/s"),
            (110_000.0, "110 kH/s"),
            (42_120_000.0, "42.1 MH/s"),
            (2_410_000_000.0, "2.41 GH/s"),
            (1e12, "1.00 TH/s"),
        ] {
            assert_eq!(RateUnit::with_unit(rate, 3), text);
        }
    }

    #[test]
    fn significant_digits_survive_rounding_up() {
        for (number, text) in [
            (9.994, "9.99"),
            (9.996, "10.0"),
            (99.96, "100"),
            (1234.5, "1234"),
            (0.001_234, "0.00123"),
            (-0.5, "-0.500"),
            (0.0, "0"),
        ] {
            assert_eq!(significant(number, 3), text);
        }
    }

    #[test]
    fn nothing_is_not_negative() {
        assert_eq!(percent(-0.0001), "0.0 %");
        assert_eq!(percent(-0.003), "-0.3 %");
        assert_eq!(percent(0.943), "94.3 %");
    }

    #[test]
    fn short_times_have_short_units() {
        for (seconds, text) in
            [(0.000_084, "84 µs"), (0.0006, "0.60 ms"), (0.0011, "1.1 ms"), (1.5, "1.50 s")]
        {
            assert_eq!(duration(seconds), text);
        }
    }
}
