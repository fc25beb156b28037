//! What README and the documentation show is what happens.

use std::process::Command;

use crate::common::process::{Scratch, skipped};
use crate::common::python::python;
use stripmine::chain::python_json::{JsonSpelling, respell};

const DIALECTS: &str = include_str!("../../docs/dialects.md");

#[cfg(unix)]
const CLUSTER: &str = include_str!("../../docs/cluster.md");

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

/// A block that two spellings seldom write the same.
const BLOCK: &str =
    r#"{"z": "\u00e9\u007f\ud83d\ude00\n,", "a": [1, [], {"y": null, "b": true}], "n": {}}"#;

/// The rows of the table of spellings: the spelling, Python and JavaScript.
fn spellings() -> Vec<[&'static str; 3]> {
    let rows = DIALECTS
        .lines()
        .filter(|line| line.starts_with("| `sorted,") || line.starts_with("| `file,"));
    let cells = |row: &'static str| {
        let mut cells = row.split('`').skip(1).step_by(2);
        [(); 3].map(|()| cells.next().expect("three cells"))
    };
    rows.map(cells).collect()
}

#[track_caller]
fn are_spelled(printed: &[u8]) {
    let lines = str::from_utf8(printed).unwrap().lines();
    let rows = spellings();
    assert_eq!(rows.len(), JsonSpelling::ALL.len());
    for ([style, ..], line) in rows.iter().zip(lines) {
        assert_eq!(line, respell(BLOCK.as_bytes(), style.parse().unwrap()).unwrap(), "{style}");
    }
}

#[test]
fn every_spelling_is_what_the_python_of_its_row_writes() {
    let rows = spellings();
    let prints: String = rows.iter().flat_map(|[_, python, _]| ["print(", python, ")\n"]).collect();
    let program = format!("import json\nblock = json.loads(r\'\'\'{BLOCK}\'\'\')\n{prints}");
    let Some(python) = python(&["-X", "utf8", "-c", &program]) else { return };
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", output.stderr.escape_ascii());
    are_spelled(&output.stdout);
}

#[test]
fn every_spelling_is_what_the_javascript_of_its_row_writes() {
    let (_, rest) = DIALECTS.split_once("```js\n").expect("a block of code");
    let functions = rest.split_once("```").expect("its end").0;
    let rows = spellings();
    let prints: String = rows.iter().flat_map(|[.., js]| ["console.log(", js, ");\n"]).collect();
    let program = format!("{functions}\nconst block = {BLOCK};\n{prints}");
    match Command::new("node").args(["-e", &program]).output() {
        Ok(output) => {
            assert!(output.status.success(), "{}", output.stderr.escape_ascii());
            are_spelled(&output.stdout);
        }
        Err(error) => skipped(&format!("the JavaScript of docs/dialects.md: node: {error}")),
    }
}

/// How `docs/cluster.md` benchmarks many hosts, tried with this machine in the place of each.
#[cfg(unix)]
#[test]
fn hosts_are_benchmarked_and_drawn_together_as_the_docs_say() {
    let (_, rest) = CLUSTER.split_once("```sh benchmark\n").expect("such a block");
    let documented = rest.split_once("```").expect("its end").0;
    let quick = "--time 0.02 --samples 1 --warmup 0 --threads 1 --kernels sha2 --baselines none";
    let stripmine = env!("CARGO_BIN_EXE_stripmine");
    let script = format!(
        "stripmine() {{ '{stripmine}' \"$@\"; }}\nssh() {{ shift; \"$@\" {quick}; }}\n{documented}"
    );
    let scratch = Scratch::new();
    let mut shell = crate::common::process::program("sh");
    let ran =
        crate::common::process::run(shell.current_dir(scratch.directory()).args(["-ec", &script]));
    ran.ends_with_code(0).prints(&["anvil 1", "bench 1", "chisel 1"]);
    assert!(scratch.read("hosts.html").starts_with(b"<!doctype html>"));
}
