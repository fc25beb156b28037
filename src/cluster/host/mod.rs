//! A host: takes leases, searches them and reports, from search to search, until it is told to go.

mod held;
mod worker;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use async_nats::{Event as Connection, Subscriber};
use futures_util::StreamExt as _;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::access::Access;
use super::coordinator::runtime;
use super::crew::full_name;
use super::engine::{
    ACK_WAIT, ALL_STATES, ALL_STOPS, CALL, Engine, HOSTS, JOB, LEASE, Unstored, done_subject,
    header_subject, hello_subject, state_subject, token,
};
use super::error::ClusterError;
use super::pull::{Ack, Pulled, Puller};
use super::state::is_void;
use super::wire::{
    HelloMessage, JobMessage, LeaseMessage, ReportMessage, StateMessage, StopMessage, Task, decode,
    encode, fingerprint,
};
use crate::miner::{CancelToken, Miner};
use held::{Held, Phase};
use worker::{Order, Searched};

/// Between two looks at the clock.
const TICK: Duration = Duration::from_millis(50);

/// Holders say this often that they are at work on a lease.
const WORKING_EVERY: Duration = Duration::from_millis(ACK_WAIT.as_millis() as u64 / 4);

const HELLO_EVERY: Duration = Duration::from_secs(1);

/// A lease that is longer than it should be by this factor is searched in part.
const TOO_LONG: f64 = 1.25;

/// Leases to hold: the one that is searched, and the next.
const LEASES: usize = 2;

/// How a host is, for its own screen.
#[derive(Clone, Debug)]
pub struct HostProgress {
    /// What it does.
    pub activity: Activity,
    /// Hashes per second, over its last lease.
    pub rate: f64,
    /// Leases that it has reported.
    pub leases: u64,
    /// Nonces tested in all.
    pub hashes: u64,
    /// Since it started.
    pub elapsed: Duration,
}

/// What a host does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Activity {
    /// The connection to the server is lost.
    Disconnected,
    /// There are no leases.
    Waiting,
    /// It searches a lease of this search.
    Searching {
        /// The search's name.
        job: String,
        /// The first nonce of the lease.
        first: u64,
    },
}

/// A machine that takes part in a cluster's searches.
pub struct Host {
    runtime: tokio::runtime::Runtime,
    life: Life,
}

/// A search that this host has heard of.
struct Known {
    /// The header's fingerprint, and what it asks for.
    task: Option<(String, Arc<Task>)>,
    find: Option<u64>,
}

enum Told {
    Job { job: String, header: Result<Option<Vec<u8>>, ClusterError> },
    State { job: String, state: Option<StateMessage> },
    Reported { lease: u64, is_stored: bool },
}

struct Life {
    engine: Engine,
    name: String,
    kernel: String,
    threads: usize,
    rate: f64,
    events: UnboundedReceiver<Connection>,
    orders: Sender<Order>,
    results: UnboundedReceiver<(u64, Searched, Duration)>,
    leases: Puller,
    states: Subscriber,
    stops: Subscriber,
    calls: Subscriber,
    telling: UnboundedSender<Told>,
    told: UnboundedReceiver<Told>,
    held: Vec<Held>,
    known: HashMap<String, Known>,
    is_connected: bool,
    reported: u64,
    hashes: u64,
    started: Instant,
    said_working: Instant,
    said_hello: Instant,
}

impl Host {
    /// Connects to the servers and measures the miner's rate.
    ///
    /// # Errors
    /// When no server answers, or it refuses.
    pub fn connect(access: &Access, name: &str, miner: Miner) -> Result<Self, ClusterError> {
        let runtime = runtime()?;
        let life = runtime.block_on(Life::begin(access, name, miner))?;
        Ok(Self { runtime, life })
    }

    /// Serves searches until it is cancelled; then its leases are given back at once.
    ///
    /// # Errors
    /// When a coordinator refuses this host or speaks another version, or a search fails here.
    pub fn serve(
        &mut self,
        cancel: &CancelToken,
        listener: &mut dyn FnMut(&HostProgress),
    ) -> Result<HostProgress, ClusterError> {
        let Self { runtime, life } = self;
        runtime.block_on(async {
            let ended = life.serve(cancel, listener).await;
            life.leave().await;
            ended.map(|()| life.progress())
        })
    }
}

