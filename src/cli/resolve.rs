//! What arguments mean on this machine: its kernels and its threads.

use anyhow::anyhow;

use super::arguments::shared::WorkerArguments;
use super::arguments::values::{KERNEL_SOURCE, KernelChoice, Threads};
use super::failure::{Failure, Result};
use super::pinning::tried_pin_order;
use crate::machine::{CpuId, Topology};
use crate::miner::MAX_THREADS;
use crate::pow::Kernel;

/// The workers that were asked for.
pub(super) struct Workers {
    pub(super) threads: usize,
    pub(super) kernel: Kernel,
    /// The CPUs that workers are pinned to, in turn.
    pub(super) pins: Option<Vec<CpuId>>,
}

impl Workers {
    pub(super) fn resolve(arguments: &WorkerArguments, topology: &Topology) -> Result<Self> {
        Ok(Self {
            threads: thread_count(arguments.threads, topology),
            kernel: kernel(arguments.kernel, KERNEL_SOURCE)?,
            pins: arguments.pin.then(|| tried_pin_order(topology)).transpose()?,
        })
    }
}

fn thread_count(threads: Threads, topology: &Topology) -> usize {
    let count = match threads {
        Threads::Count(count) => count,
        Threads::All => topology.all_threads(),
        Threads::Physical => topology.physical_threads(),
    };
    count.min(MAX_THREADS)
}

/// A kernel that this CPU can run; `auto` is the fastest.
///
/// # Errors
/// When this CPU lacks the kernel, with `source`, which says where its name came from.
pub(super) fn kernel(choice: KernelChoice, source: &str) -> Result<Kernel> {
    match choice {
        KernelChoice::Auto => Ok(Kernel::detect()),
        KernelChoice::Named(kernel) if kernel.is_available() => Ok(kernel),
        KernelChoice::Named(kernel) => Err(Failure::usage(anyhow!(
            "this CPU cannot run kernel {kernel}; `stripmine kernels` lists those that it can \
             ({source})"
        ))),
    }
}
