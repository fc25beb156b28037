//! `stripmine solve`: searches a header from elsewhere.

use std::path::Path;

use super::arguments::header::SolveArguments;
use super::arguments::shared::OutputForm;
use super::arguments::values::{HexBytes, StartNonce};
use super::cluster::{self, Cluster, OutcomeAndHosts, search_id};
use super::failure::{Failure, Result, Stop};
use super::input::{read_bytes, source};
use super::json;
use super::mine_table::worker_table;
use super::output::{HEADING, Output, styled};
use super::resolve::workers;
use super::search::{HeaderSearch, build_miner};
use super::signals::Signals;
use super::unfound::TestedNonces;
use crate::chain::MAX_LINE_LEN;
use crate::machine::Topology;
use crate::miner::{Order, Outcome, Report, Solution};
use crate::pow::{NonceEncoding, NonceStart, Target, Template};
use crate::text::{duration, grouped, mega, prefixed, short_hash, times};

/// The longest prefix that a file may hold, in bytes: as much as a block's line.
const MAX_PREFIX_LEN: usize = MAX_LINE_LEN;

/// A header from elsewhere, with its target.
struct Header {
    template: Template,
    target: Target,
    /// Its name in the progress.
    title: String,
    difficulty: String,
}

pub(super) fn solve_header(arguments: &SolveArguments, output: &mut Output) -> Result<()> {
    let signals = Signals::take_over()?;
    signals.stop_after(arguments.limit.time_limit);
    let Header { template, target, title, difficulty } = header(arguments, &signals)?;
    cluster::check_fits(&arguments.cluster, arguments.start_nonce, Order::Lowest)?;
    let cluster = Cluster::connect(&arguments.cluster)?;
    let miner = build_miner(workers(&arguments.workers, &Topology::detect(), output)?)?;
    let (template, leading_digits, first) = match arguments.start_nonce {
        StartNonce::At(first) => (template, String::new(), first),
        StartNonce::Cheapest(limit) => {
            let start = NonceStart::cheapest(&template, &target, miner.kernel(), limit);
            (start.template(&template), start.leading_digits(), start.first)
        }
    };
    let last = last_nonce(arguments, first, &template)?;
    let search = HeaderSearch {
        template: &template,
        target: &target,
        first,
        last: arguments.end_nonce,
        order: Order::Lowest,
        title,
        difficulty,
    };
    let searched = match cluster {
        None => (search.search_with_progress(&miner, &signals, output)?, None),
        Some(cluster) => search_in_cluster(cluster, search, last, &signals, output)?,
    };
    let tested = TestedNonces {
        first,
        last,
        largest: template.encoding().max_nonce(),
        leading_digits: &leading_digits,
        report: searched.0.report(),
    };
    report(&searched, &tested, &signals, arguments, output)
}

fn search_in_cluster(
    mut cluster: Cluster,
    search: HeaderSearch<'_>,
    last: u64,
    signals: &Signals,
    output: &mut Output,
) -> Result<OutcomeAndHosts> {
    let id = search_id(&[
        b"solve",
        search.template.prefix(),
        search.template.suffix(),
        format!("{:?}", (search.template.encoding(), search.template.hashing())).as_bytes(),
        search.target.as_be_bytes(),
        &search.first.to_le_bytes(),
        &last.to_le_bytes(),
    ]);
    cluster.search(search, &id, "", &mut || false, signals, output)
}

/// Prints the outcome, and ends as it says.
fn report(
    (outcome, hosts): &OutcomeAndHosts,
    tested: &TestedNonces<'_>,
    signals: &Signals,
    arguments: &SolveArguments,
    output: &mut Output,
) -> Result<()> {
    let stop = signals.stop();
    let (name, failure) = match outcome {
        Outcome::Found(_) => ("found", None),
        Outcome::Exhausted(_) => ("exhausted", Some(Failure::AnsweredNo)),
        Outcome::Cancelled(_) => (stop.outcome(), Some(stop.into())),
    };
    let reported = match arguments.output.format {
        OutputForm::Json => {
            json::print_solved(name, outcome.solution(), tested, hosts.as_ref(), output)
        }
        OutputForm::Text => {
            let result = result(outcome, tested, stop);
            output.line(&format!("{result}\n")).and_then(|()| {
                let table = match hosts {
                    Some(hosts) => hosts.table(arguments.verbose),
                    None => worker_table(tested.report, arguments.verbose),
                };
                table.iter().try_for_each(|line| output.line(line))
            })
        }
    };
    match failure {
        None => reported,
        Some(failure) => Err(Failure::after_report(failure, reported)),
    }
}

