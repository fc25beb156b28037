//! Measuring: samples taken in turn, what they say, what a search is compared with, and what people
//! get of it all: files, charts, words.
//!
//! A benchmark from start to end: a [`Plan`] names the points and what they are compared with
//! (`plan.rs`); [`run()`] warms them up, samples them in turn and times their stops (`run.rs`,
//! `subject.rs`); a proof ties every rate to the sums of what was hashed (`proof.rs`); the samples
//! become medians and ratios with their intervals (`summary.rs`, [`statistics`]); and all of it is
//! a [`document::Document`], to be saved, drawn and [compared](compare).
//!
//! Computes and never prints.

mod baselines;
mod comparison;
pub mod document;
mod environment;
mod error;
pub mod export;
mod measured;
mod plan;
mod proof;
pub mod report;
mod run;
pub mod statistics;
mod subject;
mod summary;
mod warnings;
mod workload;

pub use baselines::{
    Baseline, Python, PythonError, UnknownBaseline, header_loop, reference_loop, sha2_digest,
};
pub use comparison::{CompareError, PointName, check_comparable, compare};
pub use environment::Watch;
pub use error::BenchError;
pub use plan::Plan;
pub use run::{Event, Step, run};
pub use workload::Workload;
