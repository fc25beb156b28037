//! Templates: headers with a hole for the nonce.

use std::ops::RangeInclusive;

use sha2::{Digest as _, Sha256};

use super::digest::Digest;

/// How a nonce is written in the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NonceEncoding {
    /// Decimal digits in ASCII, no leading zeros: 1 to 20 bytes.
    Decimal,
    /// An unsigned 32-bit integer, least significant byte first: 4 bytes.
    LittleEndian32,
    /// An unsigned 64-bit integer, least significant byte first: 8 bytes.
    LittleEndian64,
    /// An unsigned 32-bit integer, most significant byte first: 4 bytes.
    BigEndian32,
    /// An unsigned 64-bit integer, most significant byte first: 8 bytes.
    BigEndian64,
}

impl NonceEncoding {
    /// All encodings.
    pub const ALL: [Self; 5] = [
        Self::Decimal,
        Self::LittleEndian32,
        Self::LittleEndian64,
        Self::BigEndian32,
        Self::BigEndian64,
    ];

    /// The largest nonce that can be written.
    #[must_use]
    pub const fn max_nonce(self) -> u64 {
        match self {
            Self::Decimal | Self::LittleEndian64 | Self::BigEndian64 => u64::MAX,
            Self::LittleEndian32 | Self::BigEndian32 => u32::MAX as u64,
        }
    }

    /// Bytes that this nonce takes in the header.
    #[must_use]
    pub const fn width(self, nonce: u64) -> usize {
        match self {
            Self::Decimal => match nonce.checked_ilog10() {
                Some(log) => log as usize + 1,
                None => 1,
            },
            Self::LittleEndian32 | Self::BigEndian32 => 4,
            Self::LittleEndian64 | Self::BigEndian64 => 8,
        }
    }

    /// The largest nonce that takes as many bytes as this one.
    #[must_use]
    pub fn last_of_width(self, nonce: u64) -> u64 {
        match self {
            Self::Decimal => u32::try_from(self.width(nonce))
                .ok()
                .and_then(|width| 10_u64.checked_pow(width))
                .map_or(u64::MAX, |next| next - 1),
            _ => self.max_nonce(),
        }
    }

    /// Writes the nonce into a field of exactly its width.
    pub(super) fn write(self, nonce: u64, field: &mut [u8]) {
        match self {
            Self::Decimal => {
                let mut rest = nonce;
                for digit in field.iter_mut().rev() {
                    *digit = b'0' + (rest % 10) as u8;
                    rest /= 10;
                }
            }
            Self::LittleEndian32 | Self::LittleEndian64 => {
                field.copy_from_slice(&nonce.to_le_bytes()[..field.len()]);
            }
            Self::BigEndian32 | Self::BigEndian64 => {
                field.copy_from_slice(&nonce.to_be_bytes()[8 - field.len()..]);
            }
        }
    }

    /// Adds fewer than ten to the nonce that a field of a header holds. After the last nonce of the
    /// field's width, it starts again from zero.
    #[inline]
    pub fn advance(self, by: u8, field: &mut [u8]) {
        match self {
            Self::Decimal => {
                let mut carry = by;
                for digit in field.iter_mut().rev() {
                    *digit += carry;
                    if *digit <= b'9' {
                        return;
                    }
                    *digit -= 10;
                    carry = 1;
                }
            }
            Self::LittleEndian32 | Self::LittleEndian64 => add_bytes(field, by),
            Self::BigEndian32 | Self::BigEndian64 => add_bytes(field.iter_mut().rev(), by),
        }
    }
}

/// Adds to a number whose bytes come least significant first.
#[inline]
fn add_bytes<'a>(bytes: impl IntoIterator<Item = &'a mut u8>, by: u8) {
    let mut carry = by;
    for byte in bytes {
        let (sum, overflows) = byte.overflowing_add(carry);
        *byte = sum;
        if !overflows {
            return;
        }
        carry = 1;
    }
}

/// How often SHA-256 is applied, and how the digest is read as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hashing {
    /// SHA-256 of the header; the first byte is the most significant, so that small digests start
    /// with zeros.
    Once,
    /// SHA-256 of the SHA-256 of the header; the last byte is the most significant, as in Bitcoin.
    Twice,
}

impl Hashing {
    /// The most significant 32 bits of the digest, from the deciding word of the state: its first
    /// word, or the last one with its bytes reversed.
    #[inline]
    pub(super) const fn leading_word(self, deciding_word: u32) -> u32 {
        match self {
            Self::Once => deciding_word,
            Self::Twice => deciding_word.swap_bytes(),
        }
    }

