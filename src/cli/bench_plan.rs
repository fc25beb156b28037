//! The plan of a benchmark: what `bench`'s arguments mean on this machine.

use super::arguments::bench::{BenchArguments, KernelList, ThreadCount, ThreadCounts};
use super::failure::Result;
use super::pinning::tried_pin_order;
use super::resolve;
use crate::bench::{Baseline, Benchmark, Python};
use crate::machine::{System, Topology};
use crate::miner::MAX_THREADS;
use crate::pow::Kernel;

/// Makes the plan from the CPUs, kernels and baselines that this machine has.
pub(super) fn plan(arguments: &BenchArguments, topology: &Topology) -> Result<Benchmark> {
    let host_name = || System::of_this_machine().host_name();
    let label = arguments.label.clone().or_else(host_name);
    let named = arguments.baselines.as_ref().map(|list| list.0.clone());
    Ok(Benchmark {
        label: label.unwrap_or_else(|| "this machine".to_owned()),
        workload: arguments.workload,
        kernels: kernels(&arguments.kernels)?,
        threads: thread_counts(arguments.threads.as_ref(), topology),
        baselines: named.unwrap_or_else(installed_baselines),
        time: arguments.time,
        samples: arguments.samples,
        warmup: arguments.warmup,
        pins: arguments.pin.then(|| tried_pin_order(topology)).transpose()?,
    })
}

/// The numbers of threads, sorted, each once; by default 1, 2, 4, … and all.
fn thread_counts(list: Option<&ThreadCounts>, topology: &Topology) -> Vec<usize> {
    let all = topology.all_threads().min(MAX_THREADS);
    let physical = topology.physical_threads().min(MAX_THREADS);
    let mut counts: Vec<usize> = match list {
        None => powers_of_two_to(all).collect(),
        Some(ThreadCounts(items)) => items
            .iter()
            .flat_map(|item| match *item {
                ThreadCount::Range(first, end) => first..=end,
                ThreadCount::All => all..=all,
                ThreadCount::Physical => physical..=physical,
            })
            .collect(),
    };
    counts.sort_unstable();
    counts.dedup();
    counts
}

/// 1, 2, 4, … below `all`, and `all`.
fn powers_of_two_to(all: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(1), |count| Some(2 * count))
        .take_while(move |count| *count < all)
        .chain([all])
}

/// The kernels, in the order in which they were named, each once.
fn kernels(list: &KernelList) -> Result<Vec<Kernel>> {
    let KernelList::Named(choices) = list else { return Ok(Kernel::available().collect()) };
    let mut kernels = Vec::new();
    for choice in choices {
        let kernel = resolve::kernel(*choice, "set by --kernels")?;
        if !kernels.contains(&kernel) {
            kernels.push(kernel);
        }
    }
    Ok(kernels)
}

/// All baselines, without Python where there is none.
fn installed_baselines() -> Vec<Baseline> {
    let is_installed =
        |baseline: &Baseline| *baseline != Baseline::Python || Python::find().is_ok();
    Baseline::ALL.into_iter().filter(is_installed).collect()
}

#[cfg(test)]
mod tests {
    use super::super::arguments::values::KernelChoice;
    use super::*;

    #[test]
    fn thread_counts_are_sorted_and_merged() {
        let topology = Topology {
            logical_cpus: 16,
            physical_cores: 8,
            allowed: None,
            allowed_cores: None,
            usable_threads: 12,
            num_cpus: 12,
        };
        let list = ThreadCounts(vec![
            ThreadCount::All,
            ThreadCount::Range(1, 1),
            ThreadCount::Range(4, 6),
            ThreadCount::Physical,
            ThreadCount::Range(5, 5),
        ]);
        assert_eq!(thread_counts(Some(&list), &topology), [1, 4, 5, 6, 8, 12]);
        let most = ThreadCounts(vec![ThreadCount::Range(1024, 1024)]);
        assert_eq!(thread_counts(Some(&most), &topology), [1024]);
        assert_eq!(thread_counts(None, &topology), [1, 2, 4, 8, 12]);
    }

    #[test]
    fn the_default_counts_end_with_all() {
        assert_eq!(powers_of_two_to(1).collect::<Vec<_>>(), [1]);
        assert_eq!(powers_of_two_to(2).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(powers_of_two_to(6).collect::<Vec<_>>(), [1, 2, 4, 6]);
        assert_eq!(powers_of_two_to(8).collect::<Vec<_>>(), [1, 2, 4, 8]);
    }

    #[test]
    fn kernels_keep_their_order_and_each_name_once() {
        let named = [Kernel::Portable, Kernel::Sha2, Kernel::Portable].map(KernelChoice::Named);
        let list = KernelList::Named(named.to_vec());
        assert_eq!(kernels(&list).unwrap(), [Kernel::Portable, Kernel::Sha2]);
        assert_eq!(kernels(&KernelList::All).unwrap(), Kernel::available().collect::<Vec<_>>());
    }
}
