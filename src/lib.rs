//! A parallel proof-of-work miner, and a benchmark of how the search scales with cores.
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
