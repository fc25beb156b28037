//! Checks what a document takes from a file: its samples have to fit each other.
//!
//! The bounds of single numbers are checked while they are read (`bounds.rs`), and figures are
//! computed anew, so neither is looked at here. A slow, noisy or failed run is a good document.

use std::collections::HashSet;

use super::cpus::EachCpu;
use super::points::{MeasuredBaseline, PlainSample, Point, Sample, rate};
use super::proof::Proof;
use super::run::{Document, Ending};
use super::sustained::Sustained;
use crate::bench::account::WorkerTimes;
use crate::bench::statistics::Interval;

/// The most samples of one thing. Intervals take time by the square of this.
const MOST_SAMPLES: usize = 1_000;

/// The most seconds of a long run: those of two hours. The longest run takes one hour, and its
/// parts may be shorter than a second.
const MOST_SECONDS: usize = 7_200;

/// A field of a document that contradicts others, or has a value that nothing can have.
#[derive(Debug)]
pub(super) struct Contradiction {
    /// The path to the field.
    pub(super) at: String,
    /// What is wrong with it.
    pub(super) reason: String,
}

type Checked = Result<(), Contradiction>;

fn ensure(holds: bool, at: &str, reason: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(Contradiction { at: at.to_owned(), reason: reason() }) }
}

/// Checks a document. The error is the first contradiction in it.
pub(super) fn check(document: &Document) -> Checked {
    let header = &document.workload.first_header;
    let is_hex = header.len().is_multiple_of(2) && header.bytes().all(|it| it.is_ascii_hexdigit());
    ensure(is_hex, "workload.first_header", || "not whole bytes in hex digits".to_owned())?;
    let (proof, outcome) = (&document.proof, document.outcome);
    let is_proved = outcome != Ending::Failed || !proof.mismatches.is_empty();
    ensure(is_proved, "outcome", || "failed, but proof.mismatches is empty".to_owned())?;
    check_points(document)?;
    check_baselines(&document.baselines)?;
    check_cpus(document.each_cpu.as_ref())?;
    check_sustained(document.sustained.as_ref())?;
    check_plain_samples("proof.unproved", &proof.unproved)?;
    let separate = document.coordinator.as_ref().map(|it| &it.separate);
    separate.map_or(Ok(()), |it| check_plain_samples("coordinator.separate", it))?;
    let times = document.stop.iter().flat_map(|stop| &stop.times_s);
    for (number, time) in times.enumerate() {
        let at = format!("stop.times_s[{number}]");
        ensure(*time >= 0.0, &at, || format!("{time} is below 0"))?;
    }
    let compared = document.comparison.iter().flat_map(|it| &it.points);
    for (number, it) in compared.enumerate() {
        check_ratio(&format!("comparison.points[{number}].ratio"), &it.ratio)?;
    }
    Ok(())
}

fn check_points(document: &Document) -> Checked {
    let can_be_empty = document.outcome != Ending::Done;
    ensure(can_be_empty || !document.points.is_empty(), "points", || {
        "nothing in it, though the benchmark was done".to_owned()
    })?;
    let mut seen = HashSet::new();
    for (number, it) in document.points.iter().enumerate() {
        let at = format!("points[{number}]");
        check_point(&at, it, &document.proof)?;
        ensure(seen.insert((&it.kernel, it.threads, it.pinned)), &at, || {
            format!("a second point of kernel {:?} at {} threads", it.kernel, it.threads)
        })?;
    }
    Ok(())
}

fn check_point(at: &str, point: &Point, proof: &Proof) -> Checked {
    check_count(&format!("{at}.samples"), point.samples.len())?;
    let mut rounds = HashSet::new();
    for (number, it) in point.samples.iter().enumerate() {
        let at = format!("{at}.samples[{number}]");
        check_sample(&at, it, point.threads)?;
        check_segments(&at, it, proof)?;
        ensure(rounds.insert(it.round), &format!("{at}.round"), || {
            format!("a second sample of round {}", it.round)
        })?;
    }
    let hashes = total(point.samples.iter().map(|sample| sample.hashes));
    let elapsed_s: f64 = point.samples.iter().map(|sample| sample.elapsed_s).sum();
    let can_be_added = u64::try_from(hashes).is_ok() && elapsed_s.is_finite();
    ensure(can_be_added, &format!("{at}.samples"), || {
        format!("{hashes} hashes in {elapsed_s} s are more than can be counted")
    })?;
    check_workers(&format!("{at}.workers"), point.workers.len(), point.threads)
}

fn check_workers(at: &str, workers: usize, threads: usize) -> Checked {
    ensure(workers == threads, at, || {
        format!("{workers} workers, but the point has {threads} threads")
    })
}

fn check_sample(at: &str, sample: &Sample, threads: usize) -> Checked {
    check_rate(at, sample.hashes, sample.elapsed_s)?;
    let times_at = format!("{at}.times");
    let at = format!("{at}.workers");
    check_workers(&at, sample.workers.len(), threads)?;
    let hashes = total(sample.workers.iter().copied());
    ensure(hashes == u128::from(sample.hashes), &at, || {
        format!("they add up to {hashes} hashes, but the sample has {}", sample.hashes)
    })?;
    let Some(times) = &sample.times else { return Ok(()) };
    check_times(&times_at, times, sample)
}

