//! The hosts of a cluster as the coordinator knows them: what they say, and what they did.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::wire::{HelloMessage, ReportMessage, kernel};
use crate::miner::WorkerReport;
use crate::pow::Kernel;

/// A host that says nothing for this long is taken for gone.
const GONE_AFTER: Duration = Duration::from_secs(4);

/// A host: what it did in one search, and how it is.
#[derive(Clone, Debug)]
pub struct HostReport {
    /// Its name; with the user's, where there are users.
    pub name: String,
    /// The kernel that it hashes with.
    pub kernel: Kernel,
    /// Leases that it searched.
    pub leases: u64,
    /// Leases that it got after another host had held them.
    pub given_again: u64,
    /// Why it gets no more leases.
    pub refused: Option<String>,
    /// What each of its workers did.
    pub workers: Vec<WorkerReport>,
    /// Hashes per second, by its last lease.
    pub rate: f64,
    /// Leases that it holds now.
    pub held: usize,
    /// Nonces tested in these so far.
    pub tested: u64,
    heard: Instant,
    threads: usize,
    leaves: bool,
}

impl HostReport {
    /// Nonces tested in leases that it reported.
    #[must_use]
    pub fn hashes(&self) -> u64 {
        self.workers.iter().map(|worker| worker.hashes).sum()
    }

    /// Whether it takes part.
    #[must_use]
    pub fn is_here(&self) -> bool {
        self.refused.is_none() && !self.leaves && self.heard.elapsed() < GONE_AFTER
    }
}

#[cfg(test)]
impl HostReport {
    /// A host of one worker as the tests of screens need it.
    pub(crate) fn at_work(name: &str, rate: f64, leases: u64, held: usize) -> Self {
        Self {
            name: name.to_owned(),
            kernel: Kernel::Sha2,
            leases,
            given_again: 0,
            refused: None,
            workers: vec![WorkerReport { hashes: leases * 2_500_000, ..WorkerReport::default() }],
            rate,
            held,
            tested: 0,
            heard: Instant::now(),
            threads: 1,
            leaves: false,
        }
    }
}

/// All hosts, by user and name.
#[derive(Debug, Default)]
pub(super) struct KnownHosts {
    hosts: BTreeMap<String, HostReport>,
}

/// The name of a host, with that of its user.
pub(super) fn full_name(user: &str, host: &str) -> String {
    format!("{user}/{host}")
}

impl KnownHosts {
    /// Forgets what was done in the search before, and which hosts are gone.
    pub(super) fn begin_search(&mut self) {
        self.hosts.retain(|_, host| host.is_here() || host.refused.is_some());
        for host in self.hosts.values_mut() {
            (host.leases, host.given_again, host.tested) = (0, 0, 0);
            host.workers = vec![WorkerReport::default(); host.threads];
        }
    }

    /// Takes a host's hello. Returns false if this version has no such kernel.
    pub(super) fn greet(&mut self, user: &str, hello: &HelloMessage) -> bool {
        let Some(kernel) = kernel(&hello.kernel) else { return false };
        let host = self.host(user, &hello.host, kernel, hello.threads);
        (host.held, host.tested, host.heard) = (hello.held, hello.tested, Instant::now());
        host.leaves = hello.leaves;
        if hello.rate > 0.0 && hello.rate.is_finite() {
            host.rate = hello.rate;
        }
        true
    }

    fn host(&mut self, user: &str, name: &str, kernel: Kernel, threads: usize) -> &mut HostReport {
        let name = full_name(user, name);
        let host = self.hosts.entry(name.clone()).or_insert_with(|| HostReport {
            name,
            kernel,
            leases: 0,
            given_again: 0,
            refused: None,
            workers: Vec::new(),
            rate: 0.0,
            held: 0,
            tested: 0,
            heard: Instant::now(),
            threads,
            leaves: false,
        });
        (host.kernel, host.threads) = (kernel, threads);
        if host.workers.len() < threads {
            host.workers.resize(threads, WorkerReport::default());
        }
        host
    }

    /// Adds a report that was found right.
    pub(super) fn add(&mut self, user: &str, report: &ReportMessage) {
        let Some(kernel) = kernel(&report.kernel) else { return };
        let host = self.host(user, &report.host, kernel, report.workers.len());
        host.leases += 1;
        host.given_again += u64::from(report.deliveries > 1);
        // Its next hello says what it has tested of other leases.
        host.tested = 0;
        for (sum, worker) in host.workers.iter_mut().zip(&report.workers) {
            sum.stripes += worker.stripes;
            sum.hashes += worker.hashes;
            sum.busy += Duration::try_from_secs_f64(worker.busy_s).unwrap_or_default();
        }
        if report.seconds > 0.0 {
            host.rate = report.hashes() as f64 / report.seconds;
        }
    }

    /// Gives this host no more leases.
    pub(super) fn refuse(&mut self, name: &str, reason: &str) {
        if let Some(host) = self.hosts.get_mut(name) {
            host.refused.get_or_insert_with(|| reason.to_owned());
        }
    }

    pub(super) fn is_refused(&self, name: &str) -> bool {
        self.hosts.get(name).is_some_and(|host| host.refused.is_some())
    }

    pub(super) fn refused(&self) -> Vec<String> {
        let refused = self.hosts.values().filter(|host| host.refused.is_some());
        refused.map(|host| host.name.clone()).collect()
    }

    /// The hosts that take part.
    pub(super) fn present(&self) -> impl Iterator<Item = &HostReport> {
        self.hosts.values().filter(|host| host.is_here())
    }

    /// All hosts that are here or did something.
    pub(super) fn reports(&self) -> Vec<HostReport> {
        let is_known =
            |host: &&HostReport| host.is_here() || host.refused.is_some() || host.hashes() > 0;
        self.hosts.values().filter(is_known).cloned().collect()
    }
}
