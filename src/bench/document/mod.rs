//! The saved form of a benchmark: its samples, the figures made of them, and where it was measured.
//!
//! The fields are those of the JSON, listed in `docs/benchmarking.md`. Within [`SCHEMA`] fields are
//! only added, so readers skip fields that they do not know. What could not be known is left out,
//! never written as 0.
//!
//! Only samples are taken from a file. Figures are computed from them by the same code after a run
//! and after reading (`compute.rs`), so a file cannot contradict itself.

mod accounts;
mod bounds;
mod check;
mod comparison;
mod compute;
mod cpus;
mod environment;
mod error;
mod points;
mod proof;
mod read;
mod run;
#[cfg(test)]
mod schema;
mod sustained;
mod warning;
mod write;

pub use comparison::{ComparedPoint, Comparison, Verdict};
pub use cpus::{CpuCluster, EachCpu, MeasuredCpu};
pub use environment::{CoreCount, Environment};
pub use error::{DocumentError, MAX_BYTES};
pub(super) use points::rate;
pub use points::{
    AUTO, BaselineSpeedup, Coordinator, Fairness, MeasuredBaseline, PlainSample, Point, Sample,
    Scalability, StopTimes, Worker,
};
pub use proof::{Mismatch, Proof};
pub use run::{Document, Ending, SCHEMA, SearchedHeader, Settings};
pub use sustained::{Second, Sustained};
pub use warning::Warning;
