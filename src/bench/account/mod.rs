//! The account: where the threads of a sample went, in threads' worth.
//!
//! Inside a sample, a `Meter` reads on every worker's thread how long it ran, how long it waited,
//! and how fast its core's clock was (`meter.rs`). These are the sample's [`WorkerTimes`]
//! (`times.rs`). From them, `split` (`split.rs`) divides the sample's threads into what was reached
//! and what was lost: an [`Account`] (`parts.rs`). The factors are those of the POP methodology
//! (POP Centre of Excellence): load balance, frequency scaling, IPC scaling. `docs/benchmarking.md`
//! has its names beside ours.
//!
//! To measure another loss:
//!
//! 1. Read it in `Meter`, and keep what was read in [`WorkerTimes`], which is saved with the
//!    sample.
//! 2. Give [`Loss`] a variant and a place in `Loss::ALL`, [`Account`] a field, and take the loss
//!    off in `split`. `tests/common/account.py` computes it a second time.
//! 3. The compiler then points at what depends on the list of losses: names and words
//!    (`bench/wording/account.rs`), the stacks (`bench/export/chart/part.rs`, with a colour in
//!    `chart.css`) and the columns of CSV (`bench/export/csv.rs`).
//! 4. Write the schema anew (`bench/document/schema.rs`), and describe the loss in
//!    `docs/benchmarking.md`.

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
