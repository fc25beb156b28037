//! The coordinator of a search: offers it to the hosts of a cluster, and waits for the answer.

mod job;
mod opening;
mod searching;

use std::time::Instant;

use tokio::runtime::Runtime;
use tokio::sync::mpsc::unbounded_channel;

use super::access::Access;
use super::engine::{ALL_HELLOS, Engine, JOB, header_subject, state_subject};
use super::error::ClusterError;
use super::hosts::KnownHosts;
use super::wire::{JobMessage, decode};
use job::Session;
pub use job::{Ended, EndedSearch, Job, Owner, Progress};
use opening::{Opened, open};
use searching::Searching;

/// A connection to a cluster, for one search after the other.
pub struct Coordinator {
    runtime: Runtime,
    session: Session,
}

impl Coordinator {
    /// Connects to the servers, and makes the streams where they are missing.
    ///
    /// # Errors
    /// When no server answers, or it refuses.
    pub fn connect(access: &Access) -> Result<Self, ClusterError> {
        let runtime = runtime()?;
        let session = runtime.block_on(async {
            let (sender, events) = unbounded_channel();
            let engine = Engine::connect(access, "stripmine coordinator", sender).await?;
            engine.set_up().await?;
            let hellos = engine.subscribe(ALL_HELLOS).await?;
            engine.confirm().await?;
            let (hosts, is_connected) = (KnownHosts::default(), true);
            Ok::<_, ClusterError>(Session { engine, events, hellos, hosts, is_connected })
        })?;
        Ok(Self { runtime, session })
    }

    /// The note of this search, if it was begun and not decided.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub fn note_of_search(&mut self, id: &str) -> Result<Option<String>, ClusterError> {
        let header = self.runtime.block_on(self.session.engine.last(JOB, &header_subject(id)))?;
        let message = header.map(|header| decode::<JobMessage>(&header.payload)).transpose()?;
        Ok(message.map(|message| message.note))
    }

    /// Searches, until the search ends or its owner ends it.
    ///
    /// # Errors
    /// When somebody else coordinates this search, or the engine refuses it.
    pub fn search(
        &mut self,
        job: &Job,
        owner: &mut Owner<'_>,
    ) -> Result<EndedSearch, ClusterError> {
        let started = Instant::now();
        let Self { runtime, session } = self;
        runtime.block_on(async {
            match open(&session.engine, job).await? {
                Opened::Decided(ended) => Ok(EndedSearch {
                    ended,
                    progress: Progress::none(job.task.range, started.elapsed()),
                    began_at: job.task.range.first,
                }),
                Opened::Open(opened) => {
                    Searching::new(session, job, *opened, started).run(owner).await
                }
            }
        })
    }

    /// Removes everything that the engine still holds of a search, once its answer is in safety.
    pub fn forget(&mut self, id: &str) {
        let engine = &self.session.engine;
        self.runtime.block_on(async {
            engine.purge(JOB, &state_subject(id), None).await;
            engine.purge(JOB, &header_subject(id), None).await;
        });
    }
}

/// A runtime on the caller's thread.
pub(super) fn runtime() -> Result<Runtime, ClusterError> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}
