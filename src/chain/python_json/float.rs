//! Finite floats, written as Python's `repr` writes them.
//!
//! The digits are the fewest that read back as the same double, and of those the nearest to it.
//! Where two are equally near, Python takes the even one and Rust's own formatting the larger
//! (2^50 + 2^-2 ends in `.2`, not `.3`), so the digits come from `zmij`, which agrees with Python.
//! The layout is made here.

use std::fmt::{self, Write};

/// A finite double. Its text is Python's `repr`: `1.0`, `1e+16`, `1e-05`, `-0.0`.
///
/// Two floats are equal when their bits are: `-0.0` is not `0.0`, because their texts differ.
#[derive(Clone, Copy, Debug)]
pub struct Float(f64);

impl Float {
    /// The float; `None` for infinities and NaN, which JSON does not have.
    #[must_use]
    pub fn new(number: f64) -> Option<Self> {
        number.is_finite().then_some(Self(number))
    }

    /// The number itself.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }

    /// Python's text for it, on the stack.
    pub(super) fn repr(self) -> Repr {
        let mut repr = Repr::default();
        let layout = lay_out(&mut repr, zmij::Buffer::new().format_finite(self.0));
        layout.expect("a shortest decimal has at most 17 digits, so 24 characters");
        repr
    }
}

impl PartialEq for Float {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

impl Eq for Float {}

impl fmt::Display for Float {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.repr().as_str())
    }
}

/// Writes a shortest decimal of any layout in Python's layout.
fn lay_out(out: &mut Repr, decimal: &str) -> fmt::Result {
    let (mantissa, exponent) = decimal.split_once('e').unwrap_or((decimal, "0"));
    let exponent: isize = exponent.parse().map_err(|_| fmt::Error)?;
    let unsigned = mantissa.trim_start_matches('-');
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let mut all = Repr::default();
    all.write_str(whole)?;
    all.write_str(fraction)?;
    let digits = all.as_str().trim_start_matches('0');
    let leading_zeros = all.length - digits.len();
    let point = (whole.len().cast_signed() - leading_zeros.cast_signed()) + exponent;

    out.write_str(&mantissa[..mantissa.len() - unsigned.len()])?;
    match digits.trim_end_matches('0') {
        "" => out.write_str("0.0"),
        digits => place_point(out, digits, point),
    }
}

/// Writes 0.`digits` x 10^`point`. Python needs no exponent for a point from -3 to 16.
fn place_point(out: &mut Repr, digits: &str, point: isize) -> fmt::Result {
    let distance = point.unsigned_abs();
    match point {
        -3..=0 => write!(out, "0.{digits:0>width$}", width = distance + digits.len()),
        1..=16 if distance >= digits.len() => write!(out, "{digits:0<distance$}.0"),
        1..=16 => write_split(out, digits.split_at(distance)),
        _ => {
            write_split(out, digits.split_at(1))?;
            let sign = if point < 0 { '-' } else { '+' };
            write!(out, "e{sign}{:02}", (point - 1).unsigned_abs())
        }
    }
}

fn write_split(out: &mut Repr, (whole, fraction): (&str, &str)) -> fmt::Result {
    out.write_str(whole)?;
    if !fraction.is_empty() {
        out.write_str(".")?;
    }
    out.write_str(fraction)
}

/// A short ASCII text on the stack.
#[derive(Default)]
pub(super) struct Repr {
    bytes: [u8; 32],
    length: usize,
}

impl Repr {
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).expect("only whole strings are written")
    }
}

impl Write for Repr {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        let room = self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repr(number: f64) -> String {
        Float::new(number).expect("finite").to_string()
    }

    #[test]
    fn floats_are_written_as_python_repr_does() {
        for (number, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (1e5, "100000.0"),
            (1_700_000_000.123_456, "1700000000.123456"),
            (9_999_999_999_999_998.0, "9999999999999998.0"),
            (1e16, "1e+16"),
            (1.234_567_890_123_456_8e17, "1.2345678901234568e+17"),
            (1e22, "1e+22"),
            (0.0001, "0.0001"),
            (-0.000_123_4, "-0.0001234"),
            (0.00001, "1e-05"),
            (1.5e-7, "1.5e-07"),
            (5e-324, "5e-324"),
            (-f64::MAX, "-1.7976931348623157e+308"),
            (f64::MIN_POSITIVE, "2.2250738585072014e-308"),
        ] {
            assert_eq!(repr(number), text);
        }
    }

    #[test]
    fn of_two_equally_near_decimals_the_even_one_is_written() {
        let quarter = 0.25 + f64::from(1 << 25) * f64::from(1 << 25);
        assert_eq!(repr(quarter), "1125899906842624.2");
        assert_eq!(repr(quarter + 0.5), "1125899906842624.8");
        assert_eq!(repr(-quarter), "-1125899906842624.2");
    }

    #[test]
    fn only_finite_floats_exist_and_zeros_differ_by_sign() {
        assert_eq!(Float::new(f64::NAN), None);
        assert_eq!(Float::new(f64::INFINITY), None);
        assert_ne!(Float::new(0.0), Float::new(-0.0));
    }
}
