//! What a benchmark has gathered when it comes to its figures.

use std::time::{Duration, Instant};

use super::Plan;
use super::proof::Proof;
use super::subject::Subject;

/// What was measured so far.
pub(super) struct Measured<'a> {
    pub(super) plan: &'a Plan,
    pub(super) subjects: Vec<Subject>,
    pub(super) proof: Proof<'a>,
    /// When the first round began.
    pub(super) started: Instant,
    /// From a find to the last worker's stop, search by search.
    pub(super) stops: Vec<Duration>,
}
