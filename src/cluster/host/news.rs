//! What a host hears from coordinators, and what follows for its leases.

use super::Serving;
use crate::cluster::engine::token;
use crate::cluster::error::ClusterError;
use crate::cluster::hosts::full_name;
use crate::cluster::pull::Ack;
use crate::cluster::state::is_void;
use crate::cluster::wire::{StateMessage, StopMessage, decode};

use super::held::Held;

impl Serving {
    pub(super) async fn hear_stop(&mut self, message: &async_nats::Message) {
        let job = token(&message.subject, 2).to_owned();
        if let Ok(StopMessage { find }) = decode(&message.payload) {
            self.note_find(&job, find).await;
        }
    }

    pub(super) async fn hear_state(
        &mut self,
        message: &async_nats::Message,
    ) -> Result<(), ClusterError> {
        let job = token(&message.subject, 2).to_owned();
        // Of searches that it does not serve, a host need not know.
        if !self.known.contains_key(&job) && !self.held.iter().any(|held| held.lease.job == job) {
            return Ok(());
        }
        match decode::<StateMessage>(&message.payload) {
            Ok(state) => self.note_state(&job, &state).await,
            Err(error @ ClusterError::Protocol { .. }) => Err(error),
            Err(_) => Ok(()),
        }
    }

    pub(super) async fn note_state(
        &mut self,
        job: &str,
        state: &StateMessage,
    ) -> Result<(), ClusterError> {
        if state.refused.contains(&full_name(&self.engine.user, &self.name)) {
            return Err(ClusterError::Refused);
        }
        if state.verdict.is_some() {
            self.known.remove(job);
            self.drop_leases(|held| held.lease.job == job, Ack::Done).await;
            return Ok(());
        }
        match state.find {
            Some(find) => self.note_find(job, find).await,
            None => self.known(job).find = None,
        }
        Ok(())
    }

    async fn note_find(&mut self, job: &str, find: u64) {
        self.known(job).find = Some(find);
        let is_dropped =
            |held: &Held| held.lease.job == job && is_void(held.lease.span.first, Some(find));
        // Nothing of them matters any more.
        self.drop_leases(is_dropped, Ack::Done).await;
    }
}
