//! What the hosts of a cluster did: as tables, and as JSON.

use std::time::Duration;

use serde::Serialize;

use crate::cli::json::WorkerDocument;
use crate::cli::table::{Column, TextTable};
use crate::cluster::HostReport;
use crate::miner::{Report, WorkerReport};
use crate::text::{escaped_line, grouped, mega, percent};

/// What each host did in a search, or in several.
#[derive(Clone)]
pub(in crate::cli) struct Hosts {
    hosts: Vec<HostReport>,
    elapsed: Duration,
}

impl Hosts {
    pub(super) fn new(mut hosts: Vec<HostReport>, elapsed: Duration) -> Self {
        hosts.retain(|host| host.hashes() > 0 || host.refused.is_some());
        Self { hosts, elapsed }
    }

    /// All workers of all hosts, in the hosts' order.
    pub(super) fn workers(&self) -> Vec<WorkerReport> {
        self.hosts.iter().flat_map(|host| host.workers.clone()).collect()
    }

    /// Adds another search: what is done adds up, host by host and worker by worker.
    pub(in crate::cli) fn add(&mut self, other: &Self) {
        self.elapsed += other.elapsed;
        for host in &other.hosts {
            match self.hosts.iter_mut().find(|it| it.name == host.name) {
                Some(sum) => add(sum, host),
                None => self.hosts.push(host.clone()),
            }
        }
    }

    /// A heading and a row for every host, and for every worker where `is_verbose`.
    pub(in crate::cli) fn table(&self, is_verbose: bool) -> Vec<String> {
        let all: u64 = self.hosts.iter().map(HostReport::hashes).sum();
        let rows: Vec<_> = self
            .hosts
            .iter()
            .flat_map(|host| {
                let workers = host.workers.iter().enumerate().filter(|_| is_verbose);
                let of_worker = |(number, worker): (usize, &WorkerReport)| {
                    let name = format!("  worker {number}");
                    self.row(name, worker.hashes, all, [String::new(), String::new()])
                };
                let counts = [grouped(host.leases), grouped(host.given_again)];
                let name = escaped_line(&host.name);
                let row = self.row(name, host.hashes(), all, counts);
                std::iter::once(row).chain(workers.map(of_worker)).collect::<Vec<_>>()
            })
            .collect();
        let mut lines = TextTable::new([
            Column::left("host", 0),
            Column::right("hashes", 0),
            Column::right("MH/s", 6),
            Column::right("share", 7),
            Column::right("leases", 0),
            Column::right("given again", 0),
        ])
        .lines(&rows);
        let refused = self.hosts.iter().filter_map(|host| {
            let reason = host.refused.as_ref()?;
            Some(format!("{} was refused: {}", escaped_line(&host.name), escaped_line(reason)))
        });
        lines.extend(refused);
        lines
    }

    fn row(&self, name: String, hashes: u64, all: u64, counts: [String; 2]) -> Vec<String> {
        let share = if all > 0 { hashes as f64 / all as f64 } else { 0.0 };
        let figures = [grouped(hashes), mega(self.per_second(hashes)), percent(share)];
        std::iter::once(name).chain(figures).chain(counts).collect()
    }

    fn per_second(&self, hashes: u64) -> f64 {
        let seconds = self.elapsed.as_secs_f64();
        if seconds > 0.0 { hashes as f64 / seconds } else { 0.0 }
    }
}

fn add(sum: &mut HostReport, host: &HostReport) {
    sum.leases += host.leases;
    sum.given_again += host.given_again;
    if sum.refused.is_none() {
        sum.refused.clone_from(&host.refused);
    }
    sum.workers.resize(sum.workers.len().max(host.workers.len()), WorkerReport::default());
    for (sum, worker) in sum.workers.iter_mut().zip(&host.workers) {
        sum.add(worker);
    }
}

impl Serialize for Hosts {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Document<'a> {
            host: &'a str,
            kernel: &'static str,
            hashes: u64,
            share: f64,
            hashes_per_s: f64,
            leases: u64,
            given_again: u64,
            refused: Option<&'a str>,
            workers: Vec<WorkerDocument>,
        }
        let all: u64 = self.hosts.iter().map(HostReport::hashes).sum();
        serializer.collect_seq(self.hosts.iter().map(|host| {
            // As the workers of one machine are told, with shares of its own work.
            let report = Report {
                kernel: host.kernel,
                target: crate::pow::Target::ZERO,
                elapsed: self.elapsed,
                workers: host.workers.clone(),
                tested_below: 0,
                best: None,
            };
            Document {
                host: &host.name,
                kernel: host.kernel.name(),
                hashes: host.hashes(),
                share: if all > 0 { host.hashes() as f64 / all as f64 } else { 0.0 },
                hashes_per_s: self.per_second(host.hashes()),
                leases: host.leases,
                given_again: host.given_again,
                refused: host.refused.as_deref(),
                workers: WorkerDocument::all(&report),
            }
        }))
    }
}
