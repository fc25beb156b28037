//! Options for checking a chain.

use super::dialect::DialectHints;
use crate::pow::Target;
use crate::sync::CancelToken;

/// How to check a chain. Take the default and change its fields.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct VerifyOptions<'a> {
    /// The target that every block except the first must meet; none by default.
    pub target: Option<Target>,
    /// Whether every byte must be as the chain's dialect writes it, one block a line: for the
    /// dialect `tutorial`, as Python's `json.dumps(…, sort_keys=True)` does. By default other
    /// spellings, and a JSON array of blocks, are valid as well.
    pub strict: bool,
    /// What is known of the dialect; what is not is detected.
    pub dialect: Option<&'a DialectHints>,
    /// Threads to check on, 1 by default. Small files are checked on the caller's thread alone.
    pub threads: usize,
    /// Ends the check once it is cancelled.
    pub cancel: Option<&'a CancelToken>,
}

impl Default for VerifyOptions<'_> {
    fn default() -> Self {
        Self { target: None, strict: false, dialect: None, threads: 1, cancel: None }
    }
}
