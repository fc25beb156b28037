//! Processes that die at any instant, and files that change under a reader.

use std::ffi::OsString;
use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::process::Child;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use crate::common::process::{
    CHAIN, Ran, Scratch, file_of, finish, lines, member, number, text, wait_until,
};
use crate::common::{bytes, rounds, seeded, times};
use fastrand::Rng;
use stripmine::chain::python_json::parse;
use stripmine::chain::{Ledger, VerifyOptions, verify};

/// Mines until it is stopped. This kernel needs no time to start, however it was compiled.
const MINE: [&str; 8] =
    ["mine", "--kernel", "sha2", "--blocks", "1000000", "--output", "json", "--difficulty"];

/// What a block that [`MINE`] mines has on its line, at least.
const BLOCK_BYTES: u64 = 200;

fn start(scratch: &Scratch, arguments: &[&str]) -> Child {
    scratch.stripmine(arguments).spawn().expect("the program starts")
}

/// Waits for a random time, in microseconds.
fn wait(random: &mut Rng, below: u64) {
    thread::sleep(Duration::from_micros(random.u64(..below)));
}

/// The documents of the blocks that were reported, in whole lines, with their indices.
fn reported(ran: &Ran) -> Vec<(usize, &str)> {
    let whole = ran.out().rsplit_once('\n').map_or("", |(whole, _)| whole);
    whole.lines().filter_map(|line| Some((index_of_found(line)?, line))).collect()
}

fn index_of_found(line: &str) -> Option<usize> {
    let document = parse(line.as_bytes()).unwrap_or_else(|error| panic!("{error}: {line}"));
    let is_found = text(&document, "outcome") == "found";
    is_found.then(|| usize::try_from(number(member(&document, "block"), "index")).unwrap())
}

/// Every block that was reported stands in the file, byte for byte, at its place.
#[track_caller]
fn holds_what_was_reported(file: &[u8], ran: &Ran) {
    let lines: Vec<&[u8]> = file.split_inclusive(|byte| *byte == b'\n').collect();
    for (index, document) in reported(ran) {
        let line = lines.get(index).and_then(|line| line.strip_suffix(b"\n"));
        let line = str::from_utf8(line.unwrap_or_default()).expect("a chain is UTF-8");
        let stands = document.contains(&format!("\"block\": {line}, \"report\""));
        assert!(!line.is_empty() && stands, "block {index} was reported and is not there: {ran}");
    }
}

/// The part of a file up to its last newline, and the rest.
fn split_tail(file: &[u8]) -> (&[u8], &[u8]) {
    let end = file.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    file.split_at(end)
}

/// A chain that is mined onto, killed, cut and mined onto again.
struct Ordeal {
    scratch: Scratch,
    random: Rng,
    /// The file before the miner that runs was started.
    before: Vec<u8>,
    /// Torn appends that were kept aside.
    torn: usize,
}

impl Ordeal {
    fn new(random: Rng) -> Self {
        Self { scratch: Scratch::with(""), random, before: Vec::new(), torn: 0 }
    }

    /// Mines, kills the miner at a random instant, and gives the number of blocks it reported.
    fn mine_and_kill(&mut self) -> usize {
        let difficulty = if self.random.bool() { "1" } else { "2" };
        let mut child = start(&self.scratch, &[&MINE[..], &[difficulty]].concat());
        // Some of them before they have opened the chain, the others after a few blocks.
        if self.random.u64(..4) > 0 {
            let len = || std::fs::metadata(self.scratch.chain()).unwrap().len();
            let grown = self.before.len() as u64 + BLOCK_BYTES * self.random.u64(2..=4);
            assert!(wait_until(|| len() >= grown), "too little is mined");
        }
        wait(&mut self.random, 40_000);
        child.kill().expect("a child can be killed");
        let ran = finish(child);
        assert_eq!(ran.code, None, "it ended before it was killed: {ran}");
        let file = self.scratch.read(CHAIN);
        self.has_lost_nothing(&file);
        holds_what_was_reported(&file, &ran);
        reported(&ran).len()
    }

