//! What can be typed.

#![allow(clippy::doc_markdown, reason = "these comments are the help texts, not Markdown")]

use std::fmt;
use std::path::{Path, PathBuf};

use anstream::ColorChoice;
use clap::builder::PossibleValue;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::argument_parsers::{
    KERNEL_VARIABLE, any_kernel, at_least_one, bitcoin_header, bits, hex_zeros, json, kernel,
    start_nonce, threads, timestamp,
};
use super::bench_arguments::BenchArguments;
use super::report_arguments::ReportArguments;
use crate::chain::Timestamp;
use crate::chain::python_json::Value;
use crate::machine::Topology;
use crate::miner::{MAX_THREADS, Order};
use crate::pow::{Kernel, NonceLimit, Target};

/// The chain that is used where none is named.
const DEFAULT_CHAIN: &str = "chain.jsonl";

/// Hex zeros asked for where nothing else is said.
const DEFAULT_HEX_ZEROS: u32 = 6;

/// Parallel proof-of-work miner, and a benchmark of how it scales with cores.
#[derive(Debug, Parser)]
#[command(name = "stripmine", version, propagate_version = true, max_term_width = 100)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,

    /// Colour the output: when it goes to a terminal and NO_COLOR is not set, always, or never.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", value_enum)]
    color: Color,

    /// Show no progress.
    #[arg(long, short, global = true)]
    pub(super) quiet: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Mine blocks onto a chain file.
    Mine(Box<MineArguments>),
    /// Check a chain file: every hash, index and previous hash, and the work if asked for.
    Verify(VerifyArguments),
    /// Show the blocks of a chain file.
    Show(ShowArguments),
    /// Search a header from elsewhere: Bitcoin's, or a text around a decimal nonce.
    Solve(SolveArguments),
    /// Measure hash rates over thread counts, kernels and baselines, and prove them.
    Bench(Box<BenchArguments>),
    /// Tables and charts from saved benchmarks of one machine or several; measures nothing.
    Report(ReportArguments),
    /// List the kernels: which run on this CPU, whether they pass their self-test, how fast.
    Kernels(KernelsArguments),
    /// Print the completion script of a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print a man page: the program's, or a command's.
    Man {
        /// The command whose page to print; without one, the program's.
        command: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(super) struct MineArguments {
    /// Blocks to mine.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = at_least_one)]
    pub(super) blocks: u64,

    /// The chain file; made, with its genesis block, where there is none.
    #[arg(long, value_name = "PATH", default_value = DEFAULT_CHAIN)]
    pub(super) chain: PathBuf,

    #[command(flatten)]
    pub(super) data: DataArguments,

    #[command(flatten)]
    pub(super) difficulty: DifficultyArguments,

    #[command(flatten)]
    pub(super) workers: WorkerArguments,

    /// The blocks' timestamp, a JSON number [default: now, in Unix seconds to the millisecond].
    #[arg(long, value_name = "NUMBER", value_parser = timestamp, allow_hyphen_values = true)]
    pub(super) timestamp: Option<Timestamp>,

    /// The first nonce to try, for every block; auto chooses one of up to 15 digits for which a
    /// hash costs least, auto:N one of up to N digits, at most 20; auto:wide one of any length, which
    /// becomes an integer beyond 64 bits.
    #[arg(long, value_name = "N", default_value = "0", value_parser = start_nonce)]
    pub(super) start_nonce: StartNonce,

    /// Which valid nonce to take: the lowest, the same on any number of threads, or the first
    /// that is found.
    #[arg(long, value_name = "ORDER", default_value = "lowest", value_enum)]
    order: OrderChoice,

    /// Search and report, but write nothing.
    #[arg(long)]
    pub(super) dry_run: bool,

    /// Show what each worker did for each block.
    #[arg(long, short)]
    pub(super) verbose: bool,

    #[command(flatten)]
    pub(super) output: OutputArguments,
}

impl MineArguments {
    pub(super) fn order(&self) -> Order {
        match self.order {
            OrderChoice::Lowest => Order::Lowest,
            OrderChoice::First => Order::First,
        }
    }
}

/// What the blocks hold.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(super) struct DataArguments {
    /// The blocks' data, as text [default: "Block" and the block's index].
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(super) data: Option<String>,

    /// The blocks' data, as JSON.
    #[arg(long, value_name = "JSON", value_parser = json, allow_hyphen_values = true)]
    pub(super) data_json: Option<Value>,

    /// A file whose text is the blocks' data; - is standard input.
    #[arg(long, value_name = "PATH")]
    pub(super) data_file: Option<PathBuf>,

    /// A file with one block's data, as text, on every line (\\n or \\r\\n ends one); - is standard
    /// input.
    #[arg(long, value_name = "PATH", conflicts_with = "blocks")]
    pub(super) data_lines: Option<PathBuf>,
}