fn header(arguments: &SolveArguments, signals: &Signals) -> Result<Header> {
    let difficulty = arguments.difficulty.or_default();
    let (template, target, title, work) = match &arguments.header.bitcoin {
        Some(bitcoin) => {
            let bits = format!("{} bits", bitcoin.target.leading_zero_bits());
            (Template::bitcoin(&bitcoin.bytes), bitcoin.target, "a Bitcoin header", bits)
        }
        None => (
            text_header(arguments, signals)?,
            difficulty.target(),
            "a text",
            difficulty.to_string(),
        ),
    };
    let of_target = |target| (target, format!("target {}", short_hash(&format!("{target}"))));
    let (target, difficulty) = arguments.target.map_or((target, work), of_target);
    Ok(Header { template, target, title: title.to_owned(), difficulty })
}

/// Bytes around a decimal nonce.
fn text_header(arguments: &SolveArguments, signals: &Signals) -> Result<Template> {
    let header = &arguments.header;
    let prefix = match (&header.prefix, &header.prefix_hex, &header.prefix_file) {
        (Some(text), ..) => text.clone().into_bytes(),
        (_, Some(HexBytes(bytes)), _) => bytes.clone(),
        (.., Some(path)) => prefix_of_file(path, signals)?,
        (None, None, None) => return Err(Failure::usage("name a header: --bitcoin or --prefix")),
    };
    let suffix = match &arguments.suffix_hex {
        Some(HexBytes(bytes)) => bytes.clone(),
        None => arguments.suffix.clone().into_bytes(),
    };
    Ok(Template::new(prefix, NonceEncoding::Decimal, suffix))
}

fn prefix_of_file(path: &Path, signals: &Signals) -> Result<Vec<u8>> {
    let opened = path.to_owned();
    let bytes = signals.wait_for(move || read_bytes(&opened, MAX_PREFIX_LEN + 1))??;
    if bytes.len() > MAX_PREFIX_LEN {
        let name = source(path);
        return Err(Failure::usage(format!(
            "{name}: the file is longer than a prefix may be, {MAX_PREFIX_LEN} bytes"
        )));
    }
    Ok(bytes)
}

/// The last nonce to try.
fn last_nonce(arguments: &SolveArguments, first: u64, template: &Template) -> Result<u64> {
    let largest = template.encoding().max_nonce();
    let last = arguments.end_nonce.unwrap_or(largest);
    if first > last || last > largest {
        return Err(Failure::usage(format!(
            "no nonces from {first} to {last}: this header holds 0 to {largest}"
        )));
    }
    Ok(last)
}

/// The result and the work, without the table of the workers.
fn result(outcome: &Outcome, tested: &TestedNonces<'_>, stop: Stop) -> String {
    let [nonce_name, hash_name, best_name, work_name] =
        ["nonce", "hash", "best", "work"].map(|it| styled(HEADING, it));
    let ended = match outcome {
        Outcome::Found(Solution { nonce, digest, .. }) => {
            let digits = tested.leading_digits;
            vec![format!("{nonce_name}  {digits}{nonce}"), format!("{hash_name}   {digest}")]
        }
        Outcome::Exhausted(_) => vec!["no nonce of the range is valid".to_owned()],
        Outcome::Cancelled(_) => vec![format!("{} before a nonce was found", stop.in_words())],
    };
    let unfound = outcome.solution().is_none().then(|| tested.how_to_go_on(""));
    let best = unfound.as_ref().and_then(|_| tested.best());
    let best = best.map(|best| format!("{best_name}   {best}"));
    let work = format!("{work_name}   {}", work(tested.report));
    let lines = ended.into_iter().chain(unfound).chain(best).chain([work]);
    lines.collect::<Vec<_>>().join("\n")
}

fn work(report: &Report) -> String {
    let hashes = report.hashes();
    let expected = report.target.expected_hashes();
    format!(
        "{} hashes in {}, {} MH/s, {} x the {} expected",
        grouped(hashes),
        duration(report.elapsed),
        mega(report.hashes_per_s()),
        times(hashes as f64 / expected),
        prefixed(expected)
    )
}
