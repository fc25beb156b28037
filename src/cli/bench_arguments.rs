//! What can be typed after `bench`.

#![allow(clippy::doc_markdown, reason = "these comments are the help texts, not Markdown")]

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use super::arguments::{KernelChoice, OutputArguments};
use super::report_arguments::ExportArguments;
use crate::bench::{Baseline, Python, Workload};
use crate::machine::Topology;
use crate::miner::MAX_THREADS;
use crate::pow::Kernel;

#[derive(Debug, Args)]
pub(super) struct BenchArguments {
    /// Numbers of threads: numbers up to 1024, ranges, all (every CPU this process may use), physical (one
    /// per core), with commas between them; by default 1, 2, 4, … and all.
    #[arg(long, short, value_name = "LIST", value_parser = thread_counts)]
    threads: Option<ThreadCounts>,

    /// Kernels: auto, all, or names with commas between them.
    #[arg(long, value_name = "LIST", default_value = "auto", value_parser = kernel_list)]
    kernels: KernelList,

    /// The header that is searched: fixed ones, so that machines can be compared.
    #[arg(long, value_name = "NAME", default_value = "chain", value_enum)]
    pub(super) workload: Workload,

    /// What one thread is compared with: reference (the Python tutorial's loop, in Rust), sha2 (the
    /// crate's digest), python (the loop in python3), with commas between them, or none; by default
    /// all that are found.
    #[arg(long, value_name = "LIST", value_parser = baseline_list)]
    baselines: Option<BaselineList>,

    /// Length of a sample, 0.01 to 3600.
    #[arg(long, value_name = "SECONDS", default_value = "0.5", value_parser = sample_time)]
    #[arg(allow_negative_numbers = true)]
    pub(super) time: Duration,

    /// Samples of each point, 1 to 1000.
    #[arg(long, value_name = "N", default_value = "7", value_parser = samples)]
    #[arg(allow_negative_numbers = true)]
    pub(super) samples: NonZeroUsize,

    /// How long each point runs before its first sample.
    #[arg(long, value_name = "SECONDS", default_value = "0.2", value_parser = warmup_time)]
    #[arg(allow_negative_numbers = true)]
    pub(super) warmup: Duration,

    /// Pin each worker to a CPU: one per core first, then the cores' siblings.
    #[arg(long)]
    pub(super) pin: bool,

    /// What to call this machine or run; by default the machine's name.
    #[arg(long, value_name = "TEXT", value_parser = label)]
    pub(super) label: Option<String>,

    #[command(flatten)]
    pub(super) exports: ExportArguments,

    /// Compare with a saved .json: faster, slower or no difference, point by point.
    #[arg(long, value_name = "FILE")]
    pub(super) compare: Option<PathBuf>,

    /// How many percent slower than the saved points these may be, before it counts as a failure.
    #[arg(long, value_name = "PERCENT", default_value = "0", requires = "compare")]
    #[arg(value_parser = percent, allow_negative_numbers = true)]
    pub(super) max_slowdown: f64,

    #[command(flatten)]
    pub(super) output: OutputArguments,
}

impl BenchArguments {
    /// The numbers of threads, sorted, each once.
    pub(super) fn threads(&self, topology: &Topology) -> Vec<usize> {
        let all = topology.all_threads().min(MAX_THREADS);
        let physical = topology.physical_threads().min(MAX_THREADS);
        let mut counts: Vec<usize> = match &self.threads {
            None => doubling(all).collect(),
            Some(ThreadCounts(items)) => items
                .iter()
                .flat_map(|item| match *item {
                    ThreadCount::Range(first, last) => first..=last,
                    ThreadCount::All => all..=all,
                    ThreadCount::Physical => physical..=physical,
                })
                .collect(),
        };
        counts.sort_unstable();
        counts.dedup();
        counts
    }

