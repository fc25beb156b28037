//! Flaws of a chain file: what is wrong, and where.

use super::encoding::{BYTE_ORDER_MARK, foreign_encoding};
use super::layout::MAX_LINE_LEN;
use super::line::BlockError;
use super::rules::ChainError;

/// The first thing that is wrong with a chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct Flaw {
    /// The block's place in the chain, from 0.
    pub block: u64,
    /// The line on which it starts, from 1.
    pub line: u64,
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
    /// The block is right, but not spelled as Python's `json.dumps(…, sort_keys=True)` spells it.
    #[error(
        "the block is right, but not spelled as json.dumps(…, sort_keys=True) does; \
         `stripmine show --output json` writes it so, to a new file"
    )]
    Spelling,
    /// A JSON array where one block a line is needed.
    #[error(
        "this is a JSON array of blocks, not one block a line; \
         `stripmine show --output json` writes a chain file of it, to a new file"
    )]
    Array,
    /// The last line has no newline at its end.
    #[error(
        "the line does not end with a newline: an append was cut short, or the file was; \
         mining onto the chain repairs it"
    )]
    Unfinished,
    /// The last line has no newline at its end, and is not what an append leaves that is cut short.
    #[error(
        "the last line does not end with a newline, and it is not the beginning of a block's line \
         either, so nothing was cut off; look at it, and remove it if it does not belong there"
    )]
    ForeignTail,
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
    #[error("the line is longer than {MAX_LINE_LEN} bytes; a chain's lines are not")]
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
