//! Whether a document says only what can be: figures in their ranges, sums that add up, and no
//! figure that its own samples contradict.
//!
//! Not a judgement of the measurement: a slow, noisy or failed run is a good document.

mod figures;
mod points;

use std::collections::HashSet;

use figures::{Checked, count, ensure, finite, interval, not_negative, positive, share};
use points::{baseline, point, timed_samples};

use super::{
    Comparison, Coordinator, Document, Environment, Outcome, Proof, Scalability, Stop, Verdict,
    Workload,
};
use crate::bench::statistics::Interval;

/// The most threads that a benchmark measures.
pub(super) const MAX_THREADS: usize = 1_024;

/// The first thing in the document that cannot be.
pub(super) fn check(document: &Document) -> Checked {
    not_negative("started_unix_s", document.started_unix_s)?;
    positive("settings.time_s", document.settings.time_s)?;
    count("settings.samples", document.settings.samples)?;
    not_negative("settings.warmup_s", document.settings.warmup_s)?;
    environment(&document.environment)?;
    workload(&document.workload)?;
    proof(document.outcome, &document.proof)?;
    points(document)?;
    baselines(document)?;
    document.coordinator.as_ref().map_or(Ok(()), coordinator)?;
    document.stop.as_ref().map_or(Ok(()), stop)?;
    document.scalability.as_ref().map_or(Ok(()), scalability)?;
    document.comparison.as_ref().map_or(Ok(()), comparison)
}

fn environment(environment: &Environment) -> Checked {
    let counts = [
        ("sockets", environment.sockets),
        ("numa_nodes", environment.numa_nodes),
        ("physical_cores", Some(environment.physical_cores)),
        ("logical_cpus", Some(environment.logical_cpus)),
        ("siblings_per_core", environment.siblings_per_core),
        ("allowed_cpus", environment.allowed_cpus),
        ("allowed_cores", environment.allowed_cores),
        ("usable_threads", Some(environment.usable_threads)),
        ("num_cpus", Some(environment.num_cpus)),
    ];
    for (name, value) in counts {
        count(&format!("environment.{name}"), value.unwrap_or(1))?;
    }
    positive("environment.cpu_quota", environment.cpu_quota.unwrap_or(1.0))?;
    not_negative("environment.load_before", environment.load_before.unwrap_or(0.0))?;
    share("environment.steal", environment.steal.unwrap_or(0.0))
}

fn workload(workload: &Workload) -> Checked {
    let header = &workload.first_header;
    let is_hex = header.bytes().all(|byte| byte.is_ascii_hexdigit());
    ensure(is_hex, "workload.first_header", || "not hex digits".to_owned())?;
    let is_whole = header.len().is_multiple_of(2) && header.len() / 2 == workload.bytes;
    ensure(is_whole, "workload.bytes", || {
        format!("{} bytes, but first_header has {} hex digits", workload.bytes, header.len())
    })?;
    // SHA-256 appends a bit, zeros and a length of 8 bytes up to a whole block (FIPS 180-4, 5.1.1).
    let blocks = (header.len() / 2 + 9).div_ceil(64);
    ensure(workload.blocks == blocks, "workload.blocks", || {
        format!("{} blocks, but {} bytes fill {blocks}", workload.blocks, workload.bytes)
    })?;
    ensure((1..=2).contains(&workload.hashed), "workload.hashed", || {
        format!("a header is hashed once or twice, not {} times", workload.hashed)
    })
}

fn proof(outcome: Outcome, proof: &Proof) -> Checked {
    ensure(proof.segment_len > 0, "proof.segment_len", || "must be at least 1".to_owned())?;
    ensure(proof.ok == proof.mismatches.is_empty(), "proof.ok", || {
        format!("{}, but there are {} mismatches", proof.ok, proof.mismatches.len())
    })?;
    let fits = match outcome {
        Outcome::Done => proof.ok,
        Outcome::Failed => !proof.ok,
        Outcome::Interrupted => true,
    };
    ensure(fits, "outcome", || format!("contradicts proof.ok, which is {}", proof.ok))?;
    if let Some(cost) = &proof.cost {
        interval("proof.cost", cost, finite)?;
    }
    timed_samples("proof.unproved", &proof.unproved)
}

fn points(document: &Document) -> Checked {
    let can_be_empty = document.outcome != Outcome::Done;
    ensure(can_be_empty || !document.points.is_empty(), "points", || {
        "nothing in it, though the benchmark was done".to_owned()
    })?;
    let mut seen = HashSet::new();
    for (number, it) in document.points.iter().enumerate() {
        let at = format!("points[{number}]");
        point(&at, it, &document.proof)?;
        ensure(seen.insert((&it.kernel, it.threads, it.pinned)), &at, || {
            format!("a second point of kernel {:?} at {} threads", it.kernel, it.threads)
        })?;
    }
    Ok(())
}

fn baselines(document: &Document) -> Checked {
    let mut seen = HashSet::new();
    for (number, it) in document.baselines.iter().enumerate() {
        let at = format!("baselines[{number}]");
        baseline(&at, it)?;
        ensure(seen.insert(&it.name), &at, || format!("a second baseline {:?}", it.name))?;
    }
    Ok(())
}

fn coordinator(coordinator: &Coordinator) -> Checked {
    points::threads("coordinator.threads", coordinator.threads)?;
    interval("coordinator.overhead", &coordinator.overhead, finite)?;
    for (number, sample) in coordinator.separate.iter().enumerate() {
        let at = format!("coordinator.separate[{number}]");
        positive(&format!("{at}.elapsed_s"), sample.elapsed_s)?;
        positive(&format!("{at}.hashes_per_s"), sample.hashes_per_s)?;
    }
    Ok(())
}

fn stop(stop: &Stop) -> Checked {
    points::threads("stop.threads", stop.threads)?;
    not_negative("stop.median_s", stop.median_s)?;
    not_negative("stop.p99_s", stop.p99_s)?;
    ensure(stop.median_s <= stop.p99_s, "stop.p99_s", || {
        format!("{} lies below the median, {}", stop.p99_s, stop.median_s)
    })?;
    for (number, time) in stop.times_s.iter().enumerate() {
        not_negative(&format!("stop.times_s[{number}]"), *time)?;
    }
    Ok(())
}

fn scalability(law: &Scalability) -> Checked {
    for (number, threads) in law.threads.iter().enumerate() {
        points::threads(&format!("scalability.threads[{number}]"), *threads)?;
    }
    interval("scalability.lambda", &law.lambda, positive)?;
    interval("scalability.sigma", &law.sigma, finite)?;
    interval("scalability.kappa", &law.kappa, finite)?;
    law.peak_threads.map_or(Ok(()), |peak| interval("scalability.peak_threads", &peak, positive))
}

fn comparison(comparison: &Comparison) -> Checked {
    not_negative("comparison.started_unix_s", comparison.started_unix_s)?;
    share("comparison.max_slowdown", comparison.max_slowdown)?;
    for (number, it) in comparison.points.iter().enumerate() {
        let at = format!("comparison.points[{number}]");
        points::threads(&format!("{at}.threads"), it.threads)?;
        interval(&format!("{at}.ratio"), &it.ratio, positive)?;
        let Interval { low, high, .. } = it.ratio;
        let fits = match it.verdict {
            Verdict::Faster => low > 1.0,
            Verdict::Slower => high < 1.0,
            Verdict::NoDifference => low <= 1.0 && high >= 1.0,
        };
        ensure(fits, &format!("{at}.verdict"), || format!("contradicts [{low}, {high}]"))?;
    }
    Ok(())
}
