//! The arguments of `verify` and `show`, which read a chain file.

#![allow(clippy::doc_markdown, reason = "these comments are the help texts, not Markdown")]

use clap::Args;

use super::shared::{ChainArguments, DifficultyArguments, OutputArguments, OutputForm};

#[derive(Debug, Args)]
pub(in crate::cli) struct VerifyArguments {
    #[command(flatten)]
    pub(in crate::cli) chain: ChainArguments,

    #[command(flatten)]
    pub(in crate::cli) difficulty: DifficultyArguments,

    /// Want every byte as json.dumps(…, sort_keys=True) writes it, one block a line.
    #[arg(long)]
    pub(in crate::cli) strict: bool,

    #[command(flatten)]
    pub(in crate::cli) output: OutputArguments,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ShowArguments {
    #[command(flatten)]
    pub(in crate::cli) chain: ChainArguments,

    /// Only the last N blocks.
    #[arg(long, value_name = "N", group = "which")]
    pub(in crate::cli) last: Option<usize>,

    /// Only the block with this index.
    #[arg(long, value_name = "N", group = "which")]
    pub(in crate::cli) index: Option<u64>,

    /// The exact bytes that are hashed for the block with this index, without a newline.
    #[arg(long, value_name = "N", group = "which", conflicts_with = "output")]
    pub(in crate::cli) hashed: Option<u64>,

    /// A table, or each block as a canonical line of a chain file.
    #[arg(long, value_name = "FORM", default_value = "text", value_enum)]
    pub(in crate::cli) output: OutputForm,
}
