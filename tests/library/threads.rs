//! The number of threads and the kernel change how fast a nonce is found, never which one.

use crate::common::{kernels, oracle};
use stripmine::chain::python_json::{Float, Value};
use stripmine::chain::{Candidate, SealedBlock, Timestamp};
use stripmine::miner::{
    BuildError, CancelToken, MAX_THREADS, Miner, Order, Outcome, Report, Search, SearchError,
};
use stripmine::pow::{Digest, Hit, Kernel, NonceEncoding, Target, Template};

const THREADS: [usize; 5] = [1, 2, 3, 7, 16];

/// Fifty blocks at difficulties 1 to 4 in turn.
fn candidates() -> Vec<(Candidate, Target)> {
    let candidate = |number: u32| {
        let timestamp = Timestamp::Float(Float::new(1_700_000_000.0 + f64::from(number)).unwrap());
        let data = Value::from(format!("payment {number}"));
        let previous_hash = SealedBlock::genesis().hash().to_string();
        let candidate =
            Candidate::new(u64::from(number), &timestamp, &data, &previous_hash).unwrap();
        (candidate, Target::from_hex_zeros(1 + number % 4).unwrap())
    };
    (0..50).map(candidate).collect()
}

fn miners() -> Vec<Miner> {
    let with = |kernel, threads| Miner::builder().threads(threads).kernel(kernel).build().unwrap();
    let kernels = kernels();
    kernels.iter().flat_map(|kernel| THREADS.map(|threads| with(*kernel, threads))).collect()
}

fn found(miner: &Miner, template: &Template, target: Target, start: u64) -> (u64, Digest, Report) {
    let search = Search::default().with_first(start);
    match miner.search(template, &target, search) {
        Ok(Outcome::Found(solution)) => (solution.nonce, solution.digest, solution.report),
        other => panic!("{other:?}"),
    }
}

fn adds_up(report: &Report, miner: &Miner) {
    assert_eq!(report.workers.len(), miner.threads());
    assert_eq!(report.kernel, miner.kernel());
    assert_eq!(report.workers.iter().map(|worker| worker.hashes).sum::<u64>(), report.hashes());
    let rates: f64 = report.workers.iter().map(|w| report.worker_hashes_per_s(w)).sum();
    assert!((rates / report.hashes_per_s() - 1.0).abs() < 1e-9);
    let shares: f64 = report.workers.iter().map(|w| report.worker_share(w)).sum();
    assert!((shares - 1.0).abs() < 1e-9);
    for worker in &report.workers {
        assert!(worker.busy <= report.elapsed);
        assert_eq!(worker.hashes == 0, worker.stripes == 0);
    }
}

#[test]
fn fifty_blocks_give_the_same_nonces_on_any_number_of_threads_with_every_kernel() {
    let miners = miners();
    for (candidate, target) in candidates() {
        let template = candidate.template();
        let expected = oracle::lowest(template, target, 0..).unwrap();
        for miner in &miners {
            let (nonce, digest, report) = found(miner, template, target, 0);
            assert_eq!(nonce, expected, "{} threads, {}", miner.threads(), miner.kernel());
            assert_eq!(digest, oracle::digest(template, nonce));
            assert!(report.hashes() > nonce, "everything below the nonce was tested");
            assert_eq!(report.tested_below, u128::from(nonce) + 1);
            assert_eq!(report.best, Some(Hit { nonce, digest }));
            adds_up(&report, miner);
        }
    }
}

#[test]
fn a_search_that_starts_later_finds_the_lowest_nonce_from_there() {
    let template = Template::new("start ", NonceEncoding::Decimal, "");
    let target = Target::from_hex_zeros(3).unwrap();
    for start in [1, 9, 99_990, 10_u64.pow(19) - 5, u64::MAX - 1_000_000] {
        let expected = oracle::lowest(&template, target, start..).unwrap();
        for threads in THREADS {
            let miner = Miner::builder().threads(threads).build().unwrap();
            let (nonce, _, report) = found(&miner, &template, target, start);
            assert_eq!(nonce, expected, "from {start}, {threads} threads");
            assert!(report.hashes() > nonce - start);
        }
    }
}

#[test]
fn every_encoding_gives_the_same_nonce_on_any_number_of_threads() {
    let (miners, target) = (miners(), Target::from_hex_zeros(3).unwrap());
    for encoding in NonceEncoding::ALL {
        let template = Template::new("header ", encoding, "rest");
        let start = encoding.max_nonce() / 3;
        let expected = oracle::lowest(&template, target, start..).unwrap();
        for miner in &miners {
            let (nonce, digest, _) = found(miner, &template, target, start);
            let (threads, kernel) = (miner.threads(), miner.kernel());
            assert_eq!(nonce, expected, "{encoding:?}, {threads} threads, {kernel}");
            assert_eq!(digest, oracle::digest(&template, nonce));
        }
    }
}

#[test]
fn an_exhausted_range_was_tested_exactly_once() {
    let template = Template::new("none ", NonceEncoding::Decimal, "");
    let lowest = (5..=54_321).map(|nonce| (oracle::digest(&template, nonce), nonce)).min();
    for miner in miners() {
        let search = Search::default().with_range(5..=54_321);
        let Ok(Outcome::Exhausted(report)) = miner.search(&template, &Target::ZERO, search) else {
            panic!("nothing hashes to zero")
        };
        assert_eq!(report.hashes(), 54_317);
        assert_eq!(report.tested_below, 54_322);
        assert_eq!(report.best.map(|best| (best.digest, best.nonce)), lowest);
        adds_up(&report, &miner);
    }
}