/// How much work is asked for.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(super) struct DifficultyArguments {
    /// Zero hex digits that a hash must start with, 0 to 64; 6 when mining or solving and nothing
    /// else is asked for.
    #[arg(long, short, value_name = "N", value_parser = hex_zeros, allow_negative_numbers = true)]
    difficulty: Option<u32>,

    /// Zero bits that a hash must start with, 0 to 256, for steps finer than a hex digit.
    #[arg(long, value_name = "N", value_parser = bits, allow_negative_numbers = true)]
    bits: Option<u32>,
}

impl DifficultyArguments {
    pub(super) fn or_default(&self) -> Difficulty {
        self.given().unwrap_or(Difficulty::HexZeros(DEFAULT_HEX_ZEROS))
    }

    pub(super) fn given(&self) -> Option<Difficulty> {
        self.difficulty.map(Difficulty::HexZeros).or(self.bits.map(Difficulty::Bits))
    }
}

/// A difficulty in the terms in which it was typed; within its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Difficulty {
    HexZeros(u32),
    Bits(u32),
}

impl Difficulty {
    pub(super) fn target(self) -> Target {
        let target = match self {
            Self::HexZeros(zeros) => Target::from_hex_zeros(zeros),
            Self::Bits(bits) => Target::from_bits(bits),
        };
        target.expect("the limits were checked when the arguments were read")
    }

    /// The flag that asks for it.
    pub(super) fn flag(self) -> String {
        match self {
            Self::HexZeros(zeros) => format!("--difficulty {zeros}"),
            Self::Bits(bits) => format!("--bits {bits}"),
        }
    }
}

impl fmt::Display for Difficulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HexZeros(zeros) => write!(f, "{zeros} hex zeros ({} bits)", 4 * zeros),
            Self::Bits(bits) => write!(f, "{bits} bits"),
        }
    }
}

/// Who searches.
#[derive(Debug, Args)]
pub(super) struct WorkerArguments {
    /// Workers: a number, all (every CPU this process may use), or physical (one per core).
    #[arg(long, short, value_name = "N", default_value = "all", value_parser = threads)]
    threads: Threads,

    /// The kernel that hashes: avx512-sha, avx512, sha-ni, avx2, sse4.1, sha2, portable, or auto,
    /// the best one for this CPU.
    #[arg(
        long,
        value_name = "NAME",
        default_value = "auto",
        env = KERNEL_VARIABLE,
        value_parser = kernel
    )]
    kernel: KernelChoice,

    /// Pin each worker to a CPU: one per core first, then the cores' siblings.
    #[arg(long)]
    pub(super) pin: bool,
}

impl WorkerArguments {
    pub(super) fn threads(&self, topology: &Topology) -> usize {
        let threads = match self.threads {
            Threads::Count(count) => count,
            Threads::All => topology.all_threads(),
            Threads::Physical => topology.physical_threads(),
        };
        threads.min(MAX_THREADS)
    }

