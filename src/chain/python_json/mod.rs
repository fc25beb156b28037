//! JSON as Python's `json` module reads and writes it, to the byte.
//!
//! [`write_value`] writes what `json.dumps(value, sort_keys=True)` writes. [`parse`] reads what `json.loads` reads,
//! by meaning: key order, white space and spelling are free; [`rewrite`] does both without values in between. [`Reader`] does the same piece by piece, without
//! building values, and knows whether the text is the one Python would have written ([`Reader::is_canonical`]).
//!
//! Use it where bytes are hashed or compared with Python's. It is not a general JSON library: it knows nothing of
//! Rust types, and it refuses what Python takes but no other reader agrees on: lone surrogates, `NaN` and
//! infinities (also numbers that overflow to one), integers of more than [`MAX_INTEGER_DIGITS`] digits and nesting
//! deeper than [`MAX_DEPTH`].

mod build;
mod error;
mod float;
mod read;
mod rewrite;
mod scan;
mod string;
mod value;
mod write;

#[cfg(test)]
mod tests;

pub use self::error::{ErrorKind, ParseError};
pub use self::float::Float;
pub use self::read::{Elements, MAX_DEPTH, Members, Reader, parse};
pub use self::rewrite::rewrite;
pub use self::scan::MAX_INTEGER_DIGITS;
pub use self::value::{Integer, Kind, Number, Value};
pub use self::write::{write_string, write_value};
