//! One search with progress, until it ends or a signal stops it.

use super::failure::{Failure, Result};
use super::output::Output;
use super::search_progress::SearchProgress;
use super::search_screen::SearchHeading;
use super::signals::Signals;
use super::stopped_time::StoppedTime;
use crate::miner::{BuildError, Miner, MinerBuilder, Order, Outcome, Search};
use crate::pow::{Target, Template};
use crate::text::{counted, duration};

/// A miner with these workers.
pub(super) fn build_miner(workers: MinerBuilder) -> Result<Miner> {
    workers.build().map_err(|error| match error {
        BuildError::SelfTest(_) => Failure::refused(error),
        BuildError::Spawn { .. } => Failure::system(error),
        _ => Failure::usage(error),
    })
}

/// A header to search, and what its progress calls it.
pub(super) struct HeaderSearch<'a> {
    pub(super) template: &'a Template,
    pub(super) target: &'a Target,
    /// The first nonce to try.
    pub(super) first: u64,
    /// The last nonce to try; without one, the largest that the header can hold.
    pub(super) last: Option<u64>,
    pub(super) order: Order,
    /// Such as "block 4 onto chain.jsonl".
    pub(super) title: String,
    /// Such as "8 hex zeros (32 bits)".
    pub(super) difficulty: String,
}

impl HeaderSearch<'_> {
    /// Searches, showing progress, until the search ends or a signal cancels it.
    pub(super) fn search_with_progress(
        self,
        miner: &Miner,
        signals: &Signals,
        output: &mut Output,
    ) -> Result<Outcome> {
        let heading = SearchHeading {
            title: self.title,
            difficulty: self.difficulty,
            workers: format!("{}, {}", miner.kernel(), counted(miner.threads(), "worker")),
            expected_hashes: self.target.expected_hashes(),
        };
        let mut shown = SearchProgress::new(heading, output.progress);
        let mut stopped = StoppedTime::start(signals.continued());
        let search = Search { first: self.first, last: self.last, ..Search::default() }
            .with_order(self.order)
            .with_cancel(signals.cancel_token().clone())
            .with_listener(|progress| {
                stopped.tick();
                let progress = stopped.progress(progress);
                if signals.take_request() {
                    shown.print_line(&progress, output);
                }
                shown.update(&progress, output);
            });
        let mut outcome =
            miner.search(self.template, self.target, search).map_err(Failure::system)?;
        drop(shown);
        if let Some(time) = stopped.take_out_of(&mut outcome) {
            output.note(&format!("stopped for {}; no rate counts that time", duration(time)));
        }
        Ok(outcome)
    }
}
