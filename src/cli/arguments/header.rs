//! The arguments of `solve` and `kernels`, which name a header.

use std::path::PathBuf;

use clap::Args;

use super::bitcoin::{BitcoinHeader, bitcoin_header};
use super::cluster::ClusterArguments;
use super::shared::{DifficultyArguments, LimitArguments, OutputArguments, WorkerArguments};
use super::values::{HexBytes, KernelChoice, StartNonce, hex_bytes, kernel, start_nonce, target};
use crate::pow::Target;

#[derive(Debug, Args)]
pub(crate) struct SolveArguments {
    #[command(flatten)]
    pub(crate) header: HeaderArguments,

    /// Text after the nonce.
    #[arg(long, value_name = "TEXT", default_value = "", allow_hyphen_values = true)]
    #[arg(conflicts_with = "bitcoin", hide_default_value = true)]
    pub(crate) suffix: String,

    /// Bytes after the nonce, as hex digits.
    #[arg(long, value_name = "HEX", value_parser = hex_bytes)]
    #[arg(conflicts_with_all = ["bitcoin", "suffix"])]
    pub(crate) suffix_hex: Option<HexBytes>,

    #[command(flatten)]
    pub(crate) difficulty: DifficultyArguments,

    /// The largest valid hash, as a number of up to 64 hex digits. With --bitcoin, it takes the
    /// place of the target that the header states.
    #[arg(long, value_name = "HEX", value_parser = target)]
    #[arg(conflicts_with_all = ["difficulty", "bits"])]
    pub(crate) target: Option<Target>,

    #[command(flatten)]
    pub(crate) workers: WorkerArguments,

    #[command(flatten)]
    pub(crate) cluster: ClusterArguments,

    /// The first nonce to try; auto, auto:N and auto:wide as for mine. To go on with a stopped
    /// search, give the one that was printed; the best hash is then that of the nonces from there
    /// on.
    #[arg(long, value_name = "N", default_value = "0", value_parser = start_nonce)]
    pub(crate) start_nonce: StartNonce,

    /// The last nonce to try [default: the largest that the header can hold].
    #[arg(long, value_name = "N")]
    pub(crate) end_nonce: Option<u64>,

    #[command(flatten)]
    pub(crate) limit: LimitArguments,

    /// Show what each worker did, however many there are.
    #[arg(long, short)]
    pub(crate) verbose: bool,

    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

/// The header, except for what stands after the nonce.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct HeaderArguments {
    /// A Bitcoin block header: 160 hex digits. Its nonce is ignored; the target is the one that it
    /// states.
    #[arg(long, value_name = "HEX", value_parser = bitcoin_header)]
    #[arg(conflicts_with_all = ["difficulty", "bits"])]
    pub(crate) bitcoin: Option<BitcoinHeader>,

    /// Text before a decimal nonce; the header is hashed once.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) prefix: Option<String>,

    /// Bytes before a decimal nonce, as hex digits.
    #[arg(long, value_name = "HEX", value_parser = hex_bytes)]
    pub(crate) prefix_hex: Option<HexBytes>,

    /// A file with the bytes before a decimal nonce; - is standard input.
    #[arg(long, value_name = "PATH")]
    pub(crate) prefix_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct KernelsArguments {
    /// Explain what a kernel does with one header, what a hash costs, and where a search starts
    /// best. Name the header with --chain, --prefix or --bitcoin.
    #[arg(long, requires = "explained")]
    pub(crate) explain: bool,

    /// The next block of this chain file.
    #[arg(long, value_name = "PATH", group = "explained", requires = "explain")]
    pub(crate) chain: Option<PathBuf>,

    /// Text before a decimal nonce; the header is hashed once.
    #[arg(long, value_name = "TEXT", group = "explained", requires = "explain")]
    #[arg(allow_hyphen_values = true)]
    pub(crate) prefix: Option<String>,

    /// Text after the nonce.
    #[arg(long, value_name = "TEXT", requires = "prefix", default_value = "")]
    #[arg(allow_hyphen_values = true, hide_default_value = true)]
    pub(crate) suffix: String,

    /// A Bitcoin block header: 160 hex digits.
    #[arg(long, value_name = "HEX", value_parser = bitcoin_header)]
    #[arg(group = "explained", requires = "explain")]
    pub(crate) bitcoin: Option<BitcoinHeader>,

    /// The kernel to explain, even if this CPU lacks it; auto is the best one for this CPU
    /// [default: STRIPMINE_KERNEL, otherwise auto].
    #[arg(long, value_name = "NAME", requires = "explain", value_parser = kernel)]
    pub(crate) kernel: Option<KernelChoice>,

    #[command(flatten)]
    pub(crate) difficulty: DifficultyArguments,

    #[command(flatten)]
    pub(crate) output: OutputArguments,
}
