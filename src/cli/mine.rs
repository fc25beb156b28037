//! `stripmine mine`: mines blocks onto a chain file.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use super::arguments::mine::MineArguments;
use super::arguments::shared::OutputForm;
use super::arguments::values::{Difficulty, StartNonce, json_members};
use super::block_data::BlockData;
use super::failure::{Failure, Result};
use super::input::{check_is_not_output, read_json};
use super::json::{self, Mined};
use super::mine_table::{BlockTable, worker_table};
use super::output::{GOOD, Output, styled};
use super::resolve;
use super::search::{HeaderSearch, build_miner};
use super::signals::Signals;
use crate::chain::python_json::{Float, JsonText};
use crate::chain::{
    BlockValues, Candidate, Chain, Ledger, LedgerOptions, Repair, Role, SealedBlock, Timestamp,
};
use crate::machine::Topology;
use crate::miner::{Miner, Outcome, Report, Solution};
use crate::pow::{NonceStart, Target};
use crate::text::{duration, prefixed, shown_path, times};

pub(super) fn mine_blocks(arguments: MineArguments, output: &mut Output) -> Result<()> {
    let signals = Signals::take_over()?;
    let form = arguments.output.format;
    let ended = mine_until_end(arguments, &signals, output);
    ended.map_err(|failure| match failure {
        Failure::Interrupted { is_reported: false, .. } => {
            let text = "interrupted when no search was under way; nothing is half done";
            let fields = Mined::nothing(None);
            failure.after_report(json::print_either(form, "interrupted", &fields, text, output))
        }
        _ => failure,
    })
}

fn mine_until_end(
    mut arguments: MineArguments,
    signals: &Signals,
    output: &mut Output,
) -> Result<()> {
    let topology = Topology::detect();
    let workers = resolve::workers(&arguments.workers, &topology)?;
    let data = std::mem::take(&mut arguments.data);
    let mut data = BlockData::new(data, arguments.blocks, signals, output)?;
    let miner = build_miner(workers)?;
    let further = further(&mut arguments, signals, output)?;
    let destination = Destination::open(&arguments, &further, &topology, signals, output)?;
    let difficulty = arguments.difficulty.or_default();
    let target = difficulty.target();
    let is_new_chain = destination.chain().len() == 1;
    let table = BlockTable::new(&target, arguments.start_nonce.most_digits(&target));
    let mut mining = Mining {
        arguments,
        difficulty,
        target,
        miner,
        destination,
        further,
        is_new_chain,
        table,
        signals,
        output,
    };
    let ended = mining.mine_all(&mut data);
    let concluded = mining.conclude(&ended);
    ended.and(concluded)
}

/// The members of the object that `--block-json` gives.
fn further(
    arguments: &mut MineArguments,
    signals: &Signals,
    output: &mut Output,
) -> Result<Vec<(String, JsonText)>> {
    let Some(argument) = arguments.block_json.take() else { return Ok(Vec::new()) };
    let object = read_json(argument, signals, output)?;
    json_members(&object).map_err(|error| Failure::usage(format!("--block-json: {error}")))
}

/// Where blocks are appended.
enum Destination {
    Ledger(Ledger),
    /// In memory only: a dry run.
    Memory(Chain),
}