#[test]
fn any_order_finds_a_valid_nonce_when_the_first_find_will_do() {
    let template = Template::new("first ", NonceEncoding::Decimal, "");
    let target = Target::from_hex_zeros(4).unwrap();
    let miner = Miner::builder().threads(7).build().unwrap();
    let search = Search::default().with_order(Order::First);
    let Ok(Outcome::Found(solution)) = miner.search(&template, &target, search) else {
        panic!("not found")
    };
    assert_eq!(solution.digest, oracle::digest(&template, solution.nonce));
    assert!(target.is_met_by(&solution.digest));
}

#[test]
fn ranges_that_no_search_can_cover_are_refused() {
    let miner = Miner::builder().threads(1).build().unwrap();
    let search = |template: &Template, range| {
        miner.search(template, &Target::ZERO, Search::default().with_range(range))
    };
    let decimal = Template::new("", NonceEncoding::Decimal, "");
    assert_eq!(search(&decimal, 0..=u64::MAX), Err(SearchError::RangeTooLong));
    let (first, last) = (8, 7);
    assert_eq!(search(&decimal, first..=last), Err(SearchError::EmptyRange { first, last }));
    let bitcoin = Template::bitcoin(&[0; 80]);
    let max = u64::from(u32::MAX);
    let too_large = Err(SearchError::NonceTooLarge { last: max + 1, max });
    assert_eq!(search(&bitcoin, 0..=max + 1), too_large);
}

#[test]
fn a_search_without_a_range_stays_within_what_the_header_can_hold() {
    let miner = Miner::builder().threads(2).build().unwrap();
    let bitcoin = Template::bitcoin(&[7; 80]);
    let target = Target::from_bits(16).unwrap();
    let expected = oracle::lowest(&bitcoin, target, 0..).unwrap();
    assert_eq!(found(&miner, &bitcoin, target, 0).0, expected);
    let last = u64::from(u32::MAX) - 50;
    let search = Search::default().with_first(last);
    let Ok(Outcome::Exhausted(report)) = miner.search(&bitcoin, &Target::ZERO, search) else {
        panic!("nothing hashes to zero")
    };
    assert_eq!(report.hashes(), 51);
}

#[test]
fn miners_have_at_least_one_worker_and_not_too_many() {
    for threads in [0, MAX_THREADS + 1, usize::MAX] {
        let result = Miner::builder().threads(threads).kernel(Kernel::Portable).build();
        assert!(matches!(result, Err(BuildError::Threads(count)) if count == threads));
    }
}

#[test]
fn a_listener_hears_of_a_long_search_and_cancelling_ends_it() {
    let cancel = CancelToken::new();
    let template = Template::new("endless ", NonceEncoding::Decimal, "");
    let miner = Miner::builder().threads(3).build().unwrap();
    let mut heard = Vec::new();
    let search = Search::default().with_cancel(cancel.clone()).with_listener(|progress| {
        heard.push(progress.clone());
        if heard.len() == 3 {
            cancel.cancel();
        }
    });
    let Ok(Outcome::Cancelled(report)) = miner.search(&template, &Target::ZERO, search) else {
        panic!("nothing hashes to zero")
    };
    assert!(heard.len() >= 3);
    assert!(heard.is_sorted_by_key(|progress| progress.elapsed));
    assert!(heard.is_sorted_by_key(|progress| progress.hashes.iter().sum::<u64>()));
    assert!(report.hashes() >= heard[2].hashes.iter().sum());
    let digest = |best: Option<Hit>| best.map(|best| best.digest);
    assert!(heard.is_sorted_by(|before, after| digest(before.best) >= digest(after.best)));
    let best = report.best.unwrap();
    assert_eq!(best.digest, oracle::digest(&template, best.nonce));
    assert!(report.tested_below <= u128::from(report.hashes()), "hashed from 0 on");
    assert!(heard[2].best.unwrap().digest >= best.digest);
    adds_up(&report, &miner);
}

#[test]
fn a_cancelled_search_that_goes_on_where_it_says_finds_what_one_search_finds() {
    let template = Template::new("go on ", NonceEncoding::Decimal, "");
    let target = Target::from_hex_zeros(4).unwrap();
    let expected = oracle::lowest(&template, target, 0..).unwrap();
    for threads in THREADS {
        let miner = Miner::builder().threads(threads).build().unwrap();
        let mut best: Option<Hit> = None;
        let (mut first, mut rounds) = (0, 0);
        let solution = loop {
            // Cancelled from the start, the first time; some time within the search, later.
            let cancel = CancelToken::new();
            let canceller = cancel.clone();
            let wait = std::time::Duration::from_micros(rounds * 200);
            let thread = std::thread::spawn(move || {
                std::thread::sleep(wait);
                canceller.cancel();
            });
            let search = Search::default().with_first(first).with_cancel(cancel);
            let outcome = miner.search(&template, &target, search).unwrap();
            thread.join().unwrap();
            let report = match outcome {
                Outcome::Found(solution) => break solution,
                Outcome::Cancelled(report) => report,
                Outcome::Exhausted(_) => panic!("there is a nonce"),
            };
            assert!(report.tested_below <= u128::from(expected));
            assert!(report.tested_below - u128::from(first) <= u128::from(report.hashes()));
            best = best.into_iter().chain(report.best).min_by_key(|it| it.digest);
            first = u64::try_from(report.tested_below).unwrap();
            rounds += 1;
        };
        assert_eq!(solution.nonce, expected, "{threads} threads, {rounds} rounds");
        assert!(best.is_none_or(|best| best.digest == oracle::digest(&template, best.nonce)));
    }
}
