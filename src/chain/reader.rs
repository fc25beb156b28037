//! Reads a chain file block by block, in any spelling. Checks neither hashes nor links.

use std::collections::VecDeque;
use std::fs::File;
use std::path::Path;

use super::block::Block;
use super::error::{About, ChainFileError};
use super::file::{is_being_written, open_to_read};
use super::flaw::Reason;
use super::reading::read_line;
use super::records::{Batch, Form, Records, Tail};
use super::tail::classify;

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
/// A file without blocks and an unfinished last line are errors, unless a writer holds the lock:
/// then the reader ends before it.
pub struct BlockReader {
    records: Records<File>,
    lock_probe: File,
    batch: VecDeque<Result<ReadBlock, ChainFileError>>,
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
            records: Records::new(path, file),
            lock_probe,
            batch: VecDeque::new(),
            has_looked_again: false,
            is_done: false,
        })
    }

    fn next_block(&mut self) -> Result<Option<ReadBlock>, ChainFileError> {
        loop {
            if let Some(block) = self.batch.pop_front() {
                return block.map(Some);
            }
            if let Some(batch) = self.records.next_batch()? {
                self.fill(&batch);
                continue;
            }
            let tail = self.records.tail();
            if tail.is_none() && self.records.count() > 0 {
                return Ok(None);
            }
            let is_being_written = is_being_written(&self.lock_probe);
            if is_being_written.map_err(self.records.about().io("look at the lock"))? {
                return Ok(None);
            }
            // The writer may have finished the line and gone since it was read.
            if std::mem::replace(&mut self.has_looked_again, true) {
                return Err(self.unfinished(tail));
            }
        }
    }

    /// Why a chain does not end as it should.
    fn unfinished(&self, tail: Option<Tail>) -> ChainFileError {
        let Some(tail) = tail else { return self.records.refused(0, 1, Reason::NoBlocks) };
        let reason = classify(&tail.bytes, None).err().unwrap_or(Reason::Unfinished);
        self.records.refused(self.records.count(), tail.line, reason)
    }

    fn fill(&mut self, batch: &Batch) {
        let is_array = self.records.form() == Some(Form::Array);
        let numbers = self.records.count() - batch.len() as u64..;
        self.batch.extend((0..batch.len()).zip(numbers).map(|(at, number)| {
            let (text, line) = batch.get(at);
            let block = read_line(text).and_then(|found| {
                let is_canonical = found.is_canonical() && !is_array;
                Ok(ReadBlock { block: found.to_block()?, line, is_canonical })
            });
            block.map_err(|reason| self.records.refused(number, line, reason))
        }));
    }
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
