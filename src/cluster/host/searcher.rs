//! The thread on which a host searches its leases, one after the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;

use crate::cluster::spans::Span;
use crate::cluster::wire::{Best, Task};
use crate::miner::{CancelToken, Miner, Outcome, Report, Search, SearchError, Sweep};
use crate::pow::{NonceEncoding, Template};

/// The first rate is measured for about this long.
const TRIAL: Duration = Duration::from_millis(50);

/// A range to search.
pub(super) struct WorkOrder {
    pub(super) lease: u64,
    pub(super) task: Arc<Task>,
    pub(super) span: Span,
    pub(super) cancel: CancelToken,
    /// Nonces tested so far.
    pub(super) tested: Arc<AtomicU64>,
}

/// How the search of a range ended.
pub(super) enum RangeResult {
    /// All nonces of the range were tested, or those up to the lowest valid one.
    Done {
        span: Span,
        is_find: bool,
        best: Best,
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
    results: UnboundedSender<(u64, RangeResult, Duration)>,
) -> Sender<WorkOrder> {
    let (sender, orders) = channel::<WorkOrder>();
    std::thread::spawn(move || {
        for order in orders {
            let started = Instant::now();
            let searched = search(&miner, &order).unwrap_or_else(RangeResult::Failed);
            // The host is about to go.
            let _ = results.send((order.lease, searched, started.elapsed()));
        }
    });
    sender
}

/// Searches a range for its lowest valid nonce.
fn search(miner: &Miner, order: &WorkOrder) -> Result<RangeResult, SearchError> {
    let WorkOrder { task, span, cancel, tested, .. } = order;
    let settings = Search::default()
        .with_range(span.first..=span.last)
        .with_cancel(cancel.clone())
        .with_listener(|progress| tested.store(progress.hashes.iter().sum(), Ordering::Relaxed));
    let outcome = miner.search(&task.template, &task.target, settings)?;
    let find = outcome.solution().map(|solution| solution.nonce);
    let report = match outcome {
        Outcome::Cancelled(_) => return Ok(RangeResult::Cancelled),
        Outcome::Exhausted(report) => report,
        Outcome::Found(solution) => solution.report,
    };
    tested.store(report.hashes(), Ordering::Relaxed);
    let best = report.best.expect("a range holds a nonce");
    let best = Best { nonce: best.nonce, hash: best.digest.to_string() };
    let span = Span { last: find.unwrap_or(span.last), ..*span };
    Ok(RangeResult::Done { span, is_find: find.is_some(), best, report })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pow::{Kernel, Target};

    /// What was searched of this range: how far, whether it was found, and the best nonce.
    fn searched(bits: u32, span: Span) -> (Span, bool, u64) {
        let miner = Miner::builder().threads(2).kernel(Kernel::Sha2).build().unwrap();
        let template = Template::new("lease ", NonceEncoding::Decimal, "");
        let target = Target::from_bits(bits).unwrap();
        let task = Arc::new(Task { template, target, range: span });
        let (cancel, tested) = (CancelToken::new(), Arc::default());
        let order = WorkOrder { lease: 1, task, span, cancel, tested };
        let RangeResult::Done { span, is_find, best, report } = search(&miner, &order).unwrap()
        else {
            panic!("nobody cancels");
        };
        assert!(report.hashes() >= span.len());
        assert_eq!(order.tested.load(Ordering::Relaxed), report.hashes());
        assert_eq!(best.hash, order.task.template.digest(best.nonce).to_string());
        (span, is_find, best.nonce)
    }

    #[test]
    fn a_lease_without_a_find_is_searched_to_its_end_and_tells_its_lowest_hash() {
        let template = Template::new("lease ", NonceEncoding::Decimal, "");
        for first in (0..40_000).step_by(4_000) {
            let span = Span { first, last: first + 3_999 };
            let lowest = (span.first..=span.last).min_by_key(|nonce| template.digest(*nonce));
            assert_eq!(searched(60, span), (span, false, lowest.unwrap()));
        }
    }

    #[test]
    fn a_lease_ends_at_its_lowest_valid_nonce() {
        let template = Template::new("lease ", NonceEncoding::Decimal, "");
        let target = Target::from_bits(10).unwrap();
        let span = Span { first: 0, last: 9_999 };
        let lowest = (0..10_000).find(|nonce| target.is_met_by(&template.digest(*nonce))).unwrap();
        assert_eq!(searched(10, span), (Span { last: lowest, ..span }, true, lowest));
    }
}
