//! Files that are not a chain: `verify` says which block is wrong and why, `mine` refuses them, and
//! no command changes them.

use std::fs::File;

use crate::common::bytes;
use crate::common::process::{CHAIN, Scratch, array_of, file_of, lines};
use fastrand::Rng;

const MINE: [&str; 3] = ["mine", "--difficulty", "1"];

/// `verify` and `mine` say no to this content, at this block and line (from 0 and 1), because of
/// this.
#[track_caller]
fn is_refused(content: impl AsRef<[u8]>, block: u64, words: &[&str]) {
    let scratch = Scratch::with(content);
    let line = format!("line {}", block + 1);
    let place = format!("invalid at block {block}, {line}: ");
    let verified = scratch.run_untouched(&["verify"]).ends_with_code(1).without_a_word();
    verified.prints(&[CHAIN, place.trim_end()]).prints(words);
    let mined = scratch.run_untouched(&MINE).ends_with_code(1).prints_nothing();
    mined.says(&[CHAIN, &line]).says(words);
    scratch.run_untouched(&["mine", "--dry-run"]).ends_with_code(1).prints_nothing().says(words);
}

/// `mine` and `verify --strict` say no and what to do; `verify` says yes, with a note.
#[track_caller]
fn is_read_in_another_spelling(content: &str, words: &[&str]) {
    let scratch = Scratch::with(content);
    let note = scratch.run_untouched(&["verify"]).ends_with_code(0);
    note.prints(&["valid", "3 blocks"]).says(&[CHAIN, "spelled in another way"]);
    scratch.run_untouched(&["verify", "--strict"]).ends_with_code(1).prints(words);
    let mined = scratch.run_untouched(&MINE).ends_with_code(1).prints_nothing();
    mined.says(&[CHAIN]).says(words);
    let shown = scratch.run_untouched(&["show", "--output", "json"]).ends_with_code(0);
    assert_eq!(shown.out(), file_of(&lines(3)), "shown as a chain file");
}

fn with_change(change: impl FnOnce(&mut Vec<String>)) -> String {
    let mut lines = lines(4);
    change(&mut lines);
    file_of(&lines)
}

#[test]
fn a_property_that_was_altered_is_found() {
    let alterations = [
        ("\"data\": \"Block", "\"data\": \"Clock"),
        ("\"hash\": \"", "\"hash\": \"x"),
        ("\"index\": 2", "\"index\": 3"),
        ("\"nonce\": 2007", "\"nonce\": 2006"),
        ("\"previous_hash\": \"", "\"previous_hash\": \"0"),
        ("\"timestamp\": 1700000002.25", "\"timestamp\": 1700000002.5"),
    ];
    for (from, to) in alterations {
        let altered = with_change(|lines| lines[2] = lines[2].replace(from, to));
        is_refused(altered, 2, &["hash", "altered"]);
    }
}

#[test]
fn a_property_that_is_missing_doubled_or_of_another_kind_is_found() {
    let change = |from: &str, to: &str| with_change(|lines| lines[1] = lines[1].replace(from, to));
    is_refused(change("\"index\": 1, ", ""), 1, &["no \"index\""]);
    is_refused(change("\"index\": 1", "\"index\": 1.0"), 1, &["index"]);
    is_refused(change("\"index\": 1", "\"index\": true"), 1, &["index"]);
    is_refused(change("\"nonce\": ", "\"nonce\": -"), 1, &["nonce"]);
    is_refused(change("1700000001.25", "null"), 1, &["timestamp"]);
    is_refused(change("1700000001.25", "NaN"), 1, &["NaN", "column"]);
    is_refused(change("\"Block 1\"", "\"\\ud800\""), 1, &["surrogate"]);
    is_refused(change("}", ", \"version\": 2}"), 1, &["\"version\""]);
}

#[test]
fn one_flipped_bit_in_a_field_is_found_by_both_commands() {
    for field in ["data", "hash", "index", "nonce", "previous_hash", "timestamp"] {
        let file = file_of(&lines(4)).into_bytes();
        let text = str::from_utf8(&file).unwrap();
        let middle = text.match_indices('\n').nth(1).unwrap().0;
        let lead = format!("\"{field}\": ");
        let value = middle + text[middle..].find(&lead).unwrap() + lead.len();
        let mut flipped = file.clone();
        flipped[value + 1] ^= 1;
        is_refused(flipped, 2, &["line"]);
    }
}

