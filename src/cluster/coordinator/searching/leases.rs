//! Leases on their way to the hosts: how many, how long, and stored in the engine.

use std::time::{Duration, Instant};

use super::{Given, SHORTEST_S, Searching, Told};
use crate::cluster::engine::{LEASE, lease_subject, stop_subject};
use crate::cluster::spans::Span;
use crate::cluster::state::Event;
use crate::cluster::wire::{LeaseMessage, StopMessage, encode};

/// A lease takes about this part of the time that the whole search is expected to take.
const LEASES_PER_SEARCH: f64 = 100.0;

/// The longest lease, in seconds. The shortest one grows with each host by the second figure.
const LONGEST_S: f64 = 10.0;
const PER_HOST_S: f64 = 0.01;

/// Leases that are out for each host: the one it searches, the next, and one on its way.
const LEASES_PER_HOST: usize = 3;

impl Searching<'_> {
    /// Sends a stop, and stores leases. After a stop, leases given before are taken out of the
    /// engine first: what still matters of them is given anew.
    pub(super) fn publish(&mut self, stop: Option<u64>, leases: Vec<(u64, Span)>) {
        if stop.is_none() && leases.is_empty() {
            return;
        }
        let messages: Vec<_> =
            leases.iter().map(|&(lease, span)| (lease, self.lease(lease, span, None))).collect();
        for (lease, span) in leases {
            let looked_at = Instant::now();
            self.given.insert(lease, Given { span, sequence: None, looked_at });
        }
        let (engine, telling) = (self.session.engine.clone(), self.telling.clone());
        let (subject, job) = (lease_subject(&self.job.id), self.job.id.clone());
        tokio::spawn(async move {
            if let Some(find) = stop {
                engine.say(stop_subject(&job), encode(&StopMessage { find })).await;
                engine.purge(LEASE, &subject, None).await;
            }
            for (lease, message) in messages {
                let (engine, telling) = (engine.clone(), telling.clone());
                let subject = subject.clone();
                tokio::spawn(async move {
                    let stored = engine.store(subject, encode(&message), None).await;
                    let told = if let Ok(sequence) = stored {
                        Told::LeaseStored { lease, sequence }
                    } else {
                        if engine.has(LEASE, 1).await.is_err_and(|it| it.is_about_no_stream()) {
                            let _ = telling.send(Told::NoLeases);
                        }
                        tokio::time::sleep(Duration::from_millis(500)).await;
                        Told::Gone(lease)
                    };
                    // Nobody listens once the search has ended.
                    let _ = telling.send(told);
                });
            }
        });
    }

    pub(super) fn lease(&self, lease: u64, span: Span, repeats: Option<String>) -> LeaseMessage {
        let (job, header) = (self.job.id.clone(), self.written.header.clone());
        LeaseMessage { job, header, lease, span, seconds: self.lease_s, repeats }
    }

    /// Asks for as many leases as the hosts can take, each as long as suits the fastest host; a
    /// slower one searches the beginning.
    pub(super) fn want_leases(&mut self) {
        let (mut hosts, mut all, mut fastest) = (0, 0.0, 0.0_f64);
        for host in self.session.hosts.present() {
            (hosts, all, fastest) = (hosts + 1, all + host.rate, fastest.max(host.rate));
        }
        if hosts == 0 || all <= 0.0 || self.waits {
            return;
        }
        let expected_s = self.job.task.target.expected_hashes() / all;
        let shortest = SHORTEST_S.max(PER_HOST_S * f64::from(hosts));
        self.lease_s = (expected_s / LEASES_PER_SEARCH).max(shortest).min(LONGEST_S);
        // A float beyond 2^64 becomes the largest integer.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let len = (fastest * self.lease_s).max(1.0) as u64;
        let leases = usize::try_from(hosts).unwrap_or(usize::MAX) * LEASES_PER_HOST;
        self.take(Event::Wanted { leases, len });
    }
}
