//! What a coordinator believes of a report.
//!
//! Hosts are trusted to have searched what they report. What can be checked is: a find and a best
//! hash are hashed again; a range must be one that was given; and of every hundred leases one goes
//! to a second host, which must see the same.

use super::spans::Span;
use super::wire::{Best, ReportMessage, Task, bar, kernel};
use crate::pow::Digest;

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
        return wrong(format!("it reported the kernel {:?}, which there is not", report.kernel));
    }
    if report.hashes() < report.span.len() {
        let (hashes, len) = (report.hashes(), report.span.len());
        return wrong(format!("it reported {hashes} hashes for {len} nonces"));
    }
    report.best.as_ref().map_or(Ok(()), |best| check_best(best, report, task))
}

fn check_best(best: &Best, report: &ReportMessage, task: &Task) -> Result<(), Wrong> {
    let Best { nonce, hash } = best;
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

/// What one of two hosts missed, which have searched the same range; each report was checked by
/// itself, so what one of them saw is there. The first had this lease, of which the range may be a
/// part.
pub(super) fn compare(
    one: &ReportMessage,
    other: &ReportMessage,
    lease: Span,
    task: &Task,
) -> Option<(Missed, Wrong)> {
    let find = |report: &ReportMessage| report.is_find.then_some(report.span.last);
    let lower = |a: Option<u64>, b: Option<u64>| a.is_some_and(|a| b.is_none_or(|b| a < b));
    let says = |nonce: Option<u64>| nonce.map_or_else(String::new, |nonce| nonce.to_string());
    let [first, second] = [find(one), find(other)];
    let missed = |nonce: String| Wrong(format!("it missed {nonce}, which another host found"));
    if lower(second, first) {
        return Some((Missed::First, missed(says(second))));
    }
    if lower(first, second) {
        return Some((Missed::Second, missed(says(first))));
    }
    let bar = bar(lease, &task.target);
    let seen = |report: &ReportMessage| {
        let best = report.best.as_ref()?;
        let digest = Digest::from_hex(&best.hash)?;
        bar.is_met_by(&digest).then_some((digest, best.nonce))
    };
    match (seen(one), seen(other)) {
        (a, b) if a == b => None,
        (Some((_, nonce)), None) => Some((Missed::Second, missed(nonce.to_string()))),
        (None, Some((_, nonce))) => Some((Missed::First, missed(nonce.to_string()))),
        (Some((a, nonce)), Some((b, _))) if a < b => {
            Some((Missed::Second, missed(nonce.to_string())))
        }
        (_, Some((_, nonce))) => Some((Missed::First, missed(nonce.to_string()))),
        (None, None) => None,
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
        let hash = digest(&nonce);
        let best = bar(span, &task.target).is_met_by(&hash);
        let worker = WorkerMessage { stripes: 1, hashes: span.len(), busy_s: 0.1 };
        ReportMessage {
            job: String::new(),
            header: String::new(),
            lease: 7,
            host: "h".to_owned(),
            span,
            is_find: find.is_some(),
            best: best.then(|| Best { nonce, hash: hash.to_string() }),
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
        assert_eq!(compare(&report, &report, LEASE, &task()), None);
    }

    #[test]
    fn a_find_that_is_none_is_caught() {
        let report = honest(LEASE);
        let last = report.span.last - 1;
        let false_find = ReportMessage { span: Span { last, ..LEASE }, best: None, ..report };
        is_caught(&false_find, "is valid, which it is not");
    }

    #[test]
    fn a_best_hash_that_is_none_is_caught() {
        let report = honest(LEASE);
        let best = report.best.clone().unwrap();
        let with = |best| ReportMessage { best: Some(best), ..report.clone() };
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
        let skipped = ReportMessage { span: LEASE, is_find: false, best: None, ..report.clone() };
        let (missed, Wrong(text)) = compare(&skipped, &report, LEASE, &task()).unwrap();
        assert_eq!(missed, Missed::First);
        assert!(text.contains(&report.span.last.to_string()), "{text}");
        let (missed, _) = compare(&report, &skipped, LEASE, &task()).unwrap();
        assert_eq!(missed, Missed::Second);

        let before = honest(Span { last: report.span.last - 1, ..LEASE });
        let seen = Span { first: LEASE.first, last: before.span.last };
        if before.best.is_some() {
            let blind = ReportMessage { best: None, ..before.clone() };
            let named = compare(&before, &blind, seen, &task()).unwrap().0;
            assert_eq!(named, Missed::Second);
            assert_eq!(compare(&blind, &before, seen, &task()).unwrap().0, Missed::First);
        }
    }
}
