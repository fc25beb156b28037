//! One search from start to end: sets it up, listens to the workers, draws the conclusion.

use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use crossbeam_utils::CachePadded;
use rayon::ThreadPool;

use super::report::{Report, WorkerReport};
use super::stripes::{Stripes, Width};
use super::winner::{Order, Winner};
use super::worker::{Shared, Stop};
use crate::pow::{Digest, Hit, Job, Kernel, Target, Template};
use crate::sync::{AtomicBool, Ordering};

/// Between two calls of a listener.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);

/// Nonces that the coordinator tests itself before it wakes anyone: a block as easy as this is
/// found sooner than the workers are up.
const HEAD: u64 = 4_096;

/// The fewest nonces in a stripe, lest easy targets spend their time at the cursor.
const MIN_STRIPE: u64 = 256;

/// What to search, and how.
pub struct Search<'a> {
    /// The nonces to try, at most 2^64 − 1 of them; by default 0 to 2^64 − 2.
    pub range: RangeInclusive<u64>,
    /// Which valid nonce to return.
    pub order: Order,
    /// Ends the search within about a millisecond when it is raised.
    pub cancel: Option<&'a AtomicBool>,
    /// Called on the caller's thread, ten times a second.
    pub listener: Option<&'a mut dyn FnMut(&Progress)>,
}

impl Default for Search<'_> {
    fn default() -> Self {
        Self { range: 0..=u64::MAX - 1, order: Order::Lowest, cancel: None, listener: None }
    }
}

/// How far a running search is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Wall clock since the start of the search.
    pub elapsed: Duration,
    /// Nonces tested so far, by worker.
    pub hashes: Vec<u64>,
}

/// How a search ended. Each way has its report.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// A valid nonce was found.
    Found(Solution),
    /// No nonce in the range is valid.
    Exhausted(Report),
    /// The caller raised the cancel flag before the search was decided.
    Cancelled(Report),
}

/// A valid nonce and what it took to find it.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// The nonce.
    pub nonce: u64,
    /// The digest of the header with this nonce; at most the target.
    pub digest: Digest,
    /// From the find to the stop of the last worker.
    pub stopped_after: Duration,
    /// The work of the search.
    pub report: Report,
}

/// What a search could not be run with, or died of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// The header's nonce encoding cannot write the end of the range.
    #[error("nonce {last} does not fit this header, whose largest is {max}; end the range there")]
    NonceTooLarge {
        /// The end of the range.
        last: u64,
        /// The largest nonce that can be written.
        max: u64,
    },
    /// The range holds 2^64 nonces, one too many.
    #[error("a search covers at most 2^64 - 1 nonces; end the range at 18446744073709551614")]
    RangeTooLong,
    /// A worker panicked; the others were stopped.
    #[error("worker {worker} panicked: {message}; the search was given up, please report this")]
    WorkerPanicked {
        /// The worker's number.
        worker: usize,
        /// What it said.
        message: String,
    },
}

/// What workers tell the coordinator.
enum Message {
    Found { hit: Hit, at: Instant },
    Stopped { worker: usize, stop: Stop, at: Instant, busy: Duration },
}

/// What the coordinator has been told.
struct Tally {
    hits: Vec<(Hit, Instant)>,
    last_stop: Option<Instant>,
    busy: Vec<Duration>,
    lowest_abandoned: Option<u64>,
    panic: Option<(usize, String)>,
}

pub(super) fn search(
    pool: &ThreadPool,
    kernel: Kernel,
    template: &Template,
    target: &Target,
    search: Search<'_>,
) -> Result<Outcome, SearchError> {
    let started = Instant::now();
    check(&search.range, template)?;
    let threads = pool.current_num_threads();
    let job = Job::new(template, *target, kernel);
    let start = *search.range.start();
    let never = AtomicBool::new(false);
    let shared = Shared {
        stripes: stripes(&job, search.range, threads),
        winner: Winner::new(search.order),
        counters: std::iter::repeat_with(CachePadded::default).take(threads).collect(),
        cancel: search.cancel.unwrap_or(&never),
        failed: AtomicBool::new(false),
        search: &|stripe| job.search(stripe.first..=stripe.last),
    };
    let tally = run(pool, &shared, HEAD.min(job.nonces_per_ms(start)), started, search.listener);
    let elapsed = started.elapsed();
    conclude(&shared, tally, start, |workers| Report { kernel, target: *target, elapsed, workers })
}

