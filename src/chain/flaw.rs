//! Flaws of a chain file: what is wrong, and where.

use super::encoding::{BYTE_ORDER_MARK, foreign_encoding};
use super::layout::MAX_LINE_LEN;
use super::line::BlockError;
use super::python_json::ParseError;
use super::rules::ChainError;

/// The first thing that is wrong with a chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct Flaw {
    /// The block's place in the chain, from 0.
    pub block: u64,
    /// The line on which it starts, from 1.
    pub line: u64,
    /// The index that it ought to have, where blocks have one and it is known.
    pub index: Option<u64>,
    /// What is wrong.
    pub reason: Reason,
}

/// Why a chain is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// It is not a block, or its hash is wrong.
    #[error(transparent)]
    Block(#[from] BlockError),
    /// The block cannot be the next one of the chain.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The blocks do not tell what the chain's dialect is.
    #[error(transparent)]
    Undecided(#[from] Undecided),
    /// The block is right, but its line is not spelled as its dialect spells it.
    #[error(
        "the block is right, but not spelled as json.dumps(…, sort_keys=True) does, or as the \
         chain's dialect is; \
         `stripmine show --output json` writes it so, to a new file"
    )]
    Spelling,
    /// A JSON array where one block a line is needed.
    #[error(
        "this is a JSON array of blocks, not one block a line; \
         `stripmine show --output json` writes a chain file of it, to a new file"
    )]
    Array,
    /// The last line is the beginning of a block's line.
    #[error(
        "the line does not end with a newline: an append was cut short, or the file was; \
         mining onto the chain repairs it"
    )]
    Unfinished,
    /// The last line is a whole block, and only its newline is missing.
    #[error(
        "the block is whole, but its line does not end with a newline; \
         `stripmine show --output json` writes it so, to a new file"
    )]
    NoNewline,
    /// The last line has no newline at its end, and is neither a block nor what an append leaves
    /// that is cut short.
    #[error(
        "the last line does not end with a newline, and it is neither a whole block nor the \
         beginning of a line that was mined here, so nothing was cut off; was the file copied \
         whole?"
    )]
    ForeignTail,
    /// A file that is mined onto has lines that end with `\r\n`.
    #[error(
        "the line ends with \\r\\n, where mining ends lines with \\n; \
         `stripmine show --output json` writes all lines so, to a new file"
    )]
    CarriageReturn,
    /// A file that is mined onto begins with U+FEFF.
    #[error(
        "the file begins with a byte order mark, which a chain file must not have; \
         `stripmine show --output json` writes the chain without it, to a new file"
    )]
    ByteOrderMark,
    /// A comma after the last element of an array.
    #[error("there is a comma after the last block of the JSON array, and no block; remove it")]
    TrailingComma,
    /// Nothing between two commas of an array.
    #[error(
        "an element of the JSON array is empty: there is nothing between two commas; remove one of \
         them"
    )]
    EmptyElement,
    /// An object that holds the array of blocks is not whole, or not alone.
    #[error("after the array of blocks, the object that holds it does not go on as JSON: {0}")]
    BrokenWrapper(ParseError),
    /// A JSON array without its end.
    #[error("the JSON array of blocks is not closed; the file was cut short")]
    UnfinishedArray,
    /// Text after a JSON array.
    #[error("there is more text after the JSON array of blocks; remove it")]
    TextAfterArray,
    /// NUL bytes, which no JSON text has.
    #[error(
        "the line holds NUL bytes: most likely a page that never reached the disk before a power \
         loss; restore the file from a copy, or keep the lines before this one"
    )]
    Nul,
    /// A line over the limit.
    #[error(
        "the line is longer than {MAX_LINE_LEN} bytes, the most that a line of a chain may have"
    )]
    LineTooLong,
    /// A line without anything on it.
    #[error("the line is empty; a chain has a block on every line")]
    EmptyLine,
    /// A file without anything in it.
    #[error("there is no block; a chain starts with a genesis block")]
    NoBlocks,
    /// Text that is not UTF-8, as some Windows programs and shells write it.
    #[error(
        "this is {0} text, and a chain is UTF-8; save it as UTF-8, \
         or convert it with `iconv -f {0} -t UTF-8`, to a new file"
    )]
    Encoding(&'static str),
    /// The file is of another kind.
    #[error("this looks like {0}, not a chain of blocks; was another file meant?")]
    Foreign(&'static str),
}

/// What the blocks of a chain do not tell.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Undecided {
    /// Which property is the hash.
    #[error(
        "none of the properties {tried} is the SHA-256 of the block's other properties in any of \
         the eight spellings, nor in the blocks after it: either every hash is wrong, or another \
         text is hashed; to have the first wrong block named, say which property is the hash with \
         --names hash=NAME, and how blocks are spelled with --spelling"
    )]
    Hash {
        /// The properties that were tried, in quotes.
        tried: String,
    },
    /// Which property is the hash: another one than before fits a block.
    #[error(
        "the block's hash is in {found:?}, and in {expected:?} in the blocks before it; say which \
         property is the hash with --names hash=NAME"
    )]
    Swapped {
        /// The property that fits this block.
        found: String,
        /// The property that fits the blocks before it.
        expected: String,
    },
    /// Anything: there is only one block, and mining would write more.
    #[error(
        "a chain of one block does not tell its dialect, and nothing is guessed into a file; say it \
         with --names hash=NAME,previous_hash=NAME,nonce=NAME (and index, timestamp and data, \
         where blocks have them) and --spelling"
    )]
    OneBlock,
    /// Which property is the nonce.
    #[error("no property is certain to be the nonce; say which one is with --names nonce=NAME")]
    Nonce,
    /// Which property is the index.
    #[error(
        "several properties count up by one, or may do so: {}; say which one is the index with \
         --names index=NAME, or with --names index= that none is",
        quoted(names)
    )]
    Index {
        /// These, in all blocks.
        names: Vec<String>,
    },
    /// Which property is the previous hash.
    #[error(
        "several properties hold the hash of the block before: {}; say which one names it with \
         --names previous_hash=NAME",
        quoted(names)
    )]
    PreviousHash {
        /// These, in all blocks.
        names: Vec<String>,
    },
}

