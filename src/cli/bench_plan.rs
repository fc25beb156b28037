//! What `bench`'s arguments mean on this machine: what to measure, and what to do with the results.

use std::path::Path;

use super::arguments::bench::{BenchArguments, KernelList, ThreadCount, ThreadCounts};
use super::arguments::report::ExportFile;
use super::arguments::shared::OutputForm;
use super::arguments::values::KernelChoice;
use super::failure::{Failure, Result};
use super::resolve::{self, Cpus, lacks, percent_of_all, tried_pin_order};
use super::usage::refused_value;
use super::{exports, report};
use crate::bench::document::{AUTO, Document};
use crate::bench::{AloneCpu, Baseline, Benchmark, check_comparable, has_python};
use crate::machine::{System, Topology};
use crate::miner::MAX_THREADS;
use crate::pow::Kernel;
use crate::text::shown_path;

/// A run of `bench`.
pub(super) struct BenchPlan {
    pub(super) benchmark: Benchmark,
    /// A saved benchmark to compare the results with.
    pub(super) saved: Option<Document>,
    /// The part of a saved rate that may be lost.
    pub(super) max_slowdown: f64,
    pub(super) exports: Vec<ExportFile>,
    pub(super) form: OutputForm,
}

impl BenchPlan {
    /// Makes the plan, and checks that the files to write can be written and those to read read.
    pub(super) fn resolve(arguments: BenchArguments, cpus: Cpus) -> Result<Self> {
        let benchmark = benchmark(&arguments, cpus)?;
        let BenchArguments { exports, compare, max_slowdown, output, .. } = arguments;
        exports::check(&exports.files, compare.as_slice())?;
        Ok(Self {
            saved: compare.map(|path| read_saved(&path, &benchmark)).transpose()?,
            benchmark,
            max_slowdown: max_slowdown / 100.0,
            exports: exports.files,
            form: output.format,
        })
    }
}

/// Reads a saved benchmark, and checks that this run can be compared with it.
fn read_saved(path: &Path, benchmark: &Benchmark) -> Result<Document> {
    let kernels = benchmark.kernels.iter().map(|kernel| kernel.name());
    let names = kernels.chain(benchmark.auto.map(|_| AUTO));
    let points: Vec<_> = names
        .flat_map(|kernel| benchmark.threads.iter().map(move |threads| (kernel, *threads)))
        .collect();
    let path_shown = shown_path(path);
    let Ok([document]) = <[Document; 1]>::try_from(report::read(path)?) else {
        let error = format!("{path_shown}: has several benchmarks; compare with one at a time");
        return Err(Failure::usage(error));
    };
    check_comparable(&benchmark.workload.searched_header(), &points, &document)
        .map_err(|error| Failure::usage(format!("cannot compare with {path_shown}: {error}")))?;
    Ok(document)
}

/// The benchmark, with the CPUs, kernels and baselines that this machine has.
fn benchmark(arguments: &BenchArguments, cpus: Cpus) -> Result<Benchmark> {
    let label = arguments.label.clone().or_else(|| System::of_this_machine().host_name());
    Ok(Benchmark {
        label: label.unwrap_or_else(|| "this machine".to_owned()),
        workload: arguments.workload,
        kernels: kernels(&arguments.kernels)?,
        auto: chosen_by_auto(&arguments.kernels),
        threads: thread_counts(arguments.threads.as_ref(), &cpus.topology),
        baselines: arguments
            .baselines
            .as_ref()
            .map_or_else(installed_baselines, |list| list.0.clone()),
        time: arguments.time,
        samples: arguments.samples,
        warmup: arguments.warmup,
        each_cpu: if arguments.each_cpu { each_cpu(&cpus.topology)? } else { Vec::new() },
        sustain: arguments.sustain,
        pins: cpus.pins,
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
                ThreadCount::Percent(percent) => {
                    let part = percent_of_all(percent, topology).min(MAX_THREADS);
                    part..=part
                }
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
        let kernel = resolve::kernel(*choice).map_err(|lacking| {
            let names: Vec<_> = choices.iter().map(KernelChoice::to_string).collect();
            refused_value("kernels", "LIST", &names.join(","), lacks(lacking))
        })?;
        if !kernels.contains(&kernel) {
            kernels.push(kernel);
        }
    }
    Ok(kernels)
}

/// Every CPU that may be used, in the order in which pinned workers fill them.
fn each_cpu(topology: &Topology) -> Result<Vec<AloneCpu>> {
    let system = System::of_this_machine();
    let alone = |cpu| AloneCpu {
        cpu,
        core: topology.core_of(cpu),
        kind: topology.kind_of(cpu).map(str::to_owned),
        numa_node: system.numa_node_of(cpu),
    };
    Ok(tried_pin_order(topology, "--each-cpu")?.into_iter().map(alone).collect())
}

/// The kernel that `auto` is, where it was named.
fn chosen_by_auto(list: &KernelList) -> Option<Kernel> {
    let KernelList::Named(choices) = list else { return None };
    choices.contains(&KernelChoice::Auto).then(Kernel::detect)
}

/// All baselines, without Python where there is none.
fn installed_baselines() -> Vec<Baseline> {
    let is_installed = |baseline: &Baseline| *baseline != Baseline::Python || has_python();
    Baseline::ALL.into_iter().filter(is_installed).collect()
}

#[cfg(test)]
mod tests {
    use super::super::arguments::{Arguments, Command};
    use super::*;
    use crate::bench::statistics::coverage;
    use crate::machine::CpuId;
    use clap::Parser as _;

    #[test]
    fn thread_counts_are_sorted_and_merged() {
        let topology = Topology {
            logical_cpus: 16,
            physical_cores: 8,
            allowed: None,
            allowed_cores: None,
            core_kinds: Vec::new(),
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
    fn a_plain_bench_on_two_cores_takes_25_seconds_at_most() {
        let core = |number| vec![CpuId(number)];
        let topology = Topology {
            logical_cpus: 2,
            physical_cores: 2,
            allowed: Some([core(0), core(1)].concat()),
            allowed_cores: Some(vec![core(0), core(1)]),
            core_kinds: Vec::new(),
            usable_threads: 2,
            num_cpus: 2,
        };
        let typed = ["stripmine", "bench", "--kernels", "sha2"];
        let Command::Bench(arguments) = Arguments::parse_from(typed).command else {
            panic!("bench was typed")
        };
        let planned = benchmark(&arguments, Cpus { topology, pins: None }).unwrap();
        let with_all = Benchmark { baselines: Baseline::ALL.to_vec(), ..planned };
        assert_eq!(with_all.threads, [1, 2]);
        assert!(with_all.duration().as_secs_f64() <= 25.0, "{:?}", with_all.duration());
        assert!(coverage(with_all.samples.get()).is_some(), "they suffice for an interval");
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
