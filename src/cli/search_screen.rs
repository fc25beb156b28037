//! The text of a search's progress: the lines of the live display, and one line for a log.

use std::collections::VecDeque;
use std::time::Duration;

use super::live_lines::fitting;
use super::output::{DIM, styled};
use crate::miner::Progress;
use crate::pow::Hit;
use crate::text::{cut, duration, hash_rate, prefixed, rounded_percent, seconds, times};
use unicode_width::UnicodeWidthStr as _;

/// Time between two columns of a worker's history.
const HISTORY_INTERVAL: Duration = Duration::from_millis(500);

/// Columns of a worker's history.
const HISTORY_LEN: usize = 20;

/// Columns of the bar of chance, at most.
const BAR_LEN: usize = 35;

/// Columns of the words beside the bar.
const BESIDE_BAR: usize = 39;

/// A shorter bar is left out.
const LEAST_BAR_LEN: usize = 4;

/// Workers that are shown one by one. Of more, only the lowest, median and highest are shown.
const MOST_WORKERS: usize = 8;

/// The end of the last line, where there is room for it.
const HINT: &str = "     Ctrl-C: stop, write nothing";

/// The heading of a search.
pub(super) struct SearchHeading {
    pub(super) title: String,
    pub(super) difficulty: String,
    /// Such as "avx512, 2 workers".
    pub(super) workers: String,
    pub(super) expected_hashes: f64,
}

/// Each worker's rates over the last intervals.
#[derive(Default)]
pub(super) struct History {
    last: Option<Progress>,
    /// For each interval, hashes per second by worker.
    rates: VecDeque<Vec<f64>>,
}

impl History {
    pub(super) fn take(&mut self, progress: &Progress) {
        let Some(last) = &self.last else {
            self.last = Some(progress.clone());
            return;
        };
        let elapsed = progress.elapsed.saturating_sub(last.elapsed);
        if elapsed < HISTORY_INTERVAL {
            return;
        }
        let hashes = progress.hashes.iter().zip(&last.hashes);
        let rates = hashes.map(|(now, then)| (now - then) as f64 / elapsed.as_secs_f64());
        self.rates.push_back(rates.collect());
        if self.rates.len() > HISTORY_LEN {
            self.rates.pop_front();
        }
        self.last = Some(progress.clone());
    }

    /// A worker's rates as a row of blocks; the highest rate of any worker is a full block.
    fn sparkline(&self, worker: usize) -> String {
        const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        let highest = self.rates.iter().flatten().copied().fold(f64::MIN_POSITIVE, f64::max);
        let level = |rates: &Vec<f64>| {
            let share = (rates[worker] / highest).clamp(0.0, 1.0);
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let level = (share * 7.0).round() as usize;
            LEVELS[level]
        };
        self.rates.iter().map(level).collect()
    }
}

/// The lines of the live display, each at most this wide.
pub(super) fn screen(
    heading: &SearchHeading,
    progress: &Progress,
    history: &History,
    width: usize,
) -> Vec<String> {
    let mut lines = work_screen(heading, progress, width);
    lines.push(String::new());
    let workers = worker_lines(progress, history);
    lines.extend(workers.iter().map(|line| cut(line, width)));
    if let Some(last) = lines.last_mut().filter(|last| last.width() + HINT.len() <= width) {
        last.push_str(&styled(DIM, HINT));
    }
    lines
}

/// The lines about the search as a whole, each at most this wide.
pub(super) fn work_screen(
    heading: &SearchHeading,
    progress: &Progress,
    width: usize,
) -> Vec<String> {
    let rate = overall_rate(progress);
    let mut lines = vec![
        title_line(heading, width),
        String::new(),
        work_line(progress, heading.expected_hashes, width),
        chance_line(total(progress) / heading.expected_hashes, width),
        outlook_line(heading.expected_hashes, rate, width),
    ];
    lines.extend(progress.best.map(|best| format!("  best so far  {}", shown_best(&best))));
    lines.iter().map(|line| cut(line, width)).collect()
}

/// The same in one line, for logs.
pub(super) fn plain_line(heading: &SearchHeading, progress: &Progress) -> String {
    let chance = chance(total(progress) / heading.expected_hashes);
    let best = progress.best.map(|best| format!("; best so far {}", shown_best(&best)));
    format!(
        "{}: {}, {}, {}; found by now with chance {}{}",
        heading.title,
        duration(progress.elapsed),
        hash_rate(overall_rate(progress), 3),
        work_done(progress, heading.expected_hashes),
        rounded_percent(chance),
        best.unwrap_or_default()
    )
}

