//! `stripmine kernels --explain`: what the kernels do with one header.

use anyhow::anyhow;
use serde::Serialize;

use super::arguments::{Format, KernelsArguments};
use super::failure::Failure;
use super::json::{self, SCHEMA};
use super::mine::now;
use super::output::Output;
use super::table::{Column, Table};
use crate::chain::python_json::Value;
use crate::chain::{BlockReader, Ledger};
use crate::machine::Topology;
use crate::pow::{Anatomy, BlockRole, NonceEncoding, NonceLimit, NonceStart, Target, Template};

/// `sha256rnds2` does two of a block's 64 rounds.
const SHA_INSTRUCTIONS: usize = 32;

#[derive(Serialize)]
struct ExplainDocument {
    schema: u32,
    outcome: &'static str,
    header_bytes: usize,
    nonce_at: usize,
    nonce_bytes: usize,
    blocks: Vec<String>,
    instructions_per_hash: f64,
    starts: Vec<StartDocument>,
}

/// One way to start, and what a hash costs then.
#[derive(Serialize)]
struct StartDocument {
    start_nonce: &'static str,
    fixed_digits: usize,
    counted_digits: usize,
    first: u64,
    instructions_per_hash: f64,
    times_as_fast: f64,
}

pub(super) fn run(arguments: &KernelsArguments, output: &mut Output) -> Result<(), Failure> {
    let (template, target) = header(arguments)?;
    let zero = NonceStart::zero(&template, &target);
    let typical = match template.encoding() {
        NonceEncoding::Decimal => 10_u64.pow(u32::try_from(zero.counted_digits - 1).unwrap_or(0)),
        NonceEncoding::LittleEndian32 => 0,
    };
    let anatomy = Anatomy::new(&template, typical);
    let starts = starts(&template, &target, &zero);
    match arguments.output.format {
        Format::Json => json::print(&document(&anatomy, starts), output),
        Format::Text => print(&anatomy, &starts, output),
    }
}

fn header(arguments: &KernelsArguments) -> Result<(Template, Target), Failure> {
    if arguments.bitcoin.is_some() && arguments.difficulty.given().is_some() {
        return Err(Failure::usage(anyhow!(
            "a Bitcoin header states its own target; leave it out"
        )));
    }
    let target = arguments.difficulty.or_default().target();
    if let Some(bitcoin) = &arguments.bitcoin {
        return Ok((Template::bitcoin(&bitcoin.bytes), bitcoin.target));
    }
    if let Some(prefix) = &arguments.prefix {
        let suffix = arguments.suffix.as_str();
        return Ok((Template::new(prefix.as_str(), NonceEncoding::Decimal, suffix), target));
    }
    let Some(path) = &arguments.chain else {
        return Err(Failure::usage(anyhow!("name a header: --chain, --prefix or --bitcoin")));
    };
    BlockReader::open(path)?;
    let chain = Ledger::peek(path, Topology::detect().all_threads(), None)?;
    let data = Value::from(format!("Block {}", chain.len()));
    let candidate = chain.candidate(now()?, data).map_err(Failure::usage)?;
    Ok((candidate.template(), target))
}

fn starts(template: &Template, target: &Target, zero: &NonceStart) -> Vec<StartDocument> {
    let cheapest = |limit| NonceStart::cheapest(template, target, limit);
    let all = [
        ("0", *zero),
        ("auto", cheapest(NonceLimit::Digits(15))),
        ("auto:20", cheapest(NonceLimit::Digits(20))),
        ("auto:wide", cheapest(NonceLimit::Wide)),
    ];
    let start = |(name, start): (&'static str, NonceStart)| StartDocument {
        start_nonce: name,
        fixed_digits: start.fixed_digits,
        counted_digits: start.counted_digits,
        first: start.first,
        instructions_per_hash: start.instructions_per_hash,
        times_as_fast: zero.instructions_per_hash / start.instructions_per_hash,
    };
    let choices = if template.encoding() == NonceEncoding::Decimal { all.len() } else { 1 };
    all.into_iter().take(choices).map(start).collect()
}

