//! Measuring: samples taken in turn, what they say, what a search is compared with, and what people
//! get of it all: files, charts, words.
//!
//! Computes and never prints.

mod baselines;
pub mod document;
pub mod export;
pub mod report;
mod sampler;
pub mod statistics;

pub use baselines::{reference_loop, sha2_digest};
pub use sampler::{Cause, Interrupted, Progress, Rounds, Sample, Sampler, Samples, timed};