#[test]
fn blocks_come_in_order_each_once() {
    is_refused(with_change(|lines| lines.swap(1, 2)), 1, &["index is 2, expected 1"]);
    is_refused(with_change(|lines| lines[2] = lines[1].clone()), 2, &["index is 1, expected 2"]);
    is_refused(with_change(|lines| lines.insert(0, lines[0].clone())), 1, &["index is 0"]);
    is_refused(with_change(|lines| drop(lines.remove(2))), 2, &["index is 3, expected 2"]);
    is_refused(with_change(|lines| drop(lines.remove(0))), 0, &["index is 1, expected 0"]);
}

#[test]
fn a_genesis_block_has_a_right_hash() {
    let altered = |from, to| with_change(|lines| lines[0] = lines[0].replacen(from, to, 1));
    is_refused(altered("Genesis", "Exodus"), 0, &["altered"]);
    is_refused(altered("92051d97", "92051d98"), 0, &["92051d98", "92051d97"]);
}

#[test]
fn a_block_follows_the_block_before_it_and_no_other() {
    use stripmine::chain::python_json::Value;
    use stripmine::chain::{Candidate, Timestamp};
    let stranger = |previous: &str| {
        let time = Timestamp::Text("now".to_owned());
        let candidate = Candidate::new(1, &time, &Value::Null, previous);
        with_change(|lines| lines[1] = candidate.unwrap().seal(0).line().to_owned())
    };
    is_refused(stranger(&"0".repeat(64)), 1, &["previous_hash", "92051d97"]);
    is_refused(stranger(""), 1, &["previous_hash"]);
}

#[test]
fn work_is_asked_of_every_block_but_the_first() {
    let scratch = Scratch::with_chain(3);
    scratch.run_untouched(&["verify", "--difficulty", "0"]).ends_with_code(0);
    let ran = scratch.run_untouched(&["verify", "--bits", "60"]).ends_with_code(1);
    ran.prints(&["block 1, line 2", "less work"]);
}

#[test]
fn a_hash_is_written_in_lower_case() {
    let upper = with_change(|lines| {
        let hash = lines[1].split('"').nth(7).unwrap().to_owned();
        lines[1] = lines[1].replace(&hash, &hash.to_uppercase());
    });
    is_refused(upper, 1, &["hash"]);
}

#[test]
fn a_picture_is_refused_as_a_picture() {
    let mut random = Rng::with_seed(7);
    let noise = bytes(&mut random, 4_000);
    let without_newlines: Vec<u8> = noise.iter().copied().filter(|byte| *byte != b'\n').collect();
    for (magic, kind) in [
        (&b"\xff\xd8\xff\xe0\0\x10JFIF\0"[..], "JPEG picture"),
        (b"\x89PNG\r\n\x1a\n", "PNG picture"),
    ] {
        for rest in [&noise, &without_newlines] {
            let picture = [magic, rest].concat();
            is_refused(&picture, 0, &[kind, "another file"]);
            let show = Scratch::with(&picture).run_untouched(&["show"]).ends_with_code(1);
            show.prints_nothing().says(&[CHAIN, kind]);
        }
    }
}

#[test]
fn text_of_another_kind_is_refused() {
    is_refused("hello\n", 0, &["text of another kind"]);
    is_refused("hello", 0, &["text of another kind"]);
    is_refused("index,nonce\n0,0\n", 0, &["text of another kind"]);
    is_refused("{\"name\": \"settings\"}\n", 0, &["\"name\""]);
    is_refused("\n", 0, &["line"]);
    is_refused("\u{feff}{}\n", 0, &["line 1"]);
}

#[test]
fn noise_after_a_chain_is_refused_and_stays() {
    let chain = file_of(&lines(3));
    for tail in ["x", "{ ", "[", "{\"hash", "}\u{e9}", "\r", " ", "null"] {
        is_refused(format!("{chain}{tail}"), 3, &["newline"]);
    }
    is_refused([chain.as_bytes(), b"\xff\xfe\xfd"].concat(), 3, &["newline"]);
}

