//! The facts of a benchmark besides its points: comparisons, costs, the proof, warnings.

use super::cpus;
use super::intervals::percent_with_interval;
use crate::bench::baselines::Baseline;
use crate::bench::curve::fastest;
use crate::bench::document::{
    Coordinator, Document, Ending, Mismatch, Point, Scalability, StopTimes,
};
use crate::bench::statistics::Interval;
use crate::text::{grouped, seconds, significant, times};

/// A line below the table of points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is about.
    pub name: &'static str,
    /// What it says.
    pub text: String,
    /// Whether it casts doubt on the figures.
    pub is_warning: bool,
}

/// All lines below the points: comparisons, costs, the proof, warnings.
#[must_use]
pub fn facts(document: &Document) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut add = |name, text: Option<String>| {
        facts.extend(text.map(|text| Fact { name, text, is_warning: false }));
    };
    add("one thread against", baseline_speedups(document));
    add("fairness", fairness(document));
    let of = |kernel| kernel_in_brackets(document, kernel);
    let shared = document.coordinator.as_ref().map(|it| coordinator(it) + &of(&it.kernel));
    add("coordinator", shared);
    add("stop after a find", document.stop.as_ref().map(|it| stop(it) + &of(&it.kernel)));
    let each = document.each_cpu.as_ref();
    add("each CPU alone", each.map(cpus::each_cpu));
    add("CPUs that are alike", each.map(cpus::clusters));
    add("against single CPUs", cpus::against_cpus(document));
    let run = document.sustained.as_ref();
    add("sustained", run.map(|run| cpus::sustained(run) + &of(&run.kernel)));
    add("second by second", run.map(cpus::strip_of_seconds));
    add("scalability", document.scalability.as_ref().map(scalability));
    add("proof", document.proof.ok.then(|| proof(document)));
    let mismatches = document.proof.mismatches.iter().map(|it| ("proof FAILED", mismatch(it)));
    let cut_short = (document.outcome == Ending::Interrupted).then(|| {
        ("interrupted", "the run was stopped: this is what it had measured until then".to_owned())
    });
    let warnings = document.warnings.iter().map(|it| ("warning", it.text.clone()));
    let doubts = mismatches.chain(cut_short).chain(warnings);
    facts.extend(doubts.map(|(name, text)| Fact { name, text, is_warning: true }));
    facts
}

/// How many times as fast as each baseline one thread is.
fn baseline_speedups(document: &Document) -> Option<String> {
    let comparisons = document.baselines.iter().filter_map(|baseline| {
        let name = baseline_name(&baseline.name);
        baseline.speedup.map(|speedup| format!("{name} {} x", times(speedup.median)))
    });
    let comparisons: Vec<_> = comparisons.collect();
    let of = document.points.first().map(|first| kernel_in_brackets(document, &first.kernel));
    (!comparisons.is_empty()).then(|| comparisons.join(", ") + &of.unwrap_or_default())
}

/// The kernel in brackets, if the document has several.
fn kernel_in_brackets(document: &Document, kernel: &str) -> String {
    let is_only_kernel = document.points.iter().all(|point| point.kernel == kernel);
    if is_only_kernel { String::new() } else { format!(" ({kernel})") }
}

/// The title of the baseline with this name; the name itself where no baseline has it.
#[must_use]
pub fn baseline_name(name: &str) -> &str {
    name.parse().map_or(name, |baseline: Baseline| baseline.title())
}

/// How evenly the work was spread over the workers, at the largest number of threads.
fn fairness(document: &Document) -> Option<String> {
    let curve = fastest(document, &document.label, None)?;
    let point = curve.points.last().filter(|point| point.threads > 1)?;
    Some(format!(
        "{} of an even share at {} threads{}",
        even_shares(point),
        point.threads,
        kernel_in_brackets(document, &point.kernel)
    ))
}

/// The lowest and the highest share of a worker, 1 being even: `0.98 to 1.03`.
#[must_use]
pub fn even_shares(point: &Point) -> String {
    let [lowest, highest] = [point.fairness.lowest_share, point.fairness.highest_share]
        .map(|share| significant(share * point.threads as f64, 3));
    format!("{lowest} to {highest}")
}

fn coordinator(coordinator: &Coordinator) -> String {
    let overhead = percent_with_interval(&coordinator.overhead);
    format!("{overhead} at {} threads, against separate searches", coordinator.threads)
}

fn stop(stop: &StopTimes) -> String {
    format!("{} median, {} 99th percentile", seconds(stop.median_s), seconds(stop.p99_s))
}

fn scalability(law: &Scalability) -> String {
    let coefficient = |name: &str, it: &Interval| {
        let [median, low, high] = [it.median, it.low, it.high].map(small);
        format!("{name} {median} [{low}, {high}]")
    };
    let peak = match &law.peak_threads {
        Some(peak) => {
            format!("peak at {:.0} threads [{:.0}, {:.0}]", peak.median, peak.low, peak.high)
        }
        None => "no peak is shown".to_owned(),
    };
    let sigma = coefficient("contention", &law.sigma);
    let kappa = coefficient("coherency", &law.kappa);
    format!("{sigma}, {kappa}; {peak} (95 % bootstrap intervals)")
}

/// A coefficient, which may be very small.
fn small(number: f64) -> String {
    if number != 0.0 && number.abs() < 1e-3 {
        format!("{number:.1e}")
    } else {
        significant(number, 3)
    }
}

fn proof(document: &Document) -> String {
    let proof = &document.proof;
    let compared = match proof.sums_compared {
        0 => "no segment was shared".to_owned(),
        count => format!("every shared segment agrees ({} compared)", grouped(count)),
    };
    if document.outcome == Ending::Interrupted {
        return format!("not completed: {compared}, but nothing was hashed again");
    }
    let again = grouped(proof.nonces_hashed_again);
    let cost = proof.cost.map_or_else(String::new, |cost| {
        format!("; summing costs {}", percent_with_interval(&cost))
    });
    format!("ok: {compared}, {again} nonces hashed again{cost}")
}

fn mismatch(mismatch: &Mismatch) -> String {
    let nonce = mismatch.nonce.map_or_else(String::new, |nonce| format!(", nonce {nonce}"));
    format!(
        "{} at {} threads, segment {}{nonce}: {:#010x}, but {} gives {:#010x}",
        mismatch.kernel,
        mismatch.threads,
        mismatch.segment,
        mismatch.found,
        mismatch.against,
        mismatch.expected
    )
}
