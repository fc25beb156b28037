//! The coordinator of a search: offers it to the hosts of a cluster, and waits for the answer.

mod opening;
mod searching;

use std::time::{Duration, Instant};

use async_nats::{Event, Subscriber};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::access::Access;
use super::crew::{Crew, HostReport};
use super::engine::{ALL_HELLOS, DONE, Engine, JOB, LEASE, header_subject, state_subject};
use super::error::ClusterError;
use super::spans::Span;
use super::wire::{JobMessage, Task, decode};
use crate::miner::CancelToken;
use crate::pow::{Digest, Hit};
use opening::{Opened, open};
use searching::Searching;

/// A search that a cluster can be asked for.
#[derive(Clone, Debug)]
pub struct Job {
    /// Names the search for as long as it takes, over restarts: letters and digits.
    pub id: String,
    /// The header, the target and the nonces.
    pub task: Task,
    /// Kept with the search, and given back by [`Coordinator::standing`].
    pub note: String,
}

/// How far a search is.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Since the search began here.
    pub elapsed: Duration,
    /// The hosts.
    pub hosts: Vec<HostReport>,
    /// Leases that are out.
    pub leases: usize,
    /// Leases that were given again, because their holder was gone or the engine had lost them.
    pub given_again: u64,
    /// Everything below it was searched.
    pub floor: u64,
    /// The lowest valid nonce so far; below it some nonces are still to be searched.
    pub find: Option<u64>,
    /// The lowest hash that was reported so far.
    pub best: Option<Hit>,
    /// Whether the connection to the server is there.
    pub is_connected: bool,
    /// Whether the hosts still serve an older search.
    pub waits: bool,
    /// What happened since the last time, in words.
    pub notes: Vec<String>,
}

/// How a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The lowest valid nonce, and its digest.
    Found(u64, Digest),
    /// No nonce is valid.
    Exhausted,
    /// It was withdrawn before it was decided.
    Withdrawn,
}

/// A search that has ended.
#[derive(Clone, Debug)]
pub struct Searched {
    /// How.
    pub ended: Ended,
    /// Where it stood then; the work is that which was reported to this process.
    pub progress: Progress,
    /// The floor that it began with: higher than the first nonce where it goes on with a search.
    pub began_at: u64,
}

/// Somebody who may end a search before it is decided.
pub struct Owner<'a> {
    /// Ends it; it can be gone on with.
    pub cancel: &'a CancelToken,
    /// Says, now and then, whether the answer is of use to nobody any more.
    pub is_obsolete: &'a mut dyn FnMut() -> bool,
    /// Called ten times a second.
    pub listener: &'a mut dyn FnMut(Progress),
}

/// A connection to a cluster, for one search after the other.
pub struct Coordinator {
    runtime: Runtime,
    side: Side,
}

/// What lasts from search to search.
struct Side {
    engine: Engine,
    events: UnboundedReceiver<Event>,
    hellos: Subscriber,
    crew: Crew,
    is_connected: bool,
}

impl Coordinator {
    /// Connects to the servers, and makes the streams where they are missing.
    ///
    /// # Errors
    /// When no server answers, or it refuses.
    pub fn connect(access: &Access) -> Result<Self, ClusterError> {
        let runtime = runtime()?;
        let side = runtime.block_on(async {
            let (sender, events) = unbounded_channel();
            let engine = Engine::connect(access, "stripmine coordinator", sender).await?;
            engine.set_up().await?;
            let hellos = engine.subscribe(ALL_HELLOS).await?;
            engine.confirm().await?;
            let (crew, is_connected) = (Crew::default(), true);
            Ok::<_, ClusterError>(Side { engine, events, hellos, crew, is_connected })
        })?;
        Ok(Self { runtime, side })
    }

    /// The note of this search, if it was begun and not decided.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub fn standing(&mut self, id: &str) -> Result<Option<String>, ClusterError> {
        let header = self.runtime.block_on(self.side.engine.last(JOB, &header_subject(id)))?;
        let message = header.map(|header| decode::<JobMessage>(&header.payload)).transpose()?;
        Ok(message.map(|message| message.note))
    }

    /// Searches, until the search ends or its owner ends it.
    ///
    /// # Errors
    /// When somebody else coordinates this search, or the engine refuses it.
    pub fn search(&mut self, job: &Job, owner: &mut Owner<'_>) -> Result<Searched, ClusterError> {
        let started = Instant::now();
        let Self { runtime, side } = self;
        runtime.block_on(async {
            match open(&side.engine, job).await? {
                Opened::Decided(ended) => Ok(Searched {
                    ended,
                    progress: Progress::none(job.task.range, started.elapsed()),
                    began_at: job.task.range.first,
                }),
                Opened::Open(opened) => {
                    Searching::new(side, job, *opened, started).run(owner).await
                }
            }
        })
    }

    /// Removes everything that the engine still holds of a search, once its answer is in safety.
    pub fn forget(&mut self, id: &str) {
        let engine = &self.side.engine;
        self.runtime.block_on(async {
            engine.purge(JOB, &state_subject(id), None).await;
            engine.purge(JOB, &header_subject(id), None).await;
        });
    }
}

impl Progress {
    fn none(range: Span, elapsed: Duration) -> Self {
        Self {
            elapsed,
            hosts: Vec::new(),
            leases: 0,
            given_again: 0,
            floor: range.first,
            find: None,
            best: None,
            is_connected: true,
            waits: false,
            notes: Vec::new(),
        }
    }
}

/// A runtime on the caller's thread.
pub(super) fn runtime() -> Result<Runtime, ClusterError> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

/// Removes what hosts and coordinator said about a search.
async fn clear(engine: &Engine, id: &str) {
    engine.purge(LEASE, &super::engine::lease_subject(id), None).await;
    engine.purge(DONE, &super::engine::done_subject("*", id), None).await;
    engine.forget_reports(id).await;
}
