//! File modes, links and names: what is made for whom, and what is never followed or overwritten.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use crate::common::process::{CHAIN, Ran, Scratch, file_of, lines, program, run};

const SYSTEM: i32 = 3;
const MINE: [&str; 5] = ["mine", "--difficulty", "1", "--threads", "1"];

fn mode(path: impl AsRef<Path>) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// Mines one block under this umask.
#[track_caller]
fn mine_under(scratch: &Scratch, umask: &str) -> Ran {
    let mut command = program("sh");
    let script = format!("umask {umask}; exec \"$0\" \"$@\"");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_stripmine")]).args(MINE);
    run(command.current_dir(scratch.directory()))
}

/// Two whole blocks and a torn third, and where it begins.
fn torn() -> (String, usize) {
    let lines = lines(3);
    let whole = file_of(&lines[..2]);
    (format!("{whole}{}", &lines[2][..50]), whole.len())
}

#[test]
fn a_new_chain_is_for_those_that_the_umask_leaves() {
    for (umask, expected) in [("022", 0o644), ("027", 0o640), ("077", 0o600), ("002", 0o664)] {
        let scratch = Scratch::new();
        mine_under(&scratch, umask).ends_with_code(0);
        assert_eq!(mode(scratch.chain()), expected, "umask {umask}");
    }
}

#[test]
fn mining_onto_a_chain_changes_nothing_about_who_may_do_what() {
    for kept in [0o600, 0o640, 0o664, 0o666] {
        let scratch = Scratch::with_chain(2);
        fs::set_permissions(scratch.chain(), Permissions::from_mode(kept)).unwrap();
        mine_under(&scratch, "077").ends_with_code(0);
        assert_eq!(mode(scratch.chain()), kept);
    }
}

#[test]
fn what_is_kept_aside_is_for_those_who_may_read_the_chain_whatever_the_umask() {
    for (umask, kept) in [("000", 0o600), ("022", 0o640), ("077", 0o644)] {
        let (content, offset) = torn();
        let scratch = Scratch::with(content);
        fs::set_permissions(scratch.chain(), Permissions::from_mode(kept)).unwrap();
        mine_under(&scratch, umask).ends_with_code(0);
        let aside = scratch.path(format!("{CHAIN}.torn-{offset}"));
        assert_eq!((mode(scratch.chain()), mode(aside)), (kept, kept), "umask {umask}");
    }
}

#[test]
fn a_link_in_the_place_of_what_is_to_be_kept_aside_is_not_followed() {
    let (content, offset) = torn();
    let scratch = Scratch::with(&content);
    let victim = scratch.write("victim", "precious");
    for target in ["victim", "nowhere"] {
        let _ = fs::remove_file(scratch.path(format!("{CHAIN}.torn-{offset}")));
        symlink(target, scratch.path(format!("{CHAIN}.torn-{offset}"))).unwrap();
        scratch.write(CHAIN, &content);
        scratch.run(&MINE).ends_with_code(0).says(&[&format!("torn-{offset}-")]);
        assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
        assert!(!scratch.path("nowhere").exists());
    }
}

#[test]
fn a_link_to_nothing_is_no_chain_to_read_and_a_new_one_to_mine() {
    let scratch = Scratch::new();
    symlink("real.jsonl", scratch.chain()).unwrap();
    for command in ["verify", "show"] {
        let ran = scratch.run_untouched(&[command]).ends_with_code(SYSTEM).prints_nothing();
        ran.says(&[CHAIN, "No such file"]);
    }
    scratch.run(&MINE).ends_with_code(0);
    assert!(fs::symlink_metadata(scratch.chain()).unwrap().is_symlink());
    assert!(fs::symlink_metadata(scratch.path("real.jsonl")).unwrap().is_file());
    scratch.holds_blocks(2);
}

#[test]
fn a_link_to_a_directory_that_is_gone_leads_nowhere() {
    let scratch = Scratch::new();
    symlink("gone", scratch.path("directory")).unwrap();
    for command in [&MINE[..], &["verify"], &["show"]] {
        let arguments = [command, &["--chain", "directory/chain.jsonl"]].concat();
        let ran = scratch.run_untouched(&arguments).ends_with_code(SYSTEM).prints_nothing();
        ran.says(&["directory/chain.jsonl", "No such file"]);
    }
}

#[test]
fn a_name_that_is_not_text_is_a_name() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let scratch = Scratch::new();
    let name = OsStr::from_bytes(b"ch\xffin");
    run(scratch.stripmine(&MINE).arg("--chain").arg(name)).ends_with_code(0);
    run(scratch.stripmine(&["verify"]).arg(name)).ends_with_code(0).prints(&["2 blocks"]);
    assert!(scratch.path(name).exists());
}
