//! The baselines written in Rust.

use std::ops::RangeInclusive;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::chain::Block;
use crate::chain::python_json::Integer;
use crate::pow::{Digest, Hashing, Target, Template};

/// What a baseline did with a range.
pub(in crate::bench) struct Looped {
    pub(in crate::bench) elapsed: Duration,
    /// The nonces whose digests meet the target of the proof.
    pub(in crate::bench) finds: Vec<u64>,
}

/// The reference's loop: for every nonce, write the block's JSON anew, hash it, write the hash as
/// hex, and check whether it starts with enough zeros. Returns the first nonce for which it does.
#[must_use]
pub fn reference_loop(block: &Block, hex_zeros: usize, nonces: RangeInclusive<u64>) -> Option<u64> {
    let zeros = "0".repeat(hex_zeros);
    let mut block = block.clone();
    let mut nonces = nonces;
    nonces.find(|nonce| {
        block.nonce = Integer::from(*nonce);
        let hash = Digest::from_be_bytes(Sha256::digest(block.header()).into());
        hash.to_string().starts_with(&zeros)
    })
}

/// The reference's loop for any header: for every nonce, write the header anew, hash it, write the
/// hash as hex, and check whether it starts with enough zeros. Returns the first nonce for which it
/// does.
///
/// # Panics
/// When the header's encoding cannot write a nonce of the range.
#[must_use]
pub fn header_loop(
    template: &Template,
    hex_zeros: usize,
    mut nonces: RangeInclusive<u64>,
) -> Option<u64> {
    let zeros = "0".repeat(hex_zeros);
    nonces.find(|nonce| template.digest(*nonce).to_string().starts_with(&zeros))
}

/// `sha2::Sha256::digest` over the whole header for every nonce, its digits rewritten in place.
/// Returns the first nonce that meets the target. A header that is hashed twice takes a second
/// digest.
///
/// # Panics
/// When the header's encoding cannot write a nonce of the range.
#[must_use]
pub fn sha2_digest(
    template: &Template,
    target: &Target,
    nonces: RangeInclusive<u64>,
) -> Option<u64> {
    let (mut first, last) = nonces.into_inner();
    while first <= last {
        let end = last.min(template.encoding().last_of_width(first));
        if let Some(nonce) = sha2_digest_one_width(template, target, first..=end) {
            return Some(nonce);
        }
        first = end.checked_add(1)?;
    }
    None
}

fn sha2_digest_one_width(
    template: &Template,
    target: &Target,
    mut nonces: RangeInclusive<u64>,
) -> Option<u64> {
    let mut header = template.header(*nonces.start());
    let nonce_field = template.prefix().len()..header.len() - template.suffix().len();
    nonces.find(|_| {
        let mut digest: [u8; 32] = Sha256::digest(&header).into();
        if template.hashing() == Hashing::Twice {
            digest = Sha256::digest(digest).into();
            digest.reverse();
        }
        let digest = Digest::from_be_bytes(digest);
        template.encoding().advance(1, &mut header[nonce_field.clone()]);
        target.is_met_by(&digest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::python_json::Value;
    use crate::chain::{Candidate, SealedBlock, Timestamp};
    use crate::pow::{Job, Kernel};

    #[test]
    fn the_baselines_find_what_the_kernels_find() {
        let genesis = SealedBlock::genesis().hash().to_string();
        let text = Timestamp::Text("noon".to_owned());
        let candidate = Candidate::new(1, &text, &Value::from("Block 1"), &genesis).unwrap();
        let target = Target::from_hex_zeros(3).unwrap();
        let template = candidate.template();
        let hit = Job::new(template, target, Kernel::Portable).search(0..=100_000).unwrap();
        assert_eq!(sha2_digest(template, &target, 0..=100_000), Some(hit.nonce));
        let twice = template.clone().with_hashing(Hashing::Twice);
        let hit_twice = Job::new(&twice, target, Kernel::Portable).search(0..=100_000).unwrap();
        assert_eq!(sha2_digest(&twice, &target, 0..=100_000), Some(hit_twice.nonce));
        assert_eq!(reference_loop(&candidate.seal(0).to_block(), 3, 0..=100_000), Some(hit.nonce));
    }

    #[test]
    fn the_baselines_say_when_there_is_nothing() {
        let genesis = SealedBlock::genesis().to_block();
        assert_eq!(reference_loop(&genesis, 64, 0..=500), None);
        let template = Template::new("", crate::pow::NonceEncoding::Decimal, "");
        assert_eq!(sha2_digest(&template, &Target::ZERO, 0..=500), None);
    }
}
