//! `stripmine kernels --explain`: what a kernel does with one header.

use serde::Serialize;

use super::arguments::header::KernelsArguments;
use super::arguments::shared::OutputForm;
use super::arguments::values::{KERNEL_VARIABLE, KernelChoice, kernel as parse_kernel};
use super::block_values::now;
use super::failure::{Failure, Result};
use super::input::check_is_not_output;
use super::json;
use super::output::Output;
use super::table::{Column, TextTable};
use crate::chain::python_json::Value;
use crate::chain::{BlockReader, Ledger};
use crate::machine::Topology;
use crate::pow::{
    Anatomy, BlockRole, Cost, Kernel, NonceEncoding, NonceLimit, NonceStart, Target, Template,
};

#[derive(Serialize)]
struct ExplainDocument {
    kernel: &'static str,
    header_bytes: usize,
    nonce_at: usize,
    nonce_bytes: usize,
    blocks: Vec<String>,
    #[serde(flatten)]
    cost: CostDocument,
    starts: Vec<ExplainedStart>,
}

/// The cost of a hash. Vector and SHA instructions are null where they are not what is counted.
#[derive(Serialize)]
struct CostDocument {
    instructions_per_hash: f64,
    unit: &'static str,
    vector_instructions_per_hash: Option<f64>,
    sha_instructions_per_hash: Option<f64>,
}

impl From<Cost> for CostDocument {
    fn from(cost: Cost) -> Self {
        Self {
            instructions_per_hash: cost.value(),
            unit: cost.unit(),
            vector_instructions_per_hash: cost.vector_instructions(),
            sha_instructions_per_hash: cost.sha_instructions(),
        }
    }
}

/// A start nonce, and the cost of a hash from there.
#[derive(Serialize)]
struct ExplainedStart {
    start_nonce: &'static str,
    fixed_digits: usize,
    counted_digits: usize,
    first: u64,
    #[serde(flatten)]
    cost: CostDocument,
    times_as_fast: f64,
    #[serde(skip)]
    nonce: NonceStart,
}

pub(super) fn explain_header(arguments: &KernelsArguments, output: &mut Output) -> Result<()> {
    let choice = kernel(arguments)?;
    let (template, target) = header(arguments)?;
    let (kernel, chosen) = match choice {
        KernelChoice::Auto => (Kernel::detect(), "what auto runs on this CPU"),
        KernelChoice::Named(kernel) if kernel.is_available() => (kernel, "as chosen"),
        KernelChoice::Named(kernel) => (kernel, "which this CPU cannot run"),
    };
    let zero = NonceStart::zero(&template, &target, kernel);
    let typical = match template.encoding() {
        NonceEncoding::Decimal => 10_u64.pow(u32::try_from(zero.counted_digits - 1).unwrap_or(0)),
        _ => 0,
    };
    let anatomy = Anatomy::new(&template, typical, kernel);
    let starts = starts(&template, &target, kernel);
    match arguments.output.format {
        OutputForm::Json => {
            json::print_outcome("done", &document(&anatomy, kernel, starts), output)
        }
        OutputForm::Text => {
            output.line(&format!("kernel {kernel}, {chosen}"))?;
            print_anatomy(&anatomy, output)?;
            output.line("")?;
            print_starts(&starts, output)
        }
    }
}

/// The kernel that was named; otherwise the one that `mine` and `solve` would take.
fn kernel(arguments: &KernelsArguments) -> Result<KernelChoice> {
    match (arguments.kernel, std::env::var_os(KERNEL_VARIABLE)) {
        (Some(choice), _) => Ok(choice),
        (None, Some(name)) => parse_kernel(&name.to_string_lossy()).map_err(Failure::usage),
        (None, None) => Ok(KernelChoice::Auto),
    }
}

fn header(arguments: &KernelsArguments) -> Result<(Template, Target)> {
    if arguments.bitcoin.is_some() && arguments.difficulty.given().is_some() {
        return Err(Failure::usage(
            "a Bitcoin header states its own target; leave out --difficulty and --bits",
        ));
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
        return Err(Failure::usage("name a header: --chain, --prefix or --bitcoin"));
    };
    check_is_not_output(path)?;
    BlockReader::open(path)?;
    let chain = Ledger::peek(path, Topology::detect().all_threads(), None)?;
    let data = Value::from(format!("Block {}", chain.len()));
    let candidate = chain.candidate(&now()?, &data).map_err(Failure::usage)?;
    Ok((candidate.template().clone(), target))
}