    /// Everything that was there is there, torn appends in files of their own.
    #[track_caller]
    fn has_lost_nothing(&mut self, file: &[u8]) {
        if file.starts_with(&self.before) {
            return;
        }
        let (whole, torn) = split_tail(&self.before);
        assert!(file.starts_with(whole), "whole lines have changed");
        let name = format!("{CHAIN}.torn-{}", whole.len());
        let is_kept =
            self.scratch.snapshot().iter().any(|(found, content)| {
                found.to_string_lossy().starts_with(&name) && content == torn
            });
        assert!(is_kept, "{} torn bytes at {} are lost", torn.len(), whole.len());
        self.torn += 1;
    }

    /// Opens the chain as the next miner would, and checks what it then is.
    fn recover(&mut self) {
        let ledger = Ledger::open(&self.scratch.chain(), 1, None).expect("it recovers");
        let mut options = VerifyOptions::default();
        options.strict = true;
        let verified = verify(&self.scratch.chain(), &options).expect("it is valid");
        assert_eq!(verified.blocks, ledger.chain().len());
        let file = self.scratch.read(CHAIN);
        self.has_lost_nothing(&file);
        self.before = file;
    }

    /// Cuts off up to this many bytes.
    fn cut(&mut self, most: u64) {
        let len = self.before.len() as u64;
        let left = len - self.random.u64(..=len.min(most));
        File::options().write(true).open(self.scratch.chain()).unwrap().set_len(left).unwrap();
        self.before.truncate(usize::try_from(left).unwrap());
    }
}

#[test]
fn a_miner_that_is_killed_at_any_instant_loses_no_block_that_it_reported() {
    let mut ordeal = Ordeal::new(seeded());
    let rounds = times(30, 300);
    let mut blocks = 0;
    for _ in 0..rounds {
        blocks += ordeal.mine_and_kill();
        ordeal.before = ordeal.scratch.read(CHAIN);
        match ordeal.random.u64(..4) {
            0 => ordeal.recover(),
            1 => ordeal.cut(600),
            2 => ordeal.cut(3),
            _ => {}
        }
    }
    ordeal.recover();
    let Ordeal { scratch, torn, .. } = ordeal;
    println!("{rounds} miners killed, {blocks} blocks reported, {torn} torn appends kept");
    assert!(blocks as u64 > rounds && torn > 0, "{blocks} blocks, {torn} torn");
    // Who is killed while a torn append is being kept leaves a copy; the next one makes another.
    let copies: Vec<_> = scratch.snapshot().into_keys().filter(|name| name != CHAIN).collect();
    let is_copy = |name: &OsString| name.to_string_lossy().starts_with("chain.jsonl.torn-");
    assert!(copies.iter().all(is_copy) && copies.len() >= torn, "{torn} torn: {copies:?}");
}

#[cfg(target_os = "linux")]
mod writes_cut_short {
    use super::*;
    use crate::common::process::{program, run, skipped};

    const SYSTEM: i32 = 3;

    /// Mines until the file has this many bytes: what is written beyond is cut short by the system.
    fn mine_within(scratch: &Scratch, bytes: u64, prelude: &str) -> Ran {
        let mut command = program("sh");
        let script = format!("{prelude} ulimit -c 0; exec prlimit --fsize={bytes} \"$0\" \"$@\"");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_stripmine")]).args(MINE).arg("1");
        run(command.current_dir(scratch.directory()))
    }

    fn has_prlimit() -> bool {
        let is_there = program("prlimit").arg("--version").output().is_ok();
        if !is_there {
            skipped("writes that are cut short; there is no prlimit");
        }
        is_there
    }

