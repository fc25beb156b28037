//! The chain: blocks as bytes, what may follow what, and the file that holds them.
//!
//! A block becomes bytes in `block.rs` ([`Block::header`] is what is hashed, [`Block::line`] what
//! is stored), and becomes durable in [`Ledger::append`]. [`Chain`] knows what may come next,
//! [`verify`] checks a whole file on all cores, and [`BlockReader`] reads one block after another.
//! The bytes are those of Python's `json` module; see [`python_json`].

mod array;
mod block;
mod disk;
mod error;
mod file;
mod flaw;
mod ledger;
mod line;
pub mod python_json;
mod reader;
mod records;
mod rules;
mod tail;
mod verify;

pub use block::{Block, Candidate, CandidateError, Timestamp};
pub use error::ChainFileError;
pub use flaw::{Flaw, Reason};
pub use ledger::{Ledger, Repair};
pub use line::{BlockError, MAX_LINE_LEN};
pub use reader::{BlockReader, ReadBlock};
pub use rules::{Chain, ChainError};
pub use verify::{Spelling, Verification, VerifyOptions, verify};
