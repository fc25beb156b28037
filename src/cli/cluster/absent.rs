//! Stand-ins for the cluster in a build without it: every use of one is an error.

use serde::{Serialize, Serializer};

use crate::cli::arguments::cluster::{ClusterArguments, JoinArguments};
use crate::cli::failure::{Failure, Result};
use crate::cli::output::Output;
use crate::cli::search::HeaderSearch;
use crate::cli::signals::Signals;
use crate::miner::Outcome;

/// A connection to a cluster, which this build cannot make.
pub(in crate::cli) enum Cluster {}

/// The hosts of a cluster, which this build never has.
#[derive(Clone)]
pub(in crate::cli) enum Hosts {}

/// The outcome of a search, and the hosts where a cluster searched.
pub(in crate::cli) type OutcomeAndHosts = (Outcome, Option<Hosts>);

fn no_cluster() -> Failure {
    Failure::usage(
        "this build has no cluster; build one that has with `cargo build --release --features \
         cluster`",
    )
}

pub(in crate::cli) fn join_cluster(_: &JoinArguments, _: &mut Output) -> Result<()> {
    Err(no_cluster())
}

impl Cluster {
    pub(in crate::cli) fn connect(arguments: &ClusterArguments) -> Result<Option<Self>> {
        if arguments.servers.is_some() { Err(no_cluster()) } else { Ok(None) }
    }

    pub(in crate::cli) fn note_of_search(&mut self, _: &str) -> Result<Option<String>> {
        match *self {}
    }

    pub(in crate::cli) fn search(
        &mut self,
        _: HeaderSearch<'_>,
        _: &str,
        _: &str,
        _: &mut dyn FnMut() -> bool,
        _: &Signals,
        _: &mut Output,
    ) -> Result<OutcomeAndHosts> {
        match *self {}
    }

    pub(in crate::cli) fn forget(&mut self, _: &str) {
        match *self {}
    }
}

impl Hosts {
    pub(in crate::cli) fn add(&mut self, _: &Self) {
        match *self {}
    }

    pub(in crate::cli) fn table(&self, _: bool) -> Vec<String> {
        match *self {}
    }
}

impl Serialize for Hosts {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        match *self {}
    }
}
