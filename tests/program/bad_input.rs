//! Arguments and data that make no sense are refused with the documented exit code and a message
//! that helps, and every file stays as it was.

use crate::common::process::{CHAIN, Ran, Scratch};
use stripmine::pow::Kernel;

/// A message is for a screen, whatever was typed.
const SCREENFUL: usize = 2_000;

const USAGE: i32 = 2;
const SYSTEM: i32 = 3;

/// Refuses these arguments of `mine`, whether there is a chain or not, and says these words.
#[track_caller]
fn mine_refuses(arguments: &[&str], code: i32, words: &[&str]) {
    for scratch in [Scratch::new(), Scratch::with_chain(3)] {
        refuses_in(&scratch, arguments, code, words);
    }
}

#[track_caller]
fn refuses_in(scratch: &Scratch, arguments: &[&str], code: i32, words: &[&str]) {
    let arguments = [&["mine"], arguments].concat();
    let ran = scratch.run_untouched(&arguments);
    ran.ends_with_code(code).prints_nothing().says(words);
}

#[track_caller]
fn command_refuses(arguments: &[&str], words: &[&str]) {
    let ran = Scratch::with_chain(3).run_untouched(arguments);
    ran.ends_with_code(USAGE).prints_nothing().says(words);
}

#[test]
fn a_difficulty_is_a_number_of_hex_digits_that_a_hash_has() {
    mine_refuses(&["--difficulty", "65"], USAGE, &["65", "--difficulty", "0 to 64"]);
    mine_refuses(&["--difficulty", "-1"], USAGE, &["-1", "--difficulty", "0 to 64"]);
    mine_refuses(&["--difficulty", "abc"], USAGE, &["abc", "--difficulty", "0 to 64"]);
    mine_refuses(&["--difficulty", "1.5"], USAGE, &["1.5", "--difficulty", "0 to 64"]);
    mine_refuses(&["--difficulty", ""], USAGE, &["--difficulty"]);
}

#[test]
fn bits_are_a_number_of_bits_that_a_hash_has() {
    mine_refuses(&["--bits", "257"], USAGE, &["257", "--bits", "0 to 256"]);
    mine_refuses(&["--bits", "-1"], USAGE, &["-1", "--bits", "0 to 256"]);
    mine_refuses(&["--bits", "99999999999"], USAGE, &["--bits", "0 to 256"]);
}

#[test]
fn difficulty_is_said_in_one_way() {
    let words = ["--difficulty", "--bits", "cannot be used"];
    mine_refuses(&["--difficulty", "1", "--bits", "4"], USAGE, &words);
    command_refuses(&["verify", "--difficulty", "1", "--bits", "4"], &words);
    command_refuses(&["verify", "--difficulty", "65"], &["65", "0 to 64"]);
}

#[test]
fn threads_are_a_number_that_a_machine_can_start() {
    for wrong in ["0", "100000", "abc", "1.5", "18446744073709551616"] {
        mine_refuses(&["--threads", wrong], USAGE, &[wrong, "--threads", "all", "physical"]);
    }
    mine_refuses(&["--threads", "-1"], USAGE, &["-1"]);
}

#[test]
fn a_kernel_has_one_of_the_names_that_are_listed() {
    let words = ["warp", "--kernel", "portable", "sha2", "auto"];
    mine_refuses(&["--kernel", "warp"], USAGE, &words);
}

#[test]
fn a_wrong_kernel_in_the_environment_is_found_there() {
    let scratch = Scratch::with_chain(2);
    let mut command = scratch.stripmine(&["mine", "--difficulty", "1"]);
    let ran = scratch.untouched(command.env("STRIPMINE_KERNEL", "warp"));
    let words = ["warp", "STRIPMINE_KERNEL", "portable"];
    ran.ends_with_code(USAGE).prints_nothing().says(&words);
}

#[test]
fn the_flag_overrules_a_wrong_kernel_in_the_environment() {
    let scratch = Scratch::new();
    let mut command = scratch.stripmine(&["mine", "--difficulty", "1", "--kernel", "portable"]);
    crate::common::process::run(command.env("STRIPMINE_KERNEL", "warp")).ends_with_code(0);
}

