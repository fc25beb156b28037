//! Pinning workers to CPUs.
//!
//! Pinning makes a measurement steadier. On a machine with other work to do it can also make it
//! slower, since the scheduler may no longer move a worker away from a busy CPU. It works on Linux
//! only: elsewhere [`pin_order`] is empty, and pinning is an error.

use super::cpu::CpuId;
use super::topology::Topology;
use std::io;

/// The allowed CPUs in the order in which workers fill them: one per physical core first, then
/// the second CPU of each core, and so on; the fastest kind of core before the others.
///
/// Ascending where cores are not known; empty where the allowed CPUs are not.
pub(crate) fn pin_order(topology: &Topology) -> Vec<CpuId> {
    match topology.cores_by_kind() {
        Some(cores) => siblings_last(&cores),
        None => topology.allowed.clone().unwrap_or_default(),
    }
}

/// Pins the calling thread, that of this worker, to its CPU. Pinning was tried before: a CPU that
/// has gone offline since leaves the worker unpinned.
pub(crate) fn pin_worker(order: &[CpuId], worker: usize) {
    if let Some(cpu) = cpu_for_worker(order, worker) {
        let _ = pin_current_thread(cpu);
    }
}

/// The CPU of worker `worker` (from 0): the CPUs of `order` in turn, and from the start again
/// when there are more workers than CPUs.
///
/// `None` when `order` is empty.
fn cpu_for_worker(order: &[CpuId], worker: usize) -> Option<CpuId> {
    order.get(worker.checked_rem(order.len())?).copied()
}

/// Lets the calling thread run on `cpu` only, until it ends or is pinned again.
///
/// Threads that it starts from now on inherit this.
///
/// # Errors
///
/// [`io::ErrorKind::Unsupported`] outside Linux; [`io::ErrorKind::InvalidInput`] when there is no
/// such CPU, it is offline, or the process may not use it; otherwise what the kernel answers.
#[cfg(target_os = "linux")]
pub(crate) fn pin_current_thread(cpu: CpuId) -> io::Result<()> {
    use rustix::thread::{CpuSet, sched_setaffinity};

    let number = usize::from(cpu.0);
    if number >= CpuSet::MAX_CPU {
        let reason = format!("cannot pin to CPU {cpu}: only CPUs below {} can be", CpuSet::MAX_CPU);
        return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
    }
    let mut mask = CpuSet::new();
    mask.set(number);
    Ok(sched_setaffinity(None, &mask)?)
}

/// An error: threads can be pinned on Linux only.
#[cfg(not(target_os = "linux"))]
pub(crate) fn pin_current_thread(cpu: CpuId) -> io::Result<()> {
    let reason = format!("cannot pin to CPU {cpu}: pinning is supported on Linux only");
    Err(io::Error::new(io::ErrorKind::Unsupported, reason))
}

/// The first CPU of every core, then the second of those that have one, and so on.
fn siblings_last(cores: &[&[CpuId]]) -> Vec<CpuId> {
    let most_siblings = cores.iter().map(|core| core.len()).max().unwrap_or(0);
    (0..most_siblings)
        .flat_map(|rank| cores.iter().filter_map(move |core| core.get(rank).copied()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cpus(numbers: &[u16]) -> Vec<CpuId> {
        numbers.iter().copied().map(CpuId).collect()
    }

    fn topology(allowed: Option<&[u16]>, cores: Option<&[&[u16]]>) -> Topology {
        Topology {
            logical_cpus: 8,
            physical_cores: 4,
            allowed: allowed.map(cpus),
            allowed_cores: cores.map(|cores| cores.iter().map(|core| cpus(core)).collect()),
            core_kinds: Vec::new(),
            usable_threads: 8,
            num_cpus: 8,
        }
    }

    #[test]
    fn cores_before_siblings() {
        let adjacent = topology(Some(&[0, 1, 2, 3]), Some(&[&[0, 1], &[2, 3]]));
        assert_eq!(pin_order(&adjacent), cpus(&[0, 2, 1, 3]));
        let apart = topology(Some(&[0, 1, 2, 3]), Some(&[&[0, 2], &[1, 3]]));
        assert_eq!(pin_order(&apart), cpus(&[0, 1, 2, 3]));
    }

    #[test]
    fn cores_with_different_numbers_of_siblings() {
        let uneven = topology(Some(&[0, 1, 2, 3, 4, 5, 6]), Some(&[&[0, 1], &[2], &[3, 4, 5, 6]]));
        assert_eq!(pin_order(&uneven), cpus(&[0, 2, 3, 1, 4, 5, 6]));
    }

    #[test]
    fn ascending_without_cores_and_empty_without_cpus() {
        assert_eq!(pin_order(&topology(Some(&[1, 5]), None)), cpus(&[1, 5]));
        assert_eq!(pin_order(&topology(None, None)), []);
    }

    #[test]
    fn workers_wrap_around() {
        let order = cpus(&[4, 6]);
        let of_worker = |worker| cpu_for_worker(&order, worker).unwrap().0;
        assert_eq!([0, 1, 2, 3, usize::MAX].map(of_worker), [4, 6, 4, 6, 6]);
        assert_eq!(cpu_for_worker(&[], 0), None);
    }

    #[cfg(target_os = "linux")]
    mod on_linux {
        use super::super::super::topology::allowed_cpus;
        use super::*;
        use std::thread;

        #[test]
        fn a_pinned_thread_may_run_on_that_cpu_only() {
            for cpu in pin_order(&Topology::detect()) {
                let pinned = thread::spawn(move || {
                    pin_current_thread(cpu).unwrap();
                    allowed_cpus()
                });
                assert_eq!(pinned.join().unwrap(), Some(vec![cpu]));
            }
        }

        #[test]
        fn other_threads_keep_their_cpus() {
            let before = allowed_cpus().unwrap();
            let cpu = before[0];
            thread::spawn(move || pin_current_thread(cpu).unwrap()).join().unwrap();
            assert_eq!(allowed_cpus(), Some(before));
        }

        #[test]
        fn cpus_that_do_not_exist_are_refused() {
            for number in [1023, 1024, u16::MAX] {
                let refused = pin_current_thread(CpuId(number)).unwrap_err();
                assert_eq!(refused.kind(), io::ErrorKind::InvalidInput, "{number}");
            }
        }
    }

    #[cfg(not(target_os = "linux"))]
    #[test]
    fn pinning_is_unsupported_here() {
        let refused = pin_current_thread(CpuId(0)).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::Unsupported);
    }
}
