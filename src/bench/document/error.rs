//! Why a file is not a saved benchmark.

use thiserror::Error;

use super::run::SCHEMA;

/// The most bytes that are read as one file.
pub const MAX_BYTES: usize = 64 << 20;

/// Why a file is not a saved benchmark.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DocumentError {
    /// More than [`MAX_BYTES`].
    #[error(
        "more than {} MiB, the most that is read; a saved benchmark is far smaller: check that \
         this is the right file",
        MAX_BYTES >> 20
    )]
    TooLong,
    /// Not JSON at all, or JSON that ends early.
    #[error(
        "line {line}, column {column}: not JSON: {reason}; name a file that `stripmine bench \
         --export FILE.json` wrote"
    )]
    NotJson {
        /// From 1.
        line: usize,
        /// From 1, in bytes.
        column: usize,
        /// What the parser met.
        reason: String,
    },
    /// JSON, but not a benchmark.
    #[error(
        "not a benchmark of stripmine, but {looks_like}; name a file that `stripmine bench \
         --export FILE.json` wrote"
    )]
    Foreign {
        /// What it is instead.
        looks_like: String,
    },
    /// A benchmark in a version of the document that is not known here.
    #[error(
        "schema: {found} is not known to this version, which reads schema {SCHEMA}; read it with \
         the version that wrote it, or measure again"
    )]
    UnknownSchema {
        /// The number that stands there.
        found: String,
    },
    /// A benchmark with a field that is missing, is of another kind, or has an impossible value.
    #[error("{at}: {reason}; the file was changed or cut after it was written: measure again")]
    Malformed {
        /// The path to the field, such as `points[3].samples[0].hashes_per_s`.
        at: String,
        /// What is wrong with it.
        reason: String,
    },
}