impl Life {
    async fn begin(access: &Access, name: &str, miner: Miner) -> Result<Self, ClusterError> {
        let (sender, events) = unbounded_channel();
        let engine = Engine::connect(access, &format!("stripmine host {name}"), sender).await?;
        let rate = worker::measured_rate(&miner)?;
        let (kernel, threads) = (miner.kernel().name().to_owned(), miner.threads());
        let (result_sender, results) = unbounded_channel();
        let orders = worker::start(miner, result_sender);
        let leases = Puller::new(&engine, LEASE, HOSTS, 1).await?;
        let states = engine.subscribe(ALL_STATES).await?;
        let stops = engine.subscribe(ALL_STOPS).await?;
        let calls = engine.subscribe(CALL).await?;
        engine.confirm().await?;
        let (telling, told) = unbounded_channel();
        let now = Instant::now();
        let mut life = Self {
            engine,
            name: name.to_owned(),
            kernel,
            threads,
            rate,
            events,
            orders,
            results,
            leases,
            states,
            stops,
            calls,
            telling,
            told,
            held: Vec::new(),
            known: HashMap::new(),
            is_connected: true,
            reported: 0,
            hashes: 0,
            started: now,
            said_working: now,
            said_hello: now,
        };
        life.say_hello(false).await;
        Ok(life)
    }

