//! What measuring costs: the clock's chain of additions against a chain of multiplications, and the
//! part of a sample that reading clocks takes.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use stripmine::bench::statistics::median;
use stripmine::machine::clock_hz;
use stripmine::miner::{Miner, Moment, Observer, Sweep};
use stripmine::pow::{Job, Kernel, Target, Template};

use super::clock::{CLOCK, multiplications};
use super::sampler::{Sample, Sampler};
use super::settings::Settings;
use super::{START, last_nonce_for, probe};

/// The chain of additions that a benchmark reads the clock by.
const ADDITIONS: &str = "additions";

/// The sample that a plain `stripmine bench` takes.
const SAMPLE: Duration = Duration::from_millis(400);

/// Prints both comparisons.
pub(crate) fn print(settings: &Settings, template: &Template, threads: usize) -> Result<()> {
    let additions = || {
        let hz = clock_hz().context("no chain of additions is known for this architecture")?;
        Ok(Sample { work: hz, elapsed: Duration::from_secs(1) })
    };
    let sampler = Sampler::default().subject(ADDITIONS, additions);
    let clocks = sampler.subject(CLOCK, || Ok(multiplications())).run(settings.rounds)?;
    let ghz = |name| clocks.median_rate(name).unwrap_or_default() / 1e9;
    println!(
        "\nclock by additions {:.3} GHz, by multiplications {:.3} GHz",
        ghz(ADDITIONS),
        ghz(CLOCK)
    );
    if let Some(ratio) = clocks.ratio(ADDITIONS, CLOCK) {
        println!(
            "additions against multiplications: {:.4} [{:.4}, {:.4}]",
            ratio.median, ratio.low, ratio.high
        );
    }
    print_cost(settings, template, threads)
}

/// Reads the clock as a benchmark does, and adds up how long that takes within the sample.
#[derive(Debug, Default)]
struct Timed(Mutex<(u32, Duration)>);

impl Observer for Timed {
    fn observe(&self, _: usize, moment: Moment) {
        if matches!(moment, Moment::Started | Moment::Underway) {
            let started = Instant::now();
            let _ = clock_hz();
            let elapsed = started.elapsed();
            let mut sum = self.0.lock().expect("no worker panics");
            *sum = (sum.0 + 1, sum.1 + elapsed);
        }
    }
}

fn print_cost(settings: &Settings, template: &Template, threads: usize) -> Result<()> {
    let miner = Miner::builder().threads(threads).build()?;
    let job = Job::new(template, Target::ZERO, Kernel::detect());
    let rate = probe(|last| _ = job.search(START..=last)) * threads as f64;
    let last = last_nonce_for(SAMPLE, rate);
    let (mut costs, mut readings, mut lengths) = (Vec::new(), 0, Vec::new());
    for _ in 0..settings.rounds.get() {
        let timed = Timed::default();
        let swept = miner.sweep(template, &Sweep::new(START..=last).with_observer(&timed))?;
        let swept = swept.context("nobody cancels")?;
        let (count, elapsed) = timed.0.into_inner()?;
        costs.push(elapsed.as_secs_f64() / (swept.report.elapsed.as_secs_f64() * threads as f64));
        lengths.push(elapsed.as_secs_f64() / f64::from(count));
        readings = count;
    }
    let [cost, length] = [&costs, &lengths].map(|it| median(it).unwrap_or_default());
    println!(
        "reading the clock: {readings} times {:.1} us in {} threads x {SAMPLE:?}: {:.3} % of them",
        length * 1e6,
        threads,
        cost * 100.0
    );
    Ok(())
}
