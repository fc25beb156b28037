//! Compares two runs point by point.

use super::document::{
    ComparedPoint, Comparison, Document, Ending, Point, SearchedHeader, Verdict, Warning,
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
    #[error("{saved_label:?} has no points: it was stopped before the first sample")]
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

/// A point's name: a kernel at a number of threads.
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

/// Compares the points that two runs have in common. A run may be up to `max_slowdown` slower, a
/// part of the saved rate from 0 to 1.
#[must_use]
pub fn compare(this: &Document, saved: &Document, max_slowdown: f64) -> Comparison {
    let compared = |point: &Point| {
        let before = saved.point(&point.kernel, point.threads)?;
        let ratio = Interval::of_median_ratio(&point.rates(), &before.rates())?;
        let (kernel, threads) = (point.kernel.clone(), point.threads);
        let verdict = Verdict::NoDifference;
        let mut compared = ComparedPoint { kernel, threads, ratio, verdict, too_slow: false };
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

/// What makes the comparison doubtful: differences between the runs besides the program.
fn warnings(this: &Document, saved: &Document) -> Vec<Warning> {
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
    let mut warnings = Vec::new();
    let mut warn = |kind: &str, text| warnings.push(Warning { kind: kind.to_owned(), text });
    if !texts.is_empty() {
        let differences = texts.join("; ");
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
    let is_new = |point: &&Point| saved.point(&point.kernel, point.threads).is_none();
    match this.points.iter().filter(is_new).count() {
        0 => {}
        count => warn("left-out", format!("{count} of the points are not in the saved run")),
    }
    warnings
}

fn was_pinned(document: &Document) -> bool {
    document.points.iter().any(|point| point.pinned)
}
