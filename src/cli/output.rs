//! Standard output and standard error, with or without colour.

use std::io::{self, IsTerminal as _, Write as _};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

use super::failure::Failure;

/// Headings of tables.
pub(super) const HEADING: Style = Style::new().bold();
/// What went well.
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
/// What went wrong.
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
/// What matters less.
pub(super) const DIM: Style = Style::new().dimmed();

/// Width of a line where nobody has a terminal that would tell.
const DEFAULT_WIDTH: usize = 100;

/// Where results go, and where everything else goes. Styles are dropped on the way where the
/// reader is no terminal or does not want them.
pub(super) struct Output {
    stdout: AutoStream<io::Stdout>,
    /// The same, for bytes that are to arrive as they are.
    raw_stdout: io::Stdout,
    stderr: AutoStream<io::Stderr>,
}

impl Output {
    pub(super) fn new(color: ColorChoice) -> Self {
        Self {
            stdout: AutoStream::new(io::stdout(), color),
            raw_stdout: io::stdout(),
            stderr: AutoStream::new(io::stderr(), color),
        }
    }

    /// Writes one line of the result.
    pub(super) fn line(&mut self, line: &str) -> Result<(), Failure> {
        writeln!(self.stdout, "{line}").map_err(Failure::stdout)
    }

    /// Writes bytes of the result as they are.
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.raw_stdout.write_all(bytes).map_err(Failure::stdout)
    }

    /// Hands everything over to the reader.
    pub(super) fn flush(&mut self) -> Result<(), Failure> {
        self.stdout.flush().map_err(Failure::stdout)
    }

    /// Says something that is not a result.
    pub(super) fn note(&mut self, text: &str) {
        // Whoever closed standard error does not want to know.
        let _ = writeln!(self.stderr, "stripmine: {text}");
    }

    /// Says what went wrong.
    pub(super) fn error(&mut self, text: &str) {
        let _ = writeln!(self.stderr, "{BAD}stripmine:{BAD:#} {text}");
    }
}

/// Whether a person may be looking at standard error.
pub(super) fn stderr_is_terminal() -> bool {
    io::stderr().is_terminal()
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
