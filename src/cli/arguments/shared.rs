//! Arguments that several commands take.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::values::{
    CpuList, DEFAULT_CHAIN, Difficulty, KERNEL_VARIABLE, KernelChoice, Threads, bits, cpu_list,
    hex_zeros, kernel, threads,
};

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
    /// Workers: a number, all (every CPU this process may use), or physical (one per core).
    #[arg(long, short, value_name = "N", default_value = "all", value_parser = threads)]
    pub(crate) threads: Threads,

    /// The kernel that hashes: avx512-sha, avx512, sha-ni, avx2, sse4.1, sha2, portable, or auto,
    /// the best one for this CPU.
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

    /// Pin workers to these CPUs alone, such as 0-3,8,10-15:2; all is then their number.
    #[arg(long, value_name = "LIST", value_parser = cpu_list)]
    pub(crate) cpu_list: Option<CpuList>,
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
