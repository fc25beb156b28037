//! Appends to a chain file: locks it, repairs an append that was cut short, writes and syncs
//! blocks.
//!
//! A block counts as appended when [`Ledger::append`] has returned: its line was written with one
//! write and synced to the disk.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::candidate::SealedBlock;
use super::disk::{Disk, DiskFile, SystemDisk, create_beside, lock};
use super::error::{About, ChainFileError};
use super::file::{is_unsupported, open_to_read};
use super::opening::{LedgerOptions, Walked, new_chain, walk};
use super::records::Tail;
use super::rules::Chain;
use super::tail::Unfinished;
use crate::sync::CancelToken;

/// What was repaired when the file was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repair {
    /// The last line was a whole block; its newline was added.
    NewlineAdded,
    /// The last line was the beginning of a block's line; it was moved to a file of its own.
    TornAppend {
        /// Where the line began, in bytes.
        offset: u64,
        /// Its length in bytes.
        len: u64,
        /// The new file that holds it.
        moved_to: PathBuf,
    },
}

/// A chain file open to append to. Holds the file's lock until it is dropped.
#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    file: Box<dyn DiskFile>,
    is_locked: bool,
    /// Bytes in the file.
    len: u64,
    chain: Chain,
    repair: Option<Repair>,
    directory_error: Option<io::Error>,
}

impl Ledger {
    /// Opens a chain to append to: locks it, checks every block on `threads` threads, and repairs
    /// an append that was cut short. A file that is empty or missing becomes a new chain with its
    /// genesis block. Opening ends early once `cancel` is cancelled.
    ///
    /// # Errors
    /// When another writer holds the lock, the system fails, or the file does not hold a valid
    /// chain; then the file is left as it is.
    pub fn open(
        path: &Path,
        threads: usize,
        cancel: Option<&CancelToken>,
    ) -> Result<Self, ChainFileError> {
        Self::open_with(path, &LedgerOptions { threads, cancel, ..LedgerOptions::default() })
    }

    /// As [`open`](Self::open), with options. A new chain is made in the dialect that they say.
    ///
    /// # Errors
    /// As for [`open`](Self::open); where the chain's dialect is not certain; where a new chain
    /// cannot be made as it was asked for.
    pub fn open_with(path: &Path, options: &LedgerOptions<'_>) -> Result<Self, ChainFileError> {
        Self::open_on(&SystemDisk, path, options)
    }

    fn open_on(
        disk: &dyn Disk,
        path: &Path,
        options: &LedgerOptions<'_>,
    ) -> Result<Self, ChainFileError> {
        // An impossible new chain is refused before a file is made for it.
        new_chain(options).map_err(About(path).new_chain())?;
        let (file, is_new) = disk.open_to_append(path)?;
        let mut ledger = Self::unread(path, file);
        let ready = ledger.lock(options).and_then(|()| ledger.start(disk, options));
        match ready {
            // A file that another writer has locked is not ours to remove.
            Err(error) if is_new && !matches!(error, ChainFileError::Locked { .. }) => {
                ledger.remove_if_empty(disk);
                Err(error)
            }
            ready => ready.map(|()| ledger),
        }
    }

    fn unread(path: &Path, file: Box<dyn DiskFile>) -> Self {
        Self {
            path: path.to_owned(),
            file,
            is_locked: false,
            len: 0,
            chain: Chain::new(),
            repair: None,
            directory_error: None,
        }
    }

    fn lock(&mut self, options: &LedgerOptions<'_>) -> Result<(), ChainFileError> {
        match lock(&*self.file, &self.path) {
            Err(ChainFileError::NoLocks { .. }) if !options.needs_lock => Ok(()),
            locked => locked.map(|()| self.is_locked = true),
        }
    }

