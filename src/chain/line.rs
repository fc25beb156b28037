//! Reads one block in place: its properties are borrowed from the text of a file.

use std::borrow::Cow;
use std::ops::Range;

use sha2::{Digest as _, Sha256};

use super::block::{Block, Timestamp};
use super::layout::{CLOSE, Header, MAX_LINE_LEN, Property};
use super::python_json::{Integer, JsonKind, Number, ParseError, Reader, Value, parse, rewrite};
use crate::pow::Digest;

/// Why a text is not a block whose hash is right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BlockError {
    /// It is not JSON, or JSON that is not read here.
    #[error("not readable as JSON: {0}")]
    Json(#[from] ParseError),
    /// It is JSON, but not an object.
    #[error("expected a block, which is a JSON object, found {0}")]
    NotAnObject(JsonKind),
    /// A property is missing.
    #[error("the block has no {0:?}")]
    Missing(&'static str),
    /// A property that blocks do not have.
    #[error(
        "the block has a property {0:?}; a block has data, hash, index, nonce, previous_hash and \
         timestamp alone"
    )]
    Unknown(String),
    /// A property of the wrong kind.
    #[error("the block's {property} is {found}; it must be {wanted}")]
    WrongKind {
        /// The property's name.
        property: &'static str,
        /// What it must be.
        wanted: &'static str,
        /// What it is.
        found: String,
    },
    /// The hash is not that of the block's other properties.
    #[error("the block's hash is {stated:?}, but its content hashes to {computed}; it was altered")]
    WrongHash {
        /// What the block says, cut to 64 characters.
        stated: String,
        /// What its content gives.
        computed: Digest,
    },
    /// Its line would be longer than [`MAX_LINE_LEN`].
    #[error("the block is {len} bytes long, and a line of a chain holds at most {MAX_LINE_LEN}")]
    TooLong {
        /// Bytes of the line.
        len: usize,
    },
}

/// The properties of a block, borrowed from its text.
#[derive(Debug)]
pub(super) struct BlockLine<'a> {
    text: &'a [u8],
    data: Range<usize>,
    hash: Cow<'a, str>,
    pub(super) index: u64,
    nonce: &'a str,
    previous_hash: Cow<'a, str>,
    timestamp: Range<usize>,
    /// In a canonical line, where the hash and its lead stand: without them, it is the header.
    hash_member: Option<Range<usize>>,
}

/// What the rules of a chain check of a block whose own hash is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) index: u64,
    /// The previous hash, where it has the form of a hash.
    pub(super) previous_hash: Option<Digest>,
    pub(super) hash: Digest,
}

impl<'a> BlockLine<'a> {
    pub(super) fn parse(text: &'a [u8]) -> Result<Self, BlockError> {
        Self::parse_canonical(text).map_or_else(|| Self::parse_any(text), Ok)
    }

    /// Reads a line as Python writes it, in a third less time than property by property. `None` for
    /// every other text.
    fn parse_canonical(text: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(text);
        let pass = |reader: &mut Reader<'a>, text| reader.consume(text).then_some(());
        reader.open_object().ok()?;
        pass(&mut reader, Property::Data.lead())?;
        let data = skipped(&mut reader).ok()?;
        pass(&mut reader, Property::Hash.lead())?;
        let hash = reader.string().ok()?;
        let hash_member = Some(data.end..reader.offset());
        pass(&mut reader, Property::Index.lead())?;
        let index = index(&mut reader).ok()?;
        pass(&mut reader, Property::Nonce.lead())?;
        let nonce = nonce(&mut reader).ok()?;
        pass(&mut reader, Property::PreviousHash.lead())?;
        let previous_hash = reader.string().ok()?;
        pass(&mut reader, Property::Timestamp.lead())?;
        let timestamp = timestamp(&mut reader).ok()?;
        pass(&mut reader, CLOSE)?;
        let is_canonical = reader.offset() == text.len() && reader.is_canonical();
        is_canonical.then_some(Self {
            text,
            data,
            hash,
            index,
            nonce,
            previous_hash,
            timestamp,
            hash_member,
        })
    }

    /// Reads a block of any spelling, property by property.
    fn parse_any(text: &'a [u8]) -> Result<Self, BlockError> {
        let mut reader = Reader::new(text);
        let kind = reader.peek_kind()?;
        if kind != JsonKind::Object {
            return Err(BlockError::NotAnObject(kind));
        }
        let mut found = Properties::default();
        let mut members = reader.open_object()?;
        while let Some(name) = reader.next_key(&mut members)? {
            found.read(&name, &mut reader)?;
        }
        reader.finish()?;
        let missing = |property: Property| BlockError::Missing(property.name());
        Ok(Self {
            text,
            data: found.data.ok_or(missing(Property::Data))?,
            hash: found.hash.ok_or(missing(Property::Hash))?,
            index: found.index.ok_or(missing(Property::Index))?,
            nonce: found.nonce.ok_or(missing(Property::Nonce))?,
            previous_hash: found.previous_hash.ok_or(missing(Property::PreviousHash))?,
            timestamp: found.timestamp.ok_or(missing(Property::Timestamp))?,
            hash_member: None,
        })
    }

    /// Whether the text is, byte for byte, what Python would write of this block.
    pub(super) fn is_canonical(&self) -> bool {
        self.hash_member.is_some()
    }

    /// Checks the block's hash.
    pub(super) fn link(&self) -> Result<Link, BlockError> {
        let computed = self.digest()?;
        if Digest::from_hex(&self.hash) != Some(computed) {
            let stated = self.hash.chars().take(64).collect();
            return Err(BlockError::WrongHash { stated, computed });
        }
        let previous_hash = Digest::from_hex(&self.previous_hash);
        Ok(Link { index: self.index, previous_hash, hash: computed })
    }

