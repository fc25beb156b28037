//! A disk in memory that fails where it is told to, and that can lose its power.
//!
//! Every file has two images: what processes see, and what is durable. Writing changes the first,
//! syncing brings the second up to it, page by page. When the power fails, any of the pages that
//! were not synced may have reached the disk or not, and the file's length may be the new one or
//! the old one: what it has beyond the pages that were written is NULs. The same goes for the
//! entries of a directory. A page is written wholly or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::chain::ChainFileError;
use crate::chain::disk::{Disk, DiskFile};
use crate::chain::error::About;

/// Bytes in a page: few, so that a block's line has several.
const PAGE: usize = 64;

/// What becomes of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nothing is done, and that is said.
    Before,
    /// A part is done, and then it is said to have failed.
    Halfway,
    /// It is done, and said to have failed.
    After,
    /// A part is done, and no more is said to have been: a short read or write.
    Short,
    /// Nothing is done, and asking again will do: a signal came.
    Interrupted,
    /// A sync fails, and what it should have made durable is never tried again, as on Linux.
    Forgotten,
    /// The power is lost: neither this nor anything later is done.
    PowerLoss,
}

/// What a power loss leaves of that which was not synced.
#[derive(Clone, Copy, Debug)]
pub(super) enum Remains {
    Nothing,
    Everything,
    /// Lengths and entries, but no page: NULs.
    Lengths,
    /// Whatever these random bits say.
    Some(u64),
}

/// Something that a disk was asked to do.
pub(super) type Operation = &'static str;

/// A handle on one disk, of which there can be several.
#[derive(Clone, Debug, Default)]
pub(super) struct FaultyDisk(Arc<Mutex<State>>);

#[derive(Clone, Debug, Default)]
struct State {
    entries: BTreeMap<PathBuf, usize>,
    durable_entries: BTreeMap<PathBuf, usize>,
    files: Vec<Contents>,
    operations: Vec<Operation>,
    faults: BTreeMap<usize, Fault>,
    is_without_power: bool,
}

/// A file.
#[derive(Clone, Debug, Default)]
struct Contents {
    seen: Vec<u8>,
    durable: Vec<u8>,
    /// Pages that were changed since they were last synced.
    changed: BTreeSet<usize>,
    is_locked: bool,
}

/// A file that is open.
#[derive(Debug)]
struct OpenFile {
    disk: FaultyDisk,
    number: usize,
    position: usize,
}

impl FaultyDisk {
    /// With one file, synced.
    pub(super) fn with(path: &Path, content: &[u8]) -> Self {
        let disk = Self::default();
        let content = content.to_vec();
        let file = Contents { seen: content.clone(), durable: content, ..Contents::default() };
        let mut state = disk.state();
        state.files.push(file);
        state.entries.insert(path.to_owned(), 0);
        state.durable_entries.insert(path.to_owned(), 0);
        drop(state);
        disk
    }

    /// A copy of this disk, which will fail at these operations, counted from 0.
    pub(super) fn failing(&self, faults: impl IntoIterator<Item = (usize, Fault)>) -> Self {
        let mut state = self.state().clone();
        state.operations.clear();
        state.faults = faults.into_iter().collect();
        state.is_without_power = false;
        state.files.iter_mut().for_each(|file| file.is_locked = false);
        Self(Arc::new(Mutex::new(state)))
    }

    /// What it was asked to do so far.
    pub(super) fn operations(&self) -> Vec<Operation> {
        self.state().operations.clone()
    }

    /// The disk as it is found when the power is back.
    pub(super) fn after_power_loss(&self, remains: Remains) -> Self {
        let mut state = self.state().clone();
        let mut chance = Chance(remains);
        let mut files = Vec::new();
        for file in &state.files {
            let content = file.after_power_loss(&mut chance);
            files.push(Contents { seen: content.clone(), durable: content, ..Contents::default() });
        }
        let mut entries = state.durable_entries.clone();
        for (path, number) in &state.entries {
            if !entries.contains_key(path) && chance.of_length() {
                entries.insert(path.clone(), *number);
            }
        }
        entries.retain(|path, _| state.entries.contains_key(path) || !chance.of_length());
        state.files = files;
        state.entries.clone_from(&entries);
        state.durable_entries = entries;
        Self(Arc::new(Mutex::new(state))).failing([])
    }

    /// Whether no power loss can change the file.
    pub(super) fn is_durable(&self, path: &Path) -> bool {
        let state = self.state();
        let number = state.durable_entries.get(path);
        let is_synced = |file: &Contents| file.changed.is_empty() && file.durable == file.seen;
        number == state.entries.get(path) && number.is_some_and(|it| is_synced(&state.files[*it]))
    }

    /// What processes see of a file.
    pub(super) fn content(&self, path: &Path) -> Option<Vec<u8>> {
        let state = self.state();
        Some(state.files[*state.entries.get(path)?].seen.clone())
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

    /// Counts an operation, and does of it what is to be done.
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
        if fault == Some(Fault::Interrupted) {
            return Err(ErrorKind::Interrupted.into());
        }
        let done = act(&mut state, fault)?;
        match fault {
            None | Some(Fault::Short) => Ok(done),
            _ => Err(failed(operation)),
        }
    }
}