    /// Reads the chain, repairs its end, and gives a new one its genesis block.
    fn start(
        &mut self,
        disk: &dyn Disk,
        options: &LedgerOptions<'_>,
    ) -> Result<(), ChainFileError> {
        let len = self.file.len().map_err(About(&self.path).io("look at the file"))?;
        self.check_is_as_left(len)?;
        let Walked { chain, len, tail } = walk(&mut *self.file, &self.path, options)?;
        (self.chain, self.len) = (chain, len);
        match tail {
            None => {}
            Some((tail, Unfinished::WholeBlock)) => self.add_newline(&tail)?,
            Some((tail, Unfinished::Torn)) => self.move_torn(disk, &tail)?,
        }
        if self.chain.is_empty() {
            let path = self.path.clone();
            let synced = self.sync_directory_of(disk, &path);
            synced.map_err(About(&path).io("sync the directory"))?;
            let (chain, genesis) = new_chain(options).map_err(About(&path).new_chain())?;
            self.chain = chain;
            self.append(&genesis)?;
        }
        Ok(())
    }

    /// Leaves no file behind that was made for nothing.
    fn remove_if_empty(&self, disk: &dyn Disk) {
        if self.file.is_at_path(&self.path, 0).is_ok_and(|is_empty| is_empty) {
            // The error before this one matters more than one of removing.
            let _ = disk.canonicalize(&self.path).and_then(|path| disk.remove(&path));
        }
    }

    /// Makes a new file's entry in its directory durable. Some file systems cannot do that; then
    /// the error is remembered.
    fn sync_directory_of(&mut self, disk: &dyn Disk, path: &Path) -> io::Result<()> {
        match disk.sync_directory_of(path) {
            Err(error) if cannot_sync(&error) => {
                self.directory_error = Some(error);
                Ok(())
            }
            synced => synced,
        }
    }

    /// The chain as [`open`](Self::open) would find it. The file is neither locked nor repaired nor
    /// made.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub fn peek(
        path: &Path,
        threads: usize,
        cancel: Option<&CancelToken>,
    ) -> Result<Chain, ChainFileError> {
        Self::peek_with(path, &LedgerOptions { threads, cancel, ..LedgerOptions::default() })
    }

    /// As [`peek`](Self::peek), with options.
    ///
    /// # Errors
    /// As for [`open_with`](Self::open_with).
    pub fn peek_with(path: &Path, options: &LedgerOptions<'_>) -> Result<Chain, ChainFileError> {
        let (new_chain, genesis) = new_chain(options).map_err(About(path).new_chain())?;
        let mut chain = match open_to_read(path) {
            Ok(mut file) => walk(&mut file, path, options)?.chain,
            Err(ChainFileError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {
                Chain::new()
            }
            Err(error) => return Err(error),
        };
        if chain.is_empty() {
            chain = new_chain;
            chain.accept(&genesis).map_err(About(path).misfit())?;
        }
        Ok(chain)
    }

    /// The chain so far.
    #[must_use]
    pub const fn chain(&self) -> &Chain {
        &self.chain
    }

    /// What was repaired when the file was opened.
    #[must_use]
    pub const fn repair(&self) -> Option<&Repair> {
        self.repair.as_ref()
    }

    /// Whether the file is locked. It is, unless it was opened
    /// [without a lock](LedgerOptions::needs_lock).
    #[must_use]
    pub const fn is_locked(&self) -> bool {
        self.is_locked
    }

    /// Why the directory could not be synced when a file was made in it: a power loss may take that
    /// file as a whole, though all blocks in it are synced. `None` where it was synced, or no file
    /// was made.
    #[must_use]
    pub const fn directory_error(&self) -> Option<&io::Error> {
        self.directory_error.as_ref()
    }

    /// Appends a block: checks that it fits, writes its line with one write, and syncs it. When
    /// anything fails, the file is cut back to the blocks that it held before.
    ///
    /// # Errors
    /// When the block does not fit the chain, something else has changed the file, or the system
    /// fails.
    pub fn append(&mut self, block: &SealedBlock) -> Result<(), ChainFileError> {
        let mut chain = self.chain.clone();
        chain.accept(block).map_err(About(&self.path).misfit())?;
        self.write_synced(block.record.as_bytes())?;
        self.chain = chain;
        Ok(())
    }

    fn add_newline(&mut self, tail: &Tail) -> Result<(), ChainFileError> {
        self.len += tail.bytes.len() as u64;
        self.write_synced(b"\n")?;
        self.repair = Some(Repair::NewlineAdded);
        Ok(())
    }

    fn move_torn(&mut self, disk: &dyn Disk, tail: &Tail) -> Result<(), ChainFileError> {
        let copied = self.copy_beside(disk, tail);
        let moved_to =
            copied.map_err(About(&self.path).io("keep a torn append in a file of its own"))?;
        // A program that takes no lock may have written more of it since.
        let len = tail.bytes.len() as u64;
        self.check_is_as_left(tail.offset + len)?;
        self.file
            .set_len(tail.offset)
            .and_then(|()| self.file.sync_all())
            .map_err(About(&self.path).io("cut off a torn append"))?;
        self.repair = Some(Repair::TornAppend { offset: tail.offset, len, moved_to });
        Ok(())
    }

    /// Writes at the end of the file and syncs, or leaves the file as it was.
    fn write_synced(&mut self, bytes: &[u8]) -> Result<(), ChainFileError> {
        self.check_is_as_left(self.len)?;
        let written = self.file.write_all(bytes).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // Without a lock, what was written last may be another's.
            let is_cut_back = self.is_locked
                && self.file.set_len(self.len).and_then(|()| self.file.sync_data()).is_ok();
            let action = if is_cut_back {
                "write the block"
            } else {
                "write the block, nor cut off what was written of it"
            };
            return Err(About(&self.path).io(action)(error));
        }
        let len = self.len + bytes.len() as u64;
        if !self.is_locked && !self.is_as_left(len)? {
            return Err(ChainFileError::Disturbed { path: self.path.clone() });
        }
        self.len = len;
        Ok(())
    }

    /// Copies a torn append into a new, synced file beside the chain, with the same permissions.
    fn copy_beside(&mut self, disk: &dyn Disk, tail: &Tail) -> io::Result<PathBuf> {
        let suffix = format!(".torn-{}", tail.offset);
        let (moved_to, mut copy) = create_beside(disk, &self.path, &suffix)?;
        let kept = copy
            .write_all(&tail.bytes)
            .and_then(|()| copy.sync_all())
            .and_then(|()| self.sync_directory_of(disk, &moved_to));
        if let Err(error) = kept {
            // The next attempt makes another copy. The first error matters more than one of
            // removing.
            let _ = disk.remove(&moved_to);
            return Err(error);
        }
        Ok(moved_to)
    }

    /// Whether the path still leads to the open file, and the file is this long.
    fn is_as_left(&self, len: u64) -> Result<bool, ChainFileError> {
        let is_as_left = self.file.is_at_path(&self.path, len);
        is_as_left.map_err(About(&self.path).io("look at the file"))
    }

    fn check_is_as_left(&self, len: u64) -> Result<(), ChainFileError> {
        if self.is_as_left(len)? {
            return Ok(());
        }
        Err(ChainFileError::Changed { path: self.path.clone() })
    }
}

