//! Errors of reading JSON: what is wrong with a text, and where.

use super::value::JsonKind;

/// How many arrays and objects may be nested in one another.
pub const MAX_DEPTH: usize = 128;

/// The most digits an integer may have: Python's own default limit. The sign is not counted.
pub const MAX_INTEGER_DIGITS: usize = 4300;

/// A text that is not JSON, or beyond what is read here: what is wrong, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {kind}")]
pub struct ParseError {
    kind: ParseErrorKind,
    offset: usize,
    line: usize,
    column: usize,
}

impl ParseError {
    pub(super) fn new(text: &[u8], kind: ParseErrorKind, offset: usize) -> Self {
        let mut lines = text[..offset].split(|byte| *byte == b'\n');
        let characters = |line: &[u8]| line.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
        Self {
            kind,
            offset,
            line: lines.clone().count(),
            column: lines.next_back().map_or(0, characters) + 1,
        }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> ParseErrorKind {
        self.kind
    }

    /// Where, in bytes from the start of the text.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The line, counted from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column in characters, not bytes, counted from 1.
    #[must_use]
    pub fn column(&self) -> usize {
        self.column
    }
}

/// What is wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// The text ends where more has to follow. With the right bytes added it could be read.
    #[error("the text ends in the middle of a value; add the rest of it")]
    UnexpectedEnd,
    /// No value starts where one has to.
    #[error(
        "no JSON value starts here; write an object, array, string, number, true, false or null"
    )]
    ExpectedValue,
    /// No key starts where one has to.
    #[error("an object's key is missing here; write it in double quotes")]
    ExpectedKey,
    /// A key without a value.
    #[error("a key has to be followed by ':' and a value")]
    ExpectedColon,
    /// Neither a comma nor the closing bracket follows a value in an array or object.
    #[error("expected ',' or '{}' after the value", char::from(*close))]
    ExpectedCommaOr {
        /// The bracket that closes the array or object.
        close: u8,
    },
    /// A comma after the last value.
    #[error("nothing follows this comma; remove it or add a value")]
    TrailingComma,
    /// More text after the document.
    #[error("there is more text after the value; remove it, one document is read")]
    TrailingText,
    /// A number with a digit missing: `-`, `1.` or `1e`.
    #[error("a number needs a digit here")]
    ExpectedDigit,
    /// A number such as `01`.
    #[error("a number has no leading zeros; remove them")]
    LeadingZero,
    /// `NaN`, `Infinity` or `-Infinity`, which Python accepts.
    #[error("{word} is not JSON; write a finite number")]
    NotFinite {
        /// The word that was found.
        word: &'static str,
    },
    /// A number such as `1e400`, which Python reads as infinity.
    #[error("the number is too large for a double; write one below 1.8e308")]
    Overflow,
    /// An integer that Python refuses as well.
    #[error("the integer has more than {MAX_INTEGER_DIGITS} digits; write it as a string")]
    IntegerTooLong,
    /// Arrays and objects that are nested too deep.
    #[error("arrays and objects are nested deeper than {MAX_DEPTH}; flatten them")]
    TooDeep,
    /// A raw character below U+0020 in a string.
    #[error("a raw control character in a string; write it as an escape such as \\n or \\u0000")]
    ControlCharacter,
    /// A backslash that starts no escape, or `\u` without four hexadecimal digits.
    #[error(
        "not an escape; write one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\u and four hexadecimal \
         digits"
    )]
    InvalidEscape,
    /// Half of a surrogate pair, which Python accepts but UTF-8 cannot encode.
    #[error("half of a surrogate pair is not a character; write both halves, high then low")]
    LoneSurrogate,
    /// Bytes that are not UTF-8.
    #[error("the bytes are not UTF-8; save the text as UTF-8")]
    InvalidUtf8,
    /// U+FEFF at the start.
    #[error("the text starts with a byte order mark; save it without one")]
    ByteOrderMark,
    /// A well-formed value of another kind than was asked for.
    #[error("expected {expected}, found {found}")]
    WrongKind {
        /// What was asked for.
        expected: &'static str,
        /// What stands there.
        found: JsonKind,
    },
}
