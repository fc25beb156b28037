//! Series of samples: of each point, and of what points are compared with.

use std::time::{Duration, Instant};

use super::account::Meter;
use super::baselines::{Loop, Looped};
use super::benchmark::{AloneCpu, Benchmark};
use super::document::{PlainSample, Sample, Worker, rate};
use super::environment::Watch;
use super::error::BenchError;
use super::incidents::Incidents;
use super::workload::Workload;
use crate::machine::{CpuId, pin_worker};
use crate::miner::{Miner, MinerBuilder, Observer, Sharing, Sweep, Swept, WorkerReport};
use crate::pow::{Kernel, Template};
use crate::sync::CancelToken;
use crate::text::counted;

/// Nonces for each thread in the first trial, when its rate is not yet known.
const FIRST_TRY: u64 = 16_384;

/// A rate, in hashes per second, that the slowest loop on the slowest machine has.
const LEAST_RATE: f64 = 10_000.0;

/// The least time of a warm-up, from which the rate is taken.
const LEAST_WARMUP: Duration = Duration::from_millis(20);

/// A point, or something that points are compared with, and its samples.
pub(super) struct Series {
    /// Its name, as progress shows it.
    pub(super) name: String,
    pub(super) method: Method,
    /// Nonces in a sample.
    pub(super) nonces: u64,
    /// The rate before the first sample, in hashes per second.
    pub(super) rate: f64,
    pub(super) samples: Vec<Sample>,
    /// Each worker's stripes and busy time in all samples.
    pub(super) workers: Vec<Worker>,
    /// What a baseline found in each sample.
    pub(super) finds: Vec<Vec<u64>>,
    /// Whether it is a baseline that stopped working.
    pub(super) is_left_out: bool,
}

/// How a series hashes.
pub(super) enum Method {
    /// A kernel at a number of threads.
    Point(Miner),
    /// The first point without its proof: nothing is summed.
    Unproved(Miner),
    /// The first kernel at the largest number of threads, each thread with a search of its own.
    Separate(Miner),
    /// The first kernel on one thread that is pinned to a CPU.
    Alone(Miner, AloneCpu),
    /// A baseline, without the miner.
    Baseline(Box<Loop>),
}

/// A sample, and what the proof and the workers' totals take from it.
pub(super) struct Taken {
    pub(super) sample: Sample,
    workers: Vec<WorkerReport>,
    pub(super) sums: Vec<u32>,
    finds: Vec<u64>,
}

impl Series {
    /// All series of a benchmark: the points, kernel by kernel, then what they are compared with.
    /// `incidents` takes the baselines that do not work.
    pub(super) fn all(
        benchmark: &Benchmark,
        incidents: &mut Incidents,
    ) -> Result<Vec<Self>, BenchError> {
        let mut all = Vec::new();
        for &kernel in &benchmark.kernels {
            for &threads in &benchmark.threads {
                let name = format!("{kernel}, {}", counted(threads, "thread"));
                all.push(Self::new(name, Method::Point(miner(benchmark, kernel, threads)?)));
            }
        }
        let (kernel, fewest) = (benchmark.kernels[0], benchmark.threads[0]);
        let name = format!("{kernel}, {}, no proof", counted(fewest, "thread"));
        all.push(Self::new(name, Method::Unproved(miner(benchmark, kernel, fewest)?)));
        if benchmark.measures_sharing() {
            let most = benchmark.most_threads();
            let name = format!("{kernel}, {}, separate searches", counted(most, "thread"));
            all.push(Self::new(name, Method::Separate(miner(benchmark, kernel, most)?)));
        }
        for alone in &benchmark.each_cpu {
            let name = format!("{kernel}, CPU {} alone", alone.cpu);
            let miner = pinned(Miner::builder().kernel(kernel).threads(1), vec![alone.cpu])?;
            all.push(Self::new(name, Method::Alone(miner, alone.clone())));
        }
        for &baseline in &benchmark.baselines {
            let baseline_loop = Loop::new(baseline, benchmark.workload).map_err(BenchError::from);
            if let Some(it) = incidents.warn_of_failed_python(baseline_loop)? {
                let method = Method::Baseline(Box::new(it));
                all.push(Self::new(baseline.title().to_owned(), method));
            }
        }
        Ok(all)
    }

    fn new(name: String, method: Method) -> Self {
        let (samples, workers, finds) = (Vec::new(), Vec::new(), Vec::new());
        Self { name, method, nonces: 0, rate: 0.0, samples, workers, finds, is_left_out: false }
    }

    /// The miner, except in a baseline.
    pub(super) const fn miner(&self) -> Option<&Miner> {
        match &self.method {
            Method::Point(miner)
            | Method::Unproved(miner)
            | Method::Separate(miner)
            | Method::Alone(miner, _) => Some(miner),
            Method::Baseline(_) => None,
        }
    }

