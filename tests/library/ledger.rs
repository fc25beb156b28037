//! The chain file as a writer of the library sees it: made, appended to, repaired, refused.
//!
//! Nothing here starts a process: a process being started holds all locks of its parent for a
//! moment.

use std::fs;

use crate::common::process::{CHAIN, Scratch, blocks, file_of, lines, next_block};
use crate::common::side_by_side;
use stripmine::chain::{ChainFileError, Ledger, Repair, SealedBlock, VerifyOptions, verify};

/// Opens to write, on one thread.
fn open(scratch: &Scratch) -> Result<Ledger, ChainFileError> {
    Ledger::open(&scratch.chain(), 1, None)
}

/// The file is a canonical chain of this many blocks.
#[track_caller]
fn is_valid(scratch: &Scratch, blocks: u64) {
    let mut options = VerifyOptions::default();
    options.strict = true;
    assert_eq!(verify(&scratch.chain(), &options).unwrap().blocks, blocks);
}

/// Appends one block that fits.
fn append_one(ledger: &mut Ledger) {
    let block = next_block(ledger.chain());
    ledger.append(&block).unwrap();
}

#[test]
fn a_missing_file_becomes_a_chain_with_the_genesis_block() {
    let scratch = Scratch::new();
    let ledger = open(&scratch).unwrap();
    assert_eq!((ledger.chain().len(), ledger.repair()), (1, None));
    assert_eq!(scratch.read(CHAIN), format!("{}\n", SealedBlock::genesis().line()).into_bytes());
    assert_eq!(scratch.snapshot().len(), 1, "and no other file");
}

#[test]
fn an_empty_file_becomes_a_chain_with_the_genesis_block() {
    let scratch = Scratch::with("");
    let ledger = open(&scratch).unwrap();
    assert_eq!((ledger.chain().len(), ledger.repair()), (1, None));
    is_valid(&scratch, 1);
}

#[test]
fn what_was_appended_is_there_when_it_is_opened_again() {
    let scratch = Scratch::new();
    let all = blocks(5);
    for pair in all[1..].chunks(2) {
        let mut ledger = open(&scratch).unwrap();
        for block in pair {
            ledger.append(block).unwrap();
            assert_eq!(ledger.chain().len(), block.index() + 1);
        }
    }
    assert_eq!(scratch.read(CHAIN), file_of(&lines(5)).into_bytes());
    assert_eq!(open(&scratch).unwrap().repair(), None);
}

#[test]
fn a_block_is_in_the_file_before_append_returns() {
    let scratch = Scratch::new();
    let mut ledger = open(&scratch).unwrap();
    append_one(&mut ledger);
    is_valid(&scratch, 2);
}

#[test]
fn a_chain_with_a_genesis_block_of_its_own_is_continued() {
    use stripmine::chain::python_json::Value;
    use stripmine::chain::{Candidate, Timestamp};
    let time = Timestamp::Text("2009-01-03".to_owned());
    let genesis = Candidate::new(0, &time, &Value::Null, "nothing").unwrap().seal(77);
    let scratch = Scratch::with(format!("{}\n", genesis.line()));
    append_one(&mut open(&scratch).unwrap());
    is_valid(&scratch, 2);
}

#[test]
fn a_last_line_cut_at_any_byte_is_kept_aside_and_mined_on() {
    let all = lines(3);
    side_by_side(1..=3, |count| {
        let whole = file_of(&all[..count - 1]);
        let last = &all[count - 1];
        for len in 1..last.len() {
            torn_at(&whole, &last[..len], count as u64 - 1);
        }
    });
}

#[track_caller]
fn torn_at(whole: &str, torn: &str, blocks: u64) {
    let scratch = Scratch::with(format!("{whole}{torn}"));
    let mut ledger = open(&scratch).unwrap_or_else(|error| panic!("{error}: {torn}"));
    let kept = format!("{CHAIN}.torn-{}", whole.len());
    let Some(Repair::TornAppend { offset, len, moved_to }) = ledger.repair() else {
        panic!("{torn} was not repaired: {:?}", ledger.repair());
    };
    assert_eq!((*offset, *len), (whole.len() as u64, torn.len() as u64));
    assert_eq!(moved_to.file_name().unwrap(), &*kept);
    assert_eq!(scratch.read(&kept), torn.as_bytes());
    is_valid(&scratch, blocks.max(1));
    append_one(&mut ledger);
    is_valid(&scratch, blocks.max(1) + 1);
    assert_eq!(scratch.snapshot().len(), 2, "the chain and what was torn");
}

