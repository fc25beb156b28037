//! Measuring: samples taken in turn, what they say, and what a search is compared with.
//!
//! Computes and never prints.

mod baselines;
pub mod document;
pub mod environment;
mod sampler;
pub mod statistics;
pub mod warnings;

pub use baselines::{reference_loop, sha2_digest};
pub use sampler::{Cause, Interrupted, Progress, Rounds, Sample, Sampler, Samples, timed};
