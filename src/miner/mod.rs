//! The search on all threads: stripes of nonces, handed out in order, searched in parallel.
//!
//! A reader's path: [`Miner::search`] sets up one search and listens to its workers
//! (`coordinator.rs`); [`stripes`](self) are handed out by an atomic cursor (`stripes.rs`); every
//! worker takes stripe after stripe (`worker.rs`) until one atomic word says that what is left
//! cannot win any more (`winner.rs`); each search ends with a [`Report`] (`report.rs`).
//!
//! [`Miner::sweep`] hashes all of a range and times it, for benchmarks (`sweep.rs`).
//!
//! The answer does not depend on the number of threads: with [`Order::Lowest`] it is the lowest
//! valid nonce of the range. For a search on the caller's thread alone, [`crate::pow::Job`] is
//! simpler.

mod coordinator;
mod pool;
mod report;
mod stripes;
mod sweep;
mod winner;
mod worker;

pub use coordinator::{Outcome, Progress, Search, SearchError, Solution};
pub use pool::{BuildError, MAX_THREADS, Miner, MinerBuilder};
pub use report::{Report, WorkerReport};
pub use sweep::{Sharing, Sweep, Swept};
pub use winner::Order;
