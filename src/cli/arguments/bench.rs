//! The arguments of `bench`.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use super::report::ExportArguments;
use super::shared::{CpuArguments, OutputArguments};
use super::values::{KernelChoice, percent_of_cpus};
use crate::bench::{Baseline, Workload};
use crate::miner::MAX_THREADS;

#[derive(Debug, Args)]
pub(crate) struct BenchArguments {
    /// Numbers of threads, separated by commas: numbers up to 1024, ranges, all (one for every CPU
    /// that this process may use), parts of these such as 50%, physical (one per core); by default
    /// 1, 2, 4, … and all. Without 1 there is no speedup, and no account of where the threads went.
    #[arg(long, short, value_name = "LIST", value_parser = thread_counts)]
    pub(crate) threads: Option<ThreadCounts>,

    /// Kernels: auto, all, or names separated by commas.
    #[arg(long, value_name = "LIST", default_value = "auto", value_parser = kernel_list)]
    pub(crate) kernels: KernelList,

    /// The header to search; each is fixed, so that machines can be compared.
    #[arg(long, value_name = "NAME", default_value = "chain", value_enum)]
    pub(crate) workload: Workload,

    /// Baselines to compare one thread with, separated by commas: reference (the Python tutorial's
    /// loop, in Rust), sha2 (the crate's digest), python (the loop in python3); or none. By default
    /// all that are installed.
    #[arg(long, value_name = "LIST", value_parser = baseline_list)]
    pub(crate) baselines: Option<BaselineList>,

    /// Length of a sample in seconds, 0.01 to 3600.
    #[arg(long, value_name = "SECONDS", default_value = "0.4", value_parser = |text: &str| seconds(text, 0.01))]
    #[arg(allow_negative_numbers = true)]
    pub(crate) time: Duration,

    /// Samples of each point, which is one kernel at one number of threads: 1 to 1000.
    #[arg(long, value_name = "N", default_value = "9", value_parser = samples)]
    #[arg(allow_negative_numbers = true)]
    pub(crate) samples: NonZeroUsize,

    /// Seconds that each point runs before its first sample, 0 to 3600.
    #[arg(long, value_name = "SECONDS", default_value = "0.2", value_parser = |text: &str| seconds(text, 0.0))]
    #[arg(allow_negative_numbers = true)]
    pub(crate) warmup: Duration,

    #[command(flatten)]
    pub(crate) cpus: CpuArguments,

    /// Also measure every CPU alone, with one worker pinned to it, and say which are alike, fast,
    /// slow or weak.
    #[arg(long)]
    pub(crate) each_cpu: bool,

    /// At the end, run the largest number of threads for this time, 1 to 3600 seconds, and say the
    /// rate at the start and the rate that it settles at.
    #[arg(long, value_name = "SECONDS", value_parser = |text: &str| seconds(text, 1.0))]
    #[arg(allow_negative_numbers = true)]
    pub(crate) sustain: Option<Duration>,

    /// Name of this machine or run; by default the machine's host name.
    #[arg(long, value_name = "TEXT", value_parser = label)]
    pub(crate) label: Option<String>,

    #[command(flatten)]
    pub(crate) exports: ExportArguments,

    /// Compare each point with that of a saved .json: faster, slower, or no difference.
    #[arg(long, value_name = "FILE")]
    pub(crate) compare: Option<PathBuf>,

    /// End with exit code 1 if even the high end of a point's interval is more than this many
    /// percent below the saved rate.
    #[arg(long, value_name = "PERCENT", default_value = "0", requires = "compare")]
    #[arg(value_parser = percent, allow_negative_numbers = true)]
    pub(crate) max_slowdown: f64,

    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ThreadCounts(pub(crate) Vec<ThreadCount>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ThreadCount {
    Range(usize, usize),
    All,
    Physical,
    /// This many hundredths of all.
    Percent(usize),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KernelList {
    All,
    Named(Vec<KernelChoice>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaselineList(pub(crate) Vec<Baseline>);

fn thread_counts(text: &str) -> Result<ThreadCounts, String> {
    text.split(',').map(thread_count).collect::<Result<_, _>>().map(ThreadCounts)
}

fn thread_count(item: &str) -> Result<ThreadCount, String> {
    let wanted = || {
        format!(
            "{item:?} is none of: a number from 1 to {MAX_THREADS}, a range such as 4-8, 1% to \
             100%, all, physical"
        )
    };
    let count = |text: &str| {
        let count = text.parse().ok().filter(|count| (1..=MAX_THREADS).contains(count));
        count.ok_or_else(wanted)
    };
    match item {
        "all" => Ok(ThreadCount::All),
        "physical" => Ok(ThreadCount::Physical),
        _ if item.ends_with('%') => {
            percent_of_cpus(item).map(ThreadCount::Percent).ok_or_else(wanted)
        }
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
    name.parse().map_err(|error| format!("{error}, or all alone"))
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

fn seconds(text: &str, least: f64) -> Result<Duration, String> {
    /// An hour.
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

    #[test]
    fn baselines_keep_their_order_and_each_name_once() {
        assert_eq!(
            baseline_list("sha2,reference,sha2"),
            Ok(BaselineList(vec![Baseline::Sha2, Baseline::Reference]))
        );
        assert_eq!(baseline_list("none"), Ok(BaselineList(Vec::new())));
        assert!(baseline_list("sha3").unwrap_err().ends_with("python, or none alone"));
    }

    #[test]
    fn times_are_positive_and_finite() {
        for text in ["0", "-1", "nan", "inf", "1e9", "half", ""] {
            assert!(seconds(text, 0.01).is_err(), "{text}");
        }
        assert_eq!(seconds("0.2", 0.01), Ok(Duration::from_millis(200)));
        assert_eq!(seconds("0", 0.0), Ok(Duration::ZERO));
        assert!(samples("0").is_err() && samples("-3").is_err() && samples("1001").is_err());
        assert!(percent("-1").is_err() && percent("100").is_err() && percent("nan").is_err());
    }
}
