//! `solve` searches headers from elsewhere, within the nonces that they hold.

use crate::common::process::{Scratch, member, number, text};
use sha2::{Digest as _, Sha256};
use stripmine::chain::python_json::Value;
use stripmine::pow::Digest;

/// The header of Bitcoin's first block, up to the nonce and with it.
const GENESIS: &str = concat!(
    "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c",
    "3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c",
);

const GENESIS_NONCE: u64 = 2_083_236_893;

#[track_caller]
fn solve(arguments: &[&str], code: i32) -> Value {
    let arguments = [&["solve", "--output", "json"], arguments].concat();
    let ran = Scratch::new().run_untouched(&arguments).ends_with_code(code).without_a_word();
    let document = ran.documents().remove(0);
    assert_eq!(number(&document, "schema"), 1);
    member(&document, "report");
    document
}

#[track_caller]
fn refuses(arguments: &[&str], words: &[&str]) {
    let ran = Scratch::new().run_untouched(&[&["solve"], arguments].concat());
    ran.ends_with_code(2).prints_nothing().says(words);
}

#[test]
fn a_text_gets_the_lowest_decimal_nonce() {
    let document = solve(&["--prefix", "é{", "--suffix", "}", "--difficulty", "2"], 0);
    assert_eq!(text(&document, "outcome"), "found");
    let digest = |nonce: u64| Digest::from_be_bytes(Sha256::digest(format!("é{{{nonce}}}")).into());
    let nonce = number(&document, "nonce");
    assert_eq!(text(&document, "hash"), digest(nonce).to_string());
    let lowest = (0..=nonce).find(|nonce| digest(*nonce).leading_zero_bits() >= 8);
    assert_eq!(lowest, Some(nonce));
}

#[test]
fn bitcoin_s_first_block_is_found_again() {
    let start = (GENESIS_NONCE - 1_000).to_string();
    let document = solve(&["--bitcoin", GENESIS, "--start-nonce", &start], 0);
    assert_eq!(number(&document, "nonce"), GENESIS_NONCE);
    let hash = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f";
    assert_eq!(text(&document, "hash"), hash);
}

#[test]
fn nothing_in_the_range_is_an_answer_too() {
    let (start, end) = ((GENESIS_NONCE - 1_000).to_string(), (GENESIS_NONCE - 1).to_string());
    let range = ["--start-nonce", &start, "--end-nonce", &end];
    let document = solve(&[&["--bitcoin", GENESIS][..], &range].concat(), 1);
    assert_eq!(text(&document, "outcome"), "exhausted");
    assert_eq!([member(&document, "nonce"), member(&document, "hash")], [&Value::Null; 2]);
    assert_eq!(number(member(&document, "report"), "hashes"), 1_000);
}

#[test]
fn headers_and_ranges_that_cannot_be_are_refused() {
    refuses(&[], &["--bitcoin", "--prefix"]);
    refuses(&["--bitcoin", &GENESIS[2..]], &["--bitcoin", "160 hex digits"]);
    refuses(&["--bitcoin", &GENESIS.replace('a', "x")], &["--bitcoin", "hex"]);
    refuses(&["--bitcoin", GENESIS, "--prefix", "x"], &["--bitcoin", "--prefix"]);
    refuses(&["--bitcoin", GENESIS, "--end-nonce", "4294967296"], &["4294967295"]);
    refuses(&["--prefix", "x", "--start-nonce", "2", "--end-nonce", "1"], &["2", "1", "nonce"]);
    refuses(&["--prefix", "x", "--difficulty", "65"], &["65", "0 to 64"]);
    refuses(&["--prefix", "x", "--threads", "0"], &["0", "--threads"]);
    refuses(&["--suffix", "x"], &["--prefix"]);
}