fn failed(operation: Operation) -> io::Error {
    io::Error::other(format!("the disk failed to {operation}"))
}

/// Whether something that was not synced is there after all.
struct Chance(Remains);

impl Chance {
    fn of_page(&mut self) -> bool {
        match self.0 {
            Remains::Nothing | Remains::Lengths => false,
            Remains::Everything => true,
            Remains::Some(_) => self.below(2) == 1,
        }
    }

    fn of_length(&mut self) -> bool {
        matches!(self.0, Remains::Lengths) || self.of_page()
    }

    /// One of the steps of a generator by Knuth (MMIX), whose high bits are the better ones.
    fn below(&mut self, bound: usize) -> usize {
        let Remains::Some(state) = &mut self.0 else { return 0 };
        *state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(*state >> 33).unwrap() % bound
    }
}

impl Contents {
    fn change(&mut self, from: usize, to: usize) {
        self.changed.extend(from / PAGE..to.div_ceil(PAGE));
    }

    fn write(&mut self, bytes: &[u8]) {
        let from = self.seen.len();
        self.seen.extend_from_slice(bytes);
        self.change(from, self.seen.len());
    }

    fn set_len(&mut self, len: usize) {
        let from = self.seen.len().min(len);
        self.seen.resize(len, 0);
        self.change(from, from + 1);
    }

    /// Makes the first so many of the changed pages durable, all of them with the length.
    fn sync(&mut self, pages: usize) {
        let synced: Vec<usize> = self.changed.iter().copied().take(pages).collect();
        let end = match synced.last() {
            Some(last) if pages < self.changed.len() => (last + 1) * PAGE,
            _ => usize::MAX,
        };
        if end == usize::MAX || end > self.durable.len() {
            self.durable.resize(end.min(self.seen.len()), 0);
        }
        for page in synced {
            copy_page(page, &self.seen, &mut self.durable);
            self.changed.remove(&page);
        }
    }

    /// Takes the changed pages for durable, though only the length is.
    fn forget(&mut self) {
        self.durable.resize(self.seen.len(), 0);
        self.changed.clear();
    }

    fn after_power_loss(&self, chance: &mut Chance) -> Vec<u8> {
        let mut content = self.durable.clone();
        if self.changed.is_empty() {
            return content;
        }
        let mut lengths = [self.durable.len(), self.seen.len()];
        lengths.sort_unstable();
        match chance.0 {
            Remains::Nothing => {}
            Remains::Some(_) => {
                let len = lengths[0] + chance.below(lengths[1] - lengths[0] + 1);
                content.resize(len, 0);
            }
            Remains::Everything | Remains::Lengths => content.resize(self.seen.len(), 0),
        }
        for page in &self.changed {
            if chance.of_page() {
                copy_page(*page, &self.seen, &mut content);
            }
        }
        content
    }
}

/// Copies as much of a page as both have.
fn copy_page(page: usize, from: &[u8], to: &mut [u8]) {
    let end = ((page + 1) * PAGE).min(from.len()).min(to.len());
    if let Some(target) = to.get_mut(page * PAGE..end) {
        target.copy_from_slice(&from[page * PAGE..end]);
    }
}

impl Disk for FaultyDisk {
    fn open_locked(&self, path: &Path) -> Result<Box<dyn DiskFile>, ChainFileError> {
        let open = |state: &mut State, _| {
            let next = state.files.len();
            let number = *state.entries.entry(path.to_owned()).or_insert(next);
            if number == next {
                state.files.push(Contents::default());
            }
            Ok(number)
        };
        let opened = self.operate("open", open).map_err(About(path).io("open the file to write"));
        let number = opened?;
        let is_locked = std::mem::replace(&mut self.state().files[number].is_locked, true);
        assert!(!is_locked, "the ledger before this one has kept its lock");
        Ok(Box::new(OpenFile { disk: self.clone(), number, position: 0 }))
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        Ok(path.to_owned())
    }

    fn create_new(&self, path: &Path, _: &Path) -> io::Result<Box<dyn DiskFile>> {
        let number = self.operate("create", |state, _| {
            if state.entries.contains_key(path) {
                return Err(ErrorKind::AlreadyExists.into());
            }
            state.files.push(Contents::default());
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
        let act = |state: &mut State, fault| Ok(act(&mut state.files[self.number], fault));
        self.disk.operate(operation, act)
    }

    fn sync(&self, operation: Operation) -> io::Result<()> {
        self.operate(operation, |file, fault| match fault {
            Some(Fault::Forgotten) => file.forget(),
            Some(Fault::Halfway) => file.sync(file.changed.len() / 2),
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
            Ok(is_there && state.files[self.number].seen.len() as u64 == len)
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
