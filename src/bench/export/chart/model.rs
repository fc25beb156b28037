//! The content of the chart, before it is laid out.

use std::collections::BTreeSet;

use super::legend::{Entry, Mark};
use crate::bench::curve::{Curve, curves, fastest_of_each};
use crate::bench::document::{Document, Point};
use crate::bench::wording::{baseline_name, extent, kind_of_intervals, sampling};
use crate::text::{counted, hash_rate, percent, plural};

/// Everything that the chart shows.
#[derive(Debug)]
pub(in super::super) struct Model<'a> {
    pub(in super::super) title: String,
    pub(in super::super) subtitle: String,
    pub(super) curves: Vec<Curve<'a>>,
    /// Names and median rates, the highest first.
    pub(super) baselines: Vec<(&'a str, f64)>,
    /// Physical cores of machines whose siblings were measured as well, ascending.
    pub(super) cores: Vec<usize>,
    /// Whether the kernels of one machine are shown, instead of several machines.
    pub(super) is_one_machine: bool,
    /// Workload, kernels and samples, in words.
    pub(super) measured: String,
    /// What the intervals are, in words.
    pub(super) intervals: String,
}

impl<'a> Model<'a> {
    /// Every kernel of one document, or the fastest of each of several; `kernel` chooses one.
    pub(in super::super) fn of(
        documents: &'a [Document],
        labels: &'a [String],
        kernel: Option<&str>,
    ) -> Self {
        let curves = match (documents, labels) {
            ([only], [label]) => curves(only, label, kernel),
            _ => fastest_of_each(documents, labels, kernel),
        };
        Self {
            title: title(labels),
            subtitle: subtitle(documents, labels),
            baselines: baselines(documents),
            cores: cores(documents, &curves),
            is_one_machine: documents.len() == 1,
            measured: measured(documents, &curves),
            intervals: kind_of_intervals(documents),
            curves,
        }
    }

    /// A curve's name: its kernel, and with several machines its machine as well.
    pub(super) fn name(&self, curve: &Curve<'_>) -> String {
        let name = curve.name();
        if self.is_one_machine { name } else { format!("{} ({name})", curve.label) }
    }

    pub(super) fn points(&self) -> impl Iterator<Item = &'a Point> {
        self.curves.iter().flat_map(|curve| curve.points.iter().copied())
    }

    /// Whether it is known of any point where its threads went.
    pub(in super::super) fn has_accounts(&self) -> bool {
        self.points().any(|point| point.account.is_some())
    }

    /// All numbers of threads, ascending.
    pub(super) fn threads(&self) -> Vec<usize> {
        ascending(self.points().map(|point| point.threads))
    }

    /// What the marks mean.
    pub(in super::super) fn legend(&self) -> Vec<Entry> {
        let curves = self.curves.iter().enumerate();
        let entry = |(number, curve)| Entry { name: self.name(curve), mark: Mark::Curve(number) };
        let has_ideal = self.curves.iter().any(|curve| curve.one_thread().is_some());
        let ideal = Entry { name: "ideal: n times one thread".to_owned(), mark: Mark::Ideal };
        curves.map(entry).chain(has_ideal.then_some(ideal)).collect()
    }

    /// The figures in words, for readers who cannot see the chart.
    pub(in super::super) fn description(&self) -> String {
        let describe = |curve: &Curve<'_>| {
            let points: Vec<_> = curve.points.iter().map(|point| describe_point(point)).collect();
            format!("{}: {}.", self.name(curve), points.join("; "))
        };
        if self.curves.is_empty() {
            return "There are no points.".to_owned();
        }
        self.curves.iter().map(describe).collect::<Vec<_>>().join(" ")
    }
}

/// A point in words: threads, rate and efficiency.
pub(super) fn describe_point(point: &Point) -> String {
    let threads = counted(point.threads, "thread");
    let rate = hash_rate(point.hashes_per_s.median, 4);
    let efficiency = point.efficiency.map(|it| format!(", efficiency {}", percent(it.median)));
    format!("{threads} {rate}{}", efficiency.unwrap_or_default())
}

fn title(labels: &[String]) -> String {
    match labels {
        [only] => format!("{only}: hash rate over threads"),
        several => format!("Hash rate over threads on {} machines", several.len()),
    }
}

fn subtitle(documents: &[Document], labels: &[String]) -> String {
    match documents {
        [only] => {
            let cpu = only.environment.cpu_model.as_deref().unwrap_or(&only.environment.arch);
            format!("{cpu}, {}", extent(&only.environment))
        }
        // More machines would take too much room. The page and the tables have them all.
        many if many.len() > 3 => String::new(),
        several => {
            let machines = several.iter().zip(labels);
            let machines =
                machines.map(|(it, label)| format!("{label}: {}", extent(&it.environment)));
            machines.collect::<Vec<_>>().join("; ")
        }
    }
}

/// The baselines of a single machine, the highest first.
fn baselines(documents: &[Document]) -> Vec<(&str, f64)> {
    let [only] = documents else { return Vec::new() };
    let named = only.baselines.iter().map(|it| (baseline_name(&it.name), it.hashes_per_s.median));
    let mut baselines: Vec<_> = named.collect();
    baselines.sort_by(|a, b| b.1.total_cmp(&a.1));
    baselines
}

fn cores(documents: &[Document], curves: &[Curve<'_>]) -> Vec<usize> {
    let most = curves.iter().flat_map(|it| it.points.iter().map(|point| point.threads)).max();
    let cores = documents.iter().filter_map(|it| it.environment.cores_before_siblings());
    ascending(cores.filter(|cores| most.is_some_and(|most| most > *cores)))
}

/// In ascending order, each once.
fn ascending<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
    values.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Workload, kernels and samples, in words.
fn measured(documents: &[Document], curves: &[Curve<'_>]) -> String {
    let Some(first) = documents.first() else { return String::new() };
    let workload = &first.workload;
    let kernels = ascending(curves.iter().map(|curve| curve.kernel));
    let mut samples: Vec<_> = documents.iter().map(sampling).collect();
    samples.dedup();
    format!(
        "Workload {}: 1 hash = {}. {} {}. {}.",
        workload.name,
        workload.one_hash,
        plural("Kernel", kernels.len() == 1),
        kernels.join(", "),
        samples.join(" or ")
    )
}
