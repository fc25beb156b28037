//! The arguments that lead to a cluster, and those of `join`.

use std::path::PathBuf;

use clap::Args;

use super::shared::{OutputArguments, WorkerArguments};

/// A cluster to search with, instead of this machine.
#[derive(Debug, Args)]
pub(crate) struct ClusterArguments {
    /// Search on all hosts that have joined the cluster of these NATS servers
    /// (nats://HOST[:PORT],…). This machine searches only if it has joined as well.
    #[arg(long = "cluster", value_name = "URL", help_heading = HEADING)]
    pub(crate) servers: Option<String>,

    #[command(flatten)]
    pub(crate) access: AccessArguments,
}

/// The way to a cluster.
#[allow(clippy::struct_field_names, reason = "as the flags are called")]
#[derive(Debug, Args)]
pub(crate) struct AccessArguments {
    /// A file with the certificates that vouch for the servers, as PEM.
    #[arg(long, value_name = "FILE", help_heading = HEADING)]
    pub(crate) cluster_ca: Option<PathBuf>,

    /// A file with two lines, the user's name and the password [default: STRIPMINE_CLUSTER_USER and
    /// STRIPMINE_CLUSTER_PASSWORD, if they are set].
    #[arg(long, value_name = "FILE", help_heading = HEADING)]
    pub(crate) cluster_creds: Option<PathBuf>,

    /// Allow connections without encryption to servers on other machines.
    #[arg(long, help_heading = HEADING)]
    pub(crate) cluster_insecure: bool,
}

const HEADING: &str = "Cluster (in builds with the feature cluster)";

#[derive(Debug, Args)]
pub(crate) struct JoinArguments {
    /// The NATS servers of the cluster: nats://HOST[:PORT],…
    #[arg(value_name = "URL")]
    pub(crate) servers: String,

    /// This host's name in reports [default: the machine's].
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,

    #[command(flatten)]
    pub(crate) workers: WorkerArguments,

    #[command(flatten)]
    pub(crate) access: AccessArguments,

    #[command(flatten)]
    pub(crate) output: OutputArguments,
}
