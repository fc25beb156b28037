//! What this machine offers a miner: CPUs, cores, limits, instruction sets; and how to pin a
//! thread.
//!
//! Everything here is read from the operating system at the moment of asking. It is not a
//! hardware inventory: caches, sockets and clock rates are left out, and what cannot be read is
//! reported as unknown rather than guessed. Which kernel can run is decided by
//! `pow::kernel`; the names from [`instruction_sets`] are for people.

mod affinity;
mod cpu;
mod features;
mod quota;
mod topology;

pub use affinity::{cpu_for_worker, is_supported, pin_current_thread, pin_order};
pub use cpu::CpuId;
pub use features::{cpu_model, instruction_sets};
pub use quota::cpu_quota;
pub use topology::{Topology, allowed_cpus};
