//! `stripmine mine`: mines blocks onto a chain file.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use super::arguments::mine::MineArguments;
use super::arguments::shared::OutputForm;
use super::arguments::values::{DEFAULT_CHAIN, Difficulty, StartNonce, json_members};
use super::block_data::{BlockData, NextData};
use super::failure::{Failure, Result, Stop};
use super::input::{check_is_not_output, read_json};
use super::json::{self, Mined};
use super::mine_table::{BlockTable, worker_table};
use super::output::{GOOD, Output, stdout_width, styled};
use super::resolve;
use super::search::{HeaderSearch, build_miner};
use super::signals::Signals;
use super::unfound::Tested;
use crate::chain::python_json::{Float, JsonText};
use crate::chain::{
    BlockValues, Candidate, Chain, Ledger, LedgerOptions, Repair, Role, SealedBlock, Timestamp,
};
use crate::machine::Topology;
use crate::miner::{Miner, Outcome, Report, Solution};
use crate::pow::{NonceStart, Target};
use crate::text::{duration, prefixed, shell_word, shown_path, times};

pub(super) fn mine_blocks(arguments: MineArguments, output: &mut Output) -> Result<()> {
    let signals = Signals::take_over()?;
    signals.stop_after(arguments.limit.time_limit);
    let form = arguments.output.format;
    let ended = mine_until_end(arguments, &signals, output);
    ended.map_err(|failure| match failure {
        Failure::Stopped { stop, is_reported: false } => {
            let text =
                format!("{} when no search was under way; nothing is half done", stop.told());
            let (name, fields) = (stop.outcome(), Mined::nothing());
            failure.after_report(json::print_either(form, name, &fields, &text, output))
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
    let workers = resolve::workers(&arguments.workers, &topology, output)?;
    let data = std::mem::take(&mut arguments.data);
    let mut data = BlockData::new(data, arguments.blocks, signals, output)?;
    let miner = build_miner(workers)?;
    let further = further(&mut arguments, signals, output)?;
    let destination = Destination::open(&arguments, &further, &topology, signals, output)?;
    let difficulty = arguments.difficulty.or_default();
    let target = difficulty.target();
    let is_new_chain = destination.chain().len() == 1;
    let table =
        BlockTable::new(&target, arguments.start_nonce.most_digits(&target), stdout_width());
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
            let Some(NextData(data)) = data.next(self.signals, self.output)? else { return Ok(()) };
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
        let (candidate, leading_digits, first) = match self.arguments.start_nonce {
            StartNonce::At(first) => (candidate, String::new(), first),
            StartNonce::Cheapest(limit) => {
                let (template, kernel) = (candidate.template(), self.miner.kernel());
                let start = NonceStart::cheapest(template, &self.target, kernel, limit);
                (candidate.starting_at(&start), start.leading_digits(), start.first)
            }
        };
        let outcome = self.search(&candidate, first)?;
        if let Outcome::Found(Solution { nonce, report, .. }) = &outcome {
            let block = candidate.seal(*nonce);
            self.destination.append(&block)?;
            return self.report_found(&block, report);
        }
        let timestamp = values.timestamp.as_ref();
        let stop = self.signals.stop();
        let (name, failure) = match outcome {
            Outcome::Cancelled(_) => (stop.outcome(), stop.into()),
            _ => ("exhausted", Failure::AnsweredNo),
        };
        let tested = Tested {
            first,
            last: u64::MAX,
            largest: u64::MAX,
            leading_digits: &leading_digits,
            report: outcome.report(),
        };
        let told = match outcome {
            Outcome::Cancelled(_) => self.told_of_stop(stop, &tested, timestamp),
            _ => format!(
                "no nonce from {first} to {} is valid; start lower, or ask for less work",
                u64::MAX
            ),
        };
        let best = tested.best().map(|best| format!("\nbest hash {best}")).unwrap_or_default();
        let text = format!("block {}: {told}{best}", candidate.index());
        let fields = Mined::unfound(&tested, timestamp)?;
        let form = self.arguments.output.format;
        Err(failure.after_report(json::print_either(form, name, &fields, &text, self.output)))
    }

    /// What is told of a search that was stopped.
    fn told_of_stop(
        &self,
        stop: Stop,
        tested: &Tested<'_>,
        timestamp: Option<&Timestamp>,
    ) -> String {
        let hashes = tested.report.hashes() as f64;
        let work = format!(
            "{} after {} and {} hashes, {} x expected; nothing of it was written",
            stop.told(),
            duration(tested.report.elapsed),
            prefixed(hashes),
            times(hashes / self.target.expected_hashes()),
        );
        let is_of_lines = self.arguments.data.data_lines.is_some();
        let data = if is_of_lines { "its line as --data, " } else { "" };
        let blocks = if self.arguments.blocks > 1 { "--blocks 1 " } else { "" };
        let timestamp = timestamp.map(|it| format!("--timestamp {it} ")).unwrap_or_default();
        let flags = format!("{data}{blocks}{timestamp}");
        format!("{work}\n{}", tested.how_to_go_on(&flags))
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
        let table = worker_table(report, self.arguments.verbose);
        table.iter().try_for_each(|line| self.output.line(line))
    }

    fn closing_line(&self) -> String {
        let path = shown_path(&self.arguments.chain);
        let blocks = self.destination.chain().len();
        if self.arguments.dry_run {
            return format!("{path}: dry run, nothing was written");
        }
        // Earlier blocks may have been mined with less work.
        let work = if self.is_new_chain { self.difficulty.flag() } else { String::new() };
        let is_default = self.arguments.chain == Path::new(DEFAULT_CHAIN);
        let named = format!(" {}", shell_word(&self.arguments.chain));
        let chain = if is_default { "" } else { &named };
        let synced = styled(GOOD, "synced");
        format!("{path}: {blocks} blocks, {synced}. Check it: stripmine verify{work}{chain}")
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
