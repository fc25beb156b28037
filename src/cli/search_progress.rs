//! The progress of a search: on the terminal, or line by line in a log.

use std::time::Duration;

use super::live_lines::LiveLines;
use super::output::{Output, ProgressForm};
use super::search_screen::{History, SearchHeading, plain_line, screen};
use crate::miner::Progress;

/// Time to the first plain line: a log shows soon that something is under way.
const FIRST_LINE: Duration = Duration::from_secs(10);

/// Time between two plain lines.
pub(super) const LINE_INTERVAL: Duration = Duration::from_secs(60);

/// Shows the progress of one search, and removes what was drawn when dropped.
pub(super) struct SearchProgress {
    heading: SearchHeading,
    view: View,
}

enum View {
    InPlace { lines: LiveLines, history: History },
    Lines(Pace),
    Nothing,
}

impl SearchProgress {
    pub(super) fn new(heading: SearchHeading, form: ProgressForm) -> Self {
        let view = match form {
            ProgressForm::InPlace => {
                View::InPlace { lines: LiveLines::on_stderr(), history: History::default() }
            }
            ProgressForm::Lines => View::Lines(Pace::default()),
            ProgressForm::Nothing => View::Nothing,
        };
        Self { heading, view }
    }

    pub(super) fn update(&mut self, progress: &Progress, output: &mut Output) {
        match &mut self.view {
            View::InPlace { lines, history } => {
                history.take(progress);
                let screen = screen(&self.heading, progress, history, lines.width());
                lines.draw(&output.with_stderr_styles(screen));
            }
            View::Lines(pace) => {
                if pace.is_due(progress.elapsed) {
                    self.print_line(progress, output);
                }
            }
            View::Nothing => {}
        }
    }

    /// Prints a plain line, whatever the view.
    pub(super) fn print_line(&mut self, progress: &Progress, output: &mut Output) {
        if let View::InPlace { lines, .. } = &mut self.view {
            lines.clear();
        }
        output.note(&plain_line(&self.heading, progress));
    }
}

/// When plain lines are printed.
pub(super) struct Pace {
    /// When the next one is due.
    next: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { next: FIRST_LINE }
    }
}

impl Pace {
    /// Whether a line is due. If it is, the next one is due an interval later.
    pub(super) fn is_due(&mut self, elapsed: Duration) -> bool {
        let is_due = elapsed >= self.next;
        if is_due {
            self.next = elapsed + LINE_INTERVAL;
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_comes_after_ten_seconds_and_then_one_a_minute() {
        let mut pace = Pace::default();
        let due = (0..200).filter(|seconds| pace.is_due(Duration::from_secs(*seconds)));
        assert_eq!(due.collect::<Vec<_>>(), [10, 70, 130, 190]);
    }
}
