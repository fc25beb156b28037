//! Cuts a file into pieces of one block each, in batches and in bounded memory.

use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::array::{ArraySplitter, Boundary};
use super::encoding::{BYTE_ORDER_MARK, foreign_encoding};
use super::error::{About, ChainFileError};
use super::flaw::{Flaw, Reason, foreign_kind};
use super::layout::MAX_LINE_LEN;
use super::line::BlockError;
use super::python_json::{ParseError, Reader};
use super::wrapper::{Beginning, beginning};

/// Bytes read at once, and about the size of a batch.
const CHUNK: usize = 1 << 20;

/// Bytes kept of the file's beginning, to recognise files that are not chains.
const START_LEN: usize = 512;

/// Several pieces, in the order of the file.
#[derive(Debug, Default)]
pub(super) struct Batch {
    bytes: Vec<u8>,
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    range: Range<usize>,
    line: u64,
}

impl Batch {
    pub(super) fn len(&self) -> usize {
        self.pieces.len()
    }

    /// The bytes of a piece, and the line on which it starts, from 1.
    pub(super) fn get(&self, at: usize) -> (&[u8], u64) {
        let Piece { range, line } = &self.pieces[at];
        (&self.bytes[range.clone()], *line)
    }
}

/// How the blocks stand in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    /// One on every line.
    Lines,
    /// As elements of one JSON array.
    Array,
    /// As elements of an array in an object.
    Wrapped,
}

/// What follows the last newline of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tail {
    pub(super) bytes: Vec<u8>,
    pub(super) line: u64,
    /// Where it begins in the file, in bytes.
    pub(super) offset: u64,
}

/// Cuts the text of a file into pieces.
pub(super) struct Records<R> {
    path: PathBuf,
    source: R,
    container: Option<Container>,
    splitter: ArraySplitter,
    /// Pieces of all batches so far.
    count: u64,
    /// Bytes that were read and not yet returned.
    pending: Vec<u8>,
    /// How many of them were searched for the end of a piece.
    searched: usize,
    /// The room of a batch that is done with, for the bytes after the next batch.
    spare: Vec<u8>,
    /// The line on which the pending bytes begin, from 1.
    line: u64,
    /// Where they begin in the file.
    offset: u64,
    start: Vec<u8>,
    /// How many bytes were there when the container was last looked for.
    looked_at: usize,
    has_byte_order_mark: bool,
    /// Whether the array's last element is followed by a comma.
    has_trailing_comma: bool,
}

impl<R: Read> Records<R> {
    /// The path is named in errors.
    pub(super) fn new(path: &Path, source: R) -> Self {
        Self {
            path: path.to_owned(),
            source,
            container: None,
            splitter: ArraySplitter::default(),
            count: 0,
            pending: Vec::new(),
            searched: 0,
            spare: Vec::new(),
            line: 1,
            offset: 0,
            start: Vec::new(),
            looked_at: 0,
            has_byte_order_mark: false,
            has_trailing_comma: false,
        }
    }

    /// How the blocks stand in the file; known after the first batch.
    pub(super) fn container(&self) -> Option<Container> {
        self.container
    }

    /// Whether the file begins with a byte order mark.
    pub(super) fn has_byte_order_mark(&self) -> bool {
        self.has_byte_order_mark
    }

