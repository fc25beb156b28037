//! Where the threads went, in words.

use crate::bench::account::Loss;
use crate::bench::curve::Curve;
use crate::bench::document::{Point, Sample};

/// The least share of the threads that a loss is named for.
const LEAST: f64 = 0.005;

/// Where the threads of a point went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    /// Worker threads.
    pub threads: usize,
    /// What was reached, in threads' worth.
    pub reached: String,
    /// What was lost above the noise, the largest loss first.
    pub lost: String,
}

/// Where the threads of each point went: the parts of its typical sample.
#[must_use]
pub fn account_rows(curve: &Curve<'_>) -> Vec<AccountRow> {
    let row = |point: &&Point| {
        let sample = point.typical_sample()?;
        let reached = threads_worth(sample.account?.reached);
        let mut lost = describe_losses(curve, point, sample);
        lost.sort_by(|a, b| b.0.total_cmp(&a.0));
        let lost: Vec<_> = lost.into_iter().map(|(_, words)| words).collect();
        let lost = match lost.as_slice() {
            [] => "nothing lost above the noise".to_owned(),
            lost => lost.join("; "),
        };
        Some(AccountRow { threads: point.threads, reached, lost })
    };
    curve.points.iter().filter_map(row).collect()
}

/// The losses above the noise, each with its words: those whose interval excludes 0, and that are
/// not too small to be worth a word.
fn describe_losses(curve: &Curve<'_>, point: &Point, sample: &Sample) -> Vec<(f64, String)> {
    let Some((account, intervals)) = sample.account.zip(point.account) else { return Vec::new() };
    let stands_out = |loss| intervals.loss(loss).is_some_and(|interval| interval.low > 0.0);
    let least = LEAST * point.threads as f64;
    let named = account.drawn().filter(|(loss, size)| *size >= least && stands_out(*loss));
    named.map(|(loss, size)| (size, describe_loss(curve, point, sample, loss, size))).collect()
}

fn describe_loss(
    curve: &Curve<'_>,
    point: &Point,
    sample: &Sample,
    loss: Loss,
    size: f64,
) -> String {
    let figure = threads_worth(size);
    match loss {
        Loss::WaitingForCpu => format!("{figure} waiting for a CPU"),
        Loss::Throttled => format!("{figure} throttled by the CPU quota"),
        Loss::OffCpu => format!("{figure} off the CPU{}", stolen(sample, size)),
        Loss::Idle => format!("{figure} idle at the end"),
        Loss::LowerClock => format!("{figure} to a lower clock{}", clocks(curve, sample)),
        Loss::LessPerCycle if shares_cores(curve, point) => {
            format!("{figure} shared a core with another")
        }
        Loss::LessPerCycle => format!("{figure} to fewer hashes per cycle"),
    }
}

/// What the hypervisor took of the time off the CPU, as far as it says so.
fn stolen(sample: &Sample, off_cpu: f64) -> String {
    let stolen_s = sample.times.as_ref().and_then(|times| times.stolen_s).unwrap_or(0.0);
    let stolen = (stolen_s / sample.elapsed_s).min(off_cpu);
    if stolen < LEAST {
        return String::new();
    }
    format!(", {} of it stolen by the host", threads_worth(stolen))
}

/// The clock of a sample, and that of one thread in the same round.
fn clocks(curve: &Curve<'_>, sample: &Sample) -> String {
    let in_round = |it: &&Sample| it.round == sample.round;
    let one = curve.one_thread().and_then(|point| point.samples.iter().find(in_round));
    let clocks = sample.clock_ghz().zip(one.and_then(Sample::clock_ghz));
    clocks.map_or_else(String::new, |(clock, one)| {
        format!(": {clock:.2} GHz against {one:.2} with one thread")
    })
}

fn shares_cores(curve: &Curve<'_>, point: &Point) -> bool {
    curve.document.environment.shares_cores(point.threads)
}

