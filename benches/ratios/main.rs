//! Ratios of hash rates: every ratio that the documentation quotes, from one interleaved run.
//!
//! `cargo bench --bench ratios` prints them. `-- --rounds N` and `-- --ms N` set the number of
//! rounds and the length of a sample.

mod clock;
mod headers;
mod measuring;
mod on_cpu;
#[cfg_attr(not(target_arch = "x86_64"), path = "no_ports.rs")]
mod ports;
#[path = "../common/sampler.rs"]
mod sampler;
mod settings;
mod utilisation;

use std::fs::File;
use std::io::Write as _;
use std::iter::zip;
use std::path::Path;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};
use clap::Parser as _;
use sampler::{Sample, Sampler, Samples, bracketed, timed};
use settings::Settings;
use stripmine::bench::statistics::median;
use stripmine::bench::{reference_loop, sha2_digest};
use stripmine::chain::python_json::{Float, Value};
use stripmine::chain::{Block, Candidate, Ledger, SealedBlock, Timestamp};
use stripmine::machine::{System, Topology};
use stripmine::miner::{Miner, Outcome, Search};
use stripmine::pow::{Job, Kernel, Target, Template};
use stripmine::{Mined, mine_block};

/// Where all searches start, so that every nonce has seven digits.
const START: u64 = 1_000_000;

/// Blocks mined in one sample of the cost per block.
const BLOCKS: u64 = 250;

fn main() -> Result<()> {
    let settings = Settings::parse();
    let candidate = sample_block()?;
    let template = candidate.template();
    let header_len = template.header(START).len();
    let threads = Topology::detect().all_threads();
    let cpu = System::of_this_machine().cpu_model();
    println!("{}, {threads} threads", cpu.unwrap_or_else(|| "unknown CPU".to_owned()));
    println!("1 hash = SHA-256 of a {header_len}-byte chain header, nonces from {START}");
    println!(
        "{} rounds in turn, samples of {:?}; brackets: lowest and highest ratio of a round\n",
        settings.rounds, settings.sample
    );
    print_rates(&settings, &candidate, threads)?;
    print_cost_per_block(&settings, threads)?;
    measuring::print(&settings, template, threads)?;
    headers::print(&settings, template)
}

fn sample_block() -> Result<Candidate> {
    let timestamp = Float::new(1_700_000_000.123).context("finite")?;
    let hash = SealedBlock::genesis().hash().to_string();
    Ok(Candidate::new(1, &Timestamp::Float(timestamp), &Value::from("Block 1"), &hash)?)
}

/// The rates of all ways to search the same block, and their ratios.
fn print_rates(settings: &Settings, candidate: &Candidate, threads: usize) -> Result<()> {
    let (template, sealed) = (candidate.template(), candidate.seal(0).to_block());
    let mut kernels = vec![Kernel::Sha2, Kernel::detect()];
    kernels.dedup();
    let miner = |kernel| Miner::builder().threads(threads).kernel(kernel).build();
    let miners = kernels.into_iter().map(miner).collect::<Result<Vec<_>, _>>()?;
    let never = Target::ZERO;
    let sized = |rate: f64| last_nonce_for(settings.sample, rate);
    let mut sampler = Sampler::default();

    let last = sized(probe(|last| _ = reference_loop(&sealed, 64, START..=last)));
    sampler = sampler.subject("reference loop", move || {
        Ok(timed(|| count(reference_loop(&sealed, 64, START..=last), last)))
    });
    let last = sized(probe(|last| _ = sha2_digest(template, &never, START..=last)));
    sampler = sampler.subject("sha2 digest in place", move || {
        Ok(timed(|| count(sha2_digest(template, &never, START..=last), last)))
    });
    for kernel in Kernel::available() {
        let job = Job::new(template, never, kernel);
        let last = sized(probe(|last| _ = job.search(START..=last)));
        sampler = sampler.subject(format!("{kernel}, 1 thread"), move || {
            Ok(timed(|| count(job.search(START..=last), last)))
        });
    }
    for miner in &miners {
        sampler = with_all_threads(sampler, settings, miner, template);
    }

    let measured = sampler.run(settings.rounds)?;
    print_table(&measured, &["reference loop", "sha2 digest in place"]);
    println!();
    for kernel in miners.iter().map(Miner::kernel) {
        let (shared, separate) = (shared_name(kernel, threads), separate_name(kernel, threads));
        if let Some(ratio) = measured.ratio(&shared, &separate) {
            println!("{shared} against {separate}: {}", bracketed(&ratio));
        }
    }
    Ok(())
}

