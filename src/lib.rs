//! A parallel proof-of-work miner, and a benchmark of how the search scales with cores.
//!
//! The nonce space is cut into *stripes*, and the stripes are *mined* in parallel. A tour, in the
//! order in which a block comes to be:
//!
//! 1. [`chain::Ledger`] opens a chain file, checks it and repairs an append that was cut short.
//! 2. [`chain::Chain::candidate`] makes the next block; [`chain::Candidate::template`] makes it
//!    bytes with a hole for the nonce, exactly as Python's `json` module would write them
//!    (`chain/block.rs`).
//! 3. [`miner::Miner::search`] searches the hole on all threads. Stripes are handed out in
//!    `miner/stripes.rs`; one atomic word in `miner/winner.rs` stops the search and is its answer;
//!    `miner/worker.rs` is the loop that looks at it.
//! 4. [`pow::Job`] searches one stripe on one thread, with a [`pow::Kernel`].
//! 5. [`chain::Candidate::seal`] closes the block, and [`chain::Ledger::append`] makes it durable
//!    (`chain/ledger.rs`).
//! 6. [`chain::verify()`] checks a whole file.
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
//! The library has no globals: it does not print, read the environment, take signals, or use
//! rayon's global pool. Without the default feature `cli` it is [`pow`], [`miner`] and [`chain`]
//! alone, with a small tree of dependencies; the feature adds what the binary and the benchmarks
//! need: `machine`, `bench` and `cli`.

#![warn(clippy::unwrap_used)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

#[cfg(feature = "cli")]
pub mod bench;
pub mod chain;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "cli")]
pub mod machine;
pub mod miner;
pub mod pow;
mod sync;

/// The README's examples, tried with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
