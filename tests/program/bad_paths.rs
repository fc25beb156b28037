//! Paths that lead to no chain file, and systems that refuse to read or write one.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::process::{CHAIN, Ran, Scratch, file_of, lines, program, run, skipped};

const SYSTEM: i32 = 3;
const NOBODY: u32 = 65_534;
const MINE: [&str; 5] = ["mine", "--difficulty", "1", "--threads", "1"];

/// `mine`, `mine --dry-run`, `verify` and `show` cannot use this path, and say so.
#[track_caller]
fn no_command_takes(scratch: &Scratch, path: &str, words: &[&str]) {
    let commands: [&[&str]; 4] = [&MINE, &["mine", "--dry-run"], &["verify"], &["show"]];
    for command in commands {
        let ran = scratch.run_untouched(&[command, &["--chain", path]].concat());
        ran.ends_with_code(SYSTEM).prints_nothing().says(&[path]).says(words);
    }
}

#[test]
fn a_directory_is_no_chain() {
    let scratch = Scratch::new();
    fs::create_dir(scratch.path("blocks")).unwrap();
    no_command_takes(&scratch, "blocks", &["a directory", "file"]);
    no_command_takes(&scratch, ".", &["a directory", "file"]);
}

#[test]
fn a_fifo_is_no_chain_and_nobody_waits_for_it() {
    let scratch = Scratch::new();
    run(program("mkfifo").arg(scratch.path("fifo"))).ends_with_code(0);
    no_command_takes(&scratch, "fifo", &["a FIFO", "file"]);
    symlink("fifo", scratch.path("link")).unwrap();
    no_command_takes(&scratch, "link", &["a FIFO", "file"]);
}

#[test]
fn a_device_is_no_chain() {
    for device in ["/dev/zero", "/dev/null", "/dev/full"] {
        no_command_takes(&Scratch::new(), device, &["a device", "file"]);
    }
}

#[test]
fn a_socket_is_no_chain() {
    let scratch = Scratch::new();
    let _socket = std::os::unix::net::UnixListener::bind(scratch.path("socket")).unwrap();
    no_command_takes(&scratch, "socket", &["a socket", "file"]);
}

#[test]
fn a_file_in_a_missing_directory_is_not_made() {
    let scratch = Scratch::new();
    let missing = ["nowhere/chain.jsonl", "No such file or directory"];
    let mine = scratch.run_untouched(&[&MINE[..], &["--chain", missing[0]]].concat());
    mine.ends_with_code(SYSTEM).prints_nothing().says(&missing);
    scratch.write("file", "");
    no_command_takes(&scratch, "file/chain.jsonl", &["Not a directory"]);
    symlink("loop", scratch.path("loop")).unwrap();
    no_command_takes(&scratch, "loop", &["cannot"]);
    no_command_takes(&scratch, &"x".repeat(300), &["cannot"]);
}

#[test]
fn a_missing_chain_is_not_made_by_reading_it() {
    for command in ["verify", "show"] {
        let ran = Scratch::new().run_untouched(&[command]);
        ran.ends_with_code(SYSTEM).prints_nothing().says(&[CHAIN, "No such file"]);
    }
    Scratch::new().run_untouched(&["mine", "--difficulty", "1", "--dry-run"]).ends_with_code(0);
}

#[test]
fn an_empty_path_is_refused() {
    Scratch::new().run_untouched(&["mine", "--chain", ""]).prints_nothing().says(&["chain"]);
}

/// Who the product meets who may not do everything: the user of the tests, or nobody where that is
/// root, with a copy of the program in reach.
struct Ordinary {
    scratch: Scratch,
    program: PathBuf,
    is_root: bool,
}

impl Ordinary {
    /// `None`, loudly, where there is no such user.
    fn with_chain(content: &str) -> Option<Self> {
        let scratch = Scratch::with(content);
        let program = scratch.path("stripmine-copy");
        // By a process of its own: a copy that is open to write here cannot be started, and other
        // tests start processes that inherit what is open here.
        let mut copy = crate::common::process::program("cp");
        run(copy.arg(env!("CARGO_BIN_EXE_stripmine")).arg(&program)).ends_with_code(0);
        for path in [scratch.directory(), &program] {
            fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
        }
        let is_root = fs::metadata(&program).unwrap().uid() == 0;
        let ordinary = Self { scratch, program, is_root };
        match ordinary.command(&["--version"]).output() {
            Ok(output) if output.status.success() => Some(ordinary),
            other => {
                skipped(&format!(
                    "files without permission; no other user can run here: {other:?}"
                ));
                None
            }
        }
    }

