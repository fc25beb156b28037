//! Standard output that cannot be written: its reader has left, or the disk is full.

use std::process::Stdio;

use crate::common::process::{CHAIN, Scratch, run};

/// Commands that print results.
const PRINTING: [&[&str]; 10] = [
    &["show"],
    &["show", "--output", "json"],
    &["show", "--hashed", "1"],
    &["verify"],
    &["verify", "--output", "json"],
    &["kernels", "--output", "json"],
    &["completions", "bash"],
    &["man"],
    &["mine", "--difficulty", "1", "--blocks", "3"],
    &["mine", "--difficulty", "1", "--blocks", "3", "--output", "json"],
];

#[test]
fn a_reader_that_leaves_is_no_failure() {
    for arguments in PRINTING {
        let scratch = Scratch::with_chain(1_000);
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ran = run(scratch.stripmine(arguments).stdout(writer));
        assert!(ran.code == Some(0) && ran.stderr.is_empty(), "{arguments:?}: {ran}");
        scratch.run(&["verify", "--strict"]).ends_with_code(0);
    }
}

#[test]
fn a_reader_that_leaves_does_not_make_a_wrong_chain_right() {
    let scratch = Scratch::with("hello\n");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let ran = run(scratch.stripmine(&["mine"]).stdout(writer));
    ran.ends_with_code(1).says(&[CHAIN]);
}

#[cfg(target_os = "linux")]
#[track_caller]
fn fails_without_room(scratch: &Scratch, arguments: &[&str]) {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let ran = run(scratch.stripmine(arguments).stdout(full));
    assert!(ran.code == Some(3), "{arguments:?}: {ran}");
    ran.says(&["standard output", "No space left on device"]);
}

#[cfg(target_os = "linux")]
#[test]
fn results_that_cannot_be_written_are_a_failure() {
    for arguments in PRINTING {
        let scratch = Scratch::with_chain(3);
        fails_without_room(&scratch, arguments);
        scratch.run(&["verify", "--strict"]).ends_with_code(0);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn help_that_cannot_be_written_is_a_failure() {
    for arguments in [&["--help"][..], &["mine", "--help"], &["--version"]] {
        fails_without_room(&Scratch::new(), arguments);
    }
}

/// What the command has to say matters to its exit code, not whether anybody reads it.
#[test]
fn an_invalid_chain_is_exit_code_1_also_when_the_reader_has_left() {
    let scratch = Scratch::with("not a chain\n");
    let mut command = scratch.stripmine(&["verify"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(1));
}
