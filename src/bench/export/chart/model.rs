//! What the chart shows, before anything has a place.

use super::super::Choice;
use super::legend::Entry;
use crate::bench::document::{Document, Point};
use crate::bench::report::{Curve, curves, extent, fastest, labels, sampling, smt_begins};
use crate::bench::statistics::Interval;
use crate::text::{counted, hash_rate, percent, plural};

/// A labelled line of points.
#[derive(Debug)]
pub(in super::super) struct Series {
    /// The machine's label, or the kernel where there is one machine.
    pub(super) name: String,
    /// The machine's label.
    pub(super) label: String,
    pub(super) kernel: String,
    /// By threads, ascending.
    pub(super) points: Vec<Point>,
}

impl Series {
    fn of(curve: &Curve<'_>, name: String, label: &str) -> Self {
        Self {
            name,
            label: label.to_owned(),
            kernel: curve.kernel.to_owned(),
            points: curve.points.iter().map(|point| strip(point)).collect(),
        }
    }

    /// The median rate of one thread.
    pub(super) fn one_thread(&self) -> Option<f64> {
        let first = self.points.first().filter(|point| point.threads == 1);
        first.map(|point| point.hashes_per_s.median)
    }
}

/// The point without what the chart does not show.
fn strip(point: &Point) -> Point {
    Point { workers: Vec::new(), samples: Vec::new(), ..point.clone() }
}

/// Everything that the chart shows.
#[derive(Debug)]
pub(in super::super) struct Model {
    pub(in super::super) title: String,
    pub(in super::super) subtitle: String,
    pub(in super::super) series: Vec<Series>,
    /// Names and median rates, the highest first.
    pub(super) baselines: Vec<(String, f64)>,
    /// Physical cores of machines whose siblings were measured as well, ascending.
    pub(super) cores: Vec<usize>,
    is_one_machine: bool,
    what: String,
}

impl Model {
    pub(in super::super) fn of(documents: &[Document], choice: &Choice) -> Self {
        let labels = labels(documents);
        let series = match documents {
            [only] => kernels_of(only, choice),
            several => machines(several, &labels, choice),
        };
        Self {
            title: title(&labels),
            subtitle: subtitle(documents, &labels),
            baselines: baselines(documents),
            cores: cores(documents, &series),
            is_one_machine: documents.len() == 1,
            what: what(documents, &series),
            series,
        }
    }

    pub(super) fn points(&self) -> impl Iterator<Item = &Point> {
        self.series.iter().flat_map(|series| &series.points)
    }

    /// Whether the kernels of one machine are shown, rather than several machines.
    pub(super) fn is_one_machine(&self) -> bool {
        self.is_one_machine
    }

    /// The numbers of threads that were measured anywhere, ascending.
    pub(super) fn threads(&self) -> Vec<usize> {
        let mut threads: Vec<_> = self.points().map(|point| point.threads).collect();
        threads.sort_unstable();
        threads.dedup();
        threads
    }

    /// What the marks mean.
    pub(in super::super) fn legend(&self) -> Vec<Entry> {
        let series = self.series.iter().enumerate();
        let mut entries: Vec<_> =
            series.map(|(number, it)| Entry::Series { number, name: it.name.clone() }).collect();
        if self.series.iter().any(|series| series.one_thread().is_some()) {
            entries.push(Entry::Ideal);
        }
        entries
    }

    /// What was measured, and what the bars are.
    pub(in super::super) fn caption(&self) -> String {
        let bars = "Bars are 95 % bootstrap intervals of the median.";
        format!("{} {bars}{}", self.what, self.not_drawn())
    }

    /// The baselines that have no place in the rate panel.
    fn not_drawn(&self) -> String {
        let drawn = super::panel::drawn_baselines(self).len();
        let missing: Vec<_> = self.baselines[drawn..]
            .iter()
            .map(|(name, rate)| format!("{name} {}", hash_rate(*rate, 3)))
            .collect();
        if missing.is_empty() {
            return String::new();
        }
        format!(" Too low to draw: {} (one thread).", missing.join(", "))
    }

    /// The figures in words, for who cannot see the chart.
    pub(in super::super) fn description(&self) -> String {
        let series: Vec<_> = self.series.iter().map(describe).collect();
        if series.is_empty() {
            return "There are no points.".to_owned();
        }
        series.join(" ")
    }
}

fn describe(series: &Series) -> String {
    let points: Vec<_> = series.points.iter().map(describe_point).collect();
    format!("{}: {}.", series.name, points.join("; "))
}

/// A point in words, with its intervals.
pub(super) fn describe_point(point: &Point) -> String {
    let threads = counted(point.threads, "thread");
    let efficiency = point
        .efficiency
        .map_or_else(String::new, |it| format!(", efficiency {}", percent(it.median)));
    format!("{threads} {}{efficiency}", rate(&point.hashes_per_s))
}

fn rate(rate: &Interval) -> String {
    hash_rate(rate.median, 4)
}

fn kernels_of(document: &Document, choice: &Choice) -> Vec<Series> {
    let curves = curves(document, choice);
    curves.iter().map(|curve| Series::of(curve, curve.name(), &document.label)).collect()
}

fn machines(documents: &[Document], labels: &[String], choice: &Choice) -> Vec<Series> {
    let curves = documents.iter().zip(labels);
    curves
        .filter_map(|(document, label)| {
            let curve = fastest(document, choice)?;
            Some(Series::of(&curve, format!("{label} ({})", curve.name()), label))
        })
        .collect()
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
        // More would take more room than they tell; the page and the tables have them all.
        many if many.len() > 3 => String::new(),
        several => {
            let machines: Vec<_> = several
                .iter()
                .zip(labels)
                .map(|(document, label)| format!("{label}: {}", extent(&document.environment)))
                .collect();
            machines.join("; ")
        }
    }
}

/// The baselines of a single machine, the highest first.
fn baselines(documents: &[Document]) -> Vec<(String, f64)> {
    let [only] = documents else { return Vec::new() };
    let name = crate::bench::report::baseline_name;
    let mut baselines: Vec<_> = only
        .baselines
        .iter()
        .map(|baseline| (name(&baseline.name).to_owned(), baseline.hashes_per_s.median))
        .collect();
    baselines.sort_by(|a, b| b.1.total_cmp(&a.1));
    baselines
}

fn cores(documents: &[Document], series: &[Series]) -> Vec<usize> {
    let most = series.iter().flat_map(|it| it.points.iter().map(|point| point.threads)).max();
    let mut cores: Vec<_> = documents
        .iter()
        .filter_map(|document| smt_begins(&document.environment))
        .filter(|cores| most.is_some_and(|most| most > *cores))
        .collect();
    cores.sort_unstable();
    cores.dedup();
    cores
}

/// Workload, kernel and samples.
fn what(documents: &[Document], series: &[Series]) -> String {
    let Some(first) = documents.first() else { return String::new() };
    let workload = &first.workload;
    let mut kernels: Vec<_> = series.iter().map(|series| series.kernel.as_str()).collect();
    kernels.sort_unstable();
    kernels.dedup();
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
