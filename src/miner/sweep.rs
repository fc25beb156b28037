//! Sweeps, for benchmarks: all nonces of a range are hashed, and timed from a barrier on.
//!
//! The workers take stripes as they do in [`Miner::search`](super::Miner::search), look at the same
//! flags between them and run the same kernel. But no find ends a sweep, so the same range is
//! always the same work. The hashes can be summed, segment by segment: the sums prove the work.

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use rayon::ThreadPool;

use super::coordinator::cut_into_stripes;
use super::report::{Report, WorkerReport};
use super::search::{SearchError, check_range};
use super::stripes::Stripe;
use super::winner::Order;
use super::worker::{Shared, StopReason};
use crate::pow::{Hit, Job, Kernel, Target, Template};
use crate::sync::{AtomicU32, CancelToken, Ordering};

/// An observer hears of every worker after this many of its stripes, some tens of milliseconds.
const STRIPES_BETWEEN: u64 = 50;

/// Settings of a sweep: the nonces to hash, and how the workers share them.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Sweep<'a> {
    /// The nonces; at most 2^64 − 1 of them.
    pub range: RangeInclusive<u64>,
    /// How the workers share them; by default in one search.
    pub sharing: Sharing,
    /// The length of the segments whose deciding words are summed, in nonces. Without one, nothing
    /// is summed.
    pub segment_len: Option<u64>,
    /// Ends the sweep within about a millisecond once it is cancelled.
    pub cancel: CancelToken,
    /// Hears of every worker, on the worker's thread.
    pub observer: Option<&'a dyn Observer>,
}

/// Hears of a sweep's workers: where a benchmark reads what only a worker's own thread can read.
pub trait Observer: fmt::Debug + Sync {
    /// Called on the worker's thread. It must not panic, or the other workers wait for ever.
    fn observe(&self, worker: usize, moment: Moment);
}

/// A moment in a worker's part of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// It is about to wait at the barrier; the sweep's time does not run.
    Ready,
    /// It has passed the barrier, and has not taken a stripe yet.
    Started,
    /// It has searched another 50 stripes.
    Underway,
    /// It has stopped, and its time no longer runs.
    Stopped,
}

/// How the workers of a sweep share its range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sharing {
    /// They take stripe after stripe from one cursor, as in a search.
    #[default]
    OneSearch,
    /// Each has an equal part, with its own cursor and flags: one search for each worker.
    SeparateSearches,
}

/// A sweep that was completed.
#[derive(Clone, Debug, PartialEq)]
pub struct Swept {
    /// The work; the time is from the barrier's fall to the stop of the last worker.
    pub report: Report,
    /// When the barrier fell.
    pub started: Instant,
    /// How long after the barrier's fall each worker stopped. The last stop is the report's time.
    pub stopped_after: Vec<Duration>,
    /// By segment, from the start of the range: the sum, modulo 2^32, of the
    /// [deciding words](Template::deciding_word) of its nonces.
    pub sums: Vec<u32>,
}

impl<'a> Sweep<'a> {
    /// Hashes the nonces of this range in one search, and sums nothing.
    #[must_use]
    pub fn new(range: RangeInclusive<u64>) -> Self {
        let (sharing, cancel) = (Sharing::default(), CancelToken::new());
        Self { range, sharing, segment_len: None, cancel, observer: None }
    }

    /// Shares the range in this way.
    #[must_use]
    pub fn with_sharing(self, sharing: Sharing) -> Self {
        Self { sharing, ..self }
    }

    /// Sums the deciding words of each segment of this many nonces.
    #[must_use]
    pub fn with_segment_len(self, segment_len: u64) -> Self {
        Self { segment_len: Some(segment_len), ..self }
    }

    /// Ends the sweep within about a millisecond once the token is cancelled.
    #[must_use]
    pub fn with_cancel(self, cancel: CancelToken) -> Self {
        Self { cancel, ..self }
    }

    /// Calls this observer.
    #[must_use]
    pub fn with_observer(self, observer: &'a dyn Observer) -> Self {
        Self { observer: Some(observer), ..self }
    }
}

/// The sums of all segments; every worker adds to them.
struct Segments {
    first: u64,
    len: u64,
    sums: Vec<AtomicU32>,
}

