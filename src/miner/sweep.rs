//! A search that is measured: all of a range is hashed, and clocks start behind a barrier.
//!
//! For benchmarks. The workers take stripes as they do in [`Miner::search`](super::Miner::search),
//! look at the same flags between them and run the same kernel; but nothing that is found ends the
//! sweep, so that the same range is always the same work. What was hashed can be summed, segment
//! by segment: the sums prove the work.

use std::ops::RangeInclusive;
use std::sync::Barrier;
use std::time::Instant;

use crossbeam_channel::{Receiver, unbounded};
use crossbeam_utils::CachePadded;
use rayon::ThreadPool;

use super::coordinator::{SearchError, stripes};
use super::report::{Report, WorkerReport};
use super::stripes::Stripe;
use super::winner::{Order, Winner};
use super::worker::{Shared, Stop};
use crate::pow::{Hit, Job, Kernel, Target, Template};
use crate::sync::{AtomicBool, AtomicU32, Ordering};

/// What to hash, and how.
#[derive(Clone, Debug)]
pub struct Sweep<'a> {
    /// The nonces; at most 2^64 − 1 of them.
    pub range: RangeInclusive<u64>,
    /// How the workers share them.
    pub sharing: Sharing,
    /// The length of the segments whose deciding words are summed, in nonces; nothing is summed
    /// when there is none.
    pub segment_len: Option<u64>,
    /// Ends the sweep within about a millisecond when it is raised.
    pub cancel: &'a AtomicBool,
}

/// How the workers of a sweep share its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// They take stripe after stripe from one cursor, as in a search.
    OneSearch,
    /// Each has an equal part, with a cursor and flags of its own: as many searches as workers.
    SeparateSearches,
}

/// A sweep that was completed.
#[derive(Clone, Debug, PartialEq)]
pub struct Swept {
    /// The work; the time is from the barrier's fall to the stop of the last worker.
    pub report: Report,
    /// When the barrier fell.
    pub started: Instant,
    /// By segment, from the start of the range: the sum, modulo 2^32, of the
    /// [deciding words](Template::deciding_word) of its nonces.
    pub sums: Vec<u32>,
}

/// The sums of all segments, added to by every worker.
struct Segments {
    first: u64,
    len: u64,
    sums: Vec<AtomicU32>,
}

/// One worker's time, from the barrier to its stop.
struct Shift {
    worker: usize,
    started: Instant,
    stopped: Instant,
    stop: Stop,
}

/// Sweeps on all threads of the pool; `None` when it was cancelled.
///
/// # Panics
/// When segments have no nonces, or separate searches are more than there are nonces.
pub(super) fn sweep(
    pool: &ThreadPool,
    kernel: Kernel,
    template: &Template,
    sweep: &Sweep<'_>,
) -> Result<Option<Swept>, SearchError> {
    super::coordinator::check(&sweep.range, template)?;
    let job = Job::new(template, Target::ZERO, kernel);
    let segments = sweep.segment_len.map(|len| Segments::new(&sweep.range, len));
    let search = |stripe: &Stripe| {
        match &segments {
            Some(segments) => segments.sum(&job, stripe),
            // Nothing is found: no digest is known to be zero.
            None => _ = job.search(stripe.first..=stripe.last),
        }
        None
    };
    let threads = pool.current_num_threads();
    let crews = crews(sweep, &job, threads, &search);
    let shifts = run(pool, &crews);
    let Some(workers) = conclude(&crews, &shifts)? else {
        return Ok(None);
    };
    let started = shifts.iter().map(|shift| shift.started).min().expect("a pool has a thread");
    let stopped = shifts.iter().map(|shift| shift.stopped).max().expect("a pool has a thread");
    let report = Report { kernel, target: Target::ZERO, elapsed: stopped - started, workers };
    let sums = segments.map(Segments::into_sums).unwrap_or_default();
    Ok(Some(Swept { report, started, sums }))
}

/// Workers who share a search: all of them, or each alone.
fn crews<'a>(
    sweep: &Sweep<'a>,
    job: &Job<'_>,
    threads: usize,
    search: &'a (dyn Fn(&Stripe) -> Option<Hit> + Sync),
) -> Vec<Shared<'a>> {
    let crew = |range, size| Shared {
        stripes: stripes(job, range, threads),
        winner: Winner::new(Order::Lowest),
        counters: std::iter::repeat_with(CachePadded::default).take(size).collect(),
        cancel: sweep.cancel,
        failed: AtomicBool::new(false),
        search,
    };
    match sweep.sharing {
        Sharing::OneSearch => vec![crew(sweep.range.clone(), threads)],
        Sharing::SeparateSearches => {
            let parts = equal_parts(&sweep.range, threads as u64);
            parts.map(|part| crew(part, 1)).collect()
        }
    }
}

