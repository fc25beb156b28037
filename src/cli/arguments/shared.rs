//! Arguments that several commands take.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::values::{
    CpuList, DEFAULT_CHAIN, Difficulty, KERNEL_VARIABLE, KernelChoice, Threads, bits, cpu_list,
    hex_zeros, kernel, threads, time_limit,
};

use crate::chain::python_json::JsonSpelling;
use crate::chain::{DialectHints, Names};

/// Hex zeros asked for where no difficulty is given.
const DEFAULT_HEX_ZEROS: u32 = 6;

/// The difficulty.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(crate) struct DifficultyArguments {
    /// Zero hex digits that a hash must start with, 0 to 64; when mining or solving, 6 by default.
    #[arg(long, short, value_name = "N", value_parser = hex_zeros, allow_negative_numbers = true)]
    difficulty: Option<u32>,

    /// Zero bits that a hash must start with, 0 to 256, for steps finer than a hex digit.
    #[arg(long, value_name = "N", value_parser = bits, allow_negative_numbers = true)]
    bits: Option<u32>,
}

impl DifficultyArguments {
    pub(crate) fn or_default(&self) -> Difficulty {
        self.given().unwrap_or(Difficulty::HexZeros(DEFAULT_HEX_ZEROS))
    }

    pub(crate) fn given(&self) -> Option<Difficulty> {
        self.difficulty.map(Difficulty::HexZeros).or(self.bits.map(Difficulty::Bits))
    }
}

/// The workers.
#[derive(Debug, Args)]
pub(crate) struct WorkerArguments {
    /// Worker threads: a number, all (one for every CPU that this process may use), a part of
    /// these such as 50% (rounded up), or physical (one per core).
    #[arg(long, short, value_name = "N", default_value = "all", value_parser = threads)]
    pub(crate) threads: Threads,

    /// The kernel, which is the code that hashes: avx512-sha, avx512, sha-ni, avx2, sse4.1, sha2,
    /// portable, or auto, the best one for this CPU.
    #[arg(
        long,
        value_name = "NAME",
        default_value = "auto",
        env = KERNEL_VARIABLE,
        value_parser = kernel
    )]
    pub(crate) kernel: KernelChoice,

    #[command(flatten)]
    pub(crate) cpus: CpuArguments,
}

/// The CPUs that workers run on.
#[derive(Debug, Args)]
pub(crate) struct CpuArguments {
    /// Pin each worker to a CPU: one per core first, then the cores' siblings; on a hybrid CPU fast
    /// cores before slow ones.
    #[arg(long)]
    pub(crate) pin: bool,

    /// Pin workers to these CPUs alone, such as 0-3,8,10-15:2. With --threads all, each gets one
    /// worker.
    #[arg(long, value_name = "LIST", value_parser = cpu_list)]
    pub(crate) cpu_list: Option<CpuList>,
}

/// When a search is given up.
#[derive(Debug, Args)]
pub(crate) struct LimitArguments {
    /// Stop after this time, counted from the start of the command, and print the flags with which
    /// the search goes on.
    #[arg(long, value_name = "SECONDS", value_parser = time_limit, allow_negative_numbers = true)]
    pub(crate) time_limit: Option<Duration>,
}

/// A chain to read.
#[derive(Debug, Args)]
pub(crate) struct ChainArguments {
    /// The chain file.
    #[arg(value_name = "PATH", default_value = DEFAULT_CHAIN)]
    path: PathBuf,

    /// The same as PATH.
    #[arg(long, value_name = "PATH", conflicts_with = "path")]
    chain: Option<PathBuf>,
}

impl ChainArguments {
    pub(crate) fn path(&self) -> &Path {
        self.chain.as_deref().unwrap_or(&self.path)
    }
}

/// The dialect of a chain.
#[derive(Debug, Default, Args)]
pub(crate) struct DialectArguments {
    /// Which properties have which roles, such as hash=digest,nonce=proof; the roles are hash,
    /// previous_hash, nonce, index, timestamp and data. An empty name says that there is none.
    /// What is not said is detected.
    #[arg(long, value_name = "ROLE=NAME,…")]
    names: Option<Names>,

    /// How blocks are spelled when they are hashed: keys sorted or as in the file; spaced or
    /// compact separators; characters beyond ASCII as escapes (ascii) or as they are (utf8).
    #[arg(long, value_name = "sorted|file,spaced|compact,ascii|utf8")]
    spelling: Option<JsonSpelling>,
}

impl DialectArguments {
    pub(crate) fn hints(&self) -> DialectHints {
        DialectHints { names: self.names.clone().unwrap_or_default(), spelling: self.spelling }
    }
}

/// The form of the results.
#[derive(Debug, Args)]
pub(crate) struct OutputArguments {
    /// Text for people, or json for scripts: one document a line.
    #[arg(long = "output", value_name = "FORM", default_value = "text", value_enum)]
    pub(crate) format: OutputForm,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputForm {
    Text,
    Json,
}
