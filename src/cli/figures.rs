//! Figures for people: counts, rates, durations.

use std::time::Duration;

use super::table::cut;

/// A count with commas between groups of three digits: `22,268,600`.
pub(super) fn grouped(count: u64) -> String {
    grouped_digits(&count.to_string())
}

/// The same for an integer of any size.
pub(super) fn grouped_digits(digits: &str) -> String {
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A hash by its beginning and its end: `000000a4…91`.
pub(super) fn short_hash(hash: &str) -> String {
    let is_hash = hash.len() == 64 && hash.is_ascii();
    if is_hash { format!("{}…{}", &hash[..8], &hash[62..]) } else { cut(hash, 11) }
}

/// A number to three significant digits with a decimal prefix: `4.29 G`, `512`.
pub(super) fn prefixed(number: f64) -> String {
    const PREFIXES: [&str; 7] = ["", " k", " M", " G", " T", " P", " E"];
    let mut scaled = number;
    for prefix in PREFIXES {
        if scaled < 999.5 {
            let text = if prefix.is_empty() { whole(scaled) } else { significant(scaled) };
            return format!("{text}{prefix}");
        }
        scaled /= 1000.0;
    }
    format!("{number:.2e}")
}

/// A hash rate: `42.1 MH/s`.
pub(super) fn hash_rate(hashes_per_s: f64) -> String {
    let text = prefixed(hashes_per_s);
    match text.split_once(' ') {
        Some((number, prefix)) => format!("{number} {prefix}H/s"),
        None => format!("{text} H/s"),
    }
}

/// Millions per second, for a column headed MH/s: `42.12`, `0.051`.
pub(super) fn mega(hashes_per_s: f64) -> String {
    let mega = hashes_per_s / 1e6;
    if mega < 0.1 { format!("{mega:.3}") } else { format!("{mega:.2}") }
}

/// A part of a whole: `49.9 %`.
pub(super) fn percent(part: f64) -> String {
    format!("{:.1} %", part * 100.0)
}

/// The same without decimals: `31 %`; nothing but 0 and 1 are called none and all.
pub(super) fn rounded_percent(part: f64) -> String {
    match part {
        p if p > 0.0 && p < 0.01 => "under 1 %".to_owned(),
        p if p > 0.99 && p < 1.0 => "over 99 %".to_owned(),
        p => format!("{:.0} %", p * 100.0),
    }
}

/// How many times the expected: `1.33`, `0.0035`.
pub(super) fn times(ratio: f64) -> String {
    match ratio {
        r if r >= 0.1 || r <= 0.0 => format!("{r:.2}"),
        r if r >= 0.0001 => format!("{r:.4}"),
        _ => "under 0.0001".to_owned(),
    }
}

/// A duration in the unit that fits it: `84 µs`, `3.71 ms`, `0.529 s`, `71.0 s`, `3 min 55 s`.
pub(super) fn duration(duration: Duration) -> String {
    seconds(duration.as_secs_f64())
}

/// The same from seconds, which may be more than a [`Duration`] holds.
pub(super) fn seconds(seconds: f64) -> String {
    const MINUTE: f64 = 60.0;
    const HOUR: f64 = 60.0 * MINUTE;
    const DAY: f64 = 24.0 * HOUR;
    const YEAR: f64 = 365.25 * DAY;
    match seconds {
        s if s < 0.000_999_5 => format!("{:.0} µs", s * 1e6),
        s if s < 0.009_995 => format!("{:.2} ms", s * 1e3),
        s if s < 9.9995 => format!("{s:.3} s"),
        s if s < 99.95 => format!("{s:.1} s"),
        s if s < HOUR => in_two_units(s, MINUTE, "min", 1.0, "s"),
        s if s < DAY => in_two_units(s, HOUR, "h", MINUTE, "min"),
        s if s < YEAR => in_two_units(s, DAY, "d", HOUR, "h"),
        s => format!("{} years", prefixed(s / YEAR)),
    }
}

fn in_two_units(
    seconds: f64,
    large: f64,
    large_name: &str,
    small: f64,
    small_name: &str,
) -> String {
    let smalls = (seconds / small).round();
    let per_large = large / small;
    let (larges, rest) = ((smalls / per_large).floor(), smalls % per_large);
    format!("{larges:.0} {large_name} {rest:02.0} {small_name}")
}

fn whole(number: f64) -> String {
    format!("{number:.0}")
}

fn significant(number: f64) -> String {
    match number {
        n if n < 9.995 => format!("{n:.2}"),
        n if n < 99.95 => format!("{n:.1}"),
        n => format!("{n:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_by_three() {
        for (count, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (22_268_600, "22,268,600"),
            (u64::MAX, "18,446,744,073,709,551,615"),
        ] {
            assert_eq!(grouped(count), text);
        }
    }

    #[test]
    fn prefixes_step_at_a_thousand_after_rounding() {
        for (number, text) in [
            (0.0, "0"),
            (999.4, "999"),
            (999.6, "1.00 k"),
            (16_777_216.0, "16.8 M"),
            (4_294_967_296.0, "4.29 G"),
            (999_600.0, "1.00 M"),
            (1e25, "1.00e25"),
        ] {
            assert_eq!(prefixed(number), text);
        }
        assert_eq!(hash_rate(42_120_000.0), "42.1 MH/s");
        assert_eq!(hash_rate(12.0), "12 H/s");
        assert_eq!(mega(42_120_000.0), "42.12");
        assert_eq!(mega(51_000.0), "0.051");
    }

    #[test]
    fn durations_take_the_unit_that_fits() {
        for (input, text) in [
            (0.0, "0 µs"),
            (0.000_084, "84 µs"),
            (0.003_71, "3.71 ms"),
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