/// When one worker passed the barrier, and when and why it stopped.
struct WorkerRun {
    started: Instant,
    stopped: Instant,
    stop: StopReason,
}

/// Sweeps on all threads of the pool; `None` when it was cancelled.
///
/// # Panics
/// When the segment length is 0, or there are fewer nonces than separate searches.
pub(super) fn hash_all(
    pool: &ThreadPool,
    kernel: Kernel,
    template: &Template,
    sweep: &Sweep<'_>,
) -> Result<Option<Swept>, SearchError> {
    check_range(&sweep.range, template)?;
    let job = Job::new(template, Target::ZERO, kernel);
    let segments = sweep.segment_len.map(|len| Segments::new(&sweep.range, len));
    let sum = |range| job.sum(range);
    #[cfg(test)]
    let sum = super::fault::sum_with_fault(kernel, sum);
    let hash_stripe = |stripe: &Stripe| {
        match &segments {
            Some(segments) => segments.add(stripe, &sum),
            // Nothing is found: no digest is known to be zero.
            None => _ = job.search(stripe.first..=stripe.last),
        }
        None
    };
    let searches = set_up_searches(sweep, &job, pool.current_num_threads(), &hash_stripe);
    let runs = run_workers(pool, &searches, sweep.observer);
    let Some(workers) = worker_reports(&searches, &runs)? else {
        return Ok(None);
    };
    let started = runs.iter().map(|run| run.started).min().expect("a pool has a thread");
    let stopped = runs.iter().map(|run| run.stopped).max().expect("a pool has a thread");
    let stopped_after = runs.iter().map(|run| run.stopped - started).collect();
    let report = Report {
        kernel,
        target: Target::ZERO,
        elapsed: stopped - started,
        workers,
        tested_below: u128::from(*sweep.range.end()) + 1,
        best: None,
    };
    let sums = segments.map(Segments::into_sums).unwrap_or_default();
    Ok(Some(Swept { report, started, stopped_after, sums }))
}

/// One search that all workers share, or one for each worker.
fn set_up_searches<'a>(
    sweep: &Sweep<'_>,
    job: &Job<'_>,
    threads: usize,
    hash_stripe: &'a (dyn Fn(&Stripe) -> Option<Hit> + Sync),
) -> Vec<Shared<'a>> {
    let search = |range, workers| {
        let stripes = cut_into_stripes(job, range, threads);
        Shared::new(stripes, Order::Lowest, workers, sweep.cancel.clone(), hash_stripe)
    };
    match sweep.sharing {
        Sharing::OneSearch => vec![search(sweep.range.clone(), threads)],
        Sharing::SeparateSearches => {
            equal_parts(&sweep.range, threads as u64).map(|part| search(part, 1)).collect()
        }
    }
}

/// Cuts the range into this many parts, whose lengths differ by at most one nonce.
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

/// Runs all workers to their stops; their runs in the workers' order.
fn run_workers(
    pool: &ThreadPool,
    searches: &[Shared<'_>],
    observer: Option<&dyn Observer>,
) -> Vec<WorkerRun> {
    let barrier = Barrier::new(pool.current_num_threads());
    pool.broadcast(|context| {
        let worker = context.index();
        let (search, place) = search_of(searches, worker);
        let observe = |moment| observer.into_iter().for_each(|it| it.observe(worker, moment));
        observe(Moment::Ready);
        barrier.wait();
        let started = Instant::now();
        observe(Moment::Started);
        let mut stripes: u64 = 0;
        let count_stripe = || {
            stripes += 1;
            if stripes.is_multiple_of(STRIPES_BETWEEN) {
                observe(Moment::Underway);
            }
        };
        let stop = search.search_stripes_or_catch_panic(place, u64::MAX, drop, count_stripe);
        let stopped = Instant::now();
        observe(Moment::Stopped);
        WorkerRun { started, stopped, stop }
    })
}

/// The search that a worker takes part in, and its number there.
fn search_of<'a, 'b>(searches: &'a [Shared<'b>], worker: usize) -> (&'a Shared<'b>, usize) {
    match searches {
        [shared] => (shared, worker),
        separate => (&separate[worker], 0),
    }
}

