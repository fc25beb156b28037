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

impl Curve<'_> {
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

    /// The highest median rate, in hashes per second.
    #[must_use]
    pub fn peak(&self) -> f64 {
        self.points.iter().map(|point| point.hashes_per_s.median).fold(0.0, f64::max)
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
    curves.into_iter().max_by(|a, b| a.peak().total_cmp(&b.peak()))
}
