//! CSV: a row for every sample. `docs/benchmarking.md` describes the columns.

use super::escape;
use crate::bench::curve::{curves, labels};
use crate::bench::document::{Document, PlainSample};

const HEADING: &str =
    "label,workload,kernel,baseline,threads,pinned,round,hashes,elapsed_s,hashes_per_s,sum\n";

pub(super) fn render(documents: &[Document], kernel: Option<&str>) -> Vec<u8> {
    let mut table = csv::Writer::from_writer(HEADING.as_bytes().to_vec());
    for (document, label) in documents.iter().zip(&labels(documents)) {
        let mut row = |of: [&dyn ToString; 4], it: &PlainSample, sum: &dyn ToString| {
            let header: [&dyn ToString; 2] = [label, &document.workload.name];
            let sample: [&dyn ToString; 5] =
                [&it.round, &it.hashes, &it.elapsed_s, &it.hashes_per_s, sum];
            let cells = header.into_iter().chain(of).chain(sample);
            let written = table.write_record(cells.map(|cell| escape::csv(&cell.to_string())));
            written.expect("memory takes rows of equal length");
        };
        let curves = curves(document, &document.label, kernel);
        for point in curves.iter().flat_map(|curve| &curve.points) {
            let of: [&dyn ToString; 4] = [&point.kernel, &"", &point.threads, &point.pinned];
            point.samples.iter().for_each(|sample| row(of, &sample.plain(), &sample.sum));
        }
        for baseline in &document.baselines {
            let of: [&dyn ToString; 4] = [&"", &baseline.name, &1, &""];
            baseline.samples.iter().for_each(|sample| row(of, sample, &""));
        }
    }
    table.into_inner().expect("memory takes everything")
}