/// Adds what all threads of a miner do: in one search that they share, and in one search each.
fn with_all_threads<'a>(
    sampler: Sampler<'a>,
    settings: &Settings,
    miner: &'a Miner,
    template: &'a Template,
) -> Sampler<'a> {
    let (kernel, threads) = (miner.kernel(), miner.threads());
    let job = Job::new(template, Target::ZERO, kernel);
    let rate = probe(|last| _ = job.search(START..=last)) * threads as f64;
    let last = last_nonce_for(settings.sample, rate);
    sampler
        .subject(shared_name(kernel, threads), move || search_shared(miner, template, last))
        .subject(separate_name(kernel, threads), move || {
            Ok(search_separately(template, kernel, threads, last))
        })
}

fn shared_name(kernel: Kernel, threads: usize) -> String {
    format!("{kernel}, {threads} threads")
}

fn separate_name(kernel: Kernel, threads: usize) -> String {
    format!("{kernel}, {threads} separate searches")
}

/// Nonces per second, from a short trial; `search` tests all nonces up to the one it is given.
fn probe(search: impl Fn(u64)) -> f64 {
    const NONCES: u64 = 20_000;
    let started = Instant::now();
    search(START + NONCES - 1);
    NONCES as f64 / started.elapsed().as_secs_f64()
}

/// The last nonce of a range that takes about this long.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn last_nonce_for(duration: Duration, rate: f64) -> u64 {
    START + (duration.as_secs_f64() * rate) as u64
}

/// The number of nonces of a whole range. Nothing must have been found in it.
fn count<T: Copy>(found: Option<T>, last: u64) -> f64 {
    assert!(found.is_none(), "no digest is known to be zero");
    (last - START + 1) as f64
}

fn search_shared(miner: &Miner, template: &Template, last: u64) -> Result<Sample> {
    let search = Search::default().with_range(START..=last);
    match miner.search(template, &Target::ZERO, search)? {
        Outcome::Exhausted(report) => {
            Ok(Sample { work: report.hashes() as f64, elapsed: report.elapsed })
        }
        other => panic!("no digest is known to be zero: {other:?}"),
    }
}

/// Runs one search a thread, all independent of each other. Started together, timed to the end of
/// the last.
fn search_separately(template: &Template, kernel: Kernel, threads: usize, last: u64) -> Sample {
    let each = START + (last - START) / threads as u64;
    let (start, end) = (Barrier::new(threads + 1), Barrier::new(threads + 1));
    let elapsed = std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                start.wait();
                count(Job::new(template, Target::ZERO, kernel).search(START..=each), each);
                end.wait();
            });
        }
        start.wait();
        let started = Instant::now();
        end.wait();
        started.elapsed()
    });
    Sample { work: (each - START + 1) as f64 * threads as f64, elapsed }
}

/// Prints a row for each subject: its rate, and how many times as fast it is as each baseline.
fn print_table(samples: &Samples, baselines: &[&str]) {
    let name_width = samples.names().map(str::len).max().unwrap_or(0);
    let heading = |name: &&str| format!("  {:>24}", format!("x {name}"));
    let headings = baselines.iter().map(heading).collect::<Vec<_>>().concat();
    println!("{:name_width$}  {:>7}{headings}", "", "MH/s");
    for name in samples.names() {
        let rate = samples.median_rate(name).unwrap_or_default() / 1e6;
        let ratios = baselines.iter().filter_map(|baseline| samples.ratio(name, baseline));
        let ratios = ratios.map(|ratio| format!("  {:>24}", bracketed(&ratio)));
        let ratios = ratios.collect::<Vec<_>>().concat();
        println!("{name:name_width$}  {rate:>7.2}{ratios}");
    }
}

