//! Nothing from a file or an argument reaches the terminal as a command to it. Whatever a chain's
//! blocks, names, texts and errors hold is shown escaped, with colours or without.

use std::process::Command;

use crate::common::process::{CHAIN, Ran, Scratch, file_of, lines, run};
use stripmine::chain::python_json::Value;
use stripmine::chain::{Candidate, Timestamp};

/// A colour that nothing here uses, a title, a bell, the same as C1 controls, a deletion, and
/// characters that turn the direction of text or end its line.
const HOSTILE: &str =
    "\x1b[38;5;201m\x1b]0;title\x07\u{9b}2J\u{9d}\x08\x7f\r\u{202e}\u{2066}\u{2028}";

/// As an argument of the program.
const HOSTILE_FLAG: &str = "--\x1b[38;5;201m\u{9b}2J\u{202e}";

/// Colours of our own are the only commands to a terminal: SGR with one or two small numbers.
fn is_harmless(text: &str) -> bool {
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap_or_default();
    let after_colours = parts.map(|part| {
        let (parameters, rest) = part.split_once('m').unwrap_or(("not a colour", part));
        let is_ours = parameters.len() <= 4 && !parameters.contains("38");
        if is_ours { rest } else { "\x1b" }
    });
    std::iter::once(first).chain(after_colours).all(|plain| plain.chars().all(is_plain))
}

fn is_plain(character: char) -> bool {
    let turns = matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let ends_line = matches!(character, '\u{2028}' | '\u{2029}');
    (character == '\n' || !character.is_control()) && !turns && !ends_line
}

/// Runs it as on a terminal with colours, and without.
#[track_caller]
fn shows_no_commands(mut command: Command) -> Ran {
    let plain = run(&mut command);
    assert!(is_harmless(plain.out()) && is_harmless(plain.err()), "{:?}", plain.to_string());
    let coloured = run(command.env("CLICOLOR_FORCE", "1"));
    assert!(
        is_harmless(coloured.out()) && is_harmless(coloured.err()),
        "{:?}",
        coloured.to_string()
    );
    plain
}

#[track_caller]
fn is_shown_safely(scratch: &Scratch, arguments: &[&str]) -> Ran {
    shows_no_commands(scratch.stripmine(arguments))
}

#[test]
fn harmless_text_is_told_from_hostile() {
    assert!(is_harmless("a\n\x1b[1mb\x1b[0m \x1b[32mc\x1b[39m é\u{1f600}"));
    for hostile in HOSTILE.chars().filter(|character| !"[38;5;201m]0;title2J".contains(*character))
    {
        assert!(!is_harmless(&format!("a{hostile}b")), "{hostile:?}");
    }
    assert!(!is_harmless("\x1b[38;5;201m") && !is_harmless("\x1b[2J"));
}

/// A chain whose genesis block and next block hold it wherever text can stand, spelled as Python
/// does, and with the characters that JSON takes as they are.
fn hostile_chains() -> [String; 2] {
    let text = || HOSTILE.to_owned();
    let data = Value::Array(vec![Value::from(HOSTILE), Value::from(text())]);
    let genesis = Candidate::new(0, &Timestamp::Text(text()), &data, &text()).unwrap().seal(0);
    let next = Candidate::new(1, &Timestamp::Text(text()), &data, &genesis.hash().to_string());
    let canonical = file_of(&[genesis.line(), next.unwrap().seal(0).line()]);
    let raw = HOSTILE.chars().filter(|character| *character >= ' ');
    let spelled = raw.fold(canonical.clone(), |spelled, character| {
        spelled.replace(&format!("\\u{:04x}", u32::from(character)), &character.to_string())
    });
    assert_ne!(canonical, spelled);
    [canonical, spelled]
}

#[test]
fn a_chain_of_hostile_text_is_read_safely() {
    for chain in hostile_chains() {
        let scratch = Scratch::with(&chain);
        for arguments in [
            &["verify"][..],
            &["verify", "--strict"],
            &["verify", "--output", "json"],
            &["show"],
            &["show", "--index", "1"],
            &["show", "--output", "json"],
            &["show", "--hashed", "1"],
            &["mine", "--difficulty", "1", "--dry-run"],
            &["mine", "--difficulty", "1", "--dry-run", "--output", "json"],
            &["kernels", "--explain", "--chain", CHAIN],
        ] {
            let ran = is_shown_safely(&scratch, arguments);
            assert!(ran.code == Some(0) || chain.contains('\u{202e}'), "{arguments:?}: {ran}");
        }
    }
}