/// Names in quotes, the first few of them.
pub(super) fn quoted<T: AsRef<str>>(names: &[T]) -> String {
    const MOST: usize = 8;
    let shown = names.iter().take(MOST).map(|name| {
        let short: String = name.as_ref().chars().take(64).collect();
        format!("{short:?}")
    });
    let more = if names.len() > MOST { " and others" } else { "" };
    shown.collect::<Vec<_>>().join(", ") + more
}

/// Why a line that is no block cannot be read as text; `None` where it can.
pub(super) fn foreign_reason(text: &[u8]) -> Option<Reason> {
    memchr::memchr(0, text)?;
    Some(foreign_encoding(text).map_or(Reason::Nul, Reason::Encoding))
}

/// What kind of file begins like this; `None` where it may be a chain.
pub(super) fn foreign_kind(start: &[u8]) -> Option<&'static str> {
    const MAGIC_NUMBERS: &[(&[u8], &str)] = &[
        (b"\xff\xd8\xff", "a JPEG picture"),
        (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
        (b"GIF8", "a GIF picture"),
        (b"RIFF", "a RIFF file (WebP, WAV, AVI)"),
        (b"%PDF-", "a PDF document"),
        (b"PK\x03\x04", "a ZIP archive"),
        (b"\x1f\x8b", "gzip-compressed data"),
        (b"\x28\xb5\x2f\xfd", "zstd-compressed data"),
        (b"\x7fELF", "a program"),
        (b"SQLite format 3\0", "an SQLite database"),
    ];
    let known = MAGIC_NUMBERS.iter().find(|(magic, _)| start.starts_with(magic));
    known.map(|(_, kind)| *kind).or_else(|| {
        let text = start.strip_prefix(BYTE_ORDER_MARK).unwrap_or(start).trim_ascii_start();
        match text {
            // A block, an array or NULs: what is wrong with them has a reason of its own.
            [] | [0 | b'{', ..] => None,
            [b'[', next, ..] if !next.is_ascii_alphabetic() => None,
            _ if text.contains(&0) => Some("binary data"),
            _ => Some("text of another kind"),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_other_kinds_are_recognised() {
        assert_eq!(foreign_kind(b"\xff\xd8\xff\xe0\0\x10JFIF"), Some("a JPEG picture"));
        assert_eq!(foreign_kind(b"\x89PNG\r\n\x1a\n\0"), Some("a PNG picture"));
        assert_eq!(foreign_kind(b"index,nonce\n0,0\n"), Some("text of another kind"));
        assert_eq!(foreign_kind(b"[core]\n"), Some("text of another kind"));
        assert_eq!(foreign_kind(b"\x01\0\x02"), Some("binary data"));
    }

    #[test]
    fn what_begins_like_a_chain_is_not_called_foreign() {
        assert_eq!(foreign_kind(b"{\"data\": 1"), None);
        assert_eq!(foreign_kind(b"\0\0\0\0"), None, "NULs have a reason of their own");
        assert_eq!(foreign_kind(b" \n{\"data\": 1"), None);
        assert_eq!(foreign_kind(b"\xef\xbb\xbf{\"data\": 1"), None);
    }
}
