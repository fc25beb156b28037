//! Several machines side by side.

use super::curve::{Choice, Curve, fastest};
use crate::bench::document::{Document, Point};

/// One machine at one number of threads.
#[derive(Clone, Debug)]
pub struct OverviewRow<'a> {
    /// The machine's label, made unique.
    pub label: &'a str,
    /// The kernel.
    pub curve: Curve<'a>,
    /// What was measured.
    pub point: &'a Point,
}

/// Every machine's chosen curve, by threads and then in the order of the documents. `labels` are
/// those that [`labels`] gives.
#[must_use]
pub fn overview<'a>(
    documents: &'a [Document],
    labels: &'a [String],
    choice: &Choice,
) -> Vec<OverviewRow<'a>> {
    let mut rows: Vec<_> = documents
        .iter()
        .zip(labels)
        .filter_map(|(document, label)| Some((label, fastest(document, choice)?)))
        .flat_map(|(label, curve)| {
            let row = |point| OverviewRow { label, curve: curve.clone(), point };
            curve.points.iter().copied().map(row).collect::<Vec<_>>()
        })
        .collect();
    rows.sort_by_key(|row| row.point.threads);
    rows
}

/// The documents' labels; those that come again are numbered: `desk`, `desk (2)`.
#[must_use]
pub fn labels(documents: &[Document]) -> Vec<String> {
    let mut labels: Vec<String> = Vec::new();
    for document in documents {
        let numbered = (2..).map(|number| format!("{} ({number})", document.label));
        let mut candidates = std::iter::once(document.label.clone()).chain(numbered);
        labels.extend(candidates.find(|label| !labels.contains(label)));
    }
    labels
}
