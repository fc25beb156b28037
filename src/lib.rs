//! A parallel proof-of-work miner, and a benchmark of how the search scales with cores.
//!
//! The nonce space is cut into *stripes*, and the stripes are *mined* in parallel.
//!
//! ```
//! use stripmine::miner::{Miner, Outcome, Search};
//! use stripmine::pow::{NonceEncoding, Target, Template};
//!
//! let miner = Miner::builder().threads(2).build()?;
//! let header = Template::new("pay 5 to Ann, nonce ", NonceEncoding::Decimal, "");
//! let target = Target::from_hex_zeros(4)?;
//! let Outcome::Found(solution) = miner.search(&header, &target, Search::default())? else {
//!     unreachable!("the range is long enough, and nobody cancels");
//! };
//! assert!(solution.digest.to_string().starts_with("0000"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is public
//!
//! The API is [`pow`] (one thread), [`miner`] (all threads), [`chain`] (blocks and their file), and
//! [`mine_block`], which joins them. Without the default feature `cli`, the library is just that,
//! with a small tree of dependencies. The feature adds the modules of the program `stripmine`:
//! `bench`, `machine`, `text` and `cli`; the feature `cluster` adds the module of that name. These
//! modules are hidden from the documentation, are no part of the semantic version, and may change
//! in any release.
//!
//! The library has no globals: it does not print, read the environment, take signals, or use
//! rayon's global pool.
//!
//! # A tour of the source
//!
//! Files are named from `src/`. Those of [`pow`] are named from the root, because it is a crate of
//! its own, `stripmine-pow`: its kernels take longer to compile than everything else.
//!
//! The way of a block:
//!
//! 1. [`chain::Ledger`] opens a chain file, checks it, and repairs an append that was cut short
//!    (`chain/ledger.rs`).
//! 2. [`chain::Chain::candidate`] makes the next block: its bytes, exactly as Python's `json`
//!    module would write them, with a hole for the nonce (`chain/layout.rs`).
//! 3. [`miner::Miner::search`] searches the hole on all threads (`miner/coordinator.rs`). An atomic
//!    cursor hands out the stripes (`miner/stripes.rs`), each worker searches one stripe after the
//!    other (`miner/worker.rs`), and one atomic word is stop flag and answer (`miner/winner.rs`).
//! 4. [`pow::Job`] searches one stripe on one thread, with a [`pow::Kernel`]
//!    (`pow/src/kernel/driver.rs`).
//! 5. [`chain::Candidate::seal`] makes the block's line, and [`chain::Ledger::append`] writes and
//!    syncs it.
//! 6. [`chain::verify()`] checks a whole file.
//!
//! [`mine_block`] does 2 to 5 in one call (`mine.rs`).
//!
//! A *dialect* is what the author of a chain chose: the names of the properties, and the spelling
//! of the JSON that is hashed. The dialect of new chains is called `tutorial`.
//!
//! To find something:
//!
//! | question | file |
//! |---|---|
//! | Where is a stripe handed out? | `Stripes::take` in `miner/stripes.rs` |
//! | Where does a block become bytes? | `Header::new` in `chain/layout.rs`; in another dialect than `tutorial`, `Form` in `chain/form.rs` |
//! | How is the dialect of a chain found out? | `Detection` in `chain/detect.rs` |
//! | Where is a benchmark's sample taken? | `Series::take` in `bench/series.rs`; `bench/run.rs` decides when |
//! | Where does a figure become text? | `text/`, for all outputs: counts, ratios and percentages in `figures.rs`, durations in `durations.rs`, hash rates in `rate.rs` |
//!
//! To add something:
//!
//! | new | file |
//! |---|---|
//! | names in a dialect | `Role::usual_names` in `chain/dialect.rs` |
//! | spelling in a dialect | `JsonSpelling` in `chain/python_json/spelling.rs`; `chain/mod.rs` has the steps |
//! | kernel | `Kernel` in `pow/src/kernel/mod.rs`, and a vector instruction set in `pow/src/lanes/`; `CONTRIBUTING.md` has the steps |
//! | measured loss | `Loss` in `bench/account/parts.rs`; `bench/account/mod.rs` has the steps |

#![warn(clippy::unwrap_used)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod bench;
pub mod chain;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
#[cfg(feature = "cluster")]
#[doc(hidden)]
pub mod cluster;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod machine;
mod mine;
pub mod miner;
pub mod pow;
mod sync;
#[cfg(feature = "cli")]
mod text;

pub use mine::{MineError, Mined, mine_block};

/// The README's examples, tried with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// The types that callers may move to other threads, or share with them.
const _: () = {
    const fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<miner::Miner>();
    is_send_and_sync::<miner::CancelToken>();
    is_send_and_sync::<miner::Outcome>();
    is_send_and_sync::<miner::BuildError>();
    is_send_and_sync::<miner::SearchError>();
    is_send_and_sync::<pow::Template>();
    is_send_and_sync::<pow::Target>();
    is_send_and_sync::<pow::Kernel>();
    is_send_and_sync::<pow::Job<'_>>();
    is_send_and_sync::<chain::Chain>();
    is_send_and_sync::<chain::ChainFileError>();
    is_send_and_sync::<chain::Ledger>();
    is_send_and_sync::<chain::SealedBlock>();
    is_send_and_sync::<MineError>();
    is_send_and_sync::<Mined>();
};
