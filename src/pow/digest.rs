//! Digests: 256-bit numbers.

use std::fmt;

/// A SHA-256 digest read as a 256-bit number, most significant byte first.
///
/// Ordering is numeric. [`fmt::Display`] writes 64 lower-case hex digits; for a header that is
/// [hashed twice](crate::pow::Hashing::Twice) that is the order in which Bitcoin block hashes are
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
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let mut bytes = [0; 32];
        if pairs.len() != bytes.len() || !rest.is_empty() {
            return None;
        }
        let mut all_values = 0;
        for (byte, pair) in bytes.iter_mut().zip(pairs) {
            let [high, low] = pair.map(|digit| HEX_VALUES[usize::from(digit)]);
            all_values |= high | low;
            *byte = high << 4 | low & 0xf;
        }
        (all_values < NO_HEX_DIGIT).then_some(Self(bytes))
    }

    /// The most significant 32 bits, which a kernel compares.
    pub(crate) fn leading_word(&self) -> u32 {
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

/// The value of a byte that is no hex digit: it has a bit that no digit's value has.
const NO_HEX_DIGIT: u8 = 16;

/// The value of each byte as a lower-case hex digit. A table, because the digits of hashes are
/// random: the CPU would guess half of the branches wrong.
const HEX_VALUES: [u8; 256] = {
    let mut values = [NO_HEX_DIGIT; 256];
    let digits = b"0123456789abcdef";
    let mut value = 0;
    while value < NO_HEX_DIGIT {
        values[digits[value as usize] as usize] = value;
        value += 1;
    }
    values
};

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