#[test]
fn a_kernel_that_this_cpu_lacks_is_refused() {
    let lacking: Vec<_> = Kernel::ALL.iter().filter(|kernel| !kernel.is_available()).collect();
    if lacking.is_empty() {
        crate::common::process::skipped("a kernel that this CPU lacks; it runs all of them");
    }
    for kernel in lacking {
        let words = [
            &*format!("error: invalid value '{kernel}' for '--kernel <NAME>': this CPU cannot run"),
            "`stripmine kernels`",
            "(set by --kernel or STRIPMINE_KERNEL) For more information, try '--help'.",
        ];
        mine_refuses(&["--kernel", kernel.name()], USAGE, &words);
    }
}

#[test]
fn text_that_is_not_json_is_told_with_its_place() {
    let json = |text, words: &[&str]| {
        mine_refuses(&["--data-json", text], USAGE, &[&["--data-json", "line 1"], words].concat());
    };
    json("hello", &["column 1"]);
    json("{\"a\": 1,}", &["column 8", "comma"]);
    json("{'a': 1}", &["column 2", "double quotes"]);
    json("[1, 2", &["column 6"]);
    json("1 2", &["column 3"]);
    json("", &["column 1"]);
}

#[test]
fn json_that_only_python_takes_is_refused() {
    let json = |text: &str, words: &[&str]| {
        mine_refuses(&["--data-json", text], USAGE, &[&["--data-json", "line 1"], words].concat());
    };
    json("NaN", &["NaN", "finite"]);
    json("{\"a\": [0, -Infinity]}", &["Infinity", "column 11"]);
    json("Infinity", &["Infinity", "finite"]);
    json("1e400", &["too large"]);
    json("[\"\\ud800\"]", &["surrogate"]);
    json("[\"\\udc00\\ud800\"]", &["surrogate"]);
}

#[test]
fn an_integer_that_python_would_not_read_back_is_refused() {
    let digits = "7".repeat(4_301);
    mine_refuses(&["--data-json", &digits], USAGE, &["--data-json", "4300 digits", "string"]);
}

#[test]
fn nesting_has_a_limit() {
    for depth in [129, 50_000] {
        let nested = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        mine_refuses(&["--data-json", &nested], USAGE, &["--data-json", "deeper than 128"]);
    }
}

#[test]
fn a_message_fits_a_screen_whatever_was_typed() {
    let long = "7".repeat(50_000);
    for flag in ["--data-json", "--timestamp", "--difficulty", "--threads", "--kernel"] {
        let ran = Scratch::new().run_untouched(&["mine", flag, &long]).ends_with_code(USAGE);
        assert!(ran.stderr.len() < SCREENFUL, "{flag}: {} bytes", ran.stderr.len());
    }
}

#[test]
fn data_that_is_nested_too_deep_for_a_block_makes_no_chain() {
    // The block around it is one level more.
    let nested = format!("{}{}", "[".repeat(128), "]".repeat(128));
    mine_refuses(&["--data-json", &nested, "--difficulty", "1"], USAGE, &["deeper than 128"]);
}

#[test]
fn a_timestamp_is_a_finite_number() {
    for wrong in ["NaN", "Infinity", "1e400", "abc", "\"noon\"", "true", "[1]", "0x1"] {
        mine_refuses(&["--timestamp", wrong], USAGE, &["--timestamp"]);
    }
    mine_refuses(&["--timestamp", "NaN"], USAGE, &["NaN", "finite"]);
    mine_refuses(&["--timestamp", "true"], USAGE, &["number", "1700000000"]);
}

#[test]
fn a_timestamp_that_begins_with_a_hyphen_is_refused_as_a_timestamp() {
    mine_refuses(&["--timestamp", "-Infinity"], USAGE, &["--timestamp", "Infinity", "finite"]);
}

#[test]
fn data_is_given_in_one_way() {
    let flags = [
        ["--data", "a"],
        ["--data-json", "1"],
        ["--data-file", "/dev/null"],
        ["--data-lines", "/dev/null"],
        ["--data-json-lines", "/dev/null"],
    ];
    for (first, second) in [(0, 1), (0, 2), (1, 3), (2, 3), (0, 0), (3, 4), (4, 1)] {
        let words = [flags[first][0], "cannot be used"];
        mine_refuses(&[flags[first], flags[second]].concat(), USAGE, &words);
    }
    for flag in ["--data-lines", "--data-json-lines"] {
        mine_refuses(&[flag, "-", "--blocks", "2"], USAGE, &[flag, "--blocks"]);
    }
}