#[test]
fn a_torn_line_with_every_kind_of_value_is_recognised() {
    use stripmine::chain::python_json::{Integer, parse};
    use stripmine::chain::{Chain, Timestamp};
    let data = br#"{"": [1, -2.5e-07, true, null, [], {}], "\u00e9": "\ud83d\ude00\n\"\\"}"#;
    let mut chain = Chain::new();
    chain.accept(&SealedBlock::genesis()).unwrap();
    let time = Timestamp::Integer(Integer::from(-5_i64));
    let line = chain.candidate(&time, &parse(data).unwrap()).unwrap().seal(u64::MAX);
    let line = line.line();
    for len in 1..line.len() {
        torn_at(&file_of(&lines(1)), &line[..len], 1);
    }
}

#[test]
fn a_whole_last_block_gets_its_newline() {
    for count in 1..=3 {
        let whole = file_of(&lines(count));
        let scratch = Scratch::with(whole.trim_end());
        let mut ledger = open(&scratch).unwrap();
        assert_eq!(ledger.repair(), Some(&Repair::NewlineAdded));
        assert_eq!(scratch.read(CHAIN), whole.as_bytes());
        append_one(&mut ledger);
        is_valid(&scratch, count as u64 + 1);
        assert_eq!(scratch.snapshot().len(), 1, "nothing is kept aside");
    }
}

#[test]
fn a_second_tear_at_the_same_place_gets_a_name_of_its_own() {
    let whole = file_of(&lines(2));
    let scratch = Scratch::with("");
    let mut names = Vec::new();
    for torn in ["{\"data\": 1", "{\"data\": 22", "{\"data\": 333"] {
        scratch.write(CHAIN, format!("{whole}{torn}"));
        let ledger = open(&scratch).unwrap();
        let Some(Repair::TornAppend { moved_to, .. }) = ledger.repair() else { panic!("{torn}") };
        assert_eq!(fs::read_to_string(moved_to).unwrap(), torn);
        names.push(moved_to.clone());
    }
    assert!(names.iter().all(|name| name.exists()), "{names:?}");
    assert_eq!(scratch.snapshot().len(), 4, "none took another's place: {names:?}");
}

#[test]
fn tails_that_appending_does_not_leave_are_refused_and_stay() {
    let (all, strange) = (lines(4), lines(6).pop().unwrap());
    let whole = file_of(&all[..3]);
    let altered = all[3].replace("Block 3", "Clock 3");
    let spelled = all[3].replace(": ", ":");
    let tails = ["hello", "{ ", "[", "\0\0\0", "{\"data\": 1}", " ", &altered, &strange, &spelled];
    for tail in tails {
        let scratch = Scratch::with(format!("{whole}{tail}"));
        let before = scratch.snapshot();
        let refused = open(&scratch);
        assert!(matches!(refused, Err(ChainFileError::Refused { .. })), "{tail}: {refused:?}");
        assert!(before == scratch.snapshot(), "{tail}: files have changed");
    }
}

#[test]
fn no_bit_of_a_block_can_flip_unnoticed() {
    let lines = lines(4);
    let file = file_of(&lines).into_bytes();
    let start = lines[0].len() + lines[1].len() + 2;
    let scratch = Scratch::new();
    for bit in 0..8 * (lines[2].len() + 1) {
        let mut flipped = file.clone();
        flipped[start + bit / 8] ^= 1 << (bit % 8);
        let path = scratch.write(CHAIN, &flipped);
        let refusal = verify(&path, &VerifyOptions::default());
        let Err(ChainFileError::Refused { flaw, .. }) = refusal else {
            panic!("bit {bit} of the line: {refusal:?}");
        };
        assert_eq!((flaw.block, flaw.line), (2, 3), "bit {bit} of the line: {flaw}");
        assert!(matches!(open(&scratch), Err(ChainFileError::Refused { .. })), "bit {bit}");
        assert!(scratch.read(CHAIN) == flipped, "bit {bit}: the file was changed");
    }
}

