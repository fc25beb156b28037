//! A parallel proof-of-work miner, and a benchmark of how the search scales with cores.
pub mod miner;
pub mod pow;
mod sync;
