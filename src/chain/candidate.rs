//! Candidates for the next block, and the sealed blocks that they become.

use super::block::{Block, Timestamp};
use super::dialect::Role;
use super::form::{FormError, Frame};
use super::layout::{Header, MAX_LINE_LEN, line};
use super::line::{BlockError, BlockLine, Link, sha256};
use super::python_json::{Integer, JsonText, ParseError, Reader, Value, rewrite, write_value};
use crate::pow::{Digest, NonceEncoding, NonceStart, Template};

/// A block without its nonce and its hash.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    index: u64,
    /// The previous hash, where it has the form of a hash.
    previous_hash: Option<Digest>,
    template: Template,
    line: Line,
    /// Where the nonce begins in the template's prefix: digits that are fixed come before the hole.
    nonce_at: usize,
}

/// How the line is made from the header.
#[derive(Clone, Debug, PartialEq)]
enum Line {
    /// The hash and its lead go into the header's prefix here.
    HeaderWithHash { hash_at: usize },
    /// The line is spelled in another way: the nonce and the hash go into this text.
    OfItsOwn { text: String, nonce_at: usize, hash_at: usize },
}

/// Why a block cannot be stored in a chain file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
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
    /// The block cannot have the form of the chain's blocks.
    #[error(transparent)]
    Form(#[from] FormError),
    /// The data could not be read back.
    #[error("the data does not fit a block: {0}")]
    Unreadable(ParseError),
}

impl Candidate {
    /// The bytes that the hash and a nonce can take in a line: 64 hex digits and their quotes, and
    /// the 20 digits of a 64-bit nonce after the 64 that a [`NonceStart`] fixes at most.
    const SEAL_LEN: usize = Role::Hash.lead().len() + 64 + 2 + 20 + 64;

    /// A candidate with these properties.
    ///
    /// # Errors
    /// When the data is too long or nested too deep for a line of a chain file.
    pub fn new(
        index: u64,
        timestamp: &Timestamp,
        data: &Value,
        previous_hash: &str,
    ) -> Result<Self, CandidateError> {
        let write_data = |out: &mut String| write_value(out, data);
        let header = Header::new(index, "0", previous_hash, timestamp, write_data);
        Self::of_header(index, previous_hash, header)
    }

