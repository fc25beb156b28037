//! The command line: the only place that prints, reads the environment and takes signals.
//!
//! Arguments are read as they were typed (`arguments/`), then given their meaning on this machine
//! (`resolve.rs`, `bench_plan.rs`); each command has a file of its own. Results go to standard
//! output, everything else to standard error. `failure.rs` has the errors and their exit codes.

mod account_table;
mod arguments;
mod bench;
mod bench_plan;
mod bench_progress;
mod bench_table;
mod block_data;
mod block_values;
mod cluster;
mod comparison_table;
mod destination;
mod explain;
mod exports;
mod failure;
mod generate;
mod input;
mod json;
mod kernels;
mod live_lines;
mod mine;
mod mine_table;
mod output;
mod progress_terminal;
mod report;
mod resolve;
mod search;
mod search_progress;
mod search_screen;
mod show;
mod signals;
mod solve;
mod stopped_time;
mod table;
mod unfound;
mod usage;
mod verify;
mod verify_document;

use std::ffi::OsString;
use std::process::ExitCode;

use anstream::ColorChoice;
use clap::Parser as _;

use arguments::{Arguments, Command, ProgressChoice};
use failure::{Failure, Result};
use output::Output;

/// Parses the arguments of the process, runs the command, and gives its exit code.
#[must_use]
pub fn run_program() -> ExitCode {
    let mut output = Output::new(ColorChoice::Auto, ProgressChoice::Auto);
    let ended = Arguments::try_parse().map_err(Failure::CommandLine).and_then(|arguments| {
        output = Output::new(arguments.color(), arguments.progress());
        run_command(arguments.command, &mut output)?;
        output.flush()
    });
    ended.map_or_else(|failure| end_with(failure, &mut output), |()| ExitCode::SUCCESS)
}

/// Prints the failure's message, and gives its exit code.
fn end_with(mut failure: Failure, output: &mut Output) -> ExitCode {
    if let Failure::CommandLine(error) = &mut failure
        && let Err(unprinted) = usage::print_usage(error)
    {
        failure = unprinted;
    }
    if let Some(message) = failure.message() {
        output.error(&message);
    }
    failure.exit_code()
}

/// The message for arguments that are wrong or ask for help; `None` where a command would run.
/// Runs nothing: this is for tests of the arguments alone.
#[doc(hidden)]
#[must_use]
pub fn usage_error<T: Into<OsString> + Clone>(
    arguments: impl IntoIterator<Item = T>,
) -> Option<String> {
    Arguments::try_parse_from(arguments).err().map(usage::usage_message)
}

fn run_command(command: Command, output: &mut Output) -> Result<()> {
    match command {
        Command::Mine(mine) => mine::mine_blocks(*mine, output),
        Command::Verify(verify) => verify::verify_chains(&verify, output),
        Command::Show(show) => show::show_blocks(&show, output),
        Command::Solve(solve) => solve::solve_header(&solve, output),
        Command::Join(join) => cluster::join_cluster(&join, output),
        Command::Bench(bench) => bench::run_benchmark(*bench, output),
        Command::Report(report) => report::report_files(&report, output),
        Command::Kernels(kernels) => kernels::list_or_explain(&kernels, output),
        Command::Completions { shell } => generate::print_completions(shell, output),
        Command::Man { command } => generate::print_man_page(command.as_deref(), output),
    }
}
