//! Targets: a digest is valid when it is at most the target.

use std::fmt;

use super::digest::Digest;

/// A 256-bit number; a digest is valid when it is at most this number.
///
/// Ordering is numeric, so a *smaller* target is *harder* to meet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target(Digest);

/// A difficulty that no 256-bit target can express.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TargetError {
    /// More zeros than a digest has hex digits.
    HexZeros(u32),
    /// More zeros than a digest has bits.
    Bits(u32),
    /// A compact target that is negative, zero, or has more than 256 bits.
    Compact(u32),
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HexZeros(zeros) => write!(
                f,
                "difficulty {zeros} is more than the 64 hex digits of a hash; use 0 to 64"
            ),
            Self::Bits(bits) => {
                write!(f, "{bits} bits is more than the 256 bits of a hash; use 0 to 256")
            }
            Self::Compact(target) => write!(
                f,
                "compact target {target:#010x} is no target: it is negative, zero, or beyond 256 bits"
            ),
        }
    }
}

impl std::error::Error for TargetError {}

impl Target {
    /// Every digest meets it.
    pub const EVERYTHING: Self = Self::from_be_bytes([0xff; 32]);
    /// Only the digest zero meets it.
    pub const ZERO: Self = Self::from_be_bytes([0; 32]);

    /// The target met by digests that start with this many zero hex digits, 0 to 64.
    ///
    /// # Errors
    /// [`TargetError::HexZeros`] above 64.
    pub fn from_hex_zeros(zeros: u32) -> Result<Self, TargetError> {
        match zeros {
            0..=64 => Self::from_bits(zeros * 4),
            _ => Err(TargetError::HexZeros(zeros)),
        }
    }

    /// The target met by digests that start with this many zero bits, 0 to 256: 2^(256−bits) − 1.
    ///
    /// # Errors
    /// [`TargetError::Bits`] above 256.
    pub fn from_bits(bits: u32) -> Result<Self, TargetError> {
        if bits > 256 {
            return Err(TargetError::Bits(bits));
        }
        let mut bytes = [0xff; 32];
        let (whole, rest) = (bits as usize / 8, bits % 8);
        bytes[..whole].fill(0);
        if let Some(byte) = bytes.get_mut(whole) {
            *byte >>= rest;
        }
        Ok(Self::from_be_bytes(bytes))
    }

    /// The target that a Bitcoin header states in four bytes: an exponent, the number of bytes,
    /// and a mantissa of their first three, whose highest bit is a sign (Bitcoin Core,
    /// `arith_uint256::SetCompact`).
    ///
    /// # Errors
    /// [`TargetError::Compact`] for a number that is negative, zero, or does not fit 256 bits.
    pub fn from_compact(compact: u32) -> Result<Self, TargetError> {
        const SIGN: u32 = 0x0080_0000;
        let [exponent, mantissa @ ..] = compact.to_be_bytes();
        let refused = Err(TargetError::Compact(compact));
        if compact & SIGN != 0 {
            return refused;
        }
        // Byte i of the mantissa has weight 256^(exponent − 1 − i); below 1 it is dropped.
        let mut bytes = [0; 32];
        for (i, byte) in mantissa.into_iter().enumerate() {
            let Some(place) = usize::from(exponent).checked_sub(i + 1) else { break };
            match 31_usize.checked_sub(place) {
                Some(at) => bytes[at] = byte,
                None if byte == 0 => {}
                None => return refused,
            }
        }
        if bytes == [0; 32] { refused } else { Ok(Self::from_be_bytes(bytes)) }
    }

    /// The target with these bytes, most significant first.
    #[must_use]
    pub const fn from_be_bytes(bytes: [u8; 32]) -> Self {
        Self(Digest::from_be_bytes(bytes))
    }

    /// The 32 bytes, most significant first.
    #[must_use]
    pub const fn as_be_bytes(&self) -> &[u8; 32] {
        self.0.as_be_bytes()
    }

    /// Whether the digest is at most this target.
    #[must_use]
    pub fn is_met_by(&self, digest: &Digest) -> bool {
        *digest <= self.0
    }

    /// The fewest leading zero bits of a digest that meets the target, 0 to 256.
    #[must_use]
    pub fn leading_zero_bits(&self) -> u32 {
        self.0.leading_zero_bits()
    }

