//! A disk in memory that fails where it is told to, and that can lose its power.
//!
//! `pages.rs` says what a power loss does to a file. The entries of a directory are lost in the
//! same way: any that was not synced may be there or not.

use std::collections::BTreeMap;
use std::fs::TryLockError;
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use super::pages::{Chance, Contents, Remains};
use crate::chain::disk::{Disk, DiskFile};
use crate::chain::error::{About, ChainFileError};

/// How an operation fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nothing is done, and an error is returned.
    Before,
    /// A part is done, and an error is returned.
    Halfway,
    /// All is done, and an error is returned.
    After,
    /// A short read or write: a part is done, and its length is returned.
    Short,
    /// A signal came: nothing is done, and trying again helps.
    Interrupted,
    /// A sync fails, and later syncs do not write what it has not written, as on Linux.
    Forgotten,
    /// Another writer, who takes no lock, writes after this one.
    Joined,
    /// The power is lost: neither this nor anything later is done.
    PowerLoss,
}

/// The name of an operation.
pub(super) type Operation = &'static str;

/// A disk. Its clones are the same disk.
#[derive(Clone, Debug, Default)]
pub(super) struct FaultyDisk(Arc<Mutex<State>>);

#[derive(Clone, Debug, Default)]
struct State {
    entries: BTreeMap<PathBuf, usize>,
    durable_entries: BTreeMap<PathBuf, usize>,
    files: Vec<StoredFile>,
    operations: Vec<Operation>,
    faults: BTreeMap<usize, Fault>,
    /// What the file system cannot do, and the error that it gives.
    lacks: Option<(Operation, ErrorKind)>,
    is_without_power: bool,
}

/// A file on the disk.
#[derive(Clone, Debug, Default)]
struct StoredFile {
    contents: Contents,
    is_locked: bool,
}

impl StoredFile {
    fn synced(content: Vec<u8>) -> Self {
        Self { contents: Contents::synced(content), is_locked: false }
    }
}

/// An open file.
#[derive(Debug)]
struct OpenFile {
    disk: FaultyDisk,
    number: usize,
    position: usize,
}

impl FaultyDisk {
    /// A disk with one file, which is durable.
    pub(super) fn with(path: &Path, content: &[u8]) -> Self {
        let disk = Self::default();
        let mut state = disk.state();
        state.files.push(StoredFile::synced(content.to_vec()));
        state.entries.insert(path.to_owned(), 0);
        state.durable_entries.insert(path.to_owned(), 0);
        drop(state);
        disk
    }

    /// A copy of this disk that fails at these operations, counted from 0.
    pub(super) fn failing(&self, faults: impl IntoIterator<Item = (usize, Fault)>) -> Self {
        let mut state = self.state().clone();
        state.operations.clear();
        state.faults = faults.into_iter().collect();
        state.is_without_power = false;
        state.files.iter_mut().for_each(|file| file.is_locked = false);
        Self(Arc::new(Mutex::new(state)))
    }

    /// A copy of this disk that cannot do one of the operations at all.
    pub(super) fn lacking(&self, operation: Operation, error: ErrorKind) -> Self {
        let disk = self.failing([]);
        disk.state().lacks = Some((operation, error));
        disk
    }

    /// The operations so far.
    pub(super) fn operations(&self) -> Vec<Operation> {
        self.state().operations.clone()
    }

    /// The disk as it is when the power is back.
    pub(super) fn after_power_loss(&self, remains: Remains) -> Self {
        let mut state = self.state().clone();
        let mut chance = Chance(remains);
        for file in &mut state.files {
            *file = StoredFile::synced(file.contents.after_power_loss(&mut chance));
        }
        let mut entries = state.durable_entries.clone();
        for (path, number) in &state.entries {
            if !entries.contains_key(path) && chance.keeps_length() {
                entries.insert(path.clone(), *number);
            }
        }
        entries.retain(|path, _| state.entries.contains_key(path) || !chance.keeps_length());
        state.entries.clone_from(&entries);
        state.durable_entries = entries;
        Self(Arc::new(Mutex::new(state))).failing([])
    }

    /// Whether no power loss can change the file.
    pub(super) fn is_durable(&self, path: &Path) -> bool {
        let state = self.state();
        let number = state.durable_entries.get(path);
        let is_durable = |number: &usize| state.files[*number].contents.is_durable();
        number == state.entries.get(path) && number.is_some_and(is_durable)
    }

    /// Whether no power loss can change what is in the file, if the file itself is kept.
    pub(super) fn is_synced(&self, path: &Path) -> bool {
        let state = self.state();
        let number = state.entries.get(path);
        number.is_some_and(|number| state.files[*number].contents.is_durable())
    }

    /// What processes see of a file.
    pub(super) fn content(&self, path: &Path) -> Option<Vec<u8>> {
        let state = self.state();
        Some(state.files[*state.entries.get(path)?].contents.seen.clone())
    }

    pub(super) fn paths(&self) -> Vec<PathBuf> {
        self.state().entries.keys().cloned().collect()
    }

