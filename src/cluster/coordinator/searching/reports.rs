//! What hosts report: believed, compared with what another host saw, or refused.

use std::time::Instant;

use super::{FIRST_REPEAT, Given, LEASES_PER_START, REPEATED, Repeat, Searching};
use crate::cluster::check::{Allowed, Missed, Wrong, check_report, compare};
use crate::cluster::engine::{lease_subject, token};
use crate::cluster::hosts::full_name;
use crate::cluster::pull::{Ack, Pulled};
use crate::cluster::state::Event;
use crate::cluster::wire::{ReportMessage, decode, encode};
use crate::pow::{Digest, Hit};

impl Searching<'_> {
    pub(super) async fn hear_report(&mut self, pulled: &Pulled) {
        self.session.engine.acknowledge(&pulled.reply, Ack::Done).await;
        let is_new = self.replay == 0;
        self.replay = if pulled.pending == 0 { 0 } else { self.replay.saturating_sub(1) };
        if !self.stored.contains_key(&pulled.sequence) {
            let user = token(&pulled.subject, 2);
            match decode::<ReportMessage>(&pulled.payload) {
                Ok(report) if report.header == self.written.header => {
                    self.stored.insert(pulled.sequence, report.span.last);
                    self.judge(user, &report, is_new);
                }
                // About another header, which this search once had.
                Ok(_) => {}
                Err(error) => self.note_once(format!("a report of user {user}: {error}")),
            }
        }
        if !is_new {
            self.end_replay_if_all_heard();
        }
    }

    /// Ends the replay once all stored reports were heard: now leases may be given.
    pub(super) fn end_replay_if_all_heard(&mut self) {
        if self.replay > 0 {
            return;
        }
        for (lease, span, sequence) in std::mem::take(&mut self.standing) {
            let (sequence, looked_at) = (Some(sequence), Instant::now());
            self.given.insert(lease, Given { span, sequence, looked_at });
            self.take(Event::Standing { lease, span });
        }
        self.take(Event::Replayed);
        self.want_leases();
    }

    /// Believes a report, or refuses its host.
    fn judge(&mut self, user: &str, report: &ReportMessage, is_new: bool) {
        let name = full_name(user, &report.host);
        if self.session.hosts.is_refused(&name) {
            return self.take(Event::Lost { lease: report.lease });
        }
        if report.lease >= FIRST_REPEAT {
            return self.judge_repeat(user, report);
        }
        let allowed = self.allowed(report);
        if matches!(allowed, Allowed::Nothing) && report.span.last < self.state.floor() {
            // Late, about what others have searched meanwhile.
            return;
        }
        if let Err(Wrong(reason)) = check_report(report, &self.job.task, allowed) {
            self.refuse(&name, &reason);
            return self.take(Event::Lost { lease: report.lease });
        }
        if is_new {
            self.session.hosts.add(user, report);
            self.given_again += u64::from(report.deliveries > 1);
            self.note_best(report);
            self.repeat_one_in_many(&name, report);
        }
        let ReportMessage { lease, span, is_find, .. } = *report;
        self.take(Event::Report { lease, span, is_find });
        if is_find && self.state.find() == Some(span.last) && is_new {
            self.notes.push(format!("{name} found {}", span.last));
        }
    }

    fn allowed(&self, report: &ReportMessage) -> Allowed {
        match self.given.get(&report.lease) {
            Some(given) => Allowed::Beginning(given.span),
            None if report.lease < self.written.start * LEASES_PER_START => Allowed::Anything,
            None => Allowed::Nothing,
        }
    }

    fn note_best(&mut self, report: &ReportMessage) {
        let Some(digest) = Digest::from_hex(&report.best.hash) else { return };
        if self.best.is_none_or(|best| digest < best.digest) {
            self.best = Some(Hit { nonce: report.best.nonce, digest });
        }
    }

    fn refuse(&mut self, name: &str, reason: &str) {
        self.notes.push(format!("{name} gets no more leases: {reason}"));
        self.session.hosts.refuse(name, reason);
        self.write_state();
    }

    /// Gives one lease in many to a second host as well, where there is one.
    fn repeat_one_in_many(&mut self, name: &str, report: &ReportMessage) {
        if fastrand::u64(..REPEATED) != 0 || self.session.hosts.present().count() < 2 {
            return;
        }
        let number = self.next_repeat;
        self.next_repeat += 1;
        let by = name.to_owned();
        let message = self.lease(number, report.span, Some(by.clone()));
        self.repeats.insert(number, Repeat { first: report.clone(), by });
        let (engine, subject) = (self.session.engine.clone(), lease_subject(&self.job.id));
        // If it is lost, only a comparison is lost with it.
        tokio::spawn(async move { engine.store(subject, encode(&message), None).await });
    }

    fn judge_repeat(&mut self, user: &str, report: &ReportMessage) {
        let name = full_name(user, &report.host);
        let Some(repeat) = self.repeats.remove(&report.lease) else { return };
        let Repeat { first, by } = &repeat;
        if name == *by {
            // The same host again: it would agree with itself.
            self.repeats.insert(report.lease, repeat);
            return;
        }
        if let Err(Wrong(reason)) =
            check_report(report, &self.job.task, Allowed::Beginning(first.span))
        {
            return self.refuse(&name, &reason);
        }
        self.session.hosts.add(user, report);
        let Some((missed, Wrong(reason))) = compare(first, report) else {
            return;
        };
        let wrong = if missed == Missed::First { by.clone() } else { name };
        self.refuse(&wrong, &reason);
        // What the second host saw counts, whoever was wrong.
        if report.is_find {
            self.take(Event::Report { lease: report.lease, span: report.span, is_find: true });
        }
    }
}
