//! A search under way: what the state machine decides is done, and what is heard is told to it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use async_nats::Event as Connection;
use futures_util::StreamExt as _;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::opening::{Opening, is_coordinated};
use super::{Ended, Job, Owner, Progress, Searched, Side, clear};
use crate::cluster::check::{Allowed, Missed, Wrong, check_report, compare};
use crate::cluster::crew::full_name;
use crate::cluster::engine::{
    ACK_WAIT, CALL, DONE, Engine, JOB, LEASE, Unstored, done_subject, header_subject,
    lease_subject, state_subject, stop_subject, token,
};
use crate::cluster::error::ClusterError;
use crate::cluster::pull::{Ack, Pulled, Puller};
use crate::cluster::spans::Span;
use crate::cluster::state::{Action, Event, State, Verdict};
use crate::cluster::wire::{
    CallMessage, HelloMessage, LeaseMessage, ReportMessage, StateMessage, StopMessage, VerdictName,
    decode, encode,
};
use crate::pow::{Digest, Hit};

/// Between two looks at the clock.
const TICK: Duration = Duration::from_millis(100);

/// The state is written down this often at least.
const WRITTEN_EVERY: Duration = Duration::from_secs(10);

/// A lease takes about this part of the time that the whole search is expected to take.
const LEASES_PER_SEARCH: f64 = 100.0;

/// The bounds of a lease's length, in seconds; the lower one grows by [`PER_HOST_S`] with each host.
const SHORTEST_S: f64 = 0.2;
const LONGEST_S: f64 = 10.0;
const PER_HOST_S: f64 = 0.01;

/// Leases that are out for each host: the one it searches, the next, and one on its way.
const LEASES_PER_HOST: usize = 3;

/// One lease in this many is searched by a second host as well.
const REPEATED: u64 = 100;

/// The numbers of such leases begin here; the others stay below.
const FIRST_REPEAT: u64 = 1 << 63;

/// The leases of a coordinator's start are numbered from its number times this on.
const LEASES_PER_START: u64 = 1 << 32;

/// Leases that are looked for in the engine at a time.
const LOOKS: usize = 64;

/// What the coordinator's own tasks tell it.
enum Told {
    LeaseStored {
        lease: u64,
        sequence: u64,
    },
    LeaseUnstored {
        lease: u64,
    },
    Gone {
        lease: u64,
    },
    StateStored(Result<u64, Unstored>),
    /// The streams were made anew, after the engine had lost them.
    Restored(Result<u64, Unstored>),
    OlderSearch(bool),
}

/// A lease that was given.
struct Given {
    span: Span,
    /// Its number in the stream, once it is there.
    sequence: Option<u64>,
    looked_at: Instant,
}

/// A range that a second host is to search as well.
struct Repeat {
    first: ReportMessage,
    /// The user and name of the host that searched it first.
    by: String,
}

pub(super) struct Searching<'a> {
    side: &'a mut Side,
    job: &'a Job,
    header: Vec<u8>,
    written: StateMessage,
    state_sequence: u64,
    is_writing: bool,
    is_changed: bool,
    written_at: Instant,
    asked: async_nats::Subscriber,
    reports: Option<Puller>,
    replay: u64,
    standing: Vec<(u64, Span, u64)>,
    state: State,
    given: BTreeMap<u64, Given>,
    repeats: BTreeMap<u64, Repeat>,
    next_repeat: u64,
    /// The reports that lie above the floor: the last nonce by number in the stream.
    stored: BTreeMap<u64, u64>,
    verdict: Option<Verdict>,
    telling: UnboundedSender<Told>,
    told: UnboundedReceiver<Told>,
    lease_s: f64,
    given_again: u64,
    best: Option<Hit>,
    /// Whether the hosts serve an older search first.
    waits: bool,
    notes: Vec<String>,
    started: Instant,
    began_at: u64,
    has_failed: Option<ClusterError>,
}

