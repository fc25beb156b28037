//! The machine: its CPUs, cores, limits and instruction sets, and how a thread is pinned to a CPU.
//!
//! [`System`] answers questions from the files of `/proc` and `/sys`; [`Topology`] counts CPUs and
//! cores; [`clock_hz`] measures a core's clock. What cannot be known is unknown, never guessed.
//! This is no inventory of hardware: caches and memory are left out. Which kernels can run is
//! decided by `pow::Kernel`; the names from `features.rs` are for people.

mod affinity;
mod clock;
mod cpu;
#[cfg(test)]
mod fake_root;
mod features;
mod frequency;
mod hardware;
mod host;
mod kinds;
mod load;
mod quota;
mod sleep;
mod system;
mod thread;
mod topology;

pub(crate) use affinity::{pin_current_thread, pin_order, pin_worker};
pub use clock::clock_hz;
pub use cpu::CpuId;
pub(crate) use cpu::{cpu_list, parse_cpu_list};
pub(crate) use features::instruction_sets;
pub use kinds::CoreKind;
pub(crate) use load::CpuTimes;
pub(crate) use sleep::time_asleep;
pub use system::System;
pub(crate) use thread::time_on_cpu;
pub use topology::Topology;
