//! The headers that a benchmark searches. They are fixed, so that machines can be compared.

use std::fmt::Write as _;

use super::document::SearchedHeader;
use crate::chain::python_json::{Float, Value};
use crate::chain::{Block, Candidate, SealedBlock, Timestamp};
use crate::pow::{Hashing, NonceEncoding, Template};

/// A fixed header with a hole for the nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workload {
    /// A block of a chain: 165 bytes of JSON, hashed once.
    Chain,
    /// A block header of Bitcoin: 80 bytes, hashed twice.
    Bitcoin,
    /// A short text: 29 bytes, hashed once.
    Text,
}

/// The bytes before the nonce of the text.
const TEXT: &str = "stripmine bench ";

/// When the block of the chain was made, in Unix seconds.
const TIMESTAMP: f64 = 1_700_000_000.123;

/// The header of Bitcoin's genesis block up to its nonce (block
/// 000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f).
const BITCOIN_GENESIS: [u8; 80] = *b"\x01\0\0\0\
    \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
    \x3b\xa3\xed\xfd\x7a\x7b\x12\xb2\x7a\xc7\x2c\x3e\x67\x76\x8f\x61\
    \x7f\xc8\x1b\xc3\x88\x8a\x51\x32\x3a\x9f\xb8\xaa\x4b\x1e\x5e\x4a\
    \x29\xab\x5f\x49\xff\xff\x00\x1d\0\0\0\0";

/// The first nonce of thirteen digits. There are nine million million such nonces, enough for any
/// sample, and their lowest digits lie where those of a nine-digit nonce lie in most chains.
const FIRST_DECIMAL: u64 = 1_000_000_000_000;

impl Workload {
    /// All of them, the default first.
    pub const ALL: [Self; 3] = [Self::Chain, Self::Bitcoin, Self::Text];

    /// The name by which users choose it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chain => "chain",
            Self::Bitcoin => "bitcoin",
            Self::Text => "text",
        }
    }

    /// The header.
    #[must_use]
    pub fn template(self) -> Template {
        match self {
            Self::Chain => chain_candidate().template().clone(),
            Self::Bitcoin => Template::bitcoin(&BITCOIN_GENESIS),
            Self::Text => Template::new(TEXT, NonceEncoding::Decimal, ""),
        }
    }

    /// The nonce that every sample starts at.
    #[must_use]
    pub const fn first_nonce(self) -> u64 {
        match self {
            Self::Chain | Self::Text => FIRST_DECIMAL,
            Self::Bitcoin => 0,
        }
    }

    /// The last nonce that costs as much as the first.
    #[must_use]
    pub fn last_nonce(self) -> u64 {
        self.template().encoding().last_of_width(self.first_nonce())
    }

    /// The block of a chain, if that is the workload: the reference's loop writes it anew for every
    /// nonce.
    #[must_use]
    pub fn block(self) -> Option<Block> {
        (self == Self::Chain).then(|| chain_candidate().seal(self.first_nonce()).to_block())
    }

    /// The workload as it is saved.
    #[must_use]
    pub fn searched_header(self) -> SearchedHeader {
        let (template, first_nonce) = (self.template(), self.first_nonce());
        let mut header = SearchedHeader {
            name: self.name().to_owned(),
            one_hash: String::new(),
            bytes: 0,
            blocks: 0,
            hashed: if template.hashing() == Hashing::Twice { 2 } else { 1 },
            first_header: hex(&template.header(first_nonce)),
            first_nonce,
        };
        header.compute_sizes();
        let (bytes, blocks) = (header.bytes, header.blocks);
        header.one_hash = match self {
            Self::Chain => format!("SHA-256 of a {bytes}-byte chain header ({blocks} blocks)"),
            Self::Bitcoin => format!("SHA-256 of the SHA-256 of an {bytes}-byte Bitcoin header"),
            Self::Text => format!("SHA-256 of a {bytes}-byte text ({blocks} block)"),
        };
        header
    }
}

/// The block of the chain workload.
///
/// # Panics
/// Never: 1 is an index and the timestamp is finite.
fn chain_candidate() -> Candidate {
    let timestamp = Timestamp::Float(Float::new(TIMESTAMP).expect("a finite number"));
    let previous_hash = SealedBlock::genesis().hash().to_string();
    Candidate::new(1, &timestamp, &Value::from("ore"), &previous_hash).expect("a block of a chain")
}

/// Bytes as hex digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_header_is_the_165_bytes_that_python_would_write() {
        let header = Workload::Chain.template().header(FIRST_DECIMAL);
        let genesis = SealedBlock::genesis().hash().to_string();
        let expected = format!(
            "{{\"data\": \"ore\", \"index\": 1, \"nonce\": 1000000000000, \
             \"previous_hash\": \"{genesis}\", \"timestamp\": 1700000000.123}}"
        );
        assert_eq!(String::from_utf8(header).unwrap(), expected);
        let document = Workload::Chain.searched_header();
        assert_eq!((document.bytes, document.blocks, document.hashed), (165, 3, 1));
        assert_eq!(document.one_hash, "SHA-256 of a 165-byte chain header (3 blocks)");
    }

    #[test]
    fn bitcoin_s_header_has_the_genesis_block_among_its_nonces() {
        let digest = Workload::Bitcoin.template().digest(2_083_236_893);
        let expected = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f";
        assert_eq!(digest.to_string(), expected);
        assert_eq!(Workload::Bitcoin.last_nonce(), u64::from(u32::MAX));
    }

    #[test]
    fn the_text_fills_one_block() {
        let document = Workload::Text.searched_header();
        assert_eq!((document.bytes, document.blocks, document.hashed), (29, 1, 1));
        assert_eq!(document.first_header, hex(b"stripmine bench 1000000000000"));
        assert_eq!(Workload::Text.last_nonce(), 9_999_999_999_999);
    }
}
