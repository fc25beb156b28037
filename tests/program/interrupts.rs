//! Ctrl-C and SIGTERM at random instants.

use std::fs;
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::common::process::{
    CHAIN, Ran, Scratch, finish, program, run, send_to_group, skipped, text, wait_until,
};
use crate::common::{rounds, times};
use fastrand::Rng;

/// A signal, its number, and the exit code that follows.
const SIGNALS: [(&str, u32, i32); 2] = [("INT", 2, 130), ("TERM", 15, 143)];

/// Mines until it is stopped: between blocks most of the time, or in one. This kernel needs no time
/// to start, however it was compiled.
const ENDLESS: [&[&str]; 2] = [
    &["mine", "--kernel", "sha2", "--blocks", "1000000", "--difficulty", "1"],
    &["mine", "--kernel", "sha2", "--difficulty", "20"],
];

/// Whether the process has handlers of its own for both signals.
fn takes_signals(child: &Child) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap_or("0");
    let caught = u64::from_str_radix(caught.trim(), 16).unwrap();
    SIGNALS.iter().all(|(_, number, _)| caught >> (number - 1) & 1 == 1)
}

fn wait(random: &mut Rng, below_ms: u64) {
    thread::sleep(Duration::from_micros(random.u64(..1_000 * below_ms)));
}

/// The genesis block and those that were reported, no more and no less.
#[track_caller]
fn holds_what_was_reported(scratch: &Scratch, ran: &Ran) {
    let outcomes = ran.documents();
    let (last, found) = outcomes.split_last().expect("at least one document");
    assert_eq!(text(last, "outcome"), "interrupted", "{ran}");
    assert!(found.iter().all(|document| text(document, "outcome") == "found"), "{ran}");
    let chain = fs::read(scratch.chain()).unwrap_or_default();
    if chain.is_empty() {
        assert!(found.is_empty(), "{ran}");
        return;
    }
    scratch.holds_blocks(1 + found.len());
}

#[test]
fn a_signal_at_any_instant_is_answered_and_leaves_a_valid_chain_and_no_process() {
    rounds(times(20, 200), |round, random| {
        let (signal, _, code) = SIGNALS[usize::try_from(round).unwrap() % 2];
        let scratch = Scratch::new();
        let mut command = scratch.stripmine(random.choice(ENDLESS).unwrap());
        command.args(["--output", "json", "--threads", "3"]).process_group(0);
        let child = command.spawn().expect("the program starts");
        assert!(wait_until(|| takes_signals(&child)), "it takes no signals");
        wait(random, 60);
        let group = child.id();
        send_to_group(signal, &child);
        let ran = finish(child).ends_with_code(code);
        holds_what_was_reported(&scratch, &ran);
        let mut probe = Command::new("kill");
        probe.args(["-0", "--", &format!("-{group}")]).stderr(Stdio::null());
        let is_left = run(&mut probe).code == Some(0);
        assert!(!is_left, "a process of the group is left: {ran}");
        assert!(scratch.snapshot().keys().all(|name| name == CHAIN), "another file is left");
    });
}

/// Runs a shell script on a terminal of its own; what is written to the child's standard input is
/// typed there. `None`, loudly, where that is impossible.
fn on_a_terminal(scratch: &Scratch, script: &str) -> Option<Child> {
    let mut terminal = program("script");
    terminal.args(["--quiet", "--return", "--command", script, "/dev/null"]);
    terminal.current_dir(scratch.directory()).env("TERM", "xterm").stdin(Stdio::piped());
    match terminal.spawn() {
        Ok(child) => Some(child),
        Err(error) => {
            skipped(&format!("signals on a terminal; script does not start: {error}"));
            None
        }
    }
}

/// Mines on a terminal, and says how it ended and what became of the terminal.
fn mining_script(arguments: &[&str]) -> String {
    let (mine, program) = (arguments.join(" "), env!("CARGO_BIN_EXE_stripmine"));
    // The shell stays when Ctrl-C is typed, and lets its child have the usual reaction to it.
    format!(
        "trap : INT; stty -a >before; sh -c 'echo $$ >pid; exec {program} {mine}'; \
         echo $? >code; stty -a >after"
    )
}

fn has_genesis(scratch: &Scratch) -> bool {
    fs::read(scratch.chain()).is_ok_and(|bytes| bytes.contains(&b'\n'))
}

#[test]
fn a_terminal_is_left_as_it_was() {
    rounds(times(20, 200), |round, random| {
        let (signal, _, code) = SIGNALS[usize::try_from(round).unwrap() % 2];
        let scratch = Scratch::new();
        let arguments = random.choice(ENDLESS).unwrap();
        let Some(mut terminal) = on_a_terminal(&scratch, &mining_script(arguments)) else { return };
        assert!(wait_until(|| has_genesis(&scratch)), "nothing is mined");
        wait(random, 400);
        if signal == "INT" {
            let typed = terminal.stdin.as_mut().expect("it is piped").write_all(b"\x03");
            typed.expect("a key can be pressed");
        } else {
            run(Command::new("sh")
                .current_dir(scratch.directory())
                .args(["-c", "kill $(cat pid)"]))
            .ends_with_code(0);
        }
        let input = terminal.stdin.take();
        let ran = finish(terminal);
        drop(input);
        assert_eq!(scratch.read("code"), format!("{code}\n").into_bytes(), "{signal}: {ran}");
        assert_eq!(scratch.read("before"), scratch.read("after"), "its settings: {ran}");
        // A terminal throws away what it has not yet shown when Ctrl-C is typed, in the middle of a
        // character too.
        let shown = String::from_utf8_lossy(&ran.stdout);
        is_usable(&shown);
        assert!(shown.contains("interrupted"), "{shown}");
        scratch.run(&["verify", "--strict"]).ends_with_code(0);
    });
}

/// What was switched on was switched off, and the cursor is at the start of a line.
#[track_caller]
fn is_usable(shown: &str) {
    for (off, on) in [("\u{1b}[?25l", "\u{1b}[?25h"), ("\u{1b}[?1049h", "\u{1b}[?1049l")] {
        assert!(shown.rfind(off) <= shown.rfind(on), "{off:?} stays: {shown:?}");
    }
    let styles = shown.split("\u{1b}[").skip(1).filter_map(|rest| {
        let end = rest.find(|it: char| it.is_ascii_alphabetic())?;
        rest[end..].starts_with('m').then(|| &rest[..end])
    });
    assert!(matches!(styles.last(), None | Some("0" | "")), "a style stays: {shown:?}");
    assert!(shown.ends_with('\n'), "the last line is not ended: {shown:?}");
}
