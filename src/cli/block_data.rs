//! Where the data of the blocks to be mined comes from.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::arguments::DataArguments;
use super::failure::Failure;
use super::signals::Signals;
use crate::chain::MAX_LINE_LEN;
use crate::chain::python_json::Value;

/// How often a wait for standard input looks for a signal.
const SIGNAL_INTERVAL: Duration = Duration::from_millis(50);

/// The data of block after block.
pub(super) enum BlockData {
    /// "Block" and the block's index, so many times.
    Numbered { left: u64 },
    /// The same for every block, so many times.
    Same { value: Value, left: u64 },
    /// One line for each block, as many as there are.
    Lines { path: PathBuf, lines: Receiver<io::Result<Vec<u8>>>, line: u64 },
}

impl BlockData {
    pub(super) fn new(arguments: &DataArguments, blocks: u64) -> Result<Self, Failure> {
        if let Some(path) = &arguments.data_lines {
            return Self::lines_of(path);
        }
        let value = match arguments {
            DataArguments { data: Some(text), .. } => Value::from(text.as_str()),
            DataArguments { data_json: Some(value), .. } => value.clone(),
            DataArguments { data_file: Some(path), .. } => Value::String(read_text(path)?),
            _ => return Ok(Self::Numbered { left: blocks }),
        };
        Ok(Self::Same { value, left: blocks })
    }

    fn lines_of(path: &Path) -> Result<Self, Failure> {
        let reader = BufReader::new(open(path)?);
        // One line ahead: standard input may be a program that waits for its block.
        let (sender, lines) = bounded(1);
        std::thread::spawn(move || send_lines(reader, &sender));
        Ok(Self::Lines { path: path.to_owned(), lines, line: 0 })
    }

    /// The data of the next block, `None` when there are no more blocks to mine.
    pub(super) fn next(&mut self, index: u64, signals: &Signals) -> Result<Option<Value>, Failure> {
        match self {
            Self::Numbered { left } => {
                Ok(count_down(left).then(|| format!("Block {index}").into()))
            }
            Self::Same { value, left } => Ok(count_down(left).then(|| value.clone())),
            Self::Lines { path, lines, line } => {
                *line += 1;
                let Some(bytes) = wait_for_line(lines, path, signals)? else { return Ok(None) };
                text(bytes, path, *line).map(|text| Some(Value::String(text)))
            }
        }
    }
}

fn count_down(left: &mut u64) -> bool {
    let is_left = *left > 0;
    *left = left.saturating_sub(1);
    is_left
}

fn send_lines(mut reader: impl BufRead, sender: &Sender<io::Result<Vec<u8>>>) {
    loop {
        let mut line = Vec::new();
        // A line cut at one byte over the limit is refused as a block, so the rest is not needed.
        let read = reader.by_ref().take(MAX_LINE_LEN as u64 + 1).read_until(b'\n', &mut line);
        let message = match read {
            Ok(0) => return,
            Ok(_) => Ok(without_line_end(line)),
            Err(error) => Err(error),
        };
        let is_last = message.is_err();
        // The receiver goes when the command ends early.
        if sender.send(message).is_err() || is_last {
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

fn wait_for_line(
    lines: &Receiver<io::Result<Vec<u8>>>,
    path: &Path,
    signals: &Signals,
) -> Result<Option<Vec<u8>>, Failure> {
    loop {
        match lines.recv_timeout(SIGNAL_INTERVAL) {
            Ok(line) => return line.map(Some).map_err(|error| unreadable(error, path)),
            Err(RecvTimeoutError::Disconnected) => return Ok(None),
            Err(RecvTimeoutError::Timeout) => signals.failure().map_or(Ok(()), Err)?,
        }
    }
}

/// All of a file as text; no more of it is read than fits into a block.
fn read_text(path: &Path) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let read = open(path)?.take(MAX_LINE_LEN as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(error, path))?;
    if bytes.len() > MAX_LINE_LEN {
        let name = name(path);
        return Err(Failure::usage(anyhow!(
            "{name}: the file is longer than a block's line may be, {MAX_LINE_LEN} bytes; \
             put less into one block"
        )));
    }
    text(bytes, path, 1)
}

fn text(bytes: Vec<u8>, path: &Path, first_line: u64) -> Result<String, Failure> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = first_line + valid.iter().filter(|byte| **byte == b'\n').count() as u64;
        let name = name(path);
        Failure::usage(anyhow!("{name}: line {line} is not UTF-8 text; a block holds text or JSON"))
    })
}

fn open(path: &Path) -> Result<Box<dyn Read + Send>, Failure> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin()));
    }
    let file = File::open(path).with_context(|| format!("{}: cannot read the data", name(path)));
    Ok(Box::new(file.map_err(Failure::System)?))
}

fn unreadable(error: io::Error, path: &Path) -> Failure {
    let error = anyhow::Error::new(error).context(format!("{}: cannot read the data", name(path)));
    Failure::System(error)
}

fn name(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}
