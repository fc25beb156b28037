//! One search on many machines, through NATS JetStream: the only place with an async runtime.
//!
//! A reader's path: the coordinator's decisions (`state.rs`, on sets of ranges in `spans.rs`) know
//! no network, clock or thread. [`Coordinator`] is what surrounds them (`coordinator/`): it stores
//! leases and hears reports, which it checks (`check.rs`), and keeps a list of hosts (`hosts.rs`).
//! A [`Host`] takes leases, searches them with a [`crate::miner::Miner`] and reports (`host/`).
//! Both speak through streams and subjects (`engine.rs`, `pull.rs`) in messages of one version
//! (`wire.rs`), over a connection that is encrypted where it leaves the machine (`access.rs`).
//!
//! `docs/cluster.md` says how it is used, and what it promises when parts of it fail.

mod access;
mod check;
mod coordinator;
mod engine;
mod error;
mod host;
mod hosts;
mod pull;
mod spans;
mod state;
mod wire;

pub use access::{Access, Credentials};
pub use coordinator::{Coordinator, Ended, EndedSearch, Job, Owner, Progress};
pub use error::ClusterError;
pub use host::{Activity, Host, HostProgress};
pub use hosts::HostReport;
pub use spans::Span;
pub use wire::{PROTOCOL, Task};