/// The range in this many parts, as long as each other but for one nonce.
fn equal_parts(
    range: &RangeInclusive<u64>,
    parts: u64,
) -> impl Iterator<Item = RangeInclusive<u64>> {
    let (first, last) = (*range.start(), *range.end());
    let len = u128::from(last - first) + 1;
    assert!(len >= u128::from(parts), "{len} nonces are too few for {parts} searches");
    let start = move |part: u64| {
        let offset = len * u128::from(part) / u128::from(parts);
        u128::from(first) + offset
    };
    #[allow(clippy::cast_possible_truncation, reason = "within the range")]
    (0..parts).map(move |part| start(part) as u64..=(start(part + 1) - 1) as u64)
}

/// Every worker's shift, by worker.
fn run(pool: &ThreadPool, crews: &[Shared<'_>]) -> Vec<Shift> {
    let barrier = Barrier::new(pool.current_num_threads());
    let (sender, receiver) = unbounded();
    pool.in_place_scope(|scope| {
        scope.spawn_broadcast(|_, context| {
            let worker = context.index();
            let (crew, place) = place(crews, worker);
            barrier.wait();
            let started = Instant::now();
            let stop = crew.work_or_say_why(place, u64::MAX, drop);
            let shift = Shift { worker, started, stopped: Instant::now(), stop };
            // The receiver outlives all workers, so sending cannot fail.
            drop(sender.send(shift));
        });
    });
    by_worker(&receiver)
}

/// Where a worker works: with all others, or alone.
fn place<'a, 'b>(crews: &'a [Shared<'b>], worker: usize) -> (&'a Shared<'b>, usize) {
    match crews {
        [crew] => (crew, worker),
        crews => (&crews[worker], 0),
    }
}

fn by_worker(receiver: &Receiver<Shift>) -> Vec<Shift> {
    let mut shifts: Vec<Shift> = receiver.try_iter().collect();
    shifts.sort_unstable_by_key(|shift| shift.worker);
    shifts
}

/// Each worker's part; `None` when not everything was hashed.
fn conclude(
    crews: &[Shared<'_>],
    shifts: &[Shift],
) -> Result<Option<Vec<WorkerReport>>, SearchError> {
    let mut is_complete = true;
    for shift in shifts {
        match &shift.stop {
            Stop::Panicked(message) => {
                let (worker, message) = (shift.worker, message.clone());
                return Err(SearchError::WorkerPanicked { worker, message });
            }
            Stop::Abandoned(_) => is_complete = false,
            Stop::Done | Stop::Paused => {}
        }
    }
    let report = |shift: &Shift| {
        let (crew, place) = place(crews, shift.worker);
        let counter = &crew.counters[place];
        WorkerReport {
            stripes: counter.stripes.load(Ordering::Relaxed),
            hashes: counter.hashes.load(Ordering::Relaxed),
            busy: shift.stopped - shift.started,
        }
    };
    Ok(is_complete.then(|| shifts.iter().map(report).collect()))
}

impl Segments {
    fn new(range: &RangeInclusive<u64>, len: u64) -> Self {
        assert!(len > 0, "segments have nonces");
        let (first, last) = (*range.start(), *range.end());
        let count = (last - first) / len + 1;
        Self { first, len, sums: (0..count).map(|_| AtomicU32::new(0)).collect() }
    }

    /// Hashes a stripe and adds its words to their segments.
    fn sum(&self, job: &Job<'_>, stripe: &Stripe) {
        let mut next = Some(stripe.first);
        while let Some(first) = next.filter(|first| *first <= stripe.last) {
            let segment = (first - self.first) / self.len;
            let segment_end = self.first.saturating_add((segment + 1).saturating_mul(self.len) - 1);
            let last = stripe.last.min(segment_end);
            // Relaxed: plain sums, read after all workers have stopped.
            #[allow(clippy::cast_possible_truncation, reason = "there is a sum for it")]
            self.sums[segment as usize].fetch_add(job.sum(first..=last), Ordering::Relaxed);
            next = last.checked_add(1);
        }
    }

    fn into_sums(self) -> Vec<u32> {
        self.sums.into_iter().map(|sum| sum.load(Ordering::Relaxed)).collect()
    }
}
