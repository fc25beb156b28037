//! A row for every sample, for spreadsheets and data frames. The columns are described in
//! `docs/benchmarking.md`.

use super::Choice;
use crate::bench::document::{Baseline, Document, Point};
use crate::bench::report::{curves, labels};
use crate::text::escaped_line;

const COLUMNS: [&str; 11] = [
    "label",
    "workload",
    "kernel",
    "baseline",
    "threads",
    "pinned",
    "round",
    "hashes",
    "elapsed_s",
    "hashes_per_s",
    "sum",
];

type Row = [String; COLUMNS.len()];

pub(super) fn render(documents: &[Document], choice: &Choice) -> Vec<u8> {
    let mut table = csv::Writer::from_writer(Vec::new());
    let heading = COLUMNS.map(str::to_owned);
    let labels = labels(documents);
    let rows = documents.iter().zip(&labels).flat_map(|(it, label)| rows(it, label, choice));
    for row in std::iter::once(heading).chain(rows) {
        table
            .write_record(row.map(|cell| escaped_line(&cell)))
            .expect("memory takes rows of equal length");
    }
    table.into_inner().expect("memory takes everything")
}

fn rows(document: &Document, label: &str, choice: &Choice) -> Vec<Row> {
    let workload = document.workload.name.as_str();
    let mut rows = Vec::new();
    for point in curves(document, choice).iter().flat_map(|curve| &curve.points) {
        rows.extend(point_rows(label, workload, point));
    }
    for baseline in &document.baselines {
        rows.extend(baseline_rows(label, workload, baseline));
    }
    rows
}

fn point_rows<'a>(
    label: &'a str,
    workload: &'a str,
    point: &'a Point,
) -> impl Iterator<Item = Row> + 'a {
    point.samples.iter().map(move |sample| {
        [
            label.to_owned(),
            workload.to_owned(),
            point.kernel.clone(),
            String::new(),
            point.threads.to_string(),
            point.pinned.to_string(),
            sample.round.to_string(),
            sample.hashes.to_string(),
            sample.elapsed_s.to_string(),
            sample.hashes_per_s.to_string(),
            sample.sum.to_string(),
        ]
    })
}

fn baseline_rows<'a>(
    label: &'a str,
    workload: &'a str,
    baseline: &'a Baseline,
) -> impl Iterator<Item = Row> + 'a {
    baseline.samples.iter().map(move |sample| {
        [
            label.to_owned(),
            workload.to_owned(),
            String::new(),
            baseline.name.clone(),
            "1".to_owned(),
            String::new(),
            sample.round.to_string(),
            sample.hashes.to_string(),
            sample.elapsed_s.to_string(),
            sample.hashes_per_s.to_string(),
            String::new(),
        ]
    })
}