impl<'a> Searching<'a> {
    pub(super) fn new(
        side: &'a mut Side,
        job: &'a Job,
        opening: Opening,
        started: Instant,
    ) -> Self {
        let Opening { header, state: written, state_sequence, asked, reports, replay, standing } =
            opening;
        side.crew.begin();
        for name in &written.refused {
            side.crew.refuse(name, "an earlier start of this search refused it");
        }
        let first_lease = written.start * LEASES_PER_START;
        let state = State::new(job.task.range, written.floor, written.find, first_lease);
        let (telling, told) = unbounded_channel();
        let began_at = written.floor;
        Self {
            side,
            job,
            header,
            next_repeat: FIRST_REPEAT + first_lease,
            written,
            state_sequence,
            is_writing: false,
            is_changed: false,
            written_at: started,
            asked,
            reports: Some(reports),
            replay,
            standing,
            state,
            given: BTreeMap::new(),
            repeats: BTreeMap::new(),
            stored: BTreeMap::new(),
            verdict: None,
            telling,
            told,
            lease_s: SHORTEST_S,
            given_again: 0,
            best: None,
            waits: true,
            notes: Vec::new(),
            started,
            began_at,
            has_failed: None,
        }
    }

    /// Runs until the search is decided or withdrawn.
    pub(super) async fn run(mut self, owner: &mut Owner<'_>) -> Result<Searched, ClusterError> {
        let ended = self.listen(owner).await?;
        self.publish_verdict(match ended {
            Ended::Found(..) => VerdictName::Found,
            Ended::Exhausted => VerdictName::Exhausted,
            Ended::Withdrawn => VerdictName::Withdrawn,
        })
        .await;
        let progress = self.progress();
        Ok(Searched { ended, progress, began_at: self.began_at })
    }

    async fn listen(&mut self, owner: &mut Owner<'_>) -> Result<Ended, ClusterError> {
        self.side.engine.say(CALL, encode(&CallMessage {})).await;
        self.look_for_older();
        self.replay_ends_if_all_heard();
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut reports = self.reports.take().expect("it is taken once");
        let mut seconds = 0_u64;
        loop {
            tokio::select! {
                pulled = reports.next() => self.hear_report(&pulled).await,
                Some(hello) = self.side.hellos.next() => self.hear_hello(&hello),
                Some(asked) = self.asked.next() => self.answer(asked).await,
                Some(told) = self.told.recv() => self.hear(told),
                Some(connection) = self.side.events.recv() => {
                    self.hear_connection(&connection);
                    reports.ask_again();
                }
                _ = ticks.tick() => {
                    if owner.cancel.is_cancelled() {
                        return Ok(Ended::Withdrawn);
                    }
                    (owner.listener)(self.progress());
                    seconds += 1;
                    if seconds.is_multiple_of(10) {
                        if (owner.is_obsolete)() {
                            return Ok(Ended::Withdrawn);
                        }
                        self.each_second();
                    }
                    self.want_leases();
                }
            }
            if let Some(error) = self.has_failed.take() {
                return Err(error);
            }
            match self.verdict {
                None => {}
                Some(Verdict::Exhausted) => return Ok(Ended::Exhausted),
                Some(Verdict::Found(nonce)) => {
                    return Ok(Ended::Found(nonce, self.job.task.template.digest(nonce)));
                }
            }
        }
    }

    fn progress(&mut self) -> Progress {
        Progress {
            elapsed: self.started.elapsed(),
            hosts: self.side.crew.reports(),
            leases: self.state.leases_out(),
            given_again: self.given_again,
            floor: self.state.floor(),
            find: self.state.find(),
            best: self.best,
            is_connected: self.side.is_connected,
            waits: self.waits,
            notes: std::mem::take(&mut self.notes),
        }
    }

