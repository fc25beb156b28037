//! The progress of a benchmark on the terminal.

use std::collections::BTreeMap;
use std::time::Duration;

use super::bench_table::bar;
use super::live_lines::LiveLines;
use super::output::{Output, ProgressForm};
use crate::bench::statistics::median;
use crate::bench::{Benchmark, Event, Step};
use crate::text::{counted, cut, duration, hash_rate};

/// Columns of the bar.
const BAR_LEN: usize = 20;

/// One line that is redrawn on a terminal; elsewhere a line for each subject.
pub(super) enum BenchProgress {
    InPlace { line: LiveLines, whole: Duration, rounds: usize },
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
        Self::InPlace { line: LiveLines::on_stderr(), whole: plan.duration(), rounds }
    }

    pub(super) fn note(&mut self, event: Event<'_>, output: &mut Output) {
        match (self, event) {
            (Self::InPlace { line, whole, rounds }, Event::Turn { step, name, left }) => {
                let text = shown(*whole, *rounds, step, name, left);
                line.draw(&[cut(&text, line.width())]);
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
}

/// A duration rounded up to whole seconds.
fn rounded(time: Duration) -> String {
    match time.as_secs() + u64::from(time.subsec_nanos() > 0) {
        seconds @ ..100 => format!("{seconds} s"),
        seconds => duration(Duration::from_secs(seconds)),
    }
}

fn shown(whole: Duration, rounds: usize, step: Step, subject: &str, left: Duration) -> String {
    let doing = match step {
        Step::WarmUp => format!("warming up  {subject}"),
        Step::Sample(round) => format!("sample {} of {rounds}  {subject}", round + 1),
        Step::Sustain => format!("long run  {subject}"),
        Step::Stops => format!("timing stops  {subject}"),
        Step::Proof => format!("hashing again  {subject}"),
    };
    let done = 1.0 - left.as_secs_f64() / whole.as_secs_f64();
    let bar = bar(done, BAR_LEN);
    let left = if left.is_zero() { String::new() } else { format!("{} left   ", rounded(left)) };
    format!("{bar:BAR_LEN$}  {left}{doing}")
}
