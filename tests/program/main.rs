//! Tests of the program, mostly as a process, and of its modules `machine`, `bench` and `cli`.

#[path = "../common/mod.rs"]
mod common;
mod saved;
mod webdriver;

/// The tests of the sampler that the benchmarks share, since benchmarks run no tests themselves.
#[path = "../../benches/common/sampler.rs"]
mod sampler;

mod account;
mod bad_chain;
mod bad_input;
#[cfg(unix)]
mod bad_paths;
mod bench;
mod bench_faults;
#[cfg(target_os = "linux")]
mod big_input;
#[cfg(target_os = "linux")]
mod blocking;
mod browser;
#[cfg(all(feature = "cluster", unix))]
mod cluster;
#[cfg(not(feature = "cluster"))]
mod cluster_absent;
mod contract;
#[cfg(unix)]
mod cpu_list;
mod crash;
mod data_input;
mod dialects;
mod export;
#[cfg(unix)]
mod file_modes;
mod fuzz_corpus;
mod generated;
mod going_on;
mod headers;
#[cfg(target_os = "linux")]
mod interrupts;
mod lost_output;
#[cfg(unix)]
mod own_output;
#[cfg(target_os = "linux")]
mod progress;
mod readme;
mod report;
mod samples;
mod saved_document;
mod saved_schema;
mod screen;
#[cfg(unix)]
mod signals;
mod single_cpus;
mod solve;
mod terminal_safety;
#[cfg(unix)]
mod writers;
