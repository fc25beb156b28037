//! A search's messages in the engine: writes them, looks for those that should be gone by now, and
//! writes lost ones again.

use std::time::{Duration, Instant};

use super::{Given, Searching, Told};
use crate::cluster::coordinator::job::Writing;
use crate::cluster::coordinator::opening::{clear, is_coordinated};
use crate::cluster::engine::{
    ACK_WAIT, DONE, Engine, JOB, LEASE, Unstored, done_subject, header_subject, lease_subject,
    state_subject,
};
use crate::cluster::error::ClusterError;
use crate::cluster::wire::{StateMessage, VerdictName, decode, encode};

/// Leases that are looked for in the engine at a time.
const LOOKS: usize = 64;

impl Searching<'_> {
    /// Writes down how far the search is; hosts hear of it as well.
    pub(super) fn write_state(&mut self) {
        if self.writing != Writing::Nothing {
            self.writing = Writing::Outdated;
            return;
        }
        self.written.floor = self.state.floor();
        self.written.find = self.state.find();
        self.written.refused = self.session.hosts.refused();
        (self.writing, self.written_at) = (Writing::Current, Instant::now());
        let (engine, telling) = (self.session.engine.clone(), self.telling.clone());
        let (subject, after) = (state_subject(&self.job.id), self.state_sequence);
        let (written, job) = (self.written.clone(), self.job.id.clone());
        tokio::spawn(async move {
            let stored = engine.store(subject.clone(), encode(&written), Some(after)).await;
            let stored = match stored {
                // Hosts listen to the subject too, so a stream that is gone is no error: it is
                // silent.
                Err(Unstored::WrongLast | Unstored::Unknown(_)) => {
                    store_again(&engine, &job, &written).await
                }
                stored => stored,
            };
            let _ = telling.send(Told::StateStored(stored));
        });
    }

    pub(super) fn hear_state_stored(&mut self, stored: &Result<u64, Unstored>) {
        let writing = std::mem::replace(&mut self.writing, Writing::Nothing);
        match stored {
            Ok(sequence) => {
                self.state_sequence = *sequence;
                if writing == Writing::Outdated {
                    self.write_state();
                }
            }
            Err(Unstored::WrongLast) => self.failure = Some(ClusterError::Coordinated),
            Err(Unstored::NoStream) => self.restore(),
            Err(Unstored::TooLong | Unstored::Unknown(_)) => {
                // The next look at the clock tries again.
                self.written_at = self.started;
            }
        }
    }

    /// Makes anew what the engine has lost. The leases that were in it are given again once they
    /// are missed.
    pub(super) fn restore(&mut self) {
        if self.is_restoring {
            return;
        }
        self.note_once("the server has lost the search; it gets it again".to_owned());
        self.is_restoring = true;
        let (engine, telling) = (self.session.engine.clone(), self.telling.clone());
        let (id, header) = (self.job.id.clone(), self.header.clone());
        let written = self.written.clone();
        tokio::spawn(async move {
            let restored = restore(&engine, &id, header, &written).await;
            if restored.is_err() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            let _ = telling.send(Told::Restored(restored));
        });
    }

    /// Hears how making anew went. What was made only in part is made again: the streams that are
    /// there do not show that something is missing.
    pub(super) fn hear_restored(&mut self, stored: &Result<u64, Unstored>) {
        self.is_restoring = false;
        // The numbers in the streams begin anew.
        self.stored.clear();
        self.given.values_mut().for_each(|given| given.sequence = None);
        match stored {
            Ok(sequence) => self.state_sequence = *sequence,
            Err(Unstored::WrongLast) => self.failure = Some(ClusterError::Coordinated),
            Err(Unstored::NoStream | Unstored::TooLong | Unstored::Unknown(_)) => self.restore(),
        }
    }

    /// Reports that lie below what is written down are not needed for a restart.
    pub(super) fn prune(&mut self) {
        let floor = self.written.floor;
        self.stored.retain(|_, last| *last >= floor);
        self.given.retain(|_, given| given.span.last >= floor);
        let Some((&first, _)) = self.stored.first_key_value() else { return };
        let (engine, subject) = (self.session.engine.clone(), done_subject("*", &self.job.id));
        tokio::spawn(async move { engine.purge(DONE, &subject, Some(first)).await });
    }

    /// Looks whether the engine still has the leases that should have been reported long ago.
    pub(super) fn look_for_lost(&mut self) {
        let patience = ACK_WAIT + Duration::from_secs_f64(2.0 * self.lease_s);
        let is_late = |given: &Given| given.looked_at.elapsed() > patience;
        let mut late = Vec::new();
        for (&lease, given) in &mut self.given {
            if self.state.is_out(lease) && is_late(given) && late.len() < LOOKS {
                given.looked_at = Instant::now();
                late.push((lease, given.sequence));
            }
        }
        if late.is_empty() {
            return;
        }
        let (engine, telling) = (self.session.engine.clone(), self.telling.clone());
        tokio::spawn(async move {
            for (lease, sequence) in late {
                let is_there = match sequence {
                    None => Ok(false),
                    Some(sequence) => engine.has(LEASE, sequence).await,
                };
                // An engine that does not answer will be asked again, unless its streams are gone.
                let is_gone = match is_there {
                    Ok(is_there) => !is_there,
                    Err(error) => error.is_about_no_stream(),
                };
                if is_gone {
                    let _ = telling.send(Told::Gone(lease));
                }
            }
        });
    }

    /// Hosts serve the oldest search first: this one waits while a coordinator answers for an older
    /// one.
    pub(super) fn look_for_older(&mut self) {
        let (engine, telling, id) =
            (self.session.engine.clone(), self.telling.clone(), self.job.id.clone());
        tokio::spawn(async move {
            let mut waits = false;
            for older in engine.open_jobs().await.unwrap_or_default() {
                if older == id {
                    break;
                }
                if is_coordinated(&engine, &older).await {
                    waits = true;
                    break;
                }
            }
            let _ = telling.send(Told::OlderSearch(waits));
        });
    }

    /// Publishes the end of the search, and removes what it leaves in the engine. A server that is
    /// away for long does not get it, but its hosts find no more leases.
    pub(super) async fn publish_verdict(&mut self, verdict: VerdictName) {
        self.written.verdict = Some(verdict);
        self.written.floor = self.state.floor();
        self.written.find = self.state.find();
        let (engine, id) = (self.session.engine.clone(), self.job.id.clone());
        for _ in 0..10 {
            let stored = store_after_ours(&engine, &id, &self.written).await;
            if matches!(stored, Ok(_) | Err(Unstored::WrongLast | Unstored::NoStream)) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        if verdict == VerdictName::Withdrawn {
            engine.purge(LEASE, &lease_subject(&id), None).await;
            engine.forget_reports(&id).await;
        } else {
            engine.purge(JOB, &header_subject(&id), None).await;
            clear(&engine, &id).await;
        }
    }
}

