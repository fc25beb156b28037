//! A block as plain data, and its text.

use std::fmt;

use super::layout::{Header, line};
use super::python_json::{Float, Integer, Value, write_value};

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
        Value::from(self.clone()).fmt(f)
    }
}

/// The properties of a block, as they were read or put together. Nothing about them is checked: the
/// hash may be wrong. To append a block, make it a [`SealedBlock`](super::SealedBlock).
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
    /// The number that was searched for: a non-negative integer of any size.
    pub nonce: Integer,
    /// The hash that it states: 64 lower-case hex digits if it is right.
    pub hash: String,
}

impl Block {
    /// The bytes that are hashed: what Python's `json.dumps(…, sort_keys=True)` writes of all
    /// properties but `hash`.
    #[must_use]
    pub fn header(&self) -> String {
        self.to_header().text
    }

    /// The block as it stands in a chain file, without the newline: what Python's
    /// `json.dumps(block.__dict__, sort_keys=True)` writes.
    #[must_use]
    pub fn line(&self) -> String {
        let Header { text, hash_at, .. } = self.to_header();
        line(text, hash_at, &self.hash)
    }

    fn to_header(&self) -> Header {
        let write_data = |out: &mut String| write_value(out, &self.data);
        let nonce = self.nonce.as_str();
        Header::new(self.index, nonce, &self.previous_hash, &self.timestamp, write_data)
    }
}