fn document(anatomy: &Anatomy, starts: Vec<StartDocument>) -> ExplainDocument {
    ExplainDocument {
        schema: SCHEMA,
        outcome: "done",
        header_bytes: anatomy.header_len,
        nonce_at: anatomy.nonce_at,
        nonce_bytes: anatomy.nonce_len,
        blocks: anatomy.blocks.iter().map(|role| described(*role)).collect(),
        instructions_per_hash: anatomy.instructions_per_hash,
        starts,
    }
}

fn print(anatomy: &Anatomy, starts: &[StartDocument], output: &mut Output) -> Result<(), Failure> {
    let Anatomy { header_len, nonce_at, nonce_len, .. } = anatomy;
    output.line(&format!(
        "{header_len} bytes, the nonce in bytes {nonce_at} to {}",
        nonce_at + nonce_len - 1
    ))?;
    for (number, role) in anatomy.blocks.iter().enumerate() {
        output.line(&format!("block {number}  {}", described(*role)))?;
    }
    output.line(&format!(
        "a hash costs {:.1} vector instructions in 16 lanes (kernel avx512)",
        anatomy.instructions_per_hash
    ))?;
    let known = anatomy.blocks.iter().filter(|role| has_known_schedule(**role)).count();
    if known > 0 && anatomy.blocks.last() != Some(&BlockRole::SecondHash) {
        let blocks = if known == 1 { "one block".to_owned() } else { format!("{known} blocks") };
        output.line(&format!(
            "kernel avx512-sha takes {blocks} through the SHA unit: {} SHA instructions a hash \
             instead",
            known * SHA_INSTRUCTIONS
        ))?;
    }
    output.line("")?;
    print_starts(starts, output)
}

/// Whether a hash costs rounds alone in this block.
fn has_known_schedule(role: BlockRole) -> bool {
    matches!(role, BlockRole::LowestDigits { .. } | BlockRole::Constant)
}

fn print_starts(starts: &[StartDocument], output: &mut Output) -> Result<(), Failure> {
    let table = Table::new([
        Column::left("--start-nonce", 0),
        Column::right("fixed digits", 0),
        Column::right("counted", 0),
        Column::right("from", 0),
        Column::right("instructions", 0),
        Column::right("times as fast", 0),
    ]);
    let row = |start: &StartDocument| {
        vec![
            start.start_nonce.to_owned(),
            start.fixed_digits.to_string(),
            start.counted_digits.to_string(),
            format!("{}{}", "1".repeat(start.fixed_digits), start.first),
            format!("{:.1}", start.instructions_per_hash),
            format!("{:.2}", start.times_as_fast),
        ]
    };
    let rows: Vec<_> = starts.iter().map(row).collect();
    let table = table.fitted(&rows);
    output.line(&table.heading())?;
    rows.iter().try_for_each(|row| output.line(&table.row(row)))?;
    output.line("")?;
    output.line("counted from the instructions, not measured; `auto` keeps 0 where nothing is notably cheaper")
}

fn described(role: BlockRole) -> String {
    match role {
        BlockRole::Midstate => "hashed once, before the search".to_owned(),
        BlockRole::HigherDigits => {
            "holds higher digits alone: hashed once for many nonces".to_owned()
        }
        BlockRole::Varying { word, rounds, schedule_words, shared_by } => {
            let shared = match shared_by {
                1 => String::new(),
                nonces => format!(", shared by {nonces} nonces"),
            };
            format!(
                "word {word} varies from lane to lane: {rounds} rounds, \
                 {schedule_words} words of the schedule vary{shared}"
            )
        }
        BlockRole::LowestDigits { values } => format!(
            "begins with the lowest digits: schedule tabulated for {values} values, rounds only"
        ),
        BlockRole::Constant => "constant: schedule known before the search, rounds only".to_owned(),
        BlockRole::SecondHash => {
            "the digest hashed again: 61 rounds, as far as its deciding word".to_owned()
        }
    }
}