/// Each worker's report; `None` when the sweep was cancelled before everything was hashed.
fn worker_reports(
    searches: &[Shared<'_>],
    runs: &[WorkerRun],
) -> Result<Option<Vec<WorkerReport>>, SearchError> {
    let mut is_complete = true;
    for (worker, run) in runs.iter().enumerate() {
        match &run.stop {
            StopReason::Panicked(message) => {
                let message = message.clone();
                return Err(SearchError::WorkerPanicked { worker, message });
            }
            StopReason::Abandoned(_) => is_complete = false,
            StopReason::Done | StopReason::Paused => {}
        }
    }
    let report = |(worker, run): (usize, &WorkerRun)| {
        let (search, place) = search_of(searches, worker);
        search.counters[place].report(run.stopped - run.started)
    };
    Ok(is_complete.then(|| runs.iter().enumerate().map(report).collect()))
}

impl Segments {
    fn new(range: &RangeInclusive<u64>, len: u64) -> Self {
        assert!(len > 0, "a segment has at least one nonce");
        let (first, last) = (*range.start(), *range.end());
        let count = (last - first) / len + 1;
        Self { first, len, sums: (0..count).map(|_| AtomicU32::new(0)).collect() }
    }

    /// Adds the words of a stripe, summed by `sum`, to their segments.
    fn add(&self, stripe: &Stripe, sum: &impl Fn(RangeInclusive<u64>) -> u32) {
        let mut next = Some(stripe.first);
        while let Some(first) = next.filter(|first| *first <= stripe.last) {
            let segment = (first - self.first) / self.len;
            let segment_end = self.first.saturating_add((segment + 1).saturating_mul(self.len) - 1);
            let last = stripe.last.min(segment_end);
            // Relaxed: plain sums, read after all workers have stopped.
            #[allow(clippy::cast_possible_truncation, reason = "there is a sum for it")]
            self.sums[segment as usize].fetch_add(sum(first..=last), Ordering::Relaxed);
            next = last.checked_add(1);
        }
    }

    fn into_sums(self) -> Vec<u32> {
        self.sums.into_iter().map(|sum| sum.load(Ordering::Relaxed)).collect()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::Mutex;

    use super::super::stripes::{Stripes, Width};
    use super::*;

    /// What an observer heard: worker, moment, and whether it was told on the worker's thread.
    #[derive(Debug, Default)]
    struct Heard(Mutex<Vec<(usize, Moment, bool)>>);

    impl Observer for Heard {
        fn observe(&self, worker: usize, moment: Moment) {
            let is_there = rayon::current_thread_index() == Some(worker);
            self.0.lock().unwrap().push((worker, moment, is_there));
        }
    }

    /// A search of this many stripes, whose nonces are not hashed.
    fn search(
        stripes: u64,
        workers: usize,
        hash_stripe: &(dyn Fn(&Stripe) -> Option<Hit> + Sync),
    ) -> Shared<'_> {
        let width = Width { last: u64::MAX, stripe_len: 10 };
        let stripes = Stripes::new(0..=stripes * 10 - 1, |_| width);
        Shared::new(stripes, Order::Lowest, workers, CancelToken::new(), hash_stripe)
    }

    #[test]
    fn an_observer_hears_of_every_worker_on_its_thread_and_after_every_50th_stripe() {
        let hash_stripe = |_: &Stripe| None;
        for (threads, separate) in [(1, false), (3, false), (3, true)] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let searches: Vec<_> = if separate {
                (0..3).map(|part| search(149 + part, 1, &hash_stripe)).collect()
            } else {
                vec![search(451, threads, &hash_stripe)]
            };
            let heard = Heard::default();
            let runs = run_workers(&pool, &searches, Some(&heard));
            let reports = worker_reports(&searches, &runs).unwrap().unwrap();
            let heard = heard.0.into_inner().unwrap();
            assert!(heard.iter().all(|(.., is_there)| *is_there));
            for (worker, report) in reports.iter().enumerate() {
                let of_worker = heard.iter().filter(|(it, ..)| *it == worker);
                let moments: Vec<Moment> = of_worker.map(|(_, moment, _)| *moment).collect();
                let underway = usize::try_from(report.stripes / 50).unwrap();
                let mut expected = vec![Moment::Ready, Moment::Started];
                expected.extend(std::iter::repeat_n(Moment::Underway, underway));
                expected.push(Moment::Stopped);
                assert_eq!(moments, expected, "{threads} threads, {report:?}");
            }
        }
    }
}
