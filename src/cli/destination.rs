//! Where mined blocks go: the chain's file, or nowhere in a dry run.

use std::path::Path;

use super::arguments::mine::MineArguments;
use super::failure::{Failure, Result};
use super::input::check_is_not_output;
use super::output::Output;
use super::signals::Signals;
use crate::chain::python_json::JsonText;
use crate::chain::{Chain, Ledger, LedgerOptions, Repair, SealedBlock};
use crate::machine::Topology;
use crate::text::shown_path;

/// Where blocks are appended.
pub(super) enum Destination {
    Ledger(Ledger),
    /// In memory only: a dry run.
    Memory(Chain),
}

impl Destination {
    pub(super) fn open(
        arguments: &MineArguments,
        further: &[(String, JsonText)],
        topology: &Topology,
        signals: &Signals,
        output: &mut Output,
    ) -> Result<Self> {
        let MineArguments { chain: path, dry_run, no_lock, .. } = arguments;
        let (path, is_dry_run, needs_lock) = (path.clone(), *dry_run, !*no_lock);
        let (threads, further) = (topology.all_threads(), further.to_vec());
        let (hints, first_index) = (arguments.dialect.hints(), arguments.first_index);
        let opened = signals.wait_for_cancellable(move |cancel| {
            check_is_not_output(&path)?;
            let mut options = LedgerOptions::default();
            (options.threads, options.cancel) = (threads, Some(cancel));
            options.needs_lock = needs_lock;
            (options.dialect, options.first_index) = (Some(&hints), first_index);
            options.further = &further;
            Ok(if is_dry_run {
                Self::Memory(Ledger::peek_with(&path, &options)?)
            } else {
                Self::Ledger(Ledger::open_with(&path, &options)?)
            })
        })?;
        let destination = opened.map_err(|error| signals.failure().unwrap_or(error))?;
        if let Self::Ledger(ledger) = &destination {
            note_repair(ledger, &arguments.chain, output);
            warn_of_disk(ledger, &arguments.chain, output);
        }
        Ok(destination)
    }

    pub(super) fn chain(&self) -> &Chain {
        match self {
            Self::Ledger(ledger) => ledger.chain(),
            Self::Memory(chain) => chain,
        }
    }

    pub(super) fn append(&mut self, block: &SealedBlock) -> Result<()> {
        match self {
            Self::Ledger(ledger) => Ok(ledger.append(block)?),
            Self::Memory(chain) => chain.accept(block).map_err(Failure::refused),
        }
    }
}

fn note_repair(ledger: &Ledger, path: &Path, output: &mut Output) {
    let path = shown_path(path);
    match ledger.repair() {
        None => {}
        Some(Repair::NewlineAdded) => {
            output.note(&format!("{path}: added the newline that the last block was missing"));
        }
        Some(Repair::TornAppend { len, moved_to, .. }) => output.note(&format!(
            "{path}: an append was cut short; moved its {len} bytes to {}",
            shown_path(moved_to)
        )),
    }
}

/// Says what the file system cannot promise.
fn warn_of_disk(ledger: &Ledger, path: &Path, output: &mut Output) {
    let path = shown_path(path);
    if !ledger.is_locked() {
        output.note(&format!(
            "{path}: not locked, because its file system has no locks; see to it that nothing else \
             writes to it"
        ));
    }
    if let Some(error) = ledger.directory_error() {
        output.note(&format!(
            "{path}: its directory cannot be synced ({error}): every block is synced, but a power \
             loss soon after may take a file that was just made there"
        ));
    }
}
