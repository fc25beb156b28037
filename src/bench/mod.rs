//! Measuring: samples taken in turn, and what they say.
//!
//! Computes and never prints.

mod sampler;
pub mod statistics;

pub use sampler::{Cause, Interrupted, Progress, Rounds, Sample, Sampler, Samples, timed};
