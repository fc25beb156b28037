//! Model checks: `loom` runs searches under every interleaving of their threads, with every value
//! that a relaxed load may give.
//!
//! `tests/long.sh --only model` runs them. Stripes, winner, workers, tally and conclusion are the
//! real ones. The model's threads stand in for rayon's, and a test chooses the valid nonces. The
//! model does not see the channel: like the coordinator, it reads what the workers wrote only when
//! all of them have stopped.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use loom::sync::Arc;
use loom::thread;

use super::*;
use crate::miner::winner::Order;
use crate::pow::{Digest, Hit};
use crate::sync::CancelToken;

/// Where the ranges start: offsets are not nonces.
const START: u64 = 70;

/// Nonces in a stripe.
const STRIPE: u64 = 2;

/// The content of a stripe.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Nothing,
    /// Its last nonce is valid.
    Find,
    /// The worker that searches it panics.
    Curse,
}

/// A range of stripes, and the numbers of those that were searched.
struct Range {
    stripes: Vec<Holds>,
    searched: Mutex<Vec<usize>>,
}

impl Range {
    fn new(stripes: Vec<Holds>) -> Self {
        Self { stripes, searched: Mutex::default() }
    }

    /// The ranges of this many stripes, with finds in every combination of them.
    fn all(stripes: usize) -> impl Iterator<Item = Self> {
        (0..1_u32 << stripes).map(move |finds| {
            let holds = |at| if finds >> at & 1 == 1 { Holds::Find } else { Holds::Nothing };
            Self::new((0..stripes).map(holds).collect())
        })
    }

    fn search(&self, stripe: &Stripe) -> Option<Hit> {
        let number = usize::try_from(stripe.offset / STRIPE).unwrap();
        self.note().push(number);
        match self.stripes[number] {
            Holds::Nothing => None,
            Holds::Find => Some(Hit { nonce: stripe.last, digest: Digest::from_be_bytes([0; 32]) }),
            // Unwinds without printing a message; there would be thousands.
            Holds::Curse => std::panic::resume_unwind(Box::new("cursed")),
        }
    }

    fn note(&self) -> MutexGuard<'_, Vec<usize>> {
        self.searched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The valid nonces, lowest first.
    fn valid(&self) -> Vec<u64> {
        let finds = (0..self.stripes.len()).filter(|at| self.stripes[*at] == Holds::Find);
        finds.map(|at| START + (at as u64 + 1) * STRIPE - 1).collect()
    }

    /// The lowest valid nonce, if there is one.
    fn lowest(&self) -> Option<u64> {
        self.valid().first().copied()
    }

    /// No stripe was searched twice, and none of the first ones, up to this number, was skipped.
    #[track_caller]
    fn was_searched_once(&self, stripes: usize) {
        let searched = self.note();
        let distinct: BTreeSet<usize> = searched.iter().copied().collect();
        assert_eq!(distinct.len(), searched.len(), "a stripe was searched twice: {searched:?}");
        assert!(distinct.is_superset(&(0..stripes).collect()), "one was skipped: {searched:?}");
    }

    /// Every stripe below this nonce was searched.
    #[track_caller]
    fn was_searched_below(&self, nonce: u128) {
        let tested = nonce - u128::from(START);
        self.was_searched_once(usize::try_from(tested / u128::from(STRIPE)).unwrap());
    }

    /// This is the lowest valid nonce, and every stripe up to its own was searched.
    #[track_caller]
    fn has_as_lowest(&self, nonce: u64) {
        assert_eq!(Some(nonce), self.lowest());
        self.was_searched_once(usize::try_from((nonce - START) / STRIPE).unwrap() + 1);
    }
}

