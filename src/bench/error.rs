//! Errors that end a benchmark.

use super::baselines::PythonError;
use crate::miner::{BuildError, SearchError};

/// Why a benchmark could not be run.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// A point's workers could not be set up.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// A sweep or a search failed.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// Python failed.
    #[error(transparent)]
    Python(#[from] PythonError),
}
