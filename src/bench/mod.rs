//! Benchmarks: measuring hash rates, and the files, charts and words made of them.
//!
//! A [`Benchmark`] names the points and what they are compared with (`benchmark.rs`). [`measure`]
//! warms them up, samples them in turn and times their stops (`run.rs`, `series.rs`). A proof ties
//! every rate to the sums of what was hashed (`proof.rs`), and an [`account`] says where the
//! threads went. The samples become a [`document::Document`] (`measured.rs`), whose figures are
//! computed from them (`document/compute.rs`, [`statistics`]). A document can be saved, drawn and
//! [compared](compare).
//!
//! Nothing here prints.

pub mod account;
mod baselines;
mod benchmark;
mod comparison;
pub mod curve;
pub mod document;
mod environment;
mod error;
mod event;
pub mod export;
mod incidents;
mod measured;
mod proof;
mod run;
mod series;
pub mod statistics;
mod stops;
mod sustained;
mod warnings;
pub mod wording;
mod workload;

pub use baselines::{
    Baseline, PythonError, UnknownBaseline, has_python, reference_loop, sha2_digest,
};
pub use benchmark::{AloneCpu, Benchmark};
pub use comparison::{CompareError, PointName, check_comparable, compare};
pub use environment::Watch;
pub use error::BenchError;
pub use event::{Event, Step};
pub use run::measure;
pub use workload::Workload;

/// Says what a test does not test here, past the test harness, which would swallow it.
#[cfg(test)]
fn say_not_tested(what: &str) {
    use std::io::Write as _;
    writeln!(std::io::stderr(), "\n*** NOT TESTED: {what} ***\n").expect("stderr takes text");
}
