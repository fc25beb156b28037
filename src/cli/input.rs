//! Files to read, or standard input by the name `-`, and their text.
//!
//! To open a FIFO, or to read one, can take for ever. Another thread does it, so that a signal ends
//! the wait.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use crossbeam_channel::{Receiver, Sender, bounded};
use same_file::Handle;

use super::arguments::values::{JsonArgument, json};
use super::failure::{Failure, Result};
use super::output::Output;
use super::signals::Signals;
use crate::chain::MAX_LINE_LEN;
use crate::chain::encoding::{BYTE_ORDER_MARK, foreign_encoding};
use crate::chain::python_json::JsonText;
use crate::text::shown_path;

/// The path that stands for standard input.
pub(super) const STDIN: &str = "-";

fn open_input(path: &Path) -> Result<Box<dyn Read + Send>> {
    check_is_not_output(path)?;
    if path == Path::new(STDIN) {
        return Ok(Box::new(io::stdin()));
    }
    let file = File::open(path).map_err(|error| unreadable(&error, path))?;
    Ok(Box::new(file))
}

/// Standard input, or a pipe that the shell has opened for `<(…)`; `None` for other files.
pub(super) fn open_stream(path: &Path) -> Option<io::Result<Box<dyn Read + Send>>> {
    if path == Path::new(STDIN) {
        return Some(Ok(Box::new(io::stdin())));
    }
    let is_open = path.starts_with("/dev/fd") || path.starts_with("/proc/self/fd");
    let boxed = |file| -> Box<dyn Read + Send> { Box::new(file) };
    is_open.then(|| File::open(path).map(boxed))
}

/// Refuses to read the file that standard output goes to: what is printed would end up in it.
/// Terminals and pipes may be both.
pub(super) fn check_is_not_output(path: &Path) -> Result<()> {
    let Some(file) = regular_file(path) else { return Ok(()) };
    if !Handle::stdout().is_ok_and(|stdout| stdout == file) {
        return Ok(());
    }
    let is_empty = file.as_file().metadata().is_ok_and(|metadata| metadata.len() == 0);
    let emptied =
        if is_empty { ". The shell has emptied this one: restore it from a copy" } else { "" };
    let name = source(path);
    Err(Failure::usage(format!(
        "{name}: this is the file that standard output goes to; write to a new file{emptied}"
    )))
}

/// The open file; `None` where it is of another kind, or cannot be opened.
fn regular_file(path: &Path) -> Option<Handle> {
    if path == Path::new(STDIN) {
        let stdin = Handle::stdin().ok()?;
        return stdin.as_file().metadata().ok()?.is_file().then_some(stdin);
    }
    // To open a FIFO would wait.
    path.metadata().ok()?.is_file().then(|| Handle::from_path(path).ok())?
}

/// The name of an input in messages.
pub(super) fn source(path: &Path) -> String {
    if path == Path::new(STDIN) { "standard input".to_owned() } else { shown_path(path) }
}

/// Refuses to read standard input for more than one argument.
pub(super) fn check_is_read_once<'p>(paths: impl IntoIterator<Item = &'p Path>) -> Result<()> {
    let count = paths.into_iter().filter(|path| *path == Path::new(STDIN)).count();
    if count > 1 {
        return Err(Failure::usage("-: standard input can be read only once"));
    }
    Ok(())
}

/// The value that an argument holds, or leads to.
pub(super) fn read_json(
    argument: JsonArgument,
    signals: &Signals,
    output: &mut Output,
) -> Result<JsonText> {
    match argument {
        JsonArgument::Text(text) => Ok(text),
        JsonArgument::In(path) => {
            let text = read_text(&path, signals, output)?;
            json(&text).map_err(|error| Failure::usage(format!("{}: {error}", source(&path))))
        }
    }
}

/// A whole file as text, without a byte order mark. No more is read than fits into a block.
pub(super) fn read_text(path: &Path, signals: &Signals, output: &mut Output) -> Result<String> {
    let opened = path.to_owned();
    let bytes = signals.wait_for(move || read_bytes(&opened, MAX_LINE_LEN + 1))??;
    if bytes.len() > MAX_LINE_LEN {
        let name = source(path);
        return Err(Failure::usage(format!(
            "{name}: the file is longer than a block's line may be, {MAX_LINE_LEN} bytes; \
             put less into one block"
        )));
    }
    text(bytes, path, 1, output)
}

/// The bytes of a whole file, at most this many.
pub(super) fn read_bytes(path: &Path, most: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = open_input(path)?.take(most as u64).read_to_end(&mut bytes);
    read.map(|_| bytes).map_err(|error| unreadable(&error, path))
}

/// The lines of a text, without their ends and without a byte order mark.
pub(super) struct TextLines {
    path: PathBuf,
    receiver: Receiver<Result<Vec<u8>>>,
    /// Lines received so far.
    received: u64,
}

impl TextLines {
    pub(super) fn open(path: &Path) -> Self {
        // Only one line is read ahead: a program that writes them may wait for each block.
        let (sender, receiver) = bounded(1);
        let opened = path.to_owned();
        std::thread::spawn(move || send_lines(&opened, &sender));
        Self { path: path.to_owned(), receiver, received: 0 }
    }

    /// The next line, and its number from 1. `None` after the last one.
    pub(super) fn next(
        &mut self,
        signals: &Signals,
        output: &mut Output,
    ) -> Result<Option<(String, u64)>> {
        let Some(read) = signals.receive(&self.receiver)? else { return Ok(None) };
        self.received += 1;
        let text = text(read?, &self.path, self.received, output)?;
        Ok(Some((text, self.received)))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

fn send_lines(path: &Path, sender: &Sender<Result<Vec<u8>>>) {
    let mut reader = match open_input(path) {
        Ok(reader) => BufReader::new(reader),
        Err(error) => return drop(sender.send(Err(error))),
    };
    loop {
        let mut line = Vec::new();
        // A line cut one byte over the limit is refused as a block, so the rest is not needed.
        let read = reader.by_ref().take(MAX_LINE_LEN as u64 + 1).read_until(b'\n', &mut line);
        // Nobody receives any more when the command has ended early.
        let is_end = matches!(read, Ok(0));
        let line = read.map(|_| without_line_end(line)).map_err(|error| unreadable(&error, path));
        if is_end || sender.send(line).is_err() {
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

/// Bytes that begin on this line of a file, as text. A byte order mark at the file's beginning is
/// left out, with a note.
fn text(mut bytes: Vec<u8>, path: &Path, first_line: u64, output: &mut Output) -> Result<String> {
    let name = source(path);
    if let Some(encoding) = foreign_encoding(&bytes) {
        let place = format!("{name}: line {first_line}");
        return Err(Failure::usage(not_utf_8(&place, encoding)));
    }
    if first_line == 1 && bytes.starts_with(BYTE_ORDER_MARK) {
        bytes.drain(..BYTE_ORDER_MARK.len());
        output.note(&format!("{name}: left out the byte order mark that the text begins with"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = first_line + valid.iter().filter(|byte| **byte == b'\n').count() as u64;
        Failure::usage(format!("{name}: line {line} is not UTF-8 text; a block holds text or JSON"))
    })
}

/// Says that text is in another encoding.
pub(super) fn not_utf_8(place: &str, encoding: &str) -> String {
    format!(
        "{place}: this is {encoding} text; save it as UTF-8, or convert it with \
         `iconv -f {encoding} -t UTF-8`"
    )
}

fn unreadable(error: &io::Error, path: &Path) -> Failure {
    Failure::system(format!("{}: cannot read the data: {error}", source(path)))
}
