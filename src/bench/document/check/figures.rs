//! What single figures can be.

use super::super::Interval;

/// Figures that are computed from others are right within this part of themselves.
const TOLERANCE: f64 = 1e-9;

/// Something in a document that cannot be.
#[derive(Debug)]
pub(in super::super) struct Flaw {
    /// The path to the field.
    pub(in super::super) at: String,
    /// What is wrong with it.
    pub(in super::super) reason: String,
}

pub(in super::super) type Checked = Result<(), Flaw>;

pub(super) fn ensure(holds: bool, at: &str, reason: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(Flaw { at: at.to_owned(), reason: reason() }) }
}

pub(super) fn finite(at: &str, value: f64) -> Checked {
    ensure(value.is_finite(), at, || format!("{value} is not a finite number"))
}

pub(super) fn positive(at: &str, value: f64) -> Checked {
    finite(at, value)?;
    ensure(value > 0.0, at, || format!("{value} is not above 0"))
}

pub(super) fn not_negative(at: &str, value: f64) -> Checked {
    finite(at, value)?;
    ensure(value >= 0.0, at, || format!("{value} is below 0"))
}

/// A part of a whole.
pub(super) fn share(at: &str, value: f64) -> Checked {
    ensure((0.0..=1.0).contains(&value), at, || format!("{value} is not from 0 to 1"))
}

/// A count of something of which there is at least one.
pub(super) fn count(at: &str, value: usize) -> Checked {
    ensure(value > 0, at, || "must be at least 1".to_owned())
}

/// An interval whose ends enclose the median, and each of which is what `is_right` wants.
pub(super) fn interval(
    at: &str,
    interval: &Interval,
    is_right: impl Fn(&str, f64) -> Checked,
) -> Checked {
    let Interval { median, low, high } = *interval;
    for (name, value) in [("median", median), ("low", low), ("high", high)] {
        is_right(&format!("{at}.{name}"), value)?;
    }
    ensure(low <= median, &format!("{at}.low"), || {
        format!("{low} lies above the median {median}")
    })?;
    ensure(median <= high, &format!("{at}.high"), || {
        format!("{high} lies below the median {median}")
    })
}

/// A figure that is computed from others.
pub(super) fn computed(at: &str, value: f64, expected: f64, from: &str) -> Checked {
    let error = (value - expected).abs();
    ensure(error <= TOLERANCE * expected.abs(), at, || {
        format!("{value}, but {from} gives {expected}")
    })
}
