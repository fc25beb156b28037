//! The progress of a search by a cluster: its hosts on the terminal, or a line now and then.

use crate::cli::live_lines::LiveLines;
use crate::cli::output::{DIM, Output, ProgressForm, styled};
use crate::cli::search_progress::Pace;
use crate::cli::search_screen::{SearchHeading, plain_line, work_screen};
use crate::cli::table::{Column, TextTable};
use crate::cluster::{HostReport, Progress};
use crate::miner;
use crate::pow::Target;
use crate::text::{counted, cut, escaped, escaped_line, grouped, mega, percent};

/// Hosts that are shown one by one: of more, the fastest.
const MOST_HOSTS: usize = 12;

/// Columns that can be left out, the first of them first.
const DISPENSABLE: [&str; 4] = ["given again", "held", "leases", "share"];

/// Shows the progress of one search, and removes what was drawn when dropped.
pub(super) struct ClusterProgress {
    title: String,
    difficulty: String,
    expected_hashes: f64,
    view: View,
}

enum View {
    InPlace(LiveLines),
    Lines(Pace),
    Nothing,
}

impl ClusterProgress {
    pub(super) fn new(title: String, difficulty: String, target: &Target, output: &Output) -> Self {
        let view = match output.progress {
            ProgressForm::InPlace => View::InPlace(LiveLines::on_stderr()),
            ProgressForm::Lines => View::Lines(Pace::default()),
            ProgressForm::Nothing => View::Nothing,
        };
        Self { title, difficulty, expected_hashes: target.expected_hashes(), view }
    }

    /// Shows how far the search is, and prints what happened; a line also when it is asked for.
    pub(super) fn update(&mut self, progress: &Progress, is_asked: bool, output: &mut Output) {
        if let View::InPlace(lines) = &mut self.view
            && (is_asked || !progress.notes.is_empty())
        {
            lines.clear();
        }
        for note in &progress.notes {
            output.note(&escaped(note));
        }
        let is_due = match &mut self.view {
            View::Lines(pace) => pace.is_due(progress.elapsed),
            _ => false,
        };
        if is_asked || is_due {
            output.note(&self.line(progress));
        }
        let heading = self.heading(progress);
        if let View::InPlace(lines) = &mut self.view {
            let screen = screen(&heading, progress, lines.width());
            lines.draw(&output.with_stderr_styles(screen));
        }
    }

    fn heading(&self, progress: &Progress) -> SearchHeading {
        SearchHeading {
            title: self.title.clone(),
            difficulty: self.difficulty.clone(),
            workers: counted(progress.hosts.iter().filter(|host| host.is_here()).count(), "host"),
            expected_hashes: self.expected_hashes,
        }
    }

    fn line(&self, progress: &Progress) -> String {
        let heading = self.heading(progress);
        format!("{}; {}", plain_line(&heading, &of_hosts(progress)), state(progress))
    }
}

/// The progress as that of one machine, whose workers are the hosts.
fn of_hosts(progress: &Progress) -> miner::Progress {
    let hashes = progress.hosts.iter().map(|host| host.hashes() + host.tested).collect();
    miner::Progress { elapsed: progress.elapsed, hashes, best: progress.best }
}

fn screen(heading: &SearchHeading, progress: &Progress, width: usize) -> Vec<String> {
    let mut lines = work_screen(heading, &of_hosts(progress), width);
    lines.push(String::new());
    lines.extend(host_lines(progress, width).iter().map(|line| cut(line, width)));
    lines.push(styled(DIM, &cut(&format!("  {}", state(progress)), width)));
    lines
}

