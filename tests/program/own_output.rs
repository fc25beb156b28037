//! No command reads the file that its standard output goes to: the output would end up in the
//! chain, and a shell has emptied the file before the program starts.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;

use crate::common::process::{CHAIN, Ran, Scratch, finish};
use crate::saved::saved_bytes;

const USAGE: i32 = 2;

fn appending(path: &Path) -> File {
    File::options().append(true).open(path).unwrap()
}

/// Runs a command whose standard output is this file.
fn run_into(scratch: &Scratch, arguments: &[&str], output: File) -> Ran {
    finish(scratch.stripmine(arguments).stdout(output).spawn().unwrap())
}

#[test]
fn a_chain_is_not_printed_into_itself() {
    let commands: [&[&str]; 8] = [
        &["show"],
        &["show", "--output", "json"],
        &["show", "--hashed", "1"],
        &["verify"],
        &["verify", "--output", "json"],
        &["mine", "--difficulty", "0", "--output", "json"],
        &["mine", "--difficulty", "0", "--dry-run"],
        &["kernels", "--explain"],
    ];
    for arguments in commands {
        let scratch = Scratch::with_chain(3);
        let before = scratch.read(CHAIN);
        let link = scratch.path("link");
        std::fs::hard_link(scratch.chain(), &link).unwrap();
        let arguments = [arguments, &["--chain", CHAIN]].concat();
        let ran = run_into(&scratch, &arguments, appending(&link)).ends_with_code(USAGE);
        ran.says(&[CHAIN, "standard output", "to a new file"]);
        assert!(before == scratch.read(CHAIN), "{arguments:?}: it was changed");
    }
}

#[test]
fn a_chain_that_the_shell_has_emptied_is_said_to_be() {
    for arguments in [["show", CHAIN], ["verify", CHAIN], ["mine", "--dry-run"]] {
        let scratch = Scratch::with_chain(3);
        let emptied = File::create(scratch.chain()).unwrap();
        let ran = run_into(&scratch, &arguments, emptied).ends_with_code(USAGE);
        ran.says(&[CHAIN, "standard output", "new file", "emptied", "copy"]);
        assert!(scratch.read(CHAIN).is_empty(), "{arguments:?}: something was written");
    }
}

#[test]
fn neither_data_nor_a_saved_benchmark_is_printed_into_itself() {
    let commands: [&[&str]; 5] = [
        &["mine", "--difficulty", "0", "--data-lines", "input"],
        &["mine", "--difficulty", "0", "--data-file", "input"],
        &["mine", "--difficulty", "0", "--data-json", "@input"],
        &["report", "input", "--output", "json"],
        &["report", "-"],
    ];
    for arguments in commands {
        let scratch = Scratch::new();
        let path = scratch.write("input", saved_bytes("small"));
        let before = scratch.read("input");
        let mut command = scratch.stripmine(arguments);
        command.stdin(File::open(&path).unwrap()).stdout(appending(&path));
        let ran = finish(command.spawn().unwrap()).ends_with_code(USAGE);
        ran.says(&["input", "standard output", "to a new file"]);
        assert!(before == scratch.read("input"), "{arguments:?}: it was changed");
        assert_eq!(scratch.snapshot().len(), 1, "{arguments:?}: no chain was made");
    }
}

#[test]
fn a_chain_is_printed_into_any_other_file() {
    let scratch = Scratch::with_chain(3);
    let other = File::create(scratch.path("other")).unwrap();
    run_into(&scratch, &["show", "--output", "json"], other).ends_with_code(0);
    assert!(scratch.read("other") == scratch.read(CHAIN));
}

#[test]
fn a_device_may_be_read_and_printed_to() {
    let scratch = Scratch::new();
    let mut command = scratch.stripmine(&["mine", "--difficulty", "0", "--data-file", "/dev/null"]);
    let ran = finish(command.stdout(Stdio::null()).spawn().unwrap());
    ran.ends_with_code(0).without_a_word();
}