/// The start nonces that the arguments ask for; 0 comes first.
fn starts(template: &Template, target: &Target, kernel: Kernel) -> Vec<ExplainedStart> {
    let zero = NonceStart::zero(template, target, kernel);
    let cost_from_zero = zero.cost.value();
    let cheapest = |limit| NonceStart::cheapest(template, target, kernel, limit);
    let mut starts = vec![("0", zero)];
    if template.encoding() == NonceEncoding::Decimal {
        starts.extend([
            ("auto", cheapest(NonceLimit::Digits(15))),
            ("auto:20", cheapest(NonceLimit::Digits(20))),
            ("auto:wide", cheapest(NonceLimit::Wide)),
        ]);
    }
    let start = |(start_nonce, nonce): (_, NonceStart)| ExplainedStart {
        start_nonce,
        fixed_digits: nonce.fixed_digits,
        counted_digits: nonce.counted_digits,
        first: nonce.first,
        cost: nonce.cost.into(),
        times_as_fast: cost_from_zero / nonce.cost.value(),
        nonce,
    };
    starts.into_iter().map(start).collect()
}

fn document(anatomy: &Anatomy, kernel: Kernel, starts: Vec<ExplainedStart>) -> ExplainDocument {
    ExplainDocument {
        kernel: kernel.name(),
        header_bytes: anatomy.header_len,
        nonce_at: anatomy.nonce_at,
        nonce_bytes: anatomy.nonce_len,
        blocks: anatomy.blocks.iter().map(|role| described(*role)).collect(),
        cost: anatomy.cost.into(),
        starts,
    }
}

fn print_anatomy(anatomy: &Anatomy, output: &mut Output) -> Result<()> {
    let Anatomy { header_len, nonce_at, nonce_len, .. } = anatomy;
    output.line(&format!(
        "{header_len} bytes, the nonce in bytes {nonce_at} to {}",
        nonce_at + nonce_len - 1
    ))?;
    for (number, role) in anatomy.blocks.iter().enumerate() {
        output.line(&format!("block {number}  {}", described(*role)))?;
    }
    output.line(&format!("a hash costs {}", anatomy.cost))
}

fn print_starts(starts: &[ExplainedStart], output: &mut Output) -> Result<()> {
    let cost = starts[0].nonce.cost;
    let columns = [
        Column::left("--start-nonce", 0),
        Column::right("fixed", 0),
        Column::right("counted", 0),
        Column::right("from", 0),
    ];
    let costs = cost_columns(cost).into_iter().map(|(heading, _)| Column::right(heading, 0));
    let speed = Column::right("times as fast", 0);
    let table = TextTable::new(columns.into_iter().chain(costs).chain([speed]).collect::<Vec<_>>());
    let row = |start: &ExplainedStart| {
        let mut row = vec![
            start.start_nonce.to_owned(),
            start.fixed_digits.to_string(),
            start.counted_digits.to_string(),
            shown_first(&start.nonce),
        ];
        row.extend(cost_columns(start.nonce.cost).into_iter().map(|(_, figure)| figure));
        row.push(format!("{:.2}", start.times_as_fast));
        row
    };
    let rows: Vec<_> = starts.iter().map(row).collect();
    table.lines(&rows).iter().try_for_each(|line| output.line(line))?;
    output.line("")?;
    output.line("counted from what the kernel does, not measured;")?;
    if matches!(cost, Cost::LanesAndStreams { .. }) {
        output.line(
            "an SHA instruction weighs as much as 1.3 vector instructions beside the lanes,",
        )?;
        output.line("and as 1.7 while they wait (as measured on Zen 4);")?;
    }
    output.line("`auto` keeps 0 where nothing is notably cheaper")
}

/// The cost of a hash: headings, and a figure for each.
fn cost_columns(cost: Cost) -> Vec<(&'static str, String)> {
    match cost {
        Cost::Lanes(value) | Cost::Streams(value) | Cost::Words(value) => {
            vec![("instructions", format!("{value:.1}"))]
        }
        Cost::LanesAndStreams { lanes, beside, alone } => {
            vec![("vector", format!("{lanes:.1}")), ("SHA", format!("{:.1}", beside + alone))]
        }
        Cost::Blocks(blocks) => vec![("compressions", blocks.to_string())],
    }
}

/// The first nonce, shortened in the middle where it is longer than any 64-bit integer.
fn shown_first(start: &NonceStart) -> String {
    let first = format!("{}{}", start.leading_digits(), start.first);
    if first.len() <= 20 {
        first
    } else {
        format!("{}…{}", &first[..9], &first[first.len() - 9..])
    }
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
                "word {word} varies: {rounds} rounds, {schedule_words} words of schedule{shared}"
            )
        }
        BlockRole::LowestDigits { values } => {
            format!("begins with the lowest digits: {values} schedules tabulated, rounds only")
        }
        BlockRole::Constant => "constant: schedule known before the search, rounds only".to_owned(),
        BlockRole::Whole => "hashed in full for every nonce".to_owned(),
        BlockRole::SecondHash { rounds: 64 } => "the digest hashed again".to_owned(),
        BlockRole::SecondHash { rounds } => {
            format!("the digest hashed again: {rounds} rounds, as far as its deciding word")
        }
    }
}
