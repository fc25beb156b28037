//! The leases of a host: taken, looked up, searched and reported.

use std::sync::Arc;
use std::time::Duration;

use super::held::{Held, Phase};
use super::searcher::{RangeResult, WorkOrder};
use super::{Known, Serving, TOO_LONG, Told};
use crate::cluster::engine::{JOB, Unstored, done_subject, header_subject, state_subject};
use crate::cluster::error::ClusterError;
use crate::cluster::hosts::full_name;
use crate::cluster::pull::{Ack, Pulled};
use crate::cluster::state::is_void;
use crate::cluster::wire::{
    JobMessage, LeaseMessage, ReportMessage, Task, decode, encode, fingerprint,
};
use crate::miner::CancelToken;

impl Serving {
    pub(super) async fn take_lease(&mut self, pulled: Pulled) -> Result<(), ClusterError> {
        let lease = match decode::<LeaseMessage>(&pulled.payload) {
            Ok(lease) => lease,
            Err(error) => {
                // Perhaps another host can read it.
                self.engine.acknowledge(&pulled.reply, Ack::GiveBack).await;
                return Err(error);
            }
        };
        if lease.repeats == Some(full_name(&self.engine.user, &self.name)) {
            self.engine.acknowledge(&pulled.reply, Ack::GiveBackLater).await;
            return Ok(());
        }
        let find = self.known.get(&lease.job).and_then(|known| known.find);
        if is_void(lease.span.first, find) {
            self.engine.acknowledge(&pulled.reply, Ack::Done).await;
            return Ok(());
        }
        if let Some(held) = self.held.iter_mut().find(|held| held.is(lease.lease)) {
            // The engine thought that it was lost.
            held.reply = pulled.reply;
            return Ok(());
        }
        self.look_up(&lease);
        self.held.push(Held::new(lease, pulled));
        Ok(())
    }

    /// Asks the engine how the lease's search stands, and for its header where that is not known.
    /// Meanwhile the lease may be searched already.
    fn look_up(&self, lease: &LeaseMessage) {
        let is_known = self.task(lease).is_some();
        let (engine, telling, job) = (self.engine.clone(), self.telling.clone(), lease.job.clone());
        tokio::spawn(async move {
            let state = engine.last(JOB, &state_subject(&job)).await.ok().flatten();
            let state = state.and_then(|state| decode(&state.payload).ok());
            // Nobody listens when the host is about to go.
            let _ = telling.send(Told::State { job: job.clone(), state });
            if !is_known {
                let header = engine.last(JOB, &header_subject(&job)).await;
                let header = header.map(|it| it.map(|header| header.payload));
                let _ = telling.send(Told::Job { job, header });
            }
        });
    }

    /// What the lease's header asks for, if it is known.
    fn task(&self, lease: &LeaseMessage) -> Option<Arc<Task>> {
        let (header, task) = self.known.get(&lease.job)?.task.as_ref()?;
        (*header == lease.header).then(|| Arc::clone(task))
    }

    pub(super) fn known(&mut self, job: &str) -> &mut Known {
        let new = || Known { task: None, find: None };
        self.known.entry(job.to_owned()).or_insert_with(new)
    }

    pub(super) async fn hear(&mut self, told: Told) -> Result<(), ClusterError> {
        match told {
            Told::Job { job, header } => self.hear_job(&job, header).await,
            Told::State { job, state: Some(state) } => self.note_state(&job, &state).await,
            Told::State { .. } => Ok(()),
            Told::Reported { lease, is_stored } => {
                let Some(at) = self.held.iter().position(|held| held.is(lease)) else {
                    return Ok(());
                };
                let held = self.held.remove(at);
                if is_stored {
                    self.reported += 1;
                }
                self.engine.acknowledge(&held.reply, Ack::Done).await;
                Ok(())
            }
        }
    }

