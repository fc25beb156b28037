//! Chains as people have them: `verify` reads them, `mine` goes on with them, and nothing is
//! guessed into a file.

use std::fs::{self, File};
use std::path::Path;

use crate::common::process::{CHAIN, Ran, Scratch, array_of, file_of, lines, run, text};
use crate::common::python::{dialects, python};

/// A chain of the collection.
fn case(name: &str) -> String {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/chains");
    fs::read_to_string(directory.join(name)).unwrap()
}

fn verify_json(scratch: &Scratch, code: i32) -> Ran {
    scratch.run_untouched(&["verify", "--output", "json"]).ends_with_code(code)
}

#[test]
fn a_file_and_a_pipe_are_the_same_to_verify() {
    for name in ["german-names.json", "javascript.json", "wrapped.json", "bad-extra-changed.json"] {
        let scratch = Scratch::with(case(name));
        let of_file = scratch.run(&["verify", "--output", "json"]);
        let mut command = scratch.stripmine(&["verify", "-", "--output", "json"]);
        let of_pipe = run(command.stdin(File::open(scratch.chain()).unwrap()));
        assert_eq!(of_file.code, of_pipe.code, "{of_pipe}");
        assert_eq!(of_file.out().replace(CHAIN, "-"), of_pipe.out());
    }
}

#[test]
fn verify_tells_of_the_dialect() {
    let scratch = Scratch::with(case("proof-from-one.json"));
    let ran = verify_json(&scratch, 0);
    ran.prints(&[
        "\"path\": \"chain.jsonl\"",
        "\"names\": {\"hash\": \"hash\", \"previous_hash\": \"previous_hash\", \"nonce\": \"proof\"",
        "\"spelling\": \"sorted,spaced,ascii\"",
        "\"first_index\": 1",
        "\"note\": null",
    ]);
    scratch.run(&["verify"]).prints(&["valid, 3 blocks", "nonce=proof", "index from 1"]);
    let wrong = case("proof-from-one.json").replacen("2.0", "3.0", 1);
    let ran = verify_json(&Scratch::with(wrong), 1);
    ran.prints(&["\"block\": 2, \"index\": 3, \"line\": 1", "seven other spellings", "altered"]);
}

#[test]
fn a_hash_in_another_spelling_is_not_called_altered() {
    let line = "{**block, 'hash': previous if i < 2 else \
                hashlib.sha256(text.replace(' ', '').encode()).hexdigest()}";
    let Some(chain) = of_python("dict(q=previous, p=[previous], nonce=i)", line) else { return };
    let ran = Scratch::with(chain).run_untouched(&["verify"]).ends_with_code(1);
    let ran = ran.prints(&["block 2", "spelled sorted,compact,ascii", "sorted,spaced,ascii"]);
    assert!(!ran.out().contains("altered"), "{ran}");
}

#[test]
fn of_several_files_the_worst_decides() {
    let scratch = Scratch::with_chain(2);
    scratch.write("german", case("german-names.json"));
    scratch.write("bad", case("bad-link.json"));
    let one = case("one-block.json").replace("only one block", "changed");
    scratch.write("undecided", one.replace("\"hash\"", "\"sum\""));
    let code = |files: &[&str], code| {
        scratch.run_untouched(&[&["verify"], files].concat()).ends_with_code(code)
    };
    let ran = code(&[CHAIN, "german"], 0);
    assert_eq!(ran.out().lines().filter(|line| line.contains(": valid")).count(), 2, "{ran}");
    code(&["undecided", CHAIN], 2).prints(&["undecided", "--names hash=NAME", "valid, 2 blocks"]);
    code(&["undecided", "missing", CHAIN], 3).says(&["missing", "No such file"]).prints(&["valid"]);
    code(&["bad", "missing", "undecided", CHAIN], 1).prints(&["bad: invalid", "valid, 2 blocks"]);
    let ran = scratch.run(&["verify", "bad", CHAIN, "--output", "json"]).ends_with_code(1);
    let outcomes: Vec<_> =
        ran.documents().iter().map(|it| text(it, "outcome").to_owned()).collect();
    assert_eq!(outcomes, ["invalid", "valid"]);
}

