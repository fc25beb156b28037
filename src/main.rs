//! The `stripmine` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    stripmine::cli::run_program()
}
