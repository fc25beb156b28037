//! Reads a chain file block by block, in any spelling. Checks neither hashes nor links.

use std::collections::VecDeque;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::block::Block;
use super::error::{About, ChainFileError};
use super::file::{is_being_written, open_to_read};
use super::flaw::{Flaw, Reason};
use super::records::{Batch, Form, Records, RecordsError};
use super::tail::reason_without_chain;
use super::verify::read_line;

/// A block of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadBlock {
    /// The block.
    pub block: Block,
    /// The line on which it starts, from 1.
    pub line: u64,
    /// Whether it stands on a line of its own, byte for byte as [`Block::line`] writes it.
    pub is_canonical: bool,
}

/// Reads the blocks of a chain file in order, in bounded memory: in any spelling, on lines or in a
/// JSON array. Hashes and links are not checked; [`verify`](super::verify()) does that.
///
/// An unfinished last line is an error, unless a writer holds the lock: then the reader ends
/// before it.
pub struct BlockReader {
    path: PathBuf,
    records: Records<File>,
    lock_probe: File,
    batch: VecDeque<Result<ReadBlock, Flaw>>,
    blocks: u64,
    has_looked_again: bool,
    is_done: bool,
}

impl BlockReader {
    /// Opens a chain file.
    ///
    /// # Errors
    /// When the path leads to no file, or to one that cannot be opened.
    pub fn open(path: &Path) -> Result<Self, ChainFileError> {
        let file = open_to_read(path)?;
        let lock_probe = file.try_clone().map_err(About(path).io("open the file to read"))?;
        Ok(Self {
            path: path.to_owned(),
            records: Records::new(file),
            lock_probe,
            batch: VecDeque::new(),
            blocks: 0,
            has_looked_again: false,
            is_done: false,
        })
    }

    fn next_block(&mut self) -> Result<Option<ReadBlock>, ChainFileError> {
        loop {
            if let Some(block) = self.batch.pop_front() {
                return block
                    .map(Some)
                    .map_err(|flaw| About(&self.path).refused(self.records.explain(flaw)));
            }
            match self.records.next_batch() {
                Ok(Some(batch)) => self.fill(&batch),
                Ok(None) if self.may_have_grown()? => {}
                Ok(None) => return self.check_end().map(|()| None),
                Err(RecordsError::Io(error)) => {
                    return Err(About(&self.path).io("read the file")(error));
                }
                Err(RecordsError::Malformed(line, reason)) => {
                    return Err(self.refused(line, reason));
                }
            }
        }
    }

    fn fill(&mut self, batch: &Batch) {
        let is_array = self.records.form() == Some(Form::Array);
        for at in 0..batch.len() {
            let (text, line) = batch.get(at);
            let block = read(text, line, is_array);
            let number = self.blocks;
            self.batch.push_back(block.map_err(|reason| Flaw { block: number, line, reason }));
            self.blocks += 1;
        }
    }

    /// Whether to read on after the end: the last line is unfinished, and no writer holds the lock,
    /// so its writer may have finished it since it was read. True once at most.
    fn may_have_grown(&mut self) -> Result<bool, ChainFileError> {
        if self.has_looked_again || self.records.tail().is_none() || self.is_being_written()? {
            return Ok(false);
        }
        self.has_looked_again = true;
        Ok(true)
    }

    fn check_end(&self) -> Result<(), ChainFileError> {
        match self.records.tail() {
            Some(tail) if !self.is_being_written()? => {
                Err(self.refused(tail.line, reason_without_chain(&tail.bytes)))
            }
            _ => Ok(()),
        }
    }

    fn is_being_written(&self) -> Result<bool, ChainFileError> {
        is_being_written(&self.lock_probe).map_err(About(&self.path).io("look at the lock"))
    }

    fn refused(&self, line: u64, reason: Reason) -> ChainFileError {
        let flaw = Flaw { block: self.blocks, line, reason };
        About(&self.path).refused(self.records.explain(flaw))
    }
}

fn read(text: &[u8], line: u64, is_array: bool) -> Result<ReadBlock, Reason> {
    let found = read_line(text)?;
    let is_canonical = found.is_canonical() && !is_array;
    Ok(ReadBlock { block: found.to_block()?, line, is_canonical })
}

impl Iterator for BlockReader {
    type Item = Result<ReadBlock, ChainFileError>;

    /// The next block; `None` after an error.
    fn next(&mut self) -> Option<Self::Item> {
        if self.is_done {
            return None;
        }
        let next = self.next_block().transpose();
        self.is_done = !matches!(next, Some(Ok(_)));
        next
    }
}
