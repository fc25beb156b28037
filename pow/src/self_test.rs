//! The self-test that a kernel must pass before it is trusted.

use std::fmt;

use super::job::Job;
use super::kernel::Kernel;
use super::target::Target;
use super::template::{Hashing, NonceEncoding, Template};

/// A search in which a kernel gave the wrong nonce.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelfTestError {
    kernel: Kernel,
    header: String,
    expected: Option<u64>,
    found: Option<u64>,
}

impl fmt::Display for SelfTestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kernel, header, expected, found } = self;
        write!(
            f,
            "kernel {kernel} failed its self-test: {header} gave {found:?}, expected nonce \
             {expected:?}; choose another kernel and report this CPU"
        )
    }
}

impl std::error::Error for SelfTestError {}

/// Bitcoin's genesis block header, nonce included (block
/// 000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f).
const BITCOIN_GENESIS: &[u8; 80] = b"\x01\0\0\0\
    \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
    \x3b\xa3\xed\xfd\x7a\x7b\x12\xb2\x7a\xc7\x2c\x3e\x67\x76\x8f\x61\
    \x7f\xc8\x1b\xc3\x88\x8a\x51\x32\x3a\x9f\xb8\xaa\x4b\x1e\x5e\x4a\
    \x29\xab\x5f\x49\xff\xff\x00\x1d\x1d\xac\x2b\x7c";
const BITCOIN_GENESIS_NONCE: u64 = 2_083_236_893;

/// Nonces around which every encoding and hashing is tried: changes of width and of high bytes.
const AROUND: [u64; 4] = [99, 0xffff, 999_999, 4_294_967_000];

impl Kernel {
    /// Checks the kernel against published hashes and the `sha2` crate. Takes a few
    /// milliseconds; run it before a kernel is first trusted.
    ///
    /// # Errors
    /// The first search that went wrong.
    pub fn self_test(self) -> Result<(), SelfTestError> {
        finds_the_genesis_nonce(self)?;
        for encoding in NonceEncoding::ALL {
            for (hashing, suffix_len) in
                [(Hashing::Once, 35), (Hashing::Once, 100), (Hashing::Twice, 35)]
            {
                // A nonce that straddles two blocks, an odd offset from any word; one more block,
                // or two.
                let suffix = vec![b's'; suffix_len];
                let template = Template::new([b'p'; 61], encoding, suffix).with_hashing(hashing);
                for nonce in AROUND {
                    agrees_with_sha2(self, &template, nonce)?;
                }
            }
        }
        Ok(())
    }
}

fn finds_the_genesis_nonce(kernel: Kernel) -> Result<(), SelfTestError> {
    let template = Template::bitcoin(BITCOIN_GENESIS);
    let target = Target::from_bits(32).expect("32 bits are fewer than 256");
    let range = BITCOIN_GENESIS_NONCE - 20..=BITCOIN_GENESIS_NONCE + 20;
    let found = Job::new(&template, target, kernel).search(range).map(|hit| hit.nonce);
    let header = || "Bitcoin's genesis block".to_owned();
    compare(kernel, header, Some(BITCOIN_GENESIS_NONCE), found)
}

/// The lowest digest of a few nonces must be found, and nothing before it.
fn agrees_with_sha2(kernel: Kernel, template: &Template, around: u64) -> Result<(), SelfTestError> {
    let range = around - 20..=around + 20;
    let lowest = range.clone().map(|nonce| (template.digest(nonce), nonce)).min();
    let (digest, expected) = lowest.expect("the range is not empty");
    let target = Target::from_be_bytes(*digest.as_be_bytes());
    let found = Job::new(template, target, kernel).search(range).map(|hit| hit.nonce);
    let header = || format!("{:?}, hashed {:?}", template.encoding(), template.hashing());
    compare(kernel, header, Some(expected), found)
}

fn compare(
    kernel: Kernel,
    header: impl FnOnce() -> String,
    expected: Option<u64>,
    found: Option<u64>,
) -> Result<(), SelfTestError> {
    if expected == found {
        return Ok(());
    }
    Err(SelfTestError { kernel, header: header(), expected, found })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_names_the_kernel_the_search_and_both_nonces() {
        let header = || "a header".to_owned();
        assert_eq!(compare(Kernel::Avx2, header, Some(5), Some(5)), Ok(()));
        let error = compare(Kernel::Avx2, header, Some(5), None).unwrap_err();
        assert_eq!(
            error.to_string(),
            "kernel avx2 failed its self-test: a header gave None, expected nonce Some(5); choose \
             another kernel and report this CPU"
        );
    }
}