    /// The digest of the block's header.
    fn digest(&self) -> Result<Digest, BlockError> {
        match &self.hash_member {
            Some(member) => Ok(sha256([&self.text[..member.start], &self.text[member.end..]])),
            None => Ok(sha256([self.header()?.text.as_bytes()])),
        }
    }

    /// The header as Python writes it, whatever the line's spelling.
    fn header(&self) -> Result<Header, BlockError> {
        let data = rewrite(&self.text[self.data.clone()])?;
        let timestamp = rewrite(&self.text[self.timestamp.clone()])?;
        let write_data = |out: &mut String| out.push_str(&data);
        Ok(Header::new(self.index, self.nonce, &self.previous_hash, &timestamp, write_data))
    }

    /// The block's properties as values.
    pub(super) fn to_block(&self) -> Result<Block, BlockError> {
        let timestamp = match parse(&self.text[self.timestamp.clone()])? {
            Value::Integer(integer) => Timestamp::Integer(integer),
            Value::Float(float) => Timestamp::Float(float),
            Value::String(text) => Timestamp::Text(text),
            _ => unreachable!("the kind was checked when the block was read"),
        };
        Ok(Block {
            index: self.index,
            timestamp,
            data: parse(&self.text[self.data.clone()])?,
            previous_hash: self.previous_hash.clone().into_owned(),
            nonce: Integer::from_digits(self.nonce).expect("the nonce was read as digits"),
            hash: self.hash.clone().into_owned(),
        })
    }
}

/// SHA-256 of these bytes, one part after the other.
pub(super) fn sha256<const PARTS: usize>(parts: [&[u8]; PARTS]) -> Digest {
    let hasher = parts.into_iter().fold(Sha256::new(), Sha256::chain_update);
    Digest::from_be_bytes(hasher.finalize().into())
}

/// The properties read so far.
#[derive(Default)]
struct Properties<'a> {
    data: Option<Range<usize>>,
    hash: Option<Cow<'a, str>>,
    index: Option<u64>,
    nonce: Option<&'a str>,
    previous_hash: Option<Cow<'a, str>>,
    timestamp: Option<Range<usize>>,
}

impl<'a> Properties<'a> {
    /// Reads the value of a property. Of one that comes twice, the last value stays, as in Python.
    fn read(&mut self, name: &str, reader: &mut Reader<'a>) -> Result<(), BlockError> {
        let Some(property) = Property::from_name(name) else {
            return Err(BlockError::Unknown(name.chars().take(64).collect()));
        };
        match property {
            Property::Data => self.data = Some(skipped(reader)?),
            Property::Hash => self.hash = Some(string(property, reader)?),
            Property::Index => self.index = Some(index(reader)?),
            Property::Nonce => self.nonce = Some(nonce(reader)?),
            Property::PreviousHash => self.previous_hash = Some(string(property, reader)?),
            Property::Timestamp => self.timestamp = Some(timestamp(reader)?),
        }
        Ok(())
    }
}

/// Skips a value. Returns where it stands.
fn skipped(reader: &mut Reader<'_>) -> Result<Range<usize>, BlockError> {
    reader.peek_kind()?;
    let start = reader.offset();
    reader.skip()?;
    Ok(start..reader.offset())
}

fn string<'a>(property: Property, reader: &mut Reader<'a>) -> Result<Cow<'a, str>, BlockError> {
    check_kind(property, "a string", reader, |kind| kind == JsonKind::String)?;
    Ok(reader.string()?)
}

fn timestamp(reader: &mut Reader<'_>) -> Result<Range<usize>, BlockError> {
    check_kind(Property::Timestamp, "a number or a string", reader, |kind| {
        matches!(kind, JsonKind::Integer | JsonKind::Float | JsonKind::String)
    })?;
    skipped(reader)
}

fn index(reader: &mut Reader<'_>) -> Result<u64, BlockError> {
    const WANTED: &str = "an integer from 0 to 18446744073709551615";
    let digits = digits(Property::Index, WANTED, reader)?;
    digits.parse().map_err(|_| wrong_kind(Property::Index, WANTED, shortened(digits)))
}

fn nonce<'a>(reader: &mut Reader<'a>) -> Result<&'a str, BlockError> {
    digits(Property::Nonce, "a non-negative integer", reader)
}

/// The digits of a non-negative integer.
fn digits<'a>(
    property: Property,
    wanted: &'static str,
    reader: &mut Reader<'a>,
) -> Result<&'a str, BlockError> {
    check_kind(property, wanted, reader, |kind| {
        matches!(kind, JsonKind::Integer | JsonKind::Float)
    })?;
    let found = match reader.number()? {
        Number::Integer(digits) if !digits.starts_with('-') => return Ok(digits),
        Number::Integer(negative) => shortened(negative),
        Number::Float(float) => float.to_string(),
    };
    Err(wrong_kind(property, wanted, found))
}

fn shortened(digits: &str) -> String {
    digits.chars().take(40).collect()
}

fn wrong_kind(property: Property, wanted: &'static str, found: String) -> BlockError {
    BlockError::WrongKind { property: property.name(), wanted, found }
}

fn check_kind(
    property: Property,
    wanted: &'static str,
    reader: &mut Reader<'_>,
    fits: impl Fn(JsonKind) -> bool,
) -> Result<(), BlockError> {
    match reader.peek_kind()? {
        kind if fits(kind) => Ok(()),
        other => Err(wrong_kind(property, wanted, other.to_string())),
    }
}

#[cfg(test)]
mod tests;
