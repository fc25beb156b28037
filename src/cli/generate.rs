//! Shell completions and man pages, generated from the definition of the arguments.

use std::io::{self, Write};

use clap::builder::PossibleValuesParser;
use clap::{Arg, Command, CommandFactory as _, ValueHint};
use clap_complete::Shell;
use clap_mangen::Man;

use super::arguments::{Arguments, examples};
use super::failure::{Failure, Result};
use super::output::Output;
use crate::pow::Kernel;

pub(super) fn print_completions(shell: Shell, output: &mut Output) -> Result<()> {
    let mut script = Vec::new();
    let mut program = Arguments::command().mut_subcommands(|command| command.mut_args(hinted));
    clap_complete::generate(shell, &mut program, "stripmine", &mut script);
    output.bytes(&script)
}

/// An argument with what a shell may offer for its value: files for a file alone, and kernels.
fn hinted(argument: Arg) -> Arg {
    if argument.get_id() == "kernel" {
        let names = Kernel::ALL.iter().map(|kernel| kernel.name()).chain(["auto"]);
        return argument.value_parser(PossibleValuesParser::new(names));
    }
    let is_file = |name: &str| matches!(name, "PATH" | "FILE");
    match argument.get_value_names() {
        _ if !argument.get_action().takes_values() => argument,
        Some([name]) if is_file(name.as_str()) => argument.value_hint(ValueHint::FilePath),
        _ => argument.value_hint(ValueHint::Other),
    }
}

pub(super) fn print_man_page(command: Option<&str>, output: &mut Output) -> Result<()> {
    let mut program = Arguments::command();
    program.build();
    let page = match command {
        None => program,
        Some(name) => {
            let found = program.find_subcommand(name).cloned();
            let names: Vec<_> = program.get_subcommands().map(Command::get_name).collect();
            found.ok_or_else(|| {
                let names = names.join(", ");
                Failure::usage(format!("there is no command {name:?}; choose from {names}"))
            })?
        }
    };
    let mut text = Vec::new();
    render(page, command, &mut text).map_err(Failure::system)?;
    output.bytes(&text)
}

/// The page of a command, or of the program, in roff.
fn render(page: Command, command: Option<&str>, roff: &mut Vec<u8>) -> io::Result<()> {
    let has_subcommands = page.has_subcommands();
    let source = concat!("stripmine ", env!("CARGO_PKG_VERSION"));
    let man = Man::new(page).source(source);
    man.render_title(roff)?;
    man.render_name_section(roff)?;
    man.render_synopsis_section(roff)?;
    man.render_description_section(roff)?;
    man.render_options_section(roff)?;
    if has_subcommands {
        man.render_subcommands_section(roff)?;
    }
    list("EXIT STATUS", &EXIT_STATUS, roff)?;
    list("ENVIRONMENT", &ENVIRONMENT, roff)?;
    list("FILES", &FILES, roff)?;
    list("SIGNALS", &SIGNALS, roff)?;
    // The program's page shows what most people begin with.
    let examples = examples::of(command.unwrap_or("mine")).unwrap_or_default();
    writeln!(roff, ".SH EXAMPLES")?;
    for (does, line) in examples {
        writeln!(roff, ".PP\n{}:\n.PP\n.RS 4\n.nf\n{}\n.fi\n.RE", escaped(does), escaped(line))?;
    }
    man.render_version_section(roff)
}

/// A section of terms and their descriptions.
fn list(heading: &str, items: &[(&str, &str)], roff: &mut Vec<u8>) -> io::Result<()> {
    writeln!(roff, ".SH \"{heading}\"")?;
    for (term, description) in items {
        writeln!(roff, ".TP\n\\fB{}\\fR\n{}", escaped(term), escaped(description))?;
    }
    Ok(())
}

/// Text that roff takes for nothing but text. No text begins with a dot.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq")
}

const EXIT_STATUS: [(&str, &str); 5] = [
    ("0", "Done. This includes the case that the reader of a pipe has left."),
    (
        "1",
        "A check said no: a chain is invalid or the file is not a chain, a self-test or a proof \
         failed, a benchmark is slower than allowed, a saved benchmark is malformed, or the range \
         has no valid nonce. Or --time-limit ended the command.",
    ),
    (
        "2",
        "Wrong usage: impossible or conflicting arguments, a kernel that this CPU lacks, data that \
         is not JSON, or a chain whose blocks do not tell their dialect.",
    ),
    (
        "3",
        "A file or the system failed: a file is missing, unreadable or locked by another writer, \
         or the disk is full.",
    ),
    (
        "130, 143",
        "Ctrl-C or SIGTERM. Everything known was printed, and nothing half-done was written.",
    ),
];

const ENVIRONMENT: [(&str, &str); 4] = [
    ("STRIPMINE_KERNEL", "The default of --kernel. Set to nothing, it is as if it were not set."),
    ("NO_COLOR", "If it is set, no colours are used; --color always overrides it."),
    (
        "TERM",
        "Where it is dumb or not set, progress is printed in lines; --progress always overrides it.",
    ),
    (
        "STRIPMINE_CLUSTER_USER, STRIPMINE_CLUSTER_PASSWORD",
        "The user and the password for the servers of a cluster. --cluster-creds overrides them.",
    ),
];

const FILES: [(&str, &str); 2] = [
    ("chain.jsonl", "The chain that is mined onto, checked or shown where no file is named."),
    (
        "chain.jsonl.torn-OFFSET",
        "A line whose append was cut short, moved out of the chain by the next mine.",
    ),
];

const SIGNALS: [(&str, &str); 2] = [
    (
        "SIGINT, SIGTERM",
        "Stop, and print what is known. A second one ends the program at once. A signal that the \
         parent process ignores stays ignored.",
    ),
    ("SIGUSR1", "Print the progress of the search as a line on standard error."),
];
