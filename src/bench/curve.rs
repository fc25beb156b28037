//! Curves: what pictures and tables show of saved benchmarks.

use super::document::{Document, Point};

/// One kernel of one document, over the numbers of threads.
#[derive(Clone, Debug)]
pub struct Curve<'a> {
    /// Where it was measured.
    pub document: &'a Document,
    /// The document's label, made unique.
    pub label: &'a str,
    /// The kernel's name.
    pub kernel: &'a str,
    /// Whether workers were pinned.
    pub pinned: bool,
    /// By threads, ascending; at least one.
    pub points: Vec<&'a Point>,
}

impl<'a> Curve<'a> {
    /// The kernel, and whether it was pinned where the document has it both ways.
    #[must_use]
    pub fn name(&self) -> String {
        let has_both = self.document.points.iter().any(|point| point.pinned != self.pinned);
        match (has_both, self.pinned) {
            (false, _) => self.kernel.to_owned(),
            (true, true) => format!("{}, pinned", self.kernel),
            (true, false) => format!("{}, not pinned", self.kernel),
        }
    }

    /// The point of one thread, if it was measured.
    #[must_use]
    pub fn one_thread(&self) -> Option<&'a Point> {
        self.points.first().copied().filter(|point| point.threads == 1)
    }

    /// The point with the highest median rate. Points with more threads than CPUs count only where
    /// there are no others: they are faster by luck alone.
    ///
    /// # Panics
    /// When the curve has no points.
    #[must_use]
    pub fn highest(&self) -> &'a Point {
        let environment = &self.document.environment;
        let cpus = environment.allowed_cpus.unwrap_or(environment.logical_cpus);
        let has_cpus = |point: &&'a Point| point.threads <= cpus;
        let any_has = self.points.iter().any(has_cpus);
        let points = self.points.iter().copied().filter(|point| !any_has || has_cpus(point));
        let highest = points.max_by(|a, b| a.hashes_per_s.median.total_cmp(&b.hashes_per_s.median));
        highest.expect("a curve has at least one point")
    }
}

/// The curves of a document, in the order in which their first points stand there: of one kernel,
/// or of all.
#[must_use]
pub fn curves<'a>(document: &'a Document, label: &'a str, kernel: Option<&str>) -> Vec<Curve<'a>> {
    let mut curves: Vec<Curve<'a>> = Vec::new();
    let is_chosen = |point: &&Point| kernel.is_none_or(|kernel| point.is_of(kernel));
    for point in document.points.iter().filter(is_chosen) {
        let is_its = |curve: &&mut Curve<'a>| curve.points[0].is_on_curve_of(point);
        if let Some(curve) = curves.iter_mut().find(is_its) {
            curve.points.push(point);
        } else {
            let (kernel, pinned) = (&*point.kernel, point.pinned);
            curves.push(Curve { document, label, kernel, pinned, points: vec![point] });
        }
    }
    for curve in &mut curves {
        curve.points.sort_by_key(|point| point.threads);
    }
    curves
}

/// The curve of a document that reaches the highest rate: of one kernel, or of all.
#[must_use]
pub fn fastest<'a>(
    document: &'a Document,
    label: &'a str,
    kernel: Option<&str>,
) -> Option<Curve<'a>> {
    let curves = curves(document, label, kernel);
    let rate = |curve: &Curve<'_>| curve.highest().hashes_per_s.median;
    curves.into_iter().max_by(|a, b| rate(a).total_cmp(&rate(b)))
}

/// The fastest curve of each document. `labels` are those that [`labels`] gives.
#[must_use]
pub fn fastest_of_each<'a>(
    documents: &'a [Document],
    labels: &'a [String],
    kernel: Option<&str>,
) -> Vec<Curve<'a>> {
    let labelled = documents.iter().zip(labels);
    labelled.filter_map(|(document, label)| fastest(document, label, kernel)).collect()
}

/// All points of some curves, by threads and then in the order of the curves.
#[must_use]
pub fn by_threads<'c, 'a>(curves: &'c [Curve<'a>]) -> Vec<(&'c Curve<'a>, &'a Point)> {
    let with_curve = |curve: &'c Curve<'a>| curve.points.iter().map(move |point| (curve, *point));
    let mut points: Vec<_> = curves.iter().flat_map(with_curve).collect();
    points.sort_by_key(|(_, point)| point.threads);
    points
}

/// The documents' labels. Those that come again are numbered: `desk`, `desk (2)`.
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