#[test]
fn a_chain_whose_last_line_is_not_finished_is_valid_with_a_note() {
    for whole in [case("no-last-newline.jsonl"), file_of(&lines(3)).trim_end().to_owned()] {
        let scratch = Scratch::with(&whole);
        verify_json(&scratch, 0).prints(&["\"note\": \"all blocks are whole, "]);
        let told = scratch.run_untouched(&["verify"]).ends_with_code(0);
        let told = told.prints(&["valid, 3 blocks"]);
        told.says(&["the last line does not end with a newline", "to a new file"]);
        scratch.run_untouched(&["verify", "--strict"]).ends_with_code(1);
        scratch.run_untouched(&["show", "--last", "1"]).ends_with_code(0).prints(&["hash data 2 "]);
    }
}

#[test]
fn nobody_is_told_to_remove_what_may_be_the_chain() {
    let document = array_of(&lines(2)).replace(['[', ']'], "");
    for content in [document.as_str(), "{\"data\": 1}", "[1", "{\"chain\": [", "{"] {
        for command in [&["verify"][..], &["show"], &["mine", "--difficulty", "1"]] {
            let scratch = Scratch::with(content);
            let ran = scratch.run(command);
            assert!(!format!("{ran}").contains("remove it"), "{content}: {ran}");
        }
    }
}

#[test]
fn a_trailing_comma_is_named() {
    let array = array_of(&lines(2)).replace(']', ", ]");
    for file in [array.clone(), format!("{{\"chain\": {array}}}")] {
        let ran = Scratch::with(file).run_untouched(&["verify"]).ends_with_code(1);
        ran.prints(&["block 2, line 1", "comma after the last block", "remove it"]);
    }
}

/// Three blocks with these properties, an expression of Python over the place `i` and the
/// `previous` hash. They are written with a property `hash`, or what the last expression gives.
fn of_python(properties: &str, line: &str) -> Option<String> {
    let program = format!(
        "import hashlib, json\nprevious = '0'\nfor i in range(3):\n block = {properties}\n text = \
         json.dumps(block, sort_keys=True)\n previous = hashlib.sha256(text.encode()).hexdigest()\n \
         print(json.dumps({line}))"
    );
    let output = python(&["-c", &program])?.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", output.stderr.escape_ascii());
    Some(String::from_utf8(output.stdout).unwrap())
}

const SEALED: &str = "{**block, 'hash': previous}";

#[test]
fn two_properties_that_could_be_the_previous_hash_are_undecided() {
    let twins = of_python("dict(a=previous, b=previous, nonce=i)", SEALED);
    let Some(twins) = twins else { return };
    let scratch = Scratch::with(&twins);
    let ran = verify_json(&scratch, 2);
    ran.prints(&["\"undecided\"", "\\\"a\\\", \\\"b\\\"", "--names previous_hash=NAME"]);
    scratch.run_untouched(&["verify", "--names", "previous_hash=b"]).ends_with_code(0);
    let mine = scratch.run_untouched(&["mine", "--difficulty", "1"]).ends_with_code(2);
    mine.says(&["--names previous_hash=NAME"]);
    let mut apart: Vec<_> = twins.lines().map(str::to_owned).collect();
    apart.truncate(2);
    let one = Scratch::with(file_of(&apart[..1]));
    one.run_untouched(&["verify"]).ends_with_code(0);
}

#[test]
fn the_first_block_that_tells_two_properties_apart_decides() {
    let apart = of_python("dict(a=previous, b=previous if i < 2 else 'x', nonce=i)", SEALED);
    let Some(apart) = apart else { return };
    Scratch::with(apart).run_untouched(&["verify"]).ends_with_code(0).prints(&["previous_hash=a"]);
}

#[test]
fn names_that_swap_their_roles_are_undecided() {
    let line = "{**block, ('hash' if i < 2 else 'sum'): previous}";
    let Some(swapped) =
        of_python("dict(p=previous, nonce=i, **({'hash': 'x'} if i == 2 else {}))", line)
    else {
        return;
    };
    let ran = Scratch::with(&swapped).run_untouched(&["verify"]).ends_with_code(2);
    ran.prints(&["undecided at block 2, line 3", "\"sum\"", "\"hash\""]);
    let told = ["verify", "--names", "hash=hash"];
    Scratch::with(swapped).run_untouched(&told).ends_with_code(1).prints(&["block 2"]);
}

#[test]
fn hashes_that_are_all_wrong_are_undecided_until_their_name_is_said() {
    let wrong = case("transactions-lines.jsonl").replace("\"nonce\": ", "\"nonce\": 1");
    let wrong = Scratch::with(wrong);
    wrong.run_untouched(&["verify"]).ends_with_code(2).prints(&["every hash is wrong", "--names"]);
    wrong.run_untouched(&["mine"]).ends_with_code(2).prints_nothing().says(&["--names hash=NAME"]);
    let named = ["verify", "--names", "hash=hash", "--spelling", "sorted,spaced,ascii"];
    wrong.run_untouched(&named).ends_with_code(1).prints(&["block 0, line 1", "altered"]);
}

