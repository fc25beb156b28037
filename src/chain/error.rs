//! Errors of reading and writing chain files.

use std::io;
use std::path::{Path, PathBuf};

use super::candidate::CandidateError;
use super::flaw::Flaw;
use super::rules::ChainError;

/// Why a chain file could not be read, accepted or written. Its blocks were not changed. Where a
/// part of a new block may have been left in the file, the message says so.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChainFileError {
    /// The path leads to something that is not a file.
    #[error("{}: this is {what}, not a file; name the chain's file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
        /// What it leads to.
        what: &'static str,
    },
    /// Another process is writing to the chain.
    #[error(
        "{}: another process is mining onto this chain; wait for it to end, or name another file",
        path.display()
    )]
    Locked {
        /// The path.
        path: PathBuf,
    },
    /// The file system has no locks.
    #[error(
        "{}: cannot lock the file, because its file system has no locks; mine onto a copy on another \
         one, or see to it that nothing else writes to the chain and use `--no-lock`",
        path.display()
    )]
    NoLocks {
        /// The path.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The system refused.
    #[error("{}: cannot {action}", path.display())]
    Io {
        /// The path.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// The system's error.
        source: io::Error,
    },
    /// The file does not hold a valid chain.
    #[error("{}: {flaw}", path.display())]
    Refused {
        /// The path.
        path: PathBuf,
        /// What is wrong, and where.
        flaw: Box<Flaw>,
    },
    /// The block to be appended cannot be the next one of the chain.
    #[error("{}: the block does not fit: {reason}", path.display())]
    Misfit {
        /// The path.
        path: PathBuf,
        /// Why it does not fit.
        reason: Box<ChainError>,
    },
    /// A new chain cannot be made as it was asked for.
    #[error("{}: the chain's first block cannot be made: {reason}", path.display())]
    NewChain {
        /// The path.
        path: PathBuf,
        /// Why not.
        reason: Box<CandidateError>,
    },
    /// Something else has changed the length of the file, or moved it away.
    #[error(
        "{}: something else changed or moved the file while it was being mined onto; nothing was \
         written, check it with `stripmine verify`",
        path.display()
    )]
    Changed {
        /// The path.
        path: PathBuf,
    },
    /// Something else has written to a file without locks while a block was being appended.
    #[error(
        "{}: something else wrote to the file, or moved it, while a block was being appended to it \
         without a lock; check it with `stripmine verify`",
        path.display()
    )]
    Disturbed {
        /// The path.
        path: PathBuf,
    },
    /// The caller cancelled the reading.
    #[error("{}: interrupted while the chain was being read", path.display())]
    Cancelled {
        /// The path.
        path: PathBuf,
    },
}

impl ChainFileError {
    /// The same, with the index that the block with the flaw ought to have.
    pub(super) fn with_index(mut self, index: Option<u64>) -> Self {
        if let Self::Refused { flaw, .. } = &mut self {
            flaw.index = index;
        }
        self
    }
}

/// Makes errors about a path.
#[derive(Clone, Copy, Debug)]
pub(super) struct About<'a>(pub(super) &'a Path);

impl About<'_> {
    pub(super) fn io(self, action: &'static str) -> impl Fn(io::Error) -> ChainFileError {
        move |source| ChainFileError::Io { path: self.0.to_owned(), action, source }
    }

    pub(super) fn refused(self, flaw: Flaw) -> ChainFileError {
        ChainFileError::Refused { path: self.0.to_owned(), flaw: Box::new(flaw) }
    }

    pub(super) fn misfit(self) -> impl Fn(ChainError) -> ChainFileError {
        move |reason| ChainFileError::Misfit { path: self.0.to_owned(), reason: Box::new(reason) }
    }

    pub(super) fn new_chain(self) -> impl Fn(CandidateError) -> ChainFileError {
        move |reason| ChainFileError::NewChain { path: self.0.to_owned(), reason: Box::new(reason) }
    }

    pub(super) fn cancelled(self) -> ChainFileError {
        ChainFileError::Cancelled { path: self.0.to_owned() }
    }
}
