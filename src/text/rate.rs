//! Hash rates, and other numbers with a decimal prefix.

use super::figures::significant;

/// The unit of a column or an axis of hash rates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct RateUnit {
    /// Its name, such as `MH/s`.
    pub(crate) name: &'static str,
    /// Hashes per second in one of it.
    pub(crate) hashes_per_s: f64,
}

impl RateUnit {
    const ALL: [Self; 7] = [
        Self { name: "EH/s", hashes_per_s: 1e18 },
        Self { name: "PH/s", hashes_per_s: 1e15 },
        Self { name: "TH/s", hashes_per_s: 1e12 },
        Self { name: "GH/s", hashes_per_s: 1e9 },
        Self { name: "MH/s", hashes_per_s: 1e6 },
        Self { name: "kH/s", hashes_per_s: 1e3 },
        Self { name: "H/s", hashes_per_s: 1.0 },
    ];

    /// The largest unit in which the rate, to three digits, is at least 1.
    pub(crate) fn fitting(hashes_per_s: f64) -> Self {
        let fits = |unit: &&Self| hashes_per_s >= 0.9995 * unit.hashes_per_s;
        *Self::ALL.iter().find(fits).unwrap_or(&Self::ALL[6])
    }

    /// The unit for a table of these rates: the largest in which none is below 1.
    pub(crate) fn for_all(hashes_per_s: impl Iterator<Item = f64>) -> Self {
        Self::fitting(hashes_per_s.reduce(f64::min).unwrap_or(1.0))
    }

    /// The rate in this unit to this many significant digits, without the unit's name.
    pub(crate) fn figure(self, hashes_per_s: f64, digits: u32) -> String {
        significant(hashes_per_s / self.hashes_per_s, digits)
    }
}

/// A rate in the unit that fits it, to this many significant digits: `42.1 MH/s`.
pub(crate) fn hash_rate(hashes_per_s: f64, digits: u32) -> String {
    let unit = RateUnit::fitting(hashes_per_s);
    format!("{} {}", unit.figure(hashes_per_s, digits), unit.name)
}

/// A rate for a column headed `MH/s`: `42.12`, `0.051`.
pub(crate) fn mega(hashes_per_s: f64) -> String {
    let mega = hashes_per_s / 1e6;
    if mega < 0.1 { format!("{mega:.3}") } else { format!("{mega:.2}") }
}

/// A count to three significant digits with a decimal prefix: `4.29 G`, `512`.
pub(crate) fn prefixed(count: f64) -> String {
    const PREFIXES: [&str; 7] = ["", " k", " M", " G", " T", " P", " E"];
    if count < 999.5 {
        return format!("{count:.0}");
    }
    let mut scaled = count;
    for prefix in PREFIXES {
        if scaled < 999.5 {
            return format!("{}{prefix}", significant(scaled, 3));
        }
        scaled /= 1000.0;
    }
    format!("{count:.2e}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_take_the_unit_that_fits() {
        for (rate, text) in [
            (0.0, "0 H/s"),
            (0.5, "0.500 H/s"),
            (999.0, "999 H/s"),
            (999.6, "1.00 kH/s"),
            (110_000.0, "110 kH/s"),
            (42_120_000.0, "42.1 MH/s"),
            (2_410_000_000.0, "2.41 GH/s"),
            (1e12, "1.00 TH/s"),
        ] {
            assert_eq!(hash_rate(rate, 3), text);
        }
        assert_eq!(mega(42_120_000.0), "42.12");
        assert_eq!(mega(51_000.0), "0.051");
    }

    #[test]
    fn a_table_has_the_unit_of_its_lowest_rate() {
        assert_eq!(RateUnit::for_all([2e9, 3e6].into_iter()).name, "MH/s");
        assert_eq!(RateUnit::for_all(std::iter::empty()).name, "H/s");
    }

    #[test]
    fn prefixes_step_at_a_thousand_after_rounding() {
        for (number, text) in [
            (0.0, "0"),
            (16.0, "16"),
            (999.4, "999"),
            (999.6, "1.00 k"),
            (16_777_216.0, "16.8 M"),
            (4_294_967_296.0, "4.29 G"),
            (999_600.0, "1.00 M"),
            (1e25, "1.00e25"),
        ] {
            assert_eq!(prefixed(number), text);
        }
    }
}
