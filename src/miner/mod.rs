//! The search on all threads: stripes of nonces, handed out in order, searched in parallel.
//!
//! A reader's path: [`Miner::search`] sets up one search and listens to its workers
//! (`coordinator.rs`). An atomic cursor hands out the stripes (`stripes.rs`). Every worker takes
//! stripe after stripe (`worker.rs`) until one atomic word shows that no stripe left can win
//! (`winner.rs`). On the way, the lowest digest is kept (`best.rs`). The workers' reports give the
//! outcome (`tally.rs`) and the [`Report`] (`report.rs`).
//!
//! [`Miner::sweep`] hashes all nonces of a range and times it, for benchmarks (`sweep.rs`).
//!
//! The answer does not depend on the number of threads: with [`Order::Lowest`] it is the lowest
//! valid nonce of the range. For a search on the caller's thread alone, [`crate::pow::Job`] is
//! simpler.

mod best;
mod coordinator;
#[cfg(test)]
pub(crate) mod fault;
mod pool;
mod report;
mod search;
mod stripes;
mod sweep;
mod tally;
mod winner;
mod worker;

pub use crate::sync::CancelToken;
pub use pool::{BuildError, MAX_THREADS, Miner, MinerBuilder, SpawnError};
pub use report::{Report, WorkerReport};
pub use search::{Listener, Outcome, Progress, Search, SearchError, Solution};
pub use sweep::{Moment, Observer, Sharing, Sweep, Swept};
pub use winner::Order;
