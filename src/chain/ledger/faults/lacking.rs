//! Tests of the ledger on file systems that lack something: locks, or directories that can be
//! synced.

use std::io::ErrorKind;

use super::*;

const SYNC: Operation = "sync the directory";

/// Appends a block.
fn append(ledger: &mut Ledger) -> Result<(), ChainFileError> {
    ledger.append(&next_block(ledger.chain(), 1))
}

/// As some network file systems and FUSE answer, and a directory that may not be read.
#[test]
fn a_directory_that_cannot_be_synced_is_reported_and_every_block_is_synced() {
    for error in [ErrorKind::InvalidInput, ErrorKind::Unsupported, ErrorKind::PermissionDenied] {
        for start in Start::all() {
            let disk = start.disk.lacking(SYNC, error);
            let mut ledger = open(&disk, Locking::Needed).unwrap();
            let makes_a_file =
                start.lines.is_empty() && ledger.repair() != Some(&Repair::NewlineAdded);
            let is_torn = matches!(ledger.repair(), Some(Repair::TornAppend { .. }));
            let reported = ledger.directory_error().map(io::Error::kind);
            assert_eq!(reported, (makes_a_file || is_torn).then_some(error), "{start:?}");
            append(&mut ledger).unwrap();
            assert!(disk.is_synced(Path::new(PATH)), "a power loss would take blocks");
            assert_eq!(lines(&disk.content(Path::new(PATH)).unwrap()), ledger.chain().len());
        }
    }
}

#[test]
fn without_locks_a_chain_is_refused_and_left_as_it_is() {
    for start in Start::all() {
        let disk = start.disk.lacking("lock", ErrorKind::Unsupported);
        let refused = open(&disk, Locking::Needed).unwrap_err();
        assert!(matches!(refused, ChainFileError::NoLocks { .. }), "{refused:?}");
        let message = refused.to_string();
        assert!(message.contains(PATH) && message.contains("`--no-lock`"), "{message}");
        let path = Path::new(PATH);
        assert_eq!(disk.paths(), start.disk.paths(), "nothing is left behind");
        assert_eq!(disk.content(path), start.disk.content(path), "nothing is changed");
    }
}

#[test]
fn without_locks_a_chain_may_be_mined_onto_all_the_same() {
    for start in Start::all() {
        let disk = start.disk.lacking("lock", ErrorKind::Unsupported);
        for _ in 0..2 {
            let mut ledger = open(&disk, Locking::WherePossible).unwrap();
            assert!(!ledger.is_locked());
            append(&mut ledger).unwrap();
            append(&mut ledger).unwrap();
            assert!(disk.is_durable(Path::new(PATH)));
            assert_eq!(lines(&disk.content(Path::new(PATH)).unwrap()), ledger.chain().len());
        }
    }
}

#[test]
fn a_lock_is_taken_where_there_are_locks() {
    let start = &Start::all()[0];
    let ledger = open(&start.disk, Locking::WherePossible).unwrap();
    assert!(ledger.is_locked() && start.disk.is_locked());
}

#[test]
fn another_failure_to_lock_is_not_overlooked() {
    let disk = Start::all()[4].disk.lacking("lock", ErrorKind::Other);
    let failed = open(&disk, Locking::WherePossible).unwrap_err();
    assert!(failed.to_string().contains("cannot lock the file"), "{failed}");
}

/// A chain of one block without a lock, on a disk where the write of the next one has this fault.
fn unlocked_with(fault: Fault) -> (Ledger, FaultyDisk) {
    let disk = Start::all()[4].disk.lacking("lock", ErrorKind::Unsupported);
    append(&mut open(&disk, Locking::WherePossible).unwrap()).unwrap();
    let write = disk.operations().iter().position(|operation| *operation == "write").unwrap();
    let disk = Start::all()[4].disk.lacking("lock", ErrorKind::Unsupported);
    let disk = disk.failing([(write, fault)]);
    (open(&disk, Locking::WherePossible).unwrap(), disk)
}

#[test]
fn without_a_lock_another_writer_is_noticed_at_the_block_that_it_disturbs() {
    let (mut ledger, disk) = unlocked_with(Fault::Joined);
    let disturbed = append(&mut ledger).unwrap_err();
    assert!(matches!(disturbed, ChainFileError::Disturbed { .. }), "{disturbed:?}");
    let content = disk.content(Path::new(PATH)).unwrap();
    assert!(content.ends_with(b"}\n{"), "both are in the file");
    let again = append(&mut ledger).unwrap_err();
    assert!(matches!(again, ChainFileError::Changed { .. }), "{again:?}");
    assert_eq!(disk.content(Path::new(PATH)).unwrap(), content);
}

/// What follows a failed write may be another writer's.
#[test]
fn without_a_lock_nothing_is_cut_off_after_a_failed_write() {
    let (mut ledger, disk) = unlocked_with(Fault::Halfway);
    let failed = append(&mut ledger).unwrap_err();
    assert!(failed.to_string().contains("nor cut off"), "{failed}");
    assert!(!disk.operations().contains(&"cut"));
    drop(ledger);
    let ledger = open(&disk, Locking::WherePossible).unwrap();
    assert!(matches!(ledger.repair(), Some(Repair::TornAppend { .. })), "it is kept");
}

#[test]
fn a_chain_that_could_not_be_begun_leaves_no_empty_file() {
    let missing = &Start::all()[0];
    let whole = missing.disk.failing([]);
    open(&whole, Locking::Needed).unwrap();
    for (at, operation) in whole.operations().iter().enumerate() {
        for fault in FAILURES.into_iter().filter(|fault| may_become(operation, *fault)) {
            let disk = missing.disk.failing([(at, fault)]);
            let failed = open(&disk, Locking::Needed);
            // An error of opening leaves it unknown who has made the file.
            if failed.is_err() && *operation != "open" {
                assert_eq!(disk.content(Path::new(PATH)), None, "{operation}: {fault:?}");
            }
        }
    }
}

#[test]
fn an_empty_file_that_was_there_stays() {
    let empty = &Start::all()[1];
    let disk = empty.disk.lacking("lock", ErrorKind::Unsupported);
    open(&disk, Locking::Needed).unwrap_err();
    assert_eq!(disk.content(Path::new(PATH)), Some(Vec::new()));
}
