//! Big and odd files: a clear answer, in memory that does not grow with the file.
//!
//! Memory is bounded by the system (`ulimit -d`): a program that wants more ends with another exit
//! code. The long cases are `#[ignore]`d; `tests/long.sh --only big-input` runs them.

use std::fs::File;
use std::io::{BufWriter, Write as _};

use crate::common::process::{CHAIN, Ran, Scratch, file_of, finish, lines, next_block, program};
use stripmine::chain::python_json::{Value, parse};
use stripmine::chain::{Chain, SealedBlock, Timestamp};

const COMMANDS: [&[&str]; 4] = [
    &["verify"],
    &["verify", "--strict"],
    &["show", "--last", "1"],
    &["mine", "--difficulty", "0", "--dry-run"],
];

/// Runs each command with this many MiB of memory to write to, and the stacks of its threads.
#[track_caller]
fn answers_within(mebibytes: usize, scratch: &Scratch, code: i32, words: &[&str]) {
    for command in COMMANDS {
        let ran = run_within(mebibytes, scratch, command).ends_with_code(code);
        let said = ran.out().to_owned() + ran.err();
        assert!(words.iter().all(|word| said.contains(word)), "{command:?}: {ran}");
    }
}

#[track_caller]
fn run_within(mebibytes: usize, scratch: &Scratch, arguments: &[&str]) -> Ran {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let kibibytes = (mebibytes + 4 * threads) << 10;
    let mut command = program("sh");
    let script = format!("ulimit -d {kibibytes}; exec \"$0\" \"$@\"");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_stripmine")]).args(arguments);
    finish(command.current_dir(scratch.directory()).spawn().unwrap())
}

/// A chain of the genesis block and one with this data.
fn with_data(data: &Value) -> [SealedBlock; 2] {
    let mut chain = Chain::new();
    chain.accept(&SealedBlock::genesis()).unwrap();
    let time = Timestamp::Text("now".to_owned());
    [SealedBlock::genesis(), chain.candidate(&time, data).unwrap().seal(0)]
}

fn as_file(blocks: &[SealedBlock]) -> String {
    blocks.iter().flat_map(|block| [block.line(), "\n"]).collect()
}

#[test]
fn a_program_that_needs_more_than_the_limit_fails() {
    let scratch = Scratch::with(as_file(&with_data(&Value::from("x".repeat(40 << 20)))));
    assert_eq!(run_within(128, &scratch, &["verify"]).code, Some(0));
    assert_ne!(run_within(8, &scratch, &["verify"]).code, Some(0));
}

#[test]
fn a_line_that_never_ends_is_refused_early() {
    let scratch = Scratch::with_chain(1);
    let file = File::options().write(true).open(scratch.chain()).unwrap();
    file.set_len(8 << 30).unwrap();
    answers_within(160, &scratch, 1, &["longer than 67108864 bytes"]);
}

#[test]
fn a_line_just_over_the_limit_is_refused() {
    let scratch = Scratch::with(file_of(&lines(1)) + &"x".repeat((64 << 20) + 1) + "\n");
    answers_within(224, &scratch, 1, &["line 2", "longer than 67108864 bytes"]);
}

#[test]
fn nesting_a_hundred_thousand_deep_is_refused() {
    for brackets in ["[]", "{}"] {
        let open = if brackets == "[]" { "[" } else { "{\"\":" }.repeat(100_000);
        let close = brackets[1..].repeat(100_000);
        let chain = format!("{}{{\"data\": {open}1{close}}}\n", file_of(&lines(1)));
        answers_within(24, &Scratch::with(chain), 1, &["line 2", "deeper than 128"]);
    }
    let array = Scratch::with("[".repeat(100_000));
    run_within(24, &array, &["verify"]).ends_with_code(1).prints(&["not closed"]);
}

#[test]
fn many_lines_of_nothing_are_refused() {
    for (line, words) in [("\n", "empty"), ("{}\n", "no \"data\""), ("0\n", "")] {
        answers_within(256, &Scratch::with(line.repeat(200_000)), 1, &["line 1", words]);
    }
}

#[test]
fn an_array_of_many_nothings_is_refused() {
    for (element, flaw) in [(",", "empty"), ("{},", "no \"data\""), ("[],", "an array")] {
        let scratch = Scratch::with(format!("[{}]", element.repeat(200_000)));
        run_within(256, &scratch, &["verify"]).ends_with_code(1).prints(&["line 1", flaw]);
        run_within(256, &scratch, &["show"]).ends_with_code(1).says(&["line 1", flaw]);
        run_within(64, &scratch, &["mine", "--dry-run"]).ends_with_code(1).says(&["JSON array"]);
    }
}

