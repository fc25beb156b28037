//! What reaches a terminal: colours where they are wanted, and no data as a command to it.

use crate::common::process::{CHAIN, Ran, Scratch, file_of, lines, run};

const MINE: [&str; 3] = ["mine", "--difficulty", "1"];

/// Clears the screen, sets the title, rings, starts a C1 sequence, turns the writing round, hides.
const NASTY: &str = "\u{1b}[2J\u{1b}]0;gone\u{7}\u{9b}31m\u{202e}\u{2066}\u{200b}\u{2028}\u{7f}\r";

/// A name that a file can have where files can have any.
#[cfg(unix)]
const NASTY_NAME: &str = "\u{1b}]0;gone\u{7}\u{202e}\u{9b}\n.jsonl";

/// A character that could do something to a terminal; lines may end.
fn is_dangerous(character: char) -> bool {
    let bidirectional = matches!(
        character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    let separates = matches!(character, '\u{2028}' | '\u{2029}');
    (character.is_control() && character != '\n') || bidirectional || separates
}

#[track_caller]
fn is_harmless(ran: Ran) -> Ran {
    for (stream, text) in [("output", ran.out()), ("error", ran.err())] {
        let found: Vec<_> = text.chars().filter(|it| is_dangerous(*it)).collect();
        assert!(found.is_empty(), "standard {stream} holds {found:?}: {text:?}");
    }
    ran
}

/// The program with arguments, wherever its colours are to go.
#[track_caller]
fn harmless_with(scratch: &Scratch, arguments: &[&str]) -> Ran {
    // Colours are left out, so that an escape can only come from the data.
    is_harmless(scratch.run(&[arguments, &["--color", "never"]].concat()));
    is_harmless(scratch.run(arguments))
}

#[test]
fn data_does_nothing_to_a_terminal() {
    let scratch = Scratch::new();
    let text = format!("{NASTY}\n");
    harmless_with(&scratch, &[&MINE[..], &["--data", &text, "--verbose"]].concat());
    for command in [&["show"][..], &["show", "--index", "1"], &["show", "--hashed", "1"]] {
        harmless_with(&scratch, command).ends_with_code(0);
    }
    for output in ["text", "json"] {
        for command in ["show", "verify"] {
            harmless_with(&scratch, &[command, "--output", output]).ends_with_code(0);
        }
    }
    let keys = r#"{"\u001b[2J\u202e": ["\u0007", "\u009b"]}"#;
    harmless_with(&scratch, &[&MINE[..], &["--data-json", keys, "--output", "json"]].concat());
    harmless_with(&scratch, &["show"]).ends_with_code(0);
}

#[test]
fn a_colour_that_always_comes_is_no_way_in_for_data() {
    let scratch = Scratch::new();
    let arguments = [&MINE[..], &["--color", "always", "--data", NASTY]].concat();
    for ran in [scratch.run(&arguments), scratch.run(&["show", "--color", "always"])] {
        let ran = ran.ends_with_code(0);
        for sequence in ["\u{1b}[2J", "\u{1b}]", "\u{7}", "\u{9b}", "\u{202e}"] {
            assert!(!ran.out().contains(sequence), "{sequence:?}: {:?}", ran.out());
        }
    }
}

#[test]
fn a_broken_block_does_nothing_to_a_terminal() {
    let nasty = r"\u001b[2J\u0007\u202e\u009b\u2028";
    let line = lines(2).remove(1);
    let breaks = [
        line.replace("\"Block 1\"", &format!("\"{nasty}\"")),
        line.replace("\"hash\": \"", &format!("\"hash\": \"{nasty}")),
        line.replace("\"previous_hash\": \"", &format!("\"previous_hash\": \"{nasty}")),
        line.replace("1700000001.25", &format!("\"{nasty}\"")),
        line.replace("\"nonce\"", &format!("\"{nasty}\"")),
        line.replace("\"index\": 1", &format!("\"index\": \"{nasty}\"")),
        line.replace("Block 1", NASTY),
        format!("{NASTY}{line}"),
    ];
    for broken in breaks {
        let file = file_of(&[lines(1).remove(0), broken]);
        for content in [file.as_str(), file.trim_end()] {
            let scratch = Scratch::with(content);
            harmless_with(&scratch, &MINE).ends_with_code(1);
            harmless_with(&scratch, &["verify"]).ends_with_code(1);
            harmless_with(&scratch, &["verify", "--output", "json"]).ends_with_code(1);
            harmless_with(&scratch, &["show"]);
        }
    }
}

#[cfg(unix)]
#[test]
fn the_name_of_a_file_does_nothing_to_a_terminal() {
    let scratch = Scratch::new();
    for missing in ["verify", "show"] {
        harmless_with(&scratch, &[missing, NASTY_NAME]).ends_with_code(3);
    }
    harmless_with(&scratch, &[&MINE[..], &["--chain", NASTY_NAME]].concat()).ends_with_code(0);
    harmless_with(&scratch, &[&MINE[..], &["--dry-run", "--chain", NASTY_NAME]].concat());
    for command in ["verify", "show"] {
        harmless_with(&scratch, &[command, NASTY_NAME]).ends_with_code(0);
    }
    scratch.write(NASTY_NAME, format!("{}{{\"data\": 1", file_of(&lines(1))));
    harmless_with(&scratch, &["verify", NASTY_NAME]).ends_with_code(1);
    harmless_with(&scratch, &["show", NASTY_NAME]).ends_with_code(1);
    let repaired = scratch.run(&[&MINE[..], &["--chain", NASTY_NAME]].concat());
    is_harmless(repaired.ends_with_code(0).says(&["torn"]));
    scratch.write(NASTY_NAME, "hello\n");
    for command in [&MINE[..], &["verify"], &["show"]] {
        harmless_with(&scratch, &[command, &["--chain", NASTY_NAME]].concat()).ends_with_code(1);
    }
    for flag in ["--data-file", "--data-lines"] {
        harmless_with(&scratch, &[&MINE[..], &[flag, NASTY_NAME]].concat());
        harmless_with(&scratch, &[&MINE[..], &[flag, "\u{1b}[2J\u{202e}"]].concat());
    }
}

#[cfg(unix)]
#[test]
fn a_file_name_that_is_not_utf_8_is_a_name() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let scratch = Scratch::new();
    let name = OsStr::from_bytes(b"caf\xe9.jsonl");
    for command in [&MINE[..], &["verify"], &["show"]] {
        let mut command = scratch.stripmine(command);
        is_harmless(run(command.arg("--chain").arg(name)).ends_with_code(0));
    }
}