#[test]
fn a_torn_line_after_a_broken_chain_is_not_touched() {
    let all = lines(3);
    let file = format!("{}\n{}\n{}", all[0], all[1].replace("Block", "Clock"), &all[2][..40]);
    let scratch = Scratch::with(file);
    let before = scratch.snapshot();
    assert!(matches!(open(&scratch), Err(ChainFileError::Refused { .. })));
    assert!(before == scratch.snapshot());
}

#[test]
fn peeking_changes_nothing() {
    let all = lines(3);
    let whole = file_of(&all[..2]);
    let torn = format!("{whole}{}", &all[2][..60]);
    let unfinished = format!("{whole}{}", all[2]);
    for (content, len) in [("", 1), (&whole, 2), (&torn, 2), (&unfinished, 3)] {
        let scratch = Scratch::with(content);
        let modified = || fs::metadata(scratch.chain()).unwrap().modified().unwrap();
        let before = (scratch.snapshot(), modified());
        assert_eq!(Ledger::peek(&scratch.chain(), 1, None).unwrap().len(), len);
        assert!(before == (scratch.snapshot(), modified()), "{content}");
    }
}

#[test]
fn peeking_makes_no_file() {
    let scratch = Scratch::new();
    assert_eq!(Ledger::peek(&scratch.chain(), 1, None).unwrap().len(), 1);
    assert!(scratch.snapshot().is_empty());
}

#[test]
fn peeking_sees_the_chain_that_opening_would() {
    let scratch = Scratch::with_chain(3);
    let peeked = Ledger::peek(&scratch.chain(), 1, None).unwrap();
    assert_eq!(&peeked, open(&scratch).unwrap().chain());
}

#[test]
fn a_block_that_does_not_fit_is_not_appended() {
    let all = blocks(4);
    let scratch = Scratch::with_chain(2);
    let mut ledger = open(&scratch).unwrap();
    let mut altered = all[2].to_block();
    altered.nonce = (altered.nonce.as_u64().unwrap() + 1).into();
    assert!(SealedBlock::try_from(&altered).is_err(), "and an altered one is not even sealed");
    for block in [&all[0], &all[1], &all[3]] {
        let refused = ledger.append(block);
        assert!(matches!(refused, Err(ChainFileError::Misfit { .. })), "{refused:?}");
    }
    assert_eq!(scratch.read(CHAIN), file_of(&lines(2)).into_bytes());
    ledger.append(&all[2]).unwrap();
    is_valid(&scratch, 3);
}

