//! `stripmine mine`: mines blocks onto a chain file.

use std::path::Path;
use std::time::SystemTime;

use super::arguments::mine::MineArguments;
use super::arguments::shared::OutputForm;
use super::arguments::values::{self, DEFAULT_CHAIN, Difficulty, StartNonce};
use super::block_data::{BlockData, NextData};
use super::block_values::{block_values, further, needs_time, now};
use super::cluster::{self, Cluster, Hosts, OutcomeAndHosts, search_id};
use super::destination::Destination;
use super::failure::{Failure, Result, Stop};
use super::input::check_is_read_once;
use super::json::{self, MinedDocument};
use super::mine_table::{BlockTable, worker_table};
use super::output::{GOOD, Output, stdout_width, styled};
use super::resolve;
use super::search::{HeaderSearch, build_miner};
use super::signals::Signals;
use super::unfound::TestedNonces;
use crate::chain::python_json::JsonText;
use crate::chain::{BlockValues, Candidate, SealedBlock, Timestamp};
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
                format!("{} when no search was under way; nothing is half done", stop.in_words());
            let (name, fields) = (stop.outcome(), MinedDocument::nothing());
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
    check_is_read_once(arguments.inputs())?;
    let topology = Topology::detect();
    let workers = resolve::workers(&arguments.workers, &topology, output)?;
    let line_flag = arguments.data.line_flag();
    let data = std::mem::take(&mut arguments.data);
    let mut data = BlockData::new(data, arguments.blocks, signals, output)?;
    cluster::check_fits(&arguments.cluster, arguments.start_nonce, arguments.order())?;
    let cluster = Cluster::connect(&arguments.cluster)?;
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
        line_flag,
        difficulty,
        target,
        miner,
        cluster,
        hosts: None,
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

