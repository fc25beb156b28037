//! Cuts a file into pieces of one block each, in batches and in bounded memory.

use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::array::{ArraySplitter, Boundary};
use super::encoding::foreign_encoding;
use super::error::{About, ChainFileError};
use super::flaw::{Flaw, Reason, foreign_kind};
use super::layout::MAX_LINE_LEN;
use super::line::BlockError;

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
pub(super) enum Form {
    /// One on every line.
    Lines,
    /// As elements of one JSON array.
    Array,
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
    form: Option<Form>,
    splitter: ArraySplitter,
    /// Pieces of all batches so far.
    count: u64,
    /// Bytes that were read and not yet returned.
    pending: Vec<u8>,
    /// How many of them were searched for the end of a piece.
    searched: usize,
    /// The line on which the pending bytes begin, from 1.
    line: u64,
    /// Where they begin in the file.
    offset: u64,
    start: Vec<u8>,
}

impl<R: Read> Records<R> {
    /// The path is named in errors.
    pub(super) fn new(path: &Path, source: R) -> Self {
        Self {
            path: path.to_owned(),
            source,
            form: None,
            splitter: ArraySplitter::default(),
            count: 0,
            pending: Vec::new(),
            searched: 0,
            line: 1,
            offset: 0,
            start: Vec::new(),
        }
    }

    /// How the blocks stand in the file; known after the first batch.
    pub(super) fn form(&self) -> Option<Form> {
        self.form
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
            let pieces = match self.form {
                Some(Form::Array) => self.elements(),
                _ => self.lines(),
            };
            if let Some((pieces, end)) = pieces {
                return self.take_batch(pieces, end).map(Some);
            }
            if self.pending.len() > MAX_LINE_LEN {
                return Err(self.refused(self.count, self.line, Reason::LineTooLong));
            }
            if self.read_chunk().map_err(self.about().io("read the file"))? == 0 {
                return self.check_end().map(|()| None);
            }
        }
    }

    /// What follows the last newline, once the end of the file was reached.
    pub(super) fn tail(&self) -> Option<Tail> {
        let has_tail = self.form != Some(Form::Array) && !self.pending.is_empty();
        has_tail.then(|| Tail { bytes: self.pending.clone(), line: self.line, offset: self.offset })
    }

    /// Refuses the file for a flaw. A file whose first line cannot be read is refused for its kind,
    /// where that is known.
    pub(super) fn refused(&self, block: u64, line: u64, mut reason: Reason) -> ChainFileError {
        let is_unreadable = match &reason {
            Reason::Block(error) => !matches!(error, BlockError::WrongHash { .. }),
            Reason::Nul | Reason::LineTooLong | Reason::EmptyLine | Reason::ForeignTail => true,
            _ => false,
        };
        if let (0, Some(encoding)) = (block, foreign_encoding(&self.start)) {
            reason = Reason::Encoding(encoding);
        } else if is_unreadable && block == 0 {
            reason = foreign_kind(&self.start).map_or(reason, Reason::Foreign);
        }
        self.about().refused(Flaw { block, line, reason })
    }

    fn read_chunk(&mut self) -> io::Result<usize> {
        let chunk = self.source.by_ref().take(CHUNK as u64);
        let read = { chunk }.read_to_end(&mut self.pending)?;
        if self.offset == 0 && self.start.len() < START_LEN {
            self.start = self.pending[..self.pending.len().min(START_LEN)].to_vec();
        }
        if self.form.is_none() {
            self.form = form_of(&self.pending);
        }
        Ok(read)
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
                Boundary::Closed => !content.is_empty() || self.count > 0 || !pieces.is_empty(),
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
            // What was passed belongs to no piece: an opening bracket, white space at the end.
            self.pending.drain(..start);
            self.searched -= start;
            self.offset += start as u64;
            return None;
        }
        Some((pieces, start))
    }

    fn take_batch(&mut self, pieces: Vec<Piece>, end: usize) -> Result<Batch, ChainFileError> {
        if let Some(long) = pieces.iter().find(|piece| piece.range.len() > MAX_LINE_LEN) {
            return Err(self.refused(self.count, long.line, Reason::LineTooLong));
        }
        let rest = self.pending.split_off(end);
        let bytes = std::mem::replace(&mut self.pending, rest);
        self.searched = self.searched.saturating_sub(end);
        self.offset += end as u64;
        self.count += pieces.len() as u64;
        Ok(Batch { bytes, pieces })
    }

    /// Checks that an array was closed, and that nothing follows it.
    fn check_end(&self) -> Result<(), ChainFileError> {
        let reason = match self.form {
            Some(Form::Array) if !self.splitter.is_closed() => Reason::UnfinishedArray,
            Some(Form::Array) if !self.pending.is_empty() => Reason::TextAfterArray,
            _ => return Ok(()),
        };
        Err(self.refused(self.count, self.line, reason))
    }
}

