//! The commands' way to a cluster. A build without the feature `cluster` has the same flags, and
//! says that it has no cluster.

#[cfg(not(feature = "cluster"))]
mod absent;
#[cfg(feature = "cluster")]
mod access;
#[cfg(feature = "cluster")]
mod hosts;
#[cfg(feature = "cluster")]
mod join;
#[cfg(feature = "cluster")]
mod progress;
mod request;
#[cfg(feature = "cluster")]
mod search;

#[cfg(not(feature = "cluster"))]
pub(super) use absent::{Cluster, Hosts, OutcomeAndHosts, join_cluster};
#[cfg(feature = "cluster")]
pub(super) use hosts::Hosts;
#[cfg(feature = "cluster")]
pub(super) use join::join_cluster;
pub(super) use request::{check_fits, search_id};
#[cfg(feature = "cluster")]
pub(super) use search::{Cluster, OutcomeAndHosts};
