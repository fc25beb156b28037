//! The chain: blocks, the rules by which one follows another, and the file that holds them.
//!
//! [`Chain::candidate`] makes the next block, and writes its header; `layout.rs` knows the layout.
//! [`Candidate::seal`] writes the line of a [`SealedBlock`], and [`Ledger::append`] makes it
//! durable. [`verify`] checks a whole file on all cores, and [`BlockReader`] reads one [`Block`]
//! after another. The bytes are those of Python's `json` module; see [`python_json`].

mod array;
mod block;
mod candidate;
mod disk;
pub(crate) mod encoding;
mod error;
mod file;
mod flaw;
mod layout;
mod ledger;
mod line;
pub mod python_json;
mod reader;
mod records;
mod rules;
mod tail;
mod verify;

pub use block::{Block, Timestamp};
pub use candidate::{Candidate, CandidateError, SealedBlock};
pub use error::ChainFileError;
pub use flaw::{Flaw, Reason};
pub use layout::MAX_LINE_LEN;
pub use ledger::{Ledger, Repair};
pub use line::BlockError;
pub use reader::{BlockReader, ReadBlock};
pub use rules::{Chain, ChainError};
pub use verify::{Spelling, Verification, VerifyOptions, verify};
