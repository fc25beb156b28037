//! The thread on which a host searches its leases, one after the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;

use crate::cluster::spans::Span;
use crate::cluster::wire::{Best, Task, bar};
use crate::miner::{CancelToken, Miner, Outcome, Report, Search, SearchError, Sweep};
use crate::pow::{NonceEncoding, Target, Template};

/// The first rate is measured for about this long.
const TRIAL: Duration = Duration::from_millis(50);

/// A range to search.
pub(super) struct Order {
    pub(super) lease: u64,
    pub(super) task: Arc<Task>,
    /// What is searched of the lease.
    pub(super) span: Span,
    /// The lease.
    pub(super) whole: Span,
    pub(super) cancel: CancelToken,
    /// Nonces tested so far.
    pub(super) tested: Arc<AtomicU64>,
}

/// How the search of a range ended.
pub(super) enum Searched {
    /// All nonces of the range were tested, or those up to the lowest valid one.
    Done {
        span: Span,
        is_find: bool,
        best: Option<Best>,
        report: Report,
    },
    Cancelled,
    Failed(SearchError),
}

/// Hashes per second, by a short trial.
pub(super) fn measured_rate(miner: &Miner) -> Result<f64, SearchError> {
    let template = Template::new([b'x'; 120], NonceEncoding::Decimal, [b'x'; 30]);
    let first = 1_000_000_000;
    let mut len = 1 << 12;
    loop {
        let swept = miner.sweep(&template, &Sweep::new(first..=first + len - 1))?;
        let report = swept.expect("nobody cancels a trial").report;
        if report.elapsed >= TRIAL {
            return Ok(report.hashes_per_s());
        }
        len *= 2;
    }
}

/// Starts the thread. It ends when the sender of orders is dropped.
pub(super) fn start(
    miner: Miner,
    results: UnboundedSender<(u64, Searched, Duration)>,
) -> Sender<Order> {
    let (sender, orders) = channel::<Order>();
    std::thread::spawn(move || {
        for order in orders {
            let started = Instant::now();
            let searched = search(&miner, &order).unwrap_or_else(Searched::Failed);
            // The host is about to go.
            let _ = results.send((order.lease, searched, started.elapsed()));
        }
    });
    sender
}

/// Searches a range for the lowest valid nonce, and notes its lowest hash on the way: a hit below an
/// easier target, which falls with every hit.
fn search(miner: &Miner, order: &Order) -> Result<Searched, SearchError> {
    let Order { task, span, whole, cancel, tested, .. } = order;
    let mut easier = bar(*whole, &task.target);
    let mut best = None;
    let mut sum: Option<Report> = None;
    let mut first = span.first;
    loop {
        let before = sum.as_ref().map_or(0, Report::hashes);
        let settings = Search::default()
            .with_range(first..=span.last)
            .with_cancel(cancel.clone())
            .with_listener(|progress| {
                let so_far = before + progress.hashes.iter().sum::<u64>();
                tested.store(so_far, Ordering::Relaxed);
            });
        let outcome = miner.search(&task.template, &easier, settings)?;
        let (found, part) = match outcome {
            Outcome::Cancelled(_) => return Ok(Searched::Cancelled),
            Outcome::Exhausted(report) => (None, report),
            Outcome::Found(solution) => (Some((solution.nonce, solution.digest)), solution.report),
        };
        match &mut sum {
            None => sum = Some(part),
            Some(sum) => sum.add(&part),
        }
        let mut last = span.last;
        let mut is_find = false;
        if let Some((nonce, digest)) = found {
            best = Some(Best { nonce, hash: digest.to_string() });
            is_find = task.target.is_met_by(&digest);
            if !is_find && nonce < span.last {
                easier = Target::from_be_bytes(*digest.as_be_bytes());
                first = nonce + 1;
                continue;
            }
            last = nonce;
        }
        let report = sum.expect("there was a part");
        tested.store(report.hashes(), Ordering::Relaxed);
        return Ok(Searched::Done { span: Span { last, ..*span }, is_find, best, report });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pow::Kernel;

    fn searched(bits: u32, span: Span) -> (Span, bool, Option<Best>, u64) {
        let miner = Miner::builder().threads(2).kernel(Kernel::Sha2).build().unwrap();
        let template = Template::new("lease ", NonceEncoding::Decimal, "");
        let target = Target::from_bits(bits).unwrap();
        let task = Arc::new(Task { template, target, range: span });
        let (cancel, tested) = (CancelToken::new(), Arc::default());
        let order = Order { lease: 1, task, span, whole: span, cancel, tested };
        match search(&miner, &order).unwrap() {
            Searched::Done { span, is_find, best, report } => {
                (span, is_find, best, report.hashes())
            }
            _ => panic!("nobody cancels"),
        }
    }

    #[test]
    fn the_lowest_hash_of_a_lease_is_noted_on_the_way_to_nothing() {
        let template = Template::new("lease ", NonceEncoding::Decimal, "");
        let mut noted = 0;
        for first in (0..40_000).step_by(4_000) {
            let span = Span { first, last: first + 3_999 };
            let (covered, is_find, best, hashes) = searched(60, span);
            assert_eq!((covered, is_find), (span, false));
            assert!(hashes >= span.len());
            let lowest = (span.first..=span.last).min_by_key(|nonce| template.digest(*nonce));
            let lowest = lowest.unwrap();
            let digest = template.digest(lowest);
            let is_below = bar(span, &Target::ZERO).is_met_by(&digest);
            let expected = is_below.then(|| Best { nonce: lowest, hash: digest.to_string() });
            assert_eq!(best, expected);
            noted += u32::from(is_below);
        }
        assert!(noted > 3, "most leases have a hash below their bar: {noted} of 10");
    }

    #[test]
    fn a_lease_ends_at_its_lowest_valid_nonce() {
        let template = Template::new("lease ", NonceEncoding::Decimal, "");
        let target = Target::from_bits(10).unwrap();
        let span = Span { first: 0, last: 9_999 };
        let lowest = (0..).find(|nonce| target.is_met_by(&template.digest(*nonce))).unwrap();
        let (covered, is_find, best, _) = searched(10, span);
        assert_eq!((covered, is_find), (Span { last: lowest, ..span }, true));
        assert_eq!(best.map(|best| best.nonce), Some(lowest));
    }
}
