//! Shell completions and man pages, generated from the definition of the arguments.

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::arguments::Arguments;
use super::failure::{Failure, Result};
use super::output::Output;

pub(super) fn print_completions(shell: Shell, output: &mut Output) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "stripmine", &mut script);
    output.bytes(&script)
}

pub(super) fn print_man_page(command: Option<&str>, output: &mut Output) -> Result<()> {
    let mut program = Arguments::command();
    program.build();
    let page = match command {
        None => program,
        Some(name) => {
            let found = program.find_subcommand(name).cloned();
            let names: Vec<_> = program.get_subcommands().map(clap::Command::get_name).collect();
            found.ok_or_else(|| {
                let names = names.join(", ");
                Failure::usage(format!("there is no command {name:?}; choose from {names}"))
            })?
        }
    };
    let mut text = Vec::new();
    let source = concat!("stripmine ", env!("CARGO_PKG_VERSION"));
    clap_mangen::Man::new(page).source(source).render(&mut text).map_err(Failure::system)?;
    output.bytes(&text)
}
