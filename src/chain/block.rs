//! A block, and its bytes.

use std::fmt;

use super::line::MAX_LINE_LEN;
use super::python_json::{Float, Integer, ParseError, Reader, Value, write_string, write_value};
use crate::pow::{NonceEncoding, NonceStart, Template};

/// When a block was made, as its maker wrote it: any JSON number, or a string.
#[derive(Clone, Debug, PartialEq)]
pub enum Timestamp {
    /// An integer; Unix seconds by custom.
    Integer(Integer),
    /// A float; Unix seconds by custom.
    Float(Float),
    /// Any text.
    Text(String),
}

impl From<Timestamp> for Value {
    fn from(timestamp: Timestamp) -> Self {
        match timestamp {
            Timestamp::Integer(integer) => Self::Integer(integer),
            Timestamp::Float(float) => Self::Float(float),
            Timestamp::Text(text) => Self::String(text),
        }
    }
}

impl fmt::Display for Timestamp {
    /// As JSON.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(integer) => integer.fmt(f),
            Self::Float(float) => float.fmt(f),
            Self::Text(text) => {
                let mut json = String::new();
                write_string(&mut json, text);
                f.write_str(&json)
            }
        }
    }
}

/// A block of the chain, sealed: it has a nonce and a hash.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Its place in the chain, from 0.
    pub index: u64,
    /// When it was made.
    pub timestamp: Timestamp,
    /// What it holds: any JSON value.
    pub data: Value,
    /// The hash of the block before it; free text in a genesis block.
    pub previous_hash: String,
    /// What was searched for: a non-negative integer, also one beyond 64 bits.
    pub nonce: Integer,
    /// What it claims to be its hash: 64 lower-case hex digits when it is right.
    pub hash: String,
}

impl Block {
    /// The block that every chain made here starts with. It is not mined.
    #[must_use]
    pub fn genesis() -> Self {
        let candidate = Candidate {
            index: 0,
            timestamp: Timestamp::Integer(Integer::from(0_u64)),
            data: Value::from("Genesis Block"),
            previous_hash: "0".to_owned(),
            leading_digits: String::new(),
        };
        candidate.seal(0)
    }

    /// The bytes that are hashed: what Python's `json.dumps(…, sort_keys=True)` writes of all
    /// properties but `hash`.
    #[must_use]
    pub fn header(&self) -> String {
        let mut header = String::new();
        let write_data = |out: &mut String| write_value(out, &self.data);
        write_start(&mut header, write_data, self.index, None);
        header.push_str(self.nonce.as_str());
        write_end(&mut header, &self.previous_hash, &self.timestamp.to_string());
        header
    }

    /// The block as it stands in a chain file, without the newline: what Python's
    /// `json.dumps(block.__dict__, sort_keys=True)` writes.
    #[must_use]
    pub fn line(&self) -> String {
        let mut line = String::new();
        let write_data = |out: &mut String| write_value(out, &self.data);
        write_start(&mut line, write_data, self.index, Some(&self.hash));
        line.push_str(self.nonce.as_str());
        write_end(&mut line, &self.previous_hash, &self.timestamp.to_string());
        line
    }
}

/// A block to be: all but the nonce, and the hash that follows from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    index: u64,
    timestamp: Timestamp,
    data: Value,
    previous_hash: String,
    /// Digits that come before those of the nonce that is searched for.
    leading_digits: String,
}

/// Data that no chain file can hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CandidateError {
    /// The block's line would be longer than [`MAX_LINE_LEN`].
    #[error(
        "the block would be {len} bytes long, and a line of a chain holds at most {MAX_LINE_LEN}; \
         put less into one block"
    )]
    TooLong {
        /// Bytes that the line would have.
        len: usize,
    },
    /// The data could not be read back.
    #[error("the data does not fit a block: {0}")]
    Unreadable(ParseError),
}

impl Candidate {
    /// The bytes that `hash` and the nonce's digits can take in a line on top of the header; a
    /// [`NonceStart`] fixes at most a block of 64 digits.
    const SEAL_LEN: usize = r#""hash": "", "#.len() + 64 + 20 + 64;

    /// A candidate with these properties.
    ///
    /// # Errors
    /// Data too large or nested too deep for a line of a chain file.
    pub fn new(
        index: u64,
        timestamp: Timestamp,
        data: Value,
        previous_hash: String,
    ) -> Result<Self, CandidateError> {
        let leading_digits = String::new();
        let candidate = Self { index, timestamp, data, previous_hash, leading_digits };
        let header = candidate.template().header(0);
        let len = header.len() + Self::SEAL_LEN;
        if len > MAX_LINE_LEN {
            return Err(CandidateError::TooLong { len });
        }
        Reader::new(&header).skip().map_err(CandidateError::Unreadable)?;
        Ok(candidate)
    }

