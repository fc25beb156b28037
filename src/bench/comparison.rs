//! Compares two runs point by point.

use super::document::{
    AUTO, ComparedPoint, Comparison, Document, Ending, Point, SearchedHeader, Verdict, Warning,
};
use super::statistics::Interval;

/// Why two runs cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompareError {
    /// They hash different headers.
    #[error(
        "{saved_label:?} hashed {saved}, this run hashes {this}; compare with a run of the same \
         workload (--workload {saved_name} measures the saved one)"
    )]
    OtherWorkload {
        /// The saved run's label.
        saved_label: String,
        /// What it hashed.
        saved: String,
        /// The name of its workload.
        saved_name: String,
        /// What this run hashes.
        this: String,
    },
    /// The saved run was stopped before its first sample.
    #[error(
        "{saved_label:?} has no points: it was stopped before the first sample; compare with a run \
         that has some"
    )]
    NothingSaved {
        /// The saved run's label.
        saved_label: String,
    },
    /// They have no point in common.
    #[error(
        "{saved_label:?} has no point like those of this run; it measured {saved}; choose \
         --kernels and --threads from these"
    )]
    NothingInCommon {
        /// The saved run's label.
        saved_label: String,
        /// Its kernels and threads.
        saved: String,
    },
}

/// A point's name: a kernel, or `auto`, at a number of threads.
pub type PointName<'a> = (&'a str, usize);

/// Checks, before points are measured, whether they can be compared with a saved run.
///
/// # Errors
/// When the saved run has another workload, or none of these points.
pub fn check_comparable(
    workload: &SearchedHeader,
    points: &[PointName<'_>],
    saved: &Document,
) -> Result<(), CompareError> {
    let saved_label = saved.label.clone();
    if !saved.workload.is_comparable(workload) {
        return Err(CompareError::OtherWorkload {
            saved_label,
            saved: saved.workload.one_hash.clone(),
            saved_name: saved.workload.name.clone(),
            this: workload.one_hash.clone(),
        });
    }
    if points.iter().any(|(kernel, threads)| saved.point(kernel, *threads).is_some()) {
        return Ok(());
    }
    if saved.points.is_empty() {
        return Err(CompareError::NothingSaved { saved_label });
    }
    let name = |point: &Point| format!("{} at {}", point.kernel, point.threads);
    let saved = saved.points.iter().map(name).collect::<Vec<_>>().join(", ");
    Err(CompareError::NothingInCommon { saved_label, saved })
}

/// Compares the points that two runs have in common. A point may be slower by up to `max_slowdown`,
/// a share of the saved rate from 0 to 1.
#[must_use]
pub fn compare(this: &Document, saved: &Document, max_slowdown: f64) -> Comparison {
    let compared = |point: &Point| {
        let before = counterpart(saved, point)?;
        let ratio = Interval::of_median_ratio(&point.rates(), &before.rates())?;
        let (kernel, threads) = (point.kernel.clone(), point.threads);
        let verdict = Verdict::NoDifference;
        let saved_kernel = (before.kernel != kernel).then(|| before.kernel.clone());
        let mut compared =
            ComparedPoint { kernel, saved_kernel, threads, ratio, verdict, too_slow: false };
        compared.judge(max_slowdown);
        Some(compared)
    };
    Comparison {
        label: saved.label.clone(),
        started_unix_s: saved.started_unix_s,
        max_slowdown,
        points: this.points.iter().filter_map(compared).collect(),
        warnings: warnings(this, saved),
    }
}

/// The point of a saved run to compare a point with: where both were made with `auto`, whatever
/// kernel it chose, and otherwise that of the same kernel.
fn counterpart<'a>(saved: &'a Document, point: &Point) -> Option<&'a Point> {
    let chosen = point.auto.then(|| saved.point(AUTO, point.threads)).flatten();
    chosen.or_else(|| saved.point(&point.kernel, point.threads))
}