    async fn serve(
        &mut self,
        cancel: &CancelToken,
        listener: &mut dyn FnMut(&HostProgress),
    ) -> Result<(), ClusterError> {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let wants_lease = self.unreported() < LEASES;
            tokio::select! {
                Some(stop) = self.stops.next() => self.hear_stop(&stop).await,
                Some(state) = self.states.next() => self.hear_state(&state).await?,
                Some(result) = self.results.recv() => self.hear_result(result).await?,
                Some(told) = self.told.recv() => self.hear(told).await?,
                pulled = self.leases.next(), if wants_lease => self.take_lease(pulled).await?,
                Some(call) = self.calls.next() => {
                    decode::<super::wire::CallMessage>(&call.payload)?;
                    self.say_hello(false).await;
                }
                Some(connection) = self.events.recv() => self.hear_connection(&connection),
                _ = ticks.tick() => {
                    if cancel.is_cancelled() {
                        return Ok(());
                    }
                    self.each_tick().await;
                    listener(&self.progress());
                }
            }
            self.search_next();
        }
    }

    /// Leases that are not searched yet.
    fn unreported(&self) -> usize {
        self.held.iter().filter(|held| held.phase != Phase::Reporting).count()
    }

    fn progress(&self) -> HostProgress {
        let searching = self.held.iter().find(|held| held.phase == Phase::Searching);
        let activity = match searching {
            _ if !self.is_connected => Activity::Disconnected,
            None => Activity::Waiting,
            Some(Held { lease, .. }) => {
                Activity::Searching { job: lease.job.clone(), first: lease.span.first }
            }
        };
        let hashes = self.hashes + searching.map_or(0, Held::tested);
        let (rate, leases, elapsed) = (self.rate, self.reported, self.started.elapsed());
        HostProgress { activity, rate, leases, hashes, elapsed }
    }

    async fn each_tick(&mut self) {
        if self.said_working.elapsed() >= WORKING_EVERY {
            self.said_working = Instant::now();
            for held in &self.held {
                self.engine.acknowledge(&held.reply, Ack::Working).await;
            }
        }
        if self.said_hello.elapsed() >= HELLO_EVERY {
            self.say_hello(false).await;
        }
    }

    async fn say_hello(&mut self, leaves: bool) {
        self.said_hello = Instant::now();
        let hello = HelloMessage {
            host: self.name.clone(),
            kernel: self.kernel.clone(),
            threads: self.threads,
            rate: self.rate,
            held: self.held.len(),
            tested: self.held.iter().map(Held::tested).sum(),
            leaves,
        };
        self.engine.say(hello_subject(&self.engine.user), encode(&hello)).await;
    }

    fn hear_connection(&mut self, connection: &Connection) {
        match connection {
            Connection::Connected => {
                self.is_connected = true;
                self.leases.ask_again();
            }
            Connection::Disconnected => self.is_connected = false,
            _ => {}
        }
    }

    // ----- leases --------------------------------------------------------------------------------

    async fn take_lease(&mut self, pulled: Pulled) -> Result<(), ClusterError> {
        let lease = match decode::<LeaseMessage>(&pulled.payload) {
            Ok(lease) => lease,
            Err(error) => {
                // Perhaps another host can read it.
                self.engine.acknowledge(&pulled.reply, Ack::GiveBack).await;
                return Err(error);
            }
        };
        if lease.repeats == Some(full_name(&self.engine.user, &self.name)) {
            self.engine.acknowledge(&pulled.reply, Ack::GiveBackLater).await;
            return Ok(());
        }
        let find = self.known.get(&lease.job).and_then(|known| known.find);
        if is_void(lease.span.first, find) {
            self.engine.acknowledge(&pulled.reply, Ack::Done).await;
            return Ok(());
        }
        if let Some(held) = self.held.iter_mut().find(|held| held.is(lease.lease)) {
            // The engine thought that it was lost.
            held.reply = pulled.reply;
            return Ok(());
        }
        self.look_up(&lease);
        self.held.push(Held::new(lease, pulled));
        Ok(())
    }

    /// Asks the engine how the lease's search stands, and for its header where that is not known.
    /// Meanwhile the lease may be searched already.
    fn look_up(&self, lease: &LeaseMessage) {
        let is_known = self.task(lease).is_some();
        let (engine, telling, job) = (self.engine.clone(), self.telling.clone(), lease.job.clone());
        tokio::spawn(async move {
            let state = engine.last(JOB, &state_subject(&job)).await.ok().flatten();
            let state = state.and_then(|state| decode(&state.payload).ok());
            // Nobody listens when the host is about to go.
            let _ = telling.send(Told::State { job: job.clone(), state });
            if !is_known {
                let header = engine.last(JOB, &header_subject(&job)).await;
                let header = header.map(|it| it.map(|header| header.payload));
                let _ = telling.send(Told::Job { job, header });
            }
        });
    }

    /// What the lease's header asks for, if it is known.
    fn task(&self, lease: &LeaseMessage) -> Option<Arc<Task>> {
        let (header, task) = self.known.get(&lease.job)?.task.as_ref()?;
        (*header == lease.header).then(|| Arc::clone(task))
    }

    fn known(&mut self, job: &str) -> &mut Known {
        let new = || Known { task: None, find: None };
        self.known.entry(job.to_owned()).or_insert_with(new)
    }

    async fn hear(&mut self, told: Told) -> Result<(), ClusterError> {
        match told {
            Told::Job { job, header } => self.hear_job(&job, header).await,
            Told::State { job, state: Some(state) } => self.note_state(&job, &state).await,
            Told::State { .. } => Ok(()),
            Told::Reported { lease, is_stored } => {
                let Some(at) = self.held.iter().position(|held| held.is(lease)) else {
                    return Ok(());
                };
                let held = self.held.remove(at);
                if is_stored {
                    self.reported += 1;
                }
                self.engine.acknowledge(&held.reply, Ack::Done).await;
                Ok(())
            }
        }
    }

    async fn hear_job(
        &mut self,
        job: &str,
        header: Result<Option<Vec<u8>>, ClusterError>,
    ) -> Result<(), ClusterError> {
        let header = match header {
            Ok(Some(header)) => header,
            // The search is over.
            Ok(None) => {
                self.drop_leases(|held| held.lease.job == job, Ack::Done).await;
                return Ok(());
            }
            Err(_) => {
                self.drop_leases(|held| held.lease.job == job, Ack::GiveBackLater).await;
                return Ok(());
            }
        };
        let task = decode::<JobMessage>(&header)?.task()?;
        let fingerprint = fingerprint(&header);
        // Leases of a header that the search once had are of no use.
        let is_old = |held: &Held| held.lease.job == job && held.lease.header != fingerprint;
        self.drop_leases(is_old, Ack::Done).await;
        self.known(job).task = Some((fingerprint, Arc::new(task)));
        Ok(())
    }

    /// Drops leases: what is searched of them is cancelled.
    async fn drop_leases(&mut self, is_dropped: impl Fn(&Held) -> bool, ack: Ack) {
        for held in self.held.extract_if(.., |held| is_dropped(held)) {
            held.cancel.cancel();
            self.engine.acknowledge(&held.reply, ack).await;
        }
    }

    /// Searches the next lease, if none is being searched.
    fn search_next(&mut self) {
        if self.held.iter().any(|held| held.phase == Phase::Searching) {
            return;
        }
        let ready = |held: &Held| held.phase == Phase::Waiting && self.task(&held.lease).is_some();
        let Some(at) = self.held.iter().position(ready) else { return };
        let Some(task) = self.task(&self.held[at].lease) else { return };
        let rate = self.rate;
        let held = &mut self.held[at];
        held.phase = Phase::Searching;
        let whole = held.lease.span;
        let affordable = rate * held.lease.seconds;
        let is_too_long = whole.len() as f64 > TOO_LONG * affordable;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let span = if is_too_long && held.lease.repeats.is_none() {
            whole.cut_to(affordable as u64)
        } else {
            whole
        };
        let (lease, cancel, tested) = (held.lease.lease, held.cancel.clone(), held.counter());
        let order = Order { lease, task, span, cancel, tested };
        self.orders.send(order).expect("the thread lives as long as the host");
    }

    async fn hear_result(
        &mut self,
        (lease, searched, elapsed): (u64, Searched, Duration),
    ) -> Result<(), ClusterError> {
        let (span, is_find, best, report) = match searched {
            // Its lease was dropped.
            Searched::Cancelled => return Ok(()),
            Searched::Failed(error) => return Err(error.into()),
            Searched::Done { span, is_find, best, report } => (span, is_find, best, report),
        };
        self.hashes += report.hashes();
        if elapsed >= Duration::from_millis(20) {
            self.rate = report.hashes() as f64 / elapsed.as_secs_f64();
        }
        let (host, kernel) = (self.name.clone(), self.kernel.clone());
        let Some(held) = self.held.iter_mut().find(|held| held.is(lease)) else { return Ok(()) };
        held.phase = Phase::Reporting;
        let report = ReportMessage {
            job: held.lease.job.clone(),
            header: held.lease.header.clone(),
            lease,
            host,
            span,
            is_find,
            best,
            kernel,
            seconds: elapsed.as_secs_f64(),
            deliveries: held.deliveries,
            workers: report.workers.iter().map(Into::into).collect(),
        };
        let dropped = held.cancel.clone();
        self.report(&report, dropped);
        Ok(())
    }

    /// Stores a report, for as long as it takes or until the lease is dropped.
    fn report(&self, report: &ReportMessage, dropped: CancelToken) {
        let subject = done_subject(&self.engine.user, &report.job);
        let (payload, lease) = (encode(report), report.lease);
        let (engine, telling) = (self.engine.clone(), self.telling.clone());
        tokio::spawn(async move {
            let mut is_stored = false;
            while !is_stored && !dropped.is_cancelled() {
                match engine.store(subject.clone(), payload.clone(), None).await {
                    Ok(_) => is_stored = true,
                    Err(Unstored::TooLong) => break,
                    Err(_) => tokio::time::sleep(Duration::from_millis(250)).await,
                }
            }
            let _ = telling.send(Told::Reported { lease, is_stored });
        });
    }

    // ----- what coordinators say -----------------------------------------------------------------

    async fn hear_stop(&mut self, message: &async_nats::Message) {
        let job = token(&message.subject, 2).to_owned();
        if let Ok(StopMessage { find }) = decode(&message.payload) {
            self.note_find(&job, find).await;
        }
    }

    async fn hear_state(&mut self, message: &async_nats::Message) -> Result<(), ClusterError> {
        let job = token(&message.subject, 2).to_owned();
        // Of searches that it does not serve, a host need not know.
        if !self.known.contains_key(&job) && !self.held.iter().any(|held| held.lease.job == job) {
            return Ok(());
        }
        match decode::<StateMessage>(&message.payload) {
            Ok(state) => self.note_state(&job, &state).await,
            Err(error @ ClusterError::Protocol { .. }) => Err(error),
            Err(_) => Ok(()),
        }
    }

    async fn note_state(&mut self, job: &str, state: &StateMessage) -> Result<(), ClusterError> {
        if state.refused.contains(&full_name(&self.engine.user, &self.name)) {
            return Err(ClusterError::Refused);
        }
        if state.verdict.is_some() {
            self.known.remove(job);
            self.drop_leases(|held| held.lease.job == job, Ack::Done).await;
            return Ok(());
        }
        match state.find {
            Some(find) => self.note_find(job, find).await,
            None => self.known(job).find = None,
        }
        Ok(())
    }

    async fn note_find(&mut self, job: &str, find: u64) {
        self.known(job).find = Some(find);
        let is_dropped =
            |held: &Held| held.lease.job == job && is_void(held.lease.span.first, Some(find));
        // Nothing of them matters any more.
        self.drop_leases(is_dropped, Ack::Done).await;
    }

    /// Gives the leases back, after what was searched has been reported.
    async fn leave(&mut self) {
        let is_reporting = |held: &Held| held.phase == Phase::Reporting;
        let until = tokio::time::Instant::now() + Duration::from_secs(1);
        while self.held.iter().any(is_reporting)
            && let Ok(Some(told)) = tokio::time::timeout_at(until, self.told.recv()).await
        {
            // It goes in any case.
            let _ = self.hear(told).await;
        }
        self.drop_leases(|_| true, Ack::GiveBack).await;
        self.say_hello(true).await;
        let _ = self.engine.confirm().await;
    }
}
