//! Stands in for `ports.rs` on architectures without 512-bit vectors: there are no streams.

use super::sampler::Sample;

pub(crate) const ROUNDS: &str = "rounds";
pub(crate) const WITH_SCHEDULE: &str = "rounds with schedule";

/// A stream of instructions: none here.
#[derive(Clone, Copy)]
pub(crate) enum Stream {}

impl Stream {
    pub(crate) fn all() -> Option<&'static [Self]> {
        None
    }

    pub(crate) fn name(self) -> &'static str {
        match self {}
    }

    pub(crate) fn sample(self) -> Sample {
        match self {}
    }
}
