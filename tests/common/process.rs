//! The program as a process: in a directory of its own, and never for longer than half a minute.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use stripmine::chain::python_json::{Float, Value, parse};
use stripmine::chain::{Chain, SealedBlock, Timestamp};
use tempfile::TempDir;

/// The chain that commands use where none is named.
pub const CHAIN: &str = "chain.jsonl";

/// The built program; the library alone comes without one.
const BINARY: Option<&str> = option_env!("CARGO_BIN_EXE_stripmine");

/// No test waits for longer; what runs on is ended, and the test fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// Between two looks at something that is waited for.
const INTERVAL: Duration = Duration::from_millis(2);

/// Variables that would change what is printed or done.
const AMBIENT: [&str; 5] =
    ["STRIPMINE_KERNEL", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "RUST_BACKTRACE"];

/// How a process ended, and what it said.
#[derive(Debug)]
pub struct Ran {
    /// The exit code; `None` after a signal.
    pub code: Option<i32>,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

impl Ran {
    pub fn out(&self) -> &str {
        str::from_utf8(&self.stdout).expect("standard output is UTF-8")
    }

    pub fn err(&self) -> &str {
        str::from_utf8(&self.stderr).expect("standard error is UTF-8")
    }

    #[track_caller]
    pub fn ends_with_code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "the exit code of {self}");
        self
    }

    #[track_caller]
    pub fn prints_nothing(self) -> Self {
        assert!(self.stdout.is_empty(), "nothing on standard output, but {self}");
        self
    }

    #[track_caller]
    pub fn without_a_word(self) -> Self {
        assert!(self.stderr.is_empty(), "nothing on standard error, but {self}");
        self
    }

    /// Standard error holds all the words.
    #[track_caller]
    pub fn says(self, words: &[&str]) -> Self {
        assert_holds(self.err(), words, &self);
        self
    }

    /// Standard output holds all the words.
    #[track_caller]
    pub fn prints(self, words: &[&str]) -> Self {
        assert_holds(self.out(), words, &self);
        self
    }

    /// Each line of standard output, as JSON.
    #[track_caller]
    pub fn documents(&self) -> Vec<Value> {
        let read = |line: &str| parse(line.as_bytes()).unwrap_or_else(|e| panic!("{e}: {line}"));
        self.out().lines().map(read).collect()
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [stdout, stderr] = [&self.stdout, &self.stderr].map(|it| String::from_utf8_lossy(it));
        write!(f, "code {:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}", self.code)
    }
}

#[track_caller]
fn assert_holds(text: &str, words: &[&str], ran: &Ran) {
    // Messages are wrapped to the width of a terminal.
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for word in words {
        assert!(text.contains(word), "{word:?} is missing: {ran}");
    }
}

/// The built program, without the variables that would change what it does.
pub fn stripmine() -> Command {
    program(BINARY.expect("tests of the program are built with the feature cli"))
}

/// Another program, or a copy, with the same environment.
pub fn program(path: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(path);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for variable in AMBIENT {
        command.env_remove(variable);
    }
    command
}

/// Starts a command, and waits for its first line on standard error, which is not kept.
#[track_caller]
pub fn start_until_it_says(command: &mut Command) -> Child {
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    stderr.read_line(&mut String::new()).unwrap();
    child.stderr = Some(stderr.into_inner());
    child
}

/// Runs a command to its end.
#[track_caller]
pub fn run(command: &mut Command) -> Ran {
    let child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    finish(child)
}

/// Waits for a process to end, and ends it when it takes too long.
#[track_caller]
pub fn finish(mut child: Child) -> Ran {
    let stdout = child.stdout.take().map(drain);
    let stderr = child.stderr.take().map(drain);
    let mut status = None;
    let has_ended = wait_until(|| {
        status = child.try_wait().expect("a child can be waited for");
        status.is_some()
    });
    if !has_ended {
        child.kill().expect("a child can be ended");
        child.wait().expect("a child can be waited for");
    }
    let [stdout, stderr] = [stdout, stderr].map(|it| it.map_or_else(Vec::new, joined));
    let ran = Ran { code: status.and_then(|status| status.code()), stdout, stderr };
    assert!(has_ended, "it hangs: {ran}");
    ran
}

/// Sends a signal, by name, to a process.
#[track_caller]
pub fn send(signal: &str, child: &Child) {
    kill(signal, &child.id().to_string());
}

/// Sends a signal, by name, to all processes of the group that this one leads.
#[track_caller]
pub fn send_to_group(signal: &str, leader: &Child) {
    kill(signal, &format!("-{}", leader.id()));
}

#[track_caller]
fn kill(signal: &str, id: &str) {
    assert!(
        signal != "INT" || !ignores_interrupts("self"),
        "SIGINT is ignored here, as under nohup and in the background of a script, and so it is by \
         every process that a test starts: run the tests without that"
    );
    run(Command::new("kill").args(["-s", signal, "--", id])).ends_with_code(0);
}

/// Whether a process, or `self`, ignores SIGINT; false where there is no `/proc` to tell.
pub fn ignores_interrupts(process: &str) -> bool {
    const SIGINT: u32 = 2;
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.map_or(Ok(0), |mask| u64::from_str_radix(mask.trim(), 16));
    ignored.unwrap() >> (SIGINT - 1) & 1 == 1
}

/// Whether something came true before the tests' patience ended.
pub fn wait_until(mut is_true: impl FnMut() -> bool) -> bool {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        if is_true() {
            return true;
        }
        thread::sleep(INTERVAL);
    }
    false
}