    /// Hashes for a while, to warm up and to learn the rate; `None` when it was cancelled.
    pub(super) fn warm_up(
        &mut self,
        headers: &Headers,
        warmup: Duration,
        watch: &Watch,
        cancel: &CancelToken,
    ) -> Result<Option<()>, BenchError> {
        let began = Instant::now();
        let until = began + warmup.max(LEAST_WARMUP);
        let threads = self.miner().map_or(1, Miner::threads);
        self.nonces = headers.most_nonces().min(FIRST_TRY * threads as u64);
        let (mut hashes, mut elapsed_s) = (0, 0.0);
        loop {
            let pauses = watch.pauses();
            let Some(taken) = self.take(headers, None, began, cancel)? else { return Ok(None) };
            if watch.pauses() == pauses {
                hashes += taken.sample.hashes;
                elapsed_s += taken.sample.elapsed_s;
                self.rate = rate(hashes, elapsed_s);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Some(()));
            }
            self.nonces = headers.nonces_for_time(self.rate, left.max(LEAST_WARMUP));
        }
    }

    /// Takes a sample, its start counted from `began`; `None` when it was cancelled.
    pub(super) fn take(
        &self,
        headers: &Headers,
        segment_len: Option<u64>,
        began: Instant,
        cancel: &CancelToken,
    ) -> Result<Option<Taken>, BenchError> {
        let range = headers.first..=headers.first + (self.nonces - 1);
        let (miner, sharing, segment_len) = match &self.method {
            Method::Baseline(one) => {
                let at = began.elapsed();
                let looped = one.test_all(range, self.expected(), cancel)?;
                let taken = |it: Looped| self.assemble(at, it.elapsed, vec![], it.finds, vec![]);
                return Ok(looped.map(taken));
            }
            Method::Point(miner) | Method::Alone(miner, _) => {
                (miner, Sharing::OneSearch, segment_len)
            }
            Method::Unproved(miner) => (miner, Sharing::OneSearch, None),
            Method::Separate(miner) => (miner, Sharing::SeparateSearches, segment_len),
        };
        // Only points have an account.
        let meter = matches!(self.method, Method::Point(_)).then(|| Meter::new(miner.threads()));
        let observer = meter.as_ref().map(|meter| meter as &dyn Observer);
        let sweep = Sweep { range, sharing, segment_len, cancel: cancel.clone(), observer };
        let swept = miner.sweep(&headers.template, &sweep)?;
        Ok(swept.map(|swept| {
            let times = meter.map(|meter| meter.times(&swept));
            let Swept { report, started, sums, .. } = swept;
            let at = started.saturating_duration_since(began);
            let mut taken = self.assemble(at, report.elapsed, sums, Vec::new(), report.workers);
            taken.sample.times = times;
            taken
        }))
    }

    /// About how long a sample takes.
    fn expected(&self) -> Duration {
        let rate = if self.rate > 0.0 { self.rate } else { LEAST_RATE };
        Duration::from_secs_f64(self.nonces as f64 / rate)
    }

    /// Makes a sample of what was measured. A baseline has no workers.
    fn assemble(
        &self,
        at: Duration,
        elapsed: Duration,
        sums: Vec<u32>,
        finds: Vec<u64>,
        workers: Vec<WorkerReport>,
    ) -> Taken {
        let own_rate = |worker: &WorkerReport| rate(worker.hashes, worker.busy.as_secs_f64());
        let elapsed_s = elapsed.as_secs_f64();
        let hashes = match workers.as_slice() {
            [] => self.nonces,
            workers => workers.iter().map(|worker| worker.hashes).sum(),
        };
        let sample = Sample {
            round: 0,
            at_s: at.as_secs_f64(),
            elapsed_s,
            hashes,
            hashes_per_s: match self.method {
                Method::Separate(_) => workers.iter().map(own_rate).sum(),
                _ => rate(hashes, elapsed_s),
            },
            segments: sums.len(),
            sum: sums.iter().copied().fold(0, u32::wrapping_add),
            workers: workers.iter().map(|worker| worker.hashes).collect(),
            times: None,
            account: None,
        };
        Taken { sample, workers, sums, finds }
    }

    /// Leaves out a baseline that stopped working: none of its samples is shown.
    pub(super) fn leave_out(&mut self) {
        self.is_left_out = true;
        self.samples.clear();
    }

    /// Keeps a sample, as that of this round.
    pub(super) fn keep(&mut self, round: usize, taken: Taken) {
        self.samples.push(Sample { round, ..taken.sample });
        self.finds.push(taken.finds);
        self.workers.resize(taken.workers.len(), Worker::default());
        for (total, worker) in self.workers.iter_mut().zip(taken.workers) {
            total.stripes += worker.stripes;
            total.busy_s += worker.busy.as_secs_f64();
        }
    }

    /// The samples without what only points have.
    pub(super) fn plain_samples(&self) -> Vec<PlainSample> {
        self.samples.iter().map(Sample::plain).collect()
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
    pub(super) const fn most_nonces(&self) -> u64 {
        self.last - self.first + 1
    }

    /// Nonces for this time. There are enough for a separate search on every thread.
    pub(super) fn nonces_for_time(&self, rate: f64, time: Duration) -> u64 {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "cut below")]
        let nonces = (rate * time.as_secs_f64()) as u64;
        nonces.max(FIRST_TRY).min(self.most_nonces())
    }

    /// Nonces for this time, in whole segments, at least one.
    pub(super) fn nonces_in_segments(&self, rate: f64, time: Duration, segment_len: u64) -> u64 {
        let most = self.most_nonces() / segment_len;
        let nonces = self.nonces_for_time(rate, time);
        ((nonces + segment_len / 2) / segment_len).clamp(1, most) * segment_len
    }
}

fn miner(benchmark: &Benchmark, kernel: Kernel, threads: usize) -> Result<Miner, BenchError> {
    let builder = Miner::builder().kernel(kernel).threads(threads);
    match benchmark.pins.clone() {
        Some(order) => pinned(builder, order),
        None => Ok(builder.build()?),
    }
}

/// A miner whose workers are pinned to these CPUs.
fn pinned(builder: MinerBuilder, order: Vec<CpuId>) -> Result<Miner, BenchError> {
    Ok(builder.on_worker_start(move |worker| pin_worker(&order, worker)).build()?)
}