    pub(super) fn kernel(&self) -> Kernel {
        match self.kernel {
            KernelChoice::Auto => Kernel::detect(),
            KernelChoice::Named(kernel) => kernel,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct VerifyArguments {
    #[command(flatten)]
    pub(super) chain: ChainArguments,

    #[command(flatten)]
    pub(super) difficulty: DifficultyArguments,

    /// Want every byte as json.dumps(…, sort_keys=True) writes it, one block a line.
    #[arg(long)]
    pub(super) strict: bool,

    #[command(flatten)]
    pub(super) output: OutputArguments,
}

#[derive(Debug, Args)]
pub(super) struct ShowArguments {
    #[command(flatten)]
    pub(super) chain: ChainArguments,

    /// Only the last N blocks.
    #[arg(long, value_name = "N", group = "which")]
    pub(super) last: Option<usize>,

    /// Only the block with this index.
    #[arg(long, value_name = "N", group = "which")]
    pub(super) index: Option<u64>,

    /// The exact bytes that are hashed for the block with this index, without a newline.
    #[arg(long, value_name = "N", group = "which", conflicts_with = "output")]
    pub(super) hashed: Option<u64>,

    /// A table, or each block as a canonical line of a chain file.
    #[arg(long, value_name = "FORM", default_value = "text", value_enum)]
    pub(super) output: Format,
}

#[derive(Debug, Args)]
pub(super) struct SolveArguments {
    #[command(flatten)]
    pub(super) header: HeaderArguments,

    /// Text after the nonce.
    #[arg(long, value_name = "TEXT", default_value = "", allow_hyphen_values = true)]
    #[arg(conflicts_with = "bitcoin", hide_default_value = true)]
    pub(super) suffix: String,

    #[command(flatten)]
    pub(super) difficulty: DifficultyArguments,

    #[command(flatten)]
    pub(super) workers: WorkerArguments,

    /// The first nonce to try; auto, auto:N and auto:wide as for mine.
    #[arg(long, value_name = "N", default_value = "0", value_parser = start_nonce)]
    pub(super) start_nonce: StartNonce,

    /// The last nonce to try [default: the largest that the header can hold].
    #[arg(long, value_name = "N")]
    pub(super) end_nonce: Option<u64>,

    #[command(flatten)]
    pub(super) output: OutputArguments,
}

/// The header, but for what follows the nonce.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct HeaderArguments {
    /// A Bitcoin block header: 160 hex digits. Its nonce is ignored, its target is the one that
    /// it states.
    #[arg(long, value_name = "HEX", value_parser = bitcoin_header)]
    #[arg(conflicts_with_all = ["difficulty", "bits"])]
    pub(super) bitcoin: Option<BitcoinHeader>,

    /// Text before a decimal nonce, hashed once.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(super) prefix: Option<String>,
}

/// The 80 bytes of a Bitcoin block header, and the target that they state.
#[derive(Clone, Copy, Debug)]
pub(super) struct BitcoinHeader {
    pub(super) bytes: [u8; 80],
    pub(super) target: Target,
}

#[derive(Debug, Args)]
pub(super) struct KernelsArguments {
    /// Explain what a kernel does with one header, what a hash costs it, and where a search best
    /// starts; name the header with --chain, --prefix or --bitcoin.
    #[arg(long, requires = "explained")]
    pub(super) explain: bool,

    /// The next block of this chain file.
    #[arg(long, value_name = "PATH", group = "explained", requires = "explain")]
    pub(super) chain: Option<PathBuf>,

    /// Text before a decimal nonce, hashed once.
    #[arg(long, value_name = "TEXT", group = "explained", requires = "explain")]
    #[arg(allow_hyphen_values = true)]
    pub(super) prefix: Option<String>,

    /// Text after the nonce.
    #[arg(long, value_name = "TEXT", requires = "prefix", default_value = "")]
    #[arg(allow_hyphen_values = true, hide_default_value = true)]
    pub(super) suffix: String,

    /// A Bitcoin block header: 160 hex digits.
    #[arg(long, value_name = "HEX", value_parser = bitcoin_header)]
    #[arg(group = "explained", requires = "explain")]
    pub(super) bitcoin: Option<BitcoinHeader>,

    /// The kernel to explain, also one that this CPU lacks, or auto, the best one for this CPU
    /// [default: STRIPMINE_KERNEL, or else auto].
    #[arg(long, value_name = "NAME", requires = "explain", value_parser = any_kernel)]
    pub(super) kernel: Option<KernelChoice>,

    #[command(flatten)]
    pub(super) difficulty: DifficultyArguments,

    #[command(flatten)]
    pub(super) output: OutputArguments,
}

/// A chain to read.
#[derive(Debug, Args)]
pub(super) struct ChainArguments {
    /// The chain file.
    #[arg(value_name = "PATH", default_value = DEFAULT_CHAIN)]
    path: PathBuf,

    /// The same as PATH.
    #[arg(long, value_name = "PATH", conflicts_with = "path")]
    chain: Option<PathBuf>,
}

impl ChainArguments {
    pub(super) fn path(&self) -> &Path {
        self.chain.as_deref().unwrap_or(&self.path)
    }
}

/// How results are printed.
#[derive(Debug, Args)]
pub(super) struct OutputArguments {
    /// For people, or for scripts: one JSON document a line.
    #[arg(long = "output", value_name = "FORM", default_value = "text", value_enum)]
    pub(super) format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OrderChoice {
    Lowest,
    First,
}

/// Where a search starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StartNonce {
    At(u64),
    /// Where a hash costs least.
    Cheapest(NonceLimit),
}

impl StartNonce {
    /// Digits of the longest nonce that is likely, those that a wide one fixes not counted.
    pub(super) fn most_digits(self, target: &Target) -> usize {
        let tested = (16.0 * target.expected_hashes()).log10().ceil();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let counted = (tested as usize).min(20);
        match self {
            Self::At(first) => counted.max(first.to_string().len()),
            Self::Cheapest(NonceLimit::Digits(digits)) => counted.max(digits),
            Self::Cheapest(NonceLimit::Wide) => counted,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Threads {
    Count(usize),
    All,
    Physical,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KernelChoice {
    Auto,
    Named(Kernel),
}

#[derive(Clone, Copy, Debug)]
struct Color(ColorChoice);

impl ValueEnum for Color {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self(ColorChoice::Auto), Self(ColorChoice::Always), Self(ColorChoice::Never)]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(match self.0 {
            ColorChoice::Auto => "auto",
            ColorChoice::Never => "never",
            ColorChoice::Always | ColorChoice::AlwaysAnsi => "always",
        }))
    }
}

impl Arguments {
    pub(super) fn color(&self) -> ColorChoice {
        self.color.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }
}
