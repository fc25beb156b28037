//! The naive oracle: builds every header from scratch, hashes it, and looks at the digest.

use sha2::{Digest as _, Sha256};
use stripmine::pow::{Digest, Hashing, NonceEncoding, Target, Template};

/// The digest of a header, most significant byte first.
pub fn digest(template: &Template, nonce: u64) -> Digest {
    let nonce_bytes = match template.encoding() {
        NonceEncoding::Decimal => nonce.to_string().into_bytes(),
        NonceEncoding::LittleEndian32 => u32::try_from(nonce).unwrap().to_le_bytes().to_vec(),
        NonceEncoding::LittleEndian64 => nonce.to_le_bytes().to_vec(),
        NonceEncoding::BigEndian32 => u32::try_from(nonce).unwrap().to_be_bytes().to_vec(),
        NonceEncoding::BigEndian64 => nonce.to_be_bytes().to_vec(),
    };
    let header = [template.prefix(), &nonce_bytes, template.suffix()].concat();
    let mut hash = Sha256::digest(header).to_vec();
    if template.hashing() == Hashing::Twice {
        hash = Sha256::digest(hash).to_vec();
        hash.reverse();
    }
    Digest::from_be_bytes(hash.try_into().unwrap())
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