#[test]
fn a_flaw_in_hostile_text_is_told_safely() {
    let raw: String = HOSTILE.chars().filter(|character| *character >= ' ').collect();
    let good = file_of(&lines(2));
    let altered = [
        good.replacen("\"data\"", &format!("\"{raw}\""), 1),
        good.replacen("\"hash\": \"", &format!("\"hash\": \"{raw}"), 1),
        good.replacen("\"previous_hash\": \"", &format!("\"previous_hash\": \"{raw}"), 1),
        good.replacen("Genesis Block", &raw, 1),
        good.replacen("Genesis Block", HOSTILE, 1),
        format!("{good}{HOSTILE}"),
        format!("{HOSTILE}\n{good}"),
    ];
    for chain in altered {
        let scratch = Scratch::with(&chain);
        for arguments in [
            &["verify"][..],
            &["verify", "--output", "json"],
            &["show"],
            &["mine", "--difficulty", "1"],
        ] {
            is_shown_safely(&scratch, arguments);
        }
        is_shown_safely(&scratch, &["verify"]).ends_with_code(1);
    }
}

#[cfg(unix)]
#[test]
fn hostile_names_of_files_are_shown_safely() {
    let (whole, torn) = (file_of(&lines(2)), "{\"data\": ");
    let scratch = Scratch::new();
    let name = HOSTILE.replace('/', "");
    for content in [whole.clone(), format!("{whole}{torn}"), whole.trim_end().to_owned()] {
        scratch.write(&name, content);
        let mine = ["mine", "--difficulty", "1", "--chain", &name];
        is_shown_safely(&scratch, &mine).ends_with_code(0);
        for command in ["verify", "show"] {
            is_shown_safely(&scratch, &[command, &name]).ends_with_code(0);
        }
        is_shown_safely(&scratch, &["kernels", "--explain", "--chain", &name]).ends_with_code(0);
    }
    scratch.write(&name, "hello");
    for arguments in [
        &["verify", &name][..],
        &["verify", &name, "--output", "json"],
        &["show", &name],
        &["mine", "--chain", &name],
        &["mine", "--data-file", "nowhere\x1b[38;5;201m"],
        &["mine", "--data-lines", "nowhere\x1b[38;5;201m"],
    ] {
        let ran = is_shown_safely(&scratch, arguments);
        assert!(matches!(ran.code, Some(1 | 3)), "{ran}");
    }
}

#[test]
fn hostile_text_is_mined_and_solved_safely() {
    let json = Value::from(HOSTILE).to_string();
    for form in ["text", "json"] {
        let scratch = Scratch::new();
        let mine = ["mine", "--difficulty", "1", "--output", form];
        is_shown_safely(&scratch, &[&mine[..], &["--data", HOSTILE]].concat()).ends_with_code(0);
        is_shown_safely(&scratch, &[&mine[..], &["--data-json", &json]].concat()).ends_with_code(0);
        let solve = ["solve", "--bits", "4", "--prefix", HOSTILE, "--suffix", HOSTILE];
        is_shown_safely(&scratch, &[&solve[..], &["--output", form]].concat()).ends_with_code(0);
        let explain = ["kernels", "--explain", "--prefix", HOSTILE, "--suffix", HOSTILE];
        is_shown_safely(&scratch, &[&explain[..], &["--output", form]].concat()).ends_with_code(0);
    }
}

#[test]
fn hostile_arguments_are_refused_safely() {
    for arguments in [
        &[HOSTILE][..],
        &[HOSTILE_FLAG],
        &["verify", HOSTILE_FLAG],
        &["verify", "-\x1b[38;5;201m"],
        &["verify", "-\u{9b}2J"],
        &["show", "chain", HOSTILE],
        &["mine", "--difficulty", HOSTILE],
        &["mine", "--bits", HOSTILE],
        &["mine", "--threads", HOSTILE],
        &["mine", "--kernel", HOSTILE],
        &["mine", "--order", HOSTILE],
        &["mine", "--timestamp", HOSTILE],
        &["mine", "--data-json", HOSTILE],
        &["mine", "--start-nonce", HOSTILE],
        &["solve", "--bitcoin", HOSTILE],
        &["solve", "--prefix", "x", "--end-nonce", HOSTILE],
        &["completions", HOSTILE],
        &["man", HOSTILE],
    ] {
        is_shown_safely(&Scratch::new(), arguments).ends_with_code(2);
    }
    let scratch = Scratch::new();
    let mut command = scratch.stripmine(&["mine"]);
    command.env("STRIPMINE_KERNEL", HOSTILE);
    shows_no_commands(command).ends_with_code(2);
}
