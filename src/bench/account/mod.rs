//! The account: where the threads of a sample went, in threads' worth.
//!
//! Inside a sample, a `Meter` reads on every worker's thread how long it ran, how long it waited,
//! and how fast its core's clock was (`meter.rs`): the sample's [`WorkerTimes`] (`times.rs`).
//! `split` divides the sample's threads by them into what was reached and what was lost
//! (`split.rs`), an [`Account`] (`parts.rs`). The factors are those of the POP methodology (POP
//! Centre of Excellence): load balance, frequency scaling, IPC scaling. `docs/benchmarking.md` has
//! its names beside ours.

mod meter;
mod parts;
mod siblings;
mod split;
mod times;

pub(super) use meter::Meter;
pub use parts::{Account, Loss};
pub(super) use siblings::clock_beside_sibling;
pub(super) use split::{Observed, split};
pub use times::WorkerTimes;
