//! Tests of the ledger on a disk that fails at each of its operations, and that loses its power.
//!
//! Whatever happens: an acknowledged block stays; of the other blocks at most one is there, as a
//! whole; an error says what failed; and the chain can be appended to, or is refused with the
//! reason.

mod disk;
mod lacking;
mod pages;

use disk::{Fault, FaultyDisk, Operation};
use pages::Remains;

use super::*;
use crate::chain::block::Timestamp;
use crate::chain::flaw::{Flaw, Reason};
use crate::chain::python_json::{Float, Value};

const PATH: &str = "/chains/chain.jsonl";

/// Openings of the chain in a run, and blocks that each one appends.
const SESSIONS: u32 = 3;
const BLOCKS: u32 = 2;

/// The ways in which any operation can fail.
const FAILURES: [Fault; 3] = [Fault::Before, Fault::Halfway, Fault::After];

/// The first number, or the second where `STRIPMINE_LONG` is set.
fn extent(short: usize, long: usize) -> usize {
    if std::env::var_os("STRIPMINE_LONG").is_some() { long } else { short }
}

/// A chain as it is found.
#[derive(Clone, Debug)]
struct Start {
    disk: FaultyDisk,
    /// Its whole lines.
    lines: Vec<u8>,
    /// What follows them.
    torn: Vec<u8>,
}

impl Start {
    fn new(lines: &str, torn: &str) -> Self {
        let disk = FaultyDisk::with(Path::new(PATH), format!("{lines}{torn}").as_bytes());
        Self { disk, lines: lines.into(), torn: torn.into() }
    }

    fn all() -> Vec<Self> {
        let genesis = SealedBlock::genesis().record;
        let mut chain = Chain::new();
        chain.accept(&SealedBlock::genesis()).unwrap();
        let second = next_block(&chain, 77).line().to_owned();
        let missing = Self { disk: FaultyDisk::default(), ..Self::new("", "") };
        vec![
            missing,
            Self::new("", ""),
            Self::new("", &genesis[..9]),
            Self::new("", genesis.trim_end()),
            Self::new(&genesis, ""),
            Self::new(&genesis, &second),
            Self::new(&genesis, &second[..170]),
            Self::new(&format!("{genesis}{second}\n"), ""),
        ]
    }
}

/// Whether a file must be locked.
#[derive(Clone, Copy, PartialEq)]
enum Locking {
    Needed,
    /// Only where the file system has locks.
    WherePossible,
}

fn open(disk: &FaultyDisk, locking: Locking) -> Result<Ledger, ChainFileError> {
    let needs_lock = locking == Locking::Needed;
    let options = LedgerOptions { needs_lock, ..LedgerOptions::default() };
    Ledger::open_on(disk, Path::new(PATH), &options)
}

/// A block that fits, and differs from those of other attempts.
fn next_block(chain: &Chain, attempt: u32) -> SealedBlock {
    let time = Timestamp::Float(Float::new(1_700_000_000.5 + f64::from(attempt)).unwrap());
    let data = Value::from(format!("attempt {attempt}"));
    chain.candidate(&time, &data).unwrap().seal(u64::from(attempt))
}

/// What mining onto a disk has given.
#[derive(Debug)]
struct Run {
    disk: FaultyDisk,
    /// What the file holds that was reported as durable.
    acknowledged: Vec<u8>,
    /// The lines that were to be appended.
    attempted: Vec<Vec<u8>>,
    errors: Vec<ChainFileError>,
    torn: Vec<u8>,
}

impl Run {
    /// Opens the chain a few times and appends a few blocks each time. Gives a ledger up when a
    /// block could not be appended in this many tries.
    fn new(start: &Start, disk: FaultyDisk, tries: u32) -> Self {
        let (acknowledged, torn) = (start.lines.clone(), start.torn.clone());
        let mut run = Self { disk, acknowledged, torn, attempted: Vec::new(), errors: Vec::new() };
        for _ in 0..SESSIONS {
            run.open_and_append(tries);
        }
        run
    }

    fn open_and_append(&mut self, tries: u32) {
        let had_blocks = self.content().contains(&b'\n');
        let mut ledger = match open(&self.disk, Locking::Needed) {
            Ok(ledger) => ledger,
            Err(error) => {
                assert!(!self.disk.is_locked(), "the lock is kept");
                return self.errors.push(error);
            }
        };
        // A block that an earlier session could not sync was never acknowledged, but counts now.
        if ledger.repair() == Some(&Repair::NewlineAdded) || !had_blocks {
            self.acknowledge();
        }
        for _ in 0..BLOCKS {
            if !(0..tries).any(|_| self.append(&mut ledger)) {
                return;
            }
        }
    }

