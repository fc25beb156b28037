//! Spread: the median, the lowest and the highest of a few numbers.

use super::quantile::{median, quantile};

/// The median, the lowest and the highest of several values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The median, in the unit of the values.
    pub median: f64,
    /// The lowest value, in the unit of the values.
    pub low: f64,
    /// The highest value, in the unit of the values.
    pub high: f64,
}

impl Spread {
    /// The spread of `values`, in any order; `None` when there are none.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        Some(Self {
            median: median(values)?,
            low: quantile(values, 0.0)?,
            high: quantile(values, 1.0)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_median_lowest_and_highest() {
        let spread = Spread::of(&[5.0, 1.0, 9.0, 2.0]);
        assert_eq!(spread, Some(Spread { median: 3.5, low: 1.0, high: 9.0 }));
    }

    #[test]
    fn nothing_has_no_spread() {
        assert_eq!(Spread::of(&[]), None);
    }
}
