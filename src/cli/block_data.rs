//! The data of the blocks to be mined.

use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::arguments::mine::DataArguments;
use super::failure::{Failure, Result};
use super::input::{STDIN, open_input};
use super::signals::Signals;
use crate::chain::python_json::Value;
use crate::chain::{Candidate, MAX_LINE_LEN, Timestamp};

/// Interval of checks for a signal while waiting for input.
const SIGNAL_INTERVAL: Duration = Duration::from_millis(50);

/// The data of block after block.
pub(super) enum BlockData {
    /// The same value for this many blocks; without one, "Block" and the block's index.
    Same { value: Option<Value>, left: u64 },
    /// One line for each block, until there are no more.
    Lines(Lines),
}

/// The lines of a file.
pub(super) struct Lines {
    path: PathBuf,
    receiver: Receiver<io::Result<Vec<u8>>>,
    /// Lines received so far.
    received: u64,
    /// The first line, if it was read ahead.
    first: Option<Value>,
}

impl BlockData {
    /// Opens what the arguments name. Everything that can be read without waiting for somebody to
    /// type is read and checked, so that bad data is found before a chain is made for it.
    pub(super) fn new(arguments: &DataArguments, blocks: u64, signals: &Signals) -> Result<Self> {
        if let Some(path) = &arguments.data_lines {
            return Lines::open(path, signals).map(Self::Lines);
        }
        let value = match arguments {
            DataArguments { data: Some(text), .. } => Value::from(text.as_str()),
            DataArguments { data_json: Some(value), .. } => value.clone(),
            DataArguments { data_file: Some(path), .. } => Value::String(read_text(path, signals)?),
            _ => return Ok(Self::Same { value: None, left: blocks }),
        };
        check(&value)?;
        Ok(Self::Same { value: Some(value), left: blocks })
    }

    /// The data of the next block, `None` when there are no more blocks to mine.
    pub(super) fn next(&mut self, index: u64, signals: &Signals) -> Result<Option<Value>> {
        match self {
            Self::Same { left: 0, .. } => Ok(None),
            Self::Same { value, left } => {
                *left -= 1;
                Ok(Some(value.clone().unwrap_or_else(|| format!("Block {index}").into())))
            }
            Self::Lines(lines) => lines.next(signals),
        }
    }
}

impl Lines {
    fn open(path: &Path, signals: &Signals) -> Result<Self> {
        let reader = BufReader::new(open(path)?);
        // Only one line is read ahead: a program that writes them may wait for each block.
        let (sender, receiver) = bounded(1);
        std::thread::spawn(move || send_lines(reader, &sender));
        let mut lines = Self { path: path.to_owned(), receiver, received: 0, first: None };
        if path != Path::new(STDIN) {
            lines.first = lines.next(signals)?;
            lines.first.as_ref().map_or(Ok(()), check)?;
        }
        Ok(lines)
    }

    fn next(&mut self, signals: &Signals) -> Result<Option<Value>> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        self.received += 1;
        let Some(bytes) = wait_for(&self.receiver, &self.path, signals)? else { return Ok(None) };
        text(bytes, &self.path, self.received).map(|text| Some(Value::String(text)))
    }
}

/// Checks that a block can hold this data.
fn check(data: &Value) -> Result<()> {
    let longest = Candidate::new(u64::MAX, &Timestamp::Text(String::new()), data, &"0".repeat(64));
    longest.map(drop).map_err(Failure::usage)
}

fn send_lines(mut reader: impl BufRead, sender: &Sender<io::Result<Vec<u8>>>) {
    loop {
        let mut line = Vec::new();
        // A line cut one byte over the limit is refused as a block, so the rest is not needed.
        let read = reader.by_ref().take(MAX_LINE_LEN as u64 + 1).read_until(b'\n', &mut line);
        // Nobody receives any more when the command has ended early.
        if matches!(read, Ok(0)) || sender.send(read.map(|_| without_line_end(line))).is_err() {
            return;
        }
    }
}

fn without_line_end(mut line: Vec<u8>) -> Vec<u8> {
    if line.ends_with(b"\n") {
        line.pop();
        if line.ends_with(b"\r") {
            line.pop();
        }
    }
    line
}

/// Waits for a line from the reading thread, or for a signal. `None` after the last line.
fn wait_for(
    lines: &Receiver<io::Result<Vec<u8>>>,
    path: &Path,
    signals: &Signals,
) -> Result<Option<Vec<u8>>> {
    loop {
        match lines.recv_timeout(SIGNAL_INTERVAL) {
            Ok(line) => return line.map(Some).map_err(|error| unreadable(&error, path)),
            Err(RecvTimeoutError::Disconnected) => return Ok(None),
            Err(RecvTimeoutError::Timeout) => signals.check()?,
        }
    }
}

/// A whole file as text. No more is read than fits into a block.
fn read_text(path: &Path, signals: &Signals) -> Result<String> {
    let reader = open(path)?;
    let (sender, receiver) = bounded(1);
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = reader.take(MAX_LINE_LEN as u64 + 1).read_to_end(&mut bytes);
        // Nobody receives any more when the command has ended early.
        let _ = sender.send(read.map(|_| bytes));
    });
    let bytes = wait_for(&receiver, path, signals)?.unwrap_or_default();
    if bytes.len() > MAX_LINE_LEN {
        let name = name(path);
        return Err(Failure::usage(format!(
            "{name}: the file is longer than a block's line may be, {MAX_LINE_LEN} bytes; \
             put less into one block"
        )));
    }
    text(bytes, path, 1)
}

fn text(bytes: Vec<u8>, path: &Path, first_line: u64) -> Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = first_line + valid.iter().filter(|byte| **byte == b'\n').count() as u64;
        let name = name(path);
        Failure::usage(format!("{name}: line {line} is not UTF-8 text; a block holds text or JSON"))
    })
}

fn open(path: &Path) -> Result<Box<dyn Read + Send>> {
    open_input(path).map_err(|error| unreadable(&error, path))
}

fn unreadable(error: &io::Error, path: &Path) -> Failure {
    Failure::system(format!("{}: cannot read the data: {error}", name(path)))
}

fn name(path: &Path) -> String {
    if path == Path::new(STDIN) { "standard input".to_owned() } else { path.display().to_string() }
}
