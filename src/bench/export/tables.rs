//! The tables of Markdown and of the page, as text without markup.

use std::ops::Range;

use crate::bench::account::Loss;
use crate::bench::curve::{Curve, by_threads, fastest_of_each};
use crate::bench::document::{
    BaselineSpeedup, ComparedPoint, Document, MeasuredCpu, Point, Verdict, Worker,
};
use crate::bench::statistics::Interval;
use crate::bench::wording::{
    baseline_name, even_shares, kind_of_intervals, loss_name, percent_with_interval,
    rate_with_interval, ratio_to_earlier, threads_worth, times_with_interval,
};
use crate::text::{RateUnit, grouped, hash_rate, percent, significant};

/// A table as text: headings, and rows of cells.
#[derive(Debug)]
pub(super) struct TextTable {
    pub(super) headings: Vec<String>,
    /// How many columns on the left hold text. The others hold figures.
    pub(super) text_columns: usize,
    pub(super) rows: Vec<Vec<String>>,
}

impl TextTable {
    pub(super) fn new(text_columns: usize, headings: &[&str], rows: Vec<Vec<String>>) -> Self {
        let headings = headings.iter().map(|&heading| heading.to_owned()).collect();
        Self { headings, text_columns, rows }
    }

    /// A table of points: names, the number of threads, and [`figures`]. Columns in which no point
    /// has a figure are left out.
    fn of_points(names: &[&str], unit: RateUnit, rows: Vec<Vec<String>>) -> Self {
        let rate = format!("{} [interval]", unit.name);
        let figures = [
            "threads",
            &rate,
            "cycles a hash",
            "GHz",
            "speedup [interval]",
            "efficiency [interval]",
            "fairness",
        ];
        let clock = names.len() + 2..names.len() + 4;
        Self::new(names.len(), &[names, &figures].concat(), rows).without_empty(clock)
    }

    /// Without those of the columns that have no figure in any row.
    fn without_empty(mut self, columns: Range<usize>) -> Self {
        for column in columns.rev() {
            if self.rows.iter().all(|row| row[column].is_empty()) {
                self.headings.remove(column);
                self.rows.iter_mut().for_each(|row| drop(row.remove(column)));
            }
        }
        self
    }
}

/// What the brackets in the tables mean.
pub(super) fn brackets(documents: &[Document]) -> String {
    format!("Brackets are {}.", kind_of_intervals(documents))
}

/// What the column of fairness means.
pub(super) const FAIRNESS_NOTE: &str =
    "Fairness is the lowest and the highest share of a worker, 1 being even.";

/// The points of one kernel.
pub(super) fn points(curve: &Curve<'_>) -> TextTable {
    let unit = RateUnit::for_all(curve.points.iter().map(|point| point.hashes_per_s.median));
    let environment = &curve.document.environment;
    let row = |point: &&Point| {
        let note = if environment.shares_cores(point.threads) { " (SMT)" } else { "" };
        let mut row = vec![format!("{}{note}", point.threads)];
        row.extend(figures(point, unit));
        row
    };
    TextTable::of_points(&[], unit, curve.points.iter().map(row).collect())
}

/// Rate, cycles a hash, clock, speedup, efficiency and fairness.
fn figures(point: &Point, unit: RateUnit) -> Vec<String> {
    let rate = &point.hashes_per_s;
    let [median, low, high] = [rate.median, rate.low, rate.high].map(|it| unit.figure(it, 4));
    let median_of = |it: Option<Interval>, digits| {
        it.map_or_else(String::new, |it| significant(it.median, digits))
    };
    vec![
        format!("{median} [{low}, {high}]"),
        median_of(point.cycles_per_hash, 4),
        median_of(point.clock_ghz, 3),
        point.speedup.as_ref().map(times_with_interval).unwrap_or_default(),
        point.efficiency.as_ref().map(percent_with_interval).unwrap_or_default(),
        even_shares(point),
    ]
}

/// What the table of where the threads went means.
pub(super) const ACCOUNT_NOTE: &str = "Threads' worth of one sample, that with the median of what \
                                       was reached, so that each row adds up to its threads; \
                                       brackets are the intervals of all samples.";

/// Where the threads of one kernel went, if that is known. Losses that no point has are left out.
pub(super) fn account(curve: &Curve<'_>) -> Option<TextTable> {
    let accounts: Vec<_> = curve.points.iter().filter_map(|point| point.account).collect();
    let is_zero = |value: f64| threads_worth(value) == threads_worth(0.0);
    let is_nothing = |it: Interval| is_zero(it.low) && is_zero(it.high);
    let is_seen = |loss| accounts.iter().filter_map(|it| it.loss(loss)).any(|it| !is_nothing(it));
    let row = |point: &&Point| {
        let (one, all) = (point.typical_sample()?.account?, point.account?);
        let cell = |figure: Option<f64>, interval: Option<Interval>| {
            let [figure, low, high] = [figure?, interval?.low, interval?.high].map(threads_worth);
            Some(format!("{figure} [{low}, {high}]"))
        };
        let lost = |loss| cell(one.loss(loss), all.loss(loss)).filter(|_| is_seen(loss));
        let lost = Loss::ALL.map(lost);
        let cells = [Some(point.threads.to_string()), cell(Some(one.reached), Some(all.reached))];
        Some(cells.into_iter().chain(lost).map(Option::unwrap_or_default).collect())
    };
    let rows: Vec<Vec<String>> = curve.points.iter().filter_map(row).collect();
    let headings: Vec<&str> =
        ["threads", "reached"].into_iter().chain(Loss::ALL.map(loss_name)).collect();
    let losses = 2..headings.len();
    (!rows.is_empty()).then(|| TextTable::new(0, &headings, rows).without_empty(losses))
}

