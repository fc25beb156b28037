//! One block as it stands in a file: its properties found in place, without copying them.

use std::borrow::Cow;
use std::ops::Range;

use sha2::{Digest as _, Sha256};

use super::block::{Block, Timestamp, write_end, write_start};
use super::python_json::{Integer, JsonKind, Number, ParseError, Reader, Value, parse, rewrite};
use crate::pow::Digest;

/// The longest line of a chain file, in bytes, its newline not counted: 64 MiB.
pub const MAX_LINE_LEN: usize = 64 << 20;

/// What keeps a piece of JSON from being a block.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BlockError {
    /// It is not JSON that can be read here.
    #[error("not readable as JSON: {0}")]
    Json(#[from] ParseError),
    /// It is JSON, but not an object.
    #[error("expected a block, which is a JSON object, found {0}")]
    NotAnObject(JsonKind),
    /// A property is not there.
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
    Kind {
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
}

/// The properties of a block, borrowed from its text.
#[derive(Debug)]
pub(super) struct BlockLine<'a> {
    text: &'a [u8],
    data: Range<usize>,
    hash: Cow<'a, str>,
    /// The bytes of `"hash": "…", ` in a canonical line.
    hash_member: Range<usize>,
    pub(super) index: u64,
    nonce: &'a str,
    previous_hash: Cow<'a, str>,
    timestamp: Range<usize>,
    /// Whether the text is, byte for byte, what Python would write of this block.
    pub(super) is_canonical: bool,
}

