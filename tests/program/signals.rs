//! Ctrl-C and SIGTERM: the program stops, says what it knows, and leaves a valid chain.

use std::io::Write as _;
use std::process::{Child, Command, Stdio};

use crate::common::process::{CHAIN, Ran, Scratch, finish, run, send, text, wait_until};

/// A signal, and the exit code that follows.
const SIGNALS: [(&str, i32); 2] = [("INT", 130), ("TERM", 143)];

/// More work than all the machines that run tests can do.
const ENDLESS: [&str; 3] = ["mine", "--difficulty", "20"];

fn start(command: &mut Command) -> Child {
    command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// Waits for the genesis block: by then the signals are in the program's hands.
#[track_caller]
fn wait_for_blocks(scratch: &Scratch, blocks: usize) {
    let count = || {
        let bytes = std::fs::read(scratch.chain()).unwrap_or_default();
        bytes.iter().filter(|byte| **byte == b'\n').count()
    };
    assert!(wait_until(|| count() >= blocks), "{blocks} blocks are never mined");
}

/// Waits until the process computes: until then a search may not have begun.
#[cfg(target_os = "linux")]
#[track_caller]
fn wait_for_work(child: &Child) {
    let path = format!("/proc/{}/stat", child.id());
    let ticks = || {
        let stat = std::fs::read_to_string(&path).unwrap_or_default();
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        after_name.split_whitespace().nth(11).map_or(0, |ticks| ticks.parse::<u64>().unwrap())
    };
    // Before the search, its kernel's self-test has computed.
    let before = ticks();
    assert!(wait_until(|| ticks() >= before + 5), "it never computes");
}

#[cfg(not(target_os = "linux"))]
fn wait_for_work(_: &Child) {
    std::thread::sleep(std::time::Duration::from_millis(300));
}

/// Searches until a signal comes.
fn interrupted(scratch: &Scratch, arguments: &[&str], signal: &str) -> Ran {
    let child = start(&mut scratch.stripmine(arguments));
    wait_for_blocks(scratch, 1);
    wait_for_work(&child);
    send(signal, &child);
    finish(child)
}

#[test]
fn a_signal_ends_the_search_and_the_block_is_not_written() {
    for (signal, code) in SIGNALS {
        let scratch = Scratch::new();
        let ran = interrupted(&scratch, &ENDLESS, signal).ends_with_code(code);
        ran.prints(&["block 1", "interrupted", "hashes"]);
        scratch.holds_blocks(1);
        assert_eq!(scratch.snapshot().len(), 1, "and no other file is left");
    }
}

#[test]
fn a_signal_gives_a_document_that_says_so() {
    for (signal, code) in SIGNALS {
        let scratch = Scratch::new();
        let arguments = [&ENDLESS[..], &["--output", "json"]].concat();
        let ran = interrupted(&scratch, &arguments, signal).ends_with_code(code);
        let documents = ran.documents();
        assert_eq!(documents.len(), 1, "{ran}");
        assert_eq!(text(&documents[0], "outcome"), "interrupted");
        crate::common::process::member(&documents[0], "report");
        scratch.holds_blocks(1);
    }
}

#[test]
fn a_signal_before_the_search_gives_a_document_too() {
    let scratch = Scratch::new();
    let arguments = ["mine", "--difficulty", "1", "--data-lines", "-", "--output", "json"];
    let child = waiting_for_input(&scratch, &arguments, "");
    wait_for_blocks(&scratch, 1);
    send("INT", &child);
    let documents = finish_with_open_input(child).ends_with_code(130).documents();
    let outcomes: Vec<_> = documents.iter().map(|document| text(document, "outcome")).collect();
    assert_eq!(outcomes, ["interrupted"]);
}

#[test]
fn every_thread_and_kernel_stops() {
    for arguments in [["--threads", "1"], ["--threads", "16"], ["--kernel", "portable"]] {
        let scratch = Scratch::new();
        let arguments = [&ENDLESS[..], &arguments].concat();
        interrupted(&scratch, &arguments, "INT").ends_with_code(130);
    }
}

#[test]
fn the_chain_can_be_mined_onto_at_once_after_a_signal() {
    let scratch = Scratch::new();
    interrupted(&scratch, &ENDLESS, "TERM").ends_with_code(143);
    scratch.run(&["mine", "--difficulty", "1"]).ends_with_code(0);
    scratch.holds_blocks(2);
}

#[test]
fn many_blocks_are_interrupted_between_or_in_them_and_all_that_were_reported_are_there() {
    for signal in ["INT", "TERM", "INT"] {
        let scratch = Scratch::new();
        let many = ["mine", "--blocks", "100000", "--difficulty", "1", "--output", "json"];
        let child = start(&mut scratch.stripmine(&many));
        wait_for_blocks(&scratch, 20);
        send(signal, &child);
        let ran = finish(child);
        assert!(matches!(ran.code, Some(130 | 143)), "{ran}");
        let outcomes = ran.documents();
        let found = outcomes.iter().filter(|document| text(document, "outcome") == "found");
        scratch.holds_blocks(found.count() + 1);
    }
}

#[test]
fn a_run_of_many_blocks_ends_with_a_document_that_says_interrupted() {
    let scratch = Scratch::new();
    let many = ["mine", "--blocks", "100000", "--difficulty", "1", "--output", "json"];
    let child = start(&mut scratch.stripmine(&many));
    wait_for_blocks(&scratch, 20);
    send("INT", &child);
    let ran = finish(child).ends_with_code(130);
    let documents = ran.documents();
    assert_eq!(text(documents.last().unwrap(), "outcome"), "interrupted");
}

#[test]
fn a_run_of_many_blocks_ends_with_its_totals() {
    let scratch = Scratch::new();
    let child = start(&mut scratch.stripmine(&["mine", "--blocks", "100000", "--difficulty", "1"]));
    wait_for_blocks(&scratch, 20);
    send("INT", &child);
    let ran = finish(child).ends_with_code(130);
    ran.prints(&["total", "worker", CHAIN, "synced", "interrupted"]);
}

/// Starts the program with a standard input that stays open and says nothing more.
fn waiting_for_input(scratch: &Scratch, arguments: &[&str], input: &str) -> Child {
    let mut child = start(scratch.stripmine(arguments).stdin(Stdio::piped()));
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    stdin.flush().unwrap();
    child.stdin = Some(stdin);
    child
}

/// Ends a process that waits for its standard input, which is kept open meanwhile.
fn finish_with_open_input(mut child: Child) -> Ran {
    let input = child.stdin.take();
    let ran = finish(child);
    drop(input);
    ran
}

#[test]
fn one_signal_ends_the_wait_for_the_next_line_of_data() {
    for (signal, code) in SIGNALS {
        let scratch = Scratch::new();
        let arguments = ["mine", "--difficulty", "1", "--data-lines", "-"];
        let child = waiting_for_input(&scratch, &arguments, "one\ntwo\n");
        wait_for_blocks(&scratch, 3);
        send(signal, &child);
        finish_with_open_input(child).ends_with_code(code);
        scratch.holds_blocks(3);
    }
}

#[test]
fn a_line_of_data_is_mined_as_soon_as_it_is_there() {
    let scratch = Scratch::new();
    let arguments = ["mine", "--difficulty", "1", "--data-lines", "-"];
    let mut child = waiting_for_input(&scratch, &arguments, "one\n");
    wait_for_blocks(&scratch, 2);
    child.stdin.as_mut().unwrap().write_all(b"two").unwrap();
    finish({
        drop(child.stdin.take());
        child
    })
    .ends_with_code(0);
    scratch.holds_blocks(3);
}

/// Whether the process has its own handler for SIGINT.
#[cfg(target_os = "linux")]
fn takes_interrupts(child: &Child) -> bool {
    let path = format!("/proc/{}/status", child.id());
    let status = std::fs::read_to_string(path).unwrap_or_default();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let caught = caught.map_or(Ok(0), |mask| u64::from_str_radix(mask.trim(), 16));
    caught.unwrap() >> (2 - 1) & 1 == 1
}

#[cfg(target_os = "linux")]
#[test]
fn one_signal_ends_the_wait_for_a_file_of_data() {
    let scratch = Scratch::new();
    let arguments = ["mine", "--difficulty", "1", "--data-file", "-"];
    let child = waiting_for_input(&scratch, &arguments, "half of it");
    assert!(wait_until(|| takes_interrupts(&child)));
    send("INT", &child);
    finish_with_open_input(child).ends_with_code(130).prints(&["interrupted"]);
    assert!(scratch.snapshot().is_empty());
}

#[test]
fn a_second_interrupt_does_no_harm() {
    let scratch = Scratch::new();
    let child = start(&mut scratch.stripmine(&ENDLESS));
    wait_for_blocks(&scratch, 1);
    let kill = format!("kill -INT {0}; kill -INT {0}", child.id());
    run(Command::new("sh").args(["-c", &kill]));
    finish(child).ends_with_code(130);
    scratch.holds_blocks(1);
}

/// Stops the process for a while, and lets it go on.
#[cfg(target_os = "linux")]
fn stop_for(time: std::time::Duration, child: &Child) {
    send("STOP", child);
    std::thread::sleep(time);
    send("CONT", child);
}

#[cfg(target_os = "linux")]
#[test]
fn time_in_which_it_was_stopped_is_in_no_rate() {
    let scratch = Scratch::new();
    let solve = ["solve", "--prefix", "x", "--bits", "200", "--threads", "1", "--kernel", "sha2"];
    let began = std::time::Instant::now();
    let child = start(&mut scratch.stripmine(&[&solve[..], &["--output", "json"]].concat()));
    wait_for_work(&child);
    // Past the kernel's self-test.
    std::thread::sleep(std::time::Duration::from_millis(300));
    stop_for(std::time::Duration::from_secs(3), &child);
    std::thread::sleep(std::time::Duration::from_millis(300));
    send("INT", &child);
    let ran = finish(child).ends_with_code(130).says(&["stopped for", "no rate counts that time"]);
    // Not a time that is judged: without the stop, at most what the whole test took less three.
    let most = began.elapsed().as_secs_f64() - 2.8;
    let report: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
    let elapsed = report["report"]["elapsed_s"].as_f64().unwrap();
    assert!(elapsed < most, "{elapsed} s, at most {most}");
    assert!(report["report"]["workers"][0]["busy_s"].as_f64().unwrap() <= elapsed);
}

#[cfg(target_os = "linux")]
#[test]
fn samples_in_which_it_was_stopped_are_left_out_of_a_benchmark() {
    let scratch = Scratch::new();
    let arguments = ["bench", "--kernels", "sha2", "--threads", "1", "--baselines", "none"];
    let length = ["--time", "0.5", "--samples", "2", "--warmup", "0", "--output", "json"];
    let mut child = start(&mut scratch.stripmine(&[&arguments[..], &length].concat()));
    // Past the warm-up: a round is two samples of half a second.
    wait_for_work(&child);
    std::thread::sleep(std::time::Duration::from_millis(250));
    stop_for(std::time::Duration::from_millis(400), &child);
    drop(child.stdin.take());
    let ran = finish(child).ends_with_code(0);
    let document: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
    let warnings = document["warnings"].as_array().unwrap();
    let paused = warnings.iter().find(|warning| warning["kind"] == "paused");
    let text = paused.unwrap_or_else(|| panic!("no warning in {warnings:?}"))["text"].as_str();
    assert!(text.unwrap().starts_with("1 sample was left out"), "{text:?}");
}

/// As `nohup` and some runners of jobs start their children.
#[cfg(target_os = "linux")]
#[test]
fn an_interrupt_that_the_parent_ignores_stays_ignored() {
    let scratch = Scratch::new();
    let mut shell = crate::common::process::program("sh");
    let script =
        format!("trap '' INT; exec {} {}", env!("CARGO_BIN_EXE_stripmine"), ENDLESS.join(" "));
    let child = start(shell.current_dir(scratch.directory()).args(["-c", &script]));
    wait_for_blocks(&scratch, 1);
    wait_for_work(&child);
    assert!(
        crate::common::process::ignores_interrupts(&child.id().to_string()),
        "SIGINT has been taken over"
    );
    send("INT", &child);
    send("INT", &child);
    std::thread::sleep(std::time::Duration::from_millis(50));
    send("TERM", &child);
    finish(child).ends_with_code(143);
    scratch.holds_blocks(1);
}

/// Nor does it matter whether progress is shown.
#[cfg(target_os = "linux")]
#[test]
fn a_signal_that_asks_for_the_state_is_answered_with_a_line() {
    for progress in ["auto", "never"] {
        let scratch = Scratch::new();
        let arguments = [&ENDLESS[..], &["--threads", "1", "--progress", progress]].concat();
        let child = start(&mut scratch.stripmine(&arguments));
        wait_for_blocks(&scratch, 1);
        wait_for_work(&child);
        send("USR1", &child);
        // Progress is looked at ten times a second.
        std::thread::sleep(std::time::Duration::from_millis(500));
        send("INT", &child);
        let ran = finish(child).ends_with_code(130);
        ran.says(&["block 1 onto chain.jsonl: ", "H/s", "expected", "best so far "]);
    }
}
