//! One search from start to end: hands the stripes to the workers and waits for them.

use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use crossbeam_channel::{Sender, unbounded};
use rayon::ThreadPool;

use super::best::BestSoFar;
use super::report::Report;
use super::search::{Outcome, Progress, Search, SearchError};
use super::stripes::{Stripe, Stripes, Width};
use super::tally::{Tally, Tested, WorkerMessage, conclude};
use super::worker::{Shared, StopReason};
use crate::pow::{Hit, Job, Kernel, Target, Template};
use crate::sync::{AtomicBool, Ordering};

/// Nonces that the coordinator tests itself before it wakes the workers: it finds an easy block
/// sooner than they are up.
const HEAD: u64 = 4_096;

/// The fewest nonces in a stripe: with shorter ones, easy targets would spend their time at the
/// cursor.
const MIN_STRIPE: u64 = 256;

/// Searches on the pool's threads, and coordinates them on this one.
pub(super) fn coordinate(
    pool: &ThreadPool,
    kernel: Kernel,
    template: &Template,
    target: &Target,
    search: Search<'_>,
) -> Result<Outcome, SearchError> {
    let started = Instant::now();
    let range = search.range(template)?;
    let threads = pool.current_num_threads();
    let job = Job::new(template, *target, kernel);
    let start = *range.start();
    let best = BestSoFar::new();
    let stripes = cut_into_stripes(&job, range, threads);
    let search_stripe = |stripe: &Stripe| best.search(&job, stripe);
    let shared = Shared::new(stripes, search.order, threads, search.cancel, &search_stripe);
    let head = HEAD.min(job.nonces_per_ms(start));
    let progress = || progress(&shared, started.elapsed(), best.get());
    let report_progress = search.listener.map(|mut listener| move || listener(&progress()));
    let tally = run_workers(pool, &shared, head, report_progress);
    let elapsed = started.elapsed();
    conclude(&shared, tally, |Tested { workers, below, hit }| {
        let (target, best) = (*target, hit.or(best.get()));
        Report { kernel, target, elapsed, workers, tested_below: below, best }
    })
}

/// The range, cut into stripes that suit the kernel, the target and the number of workers.
pub(super) fn cut_into_stripes(
    job: &Job<'_>,
    range: RangeInclusive<u64>,
    threads: usize,
) -> Stripes {
    let width_of = |nonce| Width {
        last: job.encoding().last_of_width(nonce),
        stripe_len: stripe_len(job, nonce, threads),
    };
    Stripes::new(range, width_of)
}

/// The length of a stripe of nonces as wide as this one, in nonces.
///
/// About a millisecond of work. For easy targets it is shorter, so that all workers together
/// overshoot by an eighth of the expected work. It is a whole number of the kernel's granules,
/// unless these are too long for that.
fn stripe_len(job: &Job<'_>, nonce: u64, threads: usize) -> u64 {
    let eighth = job.target().expected_hashes() / (8 * threads) as f64;
    // A float beyond 2^64 becomes the largest integer, which the limit then cuts.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let len = (eighth as u64).max(MIN_STRIPE).min(job.nonces_per_ms(nonce));
    let granule = job.granule(nonce);
    // Idle lanes are better than stripes that take many milliseconds.
    if granule > 4 * job.nonces_per_ms(nonce) { len } else { len.div_ceil(granule) * granule }
}

/// Searches the head on this thread, then the rest on all workers, until each has stopped.
fn run_workers(
    pool: &ThreadPool,
    shared: &Shared<'_>,
    head: u64,
    report_progress: Option<impl FnMut()>,
) -> Tally {
    let (sender, receiver) = unbounded();
    let mut tally = Tally::new(shared.counters.len());
    search_and_report(shared, 0, head, &sender);
    let stop = tally.listen(&receiver, 1, || ());
    if stop != Some(StopReason::Paused) || shared.winner.offset().is_some() {
        return tally;
    }
    pool.in_place_scope(|scope| {
        let _stop_workers = StopOnPanic(&shared.failed);
        let sender = &sender;
        scope.spawn_broadcast(move |_, worker| {
            search_and_report(shared, worker.index(), u64::MAX, sender);
        });
        match report_progress {
            None => tally.listen(&receiver, shared.counters.len(), || ()),
            Some(report) => tally.listen(&receiver, shared.counters.len(), report),
        };
    });
    tally
}

