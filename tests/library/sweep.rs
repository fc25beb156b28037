//! A sweep hashes every nonce of its range exactly once, on any number of threads and however they
//! share the work.

use std::time::Duration;

use crate::common::{kernels, oracle};
use stripmine::miner::{CancelToken, Miner, SearchError, Sharing, Sweep};
use stripmine::pow::{Hashing, NonceEncoding, Template};

const SHARINGS: [Sharing; 2] = [Sharing::OneSearch, Sharing::SeparateSearches];

/// Not a whole number of anything, and across a change of width.
const FIRST: u64 = 99_873;
const LAST: u64 = 104_391;

fn templates() -> [Template; 2] {
    let chain = Template::new([b'p'; 41], NonceEncoding::Decimal, [b's'; 115]);
    let bitcoin =
        Template::new([b'p'; 76], NonceEncoding::LittleEndian32, []).with_hashing(Hashing::Twice);
    [chain, bitcoin]
}

fn naive_sum(template: &Template, first: u64, last: u64) -> u32 {
    let word = |nonce| oracle::deciding_word(template, &oracle::digest(template, nonce));
    (first..=last).map(word).fold(0, u32::wrapping_add)
}

#[test]
fn segments_have_the_sums_of_their_words_whatever_the_kernel_threads_and_sharing() {
    for template in templates() {
        for segment_len in [1_000, 777, 10_000] {
            let firsts = (FIRST..=LAST).step_by(usize::try_from(segment_len).unwrap());
            let expected: Vec<u32> = firsts
                .map(|first| naive_sum(&template, first, LAST.min(first + segment_len - 1)))
                .collect();
            for (kernel, threads) in kernels().into_iter().flat_map(|k| [(k, 1), (k, 2), (k, 5)]) {
                let miner = Miner::builder().kernel(kernel).threads(threads).build().unwrap();
                for sharing in SHARINGS {
                    let sweep = Sweep::new(FIRST..=LAST)
                        .with_sharing(sharing)
                        .with_segment_len(segment_len);
                    let swept = miner.sweep(&template, &sweep).unwrap().unwrap();
                    assert_eq!(swept.sums, expected, "{kernel}, {threads} threads, {sharing:?}");
                    assert_eq!(swept.report.hashes(), LAST - FIRST + 1);
                    assert_eq!(swept.report.workers.len(), threads);
                }
            }
        }
    }
}

#[test]
fn separate_searches_have_equal_parts() {
    let [template, _] = templates();
    let miner = Miner::builder().threads(4).build().unwrap();
    let sweep = Sweep::new(100..=501).with_sharing(Sharing::SeparateSearches);
    let report = miner.sweep(&template, &sweep).unwrap().unwrap().report;
    let hashes: Vec<u64> = report.workers.iter().map(|worker| worker.hashes).collect();
    assert_eq!(hashes, [100, 101, 100, 101]);
}

#[test]
fn a_sweep_without_segments_hashes_as_much_and_sums_nothing() {
    let [template, _] = templates();
    let miner = Miner::builder().threads(2).build().unwrap();
    let swept = miner.sweep(&template, &Sweep::new(FIRST..=LAST)).unwrap().unwrap();
    assert_eq!(swept.report.hashes(), LAST - FIRST + 1);
    assert!(swept.sums.is_empty());
}

#[test]
fn the_last_worker_to_stop_ends_the_time() {
    let [template, _] = templates();
    let miner = Miner::builder().threads(3).build().unwrap();
    let swept = miner.sweep(&template, &Sweep::new(FIRST..=LAST)).unwrap().unwrap();
    assert_eq!(swept.stopped_after.iter().max(), Some(&swept.report.elapsed));
    assert!(swept.stopped_after.iter().all(|after| *after > Duration::ZERO));
    for (after, worker) in swept.stopped_after.iter().zip(&swept.report.workers) {
        assert!(worker.busy <= *after, "a worker begins when the barrier falls, or later");
    }
}

#[test]
fn a_cancelled_sweep_gives_nothing() {
    let [template, _] = templates();
    let miner = Miner::builder().threads(2).build().unwrap();
    let cancel = CancelToken::new();
    cancel.cancel();
    for sharing in SHARINGS {
        let sweep = Sweep::new(0..=u64::MAX - 1).with_sharing(sharing).with_cancel(cancel.clone());
        assert_eq!(miner.sweep(&template, &sweep), Ok(None));
    }
}

#[test]
fn a_range_that_the_header_cannot_write_is_refused() {
    let [_, bitcoin] = templates();
    let miner = Miner::builder().threads(1).build().unwrap();
    let (last, max) = (1 << 32, u64::from(u32::MAX));
    assert_eq!(
        miner.sweep(&bitcoin, &Sweep::new(0..=last)),
        Err(SearchError::NonceTooLarge { last, max })
    );
}