    /// The same candidate, its nonce starting with the digits that this start fixes: they become
    /// part of the template, and come before the digits that a search finds.
    #[must_use]
    pub fn starting_at(self, start: &NonceStart) -> Self {
        Self { leading_digits: start.leading_digits(), ..self }
    }

    /// Its place in the chain.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// The header with a hole for the nonce: what a miner searches.
    #[must_use]
    pub fn template(&self) -> Template {
        let (mut prefix, mut suffix) = (String::new(), String::new());
        write_start(&mut prefix, |out| write_value(out, &self.data), self.index, None);
        prefix.push_str(&self.leading_digits);
        write_end(&mut suffix, &self.previous_hash, &self.timestamp.to_string());
        Template::new(prefix, NonceEncoding::Decimal, suffix)
    }

    /// The block with this nonce after the leading digits, and the hash that it gives.
    #[must_use]
    pub fn seal(self, nonce: u64) -> Block {
        let hash = self.template().digest(nonce).to_string();
        let nonce = self.nonce(nonce);
        let Self { index, timestamp, data, previous_hash, .. } = self;
        Block { index, timestamp, data, previous_hash, nonce, hash }
    }

    fn nonce(&self, found: u64) -> Integer {
        // Leading digits are not zeros, so the two together are an integer's digits.
        let digits = format!("{}{found}", self.leading_digits);
        Integer::from_digits(&digits).unwrap_or_else(|| Integer::from(found))
    }
}

/// Everything before the nonce.
pub(super) fn write_start(
    out: &mut String,
    write_data: impl FnOnce(&mut String),
    index: u64,
    hash: Option<&str>,
) {
    out.push_str(r#"{"data": "#);
    write_data(out);
    if let Some(hash) = hash {
        out.push_str(r#", "hash": "#);
        write_string(out, hash);
    }
    out.push_str(r#", "index": "#);
    out.push_str(&index.to_string());
    out.push_str(r#", "nonce": "#);
}

/// Everything after the nonce.
pub(super) fn write_end(out: &mut String, previous_hash: &str, timestamp: &str) {
    out.push_str(r#", "previous_hash": "#);
    write_string(out, previous_hash);
    out.push_str(r#", "timestamp": "#);
    out.push_str(timestamp);
    out.push('}');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::line::BlockLine;
    use crate::pow::{Kernel, Target};

    #[test]
    fn the_genesis_block_is_the_one_that_python_makes() {
        let genesis = Block::genesis();
        assert_eq!(
            genesis.header(),
            r#"{"data": "Genesis Block", "index": 0, "nonce": 0, "previous_hash": "0", "timestamp": 0}"#
        );
        // hashlib.sha256 of the line above.
        assert_eq!(
            genesis.hash,
            "92051d97e5bd68a3efed352de6141d672033de0bb18471ffe81021de27212cbd"
        );
    }

    #[test]
    fn a_line_is_the_header_with_the_hash_in_its_sorted_place() {
        let block = Block::genesis();
        let hash = format!(r#""hash": "{}", "#, block.hash);
        assert_eq!(block.line().replacen(&hash, "", 1), block.header());
    }

    #[test]
    fn the_template_with_the_nonce_in_its_hole_is_the_header() {
        let candidate = Candidate::new(
            7,
            Timestamp::Text("now".to_owned()),
            Value::from("\u{1f600} \"quoted\""),
            "0".repeat(64),
        )
        .unwrap();
        let header = candidate.template().header(1_234);
        assert_eq!(header, candidate.seal(1_234).header().into_bytes());
    }

    #[test]
    fn leading_digits_are_part_of_the_template_and_of_the_nonce() {
        let text = Timestamp::Text(String::new());
        let candidate = Candidate::new(1, text, Value::Null, "0".repeat(64)).unwrap();
        let start = NonceStart {
            fixed_digits: 11,
            ..NonceStart::zero(&candidate.template(), &Target::ZERO, Kernel::Portable)
        };
        let candidate = candidate.starting_at(&start);
        let header = candidate.template().header(100_000_000_000_042);
        let block = candidate.seal(100_000_000_000_042);
        assert_eq!(block.nonce.as_str(), "11111111111100000000000042");
        assert_eq!(block.header().into_bytes(), header);
        let line = block.line();
        assert_eq!(BlockLine::parse(line.as_bytes()).unwrap().to_block().unwrap(), block);
    }

    #[test]
    fn data_that_could_not_be_read_back_is_refused() {
        let nested = |depth| (0..depth).fold(Value::Null, |value, _| Value::Array(vec![value]));
        let candidate =
            |data| Candidate::new(1, Timestamp::Text(String::new()), data, String::new());
        assert!(candidate(nested(127)).is_ok());
        assert!(matches!(candidate(nested(128)), Err(CandidateError::Unreadable(_))));
        let long = Value::from("x".repeat(MAX_LINE_LEN - 100));
        assert!(matches!(candidate(long), Err(CandidateError::TooLong { .. })));
    }
}