/// How the blocks stand in a file with this beginning. A word in brackets is no array: many
/// configuration files begin with one.
fn form_of(start: &[u8]) -> Option<Form> {
    let start = start.trim_ascii_start();
    match (start.first()?, start[1..].trim_ascii_start().first()) {
        (b'[', next) if !next.is_some_and(u8::is_ascii_alphabetic) => Some(Form::Array),
        _ => Some(Form::Lines),
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records<R: Read>(source: R) -> Records<R> {
        Records::new(Path::new("chain.jsonl"), source)
    }

    fn pieces(text: &[u8]) -> Result<Vec<(String, u64)>, Reason> {
        let mut records = records(text);
        let mut pieces = Vec::new();
        loop {
            match records.next_batch() {
                Ok(Some(batch)) => pieces.extend((0..batch.len()).map(|at| {
                    let (bytes, line) = batch.get(at);
                    (String::from_utf8_lossy(bytes).trim().to_owned(), line)
                })),
                Ok(None) => return Ok(pieces),
                Err(ChainFileError::Refused { flaw, .. }) => return Err(flaw.reason),
                Err(error) => panic!("{error}"),
            }
        }
    }

    fn owned(pieces: &[(&str, u64)]) -> Vec<(String, u64)> {
        pieces.iter().map(|(text, line)| ((*text).to_owned(), *line)).collect()
    }

    #[test]
    fn every_line_is_a_piece_and_what_follows_the_last_newline_is_the_tail() {
        assert_eq!(pieces(b"a\n\nb\n"), Ok(owned(&[("a", 1), ("", 2), ("b", 3)])));
        let mut records = records(&b"a\nbc"[..]);
        assert_eq!(records.next_batch().unwrap().unwrap().len(), 1);
        assert!(records.next_batch().unwrap().is_none());
        let tail = Tail { bytes: b"bc".to_vec(), line: 2, offset: 2 };
        assert_eq!(records.tail(), Some(tail));
    }

    #[test]
    fn elements_of_an_array_are_pieces_with_the_line_they_start_on() {
        assert_eq!(pieces(b"[{1}, {2}]"), Ok(owned(&[("{1}", 1), ("{2}", 1)])));
        assert_eq!(pieces(b"\n[\n  {1},\n\n  {2}\n]\n"), Ok(owned(&[("{1}", 3), ("{2}", 5)])));
        assert_eq!(pieces(b"[]"), Ok(owned(&[])));
        assert_eq!(pieces(b"[\n]\n"), Ok(owned(&[])));
        assert_eq!(pieces(b"[{1},]"), Ok(owned(&[("{1}", 1), ("", 1)])));
    }

    #[test]
    fn an_array_must_be_closed_and_alone() {
        assert_eq!(pieces(b"[{1}, {2}"), Err(Reason::UnfinishedArray));
        assert_eq!(pieces(b"["), Err(Reason::UnfinishedArray));
        assert_eq!(pieces(b"[{1}] x"), Err(Reason::TextAfterArray));
        assert_eq!(pieces(b"[] x"), Err(Reason::TextAfterArray));
    }

    #[test]
    fn a_bracket_alone_makes_no_array() {
        assert_eq!(pieces(b"[core]\n"), Ok(owned(&[("[core]", 1)])));
    }

    #[test]
    fn pieces_larger_than_a_chunk_stay_whole_wherever_they_are() {
        let long = format!("{{\n{}}}", "x".repeat(3 * CHUNK));
        for texts in [["{a}", &long, "{b}"], [&long, "{a}", &long]] {
            let array = format!(" [ {} ] ", texts.join(" , "));
            let found = pieces(array.as_bytes()).unwrap();
            assert_eq!(found.iter().map(|(text, _)| text).collect::<Vec<_>>(), texts);
            let newlines_before = |at: usize| texts[..at].concat().matches('\n').count() as u64;
            let lines: Vec<_> = (0..3).map(|at| 1 + newlines_before(at)).collect();
            assert_eq!(found.iter().map(|(_, line)| *line).collect::<Vec<_>>(), lines);
            let lines = texts.map(|text| text.replace('\n', " ")).join("\n") + "\n";
            let expected: Vec<_> = texts.iter().map(|text| text.replace('\n', " ")).collect();
            let found: Vec<_> = pieces(lines.as_bytes()).unwrap();
            assert_eq!(found.into_iter().map(|(text, _)| text).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn white_space_around_an_array_is_not_kept() {
        let blank = " \n".repeat(2 * CHUNK);
        let text = format!("[{{1}}]{blank}");
        assert_eq!(pieces(text.as_bytes()), Ok(owned(&[("{1}", 1)])));
    }

    #[test]
    fn a_line_over_the_limit_is_refused_before_it_is_read_whole() {
        let refused = records(io::repeat(b'{')).next_batch();
        let Err(ChainFileError::Refused { flaw, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!(*flaw, Flaw { block: 0, line: 1, reason: Reason::LineTooLong });
    }

    #[test]
    fn a_file_that_has_grown_has_more() {
        struct Growing(Vec<&'static [u8]>);
        impl Read for Growing {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let part = if self.0.is_empty() { b"" } else { self.0.remove(0) };
                buffer[..part.len()].copy_from_slice(part);
                Ok(part.len())
            }
        }
        let mut records = records(Growing(vec![b"a\nb", b"", b"", b"c\n", b""]));
        assert_eq!(records.next_batch().unwrap().unwrap().len(), 1);
        assert!(records.next_batch().unwrap().is_none() && records.tail().is_some());
        assert_eq!(records.next_batch().unwrap().unwrap().get(0), (&b"bc"[..], 2));
        assert!(records.next_batch().unwrap().is_none() && records.tail().is_none());
    }
}
