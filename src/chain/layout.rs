//! The layout of a block of the dialect `tutorial`: the order of its properties, and the text
//! between their values.
//!
//! This is the only place that knows the layout. Blocks are written by it (`block.rs`,
//! `candidate.rs`), lines are read by it (`line.rs`), and the beginning of a line is recognised by
//! it (`tail.rs`). In other dialects, blocks look like the last one of their chain (`form.rs`).

use std::fmt::Display;
use std::ops::Range;

use super::dialect::Role;
use super::python_json::write_string;

/// The longest line of a chain file, in bytes, its newline not counted: 64 MiB.
pub const MAX_LINE_LEN: usize = 64 << 20;

/// What a line begins with.
pub(super) const OPEN: &str = "{";

/// What follows the last value of a line.
pub(super) const CLOSE: &str = "}";

/// The roles of the properties, in the order of a line.
pub(super) const ORDER: [Role; 6] =
    [Role::Data, Role::Hash, Role::Index, Role::Nonce, Role::PreviousHash, Role::Timestamp];

impl Role {
    /// The role of the property with this name.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        ORDER.into_iter().find(|role| role.name() == name)
    }

    /// What stands before its property's value in a line: the separator, the name and a colon.
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
pub(super) struct Header {
    pub(super) text: String,
    /// Where the hash and its lead go in a line.
    pub(super) hash_at: usize,
    pub(super) nonce: Range<usize>,
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
        let mut text = [OPEN, Role::Data.lead()].concat();
        write_data(&mut text);
        let hash_at = text.len();
        text.extend([Role::Index.lead(), &index.to_string(), Role::Nonce.lead()]);
        let nonce_at = text.len()..text.len() + nonce.len();
        text.extend([nonce, Role::PreviousHash.lead()]);
        write_string(&mut text, previous_hash);
        text.extend([Role::Timestamp.lead(), &timestamp.to_string(), CLOSE]);
        Self { text, hash_at, nonce: nonce_at }
    }
}

/// The line of a header: the hash goes where the [header](Header::hash_at) has left it out.
pub(super) fn line(mut header: String, hash_at: usize, hash: &str) -> String {
    let mut member = String::from(Role::Hash.lead());
    write_string(&mut member, hash);
    // A newline will follow in the file.
    header.reserve_exact(member.len() + 1);
    header.insert_str(hash_at, &member);
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_its_properties_as_the_dialect_does() {
        for role in Role::ALL {
            assert_eq!(Role::of_name(role.name()), Some(role));
            let lead = role.lead().strip_prefix(", ").unwrap_or(role.lead());
            assert_eq!(lead, format!("\"{}\": ", role.name()));
        }
    }
}