/// What the account of a curve cannot tell apart, in sentences.
#[must_use]
pub fn account_notes(curve: &Curve<'_>) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    for point in &curve.points {
        let Some(account) = point.account else { continue };
        let is_known = |loss: &Loss| account.loss(*loss).is_some();
        for (at, loss) in Loss::ALL.iter().enumerate().filter(|(_, loss)| !is_known(loss)) {
            let note = match (loss, Loss::ALL[at..].iter().find(|loss| is_known(loss))) {
                (Loss::Throttled, _) if account.waiting_for_cpu.is_some() => {
                    is_part_of("throttling", Loss::WaitingForCpu)
                }
                (Loss::LowerClock, _) if shares_cores(curve, point) => {
                    "where threads share cores, a lower clock cannot be told from what sharing \
                     costs, and is part of it"
                        .to_owned()
                }
                (loss, Some(next)) => is_part_of(loss_name(*loss), *next),
                (_, None) => continue,
            };
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
    }
    notes
}

fn is_part_of(missing: &str, next: Loss) -> String {
    format!("{missing}: not known here, and part of {:?}", loss_name(next))
}

/// The name of a loss for headings and legends.
#[must_use]
pub const fn loss_name(loss: Loss) -> &'static str {
    match loss {
        Loss::WaitingForCpu => "waiting for a CPU",
        Loss::Throttled => "throttled",
        Loss::OffCpu => "off the CPU",
        Loss::Idle => "idle at the end",
        Loss::LowerClock => "lower clock",
        Loss::LessPerCycle => "fewer hashes per cycle",
    }
}

