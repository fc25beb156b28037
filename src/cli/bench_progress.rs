//! The progress of a benchmark on the terminal.

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::output::{Output, ProgressForm};
use super::progress_terminal::ProgressTerminal;
use crate::bench::statistics::median;
use crate::bench::{Benchmark, Event, Step};
use crate::text::{counted, duration, hash_rate};

/// Redraws per second at most.
const REDRAWS: u8 = 10;

/// One line that is redrawn on a terminal; elsewhere a line for each point or baseline.
pub(super) enum BenchProgress {
    Bar { bar: ProgressBar, rounds: usize },
    Lines { rates: BTreeMap<String, Vec<f64>>, rounds: usize },
    Quiet,
}

impl BenchProgress {
    /// Prints the number of points and samples, and how long they will take.
    pub(super) fn start(plan: &Benchmark, output: &mut Output) -> Self {
        if output.progress == ProgressForm::Nothing {
            return Self::Quiet;
        }
        let rounds = plan.samples.get();
        let points = counted(plan.kernels.len() * plan.threads.len(), "point");
        let time = rounded(plan.duration());
        output.note(&format!("{points}, {rounds} samples of each: about {time}"));
        if output.progress == ProgressForm::Lines {
            return Self::Lines { rates: BTreeMap::new(), rounds };
        }
        let terminal = Box::new(ProgressTerminal::stderr());
        let bar = ProgressBar::with_draw_target(
            Some(u64::try_from(plan.duration().as_millis()).unwrap_or(u64::MAX)),
            ProgressDrawTarget::term_like_with_hz(terminal, REDRAWS),
        );
        let style = ProgressStyle::with_template("{bar:20}  {wide_msg}")
            .map(|style| style.progress_chars("█▉▊▋▌▍▎▏ "));
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self::Bar { bar, rounds }
    }

    pub(super) fn note(&mut self, event: Event<'_>, output: &mut Output) {
        match (self, event) {
            (Self::Bar { bar, rounds }, Event::Turn { step, name, left }) => {
                draw(bar, *rounds, step, name, left);
            }
            (Self::Lines { rates, rounds }, Event::Sampled { name, hashes_per_s, .. }) => {
                let rates = rates.entry(name.to_owned()).or_default();
                rates.push(hashes_per_s);
                if rates.len() == *rounds
                    && let Some(rate) = median(rates)
                {
                    output.note(&format!("{name}: {}", hash_rate(rate, 3)));
                }
            }
            _ => {}
        }
    }

    /// Clears the line.
    pub(super) fn finish(self) {
        if let Self::Bar { bar, .. } = self {
            bar.finish_and_clear();
        }
    }
}

/// A duration rounded up to whole seconds.
fn rounded(time: Duration) -> String {
    match time.as_secs() + u64::from(time.subsec_nanos() > 0) {
        seconds @ ..100 => format!("{seconds} s"),
        seconds => duration(Duration::from_secs(seconds)),
    }
}

fn draw(bar: &ProgressBar, rounds: usize, step: Step, name: &str, left: Duration) {
    let doing = match step {
        Step::WarmUp => format!("warming up  {name}"),
        Step::Sample(round) => format!("sample {} of {rounds}  {name}", round + 1),
        Step::Sustain => format!("long run  {name}"),
        Step::Stops => format!("timing stops  {name}"),
        Step::Proof => format!("hashing again  {name}"),
    };
    let total = bar.length().unwrap_or_default();
    let left_ms = u64::try_from(left.as_millis()).unwrap_or(u64::MAX);
    bar.set_position(total.saturating_sub(left_ms));
    let left = if left.is_zero() { String::new() } else { format!("{} left   ", rounded(left)) };
    bar.set_message(format!("{left}{doing}"));
}