    /// The same, of data that is JSON text.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub fn of_text(
        index: u64,
        timestamp: &Timestamp,
        data: &JsonText,
        previous_hash: &str,
    ) -> Result<Self, CandidateError> {
        let data = rewrite(data.as_str().as_bytes()).map_err(CandidateError::Unreadable)?;
        let write_data = |out: &mut String| out.push_str(&data);
        let header = Header::new(index, "0", previous_hash, timestamp, write_data);
        Self::of_header(index, previous_hash, header)
    }

    fn of_header(index: u64, previous_hash: &str, header: Header) -> Result<Self, CandidateError> {
        let Header { mut text, hash_at, nonce } = header;
        let len = text.len() + Self::SEAL_LEN;
        if len > MAX_LINE_LEN {
            return Err(CandidateError::TooLong { len });
        }
        Reader::new(text.as_bytes()).skip().map_err(CandidateError::Unreadable)?;
        let suffix = text.split_off(nonce.end);
        text.truncate(nonce.start);
        let template = Template::new(text, NonceEncoding::Decimal, suffix);
        let previous_hash = Digest::from_hex(previous_hash);
        let line = Line::HeaderWithHash { hash_at };
        Ok(Self { index, previous_hash, template, line, nonce_at: nonce.start })
    }

    /// A candidate in the form of a chain's blocks. Its index is its place in the chain.
    pub(super) fn framed(
        index: u64,
        previous_hash: Option<Digest>,
        frame: Frame,
    ) -> Result<Self, CandidateError> {
        let Frame { header, line } = frame;
        let len = line.text.len() + Self::SEAL_LEN;
        if len > MAX_LINE_LEN {
            return Err(CandidateError::TooLong { len });
        }
        let (prefix, suffix) = header.text.split_at(header.nonce_at);
        let whole = [prefix, "0", suffix].concat();
        Reader::new(whole.as_bytes()).skip().map_err(CandidateError::Unreadable)?;
        let template = Template::new(prefix, NonceEncoding::Decimal, suffix);
        let hash_at = line.hash_at.unwrap_or(line.text.len());
        let line = Line::OfItsOwn { text: line.text, nonce_at: line.nonce_at, hash_at };
        Ok(Self { index, previous_hash, template, line, nonce_at: header.nonce_at })
    }

    /// The same candidate with the digits that this start fixes: they become part of the template,
    /// and come before the digits that a search finds.
    #[must_use]
    pub fn starting_at(self, start: &NonceStart) -> Self {
        let digits = start.leading_digits();
        let prefix = [&self.template.prefix()[..self.nonce_at], digits.as_bytes()].concat();
        let template = Template::new(prefix, NonceEncoding::Decimal, self.template.suffix());
        Self { template, ..self }
    }

    /// Its place in the chain.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// The header with a hole for the nonce: what a miner searches.
    #[must_use]
    pub const fn template(&self) -> &Template {
        &self.template
    }

    /// The block with the nonce that a search of the template has found, and the hash that follows
    /// from it.
    ///
    /// # Panics
    /// Never: a candidate is made of text and digits alone.
    #[must_use]
    pub fn seal(&self, nonce: u64) -> SealedBlock {
        let header = String::from_utf8(self.template.header(nonce)).expect("it was made of text");
        let nonce = &header[self.nonce_at..header.len() - self.template.suffix().len()];
        let nonce = Integer::from_digits(nonce).expect("fixed digits are not zeros");
        let hash = sha256([header.as_bytes()]);
        let link = Link { index: self.index, previous_hash: self.previous_hash, hash };
        let record = match &self.line {
            Line::HeaderWithHash { hash_at } => line(header, *hash_at, &hash.to_string()),
            Line::OfItsOwn { text, nonce_at, hash_at } => {
                filled(text, (*nonce_at, nonce.as_str()), (*hash_at, &hash.to_string()))
            }
        };
        let record = record + "\n";
        SealedBlock { record, nonce, link }
    }
}

/// A text with two others put in, each at its place.
fn filled(text: &str, one: (usize, &str), other: (usize, &str)) -> String {
    let (first, second) = if one.0 < other.0 { (one, other) } else { (other, one) };
    let parts = [&text[..first.0], first.1, &text[first.0..second.0], second.1, &text[second.0..]];
    parts.concat()
}

/// A block whose hash is right, with its line in a chain file. The line is written once, here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedBlock {
    /// The line and its newline.
    pub(super) record: String,
    nonce: Integer,
    pub(super) link: Link,
}

impl SealedBlock {
    /// The block that every chain made here starts with. It is not mined.
    ///
    /// # Panics
    /// Never.
    #[must_use]
    pub fn genesis() -> Self {
        let timestamp = Timestamp::Integer(Integer::from(0_u64));
        let candidate = Candidate::new(0, &timestamp, &Value::from("Genesis Block"), "0");
        candidate.expect("the genesis block fits a line").seal(0)
    }

    /// Its place in the chain, from 0.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.link.index
    }

    /// The nonce, with all its digits.
    #[must_use]
    pub const fn nonce(&self) -> &Integer {
        &self.nonce
    }

    /// The block's hash.
    #[must_use]
    pub const fn hash(&self) -> Digest {
        self.link.hash
    }

    /// The block as it stands in a chain file, without the newline: what Python's
    /// `json.dumps(block.__dict__, sort_keys=True)` writes.
    #[must_use]
    pub fn line(&self) -> &str {
        self.record.trim_end_matches('\n')
    }

    /// All properties of a block of the dialect `tutorial`, read from its line.
    ///
    /// # Panics
    /// Where the block is of another dialect.
    #[must_use]
    pub fn to_block(&self) -> Block {
        let block = BlockLine::parse(self.line().as_bytes()).and_then(|line| line.to_block());
        block.expect("a sealed block's line can be read")
    }
}

/// For a block that was read or mined elsewhere.
impl TryFrom<&Block> for SealedBlock {
    type Error = BlockError;

