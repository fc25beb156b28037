//! Digests: 256-bit numbers.

use std::fmt;

/// A SHA-256 digest read as a 256-bit number, most significant byte first.
///
/// Ordering is numeric. [`fmt::Display`] writes 64 lower-case hex digits; for a header that is
/// [hashed twice](crate::Hashing::Twice) that is the order in which Bitcoin block hashes are
/// shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest with these bytes, most significant first.
    #[must_use]
    pub const fn from_be_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes, most significant first.
    #[must_use]
    pub const fn as_be_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads 64 lower-case hex digits; `None` for anything else.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits: &[u8; 64] = text.as_bytes().try_into().ok()?;
        let mut values = [0; 64];
        let mut are_digits = true;
        for (value, digit) in values.iter_mut().zip(digits) {
            // Bit 6 tells letters from decimal digits.
            *value = (digit & 0xf) + 9 * (digit >> 6 & 1);
            are_digits &= (*value < 16) & (hex_digit(*value) == *digit);
        }
        let bytes = std::array::from_fn(|at| values[2 * at] << 4 | values[2 * at + 1]);
        are_digits.then_some(Self(bytes))
    }

    /// The most significant 32 bits, which a kernel compares.
    #[must_use]
    pub fn leading_word(&self) -> u32 {
        let [a, b, c, d, ..] = self.0;
        u32::from_be_bytes([a, b, c, d])
    }

    /// Zero bits before the first one bit, 0 to 256.
    #[must_use]
    pub fn leading_zero_bits(&self) -> u32 {
        let mut zeros = 0;
        for byte in self.0 {
            zeros += byte.leading_zeros();
            if byte != 0 {
                break;
            }
        }
        zeros
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// The lower-case hex digit of a value below 16. Without branches or a table, so that many digits
/// are found at once.
const fn hex_digit(value: u8) -> u8 {
    const FROM_9_TO_A: u8 = b'a' - b'9' - 1;
    b'0' + value + FROM_9_TO_A * (value > 9) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_read_and_written_alike() {
        let text = "00000000000000000000000000000000000000000000000000000000deadbeef";
        assert_eq!(Digest::from_hex(text).unwrap().to_string(), text);
    }

    #[test]
    fn only_64_lower_case_hex_digits_are_a_digest() {
        for text in ["", "0", &"a".repeat(63), &"a".repeat(65), &"A".repeat(64), &"g".repeat(64)] {
            assert_eq!(Digest::from_hex(text), None, "{text:?}");
        }
        for place in 0..64 {
            for wrong in ["A", "g", "/", ":", "`", " ", "\0", "\x7f"] {
                let mut text = "5".repeat(64);
                text.replace_range(place..=place, wrong);
                assert_eq!(Digest::from_hex(&text), None, "{text:?}");
            }
        }
    }

    #[test]
    fn leading_zero_bits_run_from_none_to_all() {
        assert_eq!(Digest::from_be_bytes([0xff; 32]).leading_zero_bits(), 0);
        assert_eq!(Digest::from_be_bytes([0; 32]).leading_zero_bits(), 256);
        let mut bytes = [0; 32];
        bytes[2] = 0x10;
        assert_eq!(Digest::from_be_bytes(bytes).leading_zero_bits(), 19);
    }
}
