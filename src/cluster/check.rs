//! Checks of reports: what a coordinator believes of them.
//!
//! Hosts are trusted to have searched what they report. What can be checked is: a find and a best
//! hash are hashed again; a range must be one that was given; and of every hundred leases one goes
//! to a second host, which must see the same.

use std::cmp::Ordering;

use super::spans::Span;
use super::wire::{Best, ReportMessage, Task, kernel};

/// What a lease allows its holder to report.
#[derive(Clone, Copy, Debug)]
pub(super) enum Allowed {
    /// A beginning of this range.
    Beginning(Span),
    /// Any part of the search: the lease is of an earlier start of the coordinator, which did not
    /// write down what it gave.
    Anything,
    /// Nothing: there is no such lease.
    Nothing,
}

/// Why a report is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong(pub(super) String);

fn wrong(what: impl Into<String>) -> Result<(), Wrong> {
    Err(Wrong(what.into()))
}

/// Checks a report by itself.
pub(super) fn check_report(
    report: &ReportMessage,
    task: &Task,
    allowed: Allowed,
) -> Result<(), Wrong> {
    let Span { first, last } = report.span;
    let is_allowed = match allowed {
        Allowed::Beginning(span) => first == span.first && (first..=span.last).contains(&last),
        Allowed::Anything => first <= last && task.range.contains(report.span),
        Allowed::Nothing => false,
    };
    if !is_allowed {
        return wrong(format!("it reported {first} to {last}, which it was not given"));
    }
    if report.is_find && !task.target.is_met_by(&task.template.digest(last)) {
        return wrong(format!("it reported that {last} is valid, which it is not"));
    }
    if kernel(&report.kernel).is_none() {
        return wrong(format!("it reported the kernel {:?}, which does not exist", report.kernel));
    }
    if report.hashes() < report.span.len() {
        let (hashes, len) = (report.hashes(), report.span.len());
        return wrong(format!("it reported {hashes} hashes for {len} nonces"));
    }
    check_best(report, task)
}

fn check_best(report: &ReportMessage, task: &Task) -> Result<(), Wrong> {
    let Best { nonce, hash } = &report.best;
    let Span { first, last } = report.span;
    if !(first..=last).contains(nonce) {
        return wrong(format!("the nonce {nonce} of its best hash is not among those it tested"));
    }
    let digest = task.template.digest(*nonce);
    if digest.to_string() != *hash {
        return wrong(format!("it reported the hash {hash} for {nonce}, which has {digest}"));
    }
    if task.target.is_met_by(&digest) && !(report.is_find && *nonce == last) {
        return wrong(format!("it kept to itself that {nonce} is valid"));
    }
    Ok(())
}

/// Of two hosts that searched the same range, the one that missed something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missed {
    First,
    Second,
}

