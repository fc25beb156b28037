//! Files that keep the program waiting, when they are opened or when they are read: one signal ends
//! it, at once and with nothing half done.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command};

use crate::common::process::{CHAIN, Ran, Scratch, finish, run, send, skipped, text, wait_until};
use crate::common::python::python;

/// A signal, and the exit code that a shell sees.
const SIGNALS: [(&str, i32); 2] = [("INT", 130), ("TERM", 143)];

/// Opens a file in such a way that nobody else can, until its standard input ends.
const HOLD: &str = "\
import fcntl, signal, sys
signal.signal(signal.SIGIO, signal.SIG_IGN)
file = open(sys.argv[1], 'r+')
fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
print('held', flush=True)
sys.stdin.read()
";

fn with_fifo() -> Scratch {
    let scratch = Scratch::new();
    run(Command::new("mkfifo").arg(scratch.path("fifo"))).ends_with_code(0);
    scratch
}

/// Whether a thread of the process sleeps while it opens or reads a file.
fn waits_for_a_file(child: &Child) -> bool {
    let tasks = std::fs::read_dir(format!("/proc/{}/task", child.id()));
    let waits = |task: std::io::Result<std::fs::DirEntry>| {
        let call = task.and_then(|task| std::fs::read_to_string(task.path().join("syscall")));
        let number = call.unwrap_or_default().split_whitespace().next().map(str::parse::<i64>);
        let files = [libc::SYS_openat, libc::SYS_read];
        matches!(number, Some(Ok(number)) if files.contains(&number))
    };
    tasks.into_iter().flatten().any(waits)
}

/// Runs a command that waits for a file until this signal comes. A shell gives the exit code, also
/// of a command that leaves signals to the system.
#[track_caller]
fn interrupted(scratch: &Scratch, arguments: &[&str], signal: &str) -> Ran {
    let mut command = scratch.stripmine(arguments);
    let child = command.spawn().expect("the program starts");
    assert!(wait_until(|| waits_for_a_file(&child)), "{arguments:?}: it never waits");
    send(signal, &child);
    let mut ran = finish(child);
    if ran.code.is_none() {
        ran.code = SIGNALS.iter().find(|(name, _)| *name == signal).map(|(_, code)| *code);
    }
    ran
}

#[test]
fn one_signal_ends_the_wait_for_a_fifo() {
    let commands: [&[&str]; 6] = [
        &["mine", "--data-lines", "fifo"],
        &["mine", "--data-file", "fifo"],
        &["mine", "--data-json", "@fifo"],
        &["mine", "--data-json-lines", "fifo"],
        &["bench", "--threads", "1", "--compare", "fifo"],
        &["report", "fifo"],
    ];
    for (arguments, (signal, code)) in commands.iter().zip(SIGNALS.into_iter().cycle()) {
        let scratch = with_fifo();
        let before = scratch.snapshot();
        interrupted(&scratch, arguments, signal).ends_with_code(code);
        assert!(before == scratch.snapshot(), "{arguments:?}: it left something behind");
    }
}

/// As a file on a server that does not answer.
#[test]
fn one_signal_ends_the_wait_for_a_chain_that_cannot_be_opened() {
    let commands = [["verify", "json"], ["mine", "json"], ["verify", "text"], ["mine", "text"]];
    for ([command, form], (signal, code)) in commands.iter().zip(SIGNALS.into_iter().cycle()) {
        let scratch = Scratch::with_chain(3);
        let path = scratch.chain();
        let Some(mut holder) = python(&["-c", HOLD, path.to_str().unwrap()]) else { return };
        let mut line = String::new();
        BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line).unwrap();
        if line.is_empty() {
            return skipped("a chain that cannot be opened; this file system has no leases");
        }
        let ran = interrupted(&scratch, &[command, "--output", form], signal).ends_with_code(code);
        match *form {
            "json" => assert_eq!(text(&ran.documents()[0], "outcome"), "interrupted"),
            _ => drop(ran.prints(&["interrupted"])),
        }
        drop(holder.stdin.take());
        holder.wait().unwrap();
        scratch.holds_blocks(3);
        assert_eq!(scratch.snapshot().len(), 1, "only {CHAIN}");
    }
}
