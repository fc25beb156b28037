//! Counts, ratios and percentages.

/// A whole number of any size with commas between groups of three digits: `22,268,600`.
#[allow(clippy::needless_pass_by_value, reason = "so that numbers need no reference")]
pub(crate) fn grouped(count: impl ToString) -> String {
    let digits = count.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(",")
}

/// A count of things with their name: `1 thread`, `64 threads`, `1,024 threads`.
#[allow(clippy::needless_pass_by_value, reason = "so that numbers need no reference")]
pub(crate) fn counted(count: impl ToString, name: &str) -> String {
    let count = count.to_string();
    let plural = plural(name, count == "1");
    format!("{} {plural}", grouped(count))
}

/// The name of one thing or of several: `kernel`, `kernels`.
pub(crate) fn plural(name: &str, is_one: bool) -> String {
    if is_one { name.to_owned() } else { format!("{name}s") }
}

/// A number to this many significant digits: `21.2`, `0.109` and `-0.500` to three. Digits before
/// the point are all kept, as in `1234`; after it stand nine at most.
pub(crate) fn significant(number: f64, digits: u32) -> String {
    if number == 0.0 || !number.is_finite() {
        return format!("{number}");
    }
    let scientific = format!("{:.*e}", digits.saturating_sub(1) as usize, number);
    let exponent = scientific.split_once('e').and_then(|(_, exponent)| exponent.parse().ok());
    let after = i64::from(digits) - 1 - exponent.unwrap_or(0);
    format!("{number:.*}", usize::try_from(after.clamp(0, 9)).unwrap_or(0))
}

/// A number as it was given, `0.5` or `4`, rounded where it has many digits: `0.3333`.
pub(crate) fn plain(number: f64) -> String {
    let text = format!("{number}");
    if text.len() > 8 { significant(number, 4) } else { text }
}

/// A ratio, to be followed by `x`, or for a column headed so: `193`, `14.0`, `1.33`, `0.19`,
/// `0.0035`.
pub(crate) fn times(ratio: f64) -> String {
    match ratio {
        r if r > 0.0 && r < 0.0001 => "under 0.0001".to_owned(),
        r if r.abs() < 0.1 => significant(r, 2),
        r if r.abs() < 1.0 => format!("{r:.2}"),
        r => significant(r, 3),
    }
}

/// A part of a whole, with one digit after the point: `94.3 %`, `-0.3 %`.
pub(crate) fn percent(part: f64) -> String {
    format!("{} %", percent_figure(part))
}

/// A part of a whole in percent, without the sign: `94.3`, `-0.3`; never `-0.0`.
pub(crate) fn percent_figure(part: f64) -> String {
    let text = format!("{:.1}", part * 100.0);
    if text == "-0.0" { "0.0".to_owned() } else { text }
}

/// A part of a whole in whole percent: `31 %`. Only 0 is written as `0 %`, and only 1 as `100 %`.
pub(crate) fn rounded_percent(part: f64) -> String {
    match part {
        p if p > 0.0 && p < 0.01 => "under 1 %".to_owned(),
        p if p > 0.99 && p < 1.0 => "over 99 %".to_owned(),
        p => format!("{:.0} %", p * 100.0),
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
        assert_eq!(grouped("36893488147419103232"), "36,893,488,147,419,103,232");
    }

    #[test]
    fn one_thing_has_no_plural() {
        assert_eq!(counted(1, "thread"), "1 thread");
        assert_eq!(counted(0, "thread"), "0 threads");
        assert_eq!(counted(1_024, "thread"), "1,024 threads");
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
    fn ratios_have_two_or_three_digits() {
        for (ratio, text) in [
            (0.0, "0"),
            (0.000_05, "under 0.0001"),
            (0.0035, "0.0035"),
            (0.19, "0.19"),
            (0.9949, "0.99"),
            (0.9951, "1.00"),
            (1.0, "1.00"),
            (14.04, "14.0"),
            (193.2, "193"),
        ] {
            assert_eq!(times(ratio), text);
        }
    }

    #[test]
    fn nothing_is_not_negative() {
        assert_eq!(percent(-0.0001), "0.0 %");
        assert_eq!(percent(-0.003), "-0.3 %");
        assert_eq!(percent(0.943), "94.3 %");
    }

    #[test]
    fn nearly_nothing_is_not_called_nothing() {
        for (part, text) in
            [(0.0, "0 %"), (0.001, "under 1 %"), (0.311, "31 %"), (0.999, "over 99 %")]
        {
            assert_eq!(rounded_percent(part), text);
        }
    }
}