/// What one of two hosts missed that have searched the same range. Each report was checked by
/// itself, so what one of them saw is there.
pub(super) fn compare(one: &ReportMessage, other: &ReportMessage) -> Option<(Missed, Wrong)> {
    let missed = |nonce: u64| Wrong(format!("it missed {nonce}, which another host found"));
    let find = |report: &ReportMessage| report.is_find.then_some(report.span.last);
    match (find(one), find(other)) {
        (first, second) if first == second => {}
        (Some(first), second) if second.is_none_or(|second| first < second) => {
            return Some((Missed::Second, missed(first)));
        }
        (_, Some(second)) => return Some((Missed::First, missed(second))),
        (Some(first), None) => return Some((Missed::Second, missed(first))),
        (None, None) => {}
    }
    // Digits in hex are ordered as the numbers are.
    match one.best.hash.cmp(&other.best.hash) {
        Ordering::Less => Some((Missed::Second, missed(one.best.nonce))),
        Ordering::Greater => Some((Missed::First, missed(other.best.nonce))),
        Ordering::Equal => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::wire::WorkerMessage;
    use super::*;
    use crate::pow::{NonceEncoding, Target, Template};

    const LEASE: Span = Span { first: 1_000, last: 1_999 };

    fn task() -> Task {
        let template = Template::new("check ", NonceEncoding::Decimal, "");
        let target = Target::from_bits(8).unwrap();
        Task { template, target, range: Span { first: 0, last: 9_999 } }
    }

    /// What an honest host says of this range, or of its beginning up to the first valid nonce.
    fn honest(span: Span) -> ReportMessage {
        let task = task();
        let digest = |nonce: &u64| task.template.digest(*nonce);
        let find = (span.first..=span.last).find(|nonce| task.target.is_met_by(&digest(nonce)));
        let span = Span { last: find.unwrap_or(span.last), ..span };
        let nonce = (span.first..=span.last).min_by_key(digest).unwrap();
        let best = Best { nonce, hash: digest(&nonce).to_string() };
        let worker = WorkerMessage { stripes: 1, hashes: span.len(), busy_s: 0.1 };
        ReportMessage {
            job: String::new(),
            header: String::new(),
            lease: 7,
            host: "h".to_owned(),
            span,
            is_find: find.is_some(),
            best,
            kernel: "sha2".to_owned(),
            seconds: 0.1,
            deliveries: 1,
            workers: vec![worker],
        }
    }

    #[track_caller]
    fn is_caught(report: &ReportMessage, words: &str) {
        let Wrong(text) =
            check_report(report, &task(), Allowed::Beginning(LEASE)).expect_err("it is wrong");
        assert!(text.contains(words), "{text}");
    }

    #[test]
    fn an_honest_report_is_believed() {
        let report = honest(LEASE);
        assert!(report.is_find, "these tests need a find");
        assert_eq!(check_report(&report, &task(), Allowed::Beginning(LEASE)), Ok(()));
        assert_eq!(check_report(&report, &task(), Allowed::Anything), Ok(()));
        let before = honest(Span { last: report.span.last - 1, ..LEASE });
        assert_eq!(check_report(&before, &task(), Allowed::Beginning(LEASE)), Ok(()));
        assert_eq!(compare(&report, &report), None);
    }

    #[test]
    fn a_find_that_is_none_is_caught() {
        let report = honest(LEASE);
        let last = report.span.last - 1;
        let false_find = ReportMessage { span: Span { last, ..LEASE }, ..report };
        is_caught(&false_find, "is valid, which it is not");
    }

    #[test]
    fn a_best_hash_that_is_none_is_caught() {
        let report = honest(LEASE);
        let best = report.best.clone();
        let with = |best| ReportMessage { best, ..report.clone() };
        is_caught(&with(Best { hash: "0".repeat(64), ..best.clone() }), "which has");
        is_caught(&with(Best { nonce: LEASE.first - 1, ..best }), "not among those");
    }

    #[test]
    fn a_find_that_is_kept_back_is_caught_where_the_best_hash_tells_it() {
        let report = honest(LEASE);
        is_caught(&ReportMessage { is_find: false, ..report }, "kept to itself");
    }

    #[test]
    fn a_range_that_was_not_given_is_caught() {
        let other = Span { first: LEASE.first - 1, ..LEASE };
        is_caught(&honest(other), "not given");
        let beyond = Span { last: LEASE.last + 1, ..LEASE };
        is_caught(&ReportMessage { span: beyond, is_find: false, ..honest(LEASE) }, "not given");
        let nothing = check_report(&honest(LEASE), &task(), Allowed::Nothing);
        assert!(nothing.is_err());
        let turned = Span { first: 5, last: 4 };
        let report = ReportMessage { span: turned, ..honest(LEASE) };
        assert!(check_report(&report, &task(), Allowed::Anything).is_err());
    }

    #[test]
    fn fewer_hashes_than_nonces_are_caught() {
        is_caught(&ReportMessage { workers: Vec::new(), ..honest(LEASE) }, "0 hashes");
    }

    #[test]
    fn of_two_reports_that_disagree_the_one_that_saw_less_is_named() {
        let report = honest(LEASE);
        let before = honest(Span { last: report.span.last - 1, ..LEASE });
        let skipped = ReportMessage { span: LEASE, ..before.clone() };
        let (missed, Wrong(text)) = compare(&skipped, &report).unwrap();
        assert_eq!(missed, Missed::First);
        assert!(text.contains(&report.span.last.to_string()), "{text}");
        assert_eq!(compare(&report, &skipped).unwrap().0, Missed::Second);

        let nonce = before.span.first;
        let hash = task().template.digest(nonce).to_string();
        assert_ne!(nonce, before.best.nonce, "these tests need another best hash");
        let blind = ReportMessage { best: Best { nonce, hash }, ..before.clone() };
        assert_eq!(compare(&before, &blind).unwrap().0, Missed::Second);
        assert_eq!(compare(&blind, &before).unwrap().0, Missed::First);
    }
}