/// Differences between the runs besides the program, in words.
fn differences(this: &Document, saved: &Document) -> Vec<String> {
    let (now, then) = (&this.environment, &saved.environment);
    let shown = |text: &Option<String>| text.clone().unwrap_or_else(|| "unknown".to_owned());
    let mut texts = Vec::new();
    let mut differ = |what: &str, then: String, now: String| {
        if then != now {
            texts.push(format!("{what}: {then} then, {now} now"));
        }
    };
    differ("CPU", shown(&then.cpu_model), shown(&now.cpu_model));
    differ("physical cores", then.physical_cores.to_string(), now.physical_cores.to_string());
    differ("logical CPUs", then.logical_cpus.to_string(), now.logical_cpus.to_string());
    differ("build", then.build_profile.clone(), now.build_profile.clone());
    differ("pinned", was_pinned(saved).to_string(), was_pinned(this).to_string());
    texts
}

/// What makes the comparison doubtful.
fn warnings(this: &Document, saved: &Document) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut warn = |kind: &str, text| warnings.push(Warning { kind: kind.to_owned(), text });
    let differences = differences(this, saved).join("; ");
    if !differences.is_empty() {
        let text = format!(
            "these runs differ in more than time ({differences}); measure both on one machine to \
             judge a change"
        );
        warn("other-machine", text);
    }
    for (run, document) in [("saved", saved), ("new", this)] {
        if document.outcome == Ending::Interrupted {
            warn("interrupted", format!("the {run} run was stopped early; let it finish"));
        }
        if !document.warnings.is_empty() {
            let kinds: Vec<_> = document.warnings.iter().map(|it| it.kind.as_str()).collect();
            let text = format!("the {run} run has warnings: {}; see to them", kinds.join(", "));
            warn("warnings", text);
        }
    }
    let is_new = |point: &&Point| counterpart(saved, point).is_none();
    match this.points.iter().filter(is_new).count() {
        0 => {}
        count => warn("left-out", format!("{count} of the points are not in the saved run")),
    }
    warnings
}

fn was_pinned(document: &Document) -> bool {
    document.points.iter().any(|point| point.pinned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::document::Sample;

    /// A run with points of six samples at this rate.
    fn run(points: &[(&str, bool, f64)]) -> Document {
        let sample = |round, hashes_per_s| Sample {
            round,
            elapsed_s: 1.0,
            hashes: 1,
            hashes_per_s,
            ..Sample::default()
        };
        let point = |&(kernel, auto, rate): &(&str, bool, f64)| Point {
            kernel: kernel.to_owned(),
            auto,
            threads: 1,
            samples: (0..6).map(|round| sample(round, rate)).collect(),
            ..Point::default()
        };
        Document { points: points.iter().map(point).collect(), ..Document::default() }
    }

    /// The kernels and the ratio of each point.
    fn compared(this: &Document, saved: &Document) -> Vec<(String, f64)> {
        let comparison = compare(this, saved, 0.0);
        comparison.points.iter().map(|point| (point.kernels(), point.ratio.median)).collect()
    }

    #[test]
    fn points_of_auto_match_whatever_kernel_it_chose() {
        let saved = run(&[("avx2", false, 5.0), ("sha-ni", true, 10.0)]);
        let this = run(&[("avx2", true, 20.0), ("sha-ni", false, 30.0)]);
        let expected = [("avx2, then sha-ni".to_owned(), 2.0), ("sha-ni".to_owned(), 3.0)];
        assert_eq!(compared(&this, &saved), expected);
        let workload = SearchedHeader::default();
        assert_eq!(check_comparable(&workload, &[(AUTO, 1)], &saved), Ok(()));
        assert!(check_comparable(&workload, &[(AUTO, 2)], &saved).is_err());
    }

    #[test]
    fn points_of_auto_match_their_kernel_where_the_saved_run_had_no_auto() {
        let saved = run(&[("avx2", false, 5.0)]);
        let this = run(&[("avx2", true, 20.0)]);
        assert_eq!(compared(&this, &saved), [("avx2".to_owned(), 4.0)]);
        assert_eq!(compared(&run(&[("sha2", true, 20.0)]), &saved), []);
    }
}