    fn each_second(&mut self) {
        if self.waits {
            self.look_for_older();
        }
        self.look_for_lost();
        if self.written_at.elapsed() >= WRITTEN_EVERY {
            self.write();
            self.prune();
        }
    }

    /// Answers those who ask whether somebody coordinates this search.
    async fn answer(&self, asked: async_nats::Message) {
        if let Some(reply) = asked.reply {
            self.side.engine.say(reply.to_string(), Vec::new()).await;
        }
    }

    fn hear_connection(&mut self, connection: &Connection) {
        match connection {
            Connection::Connected => {
                if !self.side.is_connected {
                    self.notes.push("the server is back".to_owned());
                }
                self.side.is_connected = true;
                // Hosts that the server has lost must be heard of, and what it has lost with them.
                self.write();
            }
            Connection::Disconnected => {
                self.side.is_connected = false;
                self.notes.push("the connection to the server is lost; trying again".to_owned());
            }
            _ => {}
        }
    }

    fn hear_hello(&mut self, message: &async_nats::Message) {
        let user = token(&message.subject, 2);
        match decode::<HelloMessage>(&message.payload) {
            Ok(hello) => {
                let hosts = self.side.crew.present().count();
                if self.side.crew.greet(user, &hello) && self.side.crew.present().count() != hosts {
                    self.want_leases();
                }
            }
            Err(error) => self.note_once(format!("a host of user {user}: {error}")),
        }
    }