    async fn hear_job(
        &mut self,
        job: &str,
        header: Result<Option<Vec<u8>>, ClusterError>,
    ) -> Result<(), ClusterError> {
        let header = match header {
            Ok(Some(header)) => header,
            // The search is over.
            Ok(None) => {
                self.drop_leases(|held| held.lease.job == job, Ack::Done).await;
                return Ok(());
            }
            Err(_) => {
                self.drop_leases(|held| held.lease.job == job, Ack::GiveBackLater).await;
                return Ok(());
            }
        };
        let task = decode::<JobMessage>(&header)?.task()?;
        let fingerprint = fingerprint(&header);
        // Leases of a header that the search once had are of no use.
        let is_old = |held: &Held| held.lease.job == job && held.lease.header != fingerprint;
        self.drop_leases(is_old, Ack::Done).await;
        self.known(job).task = Some((fingerprint, Arc::new(task)));
        Ok(())
    }

    /// Drops leases: what is searched of them is cancelled.
    pub(super) async fn drop_leases(&mut self, is_dropped: impl Fn(&Held) -> bool, ack: Ack) {
        for held in self.held.extract_if(.., |held| is_dropped(held)) {
            held.cancel.cancel();
            self.engine.acknowledge(&held.reply, ack).await;
        }
    }

    /// Searches the next lease, if none is being searched.
    pub(super) fn search_next(&mut self) {
        if self.held.iter().any(|held| held.phase == Phase::Searching) {
            return;
        }
        let ready = |held: &Held| held.phase == Phase::Waiting && self.task(&held.lease).is_some();
        let Some(at) = self.held.iter().position(ready) else { return };
        let Some(task) = self.task(&self.held[at].lease) else { return };
        let rate = self.rate;
        let held = &mut self.held[at];
        held.phase = Phase::Searching;
        let whole = held.lease.span;
        let affordable = rate * held.lease.seconds;
        let is_too_long = whole.len() as f64 > TOO_LONG * affordable;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let span = if is_too_long && held.lease.repeats.is_none() {
            whole.cut_to(affordable as u64)
        } else {
            whole
        };
        let (lease, cancel, tested) = (held.lease.lease, held.cancel.clone(), held.counter());
        let order = WorkOrder { lease, task, span, cancel, tested };
        self.orders.send(order).expect("the thread lives as long as the host");
    }

    pub(super) fn hear_result(
        &mut self,
        (lease, searched, elapsed): (u64, RangeResult, Duration),
    ) -> Result<(), ClusterError> {
        let (span, is_find, best, report) = match searched {
            // Its lease was dropped.
            RangeResult::Cancelled => return Ok(()),
            RangeResult::Failed(error) => return Err(error.into()),
            RangeResult::Done { span, is_find, best, report } => (span, is_find, best, report),
        };
        self.hashes += report.hashes();
        if elapsed >= Duration::from_millis(20) {
            self.rate = report.hashes() as f64 / elapsed.as_secs_f64();
        }
        let (host, kernel) = (self.name.clone(), self.kernel.clone());
        let Some(held) = self.held.iter_mut().find(|held| held.is(lease)) else { return Ok(()) };
        held.phase = Phase::Reporting;
        let report = ReportMessage {
            job: held.lease.job.clone(),
            header: held.lease.header.clone(),
            lease,
            host,
            span,
            is_find,
            best,
            kernel,
            seconds: elapsed.as_secs_f64(),
            deliveries: held.deliveries,
            workers: report.workers.iter().map(Into::into).collect(),
        };
        let dropped = held.cancel.clone();
        self.report(&report, dropped);
        Ok(())
    }

    /// Stores a report, for as long as it takes or until the lease is dropped.
    fn report(&self, report: &ReportMessage, dropped: CancelToken) {
        let subject = done_subject(&self.engine.user, &report.job);
        let (payload, lease) = (encode(report), report.lease);
        let (engine, telling) = (self.engine.clone(), self.telling.clone());
        tokio::spawn(async move {
            let mut is_stored = false;
            while !is_stored && !dropped.is_cancelled() {
                match engine.store(subject.clone(), payload.clone(), None).await {
                    Ok(_) => is_stored = true,
                    Err(Unstored::TooLong) => break,
                    Err(_) => tokio::time::sleep(Duration::from_millis(250)).await,
                }
            }
            let _ = telling.send(Told::Reported { lease, is_stored });
        });
    }
}
