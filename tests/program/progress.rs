//! The progress of a search, on terminals of every kind and in logs.

use crate::common::process::{Scratch, finish, program, run, skipped};

/// Long enough for a few redraws.
const MINE: &str = "mine --bits 60 --time-limit 0.6 --kernel sha2";

/// The same on one thread, for what does not depend on their number: several such runs would keep
/// every core busy, and draw the same.
fn mine_on_one_thread() -> String {
    format!("{MINE} --threads 1")
}

/// What a terminal of its own gets when the program runs with these variables and arguments. `None`,
/// loudly, where that is impossible.
fn shown(variables: &str, arguments: &str) -> Option<String> {
    let stripmine = env!("CARGO_BIN_EXE_stripmine");
    on_terminal(&format!("stty rows 24 columns 60; env {variables} {stripmine} {arguments}"), 1)
}

/// What a terminal of its own gets from a shell's command, which ends with this code.
fn on_terminal(command: &str, code: i32) -> Option<String> {
    if let Err(error) = program("script").arg("--version").output() {
        skipped(&format!("what a terminal shows; script does not start: {error}"));
        return None;
    }
    let scratch = Scratch::new();
    let mut script = program("script");
    script.args(["--quiet", "--return", "--command", command, "/dev/null"]);
    let ran = run(script.current_dir(scratch.directory()).env("TERM", "xterm"));
    Some(String::from_utf8_lossy(&ran.ends_with_code(code).stdout).into_owned())
}

/// The program's styles: bold, dim, underlined, and colours.
fn has_styles(text: &str) -> bool {
    let escapes = text.split("\u{1b}[").skip(1);
    let mut ends = escapes
        .filter_map(|rest| rest.find(|it: char| it.is_ascii_alphabetic()).map(|end| &rest[end..]));
    ends.any(|rest| rest.starts_with('m'))
}

#[test]
fn a_terminal_shows_the_best_hash_so_far_and_whole_lines() {
    let Some(shown) = shown("", MINE) else { return };
    assert!(shown.contains("best so far  0"), "{shown:?}");
    assert!(shown.contains("1/2 within"), "words that fit into 60 columns: {shown:?}");
    assert!(!shown.contains('\u{7}'), "it beeps: {shown:?}");
}

#[test]
fn a_terminal_that_cannot_move_its_cursor_gets_plain_lines() {
    for variables in ["TERM=dumb", "-u TERM", "TERM="] {
        let Some(shown) = shown(variables, &mine_on_one_thread()) else { return };
        assert!(!shown.contains('\u{1b}'), "{variables}: {shown:?}");
        assert!(!shown.contains("best so far"), "ten seconds have not passed: {shown:?}");
    }
}

#[test]
fn a_display_without_colours_has_no_styles_at_all() {
    for (variables, flag) in [("NO_COLOR=1", ""), ("", " --color never")] {
        let arguments = format!("{} --blocks 2{flag}", mine_on_one_thread());
        let Some(shown) = shown(&format!("COLUMNS=140 {variables}"), &arguments) else { return };
        assert!(shown.contains("best so far"), "progress is drawn: {shown:?}");
        assert!(!has_styles(&shown), "{shown:?}");
    }
}

/// Such a terminal wraps the bar, which then takes two rows.
#[test]
fn a_terminal_that_becomes_narrower_keeps_no_part_of_a_bar() {
    let bench = "bench --threads 1 --kernels sha2 --baselines none --samples 5 --warmup 0.1";
    let stripmine = env!("CARGO_BIN_EXE_stripmine");
    let run = |narrower: &str, time: &str| {
        let command =
            format!("stty rows 24 columns 100; {narrower} {stripmine} {bench} --time {time}");
        on_terminal(&command, 0)
    };
    let clears_two_rows = |shown: &str| shown.contains("\u{1b}[2K\u{1b}[1A\r\u{1b}[2K");
    let Some(same) = run("", "0.05") else { return };
    let Some(narrower) = run("(sleep 0.6; stty columns 60 </dev/tty) &", "0.15") else { return };
    assert!(same.contains("sample 2 of 5") && !clears_two_rows(&same), "{same:?}");
    assert!(clears_two_rows(&narrower), "{narrower:?}");
}

#[test]
fn progress_is_drawn_where_it_is_asked_for_and_nowhere_else() {
    let scratch = Scratch::new();
    let mine = mine_on_one_thread();
    let arguments: Vec<&str> = mine.split(' ').collect();
    let drawn = |flags: &[&str]| {
        let ran = scratch.run(&[&arguments[..], flags].concat()).ends_with_code(1);
        ran.err().contains("best so far")
    };
    assert!(drawn(&["--progress", "always"]));
    for flags in [&["--progress", "auto"][..], &["--progress", "never"], &["--quiet"]] {
        assert!(!drawn(flags), "{flags:?}");
    }
    let both = ["--progress", "always", "--quiet"];
    assert!(!drawn(&both), "who asks for quiet gets it");
}

#[test]
fn the_end_of_many_blocks_does_not_beep() {
    let scratch = Scratch::new();
    let mut mine = scratch.stripmine(&["mine", "--blocks", "3", "--difficulty", "1"]);
    mine.args(["--progress", "always"]);
    let ran = finish(mine.spawn().unwrap()).ends_with_code(0);
    assert!(!ran.stdout.contains(&7) && !ran.stderr.contains(&7), "{ran}");
}
