//! The arguments of `verify` and `show`, which read a chain file.

use std::path::PathBuf;

use clap::Args;

use super::shared::{
    ChainArguments, DialectArguments, DifficultyArguments, OutputArguments, OutputForm,
};
use super::values::DEFAULT_CHAIN;

#[derive(Debug, Args)]
pub(crate) struct VerifyArguments {
    /// The chain files; - is standard input.
    #[arg(value_name = "PATH", default_value = DEFAULT_CHAIN)]
    paths: Vec<PathBuf>,

    /// The same as PATH.
    #[arg(long, value_name = "PATH", conflicts_with = "paths")]
    chain: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) dialect: DialectArguments,

    #[command(flatten)]
    pub(crate) difficulty: DifficultyArguments,

    /// Accept only one spelling: one block a line, every byte as the chain's dialect writes it (by
    /// default as json.dumps(…, sort_keys=True) does).
    #[arg(long)]
    pub(crate) strict: bool,

    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

impl VerifyArguments {
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        self.chain.clone().map_or_else(|| self.paths.clone(), |path| vec![path])
    }
}

#[derive(Debug, Args)]
pub(crate) struct ShowArguments {
    #[command(flatten)]
    pub(crate) chain: ChainArguments,

    #[command(flatten)]
    pub(crate) dialect: DialectArguments,

    /// Only the last N blocks.
    #[arg(long, value_name = "N", group = "which")]
    pub(crate) last: Option<usize>,

    /// Only the block with this index.
    #[arg(long, value_name = "N", group = "which")]
    pub(crate) index: Option<u64>,

    /// Only the exact bytes that are hashed for the block with this index, without a newline.
    #[arg(long, value_name = "N", group = "which", conflicts_with = "output")]
    pub(crate) hashed: Option<u64>,

    /// A table for people, or json: each block as a line of a chain file.
    #[arg(long, value_name = "FORM", default_value = "text", value_enum)]
    pub(crate) output: OutputForm,
}