#[test]
fn at_least_one_block_is_mined_from_a_nonce_that_there_is() {
    for wrong in ["0", "abc", "18446744073709551616"] {
        mine_refuses(&["--blocks", wrong], USAGE, &["--blocks", wrong]);
    }
    for wrong in ["abc", "18446744073709551616"] {
        mine_refuses(&["--start-nonce", wrong], USAGE, &["--start-nonce", wrong]);
    }
    mine_refuses(&["--order", "highest"], USAGE, &["highest", "lowest", "first"]);
}

#[test]
fn data_comes_from_a_file_that_is_there() {
    for flag in ["--data-file", "--data-lines"] {
        let words = ["nowhere.txt", "cannot read the data", "No such file"];
        mine_refuses(&[flag, "nowhere.txt", "--difficulty", "1"], SYSTEM, &words);
    }
}

#[cfg(unix)]
#[test]
fn data_comes_from_a_file_and_not_from_a_directory() {
    for flag in ["--data-file", "--data-lines"] {
        let arguments = [flag, ".", "--difficulty", "1"];
        refuses_in(&Scratch::with_chain(2), &arguments, SYSTEM, &[".: ", "directory"]);
    }
}

#[test]
fn data_is_text() {
    let cases: [(_, &[u8], _); 2] =
        [("--data-file", b"one\n\xff\n", "line 2"), ("--data-lines", b"\xc3\x28\n", "line 1")];
    for (flag, bytes, line) in cases {
        let scratch = Scratch::with_chain(2);
        scratch.write("data", bytes);
        let words = ["data", line, "UTF-8"];
        refuses_in(&scratch, &[flag, "data", "--difficulty", "1"], USAGE, &words);
    }
}

#[test]
fn no_chain_is_made_when_no_block_can_be_mined() {
    let scratch = Scratch::new();
    scratch.write("data", b"\xff\n");
    for flag in ["--data-file", "--data-lines"] {
        refuses_in(&scratch, &[flag, "data"], USAGE, &["data", "UTF-8"]);
    }
    for flag in ["--data-file", "--data-lines"] {
        refuses_in(&scratch, &[flag, "."], SYSTEM, &["."]);
    }
}

#[test]
fn the_lines_before_one_that_is_not_text_are_mined() {
    let scratch = Scratch::with_chain(2);
    scratch.write("data", b"one\ntwo\n\xff\nfour\n");
    let ran = scratch.run(&["mine", "--data-lines", "data", "--difficulty", "1"]);
    ran.ends_with_code(USAGE).says(&["data", "line 3", "UTF-8"]);
    scratch.holds_blocks(4);
}

#[cfg(unix)]
#[test]
fn data_without_an_end_is_refused() {
    let words = ["/dev/zero", "longer", "less"];
    mine_refuses(&["--data-file", "/dev/zero", "--difficulty", "1"], USAGE, &words);
}

#[test]
fn commands_and_flags_are_those_that_there_are() {
    command_refuses(&["mien"], &["mien", "mine"]);
    command_refuses(&["mine", "--dificulty", "1"], &["--dificulty", "--difficulty"]);
    command_refuses(&[], &["mine", "verify", "show"]);
    command_refuses(&["show", "a", "b"], &["b"]);
    command_refuses(&["verify", CHAIN, "--chain", CHAIN], &["--chain", "cannot be used"]);
    command_refuses(&["show", "--index", "1", "--last", "1"], &["--index", "--last"]);
    command_refuses(&["show", "--hashed", "1", "--output", "json"], &["--hashed", "--output"]);
    command_refuses(&["show", "--index", "-1"], &["-1"]);
    command_refuses(&["kernels", "--output", "xml"], &["xml", "text", "json"]);
    command_refuses(&["completions", "cmd.exe"], &["cmd.exe", "bash"]);
    command_refuses(&["man", "woman"], &["woman", "mine"]);
    command_refuses(&["verify", "--color", "maybe"], &["maybe", "auto", "always", "never"]);
}

#[test]
fn a_block_beyond_the_end_is_not_shown() {
    for arguments in [["show", "--index", "3"], ["show", "--hashed", "99"]] {
        let ran: Ran = Scratch::with_chain(3).run_untouched(&arguments);
        ran.ends_with_code(1).prints_nothing().says(&[CHAIN, arguments[2], "3 blocks"]);
    }
}
