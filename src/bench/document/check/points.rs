//! Points and baselines: their samples, and what was computed from them.

use std::collections::HashSet;

use super::MAX_THREADS;
use super::figures::{Checked, computed, count, ensure, interval, not_negative, positive, share};
use crate::bench::document::{Baseline, BaselineSample, Point, Proof, Sample};
use crate::bench::statistics::median;

pub(super) fn threads(at: &str, threads: usize) -> Checked {
    ensure((1..=MAX_THREADS).contains(&threads), at, || {
        format!("{threads} threads, where 1 to {MAX_THREADS} can be")
    })
}

pub(super) fn point(at: &str, point: &Point, proof: &Proof) -> Checked {
    threads(&format!("{at}.threads"), point.threads)?;
    samples(at, point, proof)?;
    let rates = point.samples.iter().map(|sample| sample.hashes_per_s);
    median_rate(at, &point.hashes_per_s, rates)?;
    let hashes = total(point.samples.iter().map(|sample| sample.hashes));
    ensure(u128::from(point.hashes) == hashes, &format!("{at}.hashes"), || {
        format!("{}, but the samples have {hashes}", point.hashes)
    })?;
    let elapsed = point.samples.iter().map(|sample| sample.elapsed_s).sum();
    computed(&format!("{at}.elapsed_s"), point.elapsed_s, elapsed, "the sum over the samples")?;
    scaling(at, point)?;
    workers(at, point)
}

/// The median of the rates, with its interval.
fn median_rate(
    at: &str,
    rate: &crate::bench::statistics::Interval,
    rates: impl Iterator<Item = f64>,
) -> Checked {
    let at = format!("{at}.hashes_per_s");
    interval(&at, rate, positive)?;
    let expected = median(&rates.collect::<Vec<_>>()).unwrap_or(rate.median);
    computed(&format!("{at}.median"), rate.median, expected, "the median of the samples")
}

fn scaling(at: &str, point: &Point) -> Checked {
    if let Some(speedup) = &point.speedup {
        interval(&format!("{at}.speedup"), speedup, positive)?;
    }
    let Some(efficiency) = &point.efficiency else { return Ok(()) };
    let at_efficiency = format!("{at}.efficiency");
    interval(&at_efficiency, efficiency, positive)?;
    let speedup = point.speedup.map_or(0.0, |speedup| speedup.median);
    let expected = speedup / point.threads as f64;
    let at_median = format!("{at_efficiency}.median");
    computed(&at_median, efficiency.median, expected, "the speedup ÷ threads")
}

fn samples(at: &str, point: &Point, proof: &Proof) -> Checked {
    count(&format!("{at}.samples"), point.samples.len())?;
    let mut rounds = HashSet::new();
    for (number, it) in point.samples.iter().enumerate() {
        let at = format!("{at}.samples[{number}]");
        sample(&at, it, point.threads)?;
        proved(&at, it, proof)?;
        ensure(rounds.insert(it.round), &format!("{at}.round"), || {
            format!("a second sample of round {}", it.round)
        })?;
    }
    Ok(())
}

fn sample(at: &str, sample: &Sample, threads: usize) -> Checked {
    not_negative(&format!("{at}.at_s"), sample.at_s)?;
    rate(at, sample.hashes, sample.elapsed_s, sample.hashes_per_s)?;
    let at = format!("{at}.workers");
    ensure(sample.workers.len() == threads, &at, || {
        format!("{} workers, but the point has {threads} threads", sample.workers.len())
    })?;
    let hashes = total(sample.workers.iter().copied());
    ensure(hashes == u128::from(sample.hashes), &at, || {
        format!("they add up to {hashes} hashes, but the sample has {}", sample.hashes)
    })
}

/// The sample is a whole number of segments, and its sum is theirs.
fn proved(at: &str, sample: &Sample, proof: &Proof) -> Checked {
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
    ensure(!proof.ok || sum == sample.sum, &format!("{at}.sum"), || {
        format!("{}, but proof.sums gives {sum}, and the proof is said to hold", sample.sum)
    })
}

fn workers(at: &str, point: &Point) -> Checked {
    let fairness = point.fairness;
    share(&format!("{at}.fairness.lowest_share"), fairness.lowest_share)?;
    share(&format!("{at}.fairness.highest_share"), fairness.highest_share)?;
    ensure(point.workers.len() == point.threads, &format!("{at}.workers"), || {
        format!("{} workers, but the point has {} threads", point.workers.len(), point.threads)
    })?;
    for (number, worker) in point.workers.iter().enumerate() {
        let at = format!("{at}.workers[{number}]");
        ensure(worker.worker == number, &format!("{at}.worker"), || {
            format!("{}, where worker {number} stands", worker.worker)
        })?;
        let hashes = total(point.samples.iter().map(|sample| sample.workers[number]));
        ensure(hashes == u128::from(worker.hashes), &format!("{at}.hashes"), || {
            format!("{}, but the samples have {hashes}", worker.hashes)
        })?;
        let part = worker.hashes as f64 / point.hashes as f64;
        computed(&format!("{at}.share"), worker.share, part, "its hashes ÷ the point's")?;
        let expected = worker.hashes as f64 / point.elapsed_s;
        let at_rate = format!("{at}.hashes_per_s");
        computed(&at_rate, worker.hashes_per_s, expected, "its hashes ÷ the point's time")?;
        not_negative(&format!("{at}.busy_s"), worker.busy_s)?;
    }
    Ok(())
}

pub(super) fn baseline(at: &str, baseline: &Baseline) -> Checked {
    count(&format!("{at}.samples"), baseline.samples.len())?;
    timed_samples(&format!("{at}.samples"), &baseline.samples)?;
    median_rate(at, &baseline.hashes_per_s, baseline.samples.iter().map(|it| it.hashes_per_s))?;
    for (number, it) in baseline.speedups.iter().enumerate() {
        interval(&format!("{at}.speedups[{number}].speedup"), &it.speedup, positive)?;
    }
    baseline.speedup.map_or(Ok(()), |it| interval(&format!("{at}.speedup"), &it, positive))
}

pub(super) fn timed_samples(at: &str, samples: &[BaselineSample]) -> Checked {
    samples.iter().enumerate().try_for_each(|(number, sample)| {
        rate(&format!("{at}[{number}]"), sample.hashes, sample.elapsed_s, sample.hashes_per_s)
    })
}

/// Hashes, the time that they took, and the rate that follows.
fn rate(at: &str, hashes: u64, elapsed_s: f64, hashes_per_s: f64) -> Checked {
    ensure(hashes > 0, &format!("{at}.hashes"), || "must be at least 1".to_owned())?;
    positive(&format!("{at}.elapsed_s"), elapsed_s)?;
    let at = format!("{at}.hashes_per_s");
    positive(&at, hashes_per_s)?;
    computed(&at, hashes_per_s, hashes as f64 / elapsed_s, "hashes ÷ elapsed_s")
}

/// A sum that cannot wrap.
fn total(counts: impl Iterator<Item = u64>) -> u128 {
    counts.map(u128::from).sum()
}