pub(super) fn check(range: &RangeInclusive<u64>, template: &Template) -> Result<(), SearchError> {
    let (first, last) = (*range.start(), *range.end());
    let max = template.encoding().max_nonce();
    if last > max {
        return Err(SearchError::NonceTooLarge { last, max });
    }
    if first == 0 && last == u64::MAX {
        return Err(SearchError::RangeTooLong);
    }
    Ok(())
}

/// The range, cut into stripes that suit the kernel, the target and the number of workers.
pub(super) fn stripes(job: &Job<'_>, range: RangeInclusive<u64>, threads: usize) -> Stripes {
    let width_of = |nonce| Width {
        last: job.encoding().last_of_width(nonce),
        stripe_len: stripe_len(job, nonce, threads),
    };
    Stripes::new(range, width_of)
}

/// Nonces in a stripe of nonces as wide as this one: about a millisecond of work, and for easy
/// targets so few that all workers together overshoot by an eighth of the expected work; a whole
/// number of the kernel's granules, unless these are too long for that.
fn stripe_len(job: &Job<'_>, nonce: u64, threads: usize) -> u64 {
    let eighth = job.target().expected_hashes() / (8 * threads) as f64;
    // A float beyond 2^64 becomes the largest integer, which the limit then cuts.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let len = (eighth as u64).max(MIN_STRIPE).min(job.nonces_per_ms(nonce));
    let granule = job.granule(nonce);
    // Idle lanes are better than stripes that take many milliseconds.
    if granule > 4 * job.nonces_per_ms(nonce) { len } else { len.div_ceil(granule) * granule }
}

/// Runs the search until every worker has stopped.
fn run(
    pool: &ThreadPool,
    shared: &Shared<'_>,
    head: u64,
    started: Instant,
    listener: Option<&mut dyn FnMut(&Progress)>,
) -> Tally {
    let (sender, receiver) = unbounded();
    let mut tally = Tally::new(shared.counters.len());
    work_a_shift(shared, 0, head, &sender);
    let stop = tally.listen(&receiver, 1, || ());
    if stop != Some(Stop::Paused) || shared.winner.offset().is_some() {
        return tally;
    }
    pool.in_place_scope(|scope| {
        let _stop_workers = StopOnPanic(&shared.failed);
        let sender = &sender;
        scope.spawn_broadcast(move |_, worker| {
            work_a_shift(shared, worker.index(), u64::MAX, sender);
        });
        match listener {
            None => tally.listen(&receiver, shared.counters.len(), || ()),
            Some(listener) => {
                let report = || listener(&progress(shared, started));
                tally.listen(&receiver, shared.counters.len(), report)
            }
        };
    });
    tally
}

/// One worker's part, on whatever thread calls it; ends with exactly one `Stopped` message.
fn work_a_shift(shared: &Shared<'_>, worker: usize, most: u64, sender: &Sender<Message>) {
    let started = Instant::now();
    // The receiver outlives all workers, so sending cannot fail.
    let found = |hit| drop(sender.send(Message::Found { hit, at: Instant::now() }));
    let stop = shared.work_or_say_why(worker, most, found);
    let at = Instant::now();
    drop(sender.send(Message::Stopped { worker, stop, at, busy: at - started }));
}

/// Raises the stop flag when the coordinator's thread unwinds (a listener panicked): the scope
/// waits for the workers, who would otherwise never know.
struct StopOnPanic<'a>(&'a AtomicBool);

impl Drop for StopOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

fn progress(shared: &Shared<'_>, started: Instant) -> Progress {
    let hashes = shared.counters.iter().map(|counter| counter.hashes.load(Ordering::Relaxed));
    Progress { elapsed: started.elapsed(), hashes: hashes.collect() }
}

impl Tally {
    fn new(workers: usize) -> Self {
        let busy = vec![Duration::ZERO; workers];
        Self { hits: Vec::new(), last_stop: None, busy, lowest_abandoned: None, panic: None }
    }

    /// Takes messages until this many workers have stopped, calling `tick` ten times a second.
    /// Returns why the last of them stopped.
    fn listen(
        &mut self,
        receiver: &Receiver<Message>,
        mut running: usize,
        mut tick: impl FnMut(),
    ) -> Option<Stop> {
        let mut next_tick = Instant::now() + PROGRESS_INTERVAL;
        let mut last_stop = None;
        while running > 0 {
            match receiver.recv_deadline(next_tick) {
                Ok(Message::Found { hit, at }) => self.hits.push((hit, at)),
                Ok(Message::Stopped { worker, stop, at, busy }) => {
                    self.note_stop(worker, &stop, busy);
                    self.last_stop = self.last_stop.max(Some(at));
                    last_stop = Some(stop);
                    running -= 1;
                }
                Err(RecvTimeoutError::Timeout) => {
                    tick();
                    next_tick = Instant::now() + PROGRESS_INTERVAL;
                }
                Err(RecvTimeoutError::Disconnected) => unreachable!("the sender is held here"),
            }
        }
        last_stop
    }