#[test]
fn a_file_that_something_else_has_changed_is_not_appended_to() {
    let changes = [String::new(), file_of(&lines(2)), file_of(&lines(4)), "x".to_owned()];
    for changed in changes {
        let scratch = Scratch::with_chain(3);
        let mut ledger = open(&scratch).unwrap();
        scratch.write(CHAIN, &changed);
        let refused = ledger.append(&next_block(ledger.chain()));
        assert!(matches!(refused, Err(ChainFileError::Changed { .. })), "{refused:?}");
        assert_eq!(scratch.read(CHAIN), changed.as_bytes(), "nothing was written");
        assert_eq!(ledger.chain().len(), 3, "and nothing counts as appended");
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_was_moved_away_is_not_appended_to() {
    for put_back in [None, Some(file_of(&lines(3)))] {
        let scratch = Scratch::with_chain(3);
        let mut ledger = open(&scratch).unwrap();
        fs::rename(scratch.chain(), scratch.path("moved")).unwrap();
        if let Some(content) = put_back {
            scratch.write(CHAIN, content);
        }
        let refused = ledger.append(&next_block(ledger.chain()));
        assert!(matches!(refused, Err(ChainFileError::Changed { .. })), "{refused:?}");
    }
}

#[test]
fn a_path_has_one_writer_at_a_time() {
    let scratch = Scratch::with_chain(2);
    let mut first = open(&scratch).unwrap();
    assert!(matches!(open(&scratch), Err(ChainFileError::Locked { .. })));
    assert!(Ledger::peek(&scratch.chain(), 1, None).is_ok(), "readers are let in");
    append_one(&mut first);
    drop(first);
    append_one(&mut open(&scratch).unwrap());
    is_valid(&scratch, 4);
}

#[test]
fn a_refused_file_is_not_kept_locked() {
    let scratch = Scratch::with("hello\n");
    for _ in 0..2 {
        assert!(matches!(open(&scratch), Err(ChainFileError::Refused { .. })));
    }
}

#[test]
fn a_cancelled_token_ends_the_reading() {
    let scratch = Scratch::with_chain(3);
    let token = stripmine::miner::CancelToken::new();
    token.cancel();
    let cancelled = Ledger::open(&scratch.chain(), 1, Some(&token));
    assert!(matches!(cancelled, Err(ChainFileError::Cancelled { .. })), "{cancelled:?}");
}

#[test]
fn a_chain_of_many_batches_is_read_on_any_number_of_threads() {
    let mut text = file_of(&lines(8_000));
    text.push_str("{\"data\": \"Blo");
    for threads in [1, 2, 7] {
        let scratch = Scratch::with(&text);
        let mut ledger = Ledger::open(&scratch.chain(), threads, None).unwrap();
        assert_eq!(ledger.chain().len(), 8_000);
        append_one(&mut ledger);
        is_valid(&scratch, 8_001);
    }
}

#[cfg(unix)]
mod symlinks {
    use super::*;
    use std::os::unix::fs::symlink;
    use std::path::PathBuf;

    /// `link.jsonl`, which leads to the chain in another directory, which holds this.
    fn linked(content: Option<&str>) -> (Scratch, PathBuf, PathBuf) {
        let scratch = Scratch::new();
        fs::create_dir(scratch.path("elsewhere")).unwrap();
        let (link, target) = (scratch.path("link.jsonl"), scratch.path("elsewhere/real.jsonl"));
        symlink("elsewhere/real.jsonl", &link).unwrap();
        if let Some(content) = content {
            fs::write(&target, content).unwrap();
        }
        (scratch, link, target)
    }

    #[test]
    fn a_linked_chain_is_appended_to_and_stays_a_link() {
        for content in [Some(file_of(&lines(2))), Some(String::new()), None] {
            let (_scratch, link, target) = linked(content.as_deref());
            let mut ledger = Ledger::open(&link, 1, None).unwrap();
            append_one(&mut ledger);
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
            assert!(verify(&target, &VerifyOptions::default()).is_ok());
        }
    }

    #[test]
    fn a_torn_append_is_kept_beside_the_file_itself() {
        let torn = format!("{}{{\"data\": 1", file_of(&lines(2)));
        let (scratch, link, target) = linked(Some(&torn));
        let ledger = Ledger::open(&link, 1, None).unwrap();
        let Some(Repair::TornAppend { moved_to, .. }) = ledger.repair() else { panic!() };
        assert_eq!(
            fs::canonicalize(moved_to).unwrap().parent(),
            Some(&*fs::canonicalize(scratch.path("elsewhere")).unwrap())
        );
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(verify(&target, &VerifyOptions::default()).is_ok());
    }

    #[test]
    fn a_link_and_its_file_are_one_path_to_the_lock() {
        let (_scratch, link, target) = linked(Some(&file_of(&lines(2))));
        let _ledger = Ledger::open(&link, 1, None).unwrap();
        assert!(matches!(Ledger::open(&target, 1, None), Err(ChainFileError::Locked { .. })));
    }

    #[test]
    fn what_is_kept_aside_is_readable_by_the_same_people() {
        use std::os::unix::fs::PermissionsExt as _;
        let scratch = Scratch::with(format!("{}{{\"data\": 1", file_of(&lines(2))));
        fs::set_permissions(scratch.chain(), fs::Permissions::from_mode(0o600)).unwrap();
        let ledger = open(&scratch).unwrap();
        let Some(Repair::TornAppend { moved_to, .. }) = ledger.repair() else { panic!() };
        let mode = |path: &PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(moved_to), mode(&scratch.chain())), (0o600, 0o600));
    }
}