/// Several machines, by threads.
pub(super) fn machines(
    documents: &[Document],
    labels: &[String],
    kernel: Option<&str>,
) -> TextTable {
    let curves = fastest_of_each(documents, labels, kernel);
    let rows = by_threads(&curves);
    let unit = RateUnit::for_all(rows.iter().map(|(_, point)| point.hashes_per_s.median));
    let cells = rows.iter().map(|(curve, point)| {
        let mut cells = vec![curve.label.to_owned(), curve.name(), point.threads.to_string()];
        cells.extend(figures(point, unit));
        cells
    });
    TextTable::of_points(&["machine", "kernel"], unit, cells.collect())
}

/// What one thread is compared with, if anything.
pub(super) fn baselines(document: &Document) -> Option<TextTable> {
    let mut rows = Vec::new();
    for baseline in &document.baselines {
        let name = baseline_name(&baseline.name);
        let rate = rate_with_interval(&baseline.hashes_per_s, 4);
        let compared = |it: &BaselineSpeedup| [it.kernel.clone(), times_with_interval(&it.speedup)];
        // Where no kernel was measured on one thread, the row has the rate alone.
        let no_kernel = baseline.speedups.is_empty().then(Default::default);
        for [kernel, speedup] in baseline.speedups.iter().map(compared).chain(no_kernel) {
            rows.push(vec![name.to_owned(), baseline.what.clone(), rate.clone(), kernel, speedup]);
        }
    }
    let headings = ["baseline", "what it is", "rate [interval]", "kernel", "one thread of it"];
    (!rows.is_empty()).then(|| TextTable::new(2, &headings, rows))
}

/// What every CPU does alone, if that was measured.
pub(super) fn cpus(document: &Document) -> Option<TextTable> {
    let each = document.each_cpu.as_ref()?;
    let unit = RateUnit::for_all(each.cpus.iter().map(|cpu| cpu.hashes_per_s.median));
    let row = |cpu: &MeasuredCpu| {
        let Interval { median, low, high } = cpu.hashes_per_s;
        let [median, low, high] = [median, low, high].map(|it| unit.figure(it, 4));
        vec![
            each.cluster_of(cpu.cpu).map(|cluster| cluster.name.clone()).unwrap_or_default(),
            cpu.kind.clone().unwrap_or_default(),
            cpu.numa_node.map(|node| node.to_string()).unwrap_or_default(),
            cpu.core.to_string(),
            cpu.cpu.to_string(),
            format!("{median} [{low}, {high}]"),
        ]
    };
    let rate = format!("{} [interval]", unit.name);
    let rows = each.by_core().into_iter().flatten().map(row).collect();
    let headings = ["alike", "kind", "NUMA node", "core", "CPU", &rate];
    Some(TextTable::new(3, &headings, rows))
}

/// The points against those of an earlier run, if that was asked for.
pub(super) fn comparison(document: &Document) -> Option<(String, TextTable)> {
    let comparison = document.comparison.as_ref()?;
    let row = |point: &ComparedPoint| {
        let verdict = match point.verdict {
            Verdict::Faster => "faster",
            Verdict::Slower if point.too_slow => "slower than allowed",
            Verdict::Slower => "slower",
            Verdict::NoDifference => "no difference",
        };
        let ratio = ratio_to_earlier(&point.ratio).join(" ");
        vec![point.kernels(), verdict.to_owned(), point.threads.to_string(), ratio]
    };
    let headings =
        ["kernel", "verdict", "threads", "rate against the earlier [95 % bootstrap interval]"];
    let rows = comparison.points.iter().map(row).collect();
    Some((format!("Against {}", comparison.label), TextTable::new(2, &headings, rows)))
}

/// What makes the comparison doubtful.
pub(super) fn comparison_warnings(document: &Document) -> impl Iterator<Item = &str> {
    let comparison = document.comparison.iter();
    comparison.flat_map(|it| &it.warnings).map(|warning| warning.text.as_str())
}

/// Each worker's part in a point.
pub(super) fn workers(point: &Point) -> TextTable {
    let row = |worker: &Worker| {
        vec![
            worker.worker.to_string(),
            grouped(worker.stripes),
            grouped(worker.hashes),
            percent(worker.share),
            hash_rate(worker.hashes_per_s, 4),
            percent((worker.busy_s / point.elapsed_s).min(1.0)),
        ]
    };
    let headings = ["worker", "stripes", "hashes", "share", "rate", "busy"];
    TextTable::new(0, &headings, point.workers.iter().map(row).collect())
}
