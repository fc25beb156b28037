//! What the README shows is what happens.

use crate::common::process::Scratch;
use crate::common::python::python;

const README: &str = include_str!("../../README.md");

/// The first block of code in a language.
fn code(language: &str) -> &'static str {
    let (_, rest) = README.split_once(&format!("```{language}\n")).expect("such a block");
    rest.split_once("```").expect("its end").0
}

#[test]
fn the_chain_that_the_first_commands_mine_verifies_in_the_readmes_python() {
    let scratch = Scratch::new();
    let commands = code("console").lines().filter_map(|line| line.strip_prefix("$ stripmine "));
    for command in commands {
        let mut arguments: Vec<&str> = command.split(' ').collect();
        if arguments[0] == "mine" {
            // The same nonces in every run.
            arguments.extend(["--timestamp", "0"]);
        }
        scratch.run(&arguments).ends_with_code(0).without_a_word();
    }
    scratch.holds_blocks(4);
    let program = format!("import os\nos.chdir({:?})\n{}", scratch.directory(), code("python"));
    let Some(python) = python(&["-c", &program]) else { return };
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", output.stderr.escape_ascii());
}
