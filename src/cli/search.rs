//! One search: on the miner that was asked for, with progress, until it ends or a signal comes.

use super::arguments::WorkerArguments;
use super::failure::Failure;
use super::output::Output;
use super::pinning::pin_workers;
use super::search_progress::{Display, Subject};
use super::signals::Signals;
use crate::machine::Topology;
use crate::miner::{BuildError, Miner, Order, Outcome, Search};
use crate::pow::{Target, Template};
use crate::text::counted;

/// The miner that was asked for.
pub(super) fn build_miner(
    workers: &WorkerArguments,
    topology: &Topology,
) -> Result<Miner, Failure> {
    let mut builder = Miner::builder().threads(workers.threads(topology)).kernel(workers.kernel());
    if workers.pin {
        builder = pin_workers(builder, topology)?;
    }
    builder.build().map_err(|error| match error {
        BuildError::SelfTest(_) => Failure::refused(error),
        BuildError::Spawn { .. } => Failure::system(error),
        _ => Failure::usage(error),
    })
}

/// Who searches, for people: `avx512, 2 workers`.
pub(super) fn workers(miner: &Miner) -> String {
    format!("{}, {}", miner.kernel(), counted(miner.threads(), "worker"))
}

/// What to search, and what to call it.
pub(super) struct Task<'a> {
    pub(super) template: &'a Template,
    pub(super) target: &'a Target,
    /// The first nonce to try.
    pub(super) first: u64,
    /// The last nonce to try; without one, the largest that the header can hold.
    pub(super) last: Option<u64>,
    pub(super) order: Order,
    pub(super) subject: Subject,
}

impl Task<'_> {
    /// Searches, showing progress, until the search ends or a signal cancels it.
    pub(super) fn run(
        self,
        miner: &Miner,
        signals: &Signals,
        quiet: bool,
        output: &mut Output,
    ) -> Result<Outcome, Failure> {
        let mut display = Display::new(self.subject, quiet);
        let search = Search { first: self.first, last: self.last, ..Search::default() }
            .with_order(self.order)
            .with_cancel(signals.cancel_token().clone())
            .with_listener(|progress| display.update(progress, output));
        miner.search(self.template, self.target, search).map_err(Failure::system)
    }
}
