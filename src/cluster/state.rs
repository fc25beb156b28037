//! The coordinator's decisions: which nonces are searched, which are given out, and when the
//! answer is final.
//!
//! It knows no network, no clock and no thread: events go in, actions come out. What the engine
//! does with messages is not trusted. A range counts as searched only when a report says so, so a
//! lost, doubled, late or reordered message costs work and never a wrong nonce. `simulation.rs`
//! tries that.

#[cfg(test)]
mod simulation;

use std::collections::BTreeMap;

use super::spans::{Span, Spans};

/// A lease's number. Those of a later start of the coordinator are higher than all before.
pub(super) type LeaseNumber = u64;

/// After a find, leases are this many times shorter, so that the wait for the last one is short.
const LAST_PIECES: u64 = 4;

/// What the coordinator hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// While it starts: a lease of an earlier start, which the engine still has.
    Standing { lease: LeaseNumber, span: Span },
    /// All reports that there were at the start have been heard.
    Replayed,
    /// This range was searched. If it holds valid nonces, it ends at the lowest of them.
    Report { lease: LeaseNumber, span: Span, is_find: bool },
    /// The engine has this lease no more, and no report came.
    Lost { lease: LeaseNumber },
    /// There should be this many leases out, of at most this many nonces each.
    Wanted { leases: usize, len: u64 },
}

/// What the coordinator does about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Give this range to any host.
    Lease { lease: LeaseNumber, span: Span },
    /// Tell all hosts that nonces above this one no longer matter. All leases that were given so
    /// far are withdrawn.
    Stop { find: u64 },
    /// The search has ended; nothing follows.
    End(Verdict),
}

/// How a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The lowest valid nonce.
    Found(u64),
    /// No nonce of the range is valid.
    Exhausted,
}

/// Whether a lease that starts here no longer matters after this find.
pub(super) fn is_void(first: u64, find: Option<u64>) -> bool {
    find.is_some_and(|find| first > find)
}

/// The state of one search.
#[derive(Debug)]
pub(super) struct State {
    range: Span,
    covered: Spans,
    /// The lowest valid nonce that was reported.
    find: Option<u64>,
    /// Leases that were given and not yet reported.
    out: BTreeMap<LeaseNumber, Span>,
    next_lease: LeaseNumber,
    wanted: usize,
    lease_len: u64,
    is_replayed: bool,
    has_ended: bool,
}

impl State {
    /// A search of this range. Everything below `floor` is covered already; `find` is the lowest
    /// find so far. Leases are numbered from `first_lease` on.
    pub(super) fn new(
        range: Span,
        floor: u64,
        find: Option<u64>,
        first_lease: LeaseNumber,
    ) -> Self {
        let below = floor.checked_sub(1).and_then(|last| Span::new(range.first, last));
        Self {
            range,
            covered: below.into_iter().collect(),
            find,
            out: BTreeMap::new(),
            next_lease: first_lease,
            wanted: 0,
            lease_len: 1,
            is_replayed: false,
            has_ended: false,
        }
    }

    /// The lowest nonce that is not covered; beyond the range it is the range's last.
    pub(super) fn floor(&self) -> u64 {
        let floor = self.covered.lowest_missing(self.range.first).unwrap_or(u64::MAX);
        floor.min(self.range.last)
    }

    pub(super) const fn find(&self) -> Option<u64> {
        self.find
    }

    /// The number of leases that are out.
    pub(super) fn leases_out(&self) -> usize {
        self.out.len()
    }

    /// Whether this lease is out: given, and neither reported nor withdrawn.
    pub(super) fn is_out(&self, lease: LeaseNumber) -> bool {
        self.out.contains_key(&lease)
    }

    /// Takes an event, and says what to do.
    pub(super) fn take(&mut self, event: Event) -> Vec<Action> {
        if self.has_ended {
            return Vec::new();
        }
        let mut actions = Vec::new();
        match event {
            Event::Standing { lease, span } => {
                self.out.insert(lease, span);
            }
            Event::Replayed => self.is_replayed = true,
            Event::Report { lease, span, is_find } => {
                self.out.remove(&lease);
                self.covered.add(span);
                if is_find {
                    actions.extend(self.lower_find(span.last));
                }
                self.out.retain(|_, span| !self.covered.contains(*span));
            }
            Event::Lost { lease } => drop(self.out.remove(&lease)),
            Event::Wanted { leases, len } => (self.wanted, self.lease_len) = (leases, len),
        }
        actions.extend(self.end());
        if !self.has_ended {
            self.give_missing(&mut actions);
        }
        actions
    }

    /// A find below the one so far withdraws all leases: what they would have covered is missing
    /// again, and is given in short pieces, to whoever is idle. Whoever still searches may report.
    fn lower_find(&mut self, nonce: u64) -> Option<Action> {
        if self.find.is_some_and(|find| find <= nonce) {
            return None;
        }
        self.find = Some(nonce);
        self.out.clear();
        Some(Action::Stop { find: nonce })
    }

    /// A find is final when everything below it is covered.
    fn end(&mut self) -> Option<Action> {
        if !self.is_replayed || self.open().is_some_and(|open| !self.covered.contains(open)) {
            return None;
        }
        self.has_ended = true;
        Some(Action::End(self.find.map_or(Verdict::Exhausted, Verdict::Found)))
    }

    /// The nonces that matter: all of the range, or those below the find.
    fn open(&self) -> Option<Span> {
        match self.find {
            None => Some(self.range),
            Some(find) => find.checked_sub(1).and_then(|last| Span::new(self.range.first, last)),
        }
    }

    /// Gives what is missing, from the lowest up, until enough leases are out. This serves the
    /// start, a restart, a lost lease and a find alike.
    fn give_missing(&mut self, actions: &mut Vec<Action>) {
        if !self.is_replayed || self.out.len() >= self.wanted {
            return;
        }
        let Some(mut open) = self.open() else { return };
        let len = match self.find {
            None => self.lease_len,
            Some(_) => self.lease_len.div_ceil(LAST_PIECES),
        };
        let mut taken = self.covered.clone();
        self.out.values().for_each(|span| taken.add(*span));
        while self.out.len() < self.wanted
            && let Some(gap) = taken.first_gap(open)
        {
            let (lease, span) = (self.next_lease, gap.cut_to(len));
            self.next_lease += 1;
            self.out.insert(lease, span);
            actions.push(Action::Lease { lease, span });
            let Some(rest) = span.last.checked_add(1).and_then(|it| Span::new(it, open.last))
            else {
                return;
            };
            open = rest;
        }
    }
}
