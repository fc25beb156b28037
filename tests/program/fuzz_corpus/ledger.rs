//! Properties of opening a chain to mine onto, tried on any file.

use std::fs;
use std::path::Path;

use stripmine::chain::python_json::Value;
use stripmine::chain::{
    CandidateError, Chain, ChainFileError, FileForm, Ledger, Repair, SealedBlock, Timestamp,
    VerifyOptions, verify,
};

use super::files::{Directory, resealed};

thread_local! {
    static DIRECTORY: Directory = Directory::new();
}

/// Opens the file as it is, and as it is with its hashes put right.
pub(crate) fn check(content: &[u8]) {
    DIRECTORY.with(|directory| {
        check_file(directory, content);
        let resealed = resealed(content);
        if resealed != content {
            check_file(directory, &resealed);
        }
    });
}

/// Nothing is ever cut off but a torn append, which is kept; what is refused is left alone.
fn check_file(directory: &Directory, content: &[u8]) {
    let path = directory.chain_of(content);
    let peeked = Ledger::peek(&path, 1, None);
    match Ledger::open(&path, 1, None) {
        Ok(ledger) => {
            assert_eq!(peeked.as_ref().ok(), Some(ledger.chain()), "peeking sees the same");
            check_opened(directory, &path, content, ledger);
        }
        Err(ChainFileError::Refused { .. }) => {
            assert!(matches!(peeked, Err(ChainFileError::Refused { .. })), "{peeked:?}");
            assert_eq!(fs::read(&path).expect("it is there"), content, "left as it was");
            assert_eq!(directory.entries().len(), 1, "and nothing was made beside it");
        }
        Err(error) => panic!("{error}"),
    }
}

fn check_opened(directory: &Directory, path: &Path, content: &[u8], mut ledger: Ledger) {
    let kept = match ledger.repair().cloned() {
        None => content.to_vec(),
        Some(Repair::NewlineAdded) => [content, b"\n"].concat(),
        Some(Repair::TornAppend { offset, len, moved_to }) => {
            let (kept, torn) = content.split_at(usize::try_from(offset).expect("a small file"));
            assert_eq!(torn.len() as u64, len);
            assert_eq!(fs::read(moved_to).expect("it was kept"), torn);
            check_torn(torn);
            kept.to_vec()
        }
    };
    assert!(matches!(kept.last(), None | Some(b'\n')), "whole lines are left");
    let genesis = format!("{}\n", SealedBlock::genesis().line());
    let genesis = if kept.is_empty() { genesis } else { String::new() };
    let whole = [&kept[..], genesis.as_bytes()].concat();
    assert_eq!(fs::read(path).expect("it is there"), whole);
    let is_torn = matches!(ledger.repair(), Some(Repair::TornAppend { .. }));
    assert_eq!(directory.entries().len(), 1 + usize::from(is_torn));
    append_one(&mut ledger, path, &whole);
}

/// Only a beginning of a block's line may be cut off.
fn check_torn(torn: &[u8]) {
    let start = br#"{"data": "#;
    assert!(!torn.is_empty() && !torn.contains(&b'\n') && !torn.contains(&0));
    assert!(torn.starts_with(start) || start.starts_with(torn), "{}", torn.escape_ascii());
    assert!(torn.is_ascii(), "Python writes ASCII: {}", torn.escape_ascii());
}

/// The chain can be continued, and is as valid as before: to the byte, unless its lines are spelled
/// in another way. In another dialect, more may have to be said about a block.
fn append_one(ledger: &mut Ledger, path: &Path, before: &[u8]) {
    let mut options = VerifyOptions::default();
    options.strict = verify(path, &options).is_ok_and(|it| it.form == FileForm::Canonical);
    let block = match next(ledger.chain()) {
        Ok(block) => block,
        Err(CandidateError::Form(_)) => return,
        Err(error) => panic!("{error}"),
    };
    ledger.append(&block).expect("it was made to fit");
    let after = [before, block.line().as_bytes(), b"\n"].concat();
    assert_eq!(fs::read(path).expect("it is there"), after);
    let verified = verify(path, &options).expect("what was opened is valid");
    assert_eq!(verified.blocks, ledger.chain().len());
}

fn next(chain: &Chain) -> Result<SealedBlock, CandidateError> {
    let candidate = chain.candidate(&Timestamp::Text("now".to_owned()), &Value::Null);
    candidate.map(|candidate| candidate.seal(7))
}
