//! Headers and targets as people have them at hand.

use crate::common::process::{Scratch, member, number, text};
use stripmine::chain::python_json::Value;

#[track_caller]
fn solved(scratch: &Scratch, arguments: &[&str]) -> Value {
    let arguments = [&["solve", "--output", "json"], arguments].concat();
    scratch.run(&arguments).ends_with_code(0).documents().remove(0)
}

#[test]
fn any_target_can_be_asked_for() {
    let scratch = Scratch::new();
    // Three times as easy as 12 bits, and a number that needs no leading zeros.
    let target = format!("002f{}", "f".repeat(60));
    for spelled in [&target, &target[2..], &format!("0x{}", target.to_uppercase())] {
        let document = solved(&scratch, &["--prefix", "x", "--target", spelled]);
        assert_eq!(text(member(&document, "report"), "target"), target);
        assert!(text(&document, "hash") <= target.as_str());
    }
    for wrong in ["", "0x", "xyz", &format!("{target}0")] {
        let refused = scratch.run(&["solve", "--prefix", "x", "--target", wrong]);
        refused.ends_with_code(2).says(&["--target"]);
    }
    let both = ["solve", "--prefix", "x", "--target", "ff", "--bits", "8"];
    scratch.run(&both).ends_with_code(2).says(&["--target", "--bits"]);
}

#[test]
fn a_bitcoin_header_can_have_an_easier_target() {
    let easy = format!("00ff{}", "f".repeat(60));
    let header = format!("{}ffff001d00000000", "11".repeat(72));
    let document = solved(&Scratch::new(), &["--bitcoin", &header, "--target", &easy]);
    assert!(text(&document, "hash").starts_with("00"));
    assert_eq!(text(member(&document, "report"), "target"), easy);
}

#[test]
fn a_difficulty_between_two_is_refused_with_what_there_is_instead() {
    for command in [&["mine"][..], &["solve", "--prefix", "x"]] {
        let refused = Scratch::new().run(&[command, &["--difficulty", "5.5"]].concat());
        refused.ends_with_code(2).says(&["--difficulty", "--bits", "--target"]);
    }
}

#[test]
fn bytes_around_the_nonce_can_be_given_in_hex_and_in_a_file() {
    let scratch = Scratch::new();
    scratch.write("prefix", b"a\n\xff");
    let text_of = |document: &Value| text(document, "hash").to_owned();
    let bits = ["--bits", "8"];
    let hex =
        solved(&scratch, &[&["--prefix-hex", "610aff", "--suffix-hex", "00"][..], &bits].concat());
    let file =
        solved(&scratch, &[&["--prefix-file", "prefix", "--suffix-hex", "00"][..], &bits].concat());
    assert_eq!(text_of(&hex), text_of(&file));
    assert_eq!(number(&hex, "nonce"), number(&file, "nonce"));
    let typed = solved(&scratch, &[&["--prefix", "ab", "--suffix", "c"][..], &bits].concat());
    let in_hex =
        solved(&scratch, &[&["--prefix-hex", "6162", "--suffix-hex", "63"][..], &bits].concat());
    assert_eq!(text_of(&typed), text_of(&in_hex));
    for wrong in ["6", "6x", "0x61"] {
        let refused = scratch.run(&["solve", "--prefix-hex", wrong]).ends_with_code(2);
        refused.says(&["--prefix-hex", "two hex digits"]);
    }
    scratch.run(&["solve", "--prefix-file", "none"]).ends_with_code(3).says(&["none"]);
    let two = ["solve", "--prefix-hex", "61", "--prefix", "a"];
    scratch.run(&two).ends_with_code(2).says(&["--prefix-hex", "--prefix"]);
}

#[test]
fn a_bitcoin_header_in_another_form_is_told_about() {
    let scratch = Scratch::new();
    let header = concat!(
        "0100000081cd02ab7e569e8bcd9317e2fe99f2de44d49ab2b8851ba4a308000000000000",
        "e320b6c2fffc8d750423db8b1eb942ae710e951ed797f7affc8892b0f1fc122b",
        "c7f5d74df2b9441a42a14695"
    );
    let words: String =
        hex_pairs(header).chunks(4).flat_map(|word| word.iter().rev().copied()).collect();
    for (typed, hint) in [
        (format!("0x{header}"), "leave out 0x"),
        (format!("{header}\n"), "newline"),
        (words, header),
    ] {
        let refused = scratch.run(&["solve", "--bitcoin", &typed]).ends_with_code(2);
        let said: String = refused.err().split_whitespace().collect();
        let hint: String = hint.split_whitespace().collect();
        assert!(said.contains(&hint), "{refused}");
    }
}

fn hex_pairs(digits: &str) -> Vec<&str> {
    (0..digits.len() / 2).map(|byte| &digits[2 * byte..2 * byte + 2]).collect()
}

#[test]
fn threads_can_be_a_part_of_all() {
    let scratch = Scratch::new();
    let threads = |wanted: &str| {
        let document = solved(&scratch, &["--prefix", "x", "--bits", "1", "--threads", wanted]);
        number(member(&document, "report"), "threads")
    };
    let all = threads("all");
    assert_eq!([threads("50%"), threads("100%"), threads("1%")], [all.div_ceil(2), all, 1]);
    for wrong in ["0%", "101%", "%", "50 %"] {
        let refused =
            scratch.run(&["solve", "--prefix", "x", "--threads", wrong]).ends_with_code(2);
        refused.says(&["--threads", "1% to 100%"]);
    }
}