    /// The digest, from the bytes that the first hash gave.
    pub(super) fn digest_after(self, first_hash: [u8; 32]) -> Digest {
        match self {
            Self::Once => Digest::from_be_bytes(first_hash),
            Self::Twice => {
                let mut bytes: [u8; 32] = Sha256::digest(first_hash).into();
                bytes.reverse();
                Digest::from_be_bytes(bytes)
            }
        }
    }

    /// Bits that are zero in every deciding word whose leading word is at most `limit`: for a
    /// first, cheap check.
    pub(super) fn zero_bits(self, limit: u32) -> u32 {
        let leading_zeros = !u32::MAX.checked_shr(limit.leading_zeros()).unwrap_or(0);
        // Swapping bytes is its own inverse.
        self.leading_word(leading_zeros)
    }
}

/// A header with a hole for the nonce, and how it is hashed.
///
/// ```
/// use stripmine_pow::{NonceEncoding, Template};
///
/// let template = Template::new("nonce=", NonceEncoding::Decimal, ";");
/// assert_eq!(template.header(42), b"nonce=42;");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    prefix: Vec<u8>,
    encoding: NonceEncoding,
    suffix: Vec<u8>,
    hashing: Hashing,
}

impl Template {
    /// Bytes in a Bitcoin block header.
    const BITCOIN_HEADER_LEN: usize = 80;
    /// Bytes before the nonce, the last field of a Bitcoin block header.
    const BITCOIN_PREFIX_LEN: usize = 76;

    /// A header of `prefix`, nonce and `suffix`, hashed once.
    #[must_use]
    pub fn new(
        prefix: impl Into<Vec<u8>>,
        encoding: NonceEncoding,
        suffix: impl Into<Vec<u8>>,
    ) -> Self {
        Self { prefix: prefix.into(), encoding, suffix: suffix.into(), hashing: Hashing::Once }
    }

    /// The template of a Bitcoin block header, hashed twice. The 32-bit little-endian nonce takes
    /// the place of its last four bytes.
    #[must_use]
    pub fn bitcoin(header: &[u8; Self::BITCOIN_HEADER_LEN]) -> Self {
        Self::new(&header[..Self::BITCOIN_PREFIX_LEN], NonceEncoding::LittleEndian32, [])
            .with_hashing(Hashing::Twice)
    }

    /// The same template, hashed once or twice: a text may be hashed twice, too.
    #[must_use]
    pub fn with_hashing(self, hashing: Hashing) -> Self {
        Self { hashing, ..self }
    }

    /// The bytes before the nonce.
    #[must_use]
    pub fn prefix(&self) -> &[u8] {
        &self.prefix
    }

    /// How the nonce is written.
    #[must_use]
    pub const fn encoding(&self) -> NonceEncoding {
        self.encoding
    }

    /// The bytes after the nonce.
    #[must_use]
    pub fn suffix(&self) -> &[u8] {
        &self.suffix
    }

    /// How often the header is hashed.
    #[must_use]
    pub const fn hashing(&self) -> Hashing {
        self.hashing
    }

    /// All nonces that a search can cover: all that the encoding can write, but at most 2^64 − 1.
    #[must_use]
    pub fn nonces(&self) -> RangeInclusive<u64> {
        0..=self.last_nonce_from(0)
    }

    /// The last nonce of a search that begins at this one: the largest that the encoding can write,
    /// but a search covers at most 2^64 − 1 nonces.
    #[must_use]
    pub fn last_nonce_from(&self, first: u64) -> u64 {
        self.encoding.max_nonce().min(first.saturating_add(u64::MAX - 1))
    }

    /// The whole header with this nonce in place.
    ///
    /// # Panics
    /// When the encoding cannot write the nonce.
    #[must_use]
    pub fn header(&self, nonce: u64) -> Vec<u8> {
        assert!(nonce <= self.encoding.max_nonce(), "nonce {nonce} does not fit {self:?}");
        let start = self.prefix.len();
        let end = start + self.encoding.width(nonce);
        let mut header = Vec::with_capacity(end + self.suffix.len());
        header.extend_from_slice(&self.prefix);
        header.resize(end, 0);
        self.encoding.write(nonce, &mut header[start..]);
        header.extend_from_slice(&self.suffix);
        header
    }

    /// The digest of the header with this nonce, by the `sha2` crate over all its bytes. Every find
    /// is checked with it; it is too slow to search with.
    ///
    /// # Panics
    /// When the encoding cannot write the nonce.
    #[must_use]
    pub fn digest(&self, nonce: u64) -> Digest {
        self.hashing.digest_after(Sha256::digest(self.header(nonce)).into())
    }