fn drain(mut pipe: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).expect("a pipe can be read");
        bytes
    })
}

fn joined(reader: JoinHandle<Vec<u8>>) -> Vec<u8> {
    reader.join().expect("reading a pipe does not panic")
}

/// Says what was not tested, past the test harness, which would swallow it.
pub fn skipped(why: &str) {
    writeln!(std::io::stderr(), "\n*** NOT TESTED: {why} ***\n").expect("stderr takes text");
}

/// A directory of its own for each test.
pub struct Scratch(TempDir);

impl Scratch {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory for temporary files"))
    }

    /// With this content as its `chain.jsonl`.
    pub fn with(content: impl AsRef<[u8]>) -> Self {
        let scratch = Self::new();
        scratch.write(CHAIN, content);
        scratch
    }

    /// With a chain of this many blocks.
    pub fn with_chain(blocks: usize) -> Self {
        Self::with(file_of(&lines(blocks)))
    }

    pub fn directory(&self) -> &Path {
        self.0.path()
    }

    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn chain(&self) -> PathBuf {
        self.path(CHAIN)
    }

    pub fn write(&self, name: impl AsRef<Path>, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).expect("a file can be written");
        path
    }

    pub fn read(&self, name: impl AsRef<Path>) -> Vec<u8> {
        fs::read(self.path(name)).expect("a file can be read")
    }

    /// The program, in this directory.
    pub fn stripmine(&self, arguments: &[&str]) -> Command {
        let mut command = stripmine();
        command.current_dir(self.directory()).args(arguments);
        command
    }

    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> Ran {
        run(&mut self.stripmine(arguments))
    }

    /// Runs the program, and looks that no file was made, changed or removed.
    #[track_caller]
    pub fn run_untouched(&self, arguments: &[&str]) -> Ran {
        self.untouched(&mut self.stripmine(arguments))
    }

    #[track_caller]
    pub fn untouched(&self, command: &mut Command) -> Ran {
        let before = self.snapshot();
        let ran = run(command);
        assert!(before == self.snapshot(), "files have changed: {command:?}: {ran}");
        ran
    }

    /// Every entry of the directory: its content if it is a file, what it is otherwise.
    pub fn snapshot(&self) -> BTreeMap<OsString, Vec<u8>> {
        let entries = fs::read_dir(self.directory()).expect("a directory can be read");
        let entries = entries.map(|entry| entry.expect("an entry can be read"));
        entries.map(|entry| (entry.file_name(), content_of(&entry.path()))).collect()
    }

    /// The chain file is right to the byte, and holds this many blocks.
    #[track_caller]
    pub fn holds_blocks(&self, blocks: usize) {
        let ran = self.run(&["verify", "--strict"]).ends_with_code(0);
        let lines = self.read(CHAIN).iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(lines, blocks, "blocks in the chain: {ran}");
    }
}

fn content_of(path: &Path) -> Vec<u8> {
    let metadata = fs::symlink_metadata(path).expect("an entry has metadata");
    if metadata.is_file() {
        return fs::read(path).unwrap_or_else(|error| error.to_string().into_bytes());
    }
    format!("{:?}", metadata.file_type()).into_bytes()
}

/// The first blocks of a chain, the genesis block among them. No work went into them.
pub fn blocks(count: usize) -> Vec<SealedBlock> {
    let mut chain = Chain::new();
    let mut blocks = vec![SealedBlock::genesis()];
    chain.accept(&blocks[0]).expect("a chain starts with the genesis block");
    while blocks.len() < count {
        let block = next_block(&chain);
        chain.accept(&block).expect("the block was made to fit");
        blocks.push(block);
    }
    blocks
}

/// A block that fits this chain.
pub fn next_block(chain: &Chain) -> SealedBlock {
    let index = chain.len();
    let seconds = Float::new(1_700_000_000.25 + index as f64).expect("it is finite");
    let data = Value::from(format!("Block {index}"));
    let candidate = chain.candidate(&Timestamp::Float(seconds), &data);
    candidate.expect("the data fits a block").seal(1_000 * index + 7)
}

/// The same as lines of a chain file, without newlines.
pub fn lines(count: usize) -> Vec<String> {
    blocks(count).iter().map(|block| block.line().to_owned()).collect()
}

/// Lines as a file.
pub fn file_of<T: AsRef<str>>(lines: &[T]) -> String {
    lines.iter().flat_map(|line| [line.as_ref(), "\n"]).collect()
}

/// The blocks as Python's `json.dump([…], file)` writes them.
pub fn array_of<T: AsRef<str>>(lines: &[T]) -> String {
    let lines: Vec<&str> = lines.iter().map(AsRef::as_ref).collect();
    format!("[{}]", lines.join(", "))
}

/// A member of a JSON object.
#[track_caller]
pub fn member<'a>(object: &'a Value, key: &str) -> &'a Value {
    let Value::Object(members) = object else { panic!("not an object: {object}") };
    members.get(key).unwrap_or_else(|| panic!("{key:?} is missing: {object}"))
}

/// A member that is an integer.
#[track_caller]
pub fn number(object: &Value, key: &str) -> u64 {
    match member(object, key) {
        Value::Integer(integer) => integer.as_u64().expect("it fits 64 bits"),
        other => panic!("{key:?} is no integer: {other}"),
    }
}

/// A member that is text.
#[track_caller]
pub fn text<'a>(object: &'a Value, key: &str) -> &'a str {
    match member(object, key) {
        Value::String(text) => text,
        other => panic!("{key:?} is no text: {other}"),
    }
}