#[test]
fn show_promises_no_repair_that_mining_would_refuse() {
    let chain = file_of(&lines(3));
    for tail in [&b"x"[..], b"{ ", b"\0\0\0", b"\xff\xfe"] {
        let scratch = Scratch::with([chain.as_bytes(), tail].concat());
        let shown = scratch.run_untouched(&["show"]).ends_with_code(1).says(&[CHAIN, "line 4"]);
        assert!(!shown.err().contains("repairs"), "{tail:?}: {shown}");
    }
}

#[test]
fn nuls_are_named_wherever_they_are() {
    let chain = file_of(&lines(3)).into_bytes();
    let middle = chain.iter().position(|byte| *byte == b'\n').unwrap() + 40;
    let mut in_the_middle = chain.clone();
    in_the_middle[middle..middle + 16].fill(0);
    is_refused(&in_the_middle, 1, &["NUL", "power loss"]);
    is_refused([&chain[..], &[0; 64]].concat(), 3, &["NUL"]);
    is_refused([&chain[..], &[0; 64], b"\n"].concat(), 3, &["NUL"]);
    let mut torn_page = chain.clone();
    let len = torn_page.len();
    torn_page[len - 50..].fill(0);
    is_refused(&torn_page, 2, &["NUL"]);
    is_refused([0; 4096], 0, &["NUL"]);
}

fn utf_16(text: &str, is_little: bool) -> Vec<u8> {
    let bytes = |unit: u16| if is_little { unit.to_le_bytes() } else { unit.to_be_bytes() };
    text.encode_utf16().flat_map(bytes).collect()
}

#[test]
fn a_chain_in_utf_16_is_refused_as_utf_16() {
    let words = ["this is UTF-16 text", "UTF-8", "iconv"];
    for mark in ["\u{feff}", ""] {
        for is_little in [true, false] {
            is_refused(utf_16(&format!("{mark}{}", file_of(&lines(3))), is_little), 0, &words);
            is_refused(utf_16(&format!("{mark}{}", lines(1)[0]), is_little), 0, &words);
            is_refused(utf_16(&format!("{mark}{}", array_of(&lines(3))), is_little), 0, &words);
        }
    }
}

/// As some shells append it.
#[test]
fn blocks_in_utf_16_after_others_are_refused_as_utf_16() {
    let lines = lines(3);
    for ending in ["\r\n", ""] {
        let appended = utf_16(&format!("{}{ending}", lines[2]), true);
        let words = ["this is UTF-16 text", "UTF-8"];
        is_refused([file_of(&lines[..2]).into_bytes(), appended].concat(), 2, &words);
    }
}

#[test]
fn a_line_without_an_end_is_refused_before_memory_runs_out() {
    let scratch = Scratch::with_chain(1);
    let file = File::options().write(true).open(scratch.chain()).unwrap();
    file.set_len(200 << 20).unwrap();
    let ran = scratch.run(&MINE).ends_with_code(1).prints_nothing();
    ran.says(&["line 2", "longer than"]);
    scratch.run(&["verify"]).ends_with_code(1).prints(&["line 2", "longer than"]);
    assert_eq!(file.metadata().unwrap().len(), 200 << 20);
}

#[test]
fn blank_lines_are_refused() {
    let lines = lines(3);
    is_refused(format!("{}\n\n{}\n", lines[0], lines[1]), 1, &["empty"]);
    is_refused(format!("\n{}\n", lines[0]), 0, &["line 1"]);
    is_refused(format!("{}\n", file_of(&lines)), 3, &["empty"]);
    is_refused(format!("{}  \n", file_of(&lines)), 3, &["empty"]);
}

#[test]
fn windows_line_ends_are_another_spelling() {
    is_read_in_another_spelling(
        &file_of(&lines(3)).replace('\n', "\r\n"),
        &["line 1", "show --output json"],
    );
}

