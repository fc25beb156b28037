//! Lines on the terminal that are drawn again and again in the same place.

use std::io;

use console::{Term, measure_text_width};

use super::output::ECHO_LEN;
use crate::text::cut;

/// The lines on the terminal of standard error; they are gone when this is dropped.
///
/// Each line is a little shorter than the terminal is wide, so that no line is ever wrapped, not
/// even by the `^C` that a terminal echoes. A terminal that becomes narrower wraps what is there;
/// before the next drawing, the rows that it takes then are counted and cleared.
pub(super) struct LiveLines {
    term: Term,
    /// The widths of the lines that are there, in columns. The cursor is at the end of the last.
    drawn: Vec<usize>,
}

impl LiveLines {
    pub(super) fn on_stderr() -> Self {
        Self { term: Term::buffered_stderr(), drawn: Vec::new() }
    }

    /// Columns that a line may have.
    pub(super) fn width(&self) -> usize {
        self.columns().saturating_sub(usize::from(ECHO_LEN)).max(1)
    }

    /// Draws these lines in the place of those that are there, as many as the terminal has rows.
    pub(super) fn draw(&mut self, lines: &[String]) {
        let rows = usize::from(self.term.size().0).max(1);
        let lines = &lines[..lines.len().min(rows)];
        // If the terminal has gone, nobody looks.
        let _ = self.redraw(lines).and_then(|()| self.term.flush());
        self.drawn = lines.iter().map(|line| measure_text_width(line)).collect();
    }

    /// Removes the lines.
    pub(super) fn clear(&mut self) {
        if !self.drawn.is_empty() {
            self.draw(&[]);
        }
    }

    /// Row by row: a terminal that is told to clear itself from the first row on may keep what was
    /// there for those who scroll back.
    fn redraw(&self, lines: &[String]) -> io::Result<()> {
        let old_rows = rows_of(&self.drawn, self.columns());
        self.term.move_cursor_up(old_rows.saturating_sub(1))?;
        for row in 0..lines.len().max(old_rows) {
            if row > 0 {
                self.term.write_str("\n")?;
            }
            self.term.clear_line()?;
            self.term.write_str(lines.get(row).map_or("", String::as_str))?;
        }
        let below = old_rows.saturating_sub(lines.len().max(1));
        if below > 0 {
            self.term.move_cursor_up(below)?;
            self.term.move_cursor_right(lines.last().map_or(0, |line| measure_text_width(line)))?;
        }
        Ok(())
    }

    fn columns(&self) -> usize {
        usize::from(self.term.size().1).max(1)
    }
}

impl Drop for LiveLines {
    fn drop(&mut self) {
        self.clear();
    }
}

/// The rows that lines of these widths take on a terminal of this many columns.
fn rows_of(widths: &[usize], columns: usize) -> usize {
    widths.iter().map(|width| width.div_ceil(columns).max(1)).sum()
}

/// The first of these texts that is at most this wide; where none is, the beginning of the last.
pub(super) fn fitting<const N: usize>(texts: [String; N], columns: usize) -> String {
    let mut last = String::new();
    for text in texts {
        if measure_text_width(&text) <= columns {
            return text;
        }
        last = text;
    }
    cut(&last, columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_a_narrower_terminal_has_wrapped_take_more_rows() {
        let widths = [80, 0, 41, 40];
        assert_eq!([100, 80, 41, 40, 39].map(|columns| rows_of(&widths, columns)), [4, 4, 5, 6, 8]);
        assert_eq!(rows_of(&[], 80), 0);
    }

    #[test]
    fn the_first_text_that_fits_is_taken() {
        let texts = || ["abcdef".to_owned(), "abcd".to_owned(), "xyz".to_owned()];
        assert_eq!(
            [6, 5, 3, 2].map(|columns| fitting(texts(), columns)),
            ["abcdef", "abcd", "xyz", "x…"]
        );
    }
}