    pub(super) fn is_locked(&self) -> bool {
        self.state().files.iter().any(|file| file.is_locked)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Counts an operation and does it, unless it is to fail before.
    fn operate<T>(
        &self,
        operation: Operation,
        act: impl FnOnce(&mut State, Option<Fault>) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut state = self.state();
        let fault = state.faults.get(&state.operations.len()).copied();
        state.operations.push(operation);
        state.is_without_power |= fault == Some(Fault::PowerLoss);
        if state.is_without_power || fault == Some(Fault::Before) {
            return Err(failed(operation));
        }
        if let Some((_, error)) = state.lacks.filter(|(lacking, _)| *lacking == operation) {
            return Err(error.into());
        }
        if fault == Some(Fault::Interrupted) {
            return Err(ErrorKind::Interrupted.into());
        }
        let done = act(&mut state, fault)?;
        match fault {
            None | Some(Fault::Short | Fault::Joined) => Ok(done),
            _ => Err(failed(operation)),
        }
    }
}

fn failed(operation: Operation) -> io::Error {
    io::Error::other(format!("the disk failed to {operation}"))
}

impl Disk for FaultyDisk {
    fn open_to_append(&self, path: &Path) -> Result<(Box<dyn DiskFile>, bool), ChainFileError> {
        let open = |state: &mut State, _| {
            let next = state.files.len();
            let number = *state.entries.entry(path.to_owned()).or_insert(next);
            if number == next {
                state.files.push(StoredFile::default());
            }
            Ok((number, number == next))
        };
        let opened = self.operate("open", open).map_err(About(path).io("open the file to write"));
        let (number, is_new) = opened?;
        Ok((Box::new(OpenFile { disk: self.clone(), number, position: 0 }), is_new))
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        Ok(path.to_owned())
    }

    fn create_new(&self, path: &Path, _: &Path) -> io::Result<Box<dyn DiskFile>> {
        let number = self.operate("create", |state, _| {
            if state.entries.contains_key(path) {
                return Err(ErrorKind::AlreadyExists.into());
            }
            state.files.push(StoredFile::default());
            let number = state.files.len() - 1;
            state.entries.insert(path.to_owned(), number);
            Ok(number)
        })?;
        Ok(Box::new(OpenFile { disk: self.clone(), number, position: 0 }))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.operate("remove", |state, _| {
            state.entries.remove(path);
            Ok(())
        })
    }

    fn sync_directory_of(&self, _: &Path) -> io::Result<()> {
        self.operate("sync the directory", |state, fault| {
            if fault != Some(Fault::Forgotten) {
                state.durable_entries.clone_from(&state.entries);
            }
            Ok(())
        })
    }
}

impl OpenFile {
    fn operate<T>(
        &self,
        operation: Operation,
        act: impl FnOnce(&mut Contents, Option<Fault>) -> T,
    ) -> io::Result<T> {
        let act = |state: &mut State, fault| Ok(act(&mut state.files[self.number].contents, fault));
        self.disk.operate(operation, act)
    }

    fn sync(&self, operation: Operation) -> io::Result<()> {
        self.operate(operation, |file, fault| match fault {
            Some(Fault::Forgotten) => file.forget(),
            Some(Fault::Halfway) => file.sync_half(),
            _ => file.sync(usize::MAX),
        })
    }
}

fn is_partial(fault: Option<Fault>) -> bool {
    matches!(fault, Some(Fault::Halfway | Fault::Short))
}

impl Read for OpenFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let position = self.position;
        let read = self.operate("read", |file, fault| {
            let rest = file.seen.get(position..).unwrap_or_default();
            let most = if is_partial(fault) { rest.len().div_ceil(2) } else { rest.len() };
            let len = most.min(buffer.len());
            buffer[..len].copy_from_slice(&rest[..len]);
            len
        })?;
        self.position += read;
        Ok(read)
    }
}

impl Write for OpenFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.operate("write", |file, fault| {
            let len = if is_partial(fault) { bytes.len().div_ceil(2) } else { bytes.len() };
            file.write(&bytes[..len]);
            if fault == Some(Fault::Joined) {
                file.write(b"{");
            }
            len
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl DiskFile for OpenFile {
    fn len(&self) -> io::Result<u64> {
        self.operate("look", |file, _| file.seen.len() as u64)
    }

    fn is_at_path(&self, path: &Path, len: u64) -> io::Result<bool> {
        self.disk.operate("look", |state, _| {
            let is_there = state.entries.get(path) == Some(&self.number);
            Ok(is_there && state.files[self.number].contents.seen.len() as u64 == len)
        })
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let len = usize::try_from(len).unwrap();
        self.operate("cut", |file, _| file.set_len(len))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.sync("sync")
    }

    fn sync_all(&self) -> io::Result<()> {
        self.sync("sync")
    }

    fn try_lock(&self) -> Result<(), TryLockError> {
        let locked = self.disk.operate("lock", |state, _| {
            let is_locked = std::mem::replace(&mut state.files[self.number].is_locked, true);
            assert!(!is_locked, "the ledger before this one has kept its lock");
            Ok(())
        });
        locked.map_err(TryLockError::Error)
    }

    fn unlock(&self) -> io::Result<()> {
        self.disk.state().files[self.number].is_locked = false;
        Ok(())
    }
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        let _ = self.unlock();
    }
}
