//! Lines on the terminal that are drawn again and again in the same place.

use console::{Term, measure_text_width};

use crate::text::cut;

/// Columns that a terminal takes to show that Ctrl-C was pressed.
const ECHO_LEN: usize = 3;

/// The lines on the terminal of standard error; they are gone when this is dropped.
///
/// Each line is a little shorter than the terminal is wide, so that no line is ever wrapped, not even
/// by the `^C` that a terminal echoes. A terminal that becomes narrower wraps what is there; before
/// the next drawing, the rows that it takes then are counted and cleared.
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
        self.columns().saturating_sub(ECHO_LEN).max(1)
    }

    /// Draws these lines in the place of those that are there, as many as the terminal has rows.
    pub(super) fn draw(&mut self, lines: &[String]) {
        let rows = usize::from(self.term.size().0).max(1);
        let lines: Vec<_> = lines.iter().take(rows).collect();
        self.erase();
        self.drawn = lines.iter().map(|line| measure_text_width(line)).collect();
        let text = lines.iter().map(|line| line.as_str()).collect::<Vec<_>>().join("\n");
        // If the terminal has gone, nobody looks.
        let _ = self.term.write_str(&text).and_then(|()| self.term.flush());
    }

    /// Removes the lines.
    pub(super) fn clear(&mut self) {
        self.erase();
        let _ = self.term.flush();
    }

    fn erase(&mut self) {
        let columns = self.columns();
        let rows: usize = self.drawn.iter().map(|width| width.div_ceil(columns).max(1)).sum();
        if rows > 0 {
            let _ = self.term.move_cursor_up(rows - 1);
            let _ = self.term.write_str("\r");
            let _ = self.term.clear_to_end_of_screen();
        }
        self.drawn.clear();
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

/// The first of these texts that is at most this wide; the beginning of the last, where none
/// does.
pub(super) fn fitting<const N: usize>(texts: [String; N], columns: usize) -> String {
    let fits = |text: &&String| measure_text_width(text) <= columns;
    let last = || texts.last().map(|text| cut(text, columns));
    texts.iter().find(fits).cloned().or_else(last).unwrap_or_default()
}
