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
#[cfg(feature = "cluster")]
mod search;

#[cfg(not(feature = "cluster"))]
pub(super) use absent::{Cluster, Hosts, join_cluster};
#[cfg(feature = "cluster")]
pub(super) use hosts::Hosts;
#[cfg(feature = "cluster")]
pub(super) use join::join_cluster;
#[cfg(feature = "cluster")]
pub(super) use search::Cluster;

use super::arguments::cluster::ClusterArguments;
use super::arguments::values::StartNonce;
use super::failure::{Failure, Result};
use crate::miner::Order;
use crate::pow::NonceLimit;

/// Refuses what a cluster cannot do.
pub(super) fn check_fits(
    arguments: &ClusterArguments,
    start: StartNonce,
    order: Order,
) -> Result<()> {
    if arguments.servers.is_none() {
        return Ok(());
    }
    if start == StartNonce::Cheapest(NonceLimit::Wide) {
        return Err(Failure::usage(
            "--start-nonce auto:wide is for one machine: a restart could not go on with it; use \
             auto, or leave out --cluster",
        ));
    }
    if order == Order::First {
        return Err(Failure::usage(
            "--order first is for one machine: a cluster finds the lowest nonce; leave it out",
        ));
    }
    Ok(())
}

/// A search for a cluster, beside its header.
#[cfg_attr(not(feature = "cluster"), allow(dead_code, reason = "there is no cluster to read it"))]
pub(super) struct Request<'a> {
    /// Names the search over restarts of the command.
    pub(super) id: String,
    /// Kept with it: what a restart must take over.
    pub(super) note: String,
    /// Whether its answer is of use to nobody any more.
    pub(super) is_obsolete: &'a mut dyn FnMut() -> bool,
}

/// The outcome of a search, and the hosts where a cluster searched.
pub(super) type Searched = (crate::miner::Outcome, Option<Hosts>);

/// The name of a search, from all that it depends on.
pub(super) fn search_id(parts: &[&[u8]]) -> String {
    use sha2::{Digest as _, Sha256};
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    // 128 bits are plenty to tell searches apart.
    hex::encode(&digest[..16])
}
