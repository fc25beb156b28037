//! The tests of the sampler that the benchmarks share: benchmarks run no tests themselves.
#![cfg(feature = "cli")]

#[path = "../benches/common/sampler.rs"]
mod sampler;
