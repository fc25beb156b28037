//! The interface for scripts: JSON documents, exact bytes, and where they are printed.

use crate::common::process::{CHAIN, Scratch, array_of, file_of, lines, member, number, run, text};
use sha2::{Digest as _, Sha256};
use stripmine::chain::python_json::{JsonKind, Value, parse};
use stripmine::pow::Digest;

/// Mines on as many threads as are named here, fast.
const MINE: [&str; 5] = ["mine", "--difficulty", "2", "--threads", "2"];

/// Data that two JSON writers seldom spell the same.
const TRICKY: &str = r#"{"é": [1e16, -0.0, 1e-05, 123456789012345678901234567890], "a\"😀": {"z": null, "A": [{}, []]}}"#;

fn kind(value: &Value) -> JsonKind {
    match value {
        Value::Null => JsonKind::Null,
        Value::Bool(_) => JsonKind::Bool,
        Value::Integer(_) => JsonKind::Integer,
        Value::Float(_) => JsonKind::Float,
        Value::String(_) => JsonKind::String,
        Value::Array(_) => JsonKind::Array,
        Value::Object(_) => JsonKind::Object,
    }
}

/// The object has these members, each of this kind.
#[track_caller]
fn has_members(object: &Value, members: &[(&str, JsonKind)]) {
    for (key, expected) in members {
        assert_eq!(kind(member(object, key)), *expected, "{key}: {object}");
    }
}

#[track_caller]
fn elements<'a>(object: &'a Value, key: &str) -> &'a [Value] {
    let Value::Array(elements) = member(object, key) else { panic!("{key:?}: no array") };
    elements
}

#[track_caller]
fn float(object: &Value, key: &str) -> f64 {
    member(object, key).to_string().parse().expect("it is a number")
}

/// `", "` and `": "` between members, and no other space outside strings.
#[track_caller]
fn is_spaced_as_python_does(document: &str) {
    let (mut in_string, mut escaped, mut outside) = (false, false, String::new());
    for character in document.chars() {
        if !in_string {
            outside.push(character);
        }
        if character == '"' && !escaped {
            in_string = !in_string;
        }
        escaped = in_string && character == '\\' && !escaped;
    }
    let bare = outside.replace(", ", "").replace(": ", "");
    assert!(!bare.contains([',', ':', ' ', '\t']), "spaced in another way: {document}");
}

/// The documents that this command prints, one a line, each with the members of all.
#[track_caller]
fn documents(scratch: &Scratch, arguments: &[&str], code: i32) -> Vec<Value> {
    let ran = scratch.run(&[arguments, &["--output", "json"]].concat()).ends_with_code(code);
    assert!(ran.out().ends_with('\n'));
    ran.out().lines().for_each(is_spaced_as_python_does);
    let documents = ran.documents();
    for document in &documents {
        assert_eq!(number(document, "schema"), 1);
        has_members(document, &[("outcome", JsonKind::String)]);
    }
    documents
}

#[test]
fn mine_tells_of_every_block_in_a_document() {
    let scratch = Scratch::new();
    let documents = documents(&scratch, &[&MINE[..], &["--blocks", "3"]].concat(), 0);
    assert_eq!(documents.len(), 3);
    for (document, index) in documents.iter().zip(1_u64..) {
        assert_eq!(text(document, "outcome"), "found");
        let block = member(document, "block");
        assert_eq!(number(block, "index"), index);
        let strings = ["data", "hash", "previous_hash"].map(|key| (key, JsonKind::String));
        has_members(block, &strings);
        has_members(block, &[("nonce", JsonKind::Integer), ("timestamp", JsonKind::Float)]);
        is_a_report(member(document, "report"), number(block, "nonce"));
    }
}

#[track_caller]
fn is_a_report(report: &Value, nonce: u64) {
    has_members(report, &[("kernel", JsonKind::String), ("elapsed_s", JsonKind::Float)]);
    assert_eq!((number(report, "threads"), number(report, "difficulty_bits")), (2, 8));
    assert_eq!(text(report, "target"), format!("00{}", "f".repeat(62)));
    assert!((float(report, "expected_hashes") - 256.0).abs() < 1e-9);
    let hashes = number(report, "hashes");
    assert!(hashes > nonce, "all nonces to {nonce} were tested: {report}");
    let workers = elements(report, "workers");
    assert_eq!(workers.len(), 2);
    for (worker, place) in workers.iter().zip(0_u64..) {
        assert_eq!(number(worker, "worker"), place);
        has_members(worker, &[("stripes", JsonKind::Integer), ("busy_s", JsonKind::Float)]);
    }
    assert_eq!(workers.iter().map(|worker| number(worker, "hashes")).sum::<u64>(), hashes);
    let sum = |key| workers.iter().map(|worker| float(worker, key)).sum::<f64>();
    assert!((sum("share") - 1.0).abs() < 1e-9, "shares add up: {report}");
    let rate = float(report, "hashes_per_s");
    assert!((sum("hashes_per_s") - rate).abs() <= rate * 1e-9, "rates add up: {report}");
}

