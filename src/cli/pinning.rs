//! `--pin`: each worker on one CPU.

use super::failure::{Failure, Result};
use crate::machine::{CpuId, Topology, is_supported, pin_current_thread, pin_order};

/// The CPUs that workers are pinned to, in turn. Pinning is tried on each, so that an error is
/// reported before any worker starts.
pub(super) fn tried_pin_order(topology: &Topology) -> Result<Vec<CpuId>> {
    if !is_supported() {
        return Err(Failure::usage("--pin works on Linux alone; leave it out"));
    }
    let order = pin_order(topology);
    if order.is_empty() {
        return Err(Failure::system("the system does not say which CPUs may be used"));
    }
    for cpu in order.clone() {
        let trial = std::thread::spawn(move || pin_current_thread(cpu)).join();
        let pinned = trial.unwrap_or_else(|_| Err(std::io::Error::other("the trial panicked")));
        pinned.map_err(|error| {
            Failure::system(format!("cannot pin a worker to CPU {cpu}: {error}"))
        })?;
    }
    Ok(order)
}