/// Chains from elsewhere that `mine` goes on with, and what it has to be told.
const CONTINUED: [(&str, &[&str]); 5] = [
    // The names of `tutorial`, and lines that are not sorted.
    ("no-last-newline.jsonl", &["--timestamp", "9"]),
    ("transactions-lines.jsonl", &["--data-json", r#"[{"from": 1.5, "a": []}]"#]),
    ("transactions-lines-sorted.jsonl", &["--data-json", r#"[{"a": 1.5, "z": []}]"#]),
    (
        "further-properties.jsonl",
        &["--timestamp", "7", "--block-json", r#"{"tags": [], "difficulty": 1, "miner": "Ann"}"#],
    ),
    ("no-index.jsonl", &["--timestamp", "8", "--data", "x"]),
];

#[test]
fn mining_goes_on_as_the_last_line_is_written_and_python_finds_the_same() {
    for (name, flags) in CONTINUED {
        let scratch = Scratch::with(case(name).trim_end().to_owned() + "\n");
        let before = scratch.read(CHAIN);
        for threads in ["1", "3"] {
            let mine = ["mine", "--difficulty", "2", "--threads", threads];
            scratch.run(&[&mine[..], flags].concat()).ends_with_code(0);
        }
        let after = String::from_utf8(scratch.read(CHAIN)).unwrap();
        assert!(after.as_bytes().starts_with(&before), "only appended to");
        let keys = |line: &str| line.split('"').skip(1).step_by(2).map(str::to_owned).next();
        assert_eq!(after.lines().map(keys).collect::<std::collections::BTreeSet<_>>().len(), 1);
        let names = "hash=hash,previous_hash=previous_hash,nonce=nonce";
        if let Some(told) = dialects(&["mined", names, "sorted,spaced,ascii", "2"], &after) {
            assert_eq!(told, format!("{} blocks\n", after.lines().count()));
        }
        scratch.run(&["verify", "--difficulty", "2"]).ends_with_code(0);
    }
}

#[test]
fn a_chain_in_every_spelling_is_started_and_gone_on_with_and_python_finds_the_same() {
    let names = "hash=summe,previous_hash=vorher,nonce=zähler,index=nr,timestamp=zeit,data=inhalt";
    for (number, style) in stripmine::chain::python_json::JsonSpelling::ALL.iter().enumerate() {
        let (scratch, style) = (Scratch::new(), style.to_string());
        let first = (number % 2).to_string();
        let data = r#"{"z": ["é😀/", 2.5, 1000.0], "a": "\u007f"}"#;
        let mine = ["mine", "--difficulty", "2", "--blocks", "2", "--data-json", data];
        let kernel = ["--threads", "2", "--kernel", ["portable", "sha2"][number % 2]];
        let start = ["--names", names, "--spelling", &style, "--first-index", &first];
        scratch.run(&[&mine[..], &kernel, &start].concat()).ends_with_code(0);
        let go_on = ["--names", names, "--spelling", &style];
        scratch.run(&[&mine[..], &go_on].concat()).ends_with_code(0);
        let chain = String::from_utf8(scratch.read(CHAIN)).unwrap();
        scratch.run(&["verify", "--strict"]).ends_with_code(0).prints(&["5 blocks", &style]);
        if let Some(told) = dialects(&["mined", names, &style, "2"], &chain) {
            assert_eq!(told, "5 blocks\n");
        }
    }
}

#[test]
fn nothing_is_guessed_into_a_file() {
    let refused = |content: &str, flags: &[&str], words: &[&str]| {
        let scratch = Scratch::with(content);
        let mine = [&["mine", "--difficulty", "1"], flags].concat();
        scratch.run_untouched(&mine).ends_with_code(2).prints_nothing().says(words);
        let dry = [&mine[..], &["--dry-run"]].concat();
        scratch.run_untouched(&dry).ends_with_code(2).prints_nothing().says(words);
    };
    let further = case("further-properties.jsonl");
    refused(&further, &[], &["\"timestamp\"", "--timestamp"]);
    refused(&further, &["--timestamp", "1"], &["\"difficulty\"", "--block-json"]);
    let others = ["--timestamp", "1", "--block-json"];
    refused(&further, &[&others[..], &["{\"level\": 1}"]].concat(), &["no property \"level\""]);
    refused(&further, &[&others[..], &["{\"timestamp\": 1}"]].concat(), &["given twice"]);
    refused(&further, &[&others[..], &["[1]"]].concat(), &["--block-json", "JSON object"]);
    let transactions = case("transactions-lines.jsonl");
    refused(&transactions, &[], &["\"transactions\"", "--data"]);
    let data = ["--data", "é"];
    refused(
        &transactions,
        &data,
        &["several spellings", "--spelling", "ascii or sorted,spaced,utf8"],
    );
    let one = case("further-properties.jsonl").lines().next().unwrap().to_owned() + "\n";
    refused(&one, &[], &["one block", "--names", "--spelling"]);
    let properties = "dict(p=previous, nonce=7, first=i, second=i)";
    let Some(counting) = of_python(properties, SEALED) else { return };
    refused(&counting, &[], &["count up by one", "\"first\", \"second\"", "--names index=NAME"]);
}

#[test]
fn a_foreign_chain_is_never_repaired() {
    let whole = case("transactions-lines.jsonl");
    let last = whole.lines().last().unwrap().to_owned();
    let cut = |end: usize| whole[..whole.len() - end].to_owned();
    let mine = ["mine", "--difficulty", "1", "--data-json", "[]"];
    for (content, words) in [
        (cut(1), ["block is whole", "show --output json"]),
        (cut(2), ["does not end with a newline", "nothing was cut off"]),
        (cut(last.len() - 9), ["does not end with a newline", "nothing was cut off"]),
        (whole.replace('\n', "\r\n"), ["\\r\\n", "show --output json"]),
        (format!("\u{feff}{whole}"), ["byte order mark", "show --output json"]),
    ] {
        let ran = Scratch::with(content).run_untouched(&mine).ends_with_code(1);
        ran.prints_nothing().says(&words);
    }
}

#[test]
fn show_turns_every_chain_into_a_chain_file_of_its_dialect() {
    for name in ["german-names.json", "javascript.json", "wrapped.json", "crlf.jsonl", "bom.json"] {
        let scratch = Scratch::with(case(name));
        let shown = scratch.run_untouched(&["show", "--output", "json"]).ends_with_code(0);
        let converted = Scratch::with(&shown.stdout);
        let strict = converted.run_untouched(&["verify", "--strict"]).ends_with_code(0);
        strict.prints(&["valid, 3 blocks"]);
        let again = converted.run_untouched(&["show", "--output", "json"]).without_a_word();
        assert_eq!(again.stdout, shown.stdout, "{name}");
    }
}

#[test]
fn show_finds_the_properties_of_a_dialect() {
    let scratch = Scratch::with(case("proof-from-one.json"));
    let row = scratch.run_untouched(&["show", "--index", "3"]).ends_with_code(0);
    row.prints(&["3 1700000002.25 345 0084a657", "{\"amount\": 2.0"]);
    let hashed = scratch.run_untouched(&["show", "--hashed", "3"]).ends_with_code(0);
    let digest = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&hashed.stdout));
    assert!(digest.starts_with("0084a657"), "{hashed}");
}

/// Without its newline, the last block is read by itself.
#[test]
fn show_reads_a_chain_whose_dialect_the_last_block_alone_tells() {
    let properties = "dict(data=1, index=i, nonce=0, previous_hash=previous, timestamp=i, \
                      **({'zone': 1} if i == 2 else {}))";
    let line = "dict(sorted({**block, 'hash': previous}.items()))";
    let Some(chain) = of_python(properties, line) else { return };
    let scratch = Scratch::with(chain.trim_end());
    scratch.run_untouched(&["verify"]).ends_with_code(0).prints(&["valid, 3 blocks"]);
    let shown = scratch.run_untouched(&["show", "--output", "json"]).ends_with_code(0);
    assert_eq!(shown.out(), chain);
}

/// The properties are sorted but for the hash, which comes first.
#[test]
fn show_writes_the_lines_of_a_chain_that_is_valid_to_the_byte_as_they_are() {
    let line = "{'hash': previous, **block}";
    let Some(chain) = of_python("dict(a=i, nonce=7, previous=previous)", line) else { return };
    let scratch = Scratch::with(&chain);
    scratch.run_untouched(&["verify", "--strict"]).ends_with_code(0);
    let shown = scratch.run_untouched(&["show", "--output", "json"]).ends_with_code(0);
    assert_eq!(shown.without_a_word().out(), chain);
}