/// Prints the cost of a block beyond hashing and the sync. Blocks of difficulty 2 are mined onto a
/// ledger as `mine` does it, in turn with the same searches on one thread, and with the same lines
/// written and synced.
fn print_cost_per_block(settings: &Settings, threads: usize) -> Result<()> {
    let directory = tempfile::tempdir()?;
    let miner = Miner::builder().threads(threads).build()?;
    let target = Target::from_hex_zeros(2)?;
    let blocks = mine_blocks(&directory.path().join("first.jsonl"), &miner, &target)?;
    let mut costs = [const { Vec::new() }; 4];
    for round in 0..settings.rounds.get() {
        let path = directory.path().join(format!("{round}.jsonl"));
        let started = Instant::now();
        mine_blocks(&path, &miner, &target)?;
        let whole = per_block(started);
        let hashing = hash_again(&blocks, miner.kernel(), &target)?;
        let path = directory.path().join(format!("{round}.lines"));
        let syncing = write_and_sync(&path, &blocks)?;
        zip(&mut costs, [whole, hashing, syncing, whole - hashing - syncing])
            .for_each(|(all, cost)| all.push(cost));
    }
    let [whole, hashing, syncing, beyond] =
        costs.map(|seconds| median(&seconds).unwrap_or_default() * 1e6);
    println!(
        "\na block at difficulty 2, {threads} threads, {BLOCKS} blocks a sample: {whole:.0} µs \
         (hashing {hashing:.0} µs, write and sync {syncing:.0} µs, the rest {beyond:.0} µs)"
    );
    Ok(())
}

fn per_block(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() / BLOCKS as f64
}

fn mine_blocks(path: &Path, miner: &Miner, target: &Target) -> Result<Vec<SealedBlock>> {
    let mut ledger = Ledger::open(path, 1, None)?;
    let mut blocks = Vec::new();
    for number in 0..BLOCKS {
        let timestamp = Timestamp::Integer(number.into());
        let (data, search) = (Value::from("Block"), Search::default());
        match mine_block(&mut ledger, miner, &timestamp, &data, target, search)? {
            Mined::Appended { block, .. } => blocks.push(block),
            other => return Err(anyhow!("nothing was found: {other:?}")),
        }
    }
    Ok(blocks)
}

fn hash_again(blocks: &[SealedBlock], kernel: Kernel, target: &Target) -> Result<f64> {
    let templates: Vec<_> = blocks.iter().map(template_of).collect::<Result<_>>()?;
    let started = Instant::now();
    for (template, block) in templates.iter().zip(blocks) {
        let nonce = block.nonce().as_u64().context("nonces counted from 0 are short")?;
        let hit = Job::new(template, *target, kernel).search(0..=nonce);
        assert_eq!(hit.map(|hit| hit.nonce), Some(nonce));
    }
    Ok(per_block(started))
}

fn template_of(block: &SealedBlock) -> Result<Template> {
    let Block { index, timestamp, data, previous_hash, .. } = block.to_block();
    Ok(Candidate::new(index, &timestamp, &data, &previous_hash)?.template().clone())
}

fn write_and_sync(path: &Path, blocks: &[SealedBlock]) -> Result<f64> {
    let lines: Vec<String> = blocks.iter().map(|block| format!("{}\n", block.line())).collect();
    let mut file = File::create(path)?;
    let started = Instant::now();
    for line in &lines {
        file.write_all(line.as_bytes())?;
        file.sync_data()?;
    }
    Ok(per_block(started))
}
