//! A search as its owner sees it: what is asked for, how far it is, how it ended.

use std::time::Duration;

use async_nats::{Event, Subscriber};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::cluster::engine::Engine;
use crate::cluster::hosts::{HostReport, KnownHosts};
use crate::cluster::spans::Span;
use crate::cluster::wire::Task;
use crate::miner::CancelToken;
use crate::pow::{Digest, Hit};

/// A search that a cluster can be asked for.
#[derive(Clone, Debug)]
pub struct Job {
    /// Names the search for as long as it takes, over restarts: letters and digits.
    pub id: String,
    /// The header, the target and the nonces.
    pub task: Task,
    /// Kept with the search, and given back by `Coordinator::note_of_search`.
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
    /// Whether it waits, because the hosts still serve an older search.
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
pub struct EndedSearch {
    /// How.
    pub ended: Ended,
    /// Where it stood then; the work is that which was reported to this process.
    pub progress: Progress,
    /// The floor that it began with: higher than the first nonce where it goes on with a search.
    pub began_at: u64,
}

/// Somebody who may end a search before it is decided.
pub struct Owner<'a> {
    /// Ends the search; a later start can go on with it.
    pub cancel: &'a CancelToken,
    /// Says, now and then, whether the answer is of use to nobody any more.
    pub is_obsolete: &'a mut dyn FnMut() -> bool,
    /// Called ten times a second.
    pub listener: &'a mut dyn FnMut(Progress),
}

/// What a coordinator keeps from search to search.
pub(super) struct Session {
    pub(super) engine: Engine,
    pub(super) events: UnboundedReceiver<Event>,
    pub(super) hellos: Subscriber,
    pub(super) hosts: KnownHosts,
    pub(super) is_connected: bool,
}

impl Progress {
    pub(super) fn none(range: Span, elapsed: Duration) -> Self {
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

/// A state on its way to the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writing {
    Nothing,
    Current,
    /// The state has changed since.
    Outdated,
}
