//! Benchmark of verification: `verify` and the same check in Python, in turn.
//!
//! `cargo bench --bench verification` makes a chain of a million blocks in a temporary directory
//! and verifies it. `-- --blocks N` sets the number of blocks, `-- --rounds N` how often it is
//! verified. Prints the peak memory of `verify` as well, for a tenth of the chain and for all. A
//! chain of another dialect follows.

mod chain;
#[path = "../common/sampler.rs"]
mod sampler;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use clap::{Parser, value_parser};
use sampler::{Sample, Sampler, Samples};
use stripmine::chain::{VerifyOptions, verify};
use stripmine::machine::{System, Topology};

/// The check that README shows: parse each block, write and hash it again, and compare.
const SCRIPT: &str = include_str!("check.py");

/// The same check for a chain of another dialect.
const OTHER_SCRIPT: &str = include_str!("check_other.py");

const PYTHON: &str = "Python";
const ONE_THREAD: &str = "verify, 1 thread";
const ALL_THREADS: &str = "verify, all threads";

fn main() -> Result<()> {
    let settings = Settings::parse();
    if let Some(path) = &settings.memory_of {
        return print_memory_of(path, settings.blocks);
    }
    let threads = Topology::detect().all_threads();
    let directory = tempfile::tempdir().context("no temporary directory")?;
    let path = directory.path().join("chain.jsonl");
    let bytes = chain::write(&path, settings.blocks)?;
    let cpu = System::of_this_machine().cpu_model();
    println!("{}, {threads} threads", cpu.unwrap_or_else(|| "unknown CPU".to_owned()));
    println!(
        "a chain of {} blocks, {:.0} MB; {} rounds in turn; brackets: lowest and highest ratio\n",
        settings.blocks,
        bytes as f64 / 1e6,
        settings.rounds
    );
    print_rates(&settings, &path, threads)?;
    let other = directory.path().join("other.jsonl");
    chain::write_other(&other, settings.blocks)?;
    print_rates_of_other(&settings, &other)?;
    print_memory(&settings, &path, directory.path())
}

#[derive(Parser)]
struct Settings {
    /// Blocks of the chain.
    #[arg(long, default_value = "1000000", value_parser = value_parser!(u64).range(10..))]
    blocks: u64,
    /// How often it is verified.
    #[arg(long, default_value = "5")]
    rounds: NonZeroUsize,
    /// Only verify this chain, and print how much memory that took.
    #[arg(long, hide = true)]
    memory_of: Option<PathBuf>,
    /// Cargo passes this to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

fn print_rates(settings: &Settings, path: &Path, threads: usize) -> Result<()> {
    let blocks = settings.blocks;
    let samples = Sampler::default()
        .subject(PYTHON, || check_in_python(SCRIPT, path, blocks))
        .subject(ONE_THREAD, || check(path, blocks, 1))
        .subject(ALL_THREADS, || check(path, blocks, threads))
        .run(settings.rounds)?;
    print_ratios(&samples, &[PYTHON, ONE_THREAD, ALL_THREADS])?;
    let scaling = samples.ratio(ALL_THREADS, ONE_THREAD).context("both were measured")?;
    println!("all threads           {:.2} x one thread", scaling.median);
    Ok(())
}

fn print_rates_of_other(settings: &Settings, path: &Path) -> Result<()> {
    let blocks = settings.blocks;
    let samples = Sampler::default()
        .subject(PYTHON, || check_in_python(OTHER_SCRIPT, path, blocks))
        .subject(ONE_THREAD, || check(path, blocks, 1))
        .run(settings.rounds)?;
    println!("\nanother dialect: other names, spelled file,compact,utf8");
    print_ratios(&samples, &[PYTHON, ONE_THREAD])
}

fn print_ratios(samples: &Samples, names: &[&str]) -> Result<()> {
    for name in names {
        let rate = samples.median_rate(name).unwrap_or_default();
        let ratio = samples.ratio(name, PYTHON).context("Python was measured")?;
        println!(
            "{name:20}  {rate:>9.0} blocks/s  {:6.1} x Python [{:.1}, {:.1}]",
            ratio.median, ratio.low, ratio.high
        );
    }
    Ok(())
}

fn check(path: &Path, blocks: u64, threads: usize) -> Result<Sample> {
    let started = Instant::now();
    let mut options = VerifyOptions::default();
    (options.strict, options.threads) = (true, threads);
    let verification = verify(path, &options)?;
    let elapsed = started.elapsed();
    ensure!(verification.blocks == blocks, "{} blocks were checked", verification.blocks);
    Ok(Sample { work: blocks as f64, elapsed })
}

/// Python's start is counted: it is negligible beside a million blocks.
fn check_in_python(script: &str, path: &Path, blocks: u64) -> Result<Sample> {
    let started = Instant::now();
    let output = Command::new("python3").args(["-I", "-c", script]).arg(path).output()?;
    let elapsed = started.elapsed();
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let checked: u64 = String::from_utf8(output.stdout)?.trim().parse()?;
    ensure!(checked == blocks, "Python checked {checked} blocks");
    Ok(Sample { work: blocks as f64, elapsed })
}

/// Measures each in a process of its own, so that nothing else counts.
fn print_memory(settings: &Settings, path: &Path, directory: &Path) -> Result<()> {
    let tenth = directory.join("tenth.jsonl");
    chain::write(&tenth, settings.blocks / 10)?;
    println!();
    for (path, blocks) in [(tenth.as_path(), settings.blocks / 10), (path, settings.blocks)] {
        let status = Command::new(std::env::current_exe()?)
            .args(["--blocks", &blocks.to_string(), "--memory-of"])
            .arg(path)
            .status()?;
        ensure!(status.success(), "cannot tell the memory of {blocks} blocks");
    }
    Ok(())
}

fn print_memory_of(path: &Path, blocks: u64) -> Result<()> {
    check(path, blocks, Topology::detect().all_threads())?;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    println!("most memory for {blocks} blocks: {}", most.unwrap_or("unknown here").trim());
    Ok(())
}