/// What the chain's rules want to know of a block whose own hash is right.
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

    /// Reads a line whose properties stand where Python's `sort_keys` puts them, in a third less time
    /// than key by key; `None` when anything is otherwise, which is then for the other way to judge.
    fn parse_canonical(text: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(text);
        let after = |reader: &mut Reader<'a>, separator| reader.consume(separator).then_some(());
        reader.open_object().ok()?;
        after(&mut reader, r#""data": "#)?;
        let data = skipped(&mut reader).ok()?;
        let hash_start = reader.offset() + ", ".len();
        after(&mut reader, r#", "hash": "#)?;
        let hash = reader.string().ok()?;
        let hash_member = hash_start..reader.offset() + ", ".len();
        after(&mut reader, r#", "index": "#)?;
        let index = index(&mut reader).ok()?;
        after(&mut reader, r#", "nonce": "#)?;
        let nonce = digits("nonce", "", &mut reader).ok()?;
        after(&mut reader, r#", "previous_hash": "#)?;
        let previous_hash = reader.string().ok()?;
        after(&mut reader, r#", "timestamp": "#)?;
        let timestamp = timestamp(&mut reader).ok()?;
        after(&mut reader, "}")?;
        let is_canonical = reader.offset() == text.len() && reader.is_canonical();
        is_canonical.then_some(Self {
            text,
            data,
            hash,
            hash_member,
            index,
            nonce,
            previous_hash,
            timestamp,
            is_canonical,
        })
    }

    fn parse_any(text: &'a [u8]) -> Result<Self, BlockError> {
        let mut reader = Reader::new(text);
        let mut found = Properties::default();
        found.read(&mut reader)?;
        reader.finish()?;
        Ok(Self {
            text,
            data: found.data.ok_or(BlockError::Missing("data"))?,
            hash: found.hash.ok_or(BlockError::Missing("hash"))?,
            hash_member: found.hash_member,
            index: found.index.ok_or(BlockError::Missing("index"))?,
            nonce: found.nonce.ok_or(BlockError::Missing("nonce"))?,
            previous_hash: found.previous_hash.ok_or(BlockError::Missing("previous_hash"))?,
            timestamp: found.timestamp.ok_or(BlockError::Missing("timestamp"))?,
            is_canonical: reader.is_canonical(),
        })
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

    /// The digest of the block's header. In a canonical line, the header is the line without its
    /// hash; any other spelling is written anew.
    fn digest(&self) -> Result<Digest, BlockError> {
        let digest = if self.is_canonical {
            Sha256::new()
                .chain_update(&self.text[..self.hash_member.start])
                .chain_update(&self.text[self.hash_member.end..])
                .finalize()
        } else {
            Sha256::digest(self.header()?)
        };
        Ok(Digest::from_be_bytes(digest.into()))
    }

    /// The header as Python writes it, whatever the line's spelling.
    fn header(&self) -> Result<String, BlockError> {
        let data = rewrite(&self.text[self.data.clone()])?;
        let timestamp = rewrite(&self.text[self.timestamp.clone()])?;
        let mut header = String::new();
        write_start(&mut header, |out| out.push_str(&data), self.index, None);
        header.push_str(self.nonce);
        write_end(&mut header, &self.previous_hash, &timestamp);
        Ok(header)
    }

    pub(super) fn to_block(&self) -> Result<Block, BlockError> {
        let timestamp = match parse(&self.text[self.timestamp.clone()])? {
            Value::Integer(integer) => Timestamp::Integer(integer),
            Value::Float(float) => Timestamp::Float(float),
            other => Timestamp::Text(match other {
                Value::String(text) => text,
                _ => unreachable!("the kind was checked when the block was read"),
            }),
        };
        Ok(Block {
            index: self.index,
            timestamp,
            data: parse(&self.text[self.data.clone()])?,
            previous_hash: self.previous_hash.clone().into_owned(),
            nonce: Integer::from_digits(self.nonce).ok_or(BlockError::Missing("nonce"))?,
            hash: self.hash.clone().into_owned(),
        })
    }
}

/// The properties read so far.
#[derive(Default)]
pub(super) struct Properties<'a> {
    data: Option<Range<usize>>,
    pub(super) hash: Option<Cow<'a, str>>,
    hash_member: Range<usize>,
    index: Option<u64>,
    nonce: Option<&'a str>,
    pub(super) previous_hash: Option<Cow<'a, str>>,
    timestamp: Option<Range<usize>>,
}

impl<'a> Properties<'a> {
    /// Reads the object to its end; what was read until an error stays.
    pub(super) fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), BlockError> {
        let kind = reader.peek_kind()?;
        if kind != JsonKind::Object {
            return Err(BlockError::NotAnObject(kind));
        }
        let mut members = reader.open_object()?;
        while let Some(key) = reader.next_key(&mut members)? {
            self.read_property(&key, reader)?;
        }
        Ok(())
    }

    /// A property that comes twice counts as in Python: the last one stays.
    fn read_property(&mut self, key: &str, reader: &mut Reader<'a>) -> Result<(), BlockError> {
        match key {
            "data" => self.data = Some(skipped(reader)?),
            "hash" => {
                // Of use in a canonical line alone, and there these are the separators.
                let start = reader.offset().saturating_sub(r#""hash": "#.len());
                self.hash = Some(string("hash", reader)?);
                self.hash_member = start..reader.offset() + ", ".len();
            }
            "index" => self.index = Some(index(reader)?),
            "nonce" => self.nonce = Some(digits("nonce", "a non-negative integer", reader)?),
            "previous_hash" => self.previous_hash = Some(string("previous_hash", reader)?),
            "timestamp" => self.timestamp = Some(timestamp(reader)?),
            unknown => return Err(BlockError::Unknown(unknown.chars().take(64).collect())),
        }
        Ok(())
    }
}

/// Passes over a value and tells where it stood.
fn skipped(reader: &mut Reader<'_>) -> Result<Range<usize>, BlockError> {
    reader.peek_kind()?;
    let start = reader.offset();
    reader.skip()?;
    Ok(start..reader.offset())
}

fn string<'a>(property: &'static str, reader: &mut Reader<'a>) -> Result<Cow<'a, str>, BlockError> {
    check_kind(property, "a string", reader, |kind| kind == JsonKind::String)?;
    Ok(reader.string()?)
}

fn timestamp(reader: &mut Reader<'_>) -> Result<Range<usize>, BlockError> {
    check_kind("timestamp", "a number or a string", reader, |kind| {
        matches!(kind, JsonKind::Integer | JsonKind::Float | JsonKind::String)
    })?;
    skipped(reader)
}

fn index(reader: &mut Reader<'_>) -> Result<u64, BlockError> {
    const WANTED: &str = "an integer from 0 to 18446744073709551615";
    let digits = digits("index", WANTED, reader)?;
    digits.parse().map_err(|_| BlockError::Kind {
        property: "index",
        wanted: WANTED,
        found: shortened(digits),
    })
}

/// The digits of a non-negative integer.
fn digits<'a>(
    property: &'static str,
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
    Err(BlockError::Kind { property, wanted, found })
}

fn shortened(digits: &str) -> String {
    digits.chars().take(40).collect()
}

fn check_kind(
    property: &'static str,
    wanted: &'static str,
    reader: &mut Reader<'_>,
    fits: impl Fn(JsonKind) -> bool,
) -> Result<(), BlockError> {
    let kind = reader.peek_kind()?;
    if fits(kind) {
        return Ok(());
    }
    Err(BlockError::Kind { property, wanted, found: kind.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn genesis_with(from: &str, to: &str) -> String {
        let line = Block::genesis().line();
        assert!(line.contains(from), "{from}");
        line.replacen(from, to, 1)
    }

    fn problem(text: &str) -> String {
        let link = BlockLine::parse(text.as_bytes()).and_then(|line| line.link());
        link.expect_err(text).to_string()
    }

    #[test]
    fn a_canonical_line_is_read_back_as_the_block_it_was() {
        let text = Block::genesis().line();
        let line = BlockLine::parse(text.as_bytes()).unwrap();
        assert!(line.is_canonical);
        assert_eq!(line.to_block().unwrap(), Block::genesis());
        assert_eq!(line.link().unwrap().hash.to_string(), Block::genesis().hash);
    }

    #[test]
    fn both_ways_to_read_agree_on_what_is_canonical_and_on_what_it_says() {
        let line = Block::genesis().line();
        for text in [
            line.clone(),
            genesis_with("\"Genesis Block\"", "{\"a\": [1.5, null, \"\\u00e9\"]}"),
            genesis_with("\"Genesis Block\"", "{\"b\": 0, \"a\": 0}"),
            genesis_with("\"Genesis Block\"", &"[".repeat(127)),
            genesis_with("\"Genesis Block\"", &format!("{}{}", "[".repeat(127), "]".repeat(127))),
            genesis_with("\"Genesis Block\"", &format!("{}{}", "[".repeat(128), "]".repeat(128))),
            genesis_with("p\": 0", "p\": \"noon\""),
            genesis_with("p\": 0", "p\": 1e+16"),
            genesis_with("p\": 0", "p\": 1e16"),
            genesis_with("p\": 0", "p\": null"),
            genesis_with("\"index\": 0", "\"index\": 00"),
            genesis_with("\"nonce\": 0", "\"nonce\": -0"),
            genesis_with("\"nonce\": 0", "\"nonce\": 18446744073709551616"),
            format!("{line} "),
            format!(" {line}"),
            format!("{line}{line}"),
            line[..line.len() - 1].to_owned(),
        ] {
            let any = BlockLine::parse_any(text.as_bytes());
            let canonical = BlockLine::parse_canonical(text.as_bytes());
            let expected = any.ok().filter(|line| line.is_canonical);
            assert_eq!(format!("{canonical:?}"), format!("{expected:?}"), "{text}");
        }
        assert!(BlockLine::parse_canonical(line.as_bytes()).is_some());
    }

    #[test]
    fn other_spellings_mean_the_same_block_but_are_not_canonical() {
        let hash = Block::genesis().hash;
        for text in [
            genesis_with(", ", ","),
            genesis_with("{", " { "),
            genesis_with("Genesis", "G\\u0065nesis"),
            genesis_with("\"index\": 0", "\"index\": -0"),
            format!(
                r#"{{"hash":"{hash}","timestamp":0,"nonce":0,"index":0,"previous_hash":"0","data":"Genesis Block"}}"#
            ),
            format!(r#"{{"data": "twice", {}"#, &Block::genesis().line()[1..]),
        ] {
            let line = BlockLine::parse(text.as_bytes()).unwrap();
            assert!(!line.is_canonical, "{text}");
            assert_eq!(line.to_block().unwrap(), Block::genesis(), "{text}");
            assert_eq!(line.link().unwrap().hash.to_string(), hash, "{text}");
        }
    }

    #[test]
    fn what_is_not_a_block_is_named() {
        assert!(problem("[]").contains("found an array"));
        assert!(problem("{}").contains("no \"data\""));
        assert!(problem(&genesis_with("nonce", "nonsense")).contains("property \"nonsense\""));
        assert!(problem(&genesis_with("\"index\": 0", "\"index\": 1.0")).contains("index is 1.0"));
        assert!(problem(&genesis_with("\"nonce\": 0", "\"nonce\": true")).contains("a boolean"));
        assert!(problem(&genesis_with("\"nonce\": 0", "\"nonce\": -1")).contains("nonce is -1"));
        let beyond = "\"index\": 18446744073709551616";
        assert!(problem(&genesis_with("\"index\": 0", beyond)).contains("1844674407370955161"));
        assert!(problem(&genesis_with("p\": 0", "p\": null")).contains("timestamp is null"));
        assert!(problem(&genesis_with("\"0\"", "0")).contains("previous_hash is an integer"));
        assert!(problem(&genesis_with("p\": 0", "p\": NaN")).contains("NaN"));
    }

    #[test]
    fn an_altered_block_does_not_have_its_hash() {
        for (from, to) in [
            ("Genesis", "Exodus"),
            ("\"index\": 0", "\"index\": 1"),
            ("\"nonce\": 0", "\"nonce\": 1"),
            ("\"0\"", "\"1\""),
            ("p\": 0", "p\": 0.0"),
            ("\"hash\": \"", "\"hash\": \"0"),
        ] {
            assert!(problem(&genesis_with(from, to)).contains("it was altered"), "{from}");
        }
        let upper = genesis_with(&Block::genesis().hash, &Block::genesis().hash.to_uppercase());
        assert!(problem(&upper).contains("it was altered"));
    }
}
