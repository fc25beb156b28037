//! Searches that end without a find: what they say, and that another search goes on from there.

use crate::common::process::{CHAIN, Scratch, member, number, text};
use sha2::{Digest as _, Sha256};
use stripmine::chain::python_json::Value;
use stripmine::pow::Digest;

/// A search that takes a while, and has a find.
const TEXT: [&str; 5] = ["solve", "--prefix", "go on ", "--bits", "19"];

/// The kernel that has the same speed however it was compiled.
const KERNEL: [&str; 2] = ["--kernel", "sha2"];

#[track_caller]
fn document(scratch: &Scratch, arguments: &[&str], code: i32) -> Value {
    let arguments = [arguments, &KERNEL, &["--output", "json"]].concat();
    scratch.run(&arguments).ends_with_code(code).documents().pop().expect("a document")
}

/// The best hash is that of its nonce, and the lowest below the nonce that is named.
#[track_caller]
fn has_best(document: &Value, prefix: &str, below: u64) {
    let best = member(document, "best");
    let hash = |nonce: u64| {
        Digest::from_be_bytes(Sha256::digest(format!("{prefix}{nonce}")).into()).to_string()
    };
    let nonce = number(best, "nonce");
    assert_eq!(text(best, "hash"), hash(nonce));
    let lowest = (0..below).map(|nonce| (hash(nonce), nonce)).min();
    assert_eq!(lowest, Some((text(best, "hash").to_owned(), nonce)));
}

#[test]
fn a_text_that_ran_out_of_time_is_found_where_the_next_search_goes_on() {
    let scratch = Scratch::new();
    let expected = document(&scratch, &TEXT, 0);
    let mut start = 0;
    let mut rounds = 0;
    let found = loop {
        let from = start.to_string();
        let limits = ["--start-nonce", &from, "--time-limit", "0.15"];
        let arguments = [&TEXT[..], &limits, &KERNEL, &["--output", "json"]].concat();
        let ran = scratch.run(&arguments);
        let document = ran.documents().remove(0);
        match text(&document, "outcome") {
            "found" => break document,
            "time_limit" => assert_eq!(ran.code, Some(1), "{ran}"),
            other => panic!("{other}: {ran}"),
        }
        assert_eq!([member(&document, "nonce"), member(&document, "hash")], [&Value::Null; 2]);
        assert!(number(&document, "tested_below") >= start);
        start = number(&document, "tested_below");
        rounds += 1;
        assert!(rounds < 200, "it gets nowhere: {ran}");
    };
    assert_eq!(member(&found, "nonce"), member(&expected, "nonce"));
}

#[test]
fn a_range_without_a_find_has_a_best_hash() {
    let scratch = Scratch::new();
    let search = ["solve", "--prefix", "x", "--bits", "60", "--end-nonce", "2000"];
    let document = document(&scratch, &search, 1);
    assert_eq!(text(&document, "outcome"), "exhausted");
    assert_eq!(number(&document, "tested_below"), 2001);
    has_best(&document, "x", 2001);
    scratch.run(&search).ends_with_code(1).prints(&[
        "no nonce of the range is valid",
        "all nonces below 2,001 were tested; --start-nonce 2001 goes on from there, with a larger \
         --end-nonce",
        text(member(&document, "best"), "hash"),
    ]);
}

#[test]
fn the_flags_that_mining_prints_go_on_with_the_same_block() {
    let scratch = Scratch::new();
    let mine = ["mine", "--bits", "60", "--blocks", "3", "--time-limit", "0.3"];
    let stopped = document(&scratch, &mine, 1);
    assert_eq!(text(&stopped, "outcome"), "time_limit");
    let tested_below = number(&stopped, "tested_below");
    let stopped_at = member(&stopped, "timestamp").to_string();
    let printed = scratch.run(&[&mine[..], &KERNEL].concat()).ends_with_code(1);
    let (_, flags) = printed.out().split_once("were tested; ").expect("flags");
    let (flags, _) = flags.split_once(" goes on from there").expect("flags");
    let flags: Vec<&str> = flags.split(' ').collect();
    assert_eq!(
        [flags[0], flags[1], flags[2], flags[4]],
        ["--blocks", "1", "--timestamp", "--start-nonce"]
    );
    // The same block with less work, from where the first run stopped.
    let start = tested_below.to_string();
    let go_on = ["mine", "--difficulty", "1", "--timestamp", &stopped_at, "--start-nonce", &start];
    let found = document(&scratch, &go_on, 0);
    let block = member(&found, "block");
    assert_eq!(member(block, "timestamp").to_string(), stopped_at);
    assert!(number(block, "nonce") >= tested_below);
    assert_eq!(scratch.read(CHAIN).iter().filter(|byte| **byte == b'\n').count(), 2);
}

#[test]
fn a_block_whose_data_is_a_line_goes_on_with_that_line_alone() {
    for (lines, flag) in [("--data-lines", "--data"), ("--data-json-lines", "--data-json")] {
        let scratch = Scratch::new();
        scratch.write("lines", "1\n2\n");
        let mine = ["mine", "--bits", "60", lines, "lines", "--time-limit", "0.3"];
        let ran = scratch.run(&[&mine[..], &KERNEL].concat()).ends_with_code(1);
        ran.prints(&[&format!("were tested; its line as {flag}, --timestamp ")]);
    }
}

#[test]
fn nonces_beyond_64_bits_have_nowhere_to_go_on() {
    let scratch = Scratch::new();
    // Longer nonces make the header shorter by a block of SHA-256.
    let (prefix, suffix) = ("p".repeat(42), "s".repeat(100));
    let header = ["solve", "--prefix", &prefix, "--suffix", &suffix, "--bits", "40"];
    let range = ["--start-nonce", "auto:wide", "--end-nonce", "100000000001000"];
    let search = [&header[..], &range, &KERNEL].concat();
    let ran = scratch.run(&search).ends_with_code(1).prints(&["auto:wide have no flag", "best"]);
    assert!(!ran.out().contains("--start-nonce"), "{ran}");
    let document = document(&scratch, &[&header[..], &range].concat(), 1);
    assert_eq!(member(&document, "tested_below"), &Value::Null);
    let nonce = member(member(&document, "best"), "nonce").to_string();
    assert!(nonce.starts_with("111") && nonce.len() > 20, "{nonce}");
}

#[test]
fn a_time_limit_is_for_the_whole_command() {
    let scratch = Scratch::new();
    let mine = ["mine", "--blocks", "1000000", "--difficulty", "0", "--time-limit", "0.3"];
    let ran = scratch.run(&[&mine[..], &KERNEL].concat()).ends_with_code(1);
    ran.prints(&["stopped by its time limit", "synced"]);
    scratch.run(&["verify"]).ends_with_code(0);
    for limit in ["0", "-1", "nan", "soon", "1e400"] {
        let refused = scratch.run(&["mine", "--time-limit", limit]).ends_with_code(2);
        refused.says(&["--time-limit", "a number of seconds above 0"]);
    }
    scratch.run(&["mine", "--difficulty", "1", "--time-limit", "1e9"]).ends_with_code(0);
}