/// Whether an error says that the directory cannot be synced: its file system does not do that, or
/// this process may not read it.
fn cannot_sync(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::PermissionDenied)
        || is_unsupported(error)
}

impl Drop for Ledger {
    /// Releases the lock even where a child process still holds a copy of the file.
    fn drop(&mut self) {
        // Where this fails, closing the file releases it.
        let _ = self.file.unlock();
    }
}

#[cfg(test)]
mod faults;

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};
    use std::io::Write as _;

    use super::*;

    /// A program that takes no lock may still be writing the line that looks torn.
    #[test]
    fn a_torn_append_that_went_on_meanwhile_is_not_cut_off() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("chain.jsonl");
        let genesis = SealedBlock::genesis().record;
        fs::write(&path, format!("{genesis}{{\"da")).unwrap();
        let mut ledger = Ledger::unread(&path, SystemDisk.open_to_append(&path).unwrap().0);
        let Walked { chain, len, tail } =
            walk(&mut *ledger.file, &path, &LedgerOptions::default()).unwrap();
        let Some((tail, Unfinished::Torn)) = tail else { panic!("the last line is torn") };
        (ledger.chain, ledger.len) = (chain, len);
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"ta").unwrap();
        let refused = ledger.move_torn(&SystemDisk, &tail);
        assert!(matches!(refused, Err(ChainFileError::Changed { .. })), "{refused:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("{genesis}{{\"data"));
    }
}
