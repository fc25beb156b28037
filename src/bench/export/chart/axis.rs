//! Axes: where a value lies in pixels, and the round values at which an axis is marked.

/// Pixels to the left of the axes of every panel, to the right of them, and below them.
pub(super) const LEFT: f64 = 78.0;
pub(super) const RIGHT: f64 = 16.0;
pub(super) const BOTTOM: f64 = 46.0;

/// A range of values on a range of pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    low: f64,
    pub(super) high: f64,
    pub(super) is_log: bool,
    /// Where `low` lies, in pixels.
    from: f64,
    /// Where `high` lies, in pixels.
    to: f64,
}

impl Axis {
    /// An axis on which equal steps are equally long.
    pub(super) fn linear(values: [f64; 2], pixels: [f64; 2]) -> Self {
        let ([low, high], [from, to]) = (values, pixels);
        Self { low, high, is_log: false, from, to }
    }

    /// An axis on which equal ratios are equally long; its values are above 0.
    pub(super) fn log(values: [f64; 2], pixels: [f64; 2]) -> Self {
        Self { is_log: true, ..Self::linear(values, pixels) }
    }

    /// Where a value lies, in pixels.
    pub(super) fn at(&self, value: f64) -> f64 {
        let scaled = |it: f64| if self.is_log { it.ln() } else { it };
        let share = (scaled(value) - scaled(self.low)) / (scaled(self.high) - scaled(self.low));
        self.from + share * (self.to - self.from)
    }

    /// The value, or the nearest one on the axis.
    pub(super) fn clamped(&self, value: f64) -> f64 {
        value.clamp(self.low, self.high)
    }

    pub(super) fn contains(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }
}

/// Round values from 0 to the first above `highest`, about five of them.
pub(super) fn linear_ticks(highest: f64) -> Vec<f64> {
    let step = round_step(highest / 4.5);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "five or so")]
    let steps = (highest / step).ceil().max(1.0) as u32;
    (0..=steps).map(|number| f64::from(number) * step).collect()
}

/// The smallest of 1, 2, 2.5 and 5 times a power of ten that is at least `least`.
fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    let factors = [1.0, 2.0, 2.5, 5.0, 10.0];
    let factor = factors.iter().find(|factor| **factor * power >= least * (1.0 - 1e-9));
    factor.unwrap_or(&10.0) * power
}

/// 1, 2 and 5 times powers of ten, or the powers alone where they are many: from the last below
/// `lowest` to the first above `highest`.
pub(super) fn log_ticks(lowest: f64, highest: f64) -> Vec<f64> {
    let (first, last) = (lowest.log10().floor(), highest.log10().ceil());
    let factors: &[f64] = if last - first > 4.0 { &[1.0] } else { &[1.0, 2.0, 5.0] };
    #[expect(clippy::cast_possible_truncation, reason = "a rate has fewer than 400 digits")]
    let exponents = first as i32..=last as i32;
    let all: Vec<f64> = exponents
        .flat_map(|exponent| factors.iter().map(move |factor| factor * 10_f64.powi(exponent)))
        .collect();
    let start = all.iter().rposition(|tick| *tick <= lowest).unwrap_or(0);
    let end = all.iter().position(|tick| *tick >= highest).unwrap_or(all.len() - 1);
    all[start..=end].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_enclose_the_values() {
        assert_eq!(linear_ticks(42.0), [0.0, 10.0, 20.0, 30.0, 40.0, 50.0]);
        assert_eq!(linear_ticks(1.0), [0.0, 0.25, 0.5, 0.75, 1.0]);
        assert_eq!(log_ticks(14.0, 460.0), [10.0, 20.0, 50.0, 100.0, 200.0, 500.0]);
        assert_eq!(log_ticks(1.0, 1e9).len(), 10, "powers of ten alone");
    }

    #[test]
    fn one_value_has_ticks_on_both_sides() {
        assert_eq!(log_ticks(30.0, 30.0), [20.0, 50.0]);
        assert_eq!(linear_ticks(30.0), [0.0, 10.0, 20.0, 30.0]);
    }

    #[test]
    fn doubling_is_equally_long_on_a_logarithmic_axis() {
        let axis = Axis::log([1.0, 16.0], [0.0, 100.0]);
        let at: Vec<f64> = [1.0, 2.0, 4.0, 8.0, 16.0].map(|value| axis.at(value)).to_vec();
        for pair in at.windows(2) {
            assert!((pair[1] - pair[0] - 25.0).abs() < 1e-9, "{at:?}");
        }
    }
}
