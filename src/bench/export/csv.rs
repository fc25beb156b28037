//! CSV: a row for every sample. `docs/benchmarking.md` describes the columns.

use crate::bench::curve::{curves, labels};
use crate::bench::document::{Document, PlainSample};
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

pub(super) fn render(documents: &[Document], kernel: Option<&str>) -> Vec<u8> {
    let mut table = csv::Writer::from_writer(Vec::new());
    let heading = COLUMNS.map(str::to_owned);
    let labels = labels(documents);
    let rows = documents.iter().zip(&labels).flat_map(|(it, label)| rows(it, label, kernel));
    for row in std::iter::once(heading).chain(rows) {
        table
            .write_record(row.map(|cell| escaped_line(&cell)))
            .expect("memory takes rows of equal length");
    }
    table.into_inner().expect("memory takes everything")
}

fn rows(document: &Document, label: &str, kernel: Option<&str>) -> Vec<Row> {
    let [label, workload] = [label, &document.workload.name].map(str::to_owned);
    let row =
        |[kernel, baseline]: [&str; 2], [threads, pinned]: [String; 2], it: &PlainSample, sum| {
            let measured =
                [it.hashes.to_string(), it.elapsed_s.to_string(), it.hashes_per_s.to_string()];
            let [hashes, elapsed_s, hashes_per_s] = measured;
            let (label, workload, round) = (label.clone(), workload.clone(), it.round.to_string());
            let [kernel, baseline] = [kernel, baseline].map(str::to_owned);
            [
                label,
                workload,
                kernel,
                baseline,
                threads,
                pinned,
                round,
                hashes,
                elapsed_s,
                hashes_per_s,
                sum,
            ]
        };
    let mut rows = Vec::new();
    for point in curves(document, &document.label, kernel).iter().flat_map(|curve| &curve.points) {
        rows.extend(point.samples.iter().map(|sample| {
            let at = [point.threads.to_string(), point.pinned.to_string()];
            row([&point.kernel, ""], at, &sample.plain(), sample.sum.to_string())
        }));
    }
    for baseline in &document.baselines {
        rows.extend(baseline.samples.iter().map(|sample| {
            row(["", &baseline.name], ["1".to_owned(), String::new()], sample, String::new())
        }));
    }
    rows
}
