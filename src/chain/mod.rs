//! The chain: blocks, the rules by which one follows another, and the file that holds them.
//!
//! A block is mined in this order:
//!
//! 1. [`Ledger::open`] opens the file, and [`Chain::candidate`] makes a [`Candidate`] for the next
//!    block. It becomes bytes here, once; `layout.rs` is the place that knows which bytes.
//! 2. A miner searches [`Candidate::template`] for a nonce.
//! 3. [`Candidate::seal`] makes a [`SealedBlock`], whose line in the file is written here, once.
//! 4. [`Ledger::append`] checks the block by the rules of [`Chain`], and makes its line durable.
//!
//! [`verify`] checks a whole file on all cores, and [`BlockReader`] reads one [`Block`] after
//! another. The bytes are those of Python's `json` module; see [`python_json`].

mod array;
mod block;
mod candidate;
mod disk;
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