    /// The one word of the hash that kernels compute and compare: of a header hashed once its
    /// first word, of one hashed twice its last (H0 and H7 of FIPS 180-4). The most significant 32
    /// bits of the digest, in the second case with their bytes in reverse.
    ///
    /// # Panics
    /// When the encoding cannot write the nonce.
    #[must_use]
    pub fn deciding_word(&self, nonce: u64) -> u32 {
        let [a, b, c, d, ..] = *self.digest(nonce).as_be_bytes();
        // Swapping bytes is its own inverse.
        self.hashing.leading_word(u32::from_be_bytes([a, b, c, d]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The encodings whose width is fixed, and their bits.
    const FIXED: [(NonceEncoding, u32); 4] = [
        (NonceEncoding::LittleEndian32, 32),
        (NonceEncoding::LittleEndian64, 64),
        (NonceEncoding::BigEndian32, 32),
        (NonceEncoding::BigEndian64, 64),
    ];

    #[test]
    fn decimal_nonces_have_no_leading_zeros_at_any_width() {
        let template = Template::new("", NonceEncoding::Decimal, "");
        for power in 0..20 {
            let first = 10_u64.pow(power);
            for nonce in [first - 1, first, first + 1] {
                assert_eq!(template.header(nonce), nonce.to_string().into_bytes());
            }
        }
        assert_eq!(template.header(u64::MAX), b"18446744073709551615");
    }

    #[test]
    fn the_last_nonce_of_a_width_is_the_one_before_the_next_power_of_ten() {
        let decimal = NonceEncoding::Decimal;
        assert_eq!(decimal.last_of_width(0), 9);
        assert_eq!(decimal.last_of_width(9), 9);
        assert_eq!(decimal.last_of_width(10), 99);
        assert_eq!(decimal.last_of_width(10_u64.pow(19) - 1), 10_u64.pow(19) - 1);
        assert_eq!(decimal.last_of_width(10_u64.pow(19)), u64::MAX);
        for (encoding, bits) in FIXED {
            assert_eq!(encoding.last_of_width(7), u64::MAX >> (64 - bits));
        }
    }

    #[test]
    fn advancing_a_field_is_writing_a_later_nonce() {
        let decimal = (NonceEncoding::Decimal, [100_u64, 198, 199, 989]);
        let fixed = FIXED.map(|(encoding, _)| (encoding, [0, 255, 0xffff, 0x00ff_ffff]));
        for (encoding, nonces) in [decimal].into_iter().chain(fixed) {
            let by_all = |nonce| (1..10).map(move |by| (nonce, by));
            for (nonce, by) in nonces.into_iter().flat_map(by_all) {
                let mut field = vec![0; encoding.width(nonce)];
                let mut later = field.clone();
                encoding.write(nonce, &mut field);
                encoding.advance(by, &mut field);
                encoding.write(nonce + u64::from(by), &mut later);
                assert_eq!(field, later, "{encoding:?} {nonce} + {by}");
            }
        }
    }

    #[test]
    fn a_field_goes_on_from_zero_after_its_last_nonce() {
        let fixed = FIXED.map(|(encoding, _)| (encoding, encoding.max_nonce() - 1));
        for (encoding, last) in [(NonceEncoding::Decimal, 98)].into_iter().chain(fixed) {
            let mut field = vec![0; encoding.width(last)];
            let mut expected = field.clone();
            encoding.write(last, &mut field);
            encoding.advance(4, &mut field);
            encoding.write(2, &mut expected);
            assert_eq!(field, expected, "{encoding:?}");
        }
    }

    #[test]
    fn integers_take_four_or_eight_bytes_in_their_order() {
        let header = |encoding| Template::new("a", encoding, "b").header(0x0102_0304);
        assert_eq!(header(NonceEncoding::LittleEndian32), b"a\x04\x03\x02\x01b");
        assert_eq!(header(NonceEncoding::LittleEndian64), b"a\x04\x03\x02\x01\0\0\0\0b");
        assert_eq!(header(NonceEncoding::BigEndian32), b"a\x01\x02\x03\x04b");
        assert_eq!(header(NonceEncoding::BigEndian64), b"a\0\0\0\0\x01\x02\x03\x04b");
    }

    #[test]
    fn a_template_searches_all_its_nonces_but_never_2_to_the_64() {
        let nonces = |encoding| Template::new("", encoding, "").nonces();
        assert_eq!(nonces(NonceEncoding::Decimal), 0..=u64::MAX - 1);
        for (encoding, bits) in FIXED {
            let last = (u64::MAX >> (64 - bits)).min(u64::MAX - 1);
            assert_eq!(nonces(encoding), 0..=last);
        }
    }

    #[test]
    #[should_panic(expected = "does not fit")]
    fn a_nonce_beyond_32_bits_has_no_little_endian_header() {
        let _ = Template::new("", NonceEncoding::LittleEndian32, "").header(1 << 32);
    }
}
