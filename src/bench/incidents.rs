//! What went wrong during a run without ending it: baselines that do not work, and samples in which
//! the process did not run.

use super::baselines::PythonError;
use super::document::Warning;
use super::error::BenchError;
use crate::text::counted;

/// What went wrong so far.
#[derive(Debug, Default)]
pub(super) struct Incidents {
    /// A warning for each baseline that is missing, since Python failed.
    missing_baselines: Vec<Warning>,
    /// Samples that were left out, since the process did not run all the time.
    pub(super) paused: usize,
}

impl Incidents {
    /// What a step gave. Where Python failed it is `None`, and a warning is kept. A Python that
    /// cannot be started at all stays an error: it was asked for.
    pub(super) fn warn_of_failed_python<T>(
        &mut self,
        step: Result<T, BenchError>,
    ) -> Result<Option<T>, BenchError> {
        let error = match step {
            Ok(done) => return Ok(Some(done)),
            Err(BenchError::Python(error)) if !matches!(error, PythonError::Start(_)) => error,
            Err(error) => return Err(error),
        };
        let text = format!("the baseline python is missing: {error}");
        self.missing_baselines.push(Warning { kind: "baseline-lost".to_owned(), text });
        Ok(None)
    }

    pub(super) fn warnings(self) -> impl Iterator<Item = Warning> {
        let paused = (self.paused > 0).then(|| {
            let were = if self.paused == 1 { "was" } else { "were" };
            let samples = counted(self.paused, "sample");
            let text = format!(
                "{samples} {were} left out: the process was stopped or the machine slept; let it \
                 run, or measure again"
            );
            Warning { kind: "paused".to_owned(), text }
        });
        self.missing_baselines.into_iter().chain(paused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_that_were_left_out_are_counted() {
        let texts = |paused| {
            let incidents = Incidents { paused, ..Incidents::default() };
            incidents.warnings().map(|warning| warning.text).collect::<Vec<_>>()
        };
        assert!(texts(0).is_empty());
        assert!(texts(1)[0].starts_with("1 sample was left out"));
        assert!(texts(2)[0].starts_with("2 samples were left out"));
    }
}