    fn note_stop(&mut self, worker: usize, stop: &Stop, busy: Duration) {
        self.busy[worker] += busy;
        match stop {
            Stop::Done | Stop::Paused => {}
            Stop::Abandoned(offset) => {
                let lowest = self.lowest_abandoned.map_or(*offset, |lowest| lowest.min(*offset));
                self.lowest_abandoned = Some(lowest);
            }
            Stop::Panicked(message) => self.panic = Some((worker, message.clone())),
        }
    }

    fn worker_reports(&self, shared: &Shared<'_>) -> Vec<WorkerReport> {
        let report = |(counter, busy): (&super::worker::Counter, &Duration)| WorkerReport {
            stripes: counter.stripes.load(Ordering::Relaxed),
            hashes: counter.hashes.load(Ordering::Relaxed),
            busy: *busy,
        };
        shared.counters.iter().map(|counter| &**counter).zip(&self.busy).map(report).collect()
    }
}

/// Where the lowest find is wanted, it counts only when every nonce below it was searched: a
/// cancelled search may have left some out.
fn conclude(
    shared: &Shared<'_>,
    tally: Tally,
    start: u64,
    report: impl FnOnce(Vec<WorkerReport>) -> Report,
) -> Result<Outcome, SearchError> {
    let report = report(tally.worker_reports(shared));
    if let Some((worker, message)) = tally.panic {
        return Err(SearchError::WorkerPanicked { worker, message });
    }
    let winner = shared.winner.offset();
    let is_decided = match tally.lowest_abandoned {
        None => true,
        Some(abandoned) => shared.winner.beats(abandoned),
    };
    if !is_decided {
        return Ok(Outcome::Cancelled(report));
    }
    let is_winner = |hit: &Hit| winner.is_some_and(|offset| hit.nonce == start + offset);
    let Some((hit, at)) = tally.hits.iter().find(|(hit, _)| is_winner(hit)) else {
        return Ok(Outcome::Exhausted(report));
    };
    let stopped_after = tally.last_stop.unwrap_or(*at).saturating_duration_since(*at);
    Ok(Outcome::Found(Solution { nonce: hit.nonce, digest: hit.digest, stopped_after, report }))
}