fn title_line(heading: &SearchHeading, width: usize) -> String {
    let SearchHeading { title, difficulty, workers, .. } = heading;
    let texts = [
        format!("stripmine  {title}   {difficulty}   {workers}"),
        format!("{title}   {difficulty}   {workers}"),
        format!("{title}   {difficulty}"),
        title.clone(),
    ];
    fitting(texts, width)
}

fn work_line(progress: &Progress, expected_hashes: f64, width: usize) -> String {
    let (hashes, elapsed) = (total(progress), duration(progress.elapsed));
    let start = format!("  {}    {elapsed}", hash_rate(overall_rate(progress), 3));
    let texts = [
        format!("{start}    {}", work_done(progress, expected_hashes)),
        format!(
            "{start}    {} hashes, {} x expected",
            prefixed(hashes),
            times(hashes / expected_hashes)
        ),
        format!("{start}    {} hashes", prefixed(hashes)),
        start,
    ];
    fitting(texts, width)
}

/// The zeros that a hash begins with, and the digit after them: `0000000a… (28 zero bits)`.
fn shown_best(best: &Hit) -> String {
    /// Digits that are shown at least.
    const LEAST: usize = 8;
    let digits = best.digest.to_string();
    let zero_bits = best.digest.leading_zero_bits();
    let shown = (zero_bits as usize / 4 + 1).clamp(LEAST, digits.len());
    let more = if shown < digits.len() { "…" } else { "" };
    format!("{}{more} ({zero_bits} zero bits)", &digits[..shown])
}

fn work_done(progress: &Progress, expected_hashes: f64) -> String {
    let hashes = total(progress);
    let times = times(hashes / expected_hashes);
    format!("{} hashes, {times} x the {} expected", prefixed(hashes), prefixed(expected_hashes))
}

/// The chance that a search of this many times the expected work has found a nonce: 1 − e^−x.
/// A search has no memory, so how long it will still take does not depend on this.
fn chance(times_expected: f64) -> f64 {
    -(-times_expected).exp_m1()
}

fn chance_line(times_expected: f64, width: usize) -> String {
    let chance = chance(times_expected);
    let len = width.saturating_sub(BESIDE_BAR).min(BAR_LEN);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let filled = (chance * len as f64).round() as usize;
    let bar = "█".repeat(filled) + &"░".repeat(len - filled);
    let bar = if len < LEAST_BAR_LEN { String::new() } else { format!(" {bar}  ") };
    format!("  found by now with chance {bar}{}", rounded_percent(chance))
}

/// The times within which a nonce is found with chance 1/2 and 9/10, from any moment on.
fn outlook_line(expected_hashes: f64, rate: f64, width: usize) -> String {
    let within = |quantile: f64| seconds(expected_hashes * quantile.ln() / rate);
    let (half, nine) = (within(2.0), within(10.0));
    let texts = [
        format!("  from here  even chance within {half}, nine in ten within {nine}"),
        format!("  from here  1/2 within {half}, 9/10 within {nine}"),
        format!("  1/2 within {half}, 9/10 within {nine}"),
    ];
    fitting(texts, width)
}

fn worker_lines(progress: &Progress, history: &History) -> Vec<String> {
    let rate = |worker: usize| progress.hashes[worker] as f64 / progress.elapsed.as_secs_f64();
    let line = |label: &str, worker: usize| {
        let rate = hash_rate(rate(worker), 3);
        format!("  {label:<9} {rate:>10}  {}", history.sparkline(worker))
    };
    let workers = progress.hashes.len();
    if workers <= MOST_WORKERS {
        return (0..workers).map(|worker| line(&format!("worker {worker}"), worker)).collect();
    }
    let mut by_rate: Vec<usize> = (0..workers).collect();
    by_rate.sort_by_key(|worker| progress.hashes[*worker]);
    vec![
        line("lowest", by_rate[0]),
        line("median", by_rate[workers / 2]),
        line("highest", by_rate[workers - 1]),
    ]
}

fn total(progress: &Progress) -> f64 {
    progress.hashes.iter().sum::<u64>() as f64
}

