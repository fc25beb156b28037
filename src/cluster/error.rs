//! Errors of a cluster.

use crate::miner::SearchError;

/// Why a cluster cannot be used, or a search in it goes on no longer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClusterError {
    /// The address is none, or asks for what is unsafe.
    #[error("{0}")]
    Address(String),
    /// The credentials cannot be used.
    #[error("{0}")]
    Credentials(String),
    /// No server answers.
    #[error("no NATS server answers at {servers}; `nats-server -js -sd DIR` starts one")]
    Unreachable {
        /// The addresses.
        servers: String,
        /// The last attempt's error.
        source: async_nats::ConnectError,
    },
    /// The engine answers with an error.
    #[error("{doing}: {problem}")]
    Engine {
        /// What was tried.
        doing: &'static str,
        /// The engine's answer.
        problem: String,
    },
    /// The streams are not there; a coordinator makes them.
    #[error("the server has no streams of stripmine; mine --cluster or solve --cluster makes them")]
    NoStream,
    /// The other side speaks another version.
    #[error(
        "the other side speaks version {theirs} of the cluster's protocol, this program version \
         {ours}; run the same stripmine on all machines"
    )]
    Protocol {
        /// The other side's version.
        theirs: u32,
        /// The version of this program.
        ours: u32,
    },
    /// A message makes no sense.
    #[error("a message of the cluster cannot be read: {0}")]
    Unreadable(String),
    /// Somebody else coordinates this search.
    #[error(
        "another process coordinates this search already; wait for its answer, or stop it first"
    )]
    Coordinated,
    /// The coordinator refuses this host.
    #[error(
        "the coordinator refuses this host, because a report of it was wrong; check the machine"
    )]
    Refused,
    /// The search on this machine failed.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// The system failed.
    #[error("{0}")]
    System(#[from] std::io::Error),
}

impl ClusterError {
    /// An answer of the engine to what was tried.
    pub(super) fn engine(doing: &'static str) -> impl FnOnce(BoxedError) -> Self {
        move |problem| Self::Engine { doing, problem: problem.to_string() }
    }

    /// Whether the engine says that a stream is not there.
    pub(super) fn is_about_no_stream(&self) -> bool {
        matches!(self, Self::NoStream)
    }
}

pub(super) type BoxedError = Box<dyn std::error::Error + Send + Sync>;
