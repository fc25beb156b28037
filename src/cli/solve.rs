//! `stripmine solve`: searches a header from elsewhere.

use super::arguments::header::SolveArguments;
use super::arguments::shared::OutputForm;
use super::arguments::values::StartNonce;
use super::failure::{Failure, Result};
use super::json;
use super::mine_table::worker_table;
use super::output::{HEADING, Output, styled};
use super::resolve::workers;
use super::search::{HeaderSearch, build_miner};
use super::signals::Signals;
use crate::machine::Topology;
use crate::miner::{Order, Outcome, Report, Solution};
use crate::pow::{NonceEncoding, NonceStart, Target, Template};
use crate::text::{duration, grouped, mega, prefixed, times};

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
    let Header { template, target, title, difficulty } = header(arguments)?;
    let miner = build_miner(workers(&arguments.workers, &Topology::detect())?)?;
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
    let outcome = search.search_with_progress(&miner, &signals, output)?;
    let reported = match arguments.output.format {
        OutputForm::Json => json::print_solved(&outcome, &leading_digits, output),
        OutputForm::Text => print(&outcome, &leading_digits, first, last, output),
    };
    match outcome {
        Outcome::Found(_) => reported,
        Outcome::Exhausted(_) => Err(Failure::AnsweredNo.after_report(reported)),
        Outcome::Cancelled(_) => {
            let failure = signals.failure().unwrap_or(Failure::AnsweredNo);
            Err(failure.after_report(reported))
        }
    }
}

fn header(arguments: &SolveArguments) -> Result<Header> {
    let (difficulty, suffix) = (arguments.difficulty.or_default(), arguments.suffix.as_str());
    match (&arguments.header.bitcoin, &arguments.header.prefix) {
        (Some(bitcoin), _) => Ok(Header {
            template: Template::bitcoin(&bitcoin.bytes),
            target: bitcoin.target,
            title: "a Bitcoin header".to_owned(),
            difficulty: format!("{} bits", bitcoin.target.leading_zero_bits()),
        }),
        (None, Some(prefix)) => Ok(Header {
            template: Template::new(prefix.as_str(), NonceEncoding::Decimal, suffix),
            target: difficulty.target(),
            title: "a text".to_owned(),
            difficulty: difficulty.to_string(),
        }),
        (None, None) => Err(Failure::usage("name a header: --bitcoin or --prefix")),
    }
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

fn print(
    outcome: &Outcome,
    leading_digits: &str,
    first: u64,
    last: u64,
    output: &mut Output,
) -> Result<()> {
    let [nonce_name, hash_name, work_name] =
        ["nonce", "hash", "work"].map(|it| styled(HEADING, it));
    let (result, report) = match outcome {
        Outcome::Found(Solution { nonce, digest, report, .. }) => {
            (format!("{nonce_name}  {leading_digits}{nonce}\n{hash_name}   {digest}"), report)
        }
        Outcome::Exhausted(report) => (
            format!(
                "no nonce from {leading_digits}{first} to {leading_digits}{last} is valid; all of \
                 them were tested"
            ),
            report,
        ),
        Outcome::Cancelled(report) => ("interrupted before a nonce was found".to_owned(), report),
    };
    output.line(&format!("{result}\n{work_name}   {}\n", work(report)))?;
    worker_table(report).iter().try_for_each(|line| output.line(line))
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