fn overall_rate(progress: &Progress) -> f64 {
    total(progress) / progress.elapsed.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pow::Digest;

    fn heading() -> SearchHeading {
        SearchHeading {
            title: "block 4 onto chain.jsonl".to_owned(),
            difficulty: "8 hex zeros (32 bits)".to_owned(),
            workers: "sha2, 2 workers".to_owned(),
            expected_hashes: 2_f64.powi(32),
        }
    }

    fn best(leading: [u8; 5]) -> Hit {
        let mut bytes = [0x5a; 32];
        bytes[..5].copy_from_slice(&leading);
        Hit { nonce: 7, digest: Digest::from_be_bytes(bytes) }
    }

    fn progress(tenths: u64, rates: &[u64]) -> Progress {
        Progress {
            elapsed: Duration::from_millis(tenths * 100),
            hashes: rates.iter().map(|rate| rate * tenths / 10).collect(),
            best: Some(best([0, 0, 0, 10, 0x4f])),
        }
    }

    fn shown(rates: &[u64], width: usize) -> String {
        let mut history = History::default();
        (1..=382).for_each(|tenths| history.take(&progress(tenths, rates)));
        let lines = screen(&heading(), &progress(382, rates), &history, width);
        let plain = lines.iter().map(|line| anstream::adapter::strip_str(line).to_string());
        let lines: Vec<_> = plain.collect();
        assert!(lines.iter().all(|line| line.width() <= width), "{lines:?}");
        lines.join("\n")
    }

    #[test]
    fn two_workers_side_by_side() {
        insta::assert_snapshot!(shown(&[21_100_000, 18_000_000], 100), @r"
        stripmine  block 4 onto chain.jsonl   8 hex zeros (32 bits)   sha2, 2 workers

          39.1 MH/s    38.2 s    1.49 G hashes, 0.35 x the 4.29 G expected
          found by now with chance  ██████████░░░░░░░░░░░░░░░░░░░░░░░░░  29 %
          from here  even chance within 76.1 s, nine in ten within 4 min 13 s
          best so far  0000000a… (28 zero bits)

          worker 0   21.1 MH/s  ████████████████████
          worker 1   18.0 MH/s  ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇     Ctrl-C: stop, write nothing
        ");
    }

    #[test]
    fn a_terminal_of_60_columns_shows_whole_lines() {
        insta::assert_snapshot!(shown(&[21_100_000, 18_000_000], 57), @r"
        block 4 onto chain.jsonl   8 hex zeros (32 bits)

          39.1 MH/s    38.2 s    1.49 G hashes, 0.35 x expected
          found by now with chance  █████░░░░░░░░░░░░░  29 %
          from here  1/2 within 76.1 s, 9/10 within 4 min 13 s
          best so far  0000000a… (28 zero bits)

          worker 0   21.1 MH/s  ████████████████████
          worker 1   18.0 MH/s  ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇
        ");
    }

    #[test]
    fn narrower_terminals_get_the_beginning_of_lines_that_cannot_be_shorter() {
        insta::assert_snapshot!(shown(&[21_100_000], 40), @r"
        block 4 onto chain.jsonl

          21.1 MH/s    38.2 s    806 M hashes
          found by now with chance 17 %
          1/2 within 2 min 21 s, 9/10 within 7 …
          best so far  0000000a… (28 zero bits)

          worker 0   21.1 MH/s  ███████████████…
        ");
        for width in 1..40 {
            shown(&[21_100_000], width);
        }
    }

    #[test]
    fn of_many_workers_the_lowest_the_median_and_the_highest() {
        let rates: Vec<u64> = (0..64).map(|worker| 20_000_000 + worker * 10_000).collect();
        insta::assert_snapshot!(shown(&rates, 100), @r"
        stripmine  block 4 onto chain.jsonl   8 hex zeros (32 bits)   sha2, 2 workers

          1.30 GH/s    38.2 s    49.7 G hashes, 11.6 x the 4.29 G expected
          found by now with chance  ███████████████████████████████████  over 99 %
          from here  even chance within 2.290 s, nine in ten within 7.606 s
          best so far  0000000a… (28 zero bits)

          lowest     20.0 MH/s  ████████████████████
          median     20.3 MH/s  ████████████████████
          highest    20.6 MH/s  ████████████████████     Ctrl-C: stop, write nothing
        ");
    }

    #[test]
    fn one_plain_line_without_a_terminal() {
        insta::assert_snapshot!(plain_line(&heading(), &progress(600, &[21_100_000])), @"block 4 onto chain.jsonl: 60.0 s, 21.1 MH/s, 1.27 G hashes, 0.29 x the 4.29 G expected; found by now with chance 26 %; best so far 0000000a… (28 zero bits)");
    }

    #[test]
    fn a_hash_is_shown_up_to_its_first_digit_that_is_no_zero() {
        assert_eq!(shown_best(&best([0, 0x5a, 0, 0, 0])), "005a0000… (9 zero bits)");
        assert_eq!(shown_best(&best([0; 5])), "00000000005… (41 zero bits)");
        let zero = Hit { nonce: 7, digest: Digest::from_be_bytes([0; 32]) };
        assert_eq!(shown_best(&zero), format!("{} (256 zero bits)", "0".repeat(64)));
    }

    #[test]
    fn the_chance_is_even_at_the_natural_logarithm_of_two() {
        assert!((chance(2_f64.ln()) - 0.5).abs() < 1e-12);
        assert!(chance(0.0).abs() < f64::EPSILON);
        assert!(chance(100.0) <= 1.0);
    }
}