/// Stores the state after the last one that is there, if that is of this coordinator or an earlier
/// one.
async fn store_after_ours(
    engine: &Engine,
    job: &str,
    state: &StateMessage,
) -> Result<u64, Unstored> {
    let after = last_of_ours(engine, job, state.start).await?.unwrap_or(0);
    engine.store(state_subject(job), encode(state), Some(after)).await
}

/// The same for a search that was stored before: without a state, the engine has lost it.
async fn store_again(engine: &Engine, job: &str, state: &StateMessage) -> Result<u64, Unstored> {
    let after = last_of_ours(engine, job, state.start).await?.ok_or(Unstored::NoStream)?;
    engine.store(state_subject(job), encode(state), Some(after)).await
}

/// The number of the last state, which must be of this start of the coordinator or an earlier one.
async fn last_of_ours(engine: &Engine, job: &str, start: u64) -> Result<Option<u64>, Unstored> {
    let last = engine.last(JOB, &state_subject(job)).await.map_err(|error| {
        if error.is_about_no_stream() {
            Unstored::NoStream
        } else {
            Unstored::Unknown(error.to_string())
        }
    })?;
    let Some(last) = last else { return Ok(None) };
    match decode::<StateMessage>(&last.payload) {
        Ok(there) if there.start <= start => Ok(Some(last.sequence)),
        _ => Err(Unstored::WrongLast),
    }
}

/// Makes the streams again, and this search in them.
async fn restore(
    engine: &Engine,
    job: &str,
    header: Vec<u8>,
    state: &StateMessage,
) -> Result<u64, Unstored> {
    let unknown = |error: ClusterError| Unstored::Unknown(error.to_string());
    engine.set_up().await.map_err(unknown)?;
    engine.listen_to_reports(job).await.map_err(unknown)?;
    engine.store(header_subject(job), header, None).await?;
    store_after_ours(engine, job, state).await
}
