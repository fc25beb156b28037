//! What is measured in turn: a point, or what points are compared with.

use std::time::{Duration, Instant};

use super::baselines::{Loop, Looped};
use super::error::BenchError;
use super::{Plan, Workload};
use crate::machine::{CpuId, cpu_for_worker, pin_current_thread};
use crate::miner::{Miner, Sharing, Sweep, Swept, WorkerReport};
use crate::pow::{Kernel, Template};
use crate::sync::CancelToken;
use crate::text::counted;

/// Nonces that a thread is given to begin with, when its rate is not yet known.
const FIRST_TRY: u64 = 16_384;

/// The least time that a rate is taken from before the first sample.
const LEAST_WARMUP: Duration = Duration::from_millis(20);

/// Something with a rate.
pub(super) struct Subject {
    /// For people.
    pub(super) name: String,
    pub(super) task: Task,
    /// Nonces in a sample.
    pub(super) nonces: u64,
    /// The rate before the first sample, in hashes per second.
    pub(super) rate: f64,
    pub(super) shots: Vec<Shot>,
}

/// How a subject hashes.
pub(super) enum Task {
    /// A kernel at a number of threads.
    Point(Miner),
    /// The first point, summing nothing.
    Unproved(Miner),
    /// The first kernel at the largest number of threads, as many searches.
    Separate(Miner),
    /// A loop without the miner.
    Baseline(Box<Loop>),
}

/// One sample.
#[derive(Clone, Debug)]
pub(super) struct Shot {
    pub(super) round: usize,
    pub(super) started: Instant,
    pub(super) elapsed: Duration,
    pub(super) hashes: u64,
    /// Hashes per second; of separate searches the sum of their rates.
    pub(super) rate: f64,
    pub(super) workers: Vec<WorkerReport>,
    pub(super) sums: Vec<u32>,
    pub(super) finds: Vec<u64>,
}

impl Subject {
    /// Everything that a plan asks for: the points, kernel by kernel, then what they are compared
    /// with.
    pub(super) fn all(plan: &Plan) -> Result<Vec<Self>, BenchError> {
        let mut subjects = Vec::new();
        for &kernel in &plan.kernels {
            for &threads in &plan.threads {
                let name = format!("{kernel}, {}", counted(threads, "thread"));
                subjects.push(Self::new(name, Task::Point(miner(plan, kernel, threads)?)));
            }
        }
        let (kernel, fewest, most) = (plan.kernels[0], plan.threads[0], plan.most_threads());
        let name = format!("{kernel}, {}, no proof", counted(fewest, "thread"));
        subjects.push(Self::new(name, Task::Unproved(miner(plan, kernel, fewest)?)));
        if plan.measures_sharing() {
            let name = format!("{kernel}, {}, separate searches", counted(most, "thread"));
            subjects.push(Self::new(name, Task::Separate(miner(plan, kernel, most)?)));
        }
        for &baseline in &plan.baselines {
            let task = Task::Baseline(Box::new(Loop::new(baseline, plan.workload)?));
            subjects.push(Self::new(baseline.title().to_owned(), task));
        }
        Ok(subjects)
    }

    fn new(name: String, task: Task) -> Self {
        Self { name, task, nonces: 0, rate: 0.0, shots: Vec::new() }
    }

    /// The workers, where there are any.
    pub(super) const fn miner(&self) -> Option<&Miner> {
        match &self.task {
            Task::Point(miner) | Task::Unproved(miner) | Task::Separate(miner) => Some(miner),
            Task::Baseline(_) => None,
        }
    }

