//! The layout of a block: the order of its properties, and the text between their values.
//!
//! This is the only place that knows the layout. Blocks are written by it (`block.rs`,
//! `candidate.rs`), lines are read by it (`line.rs`), and the beginning of a line is recognised by it
//! (`tail.rs`). A chain in another dialect (other names, another order, other separators) needs
//! another layout here.

use std::fmt::{Display, Write as _};

use super::python_json::write_string;
use crate::pow::{NonceEncoding, Template};

/// The longest line of a chain file, in bytes, its newline not counted: 64 MiB.
pub const MAX_LINE_LEN: usize = 64 << 20;

/// What a line begins with.
pub(super) const OPEN: &str = "{";

/// What follows the last value of a line.
pub(super) const CLOSE: &str = "}";

/// A property of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Property {
    Data,
    Hash,
    Index,
    Nonce,
    PreviousHash,
    Timestamp,
}

impl Property {
    /// All properties, in the order of a line.
    pub(super) const ALL: [Self; 6] =
        [Self::Data, Self::Hash, Self::Index, Self::Nonce, Self::PreviousHash, Self::Timestamp];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Hash => "hash",
            Self::Index => "index",
            Self::Nonce => "nonce",
            Self::PreviousHash => "previous_hash",
            Self::Timestamp => "timestamp",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|property| property.name() == name)
    }

    /// What stands before its value in a line: the separator, the name and a colon.
    #[inline]
    pub(super) const fn lead(self) -> &'static str {
        match self {
            Self::Data => r#""data": "#,
            Self::Hash => r#", "hash": "#,
            Self::Index => r#", "index": "#,
            Self::Nonce => r#", "nonce": "#,
            Self::PreviousHash => r#", "previous_hash": "#,
            Self::Timestamp => r#", "timestamp": "#,
        }
    }
}

/// The bytes that are hashed: a line without its hash.
#[derive(Clone, Debug)]
pub(super) struct Header {
    text: String,
    /// Where the hash and its lead go in a line.
    hash_at: usize,
    nonce_at: usize,
    nonce_len: usize,
}

impl Header {
    /// Writes a header. The timestamp is written as it displays, which must be JSON.
    pub(super) fn new(
        index: u64,
        nonce: &str,
        previous_hash: &str,
        timestamp: &impl Display,
        write_data: impl FnOnce(&mut String),
    ) -> Self {
        const NEVER_FAILS: &str = "writing to a string does not fail";
        let mut text = String::from(OPEN);
        text.push_str(Property::Data.lead());
        write_data(&mut text);
        let hash_at = text.len();
        write!(text, "{}{index}", Property::Index.lead()).expect(NEVER_FAILS);
        text.push_str(Property::Nonce.lead());
        let nonce_at = text.len();
        text.push_str(nonce);
        text.push_str(Property::PreviousHash.lead());
        write_string(&mut text, previous_hash);
        write!(text, "{}{timestamp}{CLOSE}", Property::Timestamp.lead()).expect(NEVER_FAILS);
        Self { text, hash_at, nonce_at, nonce_len: nonce.len() }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn into_string(self) -> String {
        self.text
    }

    /// The line that this header and this hash make.
    pub(super) fn into_line(mut self, hash: &str) -> String {
        let mut member = String::from(Property::Hash.lead());
        write_string(&mut member, hash);
        // And a newline, with which it is stored.
        self.text.reserve_exact(member.len() + 1);
        self.text.insert_str(self.hash_at, &member);
        self.text
    }

    /// The header with a hole in the place of its nonce.
    pub(super) fn into_open(mut self) -> OpenHeader {
        let suffix = self.text.split_off(self.nonce_at + self.nonce_len);
        self.text.truncate(self.nonce_at);
        let template = Template::new(self.text, NonceEncoding::Decimal, suffix);
        OpenHeader { template, hash_at: self.hash_at, nonce_at: self.nonce_at }
    }
}

/// A header with a hole for its nonce, or for the last digits of its nonce.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct OpenHeader {
    template: Template,
    hash_at: usize,
    nonce_at: usize,
}

impl OpenHeader {
    pub(super) const fn template(&self) -> &Template {
        &self.template
    }

    /// The same header, its nonce beginning with these digits.
    pub(super) fn with_leading_digits(self, digits: &str) -> Self {
        let prefix = [&self.template.prefix()[..self.nonce_at], digits.as_bytes()].concat();
        let template = Template::new(prefix, self.template.encoding(), self.template.suffix());
        Self { template, ..self }
    }

    /// The header with these last digits in its hole, and its whole nonce.
    pub(super) fn close(&self, nonce: u64) -> (Header, String) {
        let text = String::from_utf8(self.template.header(nonce)).expect("it was made of text");
        let nonce_end = text.len() - self.template.suffix().len();
        let nonce = text[self.nonce_at..nonce_end].to_owned();
        let (hash_at, nonce_at) = (self.hash_at, self.nonce_at);
        (Header { text, hash_at, nonce_at, nonce_len: nonce.len() }, nonce)
    }
}