    fn append(&mut self, ledger: &mut Ledger) -> bool {
        let block = next_block(ledger.chain(), u32::try_from(self.attempted.len()).unwrap());
        let line = block.record.as_bytes().to_vec();
        let before = self.content();
        self.attempted.push(line.clone());
        match ledger.append(&block) {
            Ok(()) => {
                assert_eq!(self.content(), [before, line].concat());
                self.acknowledge();
                true
            }
            Err(error) => {
                self.errors.push(error);
                false
            }
        }
    }

    fn content(&self) -> Vec<u8> {
        self.disk.content(Path::new(PATH)).unwrap_or_default()
    }

    /// Checks that what is in the file now is durable, and remembers it.
    fn acknowledge(&mut self) {
        self.acknowledged = self.content();
        assert!(self.disk.is_durable(Path::new(PATH)), "a power loss would take it");
    }

    /// Checks that the next process finds all acknowledged blocks and at most one more, and can
    /// append; or returns why it refuses the file.
    fn recovers(&self, disk: &FaultyDisk) -> Result<(), Flaw> {
        let path = Path::new(PATH);
        let before = disk.content(path).unwrap_or_default();
        self.assert_torn_is_kept(disk);
        let opened = open(disk, Locking::Needed);
        let after = disk.content(path).unwrap();
        let Some(rest) = after.strip_prefix(&self.acknowledged[..]) else {
            panic!("acknowledged blocks are gone: {}", String::from_utf8_lossy(&after));
        };
        let mut ledger = match opened {
            Ok(ledger) => ledger,
            Err(ChainFileError::Refused { flaw, .. }) => {
                assert_eq!(before, after, "a file that is refused stays as it is");
                assert_eq!(flaw.line, 1 + lines(&self.acknowledged));
                return Err(*flaw);
            }
            Err(error) => panic!("{error}"),
        };
        let genesis = SealedBlock::genesis().record;
        let is_whole = |line: &Vec<u8>| line == rest;
        let is_expected = rest.is_empty()
            || self.attempted.iter().any(is_whole)
            || (self.acknowledged.is_empty() && rest == genesis.as_bytes())
            || rest.strip_suffix(b"\n") == Some(&self.torn);
        assert!(is_expected, "more than was appended: {}", String::from_utf8_lossy(rest));
        assert_eq!(ledger.chain().len(), lines(&after));
        if let Some(Repair::TornAppend { offset, moved_to, .. }) = ledger.repair() {
            let torn = &before[usize::try_from(*offset).unwrap()..];
            assert_eq!(disk.content(moved_to).as_deref(), Some(torn));
        }
        self.assert_torn_is_kept(disk);
        ledger.append(&next_block(ledger.chain(), u32::MAX)).unwrap();
        Ok(())
    }

    /// Checks that what was torn at the start is still in the chain's file, or in one of its own.
    #[track_caller]
    fn assert_torn_is_kept(&self, disk: &FaultyDisk) {
        let holds = |path: &PathBuf| {
            let content = disk.content(path).unwrap();
            content.windows(self.torn.len()).any(|part| part == self.torn)
        };
        assert!(self.torn.is_empty() || disk.paths().iter().any(holds), "a torn append is lost");
    }

    /// Checks that the error names the file and the operation.
    #[track_caller]
    fn assert_error_names(&self, operation: Operation) {
        let words: &[&str] = match operation {
            "open" => &["open the file to write"],
            "look" => &["look at the file"],
            "read" => &["read the file"],
            "write" | "create" => &["write the block", "keep a torn append"],
            "sync" => &["write the block", "keep a torn append", "cut off a torn append"],
            "cut" => &["cut off a torn append"],
            "lock" => &["lock the file"],
            "sync the directory" => &["sync the directory", "keep a torn append"],
            other => panic!("an operation without words: {other}"),
        };
        let [error] = &self.errors[..] else { panic!("not one error: {:?}", self.errors) };
        let ChainFileError::Io { path, action, source } = error else { panic!("{error}") };
        assert_eq!(path, Path::new(PATH));
        assert!(words.iter().any(|it| action.starts_with(it)), "{operation}: {error}");
        assert_eq!(source.to_string(), format!("the disk failed to {operation}"));
    }
}

fn lines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

fn remains(random: usize) -> impl Iterator<Item = Remains> {
    let extremes = [Remains::Nothing, Remains::Everything, Remains::Lengths];
    extremes.into_iter().chain((0..random as u64).map(Remains::Some))
}

