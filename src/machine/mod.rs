//! What this machine offers a miner: CPUs, cores, limits, instruction sets; and how to pin a
//! thread.
//!
//! Everything here is read from the operating system at the moment of asking, and what cannot be
//! read is reported as unknown rather than guessed. It is not a hardware inventory: caches, memory
//! and clock rates are left out. Which kernel can run is decided by `pow::kernel`; the names from
//! [`instruction_sets`] are for people.

mod affinity;
mod cpu;
#[cfg(test)]
mod fake_root;
mod features;
mod frequency;
mod hardware;
mod host;
mod load;
mod quota;
mod topology;

pub use affinity::{cpu_for_worker, is_supported, pin_current_thread, pin_order};
pub use cpu::CpuId;
pub use features::{cpu_model, instruction_sets};
pub use frequency::{frequency_driver, governor, turbo};
pub use hardware::{numa_nodes, siblings_per_core, sockets};
pub use host::{host_name, is_virtual, os_release};
pub use load::{CpuTimes, load_average};
pub use quota::cpu_quota;
pub use topology::{Topology, allowed_cpus};
