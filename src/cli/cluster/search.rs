//! A search by the hosts of a cluster, with progress, until it ends or a signal stops it.

use std::time::Duration;

use super::access::{access, failure};
use super::hosts::Hosts;
use super::progress::ClusterProgress;
use crate::cli::arguments::cluster::ClusterArguments;
use crate::cli::failure::{Failure, Result};
use crate::cli::output::Output;
use crate::cli::search::HeaderSearch;
use crate::cli::signals::Signals;
use crate::cluster::{Coordinator, Ended, Job, Owner, Progress, Span, Task};
use crate::miner::{Outcome, Report, Solution};
use crate::pow::{Hit, Kernel, Target};
use crate::text::escaped;

/// The outcome of a search, and the hosts where a cluster searched.
pub(in crate::cli) type OutcomeAndHosts = (Outcome, Option<Hosts>);

/// A connection to a cluster.
pub(in crate::cli) struct Cluster(Coordinator);

impl Cluster {
    /// Connects, if a cluster was asked for.
    pub(in crate::cli) fn connect(arguments: &ClusterArguments) -> Result<Option<Self>> {
        let Some(servers) = &arguments.servers else { return Ok(None) };
        let access = access(servers, &arguments.access)?;
        Coordinator::connect(&access).map(|it| Some(Self(it))).map_err(failure)
    }

    /// The note of this search, if it was begun by an earlier run of the command.
    pub(in crate::cli) fn note_of_search(&mut self, id: &str) -> Result<Option<String>> {
        self.0.note_of_search(id).map_err(failure)
    }

    /// Searches, showing progress, until the search ends, or a signal or an owner to whom the
    /// answer has become obsolete withdraws it. The id names the search over restarts of the
    /// command; the note, which a restart must take over, is kept with it.
    pub(in crate::cli) fn search(
        &mut self,
        search: HeaderSearch<'_>,
        id: &str,
        note: &str,
        is_obsolete: &mut dyn FnMut() -> bool,
        signals: &Signals,
        output: &mut Output,
    ) -> Result<OutcomeAndHosts> {
        let range = range(&search);
        let task = Task { template: search.template.clone(), target: *search.target, range };
        let job = Job { id: id.to_owned(), task, note: note.to_owned() };
        let mut shown =
            ClusterProgress::new(search.title, search.difficulty, search.target, output);
        let mut was_obsolete = false;
        let searched = self.0.search(
            &job,
            &mut Owner {
                cancel: signals.cancel_token(),
                is_obsolete: &mut || {
                    was_obsolete = is_obsolete();
                    was_obsolete
                },
                listener: &mut |progress| {
                    shown.update(&progress, signals.take_request(), output);
                },
            },
        );
        drop(shown);
        let searched = searched.map_err(failure)?;
        for note in &searched.progress.notes {
            output.note(&escaped(note));
        }
        if was_obsolete {
            return Err(Failure::refused(
                "the chain has moved on: another program has written to its file; the search was \
                 withdrawn",
            ));
        }
        Ok(outcome(&searched, search.target, range))
    }

    /// Lets the cluster forget a search whose answer is in safety.
    pub(in crate::cli) fn forget(&mut self, id: &str) {
        self.0.forget(id);
    }
}

/// The nonces to try.
fn range(search: &HeaderSearch<'_>) -> Span {
    let last = search.last.unwrap_or_else(|| search.template.last_nonce_from(search.first));
    Span { first: search.first, last }
}

/// The outcome, told as that of one machine with the workers of all hosts.
fn outcome(
    searched: &crate::cluster::EndedSearch,
    target: &Target,
    range: Span,
) -> OutcomeAndHosts {
    let Progress { elapsed, hosts, floor, best, .. } = &searched.progress;
    let by_work = hosts.iter().max_by_key(|host| host.hashes());
    let kernel = by_work.map_or_else(Kernel::detect, |host| host.kernel);
    let hosts = Hosts::new(hosts.clone(), *elapsed);
    let mut report = Report {
        kernel,
        target: *target,
        elapsed: (*elapsed).max(Duration::from_nanos(1)),
        workers: hosts.workers(),
        tested_below: u128::from(*floor),
        best: *best,
    };
    let outcome = match searched.ended {
        Ended::Found(nonce, digest) => {
            report.tested_below = u128::from(nonce) + 1;
            report.best = Some(Hit { nonce, digest });
            Outcome::Found(Solution { nonce, digest, stopped_after: Duration::ZERO, report })
        }
        Ended::Exhausted => {
            report.tested_below = u128::from(range.last) + 1;
            Outcome::Exhausted(report)
        }
        Ended::Withdrawn => Outcome::Cancelled(report),
    };
    (outcome, Some(hosts))
}
