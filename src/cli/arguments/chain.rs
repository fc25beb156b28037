//! The arguments of `verify` and `show`, which read a chain file.

use clap::Args;

use super::shared::{ChainArguments, DifficultyArguments, OutputArguments, OutputForm};

#[derive(Debug, Args)]
pub(crate) struct VerifyArguments {
    #[command(flatten)]
    pub(crate) chain: ChainArguments,

    #[command(flatten)]
    pub(crate) difficulty: DifficultyArguments,

    /// Require every byte as json.dumps(…, sort_keys=True) writes it, one block a line.
    #[arg(long)]
    pub(crate) strict: bool,

    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArguments {
    #[command(flatten)]
    pub(crate) chain: ChainArguments,

    /// Only the last N blocks.
    #[arg(long, value_name = "N", group = "which")]
    pub(crate) last: Option<usize>,

    /// Only the block with this index.
    #[arg(long, value_name = "N", group = "which")]
    pub(crate) index: Option<u64>,

    /// The exact bytes that are hashed for the block with this index, without a newline.
    #[arg(long, value_name = "N", group = "which", conflicts_with = "output")]
    pub(crate) hashed: Option<u64>,

    /// A table, or each block as a canonical line of a chain file.
    #[arg(long, value_name = "FORM", default_value = "text", value_enum)]
    pub(crate) output: OutputForm,
}
