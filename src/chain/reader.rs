//! Reads a chain file block by block, in any dialect and spelling. Checks neither hashes nor links.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::dialect::DialectHints;
use super::error::{About, ChainFileError};
use super::file::{is_being_written, open_to_read};
use super::flaw::Reason;
use super::read_block::{BlockForm, ReadBlock};
use super::reading::{Reading, Step};
use super::records::{Batch, Container, Records, Tail};
use super::rules::Chain;
use super::tail::{classify, is_object};

/// Reads the blocks of a chain in order, in bounded memory: in any dialect and spelling, on lines
/// or in a JSON array. Hashes and links are not checked; [`verify`](super::verify()) does that.
///
/// A file without blocks and a last line that is no whole block are errors, unless a writer holds
/// the lock: then the reader ends before it.
pub struct BlockReader {
    records: Records<Box<dyn Read + Send>>,
    lock_probe: Option<File>,
    hints: DialectHints,
    /// Known once the first blocks were read.
    form: Option<BlockForm>,
    /// While all blocks are right and of the dialect `tutorial`: how they were read. A later block
    /// may be of another one.
    tutorial: Option<(Reading, Chain)>,
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
        Ok(Self { lock_probe: Some(lock_probe), ..Self::from_source(path, file) })
    }

    /// Reads a chain from elsewhere. Errors name the path.
    #[must_use]
    pub fn from_source(name: &Path, source: impl Read + Send + 'static) -> Self {
        Self {
            records: Records::new(name, Box::new(source)),
            lock_probe: None,
            hints: DialectHints::default(),
            form: None,
            tutorial: None,
            batch: VecDeque::new(),
            has_looked_again: false,
            is_done: false,
        }
    }

    /// The same, with what is known of the dialect.
    #[must_use]
    pub fn with_hints(self, hints: DialectHints) -> Self {
        Self { hints, ..self }
    }

    fn next_block(&mut self) -> Result<Option<ReadBlock>, ChainFileError> {
        loop {
            if let Some(block) = self.batch.pop_front() {
                return block.map(Some);
            }
            if let Some(batch) = self.records.next_batch()? {
                self.fill(&batch)?;
                continue;
            }
            let tail = self.records.tail();
            if tail.is_none() && self.records.count() > 0 || self.is_being_written()? {
                return Ok(None);
            }
            // The writer may have finished the line and gone since it was read.
            if std::mem::replace(&mut self.has_looked_again, true) {
                self.is_done = true;
                return self.last_line(tail).map(Some);
            }
        }
    }

    fn is_being_written(&self) -> Result<bool, ChainFileError> {
        let asked = self.lock_probe.as_ref().map_or(Ok(false), is_being_written);
        asked.map_err(self.records.about().io("look at the lock"))
    }

    /// The last line, which lacks its newline, if it is a whole block; or why the chain does not
    /// end as it should.
    fn last_line(&mut self, tail: Option<Tail>) -> Result<ReadBlock, ChainFileError> {
        let Some(tail) = tail else { return Err(self.records.refused(0, 1, Reason::NoBlocks)) };
        let number = self.records.count();
        let reason = if is_object(&tail.bytes) {
            let form = self.form_of([(&*tail.bytes, tail.line)].into_iter())?;
            match form.read(&tail.bytes, tail.line, false) {
                Ok(block) => return Ok(block),
                Err(reason) => reason,
            }
        } else {
            classify(&tail.bytes, None).err().unwrap_or(Reason::Unfinished)
        };
        Err(self.records.refused(number, tail.line, reason))
    }

    fn fill(&mut self, batch: &Batch) -> Result<(), ChainFileError> {
        let is_marked = self.records.has_byte_order_mark();
        let is_lines = self.records.container() == Some(Container::Lines) && !is_marked;
        let pieces = (0..batch.len()).map(|at| batch.get(at));
        let pieces =
            pieces.map(|(text, line)| (if is_lines { text } else { text.trim_ascii() }, line));
        let form = self.form_of(pieces.clone())?;
        let form = self.form.insert(form);
        let numbers = self.records.count() - batch.len() as u64..;
        self.batch.extend(pieces.zip(numbers).map(|((text, line), number)| {
            let block = form.read(text, line, is_lines);
            block.map_err(|reason| self.records.refused(number, line, reason))
        }));
        Ok(())
    }

    /// The form of the next blocks: that of those before, if it is certain, or what they tell.
    fn form_of<'t>(
        &mut self,
        pieces: impl Iterator<Item = (&'t [u8], u64)>,
    ) -> Result<BlockForm, ChainFileError> {
        let (mut reading, mut chain) = match (self.form.take(), self.tutorial.take()) {
            (Some(form), None) => return Ok(form),
            (_, Some(before)) => before,
            (None, None) => (Reading::new(Some(&self.hints)), Chain::new()),
        };
        let mut are_right = true;
        for (text, line) in pieces {
            let step = loop {
                let step = reading.accept(&mut chain, reading.check(text), text, line);
                if !matches!(step, Ok(Step::ReadAgain)) {
                    break step;
                }
            };
            // The blocks before a wrong one have told what they can.
            are_right = step.is_ok();
            if !are_right {
                break;
            }
        }
        match reading.undecided() {
            Some(flaw) => Err(self.records.refused(flaw.block, flaw.line, flaw.reason)),
            None if reading.is_tutorial() => {
                self.tutorial = are_right.then_some((reading, chain));
                Ok(BlockForm::Tutorial)
            }
            None => reading
                .conclude()
                .map(BlockForm::other)
                .map_err(|reason| self.records.refused(0, 1, reason)),
        }
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
        self.is_done |= !matches!(next, Some(Ok(_)));
        next
    }
}