    /// # Errors
    /// When the block's hash is wrong, or its line could not be read back.
    fn try_from(block: &Block) -> Result<Self, BlockError> {
        let line = block.line();
        if line.len() > MAX_LINE_LEN {
            return Err(BlockError::TooLong { len: line.len() });
        }
        let checked = BlockLine::parse(line.as_bytes())?.link()?;
        Ok(Self { record: line + "\n", nonce: block.nonce.clone(), link: checked })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pow::{Kernel, Target};

    fn candidate(data: &Value) -> Result<Candidate, CandidateError> {
        Candidate::new(1, &Timestamp::Text("now".to_owned()), data, &"0".repeat(64))
    }

    #[test]
    fn the_genesis_block_is_the_one_that_python_makes() {
        let genesis = SealedBlock::genesis();
        assert_eq!(
            genesis.to_block().header(),
            r#"{"data": "Genesis Block", "index": 0, "nonce": 0, "previous_hash": "0", "timestamp": 0}"#
        );
        // hashlib.sha256 of the line above.
        assert_eq!(
            genesis.hash().to_string(),
            "92051d97e5bd68a3efed352de6141d672033de0bb18471ffe81021de27212cbd"
        );
    }

    #[test]
    fn a_line_is_the_header_with_the_hash_in_its_sorted_place() {
        let genesis = SealedBlock::genesis();
        let hash = format!(r#""hash": "{}", "#, genesis.hash());
        assert_eq!(genesis.line().replacen(&hash, "", 1), genesis.to_block().header());
    }

    #[test]
    fn the_template_with_the_nonce_in_its_hole_is_the_header() {
        let candidate = candidate(&Value::from("\u{1f600} \"quoted\"")).unwrap();
        let block = candidate.seal(1_234).to_block();
        assert_eq!(candidate.template().header(1_234), block.header().into_bytes());
        assert_eq!(candidate.template().digest(1_234).to_string(), block.hash);
    }

    #[test]
    fn a_sealed_block_and_its_properties_have_the_same_line() {
        let sealed = candidate(&Value::from("\u{e9}")).unwrap().seal(u64::MAX);
        assert_eq!(sealed.to_block().line(), sealed.line());
        assert_eq!(SealedBlock::try_from(&sealed.to_block()), Ok(sealed));
    }

    #[test]
    fn leading_digits_are_part_of_the_template_and_of_the_nonce() {
        let candidate = candidate(&Value::Null).unwrap();
        let zero = NonceStart::zero(candidate.template(), &Target::ZERO, Kernel::Portable);
        let start = NonceStart { fixed_digits: 11, ..zero };
        let candidate = candidate.starting_at(&start);
        let sealed = candidate.seal(100_000_000_000_042);
        assert_eq!(sealed.nonce().as_str(), "11111111111100000000000042");
        let block = sealed.to_block();
        assert_eq!(&block.nonce, sealed.nonce());
        assert_eq!(candidate.template().header(100_000_000_000_042), block.header().into_bytes());
        assert_eq!(candidate.clone().starting_at(&start), candidate, "digits are fixed once");
    }

    #[test]
    fn data_that_could_not_be_read_back_is_refused() {
        let nested = |depth| (0..depth).fold(Value::Null, |value, _| Value::Array(vec![value]));
        assert!(candidate(&nested(127)).is_ok());
        assert!(matches!(candidate(&nested(128)), Err(CandidateError::Unreadable(_))));
        let long = Value::from("x".repeat(MAX_LINE_LEN - 100));
        assert!(matches!(candidate(&long), Err(CandidateError::TooLong { .. })));
    }

    #[test]
    fn a_block_that_was_altered_or_could_not_be_read_back_cannot_be_sealed() {
        let block = candidate(&Value::from("x")).unwrap().seal(0).to_block();
        let sealed = |data| SealedBlock::try_from(&Block { data, ..block.clone() });
        assert!(sealed(Value::from("x")).is_ok());
        assert!(matches!(sealed(Value::from("y")), Err(BlockError::WrongHash { .. })));
        let long = Value::from("x".repeat(MAX_LINE_LEN));
        assert!(matches!(sealed(long), Err(BlockError::TooLong { .. })));
    }
}
