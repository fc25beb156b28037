//! The command line as it was typed.
//!
//! Parsing asks nothing of the machine. What the arguments mean on this machine, which kernels
//! `all` are for instance, is in `resolve.rs` and `bench_plan.rs`.

#![allow(clippy::doc_markdown, reason = "these comments are the help texts, not Markdown")]

pub(super) mod bench;
pub(super) mod bitcoin;
pub(super) mod chain;
pub(super) mod cluster;
pub(super) mod examples;
pub(super) mod header;
pub(super) mod mine;
pub(super) mod report;
pub(super) mod shared;
pub(super) mod values;

use anstream::ColorChoice;
use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use bench::BenchArguments;
use chain::{ShowArguments, VerifyArguments};
use cluster::JoinArguments;
use examples::help;
use header::{KernelsArguments, SolveArguments};
use mine::MineArguments;
use report::ReportArguments;

/// The place of what every command takes: after a command's own arguments.
const LAST: usize = 100;

/// Parallel proof-of-work miner, and a benchmark of how it scales with cores.
#[derive(Debug, Parser)]
#[command(name = "stripmine", version, propagate_version = true, max_term_width = 100)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,

    /// When to colour the output; auto: on a terminal, unless NO_COLOR is set.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", value_enum)]
    #[arg(display_order = LAST)]
    color: clap::ColorChoice,

    /// How to show progress; auto: redrawn in place on a terminal, a line now and then elsewhere;
    /// always: redrawn in place, wherever it goes.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", value_enum)]
    #[arg(display_order = LAST)]
    progress: ProgressChoice,

    /// Show no progress, as with --progress never.
    #[arg(long, short, global = true, display_order = LAST)]
    quiet: bool,
}

/// Where progress is redrawn in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ProgressChoice {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Mine blocks onto a chain file.
    #[command(after_help = help("mine"))]
    Mine(Box<MineArguments>),
    /// Check chain files: every hash, index and previous hash, and with --difficulty the work.
    #[command(after_help = help("verify"))]
    Verify(VerifyArguments),
    /// Show the blocks of a chain file.
    #[command(after_help = help("show"))]
    Show(ShowArguments),
    /// Search a header from elsewhere: a Bitcoin header, or text around a decimal nonce.
    #[command(after_help = help("solve"))]
    Solve(Box<SolveArguments>),
    /// Make this machine a host of a cluster: it searches for mine --cluster and solve --cluster.
    #[command(after_help = help("join"))]
    Join(JoinArguments),
    /// Measure hash rates for numbers of threads, kernels and baselines, and prove the work.
    #[command(after_help = help("bench"))]
    Bench(Box<BenchArguments>),
    /// Show tables and charts of saved benchmarks, of one machine or several; measures nothing.
    #[command(after_help = help("report"))]
    Report(ReportArguments),
    /// List the kernels, each a way to hash: which this CPU can run, whether they pass their
    /// self-test, how fast they are.
    #[command(after_help = help("kernels"))]
    Kernels(KernelsArguments),
    /// Print the completion script of a shell.
    #[command(after_help = help("completions"))]
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print a man page: the program's, or a command's.
    #[command(after_help = help("man"))]
    Man {
        /// The command whose page to print; without one, the program's.
        command: Option<String>,
    },
}

impl Arguments {
    pub(super) fn progress(&self) -> ProgressChoice {
        if self.quiet { ProgressChoice::Never } else { self.progress }
    }

    pub(super) fn color(&self) -> ColorChoice {
        match self.color {
            clap::ColorChoice::Auto => ColorChoice::Auto,
            clap::ColorChoice::Always => ColorChoice::Always,
            clap::ColorChoice::Never => ColorChoice::Never,
        }
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
