//! The chain: blocks, the rules by which one follows another, and the file that holds them.
//!
//! [`Chain::candidate`] makes the next block, and writes its header; `layout.rs` knows the layout.
//! [`Candidate::seal`] writes the line of a [`SealedBlock`], and [`Ledger::append`] makes it
//! durable. [`verify`] checks a whole file on all cores, and [`BlockReader`] reads one [`Block`]
//! after another. The bytes are those of Python's `json` module; see [`python_json`].

mod array;
mod block;
mod candidate;
mod detect;
mod dialect;
mod disk;
pub(crate) mod encoding;
mod error;
mod file;
mod flaw;
mod layout;
mod ledger;
mod line;
mod options;
mod properties;
pub mod python_json;
mod reader;
mod reading;
mod records;
mod rules;
mod tail;
mod verify;
mod walk;
mod wrapper;

pub use block::{Block, Timestamp};
pub use candidate::{Candidate, CandidateError, SealedBlock};
pub use dialect::{Dialect, DialectHints, Names, NamesError, Role};
pub use error::ChainFileError;
pub use flaw::{Flaw, Reason, Undecided};
pub use layout::MAX_LINE_LEN;
pub use ledger::{Ledger, Repair};
pub use line::{BlockError, MAX_PROPERTIES};
pub use options::VerifyOptions;
pub use reader::{BlockReader, ReadBlock};
pub use rules::{Chain, ChainError};
pub use verify::{Spelling, Verification, verify, verify_from};
