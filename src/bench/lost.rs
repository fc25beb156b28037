//! Baselines that do not work.

use super::baselines::PythonError;
use super::document::Warning;
use super::error::BenchError;

/// Baselines that do not work, and why: they cost themselves, not the run.
#[derive(Debug, Default)]
pub(super) struct LostBaselines {
    pub(super) warnings: Vec<Warning>,
}

impl LostBaselines {
    /// What a step of a baseline gave; `None`, and a warning, where Python did not do it. Python that
    /// is not there at all is an error: it was asked for.
    pub(super) fn unless_lost<T>(
        &mut self,
        step: Result<T, BenchError>,
    ) -> Result<Option<T>, BenchError> {
        let error = match step {
            Ok(done) => return Ok(Some(done)),
            Err(BenchError::Python(error)) if !matches!(error, PythonError::Start(_)) => error,
            Err(error) => return Err(error),
        };
        let text = format!(
            "the baseline python is missing: {error}; see to it, or leave it out (--baselines)"
        );
        self.warnings.push(Warning { kind: "baseline-lost".to_owned(), text });
        Ok(None)
    }
}
