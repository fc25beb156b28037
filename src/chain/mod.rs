//! The chain: blocks, the rules by which one follows another, and the file that holds them.
//!
//! [`Chain::candidate`] makes the next block and writes its header, the bytes that are hashed
//! (`layout.rs`). [`Candidate::seal`] writes the line of a [`SealedBlock`], and [`Ledger::append`]
//! makes it durable. [`verify`] checks a whole file on all cores, and [`BlockReader`] reads one
//! block after another. The bytes are those of Python's `json` module; see [`python_json`].
//!
//! A chain is read as the dialect `tutorial` until a block does not fit (`reading.rs`). Then its
//! [`Dialect`] is found out (`detect.rs`), and new blocks look like its last one
//! (`continuation.rs`, `form.rs`).
//!
//! To extend it, see:
//!
//! - Names of properties: `Role::usual_names` (`dialect.rs`).
//! - A spelling of the JSON that is hashed: `JsonSpelling` and `Spellings` say what it is
//!   (`python_json/spelling.rs`), `Reader` notes that a text is written in it (`scan.rs` and
//!   `keys.rs` there), and `Speller` writes it (`rewrite.rs` there).
//! - Another rule of what is hashed: there is one for all dialects, computed by `BlockLine` in
//!   `tutorial` (`line.rs`) and by `Properties::fits` in others (`properties.rs`).

mod array;
mod block;
mod candidate;
mod continuation;
mod detect;
mod dialect;
mod disk;
pub(crate) mod encoding;
mod error;
mod file;
mod flaw;
mod form;
mod layout;
mod ledger;
mod line;
mod opening;
mod options;
mod properties;
pub mod python_json;
mod read_block;
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
pub use form::{BlockValues, FormError};
pub use layout::MAX_LINE_LEN;
pub use ledger::{Ledger, Repair};
pub use line::{BlockError, MAX_PROPERTIES};
pub use opening::LedgerOptions;
pub use options::VerifyOptions;
pub use read_block::ReadBlock;
pub use reader::BlockReader;
pub use rules::{Chain, ChainError};
pub use verify::{FileForm, Verification, verify, verify_from};
