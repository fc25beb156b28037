//! A host of a cluster: takes leases, searches them and reports, until it is told to go.

mod held;
mod leases;
mod news;
mod searcher;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use async_nats::{Event as Connection, Subscriber};
use futures_util::StreamExt as _;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::access::Access;
use super::coordinator::runtime;
use super::engine::{
    ALL_STATES, ALL_STOPS, CALL, Engine, HOSTS, LEASE, WORKING_EVERY, hello_subject,
};
use super::error::ClusterError;
use super::pull::{Ack, Puller};
use super::wire::{HelloMessage, StateMessage, Task, decode, encode};
use crate::miner::{CancelToken, Miner};
use held::{Held, Phase};
use searcher::{RangeResult, WorkOrder};

/// Between two looks at the clock.
const TICK: Duration = Duration::from_millis(50);

/// Hosts say this often that they are here, and how fast.
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
    serving: Serving,
}

/// A search that this host has heard of.
struct Known {
    /// The header's fingerprint, and what it asks for.
    task: Option<(String, Arc<Task>)>,
    find: Option<u64>,
}

/// What the host's own tasks tell it.
enum Told {
    Job { job: String, header: Result<Option<Vec<u8>>, ClusterError> },
    State { job: String, state: Option<StateMessage> },
    Reported { lease: u64, is_stored: bool },
}

/// A host at work: its connection, its leases, and what it knows of their searches.
struct Serving {
    engine: Engine,
    name: String,
    kernel: String,
    threads: usize,
    rate: f64,
    events: UnboundedReceiver<Connection>,
    orders: Sender<WorkOrder>,
    results: UnboundedReceiver<(u64, RangeResult, Duration)>,
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
        let serving = runtime.block_on(Serving::begin(access, name, miner))?;
        Ok(Self { runtime, serving })
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
        let Self { runtime, serving } = self;
        runtime.block_on(async {
            let ended = serving.serve(cancel, listener).await;
            serving.leave().await;
            ended.map(|()| serving.progress())
        })
    }
}

impl Serving {
    async fn begin(access: &Access, name: &str, miner: Miner) -> Result<Self, ClusterError> {
        let (sender, events) = unbounded_channel();
        let engine = Engine::connect(access, &format!("stripmine host {name}"), sender).await?;
        let rate = searcher::measured_rate(&miner)?;
        let (kernel, threads) = (miner.kernel().name().to_owned(), miner.threads());
        let (result_sender, results) = unbounded_channel();
        let orders = searcher::start(miner, result_sender);
        let leases = Puller::new(&engine, LEASE, HOSTS, 1).await?;
        let states = engine.subscribe(ALL_STATES).await?;
        let stops = engine.subscribe(ALL_STOPS).await?;
        let calls = engine.subscribe(CALL).await?;
        engine.confirm().await?;
        let (telling, told) = unbounded_channel();
        let now = Instant::now();
        let mut serving = Self {
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
        serving.say_hello(false).await;
        Ok(serving)
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
                Some(result) = self.results.recv() => self.hear_result(result)?,
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