    /// Who may do what with the file or directory.
    fn allow(&self, path: &Path, mode: u32) {
        if self.is_root {
            std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program(&self.program);
        command.current_dir(self.scratch.directory()).args(arguments);
        if self.is_root {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }

    #[track_caller]
    fn run(&self, arguments: &[&str]) -> Ran {
        self.scratch.untouched(&mut self.command(arguments))
    }
}

#[test]
fn an_unreadable_chain_is_said_to_be_unreadable() {
    let Some(ordinary) = Ordinary::with_chain(&file_of(&lines(3))) else { return };
    ordinary.allow(&ordinary.scratch.chain(), 0o200);
    for command in [&MINE[..], &["mine", "--dry-run"], &["verify"], &["show"]] {
        let ran = ordinary.run(command).ends_with_code(SYSTEM).prints_nothing();
        ran.says(&[CHAIN, "Permission denied"]);
    }
}

#[test]
fn a_read_only_chain_is_read_and_not_written() {
    let Some(ordinary) = Ordinary::with_chain(&file_of(&lines(3))) else { return };
    ordinary.allow(&ordinary.scratch.chain(), 0o444);
    let ran = ordinary.run(&MINE).ends_with_code(SYSTEM).prints_nothing();
    ran.says(&[CHAIN, "write", "Permission denied"]);
    ordinary.run(&["mine", "--difficulty", "1", "--dry-run"]).ends_with_code(0);
    ordinary.run(&["verify"]).ends_with_code(0);
    ordinary.run(&["show"]).ends_with_code(0);
}

#[test]
fn a_chain_is_not_made_in_a_read_only_directory() {
    let Some(ordinary) = Ordinary::with_chain("") else { return };
    let directory = ordinary.scratch.path("read-only");
    fs::create_dir(&directory).unwrap();
    ordinary.allow(&directory, 0o555);
    let ran = ordinary.run(&[&MINE[..], &["--chain", "read-only/c"]].concat());
    ran.ends_with_code(SYSTEM).prints_nothing().says(&["read-only/c", "Permission denied"]);
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 0);
}

#[test]
fn a_torn_append_that_cannot_be_kept_is_not_cut_off() {
    let lines = lines(3);
    let torn = format!("{}{}", file_of(&lines[..2]), &lines[2][..50]);
    let Some(ordinary) = Ordinary::with_chain("") else { return };
    let directory = ordinary.scratch.path("read-only");
    fs::create_dir(&directory).unwrap();
    let chain = ordinary.scratch.write("read-only/c", &torn);
    ordinary.allow(&chain, 0o644);
    ordinary.allow(&directory, 0o555);
    let ran = ordinary.run(&[&MINE[..], &["--chain", "read-only/c"]].concat());
    ran.ends_with_code(SYSTEM).prints_nothing().says(&["read-only/c", "torn", "Permission denied"]);
    assert_eq!(fs::read_to_string(&chain).unwrap(), torn);
}

#[test]
fn data_that_may_not_be_read_is_said_to_be() {
    let Some(ordinary) = Ordinary::with_chain(&file_of(&lines(2))) else { return };
    ordinary.allow(&ordinary.scratch.chain(), 0o644);
    ordinary.allow(&ordinary.scratch.write("data", "text"), 0o200);
    for flag in ["--data-file", "--data-lines"] {
        let ran = ordinary.run(&[&MINE[..], &[flag, "data"]].concat());
        ran.ends_with_code(SYSTEM).prints_nothing().says(&["data", "Permission denied"]);
    }
}

fn mine_under_a_limit(scratch: &Scratch, limit: u32) -> Ran {
    mine_under_a_limit_onto(scratch, CHAIN, limit)
}

/// Mines until the system takes no more, under a limit of this many blocks (`ulimit -f`).
fn mine_under_a_limit_onto(scratch: &Scratch, chain: &str, limit: u32) -> Ran {
    let mut command = program("sh");
    let script = format!("trap '' XFSZ; ulimit -f {limit}; exec \"$0\" \"$@\"");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_stripmine")]).args(MINE);
    command.args(["--chain", chain]);
    run(command.args(["--blocks", "1000"]).current_dir(scratch.directory()))
}

#[test]
fn a_file_that_may_not_grow_keeps_whole_blocks_only() {
    for limit in [1, 2, 3, 4, 7] {
        let scratch = Scratch::new();
        let ran = mine_under_a_limit(&scratch, limit).ends_with_code(SYSTEM);
        let ran = ran.says(&[CHAIN, "write the block", "too large"]);
        let blocks = scratch.read(CHAIN).iter().filter(|byte| **byte == b'\n').count();
        scratch.holds_blocks(blocks);
        let mined = ran.out().lines().filter(|line| line.contains("00000") || line.contains('…'));
        assert!(blocks == 1 || mined.count() >= blocks - 1, "every block was reported: {ran}");
        scratch.run(&MINE).ends_with_code(0);
        scratch.holds_blocks(blocks + 1);
    }
}

#[test]
fn a_genesis_block_that_does_not_fit_leaves_no_file() {
    let scratch = Scratch::new();
    mine_under_a_limit(&scratch, 0).ends_with_code(SYSTEM).prints_nothing().says(&[CHAIN]);
    assert!(scratch.snapshot().is_empty());
    symlink(CHAIN, scratch.path("link")).unwrap();
    mine_under_a_limit_onto(&scratch, "link", 0).ends_with_code(SYSTEM);
    assert_eq!(scratch.snapshot().len(), 1, "the link stays, and leads to nothing");
    scratch.run(&MINE).ends_with_code(0);
    scratch.holds_blocks(2);
}

/// A small file system of its own, gone when the test ends.
struct SmallDisk(Scratch);

impl SmallDisk {
    /// `None`, loudly, where this user cannot mount one.
    fn mount() -> Option<Self> {
        let scratch = Scratch::new();
        let mut mount = program("mount");
        mount.args(["-t", "tmpfs", "-o", "size=16k", "tmpfs"]).arg(scratch.directory());
        match mount.output() {
            Ok(output) if output.status.success() => Some(Self(scratch)),
            other => {
                skipped(&format!("a disk that is really full; none can be mounted: {other:?}"));
                None
            }
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = program("umount").arg(self.0.directory()).status();
    }
}

#[test]
fn a_full_disk_keeps_whole_blocks_only() {
    let Some(disk) = SmallDisk::mount() else { return };
    let scratch = &disk.0;
    let arguments = [&MINE[..], &["--blocks", "1000"]].concat();
    let ran = scratch.run(&arguments).ends_with_code(SYSTEM);
    ran.says(&[CHAIN, "write the block", "No space left on device"]);
    let bytes = scratch.read(CHAIN);
    assert!(bytes.len() > 15_000, "it was mined until the disk was full: {}", bytes.len());
    scratch.holds_blocks(bytes.iter().filter(|byte| **byte == b'\n').count());
    let again = scratch.run_untouched(&arguments).ends_with_code(SYSTEM);
    again.says(&["No space left on device"]);
}

#[test]
fn a_torn_append_on_a_full_disk_is_not_cut_off() {
    let Some(disk) = SmallDisk::mount() else { return };
    let scratch = &disk.0;
    let lines = lines(3);
    scratch.write(CHAIN, format!("{}{}", file_of(&lines[..2]), &lines[2][..50]));
    scratch.write("ballast", [b'x'; 12 << 10]);
    let before = scratch.read(CHAIN);
    let ran = scratch.run(&MINE).ends_with_code(SYSTEM).prints_nothing();
    ran.says(&[CHAIN, "No space left on device"]);
    assert!(before == scratch.read(CHAIN));
    assert_eq!(
        scratch.snapshot().len(),
        2,
        "no empty copy is left: {:?}",
        scratch.snapshot().keys()
    );
}

#[test]
fn another_writer_keeps_writers_out() {
    let scratch = Scratch::with_chain(3);
    let writer = File::options().append(true).open(scratch.chain()).unwrap();
    writer.lock().unwrap();
    let ran = scratch.run_untouched(&MINE).ends_with_code(SYSTEM).prints_nothing();
    ran.says(&[CHAIN, "another process", "wait"]);
    let without_lock = scratch.run_untouched(&[&MINE[..], &["--no-lock"]].concat());
    without_lock.ends_with_code(SYSTEM).prints_nothing().says(&[CHAIN, "another process"]);
    scratch.run_untouched(&["mine", "--difficulty", "1", "--dry-run"]).ends_with_code(0);
    writer.unlock().unwrap();
    scratch.run(&MINE).ends_with_code(0);
    scratch.run(&[&MINE[..], &["--no-lock"]].concat()).ends_with_code(0).without_a_word();
}

#[test]
fn another_writer_does_not_keep_readers_out() {
    let scratch = Scratch::with_chain(3);
    let writer = File::options().append(true).open(scratch.chain()).unwrap();
    writer.lock().unwrap();
    let valid = scratch.run_untouched(&["verify"]).ends_with_code(0).without_a_word();
    valid.prints(&["valid", "3 blocks"]);
    let shown = scratch.run_untouched(&["show", "--output", "json"]).ends_with_code(0);
    assert_eq!(shown.stdout, scratch.read(CHAIN));
}

#[test]
fn a_line_that_is_being_written_is_left_out() {
    let lines = lines(4);
    let whole = file_of(&lines[..3]);
    for unfinished in [1, 50, lines[3].len()] {
        let scratch = Scratch::with(format!("{whole}{}", &lines[3][..unfinished]));
        let writer = File::options().append(true).open(scratch.chain()).unwrap();
        writer.lock().unwrap();
        let valid = scratch.run_untouched(&["verify"]).ends_with_code(0);
        valid.prints(&["valid", "3 blocks"]).says(&[CHAIN, "writer", "left out"]);
        let shown = scratch.run_untouched(&["show", "--output", "json"]).ends_with_code(0);
        assert_eq!(shown.out(), whole);
        writer.unlock().unwrap();
        if unfinished < lines[3].len() {
            let torn = scratch.run_untouched(&["verify"]).ends_with_code(1).without_a_word();
            torn.prints(&["block 3, line 4", "newline", "mining"]);
            scratch.run_untouched(&["show"]).ends_with_code(1).says(&["line 4", "newline"]);
        }
    }
}