#[cfg(all(test, loom))]
mod model;

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::miner::stripes::Stripe;
    use crate::pow::NonceEncoding;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    static NEVER: AtomicBool = AtomicBool::new(false);

    fn pool(threads: usize) -> ThreadPool {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
    }

    fn shared<'a>(
        threads: usize,
        cancel: &'a AtomicBool,
        search: &'a (dyn Fn(&Stripe) -> Option<Hit> + Sync),
    ) -> Shared<'a> {
        Shared {
            stripes: Stripes::new(0..=u64::MAX - 1, |_| Width { last: u64::MAX, stripe_len: 10 }),
            winner: Winner::new(Order::Lowest),
            counters: std::iter::repeat_with(CachePadded::default).take(threads).collect(),
            cancel,
            failed: AtomicBool::new(false),
            search,
        }
    }

    fn hit_at(nonce: u64) -> Hit {
        Hit { nonce, digest: Digest::from_be_bytes([0; 32]) }
    }

    fn outcome(threads: usize, shared: &Shared<'_>) -> Result<Outcome, SearchError> {
        let tally = run(&pool(threads), shared, 100, Instant::now(), None);
        conclude(shared, tally, 0, report)
    }

    fn report(workers: Vec<WorkerReport>) -> Report {
        Report { kernel: Kernel::Portable, target: Target::ZERO, elapsed: Duration::ZERO, workers }
    }

    #[test]
    fn a_worker_that_panics_ends_the_search_with_an_error() {
        for threads in [1, 2, 7] {
            for fatal in [0, 50, 5_000] {
                let search = |stripe: &Stripe| {
                    assert!(stripe.offset < fatal, "stripe {fatal} is cursed");
                    None
                };
                let error = outcome(threads, &shared(threads, &NEVER, &search)).unwrap_err();
                let SearchError::WorkerPanicked { worker, message } = &error else {
                    panic!("{error}")
                };
                assert!(*worker < threads);
                assert_eq!(message, &format!("stripe {fatal} is cursed"));
            }
        }
    }

    #[test]
    fn a_listener_that_panics_stops_the_workers_before_it_unwinds() {
        let search = |_: &Stripe| {
            std::thread::sleep(Duration::from_millis(1));
            None
        };
        let shared = shared(3, &NEVER, &search);
        let mut listener = |_: &Progress| panic!("listener");
        let result = catch_unwind(AssertUnwindSafe(|| {
            run(&pool(3), &shared, 10, Instant::now(), Some(&mut listener))
        }));
        assert!(result.is_err());
        assert!(shared.failed.load(Ordering::Relaxed));
    }

    #[test]
    fn finds_out_of_order_still_give_the_lowest() {
        // The stripe of the lower find is slow, so the higher one is always found before it.
        let search = |stripe: &Stripe| match stripe.offset {
            1_000 => {
                std::thread::sleep(Duration::from_millis(20));
                Some(hit_at(1_003))
            }
            1_010 => Some(hit_at(1_012)),
            _ => None,
        };
        for threads in [2, 5] {
            let Ok(Outcome::Found(solution)) = outcome(threads, &shared(threads, &NEVER, &search))
            else {
                panic!("not found")
            };
            assert_eq!(solution.nonce, 1_003);
            assert!(solution.report.hashes() >= 1_004);
        }
    }

    #[test]
    fn a_find_above_an_abandoned_stripe_is_not_an_answer_but_one_below_is() {
        let search = |_: &Stripe| None;
        let conclusion = |abandoned| {
            let shared = shared(2, &NEVER, &search);
            shared.winner.propose(5_000);
            let mut tally = Tally::new(2);
            tally.hits.push((hit_at(5_000), Instant::now()));
            tally.note_stop(0, &Stop::Abandoned(abandoned), Duration::ZERO);
            tally.note_stop(1, &Stop::Abandoned(9_000), Duration::ZERO);
            conclude(&shared, tally, 0, report)
        };
        assert!(matches!(conclusion(4_990), Ok(Outcome::Cancelled(_))));
        assert!(
            matches!(conclusion(5_010), Ok(Outcome::Found(solution)) if solution.nonce == 5_000)
        );
    }

    #[test]
    fn any_find_is_the_answer_of_a_search_that_takes_the_first() {
        let search = |_: &Stripe| None;
        let shared = Shared { winner: Winner::new(Order::First), ..shared(2, &NEVER, &search) };
        shared.winner.propose(5_000);
        let mut tally = Tally::new(2);
        tally.hits.push((hit_at(5_000), Instant::now()));
        tally.note_stop(0, &Stop::Abandoned(100), Duration::ZERO);
        let outcome = conclude(&shared, tally, 0, report);
        assert!(matches!(outcome, Ok(Outcome::Found(solution)) if solution.nonce == 5_000));
    }

    #[test]
    fn a_cancelled_search_says_what_it_did() {
        let cancel = AtomicBool::new(true);
        let search = |_: &Stripe| None;
        let Ok(Outcome::Cancelled(report)) = outcome(2, &shared(2, &cancel, &search)) else {
            panic!("not cancelled")
        };
        assert_eq!(report.hashes(), 0);
        assert_eq!(report.workers.len(), 2);
    }

    #[test]
    fn stripes_shrink_with_the_expected_work_and_with_threads_but_not_below_the_least() {
        let template = Template::new("x", NonceEncoding::Decimal, "");
        let target = Target::from_bits(20).unwrap();
        let len = |target: &Target, kernel, threads| {
            stripe_len(&Job::new(&template, *target, kernel), 1_000, threads)
        };
        assert_eq!(len(&target, Kernel::Sha2, 64), (1 << 20) / 8 / 64);
        assert_eq!(len(&Target::EVERYTHING, Kernel::Sha2, 1), MIN_STRIPE);
        let hard = len(&Target::ZERO, Kernel::Sha2, 1);
        assert!(hard > len(&target, Kernel::Sha2, 64), "harder targets have longer stripes");
        for kernel in Kernel::available() {
            let granule = Job::new(&template, target, kernel).granule(1_000);
            assert_eq!(len(&target, kernel, 3) % granule, 0, "{kernel}");
        }
    }
}
