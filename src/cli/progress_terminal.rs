//! The terminal that progress is drawn on.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use console::{Term, measure_text_width};
use indicatif::TermLike;

use super::output::ECHO_LEN;

/// Standard error, acting as a terminal that is a little narrower than it is.
///
/// Progress fills every line with spaces to its end and relies on the terminal to begin the next
/// one. The `^C` that a terminal echoes would begin a new line as well, and a line of the progress
/// would be left behind. Some room at the end of the line prevents this.
#[derive(Clone, Debug)]
pub(super) struct ProgressTerminal {
    term: Term,
    /// Columns written since the line began.
    column: Arc<AtomicUsize>,
}

impl ProgressTerminal {
    pub(super) fn stderr() -> Self {
        Self { term: Term::buffered_stderr(), column: Arc::default() }
    }
}

impl TermLike for ProgressTerminal {
    fn width(&self) -> u16 {
        self.term.size().1.saturating_sub(ECHO_LEN).max(1)
    }

    fn height(&self) -> u16 {
        self.term.size().0
    }

    fn move_cursor_up(&self, lines: usize) -> io::Result<()> {
        self.term.move_cursor_up(lines)
    }

    fn move_cursor_down(&self, lines: usize) -> io::Result<()> {
        self.term.move_cursor_down(lines)
    }

    fn move_cursor_right(&self, columns: usize) -> io::Result<()> {
        self.term.move_cursor_right(columns)
    }

    fn move_cursor_left(&self, columns: usize) -> io::Result<()> {
        self.term.move_cursor_left(columns)
    }

    fn write_line(&self, line: &str) -> io::Result<()> {
        self.write_str(line)?;
        self.column.store(0, Relaxed);
        self.term.write_str("\n")
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        if text.starts_with('\r') {
            self.column.store(0, Relaxed);
        } else if self.column.load(Relaxed) >= usize::from(self.width()) && !text.is_empty() {
            // A terminal of this width would begin the next line.
            self.write_line("")?;
        }
        self.column.fetch_add(measure_text_width(text), Relaxed);
        self.term.write_str(text)
    }

    /// Clears all rows of the line: a terminal that has become narrower has wrapped it.
    fn clear_line(&self) -> io::Result<()> {
        let columns = usize::from(self.term.size().1).max(1);
        let rows = self.column.swap(0, Relaxed).div_ceil(columns);
        for _ in 1..rows {
            self.term.clear_line()?;
            self.term.move_cursor_up(1)?;
        }
        self.term.clear_line()
    }

    fn flush(&self) -> io::Result<()> {
        self.term.flush()
    }
}