#[test]
fn mine_prints_the_very_bytes_that_it_writes() {
    let scratch = Scratch::new();
    let arguments = [&MINE[..], &["--data-json", TRICKY, "--output", "json"]].concat();
    let ran = scratch.run(&arguments).ends_with_code(0);
    let file = String::from_utf8(scratch.read(CHAIN)).unwrap();
    let block = file.lines().nth(1).unwrap();
    assert!(ran.out().contains(&format!("\"block\": {block}, ")), "{ran}");
}

#[test]
fn mine_says_when_no_nonce_is_left() {
    let scratch = Scratch::new();
    let last = u64::MAX.to_string();
    let arguments = ["mine", "--difficulty", "64", "--start-nonce", &last];
    let documents = documents(&scratch, &arguments, 1);
    assert_eq!(text(&documents[0], "outcome"), "exhausted");
    assert_eq!(number(member(&documents[0], "report"), "hashes"), 1);
    scratch.run(&arguments).ends_with_code(1).prints(&["block 1", "no nonce"]);
    scratch.holds_blocks(1);
}

#[test]
fn a_timestamp_stays_the_number_that_was_typed() {
    for (typed, written) in [
        ("1700000000", "1700000000"),
        ("1700000000.0", "1700000000.0"),
        ("-1", "-1"),
        ("1e16", "1e+16"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
    ] {
        let scratch = Scratch::new();
        scratch.run(&[&MINE[..], &["--timestamp", typed]].concat()).ends_with_code(0);
        let file = String::from_utf8(scratch.read(CHAIN)).unwrap();
        assert!(file.ends_with(&format!("\"timestamp\": {written}}}\n")), "{file}");
    }
}

#[test]
fn a_dry_run_finds_and_reports_the_same_block_and_writes_nothing() {
    let scratch = Scratch::with_chain(2);
    let mine = [&MINE[..], &["--timestamp", "0", "--output", "json"]].concat();
    let dry = scratch.run_untouched(&[&mine[..], &["--dry-run"]].concat()).ends_with_code(0);
    let wet = scratch.run(&mine).ends_with_code(0);
    assert_eq!(member(&dry.documents()[0], "block"), member(&wet.documents()[0], "block"));
    Scratch::new().run_untouched(&[&MINE[..], &["--dry-run"]].concat()).ends_with_code(0);
}

#[test]
fn verify_tells_of_a_valid_chain_in_a_document() {
    let scratch = Scratch::new();
    scratch.run(&[&MINE[..], &["--blocks", "3"]].concat()).ends_with_code(0);
    let documents = documents(&scratch, &["verify", "--difficulty", "2"], 0);
    assert_eq!(text(&documents[0], "outcome"), "valid");
    assert_eq!(number(&documents[0], "blocks"), 4);
    assert!(number(&documents[0], "least_work_bits") >= 8);
}

#[test]
fn verify_tells_of_the_first_wrong_block_in_a_document() {
    let mut lines = lines(4);
    lines[2] = lines[2].replace("Block 2", "Clock 2");
    lines[3] = lines[3].replace("Block 3", "Clock 3");
    let documents = documents(&Scratch::with(file_of(&lines)), &["verify"], 1);
    let document = &documents[0];
    assert_eq!(text(document, "outcome"), "invalid");
    assert_eq!((number(document, "block"), number(document, "line")), (2, 3));
    assert!(text(document, "reason").contains("altered"));
}

#[test]
fn kernels_tells_of_every_kernel_in_a_document() {
    let documents = documents(&Scratch::new(), &["kernels"], 0);
    let kernels = elements(&documents[0], "kernels");
    let names: Vec<_> = kernels.iter().map(|kernel| text(kernel, "name")).collect();
    assert!(names.contains(&"portable") && names.contains(&"sha2"), "{names:?}");
    for kernel in kernels {
        has_members(kernel, &[("available", JsonKind::Bool), ("lanes", JsonKind::Integer)]);
        let expected = match member(kernel, "available") {
            Value::Bool(true) => Value::from("passed"),
            _ => Value::Null,
        };
        assert_eq!(*member(kernel, "self_test"), expected);
    }
}

#[test]
fn show_converts_an_array_into_a_chain_file() {
    let scratch = Scratch::new();
    scratch.run(&[&MINE[..], &["--data-json", TRICKY]].concat()).ends_with_code(0);
    let file = String::from_utf8(scratch.read(CHAIN)).unwrap();
    let lines: Vec<_> = file.lines().collect();
    scratch.write("array.json", array_of(&lines));
    let shown = scratch.run(&["show", "array.json", "--output", "json"]).ends_with_code(0);
    assert_eq!(shown.out(), file);
    scratch.write("converted.jsonl", &shown.stdout);
    scratch.run(&["verify", "--strict", "converted.jsonl"]).ends_with_code(0).without_a_word();
    scratch.run(&["mine", "--difficulty", "1", "--chain", "converted.jsonl"]).ends_with_code(0);
}

#[test]
fn the_bytes_that_are_hashed_give_the_hash() {
    let scratch = Scratch::new();
    scratch.run(&[&MINE[..], &["--data-json", TRICKY, "--blocks", "2"]].concat());
    let blocks = scratch.run(&["show", "--output", "json"]).ends_with_code(0).documents();
    assert_eq!(blocks.len(), 3);
    for block in blocks {
        let index = number(&block, "index").to_string();
        let hashed = scratch.run(&["show", "--hashed", &index]).ends_with_code(0).without_a_word();
        let digest = Digest::from_be_bytes(Sha256::digest(&hashed.stdout).into());
        assert_eq!(digest.to_string(), text(&block, "hash"), "block {index}: {hashed}");
    }
}

#[test]
fn some_blocks_are_shown_as_they_stand_in_the_file() {
    let scratch = Scratch::with_chain(5);
    let lines = lines(5);
    let shown = |arguments: &[&str], expected: &[String]| {
        let ran = scratch.run_untouched(&[&["show", "--output", "json"], arguments].concat());
        assert_eq!(ran.ends_with_code(0).out(), file_of(expected), "{arguments:?}");
    };
    shown(&[], &lines);
    shown(&["--last", "2"], &lines[3..]);
    shown(&["--last", "99"], &lines);
    shown(&["--last", "0"], &[]);
    shown(&["--index", "0"], &lines[..1]);
    shown(&["--index", "4"], &lines[4..]);
    shown(&["--chain", CHAIN], &lines);
    scratch.run_untouched(&["show"]).ends_with_code(0).prints(&["block", "2,007", "Block 2"]);
}

#[test]
fn data_is_text_json_a_file_or_its_lines() {
    let scratch = Scratch::new();
    scratch.write("data", "one\r\ntwo\n\nfour é");
    let mine = |arguments: &[&str]| {
        scratch.run(&[&["mine", "--difficulty", "0"], arguments].concat()).ends_with_code(0)
    };
    mine(&[]);
    mine(&["--data", "5 é"]);
    mine(&["--data-json", "-5"]);
    mine(&["--data-file", "data"]);
    mine(&["--data-lines", "data"]);
    let blocks = scratch.run(&["show", "--output", "json"]).documents();
    let data: Vec<_> = blocks[1..].iter().map(|block| member(block, "data").to_string()).collect();
    let expected = [
        r#""Block 1""#,
        r#""5 \u00e9""#,
        "-5",
        r#""one\r\ntwo\n\nfour \u00e9""#,
        r#""one""#,
        r#""two""#,
        r#""""#,
        r#""four \u00e9""#,
    ];
    assert_eq!(data, expected);
}

#[test]
fn text_may_begin_with_a_hyphen() {
    let scratch = Scratch::new();
    scratch.run(&["mine", "--difficulty", "0", "--data", "-5 degrees"]).ends_with_code(0);
    scratch.run(&["show"]).prints(&["\"-5 degrees\""]);
}

#[test]
fn the_environment_names_a_kernel_and_the_flag_another() {
    let scratch = Scratch::new();
    let kernel = |arguments: &[&str]| {
        let mut command =
            scratch.stripmine(&[&MINE[..], &["--output", "json"], arguments].concat());
        let ran = run(command.env("STRIPMINE_KERNEL", "portable")).ends_with_code(0);
        text(member(&ran.documents()[0], "report"), "kernel").to_owned()
    };
    assert_eq!(kernel(&[]), "portable");
    assert_eq!(kernel(&["--kernel", "sha2"]), "sha2");
}

#[test]
fn a_variable_that_is_set_to_nothing_is_not_set() {
    let scratch = Scratch::new();
    let explain = ["kernels", "--explain", "--prefix", "x"];
    for arguments in [&MINE[..], &["solve", "--prefix", "x", "--bits", "1"], &explain] {
        let mut command = scratch.stripmine(arguments);
        run(command.env("STRIPMINE_KERNEL", "")).ends_with_code(0);
    }
}

#[test]
fn help_and_version_go_to_standard_output() {
    for arguments in [&["--help"][..], &["mine", "--help"], &["help"], &["help", "verify"]] {
        Scratch::new()
            .run_untouched(arguments)
            .ends_with_code(0)
            .without_a_word()
            .prints(&["Usage:"]);
    }
    let version = Scratch::new().run(&["--version"]).ends_with_code(0).without_a_word();
    version.prints(&[env!("CARGO_PKG_VERSION")]);
}

#[test]
fn documents_are_json_for_every_reader() {
    // The chain's own reader refuses what JSON does not know, such as NaN.
    let scratch = Scratch::new();
    let ran = scratch.run(&["mine", "--difficulty", "0", "--output", "json"]).ends_with_code(0);
    parse(ran.out().as_bytes()).unwrap();
}

/// Also where earlier blocks asked for less work than the last.
#[test]
fn the_check_that_mining_suggests_passes() {
    let scratch = Scratch::new();
    for difficulty in ["1", "3", "2"] {
        let mined = scratch.run(&["mine", "--difficulty", difficulty]).ends_with_code(0);
        let (_, check) = mined.out().trim_end().rsplit_once("Check it: stripmine ").unwrap();
        let arguments: Vec<_> = check.split(' ').collect();
        scratch.run(&arguments).ends_with_code(0).prints(&["valid"]);
    }
}
