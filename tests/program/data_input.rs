//! The data of blocks, from files and from standard input: as text, as JSON, and in the encodings
//! that editors write.

use std::process::Stdio;

use crate::common::process::{Ran, Scratch, finish, member};

const USAGE: i32 = 2;
const SYSTEM: i32 = 3;

/// Mines blocks that need no work.
const MINE: [&str; 3] = ["mine", "--difficulty", "0"];

const MARK: &[u8] = b"\xef\xbb\xbf";

/// Mines with this standard input.
fn mine_with(scratch: &Scratch, arguments: &[&str], input: &[u8]) -> Ran {
    scratch.write("input", input);
    let file = std::fs::File::open(scratch.path("input")).unwrap();
    let mut command = scratch.stripmine(&[&MINE, arguments].concat());
    finish(command.stdin(Stdio::from(file)).spawn().unwrap())
}

/// The data of all blocks but the first.
fn data(scratch: &Scratch) -> Vec<String> {
    let blocks = scratch.run(&["show", "--output", "json"]).ends_with_code(0).documents();
    blocks[1..].iter().map(|block| member(block, "data").to_string()).collect()
}

#[test]
fn json_comes_from_an_argument_a_file_or_standard_input() {
    let scratch = Scratch::new();
    // More than an argument may be long, on lines of its own.
    let large = format!("{{\n  \"b\": \"{}\",\n  \"a\": 1e5\n}}\n", "x".repeat(300_000));
    scratch.write("data.json", &large);
    for (argument, input) in [("@data.json", ""), ("-", "[1,2]"), ("@-", "\n3 "), ("{}", "")] {
        mine_with(&scratch, &["--data-json", argument], input.as_bytes()).ends_with_code(0);
    }
    let sorted = format!(r#"{{"a": 100000.0, "b": "{}"}}"#, "x".repeat(300_000));
    assert_eq!(data(&scratch), [&sorted, "[1, 2]", "3", "{}"]);
}

#[test]
fn each_line_of_json_is_one_block() {
    let scratch = Scratch::new();
    let lines = "{\"b\": 1, \"a\": [true]}\r\n \"two\"\n\n3\n";
    let ran = mine_with(&scratch, &["--data-json-lines", "-"], lines.as_bytes());
    ran.ends_with_code(USAGE).says(&["standard input: line 3 is empty", "one JSON value"]);
    scratch.write("lines", "null\n[1, 2\n");
    let ran = mine_with(&scratch, &["--data-json-lines", "lines"], b"");
    ran.ends_with_code(USAGE).says(&["lines: line 2, column 6", "not JSON", "middle of a value"]);
    assert_eq!(data(&scratch), [r#"{"a": [true], "b": 1}"#, "\"two\"", "null"]);
    scratch.holds_blocks(4);
}

#[test]
fn standard_input_is_read_for_one_argument_alone() {
    let scratch = Scratch::new();
    for flag in ["--data-json", "--data-file", "--data-lines", "--data-json-lines"] {
        for object in ["-", "@-"] {
            let ran = mine_with(&scratch, &[flag, "-", "--block-json", object], b"{}");
            ran.ends_with_code(USAGE).says(&["standard input can be read only once"]);
        }
    }
    let ran = scratch.run(&["verify", "-", "-"]).ends_with_code(USAGE);
    ran.says(&["standard input can be read only once"]);
    assert!(!scratch.path("chain.jsonl").exists(), "nothing was mined");
    mine_with(&scratch, &["--data-json", "-"], b"{}").ends_with_code(0);
}

#[test]
fn a_file_without_json_makes_no_chain() {
    let scratch = Scratch::new();
    scratch.write("data", "{\"a\":\n 1,}\n");
    let refuses = |arguments: &[&str], code, words: &[&str]| {
        let ran = scratch.run_untouched(&[&MINE, arguments].concat());
        ran.ends_with_code(code).prints_nothing().says(words);
    };
    refuses(
        &["--data-json", "@data"],
        USAGE,
        &["data: this is not JSON: line 2, column 3", "comma"],
    );
    refuses(&["--data-json-lines", "data"], USAGE, &["data: line 1, column 6", "not JSON"]);
    refuses(&["--data-json", "@nowhere"], SYSTEM, &["nowhere: cannot read", "No such file"]);
    refuses(&["--data-json-lines", "nowhere"], SYSTEM, &["nowhere: cannot read", "No such file"]);
    refuses(&["--data-json", "@"], USAGE, &["--data-json", "name is missing"]);
    refuses(&["--data-json", "-"], USAGE, &["standard input: this is not JSON"]);
}

#[test]
fn a_byte_order_mark_is_left_out_of_the_data_and_said() {
    let flags = [
        ("--data-lines", "one\ntwo\n", "\"one\""),
        ("--data-file", "one", "\"one\""),
        ("--data-json-lines", "{\"a\": 1}\n2\n", "{\"a\": 1}"),
        ("--data-json", "[1]", "[1]"),
    ];
    for (flag, text, expected) in flags {
        let scratch = Scratch::new();
        let ran = mine_with(&scratch, &[flag, "-"], &[MARK, text.as_bytes()].concat());
        ran.ends_with_code(0).says(&["standard input", "left out the byte order mark"]);
        assert_eq!(data(&scratch)[0], expected, "{flag}");
    }
}

#[test]
fn a_byte_order_mark_is_data_anywhere_else() {
    let scratch = Scratch::new();
    let lines = ["one\n".as_bytes(), MARK, b"two\n"].concat();
    mine_with(&scratch, &["--data-lines", "-"], &lines).ends_with_code(0).without_a_word();
    assert_eq!(data(&scratch), ["\"one\"", "\"\\ufefftwo\""]);
}

fn utf_16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn data_in_utf_16_is_refused_as_utf_16() {
    for text in ["\u{feff}one\r\ntwo\r\n", "[1, 2]", "{\"a\": 1}\r\n"] {
        for flag in ["--data-lines", "--data-file", "--data-json-lines"] {
            let scratch = Scratch::new();
            scratch.write("data", utf_16(text));
            let ran = scratch.run_untouched(&[&MINE[..], &[flag, "data"]].concat());
            ran.ends_with_code(USAGE).says(&["data: line 1: this is UTF-16", "UTF-8", "iconv"]);
        }
        let scratch = Scratch::new();
        scratch.write("data", utf_16(text));
        let ran = scratch.run_untouched(&[&MINE[..], &["--data-json", "@data"]].concat());
        ran.ends_with_code(USAGE).says(&["data: line 1: this is UTF-16", "UTF-8", "iconv"]);
    }
}

#[cfg(unix)]
#[test]
fn a_value_that_is_piped_in_is_one_block() {
    let scratch = Scratch::new();
    let mut producer = std::process::Command::new("echo");
    let mut producer = producer.arg(r#"{"a": 1}"#).stdout(Stdio::piped()).spawn().unwrap();
    let mut command = scratch.stripmine(&[&MINE[..], &["--data-json", "-"]].concat());
    let piped = producer.stdout.take().unwrap();
    let child = command.stdin(Stdio::from(piped)).spawn().unwrap();
    finish(child).ends_with_code(0).without_a_word();
    assert!(producer.wait().unwrap().success());
    assert_eq!(data(&scratch), [r#"{"a": 1}"#]);
}