    /// Pieces of all batches so far.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Makes errors about the file.
    pub(super) fn about(&self) -> About<'_> {
        About(&self.path)
    }

    /// Where the last batch ends in the file, in bytes.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// The next pieces, or `None` at the end of the file. May be called again after the end: a
    /// file that has grown has more.
    pub(super) fn next_batch(&mut self) -> Result<Option<Batch>, ChainFileError> {
        loop {
            let pieces = match self.container {
                Some(Container::Array | Container::Wrapped) => self.elements(),
                Some(Container::Lines) => self.lines(),
                None => None,
            };
            if let Some((pieces, end)) = pieces {
                return self.take_batch(pieces, end).map(Some);
            }
            if self.pending.len() > MAX_LINE_LEN {
                return Err(self.refused(self.count, self.line, Reason::LineTooLong));
            }
            let container = self.container;
            let read = self.read_chunk().map_err(self.about().io("read the file"))?;
            if read == 0 && self.container == container {
                return self.check_end().map(|()| None);
            }
        }
    }

    /// What follows the last newline, once the end of the file was reached.
    pub(super) fn tail(&self) -> Option<Tail> {
        let is_array = matches!(self.container, Some(Container::Array | Container::Wrapped));
        let has_tail = !is_array && !self.pending.is_empty();
        has_tail.then(|| Tail { bytes: self.pending.clone(), line: self.line, offset: self.offset })
    }

    /// Refuses the file for a flaw. A file whose first line cannot be read is refused for its kind,
    /// where that is known.
    pub(super) fn refused(&self, block: u64, line: u64, mut reason: Reason) -> ChainFileError {
        let is_unreadable = match &reason {
            Reason::Block(error) => {
                !matches!(error, BlockError::WrongHash { .. } | BlockError::Altered { .. })
            }
            Reason::Nul | Reason::LineTooLong | Reason::EmptyLine | Reason::ForeignTail => true,
            _ => false,
        };
        if let (0, Some(encoding)) = (block, foreign_encoding(&self.start)) {
            reason = Reason::Encoding(encoding);
        } else if is_unreadable && block == 0 {
            reason = foreign_kind(&self.start).map_or(reason, Reason::Foreign);
        }
        self.about().refused(Flaw { block, line, index: None, reason })
    }

    fn read_chunk(&mut self) -> io::Result<usize> {
        let chunk = self.source.by_ref().take(CHUNK as u64);
        let read = { chunk }.read_to_end(&mut self.pending)?;
        if self.offset == 0 && self.start.len() < START_LEN {
            self.start = self.pending[..self.pending.len().min(START_LEN)].to_vec();
        }
        let is_all = read < CHUNK;
        // A beginning that does not tell is looked at again once it is twice as long.
        if self.container.is_none() && (is_all || self.pending.len() >= 2 * self.looked_at) {
            self.looked_at = self.pending.len();
            self.find_container(is_all && !self.pending.is_empty());
        }
        Ok(read)
    }

    /// Finds out how the blocks stand in the file, if its beginning tells; `is_all` says whether
    /// that is all of it.
    fn find_container(&mut self, is_all: bool) {
        if self.offset == 0 && self.pending.starts_with(BYTE_ORDER_MARK) {
            self.has_byte_order_mark = true;
            self.skip_bytes(BYTE_ORDER_MARK.len());
        }
        let text = self.pending.trim_ascii_start();
        let space = self.pending.len() - text.len();
        let after = text.get(1..).unwrap_or_default().trim_ascii_start().first();
        self.container = match text.first() {
            None => None,
            // A word in brackets is no array: many configuration files begin with one.
            Some(b'[') if !after.is_some_and(u8::is_ascii_alphabetic) => Some(Container::Array),
            Some(b'{') => match beginning(text, is_all) {
                Beginning::Lines => Some(Container::Lines),
                Beginning::Unknown => None,
                Beginning::Wrapped { array_at } => {
                    self.line += newlines(&self.pending[..space + array_at]);
                    self.skip_bytes(space + array_at);
                    Some(Container::Wrapped)
                }
            },
            Some(_) => Some(Container::Lines),
        };
        // A file that is none of these is read line by line, and refused with the reason.
        if is_all || self.pending.len() > MAX_LINE_LEN {
            self.container.get_or_insert(Container::Lines);
        }
    }

    /// Skips pending bytes that belong to no piece.
    fn skip_bytes(&mut self, len: usize) {
        self.pending.drain(..len);
        self.offset += len as u64;
    }

    /// All whole lines that are pending, and where they end.
    fn lines(&mut self) -> Option<(Vec<Piece>, usize)> {
        let found = memchr::memrchr(b'\n', &self.pending[self.searched..]);
        let Some(last) = found.map(|at| at + self.searched) else {
            self.searched = self.pending.len();
            return None;
        };
        let mut pieces = Vec::new();
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', &self.pending[..=last]) {
            pieces.push(Piece { range: start..end, line: self.line });
            self.line += 1;
            start = end + 1;
        }
        Some((pieces, start))
    }

    /// All whole elements of the array that are pending, and where they end.
    fn elements(&mut self) -> Option<(Vec<Piece>, usize)> {
        let mut pieces = Vec::new();
        let mut start = 0;
        while let Some((step, boundary)) =
            self.splitter.next_boundary(&self.pending[self.searched..])
        {
            let end = self.searched + step;
            let text = &self.pending[start..end];
            let content = text.trim_ascii_start();
            let line = self.line + newlines(&text[..text.len() - content.len()]);
            let is_element = match boundary {
                Boundary::Opened => false,
                Boundary::Element => true,
                Boundary::Closed => {
                    self.has_trailing_comma =
                        content.is_empty() && (self.count > 0 || !pieces.is_empty());
                    !content.is_empty()
                }
            };
            if is_element {
                pieces.push(Piece { range: start..end, line });
            }
            self.line += newlines(&self.pending[start..=end]);
            start = end + 1;
            self.searched = start;
        }
        if self.splitter.is_closed() && self.pending[start..].trim_ascii().is_empty() {
            start = self.pending.len();
        }
        self.searched = self.pending.len();
        if pieces.is_empty() {
            // An opening bracket, or white space at the end.
            self.skip_bytes(start);
            self.searched -= start;
            return None;
        }
        Some((pieces, start))
    }

    /// Takes the room of a batch for bytes to come: memory that the system gives anew takes time.
    pub(super) fn reuse(&mut self, batch: Batch) {
        self.spare = batch.bytes;
    }

    fn take_batch(&mut self, pieces: Vec<Piece>, end: usize) -> Result<Batch, ChainFileError> {
        if let Some(long) = pieces.iter().find(|piece| piece.range.len() > MAX_LINE_LEN) {
            return Err(self.refused(self.count, long.line, Reason::LineTooLong));
        }
        let mut rest = std::mem::take(&mut self.spare);
        rest.clear();
        rest.extend_from_slice(&self.pending[end..]);
        self.pending.truncate(end);
        let bytes = std::mem::replace(&mut self.pending, rest);
        self.searched = self.searched.saturating_sub(end);
        self.offset += end as u64;
        self.count += pieces.len() as u64;
        Ok(Batch { bytes, pieces })
    }

    /// Checks that an array was closed, and that nothing follows it.
    fn check_end(&self) -> Result<(), ChainFileError> {
        let reason = match self.container {
            None | Some(Container::Lines) => return Ok(()),
            Some(_) if !self.splitter.is_closed() => Reason::UnfinishedArray,
            Some(_) if self.has_trailing_comma => Reason::TrailingComma,
            Some(Container::Array) if self.pending.is_empty() => return Ok(()),
            Some(Container::Array) => Reason::TextAfterArray,
            Some(Container::Wrapped) => match self.check_wrapper() {
                Ok(()) => return Ok(()),
                Err(error) => Reason::BrokenWrapper(error),
            },
        };
        Err(self.refused(self.count, self.line, reason))
    }

    /// Checks what follows the array in the object that holds it.
    fn check_wrapper(&self) -> Result<(), ParseError> {
        let text = [b"{\"\":[]", &self.pending[..]].concat();
        let mut reader = Reader::new(&text);
        reader.skip()?;
        reader.finish()
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

#[cfg(test)]
mod tests;