    /// Nonces that must be tried for one to be valid, on average: 2^256 / (target + 1).
    #[must_use]
    pub fn expected_hashes(&self) -> f64 {
        let target =
            self.as_be_bytes().iter().fold(0.0, |sum, byte| sum * 256.0 + f64::from(*byte));
        2_f64.powi(256) / (target + 1.0)
    }

    /// The most significant 32 bits, which a kernel compares before the full check.
    pub(crate) fn leading_word(&self) -> u32 {
        self.0.leading_word()
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest_with_zero_bits(bits: u32) -> Digest {
        let mut bytes = [0; 32];
        if bits < 256 {
            bytes[bits as usize / 8] = 0x80 >> (bits % 8);
        }
        Digest::from_be_bytes(bytes)
    }

    #[test]
    fn a_target_from_bits_is_met_by_exactly_that_many_zero_bits() {
        for bits in 0..=256 {
            let target = Target::from_bits(bits).unwrap();
            assert!(target.is_met_by(&digest_with_zero_bits(bits)), "{bits}");
            assert_eq!(target.leading_zero_bits(), bits);
            if bits > 0 {
                assert!(!target.is_met_by(&digest_with_zero_bits(bits - 1)), "{bits}");
            }
        }
    }

    #[test]
    fn hex_zeros_are_the_zeros_that_a_hex_digest_starts_with() {
        for zeros in 0..=64_u32 {
            let target = Target::from_hex_zeros(zeros).unwrap();
            for bits in 0..=256 {
                let digest = digest_with_zero_bits(bits);
                let starts = digest.to_string().starts_with(&"0".repeat(zeros as usize));
                assert_eq!(target.is_met_by(&digest), starts, "{zeros} zeros, {bits} bits");
            }
        }
    }

    #[test]
    fn the_largest_digest_at_the_target_is_met_and_the_next_is_not() {
        let mut bytes = [0; 32];
        bytes[5] = 7;
        let target = Target::from_be_bytes(bytes);
        assert!(target.is_met_by(&Digest::from_be_bytes(bytes)));
        bytes[31] = 1;
        assert!(!target.is_met_by(&Digest::from_be_bytes(bytes)));
    }

    #[test]
    fn expected_hashes_double_with_every_bit() {
        for bits in 0..=256 {
            let expected = Target::from_bits(bits).unwrap().expected_hashes();
            assert_eq!(expected.to_bits(), 2_f64.powi(bits.cast_signed()).to_bits(), "{bits}");
        }
    }

    /// Bitcoin's genesis block and others of its chain; the rest from Bitcoin Core's
    /// `arith_uint256_tests`.
    #[test]
    fn compact_targets_are_read_as_bitcoin_core_reads_them() {
        let target = |compact| Target::from_compact(compact).map(|target| target.to_string());
        let padded = |hex: &str, zeros| Ok(format!("{hex}{}", "0".repeat(zeros)));
        assert_eq!(target(0x1d00_ffff), padded("00000000ffff", 52));
        assert_eq!(target(0x1a44_b9f2), padded("00000000000044b9f2", 46));
        assert_eq!(target(0x207f_ffff), padded("7fffff", 58));
        assert_eq!(target(0x0112_3456), Ok(format!("{:064x}", 0x12)));
        assert_eq!(target(0x0212_3456), Ok(format!("{:064x}", 0x1234)));
        assert_eq!(target(0x0312_3456), Ok(format!("{:064x}", 0x0012_3456)));
        assert_eq!(target(0x0500_9234), Ok(format!("{:064x}", 0x9234_0000_u64)));
        for refused in [0, 0x0012_3456, 0x0100_3456, 0x0492_3456, 0xff12_3456, 0x2200_0100] {
            assert_eq!(target(refused), Err(TargetError::Compact(refused)), "{refused:#x}");
        }
    }

    #[test]
    fn more_zeros_than_a_hash_has_are_refused() {
        assert_eq!(Target::from_hex_zeros(65), Err(TargetError::HexZeros(65)));
        assert_eq!(Target::from_hex_zeros(u32::MAX), Err(TargetError::HexZeros(u32::MAX)));
        assert_eq!(Target::from_bits(257), Err(TargetError::Bits(257)));
    }
}
