//! The data of the blocks to be mined.

use std::path::Path;

use super::arguments::mine::DataArguments;
use super::failure::{Failure, Result};
use super::input::{STDIN, TextLines, read_json, read_text, source};
use super::output::Output;
use super::signals::Signals;
use crate::chain::python_json::JsonText;
use crate::chain::{Candidate, Timestamp};

/// The data of block after block.
pub(super) enum BlockData {
    /// The same value for this many blocks, or none.
    Same { value: Option<JsonText>, left: u64 },
    /// One line for each block, until there are no more.
    Lines(DataLines),
}

/// The data of a block; `None` where nothing is said of it.
pub(super) struct NextData(pub(super) Option<JsonText>);

/// The lines of a file, as data.
pub(super) struct DataLines {
    lines: TextLines,
    /// Whether a line is JSON; otherwise it is text.
    are_json: bool,
    /// The first line, if it was read ahead.
    first: Option<JsonText>,
}

impl BlockData {
    /// Opens what the arguments name. Everything that can be read without waiting for somebody to
    /// type is read and checked, so that bad data is found before a chain is made for it.
    pub(super) fn new(
        arguments: DataArguments,
        blocks: u64,
        signals: &Signals,
        output: &mut Output,
    ) -> Result<Self> {
        let value = match arguments {
            DataArguments { data: Some(text), .. } => JsonText::string(&text),
            DataArguments { data_json: Some(json), .. } => read_json(json, signals, output)?,
            DataArguments { data_file: Some(path), .. } => {
                JsonText::string(&read_text(&path, signals, output)?)
            }
            DataArguments { data_lines: Some(path), .. } => {
                return DataLines::open(&path, false, signals, output).map(Self::Lines);
            }
            DataArguments { data_json_lines: Some(path), .. } => {
                return DataLines::open(&path, true, signals, output).map(Self::Lines);
            }
            _ => return Ok(Self::Same { value: None, left: blocks }),
        };
        check(&value)?;
        Ok(Self::Same { value: Some(value), left: blocks })
    }

    /// The data of the next block, if any was given; `None` when there are no more blocks to mine.
    pub(super) fn next(
        &mut self,
        signals: &Signals,
        output: &mut Output,
    ) -> Result<Option<NextData>> {
        match self {
            Self::Same { left: 0, .. } => Ok(None),
            Self::Same { value, left } => {
                *left -= 1;
                Ok(Some(NextData(value.clone())))
            }
            Self::Lines(lines) => Ok(lines.next(signals, output)?.map(|line| NextData(Some(line)))),
        }
    }
}

impl DataLines {
    fn open(path: &Path, are_json: bool, signals: &Signals, output: &mut Output) -> Result<Self> {
        let mut data = Self { lines: TextLines::open(path), are_json, first: None };
        if path != Path::new(STDIN) {
            data.first = data.next(signals, output)?;
            data.first.as_ref().map_or(Ok(()), check)?;
        }
        Ok(data)
    }

    fn next(&mut self, signals: &Signals, output: &mut Output) -> Result<Option<JsonText>> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        let Some((text, line)) = self.lines.next(signals, output)? else { return Ok(None) };
        let value = if self.are_json { self.json(&text, line)? } else { JsonText::string(&text) };
        Ok(Some(value))
    }

    fn json(&self, text: &str, line: u64) -> Result<JsonText> {
        let name = source(self.lines.path());
        if text.trim_ascii().is_empty() {
            let error = format!("{name}: line {line} is empty; each line holds one JSON value");
            return Err(Failure::usage(error));
        }
        JsonText::parse(text).map_err(|error| {
            let (column, kind) = (error.column(), error.kind());
            Failure::usage(format!(
                "{name}: line {line}, column {column}: this is not JSON: {kind}"
            ))
        })
    }
}

/// Checks that a block can hold this data.
fn check(data: &JsonText) -> Result<()> {
    let longest =
        Candidate::of_text(u64::MAX, &Timestamp::Text(String::new()), data, &"0".repeat(64));
    longest.map(drop).map_err(Failure::usage)
}
