use crate::bench::document::{Document, Point};

/// What of the documents is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Only this kernel. Without one, every kernel of a single document, and the fastest of each
    /// of several.
    pub kernel: Option<String>,
}

/// One kernel of one document, over the numbers of threads.
#[derive(Clone, Debug)]
pub struct Curve<'a> {
    /// Where it was measured.
    pub document: &'a Document,
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

    /// The point with the highest median rate, of those with a CPU for every thread where there are
    /// any: more threads than CPUs are faster by luck alone.
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

/// The chosen curves of a document, in the order in which their first points stand there.
#[must_use]
pub fn curves<'a>(document: &'a Document, choice: &Choice) -> Vec<Curve<'a>> {
    let mut curves: Vec<Curve<'a>> = Vec::new();
    for point in &document.points {
        if choice.kernel.as_ref().is_some_and(|kernel| *kernel != point.kernel) {
            continue;
        }
        let same =
            |curve: &&mut Curve<'a>| curve.kernel == point.kernel && curve.pinned == point.pinned;
        match curves.iter_mut().find(same) {
            Some(curve) => curve.points.push(point),
            None => curves.push(Curve {
                document,
                kernel: &point.kernel,
                pinned: point.pinned,
                points: vec![point],
            }),
        }
    }
    for curve in &mut curves {
        curve.points.sort_by_key(|point| point.threads);
    }
    curves
}

/// The chosen curve of a document that reaches the highest rate.
#[must_use]
pub fn fastest<'a>(document: &'a Document, choice: &Choice) -> Option<Curve<'a>> {
    let curves = curves(document, choice);
    let rate = |curve: &Curve<'_>| curve.highest().hashes_per_s.median;
    curves.into_iter().max_by(|a, b| rate(a).total_cmp(&rate(b)))
}
