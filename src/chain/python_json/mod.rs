//! JSON as Python's `json` module reads and writes it, byte for byte.
//!
//! [`write_value`] writes what `json.dumps(value, sort_keys=True)` writes. [`parse`] reads what
//! `json.loads` reads, whatever its key order, white space and spelling. [`rewrite`] does both
//! without values in between, and [`respell`] writes any [`JsonSpelling`]. [`Reader`] reads piece
//! by piece, and tells whether the text is what Python would have written
//! ([`Reader::is_canonical`]).
//!
//! Use it where bytes are hashed or compared with Python's. It is not a general JSON library: it
//! knows nothing of Rust types. It refuses some texts that Python reads and other readers do not:
//! lone surrogates, `NaN` and infinities (also numbers that overflow to one), integers of more than
//! [`MAX_INTEGER_DIGITS`] digits, and nesting deeper than [`MAX_DEPTH`].

mod build;
mod error;
mod float;
mod keys;
mod member;
mod read;
mod rewrite;
mod scan;
mod spelling;
mod string;
mod text;
mod value;
mod write;

#[cfg(test)]
mod tests;

pub use self::error::{MAX_DEPTH, MAX_INTEGER_DIGITS, ParseError, ParseErrorKind};
pub use self::float::Float;
pub(crate) use self::member::Member;
pub use self::read::{Elements, Members, Reader, parse};
pub(crate) use self::rewrite::{Numbers, Speller};
pub use self::rewrite::{respell, rewrite};
pub(crate) use self::spelling::Spellings;
pub use self::spelling::{JsonSpelling, UnknownSpelling};
pub use self::text::JsonText;
pub use self::value::{Integer, JsonKind, Number, Value, write_value};
pub(crate) use self::write::plain_prefix;
pub use self::write::write_string;
