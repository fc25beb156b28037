//! The command line: the only place that prints, reads the environment and takes signals.
//!
//! What was typed (`arguments.rs`) becomes what is meant in each command's own file. Results go
//! to standard output, everything else to standard error, and every way to end has its exit code
//! (`failure.rs`).

mod argument_parsers;
mod arguments;
mod bench;
mod bench_arguments;
mod bench_progress;
mod bench_table;
mod block_data;
mod comparison_table;
mod explain;
mod exports;
mod failure;
mod generate;
mod json;
mod kernels;
mod mine;
mod mine_table;
mod output;
mod pinning;
mod progress_terminal;
mod report;
mod report_arguments;
mod search;
mod search_progress;
mod show;
mod signals;
mod solve;
mod table;
mod verify;

use std::ffi::OsString;
use std::process::ExitCode;

use anstream::ColorChoice;
use clap::Parser as _;

use arguments::{Arguments, Command};
use failure::Failure;
use output::Output;

/// Runs the program with the arguments of the process, to its exit code.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let mut output = Output::new(ColorChoice::Auto);
            let reported = failure::report_usage(error);
            return reported.unwrap_or_else(|failure| failure.report(&mut output));
        }
    };
    let mut output = Output::new(arguments.color());
    match execute(arguments, &mut output).and_then(|()| output.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(&mut output),
    }
}

/// What is said of a command line that cannot be meant, or that asks for help; `None` where there
/// is nothing to say. Runs nothing: this is for tests of the arguments alone.
#[doc(hidden)]
#[must_use]
pub fn usage_error<T: Into<OsString> + Clone>(
    arguments: impl IntoIterator<Item = T>,
) -> Option<String> {
    Arguments::try_parse_from(arguments).err().map(failure::usage_message)
}

fn execute(arguments: Arguments, output: &mut Output) -> Result<(), Failure> {
    let quiet = arguments.quiet;
    match arguments.command {
        Command::Mine(mine) => mine::run(*mine, quiet, output),
        Command::Verify(verify) => verify::run(&verify, output),
        Command::Show(show) => show::run(&show, output),
        Command::Solve(solve) => solve::run(&solve, quiet, output),
        Command::Bench(bench) => bench::run(&bench, quiet, output),
        Command::Report(report) => report::run(&report, output),
        Command::Kernels(kernels) => kernels::run(&kernels, output),
        Command::Completions { shell } => generate::completions(shell, output),
        Command::Man { command } => generate::man(command.as_deref(), output),
    }
}