/// The hint for a document whose samples were read, though no account could be made.
#[must_use]
pub fn account_hint(curves: &[Curve<'_>]) -> Option<&'static str> {
    let mut points = curves.iter().flat_map(|curve| &curve.points);
    let was_read = points.clone().any(|it| it.samples.iter().any(|it| it.times.is_some()));
    let has_account = points.any(|point| point.account.is_some());
    (was_read && !has_account)
        .then_some("not known: one thread was not measured; add 1 to --threads to see it")
}

/// A number of threads' worth: `13.9`, `0.41`; never `-0.00`.
#[must_use]
pub fn threads_worth(threads: f64) -> String {
    let text =
        if threads.abs() < 9.995 { format!("{threads:.2}") } else { format!("{threads:.1}") };
    if text == "-0.00" { "0.00".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::account::WorkerTimes;
    use crate::bench::curve::curves;
    use crate::bench::document::{Document, Environment};

    /// A point of one-second samples in which every worker has these figures, the same in every
    /// round.
    fn point(threads: usize, on_cpu_s: f64, clock_hz: f64, hashes: u64) -> Point {
        let all = |value: f64| Some(vec![value; threads]);
        let sample = |round| Sample {
            round,
            elapsed_s: 1.0,
            hashes: hashes * threads as u64,
            workers: vec![hashes; threads],
            times: Some(WorkerTimes {
                stopped_after_s: vec![1.0; threads],
                on_cpu_s: all(on_cpu_s),
                waited_s: all(0.0),
                clock_hz: all(clock_hz),
                throttled_s: Some(0.0),
                stolen_s: Some(0.25),
            }),
            ..Sample::default()
        };
        let workers = vec![crate::bench::document::Worker::default(); threads];
        let samples = (0..7).map(sample).collect();
        Point { kernel: "sha2".to_owned(), threads, workers, samples, ..Point::default() }
    }

    fn rows_of(environment: Environment, points: Vec<Point>) -> (Vec<AccountRow>, Vec<String>) {
        let mut document = Document { environment, points, ..Document::default() };
        document.compute_figures();
        let curves = curves(&document, "here", None);
        assert_eq!(account_hint(&curves), None);
        (account_rows(&curves[0]), account_notes(&curves[0]))
    }

    #[test]
    fn losses_have_words_and_the_largest_comes_first() {
        let points = vec![point(1, 1.0, 4e9, 1_000), point(2, 0.9, 3e9, 600)];
        let (rows, notes) = rows_of(Environment::default(), points);
        assert_eq!(rows[0].lost, "nothing lost above the noise");
        assert_eq!((rows[0].reached.as_str(), rows[1].reached.as_str()), ("1.00", "1.20"));
        assert_eq!(
            rows[1].lost,
            "0.45 to a lower clock: 3.00 GHz against 4.00 with one thread; 0.20 off the CPU, 0.20 \
             of it stolen by the host; 0.15 to fewer hashes per cycle"
        );
        assert!(notes.is_empty(), "{notes:?}");
    }

    /// A machine of two cores with two CPUs each.
    fn with_siblings(clock_beside_sibling: Option<f64>) -> Environment {
        Environment {
            physical_cores: 2,
            siblings_per_core: Some(2),
            clock_beside_sibling,
            ..Environment::default()
        }
    }

    #[test]
    fn threads_that_share_cores_are_called_so_and_their_clock_is_not_told_apart() {
        let points = || vec![point(1, 1.0, 4e9, 1_000), point(4, 1.0, 3e9, 600)];
        for beside in [None, Some(0.9)] {
            let (rows, notes) = rows_of(with_siblings(beside), points());
            assert_eq!(rows[1].lost, "1.60 shared a core with another");
            assert_eq!(notes.len(), 1, "{notes:?}");
        }
        // The chain is as fast beside a busy sibling, so the clock is the core's.
        let (rows, notes) = rows_of(with_siblings(Some(0.99)), points());
        assert_eq!(
            rows[1].lost,
            "1.00 to a lower clock: 3.00 GHz against 4.00 with one thread; 0.60 shared a core with \
             another"
        );
        assert!(notes.is_empty(), "{notes:?}");
    }

    #[test]
    fn what_is_missing_is_said_once() {
        let mut points = vec![point(1, 1.0, 4e9, 1_000), point(2, 0.9, 3e9, 600)];
        for sample in points.iter_mut().flat_map(|point| &mut point.samples) {
            let times = sample.times.as_mut().unwrap();
            (times.waited_s, times.clock_hz) = (None, None);
        }
        let (rows, notes) = rows_of(Environment::default(), points);
        assert!(rows[1].lost.starts_with("0.60 to fewer hashes per cycle"), "{rows:?}");
        assert_eq!(
            notes,
            [
                "waiting for a CPU: not known here, and part of \"off the CPU\"",
                "throttled: not known here, and part of \"off the CPU\"",
                "lower clock: not known here, and part of \"fewer hashes per cycle\"",
            ]
        );
    }

    #[test]
    fn a_loss_that_some_samples_do_not_have_is_noise() {
        let mut noisy = point(2, 0.9, 4e9, 900);
        for sample in noisy.samples.iter_mut().take(3) {
            let times = sample.times.as_mut().unwrap();
            times.on_cpu_s = Some(vec![1.02; 2]);
        }
        let (rows, _) = rows_of(Environment::default(), vec![point(1, 1.0, 4e9, 1_000), noisy]);
        assert!(!rows[1].lost.contains("off the CPU"), "{rows:?}");
    }

    #[test]
    fn without_one_thread_a_hint_says_what_is_missing() {
        let points = vec![point(2, 1.0, 4e9, 1_000)];
        let mut document = Document { points, ..Document::default() };
        document.compute_figures();
        let read = curves(&document, "here", None);
        assert!(account_hint(&read).is_some_and(|hint| hint.contains("--threads")));
        assert!(account_rows(&read[0]).is_empty());
        for sample in document.points.iter_mut().flat_map(|point| &mut point.samples) {
            sample.times = None;
        }
        let unread = curves(&document, "here", None);
        assert_eq!(account_hint(&unread), None, "an old file has no hint");
    }
}