/// Searches as this worker, on the calling thread. Ends with exactly one `Stopped` message.
fn search_and_report(
    shared: &Shared<'_>,
    worker: usize,
    most: u64,
    sender: &Sender<WorkerMessage>,
) {
    let started = Instant::now();
    // The receiver outlives all workers, so sending cannot fail.
    let found = |hit| drop(sender.send(WorkerMessage::Found { hit, at: Instant::now() }));
    let stop = shared.search_stripes_or_catch_panic(worker, most, found, || ());
    let at = Instant::now();
    drop(sender.send(WorkerMessage::Stopped { worker, stop, at, busy: at - started }));
}

/// Stops the workers when the coordinator's thread unwinds because a listener panicked: the scope
/// waits for them.
struct StopOnPanic<'a>(&'a AtomicBool);

impl Drop for StopOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

fn progress(shared: &Shared<'_>, elapsed: Duration, best: Option<Hit>) -> Progress {
    let hashes = shared.counters.iter().map(|counter| counter.hashes.load(Ordering::Relaxed));
    Progress { elapsed, hashes: hashes.collect(), best }
}

#[cfg(all(test, loom))]
mod model;

#[cfg(all(test, not(loom)))]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;
    use crate::miner::winner::{Order, Winner};
    use crate::pow::{Digest, NonceEncoding};
    use crate::sync::CancelToken;

    fn pool(threads: usize) -> ThreadPool {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
    }

    fn shared(
        threads: usize,
        search_stripe: &(dyn Fn(&Stripe) -> Option<Hit> + Sync),
    ) -> Shared<'_> {
        let width = Width { last: u64::MAX, stripe_len: 10 };
        let stripes = Stripes::new(0..=u64::MAX - 1, |_| width);
        Shared::new(stripes, Order::Lowest, threads, CancelToken::new(), search_stripe)
    }

    fn hit_at(nonce: u64) -> Hit {
        Hit { nonce, digest: Digest::from_be_bytes([0; 32]) }
    }

    fn outcome(threads: usize, shared: &Shared<'_>) -> Result<Outcome, SearchError> {
        let tally = run_workers(&pool(threads), shared, 100, None::<fn()>);
        conclude(shared, tally, report)
    }

    fn report(Tested { workers, below, hit }: Tested) -> Report {
        let (kernel, target, elapsed) = (Kernel::Portable, Target::ZERO, Duration::ZERO);
        Report { kernel, target, elapsed, workers, tested_below: below, best: hit }
    }

    #[test]
    fn a_worker_that_panics_ends_the_search_with_an_error() {
        for threads in [1, 2, 7] {
            for fatal in [0, 50, 5_000] {
                let search = |stripe: &Stripe| {
                    assert!(stripe.offset < fatal, "stripe {fatal} is cursed");
                    None
                };
                let error = outcome(threads, &shared(threads, &search)).unwrap_err();
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
        let shared = shared(3, &search);
        let result = catch_unwind(AssertUnwindSafe(|| {
            run_workers(&pool(3), &shared, 10, Some(|| panic!("listener")))
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
            let Ok(Outcome::Found(solution)) = outcome(threads, &shared(threads, &search)) else {
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
            let shared = shared(2, &search);
            shared.winner.propose(5_000);
            let mut tally = Tally::new(2);
            tally.hits.push((hit_at(5_000), Instant::now()));
            tally.note_stop(0, &StopReason::Abandoned(abandoned), Duration::ZERO);
            tally.note_stop(1, &StopReason::Abandoned(9_000), Duration::ZERO);
            conclude(&shared, tally, report)
        };
        assert!(matches!(conclusion(4_990), Ok(Outcome::Cancelled(_))));
        assert!(
            matches!(conclusion(5_010), Ok(Outcome::Found(solution)) if solution.nonce == 5_000)
        );
    }

    #[test]
    fn any_find_is_the_answer_of_a_search_that_takes_the_first() {
        let search = |_: &Stripe| None;
        let shared = Shared { winner: Winner::new(Order::First), ..shared(2, &search) };
        shared.winner.propose(5_000);
        let mut tally = Tally::new(2);
        tally.hits.push((hit_at(5_000), Instant::now()));
        tally.note_stop(0, &StopReason::Abandoned(100), Duration::ZERO);
        let outcome = conclude(&shared, tally, report);
        assert!(matches!(outcome, Ok(Outcome::Found(solution)) if solution.nonce == 5_000));
    }

    #[test]
    fn a_cancelled_search_says_what_it_did() {
        let search = |_: &Stripe| None;
        let shared = shared(2, &search);
        shared.cancel.cancel();
        let Ok(Outcome::Cancelled(report)) = outcome(2, &shared) else { panic!("not cancelled") };
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