/// Whether a fault makes sense for an operation.
fn may_become(operation: Operation, fault: Fault) -> bool {
    match fault {
        Fault::Short | Fault::Interrupted => matches!(operation, "read" | "write"),
        Fault::Halfway => matches!(operation, "write" | "sync"),
        Fault::Forgotten => operation == "sync",
        Fault::Joined => operation == "write",
        Fault::Before | Fault::After | Fault::PowerLoss => true,
    }
}

/// Calls a test for every start, with one try and with several, and with the operations of a run
/// without faults.
fn in_every_run(mut test: impl FnMut(&Start, u32, &[Operation])) {
    for start in Start::all() {
        for tries in [1, 3] {
            let run = Run::new(&start, start.disk.failing([]), tries);
            assert!(run.errors.is_empty(), "{run:?}");
            run.recovers(&run.disk.failing([])).unwrap();
            test(&start, tries, &run.disk.operations());
        }
    }
}

#[test]
fn every_operation_may_fail_in_every_way() {
    let mut runs = 0;
    in_every_run(|start, tries, operations| {
        for (at, operation) in operations.iter().enumerate() {
            let faults = FAILURES.into_iter().chain([Fault::Forgotten]);
            for fault in faults.filter(|fault| may_become(operation, *fault)) {
                let run = Run::new(start, start.disk.failing([(at, fault)]), tries);
                run.assert_error_names(operation);
                run.recovers(&run.disk.failing([])).unwrap();
                runs += 1;
            }
        }
    });
    assert!(runs > 1_000, "only {runs} runs");
}

#[test]
fn short_and_interrupted_reads_and_writes_are_continued() {
    in_every_run(|start, tries, operations| {
        for (at, operation) in operations.iter().enumerate() {
            let faults = [Fault::Short, Fault::Interrupted].into_iter();
            for fault in faults.filter(|fault| may_become(operation, *fault)) {
                let run = Run::new(start, start.disk.failing([(at, fault)]), tries);
                assert!(run.errors.is_empty(), "{run:?}");
                run.recovers(&run.disk.failing([])).unwrap();
            }
        }
    });
}

/// Such as a write, and the repair after it.
#[test]
fn any_two_operations_near_each_other_may_fail() {
    let near = extent(3, 12);
    let faults = |at, second, (one, other)| [(at, one), (second, other)];
    in_every_run(|start, tries, operations| {
        for first in 0..operations.len() {
            for second in first + 1..=first + near {
                for one in FAILURES {
                    for other in FAILURES {
                        let faults = faults(first, second, (one, other));
                        let run = Run::new(start, start.disk.failing(faults), tries);
                        run.recovers(&run.disk.failing([])).unwrap();
                    }
                }
            }
        }
    });
}

/// What was not synced when the power failed may be NULs. Nothing else can be wrong.
#[test]
fn the_power_may_fail_at_every_operation() {
    let mut refusals = 0;
    in_every_run(|start, tries, operations| {
        for at in 0..=operations.len() {
            let run = Run::new(start, start.disk.failing([(at, Fault::PowerLoss)]), tries);
            for remains in remains(extent(8, 100)) {
                let Err(flaw) = run.recovers(&run.disk.after_power_loss(remains)) else { continue };
                assert_eq!(flaw.reason, Reason::Nul, "{remains:?}: {flaw}");
                assert!(flaw.to_string().contains("restore the file from a copy"));
                refusals += 1;
            }
        }
    });
    assert!(refusals > 100, "NULs were met only {refusals} times");
}

/// The disk fails, the miner goes on or is started again, and then the power fails.
#[test]
fn the_power_may_fail_after_any_fault() {
    in_every_run(|start, tries, operations| {
        for (at, operation) in operations.iter().enumerate() {
            let faults = FAILURES.into_iter().chain([Fault::Forgotten]);
            for fault in faults.filter(|fault| may_become(operation, *fault)) {
                for then in at + 1..=at + extent(4, 20) {
                    let faults = [(at, fault), (then, Fault::PowerLoss)];
                    let run = Run::new(start, start.disk.failing(faults), tries);
                    for remains in remains(extent(2, 10)) {
                        let recovered = run.recovers(&run.disk.after_power_loss(remains));
                        // Where cutting off a torn append failed, its bytes may be met again.
                        let is_nul = |flaw: Flaw| flaw.reason == Reason::Nul;
                        assert!(recovered.map_or_else(is_nul, |()| true) || !start.torn.is_empty());
                    }
                }
            }
        }
    });
}