impl Destination {
    fn open(
        arguments: &MineArguments,
        further: &[(String, JsonText)],
        topology: &Topology,
        signals: &Signals,
        output: &mut Output,
    ) -> Result<Self> {
        let (path, is_dry_run) = (arguments.chain.clone(), arguments.dry_run);
        let (threads, further) = (topology.all_threads(), further.to_vec());
        let (hints, first_index) = (arguments.dialect.hints(), arguments.first_index);
        let opened = signals.wait_for_cancellable(move |cancel| {
            check_is_not_output(&path)?;
            let mut options = LedgerOptions::default();
            (options.threads, options.cancel) = (threads, Some(cancel));
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
        }
        Ok(destination)
    }

    fn chain(&self) -> &Chain {
        match self {
            Self::Ledger(ledger) => ledger.chain(),
            Self::Memory(chain) => chain,
        }
    }

    fn append(&mut self, block: &SealedBlock) -> Result<()> {
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

/// A run of the command.
struct Mining<'a> {
    arguments: MineArguments,
    difficulty: Difficulty,
    target: Target,
    miner: Miner,
    destination: Destination,
    /// The properties that `--block-json` gives.
    further: Vec<(String, JsonText)>,
    /// Whether the chain had only a genesis block before.
    is_new_chain: bool,
    table: BlockTable,
    signals: &'a Signals,
    output: &'a mut Output,
}

impl Mining<'_> {
    fn mine_all(&mut self, data: &mut BlockData) -> Result<()> {
        loop {
            let Some(data) = data.next(self.signals, self.output)? else { return Ok(()) };
            self.signals.check()?;
            self.mine_one(data)?;
        }
    }

    /// What is known of the next block, beside what follows from the chain.
    fn values(&self, data: Option<JsonText>) -> Result<BlockValues> {
        let chain = self.destination.chain();
        let mut values = BlockValues {
            timestamp: self.arguments.timestamp.clone(),
            data,
            further: self.further.clone(),
        };
        let names = chain.dialect().names;
        let is_free = |role| match names.get(role) {
            None | Some("") => false,
            Some(name) => self.further.iter().all(|(other, _)| other != name),
        };
        if values.timestamp.is_none() && is_free(Role::Timestamp) && chain.takes_time() {
            values.timestamp = Some(now()?);
        }
        if values.data.is_none() && is_free(Role::Data) && chain.takes_text() {
            values.data = Some(JsonText::string(&format!("Block {}", chain.len())));
        }
        Ok(values)
    }

    fn mine_one(&mut self, data: Option<JsonText>) -> Result<()> {
        let values = self.values(data)?;
        let candidate = self.destination.chain().candidate_with(&values);
        let candidate = candidate.map_err(Failure::usage)?;
        let (candidate, first) = match self.arguments.start_nonce {
            StartNonce::At(first) => (candidate, first),
            StartNonce::Cheapest(limit) => {
                let (template, kernel) = (candidate.template(), self.miner.kernel());
                let start = NonceStart::cheapest(template, &self.target, kernel, limit);
                (candidate.starting_at(&start), start.first)
            }
        };
        match self.search(&candidate, first)? {
            Outcome::Found(Solution { nonce, report, .. }) => {
                let block = candidate.seal(nonce);
                self.destination.append(&block)?;
                self.report_found(&block, &report)
            }
            Outcome::Exhausted(report) => {
                let text = format!(
                    "block {}: no nonce from {first} to {} is valid; start lower, or ask for less \
                     work",
                    candidate.index(),
                    u64::MAX
                );
                let reported = self.report_no_block("exhausted", &report, &text);
                Err(Failure::AnsweredNo.after_report(reported))
            }
            Outcome::Cancelled(report) => {
                let hashes = report.hashes() as f64;
                let text = format!(
                    "block {}: interrupted after {} and {} hashes, {} x expected; nothing of it \
                     was written",
                    candidate.index(),
                    duration(report.elapsed),
                    prefixed(hashes),
                    times(hashes / self.target.expected_hashes()),
                );
                let reported = self.report_no_block("interrupted", &report, &text);
                let failure = self.signals.failure().unwrap_or(Failure::AnsweredNo);
                Err(failure.after_report(reported))
            }
        }
    }

    fn search(&mut self, candidate: &Candidate, first: u64) -> Result<Outcome> {
        let path = shown_path(&self.arguments.chain);
        let search = HeaderSearch {
            template: candidate.template(),
            target: &self.target,
            first,
            last: None,
            order: self.arguments.order(),
            title: format!("block {} onto {path}", candidate.index()),
            difficulty: self.difficulty.to_string(),
        };
        search.search_with_progress(&self.miner, self.signals, self.output)
    }

    fn report_found(&mut self, block: &SealedBlock, report: &Report) -> Result<()> {
        if self.is_json() {
            return json::print_outcome("found", &Mined::block(block, report)?, self.output);
        }
        self.output.line(&self.table.found(block, report))?;
        if self.arguments.verbose {
            self.print_workers(report)?;
        }
        self.output.flush()
    }

    fn report_no_block(&mut self, outcome: &str, report: &Report, text: &str) -> Result<()> {
        let (form, fields) = (self.arguments.output.format, Mined::nothing(Some(report)));
        json::print_either(form, outcome, &fields, text, self.output)
    }

    /// Prints the totals, however the run ended.
    fn conclude(&mut self, ended: &Result<()>) -> Result<()> {
        if self.is_json() || matches!(ended, Err(Failure::ReaderLeft)) {
            return Ok(());
        }
        let total = self.table.total();
        if let Some(total) = &total {
            self.output.line(total)?;
        }
        if let Some(run) = self.table.run.clone() {
            if !self.arguments.verbose || total.is_some() {
                self.print_workers(&run)?;
            }
            self.output.line(&self.closing_line())?;
        }
        self.output.flush()
    }

    fn print_workers(&mut self, report: &Report) -> Result<()> {
        self.output.line("")?;
        worker_table(report).iter().try_for_each(|line| self.output.line(line))
    }

    fn closing_line(&self) -> String {
        let path = shown_path(&self.arguments.chain);
        let blocks = self.destination.chain().len();
        if self.arguments.dry_run {
            return format!("{path}: dry run, nothing was written");
        }
        // Earlier blocks may have been mined with less work.
        let work = if self.is_new_chain { self.difficulty.flag() } else { String::new() };
        let (synced, quoted) = (styled(GOOD, "synced"), quoted(&path));
        format!("{path}: {blocks} blocks, {synced}. Check it: stripmine verify{work}{quoted}")
    }

    fn is_json(&self) -> bool {
        self.arguments.output.format == OutputForm::Json
    }
}

/// The time, in Unix seconds to the millisecond.
pub(super) fn now() -> Result<Timestamp> {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|error| {
        let problem = "the clock says it is before 1970; set it, or --timestamp";
        Failure::system(format!("{problem}: {error}"))
    })?;
    let float = Float::new(since_epoch.as_millis() as f64 / 1000.0);
    float.map(Timestamp::Float).ok_or_else(|| Failure::system("the clock is beyond all numbers"))
}

/// A path as a further argument, quoted for a shell; nothing for the default chain.
fn quoted(path: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./+,:@%".contains(c);
    match path {
        "chain.jsonl" => String::new(),
        _ if path.chars().all(is_plain) => format!(" {path}"),
        _ => format!(" '{}'", path.replace('\'', "'\\''")),
    }
}
