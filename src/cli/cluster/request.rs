//! Checks that a cluster can do what a command asks for, and names its search.

use sha2::{Digest as _, Sha256};

use crate::cli::arguments::cluster::ClusterArguments;
use crate::cli::arguments::values::StartNonce;
use crate::cli::failure::{Failure, Result};
use crate::miner::Order;
use crate::pow::NonceLimit;

/// Refuses what a cluster cannot do.
pub(in crate::cli) fn check_fits(
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

/// The name of a search, from all that it depends on.
pub(in crate::cli) fn search_id(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    // 128 bits are plenty to tell searches apart.
    hex::encode(&digest[..16])
}
