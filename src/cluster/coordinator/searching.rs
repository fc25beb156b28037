//! A search under way: does what the state machine decides, and tells it what is heard.

mod leases;
mod reports;
mod stored;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use async_nats::Event as Connection;
use futures_util::StreamExt as _;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::job::{Ended, EndedSearch, Job, Owner, Progress, Session, Writing};
use super::opening::Opening;
use crate::cluster::engine::{CALL, Unstored, token};
use crate::cluster::error::ClusterError;
use crate::cluster::pull::Puller;
use crate::cluster::spans::Span;
use crate::cluster::state::{Action, Event, State, Verdict};
use crate::cluster::wire::{
    CallMessage, HelloMessage, ReportMessage, StateMessage, VerdictName, decode, encode,
};
use crate::pow::Hit;

/// Time between two looks at the clock.
const TICK: Duration = Duration::from_millis(100);

/// The state is written down at least this often.
const WRITTEN_EVERY: Duration = Duration::from_secs(10);

/// The shortest lease, in seconds.
const SHORTEST_S: f64 = 0.2;

/// One lease in this many is repeated: a second host searches it as well.
const REPEATED: u64 = 100;

/// The numbers of repeated leases begin here; all others are below.
const FIRST_REPEAT: u64 = 1 << 63;

/// Each start of a coordinator has this many numbers for its leases, from its own number times this
/// on.
const LEASES_PER_START: u64 = 1 << 32;

/// What the coordinator's own tasks tell it.
enum Told {
    LeaseStored {
        lease: u64,
        sequence: u64,
    },
    Gone(u64),
    /// The engine has no stream for leases any more.
    NoLeases,
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

/// A search under way, and the session with its cluster.
pub(super) struct Searching<'a> {
    session: &'a mut Session,
    job: &'a Job,
    header: Vec<u8>,
    written: StateMessage,
    state_sequence: u64,
    writing: Writing,
    is_restoring: bool,
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
    failure: Option<ClusterError>,
}

impl<'a> Searching<'a> {
    pub(super) fn new(
        session: &'a mut Session,
        job: &'a Job,
        opening: Opening,
        started: Instant,
    ) -> Self {
        let Opening { header, state: written, state_sequence, asked, reports, replay, standing } =
            opening;
        session.hosts.begin_search();
        for name in &written.refused {
            session.hosts.refuse(name, "an earlier start of this search refused it");
        }
        let first_lease = written.start * LEASES_PER_START;
        let state = State::new(job.task.range, written.floor, written.find, first_lease);
        let (telling, told) = unbounded_channel();
        let began_at = written.floor;
        Self {
            session,
            job,
            header,
            next_repeat: FIRST_REPEAT + first_lease,
            written,
            state_sequence,
            writing: Writing::Nothing,
            is_restoring: false,
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
            failure: None,
        }
    }

    /// Runs until the search is decided or withdrawn.
    pub(super) async fn run(mut self, owner: &mut Owner<'_>) -> Result<EndedSearch, ClusterError> {
        let ended = self.listen(owner).await?;
        self.publish_verdict(match ended {
            Ended::Found(..) => VerdictName::Found,
            Ended::Exhausted => VerdictName::Exhausted,
            Ended::Withdrawn => VerdictName::Withdrawn,
        })
        .await;
        let progress = self.progress();
        Ok(EndedSearch { ended, progress, began_at: self.began_at })
    }

    async fn listen(&mut self, owner: &mut Owner<'_>) -> Result<Ended, ClusterError> {
        self.session.engine.say(CALL, encode(&CallMessage {})).await;
        self.look_for_older();
        self.end_replay_if_all_heard();
        let mut clock = tokio::time::interval(TICK);
        clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut reports = self.reports.take().expect("it is taken once");
        let mut ticks = 0_u64;
        loop {
            tokio::select! {
                pulled = reports.next() => self.hear_report(&pulled).await,
                Some(hello) = self.session.hellos.next() => self.hear_hello(&hello),
                Some(asked) = self.asked.next() => self.answer(asked).await,
                Some(told) = self.told.recv() => self.hear(told),
                Some(connection) = self.session.events.recv() => {
                    self.hear_connection(&connection);
                    reports.ask_again();
                }
                _ = clock.tick() => {
                    if owner.cancel.is_cancelled() {
                        return Ok(Ended::Withdrawn);
                    }
                    (owner.listener)(self.progress());
                    ticks += 1;
                    if ticks.is_multiple_of(10) {
                        if (owner.is_obsolete)() {
                            return Ok(Ended::Withdrawn);
                        }
                        self.each_second();
                    }
                    self.want_leases();
                }
            }
            if let Some(error) = self.failure.take() {
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
            hosts: self.session.hosts.reports(),
            leases: self.state.leases_out(),
            given_again: self.given_again,
            floor: self.state.floor(),
            find: self.state.find(),
            best: self.best,
            is_connected: self.session.is_connected,
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
            self.write_state();
            self.prune();
        }
    }

    /// Answers those who ask whether somebody coordinates this search.
    async fn answer(&self, asked: async_nats::Message) {
        if let Some(reply) = asked.reply {
            self.session.engine.say(reply.to_string(), Vec::new()).await;
        }
    }

    fn hear_connection(&mut self, connection: &Connection) {
        match connection {
            Connection::Connected => {
                if !self.session.is_connected {
                    self.notes.push("the server is back".to_owned());
                }
                self.session.is_connected = true;
                // Hosts that the server has lost must be heard of, and what it has lost with them.
                self.write_state();
            }
            Connection::Disconnected => {
                self.session.is_connected = false;
                self.notes.push("the connection to the server is lost; trying again".to_owned());
            }
            _ => {}
        }
    }

    fn hear_hello(&mut self, message: &async_nats::Message) {
        let user = token(&message.subject, 2);
        match decode::<HelloMessage>(&message.payload) {
            Ok(hello) => {
                let hosts = self.session.hosts.present().count();
                if self.session.hosts.greet(user, &hello)
                    && self.session.hosts.present().count() != hosts
                {
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
            self.write_state();
        }
        self.publish(stop, leases);
    }

    fn hear(&mut self, told: Told) {
        match told {
            Told::LeaseStored { lease, sequence } => {
                if let Some(given) = self.given.get_mut(&lease) {
                    given.sequence = Some(sequence);
                }
            }
            Told::Gone(lease) => {
                if self.state.is_out(lease) {
                    self.given_again += 1;
                    self.take(Event::Lost { lease });
                }
            }
            Told::StateStored(stored) => self.hear_state_stored(&stored),
            Told::NoLeases => self.restore(),
            Told::Restored(stored) => self.hear_restored(&stored),
            Told::OlderSearch(waits) => {
                self.waits = waits;
                self.want_leases();
            }
        }
    }
}