/// Small objects take a hundred times their text as values; other spellings are hashed without.
#[test]
fn a_block_of_many_small_objects_is_verified_in_memory_like_its_text() {
    let spelled = format!("[{}0]", r#"{"":0},"#.repeat(400_000));
    let blocks = with_data(&parse(spelled.as_bytes()).unwrap());
    let canonical = as_file(&blocks);
    let other = canonical.replace(": ", ":").replace(", ", ",");
    for (chain, code) in [(canonical, 0), (other, 1)] {
        let scratch = Scratch::with(chain);
        run_within(64, &scratch, &["verify"]).ends_with_code(0).prints(&["2 blocks"]);
        run_within(64, &scratch, &["verify", "--strict"]).ends_with_code(code);
        let mine = ["mine", "--dry-run", "-d", "0", "--data", "x", "--timestamp", "1"];
        run_within(64, &scratch, &mine).ends_with_code(0);
    }
}

#[test]
#[ignore = "long: blocks of 60 MiB"]
fn blocks_of_sixty_mebibytes_are_read() {
    let text = with_data(&Value::from("x".repeat(60 << 20)));
    answers_within(320, &Scratch::with(as_file(&text)), 0, &[]);
    let integers = with_data(&Value::Array(vec![Value::from(0_u64); 20_000_000]));
    let scratch = Scratch::with(as_file(&integers));
    drop(integers);
    for arguments in [&["verify"][..], &["verify", "--strict"], &["mine", "--dry-run", "-d", "0"]] {
        run_within(256, &scratch, arguments).ends_with_code(0);
    }
    let other = String::from_utf8(scratch.read(CHAIN)).unwrap().replace(", ", ",");
    let scratch = Scratch::with(other);
    run_within(512, &scratch, &["verify"]).ends_with_code(0).prints(&["2 blocks"]);
    run_within(512, &scratch, &["verify", "--strict"]).ends_with_code(1);
}

/// The worst that 56 MB can say: eight million objects of one member each, spelled without spaces.
#[test]
#[ignore = "long: a block of eight million objects"]
fn eight_million_objects_in_one_block_are_verified() {
    let spelled = format!("[{}0]", r#"{"":0},"#.repeat(8_000_000));
    let line = SealedBlock::genesis().line().to_owned();
    let scratch = Scratch::with(format!("{line}\n{{\"data\":{spelled}}}\n"));
    run_within(192, &scratch, &["verify"]).ends_with_code(1).prints(&["no \"hash\""]);
    let block = format!(
        "{{\"data\":{spelled},\"hash\":\"{}\",\"index\":1,\"nonce\":0,\"previous_hash\":\"{}\",\"timestamp\":0}}",
        "0".repeat(64),
        SealedBlock::genesis().hash()
    );
    scratch.write(CHAIN, format!("{line}\n{block}\n"));
    run_within(448, &scratch, &["verify"]).ends_with_code(1).prints(&["altered"]);
}

#[test]
#[ignore = "long: a file of ten million blocks, 2.5 GB"]
fn ten_million_blocks_are_read_in_flat_memory() {
    let scratch = Scratch::new();
    let mut file = BufWriter::new(File::create(scratch.chain()).unwrap());
    let mut chain = Chain::new();
    chain.accept(&SealedBlock::genesis()).unwrap();
    writeln!(file, "{}", SealedBlock::genesis().line()).unwrap();
    for _ in 1..10_000_000 {
        let block = next_block(&chain);
        writeln!(file, "{}", block.line()).unwrap();
        chain.accept(&block).unwrap();
    }
    drop(file);
    answers_within(48, &scratch, 0, &[]);
    run_within(48, &scratch, &["verify"]).ends_with_code(0).prints(&["10,000,000 blocks"]);
}

#[test]
#[ignore = "long: files of ten million lines"]
fn ten_million_lines_of_nothing_are_refused() {
    for line in ["\n", "{}\n", "[\n", "{\"data\": 1}\n"] {
        let scratch = Scratch::with(file_of(&lines(3)) + &line.repeat(10_000_000));
        answers_within(256, &scratch, 1, &["line 4"]);
    }
}
