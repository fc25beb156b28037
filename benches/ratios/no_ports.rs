//! No streams: there are no 512-bit vectors on this architecture.

use super::sampler::Sample;

pub(crate) const ROUNDS: &str = "rounds";
pub(crate) const WITH_SCHEDULE: &str = "rounds with schedule";

/// Some instructions, over and over: none here.
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