    #[test]
    fn a_write_that_is_cut_short_at_any_byte_leaves_the_blocks_before_it() {
        rounds(if has_prlimit() { times(30, 300) } else { 0 }, |_, random| {
            let scratch = Scratch::new();
            let limit = random.u64(..4_000);
            let ran = mine_within(&scratch, limit, "trap '' XFSZ;").ends_with_code(SYSTEM);
            let ran = ran.says(&[CHAIN, "cannot write the block", "File too large"]);
            // Where not even the genesis block fits, there is no file.
            let is_begun = scratch.chain().exists();
            let file = if is_begun { scratch.read(CHAIN) } else { Vec::new() };
            holds_what_was_reported(&file, &ran);
            assert!(split_tail(&file).1.is_empty(), "a part of a block is left");
            let blocks = file.split(|byte| *byte == b'\n').count() - 1;
            assert_eq!(blocks > 0, is_begun, "an empty file is left");
            assert_eq!(blocks.saturating_sub(1), reported(&ran).len(), "{ran}");
            scratch.run(&["mine", "--kernel", "sha2", "--difficulty", "1"]).ends_with_code(0);
            scratch.holds_blocks(blocks.max(1) + 1);
        });
    }

    #[test]
    fn a_miner_that_dies_in_the_middle_of_a_write_leaves_a_torn_append_that_is_kept() {
        let torn = std::sync::atomic::AtomicUsize::new(0);
        rounds(if has_prlimit() { times(30, 300) } else { 0 }, |_, random| {
            let scratch = Scratch::new();
            let ran = mine_within(&scratch, 1 + random.u64(..4_000), "");
            assert_eq!(ran.code, None, "SIGXFSZ ends it: {ran}");
            let file = scratch.read(CHAIN);
            holds_what_was_reported(&file, &ran);
            let mut ordeal = Ordeal { before: file, scratch, ..Ordeal::new(Rng::with_seed(0)) };
            ordeal.recover();
            torn.fetch_add(ordeal.torn, Ordering::Relaxed);
        });
        assert!(torn.into_inner() > 0 || !has_prlimit(), "no append was torn");
    }
}

/// Does something to a file that nobody does who takes the lock.
fn change(path: &Path, random: &mut Rng) {
    let mut file = File::options().read(true).write(true).open(path).unwrap();
    let len = file.metadata().unwrap().len();
    let at = random.u64(..=len);
    let bytes = match random.u64(..4) {
        0 => return file.set_len(at).unwrap(),
        1 => vec![0; 4096],
        2 => b"\n{\"data\": ".to_vec(),
        _ => bytes(random, 300),
    };
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&bytes).unwrap();
}

#[test]
fn a_file_that_changes_under_its_reader_gets_a_clear_answer() {
    const READERS: [&[&str]; 4] = [
        &["verify"],
        &["verify", "--strict"],
        &["show", "--output", "json"],
        &["show", "--last", "3"],
    ];
    let chain = file_of(&lines(8_000));
    let answers = [AtomicU64::new(0), AtomicU64::new(0)];
    rounds(times(30, 300), |round, random| {
        let scratch = Scratch::with(&chain);
        let reader = READERS[usize::try_from(round).unwrap() % READERS.len()];
        let child = start(&scratch, reader);
        for _ in 0..4 {
            wait(random, 12_000);
            change(&scratch.chain(), random);
        }
        let ran = finish(child);
        let no = match ran.code {
            Some(0) => 0,
            Some(1) => 1,
            _ => panic!("{reader:?} has no answer: {ran}"),
        };
        answers[no].fetch_add(1, Ordering::Relaxed);
        assert!(!ran.err().contains("panicked"), "{ran}");
        if no == 1 {
            let said = format!("{}{}", ran.out().lines().last().unwrap_or_default(), ran.err());
            assert!(said.contains("line"), "it does not say where: {ran}");
        }
    });
    let answers = answers.map(AtomicU64::into_inner);
    println!("changed under {} readers: {} said no", answers[0] + answers[1], answers[1]);
    assert!(answers[1] > 0, "no reader ever met a change");
}