    fn note_once(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    // ----- what the state machine decides ------------------------------------------------------

    /// Tells the state machine, and does what it says.
    fn take(&mut self, event: Event) {
        let actions = self.state.take(event);
        let mut leases = Vec::new();
        let mut stop = None;
        for action in actions {
            match action {
                Action::Lease { lease, span } => leases.push((lease, span)),
                Action::Stop { find } => stop = Some(find),
                Action::End(verdict) => self.verdict = Some(verdict),
            }
        }
        if let Some(find) = stop {
            let digest = self.job.task.template.digest(find);
            self.best = Some(Hit { nonce: find, digest });
            self.write();
        }
        self.publish(stop, leases);
    }

    /// Sends a stop, and stores leases. After a stop, leases given before are taken out of the
    /// engine first: what still matters of them is given anew.
    fn publish(&mut self, stop: Option<u64>, leases: Vec<(u64, Span)>) {
        if stop.is_none() && leases.is_empty() {
            return;
        }
        let messages: Vec<_> =
            leases.iter().map(|&(lease, span)| (lease, self.lease(lease, span, None))).collect();
        for (lease, span) in leases {
            let looked_at = Instant::now();
            self.given.insert(lease, Given { span, sequence: None, looked_at });
        }
        let (engine, telling) = (self.side.engine.clone(), self.telling.clone());
        let (subject, job) = (lease_subject(&self.job.id), self.job.id.clone());
        tokio::spawn(async move {
            if let Some(find) = stop {
                engine.say(stop_subject(&job), encode(&StopMessage { find })).await;
                engine.purge(LEASE, &subject, None).await;
            }
            for (lease, message) in messages {
                let (engine, telling) = (engine.clone(), telling.clone());
                let subject = subject.clone();
                tokio::spawn(async move {
                    let told = match engine.store(subject, encode(&message), None).await {
                        Ok(sequence) => Told::LeaseStored { lease, sequence },
                        Err(_) => {
                            tokio::time::sleep(Duration::from_millis(500)).await;
                            Told::LeaseUnstored { lease }
                        }
                    };
                    // Nobody listens once the search has ended.
                    let _ = telling.send(told);
                });
            }
        });
    }

    fn lease(&self, lease: u64, span: Span, repeats: Option<String>) -> LeaseMessage {
        let (job, header) = (self.job.id.clone(), self.written.header.clone());
        LeaseMessage { job, header, lease, span, seconds: self.lease_s, repeats }
    }

    /// Has as many leases out as there are hosts to take them, each as long as the fastest host
    /// needs; a slower one searches the beginning.
    fn want_leases(&mut self) {
        let (mut hosts, mut all, mut fastest) = (0, 0.0, 0.0_f64);
        for host in self.side.crew.present() {
            (hosts, all, fastest) = (hosts + 1, all + host.rate, fastest.max(host.rate));
        }
        if hosts == 0 || all <= 0.0 || self.waits {
            return;
        }
        let expected_s = self.job.task.target.expected_hashes() / all;
        let shortest = SHORTEST_S.max(PER_HOST_S * f64::from(hosts));
        self.lease_s = (expected_s / LEASES_PER_SEARCH).max(shortest).min(LONGEST_S);
        // A float beyond 2^64 becomes the largest integer.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let len = (fastest * self.lease_s).max(1.0) as u64;
        let leases = usize::try_from(hosts).unwrap_or(usize::MAX) * LEASES_PER_HOST;
        self.take(Event::Wanted { leases, len });
    }

    fn hear(&mut self, told: Told) {
        match told {
            Told::LeaseStored { lease, sequence } => {
                if let Some(given) = self.given.get_mut(&lease) {
                    given.sequence = Some(sequence);
                }
            }
            Told::LeaseUnstored { lease } | Told::Gone { lease } => {
                if self.state.is_out(lease) {
                    self.given_again += 1;
                    self.take(Event::Lost { lease });
                }
            }
            Told::StateStored(stored) => self.hear_state_stored(stored),
            Told::Restored(stored) => {
                // The numbers in the streams begin anew.
                self.stored.clear();
                self.given.values_mut().for_each(|given| given.sequence = None);
                self.hear_state_stored(stored);
            }
            Told::OlderSearch(waits) => {
                self.waits = waits;
                self.want_leases();
            }
        }
    }

    // ----- what hosts report -------------------------------------------------------------------

    async fn hear_report(&mut self, pulled: &Pulled) {
        self.side.engine.acknowledge(&pulled.reply, Ack::Done).await;
        let is_replayed = self.replay == 0;
        self.replay = if pulled.pending == 0 { 0 } else { self.replay.saturating_sub(1) };
        if !self.stored.contains_key(&pulled.sequence) {
            let user = token(&pulled.subject, 2);
            match decode::<ReportMessage>(&pulled.payload) {
                Ok(report) if report.header == self.written.header => {
                    self.stored.insert(pulled.sequence, report.span.last);
                    self.judge(user, &report, is_replayed);
                }
                // About another header, which this search once had.
                Ok(_) => {}
                Err(error) => self.note_once(format!("a report of user {user}: {error}")),
            }
        }
        if !is_replayed {
            self.replay_ends_if_all_heard();
        }
    }

    fn replay_ends_if_all_heard(&mut self) {
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
        if self.side.crew.is_refused(&name) {
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
            self.side.crew.add(user, report);
            self.given_again += u64::from(report.deliveries > 1);
            self.note_best(report);
            self.repeat_one_in_many(&name, report);
        }
        let Span { last, .. } = report.span;
        let is_find = report.is_find;
        self.take(Event::Report { lease: report.lease, span: report.span, is_find });
        if is_find && self.state.find() == Some(last) && is_new {
            self.notes.push(format!("{name} found {last}"));
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
        self.side.crew.refuse(name, reason);
        self.write();
    }

    /// Gives one lease in many to a second host as well, where there is one.
    fn repeat_one_in_many(&mut self, name: &str, report: &ReportMessage) {
        if fastrand::u64(..REPEATED) != 0 || self.side.crew.present().count() < 2 {
            return;
        }
        let number = self.next_repeat;
        self.next_repeat += 1;
        let by = name.to_owned();
        let message = self.lease(number, report.span, Some(by.clone()));
        self.repeats.insert(number, Repeat { first: report.clone(), by });
        let (engine, subject) = (self.side.engine.clone(), lease_subject(&self.job.id));
        // Where it is lost, one comparison is.
        tokio::spawn(async move { engine.store(subject, encode(&message), None).await });
    }

    fn judge_repeat(&mut self, user: &str, report: &ReportMessage) {
        let name = full_name(user, &report.host);
        let Some(repeat) = self.repeats.remove(&report.lease) else { return };
        let Repeat { first, by } = &repeat;
        if name == *by {
            // It would agree with itself.
            self.repeats.insert(report.lease, repeat);
            return;
        }
        if let Err(Wrong(reason)) =
            check_report(report, &self.job.task, Allowed::Beginning(first.span))
        {
            return self.refuse(&name, &reason);
        }
        self.side.crew.add(user, report);
        let Some((missed, Wrong(reason))) = compare(first, report) else {
            return;
        };
        let wrong = if missed == Missed::First { by.clone() } else { name };
        self.refuse(&wrong, &reason);
        // What the second host saw counts, whoever was wrong.
        let Span { first, last } = report.span;
        if report.is_find {
            let span = Span { first, last };
            self.take(Event::Report { lease: report.lease, span, is_find: true });
        }
    }

    // ----- what the engine holds ---------------------------------------------------------------

    /// Writes down how far the search is; hosts hear of it as well.
    fn write(&mut self) {
        if self.is_writing {
            self.is_changed = true;
            return;
        }
        self.written.floor = self.state.floor();
        self.written.find = self.state.find();
        self.written.refused = self.side.crew.refused();
        (self.is_writing, self.is_changed, self.written_at) = (true, false, Instant::now());
        let (engine, telling) = (self.side.engine.clone(), self.telling.clone());
        let (subject, after) = (state_subject(&self.job.id), self.state_sequence);
        let (written, job) = (self.written.clone(), self.job.id.clone());
        tokio::spawn(async move {
            let stored = engine.store(subject.clone(), encode(&written), Some(after)).await;
            let stored = match stored {
                Err(Unstored::WrongLast) => store_after_ours(&engine, &job, &written).await,
                stored => stored,
            };
            let _ = telling.send(Told::StateStored(stored));
        });
    }

    fn hear_state_stored(&mut self, stored: Result<u64, Unstored>) {
        self.is_writing = false;
        match stored {
            Ok(sequence) => {
                self.state_sequence = sequence;
                if self.is_changed {
                    self.write();
                }
            }
            Err(Unstored::WrongLast) => self.has_failed = Some(ClusterError::Coordinated),
            Err(Unstored::NoStream) => self.restore(),
            Err(Unstored::TooLong | Unstored::Unknown(_)) => {
                // The next look at the clock tries again.
                self.written_at = self.started;
            }
        }
    }

    /// Makes anew what the engine has lost. The leases that were in it are given again once they are
    /// missed.
    fn restore(&mut self) {
        self.notes.push("the server has lost the search; it gets it again".to_owned());
        self.is_writing = true;
        let (engine, telling) = (self.side.engine.clone(), self.telling.clone());
        let (id, header) = (self.job.id.clone(), self.header.clone());
        let written = self.written.clone();
        tokio::spawn(async move {
            let restored = restore(&engine, &id, header, &written).await;
            if restored.is_err() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            let _ = telling.send(Told::Restored(restored));
        });
    }

    /// Reports that lie below what is written down are not needed for a restart.
    fn prune(&mut self) {
        let floor = self.written.floor;
        self.stored.retain(|_, last| *last >= floor);
        self.given.retain(|_, given| given.span.last >= floor);
        let Some((&first, _)) = self.stored.first_key_value() else { return };
        let (engine, subject) = (self.side.engine.clone(), done_subject("*", &self.job.id));
        tokio::spawn(async move { engine.purge(DONE, &subject, Some(first)).await });
    }

    /// Looks whether the engine still has the leases that should have been reported long ago.
    fn look_for_lost(&mut self) {
        let patience = ACK_WAIT + Duration::from_secs_f64(2.0 * self.lease_s);
        let is_late = |given: &Given| given.looked_at.elapsed() > patience;
        let mut late = Vec::new();
        for (&lease, given) in &mut self.given {
            if self.state.is_out(lease) && is_late(given) && late.len() < LOOKS {
                given.looked_at = Instant::now();
                late.push((lease, given.sequence));
            }
        }
        if late.is_empty() {
            return;
        }
        let (engine, telling) = (self.side.engine.clone(), self.telling.clone());
        tokio::spawn(async move {
            for (lease, sequence) in late {
                let is_there = match sequence {
                    None => Ok(false),
                    Some(sequence) => engine.has(LEASE, sequence).await,
                };
                // An engine that does not answer will be asked again, unless its streams are gone.
                let is_gone = match is_there {
                    Ok(is_there) => !is_there,
                    Err(error) => error.is_about_no_stream(),
                };
                if is_gone {
                    let _ = telling.send(Told::Gone { lease });
                }
            }
        });
    }

    /// Hosts serve the oldest search first: this one waits while a coordinator answers for an older
    /// one.
    fn look_for_older(&mut self) {
        let (engine, telling, id) =
            (self.side.engine.clone(), self.telling.clone(), self.job.id.clone());
        tokio::spawn(async move {
            let mut waits = false;
            for older in engine.open_jobs().await.unwrap_or_default() {
                if older == id {
                    break;
                }
                if is_coordinated(&engine, &older).await {
                    waits = true;
                    break;
                }
            }
            let _ = telling.send(Told::OlderSearch(waits));
        });
    }

    /// Publishes the end of the search, and removes what it leaves in the engine. A server that is
    /// away for long gets it not: its hosts find no more leases.
    async fn publish_verdict(&mut self, verdict: VerdictName) {
        self.written.verdict = Some(verdict);
        self.written.floor = self.state.floor();
        self.written.find = self.state.find();
        let (engine, id) = (self.side.engine.clone(), self.job.id.clone());
        for _ in 0..10 {
            let stored = store_after_ours(&engine, &id, &self.written).await;
            if matches!(stored, Ok(_) | Err(Unstored::WrongLast | Unstored::NoStream)) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        if verdict == VerdictName::Withdrawn {
            engine.purge(LEASE, &lease_subject(&id), None).await;
            engine.forget_reports(&id).await;
        } else {
            engine.purge(JOB, &header_subject(&id), None).await;
            clear(&engine, &id).await;
        }
    }
}

/// Stores the state after the last one that is there, if that is of this coordinator or an earlier
/// one.
async fn store_after_ours(
    engine: &Engine,
    job: &str,
    state: &StateMessage,
) -> Result<u64, Unstored> {
    let subject = state_subject(job);
    let last = engine.last(JOB, &subject).await;
    let last = last.map_err(|error| {
        if error.is_about_no_stream() {
            Unstored::NoStream
        } else {
            Unstored::Unknown(error.to_string())
        }
    })?;
    let after = match last {
        None => 0,
        Some(last) => match decode::<StateMessage>(&last.payload) {
            Ok(there) if there.start <= state.start => last.sequence,
            _ => return Err(Unstored::WrongLast),
        },
    };
    engine.store(subject, encode(state), Some(after)).await
}

/// Makes the streams again, and this search in them.
async fn restore(
    engine: &Engine,
    job: &str,
    header: Vec<u8>,
    state: &StateMessage,
) -> Result<u64, Unstored> {
    let unknown = |error: ClusterError| Unstored::Unknown(error.to_string());
    engine.set_up().await.map_err(unknown)?;
    engine.listen_to_reports(job).await.map_err(unknown)?;
    engine.store(header_subject(job), header, None).await?;
    store_after_ours(engine, job, state).await
}