#[test]
fn what_was_typed_wrong_does_nothing_to_a_terminal() {
    let nasty: String = NASTY.chars().filter(|character| *character != '\0').collect();
    let scratch = Scratch::new();
    let flags = ["--difficulty", "--threads", "--kernel", "--timestamp", "--data-json", "--blocks"];
    for flag in flags {
        harmless_with(&scratch, &["mine", flag, &nasty]).ends_with_code(2);
    }
    harmless_with(&scratch, &[&nasty]).ends_with_code(2);
    harmless_with(&scratch, &["mine", &format!("--{nasty}")]).ends_with_code(2);
    harmless_with(&scratch, &["verify", &nasty]).ends_with_code(3);
    harmless_with(&scratch, &["show", CHAIN, &nasty]).ends_with_code(2);
    harmless_with(&scratch, &["man", &nasty]).ends_with_code(2);
    harmless_with(&scratch, &["completions", &nasty]).ends_with_code(2);
}

#[test]
fn a_kernel_in_the_environment_does_nothing_to_a_terminal() {
    let mut command = Scratch::new().stripmine(&["mine"]);
    is_harmless(run(command.env("STRIPMINE_KERNEL", NASTY).current_dir("/"))).ends_with_code(2);
}

fn is_coloured(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|pair| pair == b"\x1b[")
}

