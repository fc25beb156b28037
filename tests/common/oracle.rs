//! The naive oracle: builds every header from scratch, hashes it, and looks at the digest.

use std::io::Write as _;

use sha2::{Digest as _, Sha256};
use stripmine::pow::{Digest, Hashing, NonceEncoding, Target, Template};

/// Bytes of 2^64 - 1 in decimal digits.
const LONGEST_NONCE: usize = 20;

/// The digest of a header, most significant byte first.
pub fn digest(template: &Template, nonce: u64) -> Digest {
    let (prefix, suffix) = (template.prefix(), template.suffix());
    // One allocation: they are slow in the test that has guard pages around each.
    let mut header = Vec::with_capacity(prefix.len() + LONGEST_NONCE + suffix.len());
    header.extend_from_slice(prefix);
    match template.encoding() {
        NonceEncoding::Decimal => write!(header, "{nonce}").unwrap(),
        NonceEncoding::LittleEndian32 => header.extend(narrow(nonce).to_le_bytes()),
        NonceEncoding::LittleEndian64 => header.extend(nonce.to_le_bytes()),
        NonceEncoding::BigEndian32 => header.extend(narrow(nonce).to_be_bytes()),
        NonceEncoding::BigEndian64 => header.extend(nonce.to_be_bytes()),
    }
    header.extend_from_slice(suffix);
    let mut hash: [u8; 32] = Sha256::digest(header).into();
    if template.hashing() == Hashing::Twice {
        hash = Sha256::digest(hash).into();
        hash.reverse();
    }
    Digest::from_be_bytes(hash)
}

/// A nonce that fits 32 bits.
fn narrow(nonce: u64) -> u32 {
    u32::try_from(nonce).unwrap()
}

/// The word of the hash that decides: the first of a hash, the last of a hash of a hash (whose
/// digest is read backwards).
pub fn deciding_word(template: &Template, digest: &Digest) -> u32 {
    let first: [u8; 4] = *digest.as_be_bytes().first_chunk().unwrap();
    match template.hashing() {
        Hashing::Once => u32::from_be_bytes(first),
        Hashing::Twice => u32::from_le_bytes(first),
    }
}

/// The lowest nonce of the range whose digest is at most the target.
pub fn lowest(
    template: &Template,
    target: Target,
    mut range: impl Iterator<Item = u64>,
) -> Option<u64> {
    range.find(|nonce| digest(template, *nonce).as_be_bytes() <= target.as_be_bytes())
}