type Ended = Result<Outcome, SearchError>;
type Claim = fn(&Range, &Shared<'_>, Ended);
type Searching = dyn Fn(&Stripe) -> Option<Hit> + Sync;

/// The threads of a search, and how it runs.
#[derive(Clone, Copy, Debug)]
struct Model {
    workers: usize,
    order: Order,
    is_cancelled: bool,
    /// Nonces after which a worker pauses.
    most: u64,
    /// The most preemptions of an interleaving.
    preemptions: usize,
}

impl Model {
    const TWO: Self = Self {
        workers: 2,
        order: Order::Lowest,
        is_cancelled: false,
        most: u64::MAX,
        preemptions: 4,
    };
    const THREE: Self = Self { workers: 3, preemptions: 2, ..Self::TWO };

    /// Searches each range in every interleaving, and checks each outcome. Prints their number.
    fn check(self, ranges: impl Iterator<Item = Range>, claim: Claim) {
        let interleavings: usize = ranges.map(|range| self.check_one(range, claim)).sum();
        println!("{self:?}: {interleavings} interleavings");
    }

    fn check_one(self, range: Range, claim: Claim) -> usize {
        // A test leaks a few of these, once for all interleavings.
        let range: &'static Range = Box::leak(Box::new(range));
        let search: &'static Searching =
            Box::leak(Box::new(|stripe: &Stripe| range.search(stripe)));
        let count: &'static AtomicUsize = Box::leak(Box::default());
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(self.preemptions);
        builder.check(move || {
            count.fetch_add(1, Ordering::Relaxed);
            range.note().clear();
            let shared = Arc::new(self.share(range, search));
            let tally = self.run_workers(&shared);
            claim(range, &shared, conclude(&shared, tally, report));
        });
        count.load(Ordering::Relaxed)
    }

    fn share(self, range: &Range, search: &'static Searching) -> Shared<'static> {
        let nonces = range.stripes.len() as u64 * STRIPE;
        let width = Width { last: u64::MAX, stripe_len: STRIPE };
        let stripes = Stripes::new(START..=START + nonces - 1, |_| width);
        Shared::new(stripes, self.order, self.workers, CancelToken::new(), search)
    }

    /// Returns when every worker has stopped. That it returns at all is checked, too.
    fn run_workers(self, shared: &Arc<Shared<'static>>) -> Tally {
        let (sender, receiver) = unbounded();
        let mut threads: Vec<_> = (1..self.workers)
            .map(|worker| {
                let (shared, sender) = (Arc::clone(shared), sender.clone());
                thread::spawn(move || search_and_report(&shared, worker, self.most, &sender))
            })
            .collect();
        if self.is_cancelled {
            let cancel = shared.cancel.clone();
            threads.push(thread::spawn(move || cancel.cancel()));
        }
        search_and_report(shared, 0, self.most, &sender);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        let mut tally = Tally::new(self.workers);
        tally.listen(&receiver, self.workers, || ());
        tally
    }
}

fn report(Tested { workers, below, hit }: Tested) -> Report {
    let (kernel, target, elapsed) = (Kernel::Portable, Target::ZERO, Duration::ZERO);
    Report { kernel, target, elapsed, workers, tested_below: below, best: hit }
}

#[track_caller]
fn finds_the_lowest(range: &Range, shared: &Shared<'_>, ended: Ended) {
    match ended {
        Ok(Outcome::Found(solution)) => range.has_as_lowest(solution.nonce),
        Ok(Outcome::Exhausted(report)) => {
            assert_eq!(range.lowest(), None);
            range.was_searched_once(range.stripes.len());
            assert_eq!(report.hashes(), range.stripes.len() as u64 * STRIPE);
        }
        other => panic!("nobody cancels or panics: {other:?}"),
    }
    is_over(range, shared);
}

/// A worker that comes later finds nothing to do.
#[track_caller]
fn is_over(range: &Range, shared: &Shared<'_>) {
    let searched = range.note().len();
    shared.search_stripes(0, u64::MAX, |hit| panic!("one more find: {hit:?}"), || ());
    assert_eq!(range.note().len(), searched, "a worker that comes later searches on");
}

#[test]
fn two_workers_find_the_lowest_nonce() {
    (1..=3).for_each(|stripes| Model::TWO.check(Range::all(stripes), finds_the_lowest));
}

#[test]
fn three_workers_find_the_lowest_nonce() {
    (2..=3).for_each(|stripes| Model::THREE.check(Range::all(stripes), finds_the_lowest));
}

#[test]
fn nobody_who_comes_after_a_find_searches_above_it() {
    use Holds::{Find, Nothing};
    for order in [Order::Lowest, Order::First] {
        let model = Model { order, most: STRIPE, ..Model::TWO };
        let ranges = [[Find, Nothing, Nothing, Nothing], [Find, Find, Find, Find]];
        let ranges = ranges.iter().map(|stripes| Range::new(stripes.to_vec()));
        model.check(ranges, |range, shared, _| is_over(range, shared));
    }
}

fn finds_any(range: &Range, shared: &Shared<'_>, ended: Ended) {
    match ended {
        Ok(Outcome::Found(solution)) => {
            assert!(range.valid().contains(&solution.nonce));
            range.was_searched_once(0);
        }
        Ok(Outcome::Exhausted(_)) => {
            assert!(range.valid().is_empty());
            range.was_searched_once(range.stripes.len());
        }
        other => panic!("nobody cancels or panics: {other:?}"),
    }
    is_over(range, shared);
}

#[test]
fn any_find_ends_a_search_that_takes_the_first() {
    for model in [Model::TWO, Model::THREE] {
        Model { order: Order::First, ..model }.check(Range::all(3), finds_any);
    }
}

fn is_right_if_anything(range: &Range, shared: &Shared<'_>, ended: Ended) {
    match ended {
        Ok(Outcome::Found(solution)) => range.has_as_lowest(solution.nonce),
        Ok(Outcome::Exhausted(_)) => {
            assert_eq!(range.lowest(), None);
            range.was_searched_once(range.stripes.len());
        }
        Ok(Outcome::Cancelled(report)) => range.was_searched_below(report.tested_below),
        Err(error) => panic!("nobody panics: {error}"),
    }
    is_over(range, shared);
}

#[test]
fn a_cancelled_search_stops_every_worker_and_never_gives_a_nonce_that_may_not_be_the_lowest() {
    for model in [Model { preemptions: 3, ..Model::TWO }, Model::THREE] {
        Model { is_cancelled: true, ..model }.check(Range::all(3), is_right_if_anything);
    }
}

fn fails(range: &Range, shared: &Shared<'_>, ended: Ended) {
    assert!(matches!(ended, Err(SearchError::WorkerPanicked { .. })), "{ended:?}");
    range.was_searched_once(0);
    is_over(range, shared);
}

#[test]
fn a_worker_that_panics_stops_the_others_and_the_search_is_an_error() {
    use Holds::{Curse, Find, Nothing};
    let cursed = [[Curse, Nothing, Nothing], [Curse, Find, Nothing], [Curse, Curse, Find]];
    for model in [Model::TWO, Model::THREE] {
        model.check(cursed.iter().map(|stripes| Range::new(stripes.to_vec())), fails);
    }
}