#[test]
fn other_spacing_and_key_order_are_another_spelling() {
    let compact = |line: &String| line.replace(": ", ":").replace("\", \"", "\",\"");
    let reordered = |line: &String| {
        let (data, rest) = line[1..].split_once(", ").unwrap();
        format!("{{{}, {data}}}", rest.strip_suffix('}').unwrap())
    };
    let lines = lines(3);
    for spelled in [compact(&lines[1]), reordered(&lines[1]), format!(" {} ", lines[1])] {
        let file = file_of(&[&lines[0], &spelled, &lines[2]]);
        is_read_in_another_spelling(&file, &["line 2", "show --output json"]);
    }
    let last = file_of(&[&lines[0], &lines[1], &reordered(&lines[2])]);
    is_read_in_another_spelling(&last, &["line 3", "show --output json"]);
}

#[test]
fn characters_that_python_escapes_may_be_spelled_out() {
    let plain = lines(3);
    let spelled = file_of(&plain).replacen("Genesis Block", "\\u0047enesis Block", 1);
    is_read_in_another_spelling(&spelled, &["line 1", "show --output json"]);
}

#[test]
fn a_json_array_is_read_and_converted_but_not_mined_onto() {
    let lines = lines(3);
    let indented = format!("[\n  {}\n]\n", lines.join(",\n  "));
    for array in [array_of(&lines), format!(" {}\n", array_of(&lines)), indented] {
        is_read_in_another_spelling(&array, &["JSON array", "show --output json"]);
    }
}

#[test]
fn a_flaw_in_an_array_has_its_block_and_line() {
    let mut lines = lines(3);
    lines[2] = lines[2].replace("Block 2", "Clock 2");
    let scratch = Scratch::with(format!("[\n  {}\n]\n", lines.join(",\n  ")));
    let ran = scratch.run_untouched(&["verify"]).ends_with_code(1);
    ran.prints(&["block 2, line 4", "altered"]);
}

#[test]
fn an_array_that_is_not_one_is_refused() {
    let whole = array_of(&lines(3));
    let refused = |content: &str, words: &[&str]| {
        let scratch = Scratch::with(content);
        scratch.run_untouched(&["verify"]).ends_with_code(1).without_a_word().prints(words);
        scratch.run_untouched(&MINE).ends_with_code(1).prints_nothing().says(&["JSON array"]);
    };
    refused(&whole[..whole.len() - 1], &["not closed"]);
    refused(&format!("{whole} x"), &["more text after"]);
    refused("[]", &["no block"]);
    refused("[1]", &["block 0, line 1", "object"]);
    refused("[,]", &["block 0, line 1"]);
    refused(&whole.replacen("}, {", "}, , {", 1), &["block 1, line 1"]);
    refused(&whole.replace("}]", "}, ]"), &["block 3, line 1"]);
}

#[test]
fn an_empty_file_is_no_chain_but_can_become_one() {
    let scratch = Scratch::with("");
    scratch.run_untouched(&["verify"]).ends_with_code(1).prints(&["no block", "genesis"]);
    let shown = scratch.run_untouched(&["show"]).ends_with_code(1).prints_nothing();
    shown.says(&[CHAIN, "no block", "genesis"]);
    scratch.run(&MINE).ends_with_code(0);
    scratch.holds_blocks(2);
}

#[test]
fn the_first_flaw_is_named_whatever_comes_after_it() {
    let lines = lines(2);
    let altered = lines[1].replace("Block 1", "Clock 1");
    let too_long = "x".repeat((64 << 20) + 2);
    is_refused(format!("{}\n{altered}\n{too_long}\n", lines[0]), 1, &["altered"]);
    let unclosed = format!("[{}, {altered}, ", lines[0]);
    let ran = Scratch::with(unclosed).run(&["verify"]).ends_with_code(1);
    ran.prints(&["block 1, line 1", "altered"]);
}

#[test]
fn a_first_block_larger_than_a_read_is_found_in_an_array() {
    let scratch = Scratch::new();
    let text = "x".repeat(3 << 20);
    scratch.write("data.txt", text);
    scratch.run(&["mine", "--difficulty", "1", "--data-file", "data.txt"]).ends_with_code(0);
    let chain = String::from_utf8(scratch.read(CHAIN)).unwrap();
    let large = chain.lines().nth(1).unwrap();
    let refused = Scratch::with(format!("[{large}]")).run(&["verify"]).ends_with_code(1);
    refused.prints(&["block 0, line 1", "index is 1"]);
}