    /// Hashes for a while, to warm up and to learn the rate; `None` when it was cancelled.
    pub(super) fn warm_up(
        &mut self,
        headers: &Headers,
        warmup: Duration,
        cancel: &CancelToken,
    ) -> Result<Option<()>, BenchError> {
        let until = Instant::now() + warmup.max(LEAST_WARMUP);
        let threads = self.miner().map_or(1, Miner::threads);
        self.nonces = headers.most().min(FIRST_TRY * threads as u64);
        let (mut hashes, mut elapsed) = (0, Duration::ZERO);
        loop {
            let Some(shot) = self.shoot(headers, None, 0, cancel)? else { return Ok(None) };
            hashes += shot.hashes;
            elapsed += shot.elapsed;
            self.rate = hashes as f64 / elapsed.as_secs_f64();
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Some(()));
            }
            self.nonces = headers.for_time(self.rate, left.max(LEAST_WARMUP));
        }
    }

    /// Takes a sample; `None` when it was cancelled.
    pub(super) fn shoot(
        &self,
        headers: &Headers,
        segment_len: Option<u64>,
        round: usize,
        cancel: &CancelToken,
    ) -> Result<Option<Shot>, BenchError> {
        let nonces = headers.first..=headers.first + (self.nonces - 1);
        let (sharing, segment_len) = match &self.task {
            Task::Baseline(one) => {
                let started = Instant::now();
                let looped = one.run(nonces, cancel)?;
                return Ok(looped.map(|looped| self.looped(round, started, looped)));
            }
            Task::Point(_) => (Sharing::OneSearch, segment_len),
            Task::Unproved(_) => (Sharing::OneSearch, None),
            Task::Separate(_) => (Sharing::SeparateSearches, segment_len),
        };
        let cancel = cancel.clone();
        let sweep = Sweep { range: nonces, sharing, segment_len, cancel };
        let swept = self.miner().map(|miner| miner.sweep(&headers.template, &sweep)).transpose()?;
        Ok(swept.flatten().map(|swept| self.swept(round, swept)))
    }

    fn swept(&self, round: usize, Swept { report, started, sums }: Swept) -> Shot {
        let own_rate = |worker: &WorkerReport| worker.hashes as f64 / worker.busy.as_secs_f64();
        let rate = match self.task {
            Task::Separate(_) => report.workers.iter().map(own_rate).sum(),
            _ => report.hashes_per_s(),
        };
        let (elapsed, hashes) = (report.elapsed, report.hashes());
        let (workers, finds) = (report.workers, Vec::new());
        Shot { round, started, elapsed, hashes, rate, workers, sums, finds }
    }

    fn looped(&self, round: usize, started: Instant, Looped { elapsed, finds }: Looped) -> Shot {
        let (hashes, rate) = (self.nonces, self.nonces as f64 / elapsed.as_secs_f64());
        let (workers, sums) = (Vec::new(), Vec::new());
        Shot { round, started, elapsed, hashes, rate, workers, sums, finds }
    }

    /// The rate in one round, in hashes per second.
    pub(super) fn rate_in(&self, round: usize) -> Option<f64> {
        self.shots.iter().find(|shot| shot.round == round).map(|shot| shot.rate)
    }
}

/// A workload's header, and the nonces that samples take.
pub(super) struct Headers {
    pub(super) template: Template,
    pub(super) first: u64,
    last: u64,
}

impl Headers {
    pub(super) fn new(workload: Workload) -> Self {
        let (first, last) = (workload.first_nonce(), workload.last_nonce());
        Self { template: workload.template(), first, last }
    }

    /// The most nonces that a sample can have.
    pub(super) const fn most(&self) -> u64 {
        self.last - self.first + 1
    }

    /// Nonces for this time, at least as many as any number of separate searches needs.
    pub(super) fn for_time(&self, rate: f64, time: Duration) -> u64 {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "cut below")]
        let nonces = (rate * time.as_secs_f64()) as u64;
        nonces.max(FIRST_TRY).min(self.most())
    }
}

fn miner(plan: &Plan, kernel: Kernel, threads: usize) -> Result<Miner, BenchError> {
    let builder = Miner::builder().kernel(kernel).threads(threads);
    let builder = match plan.pins.clone() {
        Some(order) => builder.on_worker_start(move |worker| pin(&order, worker)),
        None => builder,
    };
    Ok(builder.build()?)
}

fn pin(order: &[CpuId], worker: usize) {
    if let Some(cpu) = cpu_for_worker(order, worker) {
        // Whoever planned it has tried; a CPU that has gone offline since leaves it unpinned.
        let _ = pin_current_thread(cpu);
    }
}