/// A run of the command.
struct Mining<'a> {
    arguments: MineArguments,
    /// The flag that takes one line of the file whose lines are the blocks' data.
    line_flag: Option<&'static str>,
    difficulty: Difficulty,
    target: Target,
    miner: Miner,
    /// Searches instead of the miner.
    cluster: Option<Cluster>,
    /// What its hosts did in the run.
    hosts: Option<Hosts>,
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

    fn mine_one(&mut self, data: Option<JsonText>) -> Result<()> {
        let chain = self.destination.chain();
        let mut values = block_values(chain, &self.arguments, data, &self.further);
        let needs_time = needs_time(chain, &values);
        let id = self.cluster.as_ref().map(|_| self.search_id(&values)).transpose()?;
        let id = id.unwrap_or_default();
        if needs_time {
            values.timestamp = Some(self.time(&id)?);
        }
        let candidate = self.destination.chain().candidate_with(&values);
        let candidate = candidate.map_err(Failure::usage)?;
        let (candidate, leading_digits, first) = self.choose_start(candidate);
        let timestamp = values.timestamp.as_ref();
        let (outcome, hosts) = self.search(&candidate, first, &id, timestamp)?;
        if let Outcome::Found(Solution { nonce, report, .. }) = &outcome {
            let block = candidate.seal(*nonce);
            self.destination.append(&block)?;
            if let Some(cluster) = &mut self.cluster {
                cluster.forget(&id);
            }
            return self.report_found(&block, report, hosts);
        }
        let tested = TestedNonces {
            first,
            last: u64::MAX,
            largest: u64::MAX,
            leading_digits: &leading_digits,
            report: outcome.report(),
        };
        let stop = matches!(outcome, Outcome::Cancelled(_)).then(|| self.signals.stop());
        self.report_unfound(candidate.index(), stop, &tested, timestamp, hosts)
    }

    /// The candidate with the digits that are fixed, these digits, and the first nonce to try.
    fn choose_start(&self, candidate: Candidate) -> (Candidate, String, u64) {
        match self.arguments.start_nonce {
            StartNonce::At(first) => (candidate, String::new(), first),
            StartNonce::Cheapest(limit) => {
                let (template, kernel) = (candidate.template(), self.miner.kernel());
                let start = NonceStart::cheapest(template, &self.target, kernel, limit);
                (candidate.starting_at(&start), start.leading_digits(), start.first)
            }
        }
    }

    /// Reports a search that was stopped, or that has found no valid nonce, and fails as it says.
    fn report_unfound(
        &mut self,
        index: u64,
        stop: Option<Stop>,
        tested: &TestedNonces<'_>,
        timestamp: Option<&Timestamp>,
        hosts: Option<Hosts>,
    ) -> Result<()> {
        let (name, failure, ending) = if let Some(stop) = stop {
            (stop.outcome(), stop.into(), self.describe_stop(stop, tested, timestamp))
        } else {
            let (first, last) = (tested.first, tested.last);
            let ending = format!(
                "no nonce from {first} to {last} is valid; start lower, or ask for less work"
            );
            ("exhausted", Failure::AnsweredNo, ending)
        };
        let best = tested.best().map(|best| format!("\nbest hash {best}")).unwrap_or_default();
        let text = format!("block {index}: {ending}{best}");
        let fields = MinedDocument::unfound(tested, timestamp)?.by(hosts);
        let form = self.arguments.output.format;
        Err(failure.after_report(json::print_either(form, name, &fields, &text, self.output)))
    }

    /// Describes a search that was stopped, and how to go on with it.
    fn describe_stop(
        &self,
        stop: Stop,
        tested: &TestedNonces<'_>,
        timestamp: Option<&Timestamp>,
    ) -> String {
        let hashes = tested.report.hashes() as f64;
        let work = format!(
            "{} after {} and {} hashes, {} x expected; nothing of it was written",
            stop.in_words(),
            duration(tested.report.elapsed),
            prefixed(hashes),
            times(hashes / self.target.expected_hashes()),
        );
        let data = self.line_flag.map(|flag| format!("its line as {flag}, ")).unwrap_or_default();
        let blocks = if self.arguments.blocks > 1 { "--blocks 1 " } else { "" };
        let timestamp = timestamp.map(|it| format!("--timestamp {it} ")).unwrap_or_default();
        let flags = format!("{data}{blocks}{timestamp}");
        format!("{work}\n{}", tested.how_to_go_on(&flags))
    }

    /// Names the search for this data in the cluster, whatever the clock says.
    fn search_id(&self, values: &BlockValues) -> Result<String> {
        let (chain, given) = (self.destination.chain(), values.timestamp.clone());
        let mut fixed = values.clone();
        if needs_time(chain, values) {
            fixed.timestamp = Some(Timestamp::Text(String::new()));
        }
        let candidate = chain.candidate_with(&fixed).map_err(Failure::usage)?;
        let template = candidate.template();
        Ok(search_id(&[
            b"mine",
            template.prefix(),
            template.suffix(),
            self.target.as_be_bytes(),
            format!("{:?}", self.arguments.start_nonce).as_bytes(),
            given.map_or_else(String::new, |given| given.to_string()).as_bytes(),
        ]))
    }

    /// The timestamp of a search which the cluster still has, or the time.
    fn time(&mut self, id: &str) -> Result<Timestamp> {
        let note = self.cluster.as_mut().map(|cluster| cluster.note_of_search(id)).transpose()?;
        match note.flatten() {
            Some(note) => values::timestamp(&note).map_err(Failure::refused),
            None => now(),
        }
    }

    fn search(
        &mut self,
        candidate: &Candidate,
        first: u64,
        id: &str,
        timestamp: Option<&Timestamp>,
    ) -> Result<OutcomeAndHosts> {
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
        let Some(cluster) = &mut self.cluster else {
            let outcome = search.search_with_progress(&self.miner, self.signals, self.output)?;
            return Ok((outcome, None));
        };
        let before = file_state(&self.arguments.chain);
        let note = timestamp.map_or_else(String::new, Timestamp::to_string);
        let is_obsolete = &mut || file_state(&self.arguments.chain) != before;
        cluster.search(search, id, &note, is_obsolete, self.signals, self.output)
    }

    fn report_found(
        &mut self,
        block: &SealedBlock,
        report: &Report,
        hosts: Option<Hosts>,
    ) -> Result<()> {
        if self.is_json() {
            let fields = MinedDocument::block(block, report)?.by(hosts);
            return json::print_outcome("found", &fields, self.output);
        }
        self.output.line(&self.table.found(block, report))?;
        if self.arguments.verbose {
            self.print_workers(report, hosts.as_ref())?;
        }
        match (&mut self.hosts, hosts) {
            (Some(sum), Some(hosts)) => sum.add(&hosts),
            (sum, hosts) => *sum = hosts,
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
                let hosts = self.hosts.clone();
                self.print_workers(&run, hosts.as_ref())?;
            }
            self.output.line(&self.closing_line())?;
        }
        self.output.flush()
    }

    fn print_workers(&mut self, report: &Report, hosts: Option<&Hosts>) -> Result<()> {
        self.output.line("")?;
        let is_verbose = self.arguments.verbose;
        let table = match hosts {
            Some(hosts) => hosts.table(is_verbose),
            None => worker_table(report, is_verbose),
        };
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
        let named = || format!(" {}", shell_word(&self.arguments.chain));
        let chain = if is_default { String::new() } else { named() };
        let synced = styled(GOOD, "synced");
        format!("{path}: {blocks} blocks, {synced}. Check it: stripmine verify{work}{chain}")
    }

    fn is_json(&self) -> bool {
        self.arguments.output.format == OutputForm::Json
    }
}

/// What changes when another program writes to the file: its length and its time. `None` when it
/// cannot be looked at.
fn file_state(path: &Path) -> Option<(u64, SystemTime)> {
    let metadata = path.metadata().ok()?;
    Some((metadata.len(), metadata.modified().ok()?))
}
