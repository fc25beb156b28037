//! Standard output and standard error, with or without colour.

use std::io::{self, IsTerminal as _, Write as _};

use anstream::adapter::strip_str;
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

use super::arguments::ProgressChoice;
use super::failure::{Failure, Result};

/// Headings of tables.
pub(super) const HEADING: Style = Style::new().bold();
/// Good news.
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
/// Bad news.
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
/// Less important text.
pub(super) const DIM: Style = Style::new().dimmed();

/// Columns that a terminal takes to show that Ctrl-C was pressed.
pub(super) const ECHO_LEN: u16 = 3;

/// Width of a line where there is no terminal.
const DEFAULT_WIDTH: usize = 100;

/// Standard output for results, standard error for everything else. Styles are dropped where the
/// reader is not a terminal or does not want colours.
pub(super) struct Output {
    stdout: AutoStream<io::Stdout>,
    /// Standard output for bytes that must not be changed.
    raw_stdout: io::Stdout,
    stderr: AutoStream<io::Stderr>,
    /// How progress is shown.
    pub(super) progress: ProgressForm,
}

/// How progress is shown on standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProgressForm {
    /// Redrawn in place.
    InPlace,
    /// A line now and then.
    Lines,
    Nothing,
}

impl ProgressForm {
    fn new(choice: ProgressChoice) -> Self {
        match choice {
            ProgressChoice::Always => Self::InPlace,
            ProgressChoice::Never => Self::Nothing,
            ProgressChoice::Auto if io::stderr().is_terminal() && has_cursor() => Self::InPlace,
            ProgressChoice::Auto => Self::Lines,
        }
    }
}

/// Whether the terminal can move its cursor: on Unix it says so by a name in TERM.
fn has_cursor() -> bool {
    let name = std::env::var_os("TERM").unwrap_or_default();
    !cfg!(unix) || (!name.is_empty() && name != "dumb")
}

impl Output {
    pub(super) fn new(color: ColorChoice, progress: ProgressChoice) -> Self {
        Self {
            stdout: AutoStream::new(io::stdout(), color),
            raw_stdout: io::stdout(),
            stderr: AutoStream::new(io::stderr(), color),
            progress: ProgressForm::new(progress),
        }
    }

    /// The lines for standard error, without their styles where these are not wanted.
    pub(super) fn with_stderr_styles(&self, lines: Vec<String>) -> Vec<String> {
        match self.stderr.current_choice() {
            ColorChoice::Never => lines.iter().map(|line| strip_str(line).to_string()).collect(),
            _ => lines,
        }
    }

    /// Writes one line of the result.
    pub(super) fn line(&mut self, line: &str) -> Result<()> {
        writeln!(self.stdout, "{line}").map_err(Failure::stdout)
    }

    /// Writes bytes of the result unchanged.
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        self.raw_stdout.write_all(bytes).map_err(Failure::stdout)
    }

    /// Writes out what is buffered.
    pub(super) fn flush(&mut self) -> Result<()> {
        self.stdout.flush().map_err(Failure::stdout)
    }

    /// Prints a note that is not a result.
    pub(super) fn note(&mut self, text: &str) {
        // If standard error is closed, nobody wants the note.
        let _ = writeln!(self.stderr, "stripmine: {text}");
    }

    /// Prints an error.
    pub(super) fn error(&mut self, text: &str) {
        let _ = writeln!(self.stderr, "{BAD}stripmine:{BAD:#} {text}");
    }
}

/// Columns of the terminal that standard output goes to.
pub(super) fn stdout_width() -> usize {
    let size = console::Term::stdout().size_checked();
    size.map_or(DEFAULT_WIDTH, |(_, columns)| usize::from(columns))
}

/// The text in a style.
pub(super) fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}