    /// The kernels, in the order in which they were named, each once.
    pub(super) fn kernels(&self) -> Vec<Kernel> {
        match &self.kernels {
            KernelList::All => Kernel::available().collect(),
            KernelList::Named(choices) => {
                let mut kernels = Vec::new();
                for choice in choices {
                    let kernel = match choice {
                        KernelChoice::Auto => Kernel::detect(),
                        KernelChoice::Named(kernel) => *kernel,
                    };
                    if !kernels.contains(&kernel) {
                        kernels.push(kernel);
                    }
                }
                kernels
            }
        }
    }

    /// The baselines; unless they were named, those that this machine has.
    pub(super) fn baselines(&self) -> Vec<Baseline> {
        if let Some(BaselineList(named)) = &self.baselines {
            return named.clone();
        }
        let is_found =
            |baseline: &Baseline| *baseline != Baseline::Python || Python::find().is_ok();
        Baseline::ALL.into_iter().filter(is_found).collect()
    }
}

/// 1, 2, 4, … below `all`, and `all`.
fn doubling(all: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(1), |count| Some(2 * count))
        .take_while(move |count| *count < all)
        .chain([all])
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct ThreadCounts(Vec<ThreadCount>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ThreadCount {
    Range(usize, usize),
    All,
    Physical,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum KernelList {
    All,
    Named(Vec<KernelChoice>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct BaselineList(Vec<Baseline>);

fn thread_counts(text: &str) -> Result<ThreadCounts, String> {
    text.split(',').map(thread_count).collect::<Result<_, _>>().map(ThreadCounts)
}

fn thread_count(item: &str) -> Result<ThreadCount, String> {
    let wanted = || {
        format!(
            "{item:?} is none of: a number from 1 to {MAX_THREADS}, a range such as 4-8, all, \
             physical"
        )
    };
    let count = |text: &str| {
        let count = text.parse().ok().filter(|count| (1..=MAX_THREADS).contains(count));
        count.ok_or_else(wanted)
    };
    match item {
        "all" => Ok(ThreadCount::All),
        "physical" => Ok(ThreadCount::Physical),
        _ => match item.split_once('-') {
            None => count(item).map(|count| ThreadCount::Range(count, count)),
            Some((first, last)) => match (count(first)?, count(last)?) {
                (first, last) if first <= last => Ok(ThreadCount::Range(first, last)),
                _ => Err(format!("the range {item} ends before it begins")),
            },
        },
    }
}

fn kernel_list(text: &str) -> Result<KernelList, String> {
    if text == "all" {
        return Ok(KernelList::All);
    }
    text.split(',').map(listed_kernel).collect::<Result<_, _>>().map(KernelList::Named)
}

fn listed_kernel(name: &str) -> Result<KernelChoice, String> {
    if name == "auto" {
        return Ok(KernelChoice::Auto);
    }
    let kernel: Kernel = name.parse().map_err(|error| format!("{error}, auto, or all alone"))?;
    if !kernel.is_available() {
        let remedy = "`stripmine kernels` lists those that it can";
        return Err(format!("this CPU cannot run kernel {kernel}; {remedy}"));
    }
    Ok(KernelChoice::Named(kernel))
}

fn label(text: &str) -> Result<String, String> {
    let is_empty = text.trim().is_empty();
    if is_empty { Err("a name is needed".to_owned()) } else { Ok(text.to_owned()) }
}

fn baseline_list(text: &str) -> Result<BaselineList, String> {
    if text == "none" {
        return Ok(BaselineList(Vec::new()));
    }
    let mut baselines = Vec::new();
    for name in text.split(',') {
        let baseline = name.parse().map_err(|error| format!("{error}, or none alone"))?;
        if !baselines.contains(&baseline) {
            baselines.push(baseline);
        }
    }
    Ok(BaselineList(baselines))
}

fn sample_time(text: &str) -> Result<Duration, String> {
    seconds(text, 0.01)
}

fn warmup_time(text: &str) -> Result<Duration, String> {
    seconds(text, 0.0)
}

fn seconds(text: &str, least: f64) -> Result<Duration, String> {
    /// An hour: nobody waits longer for a sample.
    const MOST: f64 = 3600.0;
    let seconds = text.parse().ok().filter(|seconds: &f64| (least..=MOST).contains(seconds));
    let seconds = seconds.ok_or_else(|| format!("seconds from {least} to {MOST} are needed"))?;
    Ok(Duration::from_secs_f64(seconds))
}

fn samples(text: &str) -> Result<NonZeroUsize, String> {
    const MOST: usize = 1000;
    let samples = text.parse().ok().filter(|samples: &NonZeroUsize| samples.get() <= MOST);
    samples.ok_or_else(|| format!("a whole number from 1 to {MOST} is needed"))
}

fn percent(text: &str) -> Result<f64, String> {
    let percent = text.parse().ok().filter(|percent| (0.0..100.0).contains(percent));
    percent.ok_or_else(|| "a percentage from 0 to below 100 is needed".to_owned())
}

impl ValueEnum for Workload {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thread_counts_are_resolved_sorted_and_merged() {
        let topology = Topology {
            logical_cpus: 16,
            physical_cores: 8,
            allowed: None,
            allowed_cores: None,
            usable_threads: 12,
            num_cpus: 12,
        };
        let threads = |list: Option<&str>| {
            let mut arguments = BenchArguments::default_for_tests();
            arguments.threads = list.map(|list| thread_counts(list).unwrap());
            arguments.threads(&topology)
        };
        assert_eq!(threads(Some("all,1,4-6,physical,5,8")), [1, 4, 5, 6, 8, 12]);
        assert_eq!(threads(Some("1024")), [1024]);
        assert_eq!(threads(None), [1, 2, 4, 8, 12]);
    }

    #[test]
    fn doubling_ends_with_all() {
        assert_eq!(doubling(1).collect::<Vec<_>>(), [1]);
        assert_eq!(doubling(2).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(doubling(6).collect::<Vec<_>>(), [1, 2, 4, 6]);
        assert_eq!(doubling(8).collect::<Vec<_>>(), [1, 2, 4, 8]);
    }

    #[test]
    fn impossible_counts_are_refused_by_name() {
        for (list, message) in [
            ("0", "\"0\" is none of"),
            ("1,,2", "\"\" is none of"),
            ("1025", "\"1025\" is none of"),
            ("2-x", "\"2-x\" is none of"),
            ("-1", "\"-1\" is none of"),
            ("8-4", "the range 8-4 ends before it begins"),
        ] {
            let error = thread_counts(list).unwrap_err();
            assert!(error.starts_with(message), "{list}: {error}");
        }
    }

    impl BenchArguments {
        fn default_for_tests() -> Self {
            use clap::Parser;

            #[derive(Parser)]
            struct Bench {
                #[command(flatten)]
                arguments: BenchArguments,
            }
            Bench::parse_from(["bench"]).arguments
        }
    }

    #[test]
    fn lists_keep_their_order_and_each_name_once() {
        assert_eq!(
            baseline_list("sha2,reference,sha2"),
            Ok(BaselineList(vec![Baseline::Sha2, Baseline::Reference]))
        );
        assert_eq!(baseline_list("none"), Ok(BaselineList(Vec::new())));
        assert!(baseline_list("sha3").unwrap_err().ends_with("python, or none alone"));
        let mut arguments = BenchArguments::default_for_tests();
        arguments.kernels = kernel_list("portable,sha2,portable").unwrap();
        assert_eq!(arguments.kernels(), [Kernel::Portable, Kernel::Sha2]);
        arguments.kernels = kernel_list("all").unwrap();
        assert_eq!(arguments.kernels(), Kernel::available().collect::<Vec<_>>());
    }

    #[test]
    fn times_are_positive_and_finite() {
        for text in ["0", "-1", "nan", "inf", "1e9", "half", ""] {
            assert!(sample_time(text).is_err(), "{text}");
        }
        assert_eq!(sample_time("0.2"), Ok(Duration::from_millis(200)));
        assert_eq!(warmup_time("0"), Ok(Duration::ZERO));
        assert!(samples("0").is_err() && samples("-3").is_err() && samples("1001").is_err());
        assert!(percent("-1").is_err() && percent("100").is_err() && percent("nan").is_err());
    }
}
