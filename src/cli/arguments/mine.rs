//! The arguments of `mine`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::cluster::ClusterArguments;
use super::shared::{
    DialectArguments, DifficultyArguments, LimitArguments, OutputArguments, WorkerArguments,
};
use super::values::{
    DEFAULT_CHAIN, JsonArgument, StartNonce, at_least_one, json_argument, start_nonce, timestamp,
};
use crate::chain::Timestamp;
use crate::miner::Order;

#[derive(Debug, Args)]
pub(crate) struct MineArguments {
    /// Number of blocks to mine.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = at_least_one)]
    pub(crate) blocks: u64,

    /// The chain file; if there is none, it is made, with its genesis block.
    #[arg(long, value_name = "PATH", default_value = DEFAULT_CHAIN)]
    pub(crate) chain: PathBuf,

    #[command(flatten)]
    pub(crate) data: DataArguments,

    /// Further properties of the blocks, as a JSON object; @PATH is a file that holds it, - is
    /// standard input.
    #[arg(long, value_name = "OBJECT", value_parser = json_argument())]
    pub(crate) block_json: Option<JsonArgument>,

    #[command(flatten)]
    pub(crate) dialect: DialectArguments,

    /// The index of a new chain's first block.
    #[arg(long, value_name = "0|1", value_parser = clap::value_parser!(u64).range(..=1))]
    pub(crate) first_index: Option<u64>,

    #[command(flatten)]
    pub(crate) difficulty: DifficultyArguments,

    #[command(flatten)]
    pub(crate) workers: WorkerArguments,

    #[command(flatten)]
    pub(crate) cluster: ClusterArguments,

    /// The blocks' timestamp, a JSON number [default: now, in Unix seconds to the millisecond]. To
    /// go on with a stopped block, give the one that was printed.
    #[arg(long, value_name = "NUMBER", value_parser = timestamp, allow_hyphen_values = true)]
    pub(crate) timestamp: Option<Timestamp>,

    /// The first nonce to try, for every block. auto chooses, among nonces of up to 15 digits, one
    /// from which a hash costs least; auto:N allows N digits, at most 20; auto:wide allows any
    /// length, and gives integers beyond 64 bits. To go on with a stopped block, give the one that
    /// was printed; the best hash is then that of the nonces from there on.
    #[arg(long, value_name = "N", default_value = "0", value_parser = start_nonce)]
    pub(crate) start_nonce: StartNonce,

    /// Which valid nonce to take: the lowest, which is the same on any number of threads, or the
    /// first that is found.
    #[arg(long, value_name = "ORDER", default_value = "lowest", value_enum)]
    order: OrderChoice,

    #[command(flatten)]
    pub(crate) limit: LimitArguments,

    /// Mine even where the file system has no locks, as on some network mounts. Make sure that
    /// nothing else writes to the chain. A chain that another writer has locked is still refused.
    #[arg(long)]
    pub(crate) no_lock: bool,

    /// Search and report, but write nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Show what each worker did for each block.
    #[arg(long, short)]
    pub(crate) verbose: bool,

    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

impl MineArguments {
    /// The files that data is read from.
    pub(crate) fn inputs(&self) -> impl Iterator<Item = &Path> {
        let DataArguments { data: _, data_json, data_file, data_lines, data_json_lines } =
            &self.data;
        let paths = [data_file, data_lines, data_json_lines].into_iter().flatten();
        let json = [data_json, &self.block_json].into_iter().flatten();
        paths.map(PathBuf::as_path).chain(json.filter_map(JsonArgument::path))
    }

    pub(crate) fn order(&self) -> Order {
        match self.order {
            OrderChoice::Lowest => Order::Lowest,
            OrderChoice::First => Order::First,
        }
    }
}

/// The data of the blocks.
#[derive(Debug, Default, Args)]
#[group(multiple = false)]
pub(crate) struct DataArguments {
    /// The blocks' data, as text [default: "Block" and the block's index].
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) data: Option<String>,

    /// The blocks' data, as JSON; @PATH is a file that holds it, - is standard input.
    #[arg(long, value_name = "JSON", value_parser = json_argument(), allow_hyphen_values = true)]
    pub(crate) data_json: Option<JsonArgument>,

    /// A file whose text is the blocks' data; - is standard input.
    #[arg(long, value_name = "PATH")]
    pub(crate) data_file: Option<PathBuf>,

    /// A file with the data of one block, as text, on every line (lines end with \n or \r\n); - is
    /// standard input.
    #[arg(long, value_name = "PATH", conflicts_with = "blocks")]
    pub(crate) data_lines: Option<PathBuf>,

    /// A file with the data of one block, as JSON, on every line; - is standard input.
    #[arg(long, value_name = "PATH", conflicts_with = "blocks")]
    pub(crate) data_json_lines: Option<PathBuf>,
}

impl DataArguments {
    /// The flag that takes one line of a file whose lines are the blocks' data.
    pub(crate) fn line_flag(&self) -> Option<&'static str> {
        match self {
            Self { data_lines: Some(_), .. } => Some("--data"),
            Self { data_json_lines: Some(_), .. } => Some("--data-json"),
            _ => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OrderChoice {
    Lowest,
    First,
}