/// What the search is about at the moment.
fn state(progress: &Progress) -> String {
    if !progress.is_connected {
        return "the server is away; trying again".to_owned();
    }
    if progress.waits {
        return "the hosts serve an older search first".to_owned();
    }
    let here = progress.hosts.iter().filter(|host| host.is_here()).count();
    if here == 0 {
        return "no host is here; `stripmine join` makes a machine one".to_owned();
    }
    let leases = counted(progress.leases, "lease");
    let again = grouped(progress.given_again);
    let end = match progress.find {
        Some(find) => format!("found {}; what lies below is searched", grouped(find)),
        None => "Ctrl-C: withdraw the search".to_owned(),
    };
    format!("{leases} out, {again} given again   {end}")
}

/// A row for each host; columns that have no room are left out.
fn host_lines(progress: &Progress, width: usize) -> Vec<String> {
    let mut hosts: Vec<&HostReport> = progress.hosts.iter().collect();
    hosts.sort_by(|a, b| b.rate.total_cmp(&a.rate));
    let all: f64 = hosts.iter().filter(|host| host.is_here()).map(|host| host.rate).sum();
    let row = |host: &&HostReport| {
        let is_here = host.is_here();
        let rate = if is_here { host.rate } else { 0.0 };
        let how = match &host.refused {
            Some(_) => "refused",
            None if !is_here => "gone",
            None if host.held == 0 => "waits",
            None => "",
        };
        vec![
            format!("  {}", escaped_line(&host.name)),
            mega(rate),
            percent(if all > 0.0 { rate / all } else { 0.0 }),
            grouped(host.leases),
            host.held.to_string(),
            grouped(host.given_again),
            how.to_owned(),
        ]
    };
    let rows: Vec<_> = hosts.iter().take(MOST_HOSTS).map(row).collect();
    let mut lines = TextTable::new([
        Column::left("  host", 0),
        Column::right("MH/s", 6),
        Column::right("share", 7),
        Column::right("leases", 0),
        Column::right("held", 0),
        Column::right("given again", 0),
        Column::left("", 0),
    ])
    .fitted(&rows)
    .narrowed(width, &DISPENSABLE)
    .lines(&rows);
    let more = hosts.len().checked_sub(MOST_HOSTS).filter(|more| *more > 0);
    lines.extend(more.map(|more| format!("  and {} more", counted(more, "host"))));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use unicode_width::UnicodeWidthStr as _;

    fn progress() -> Progress {
        Progress {
            elapsed: Duration::from_secs(12),
            hosts: vec![
                HostReport::at_work("ann/anvil", 12.6e6, 9, 2),
                HostReport::at_work("ann/bench-with-a-long-name", 37.5e6, 1_011, 0),
            ],
            leases: 6,
            given_again: 1,
            floor: 0,
            find: None,
            best: None,
            is_connected: true,
            waits: false,
            notes: Vec::new(),
        }
    }

    fn shown(width: usize) -> String {
        let heading = SearchHeading {
            title: "block 1 onto chain.jsonl".to_owned(),
            difficulty: "8 hex zeros (32 bits)".to_owned(),
            workers: "2 hosts".to_owned(),
            expected_hashes: 2_f64.powi(32),
        };
        let lines = screen(&heading, &progress(), width);
        let lines = lines.iter().map(|line| anstream::adapter::strip_str(line).to_string());
        let lines: Vec<_> = lines.collect();
        assert!(lines.iter().all(|line| line.width() <= width), "{lines:?}");
        lines[6..].join("\n")
    }

    #[test]
    fn hosts_by_rate() {
        insta::assert_snapshot!(shown(77), @r"
        host                          MH/s    share  leases  held
        ann/bench-with-a-long-name   37.50   74.9 %   1,011     0  waits
        ann/anvil                    12.60   25.1 %       9     2
        6 leases out, 1 given again   Ctrl-C: withdraw the search
        ");
    }

    #[test]
    fn a_narrow_terminal_gets_whole_columns() {
        insta::assert_snapshot!(shown(50), @r"
        host                          MH/s
        ann/bench-with-a-long-name   37.50  waits
        ann/anvil                    12.60
        6 leases out, 1 given again   Ctrl-C: withdraw …
        ");
        for width in 1..50 {
            shown(width);
        }
    }
}