fn check_times(at: &str, times: &WorkerTimes, sample: &Sample) -> Checked {
    let WorkerTimes { stopped_after_s, on_cpu_s, waited_s, clock_hz, throttled_s, stolen_s } =
        times;
    let threads = sample.workers.len();
    let by_worker = [
        ("stopped_after_s", Some(stopped_after_s)),
        ("on_cpu_s", on_cpu_s.as_ref()),
        ("waited_s", waited_s.as_ref()),
        ("clock_hz", clock_hz.as_ref()),
    ];
    for (name, figures) in by_worker.iter().filter_map(|(name, it)| Some((name, (*it)?))) {
        let at = format!("{at}.{name}");
        check_workers(&at, figures.len(), threads)?;
        check_not_negative(&at, figures)?;
    }
    for (name, figure) in [("throttled_s", throttled_s), ("stolen_s", stolen_s)] {
        check_not_negative(&format!("{at}.{name}"), figure.as_slice())?;
    }
    Ok(())
}

fn check_not_negative(at: &str, figures: &[f64]) -> Checked {
    match figures.iter().find(|figure| **figure < 0.0) {
        Some(figure) => ensure(false, at, || format!("{figure} is below 0")),
        None => Ok(()),
    }
}

/// The sample has to be a whole number of segments, and its sum theirs.
fn check_segments(at: &str, sample: &Sample, proof: &Proof) -> Checked {
    let covered = u128::from(proof.segment_len) * sample.segments as u128;
    ensure(covered == u128::from(sample.hashes), &format!("{at}.segments"), || {
        format!(
            "{} segments of {} nonces are not {} hashes",
            sample.segments, proof.segment_len, sample.hashes
        )
    })?;
    let Some(sums) = proof.sums.get(..sample.segments) else {
        return ensure(false, &format!("{at}.segments"), || {
            format!("{} segments, but proof.sums has {}", sample.segments, proof.sums.len())
        });
    };
    let sum = sums.iter().fold(0_u32, |sum, segment| sum.wrapping_add(*segment));
    let agrees = sum == sample.sum || !proof.mismatches.is_empty();
    ensure(agrees, &format!("{at}.sum"), || {
        format!("{}, but proof.sums gives {sum}, and there is no mismatch", sample.sum)
    })
}

fn check_cpus(each_cpu: Option<&EachCpu>) -> Checked {
    let mut seen = HashSet::new();
    for (number, it) in each_cpu.into_iter().flat_map(|each| &each.cpus).enumerate() {
        let at = format!("each_cpu.cpus[{number}]");
        check_count(&format!("{at}.samples"), it.samples.len())?;
        check_plain_samples(&format!("{at}.samples"), &it.samples)?;
        ensure(seen.insert(it.cpu), &at, || format!("CPU {} a second time", it.cpu))?;
    }
    Ok(())
}

fn check_sustained(sustained: Option<&Sustained>) -> Checked {
    let Some(Sustained { seconds, .. }) = sustained else { return Ok(()) };
    ensure((1..=MOST_SECONDS).contains(&seconds.len()), "sustained.seconds", || {
        format!("{} seconds, where 1 to {MOST_SECONDS} are possible", seconds.len())
    })?;
    seconds.iter().enumerate().try_for_each(|(number, second)| {
        check_rate(&format!("sustained.seconds[{number}]"), second.hashes, second.elapsed_s)
    })
}

fn check_baselines(baselines: &[MeasuredBaseline]) -> Checked {
    let mut seen = HashSet::new();
    for (number, it) in baselines.iter().enumerate() {
        let at = format!("baselines[{number}]");
        check_count(&format!("{at}.samples"), it.samples.len())?;
        check_plain_samples(&format!("{at}.samples"), &it.samples)?;
        ensure(seen.insert(&it.name), &at, || format!("a second baseline {:?}", it.name))?;
    }
    Ok(())
}

fn check_count(at: &str, count: usize) -> Checked {
    ensure((1..=MOST_SAMPLES).contains(&count), at, || {
        format!("{count} samples, where 1 to {MOST_SAMPLES} are possible")
    })
}

fn check_plain_samples(at: &str, samples: &[PlainSample]) -> Checked {
    ensure(samples.len() <= MOST_SAMPLES, at, || {
        format!("{} samples, where at most {MOST_SAMPLES} are possible", samples.len())
    })?;
    samples.iter().enumerate().try_for_each(|(number, sample)| {
        check_rate(&format!("{at}[{number}]"), sample.hashes, sample.elapsed_s)
    })
}

/// The rate has to be a finite number.
fn check_rate(at: &str, hashes: u64, elapsed_s: f64) -> Checked {
    ensure(rate(hashes, elapsed_s).is_finite(), &format!("{at}.elapsed_s"), || {
        format!("{elapsed_s} s are too short for {hashes} hashes")
    })
}

/// A ratio to an earlier run. It cannot be computed anew: that run's samples are not in the file.
fn check_ratio(at: &str, &Interval { median, low, high }: &Interval) -> Checked {
    ensure(low > 0.0, &format!("{at}.low"), || format!("{low} is not above 0"))?;
    ensure(low <= median, &format!("{at}.low"), || {
        format!("{low} lies above the median {median}")
    })?;
    ensure(median <= high, &format!("{at}.high"), || {
        format!("{high} lies below the median {median}")
    })
}

/// A sum that cannot overflow.
fn total(counts: impl Iterator<Item = u64>) -> u128 {
    counts.map(u128::from).sum()
}