#[test]
fn colours_come_when_they_are_asked_for() {
    let scratch = Scratch::with_chain(3);
    for (color, expected) in [("always", true), ("never", false), ("auto", false)] {
        let shown = scratch.run(&["show", "--color", color]).ends_with_code(0);
        assert_eq!(is_coloured(&shown.stdout), expected, "{color}: {shown}");
        let refused = scratch.run(&["--color", color, "show", "--index", "9"]).ends_with_code(1);
        assert_eq!(is_coloured(&refused.stderr), expected, "{color}: {refused}");
    }
    let mut shown = scratch.stripmine(&["show", "--color", "always"]);
    assert!(is_coloured(&run(shown.env("NO_COLOR", "1")).stdout), "who asks, gets");
}

#[test]
fn documents_have_no_colour() {
    let scratch = Scratch::with_chain(3);
    let mine = [&MINE[..], &["--blocks", "2"]].concat();
    for command in [&mine[..], &["verify"], &["show"], &["kernels"]] {
        let options = ["--output", "json", "--color", "always"];
        let ran = scratch.run(&[command, &options].concat()).ends_with_code(0);
        assert!(!is_coloured(&ran.stdout), "{command:?}: {ran}");
    }
}

/// Runs a shell command on a terminal of its own; `None`, loudly, where that is impossible.
#[cfg(target_os = "linux")]
fn on_a_terminal(scratch: &Scratch, command: &str, variables: &[(&str, &str)]) -> Option<Vec<u8>> {
    use crate::common::process::{program, skipped};
    let mut script = program("script");
    script.args(["--quiet", "--return", "--command", command, "/dev/null"]);
    script.current_dir(scratch.directory()).env("TERM", "xterm").envs(variables.iter().copied());
    if let Err(error) = program("script").arg("--version").output() {
        skipped(&format!("what a terminal shows; script does not start: {error}"));
        return None;
    }
    Some(run(&mut script).ends_with_code(0).stdout)
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_gets_colours_unless_no_color_is_set() {
    let scratch = Scratch::with_chain(3);
    let show = format!("{} show", env!("CARGO_BIN_EXE_stripmine"));
    let Some(coloured) = on_a_terminal(&scratch, &show, &[]) else { return };
    assert!(is_coloured(&coloured));
    let plain = on_a_terminal(&scratch, &show, &[("NO_COLOR", "1")]).unwrap();
    assert!(!is_coloured(&plain), "{:?}", String::from_utf8_lossy(&plain));
    let never = on_a_terminal(&scratch, &format!("{show} --color never"), &[]).unwrap();
    assert!(!is_coloured(&never));
}

#[cfg(target_os = "linux")]
#[test]
fn a_quiet_run_draws_no_progress_on_a_terminal() {
    let scratch = Scratch::new();
    let mine = format!("{} mine --difficulty 5 --threads 1", env!("CARGO_BIN_EXE_stripmine"));
    let quiet = format!("{mine} --quiet --color never 2>&1 >/dev/null");
    let Some(shown) = on_a_terminal(&scratch, &quiet, &[]) else { return };
    assert!(shown.is_empty(), "{:?}", String::from_utf8_lossy(&shown));
}

#[test]
fn a_quiet_run_prints_its_results_and_nothing_else() {
    let scratch = Scratch::new();
    let quiet = scratch.run(&[&MINE[..], &["--quiet"]].concat()).ends_with_code(0).without_a_word();
    quiet.prints(&["block", "worker", CHAIN, "synced"]);
    scratch.run(&["--quiet", "verify"]).ends_with_code(0).without_a_word().prints(&["valid"]);
    scratch.run(&["show", "-q"]).ends_with_code(0).without_a_word();
}
