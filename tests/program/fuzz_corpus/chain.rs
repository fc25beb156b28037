//! Properties of reading a chain, tried on any file.

use std::path::Path;

use stripmine::chain::{
    BlockReader, ChainFileError, FileForm, Flaw, ReadBlock, Verification, VerifyOptions, verify,
};

use super::files::{Directory, resealed};

thread_local! {
    static DIRECTORY: Directory = Directory::new();
}

/// Checks the file as it is, and as it is with its hashes put right.
pub(crate) fn check(content: &[u8]) {
    DIRECTORY.with(|directory| {
        check_file(directory, content);
        let resealed = resealed(content);
        if resealed != content {
            check_file(directory, &resealed);
        }
    });
}

fn check_file(directory: &Directory, content: &[u8]) {
    let path = directory.chain_of(content);
    let by_meaning = verified(&path, false, content);
    let to_the_byte = verified(&path, true, content);
    let blocks: Result<Vec<ReadBlock>, _> =
        BlockReader::open(&path).expect("the file is there").collect();
    match &blocks {
        Ok(blocks) => check_lines(blocks, content),
        Err(error) => drop(check_flaw(error, content)),
    }
    if let Ok(strict) = &to_the_byte {
        assert_eq!(strict.form, FileForm::Canonical);
        assert_eq!(by_meaning.as_ref().ok(), Some(strict), "strict is the stricter");
        assert_eq!(canonical(blocks.as_ref().expect("a valid chain")).as_bytes(), content);
    } else if let Ok(lenient) = &by_meaning {
        let is_whole = lenient.form == FileForm::Canonical && !lenient.lacks_newline;
        assert!(!is_whole, "strict had no reason to refuse");
        check_rewritten(directory, &canonical(blocks.as_ref().expect("a valid chain")), lenient);
    }
}

fn verified(path: &Path, strict: bool, content: &[u8]) -> Result<Verification, Flaw> {
    let mut options = VerifyOptions::default();
    options.strict = strict;
    verify(path, &options).map_err(|error| check_flaw(&error, content))
}

/// Nothing but the file's content is wrong, and the place is one that it has.
fn check_flaw(error: &ChainFileError, content: &[u8]) -> Flaw {
    let ChainFileError::Refused { flaw, .. } = error else { panic!("{error}") };
    let lines = content.split(|byte| *byte == b'\n').count() as u64;
    assert!((1..=lines).contains(&flaw.line), "{flaw}");
    assert!(error.to_string().len() < 2_000, "a message for a screen: {error}");
    Flaw::clone(flaw)
}

/// A block is canonical when its line is its bytes, and ends; in an array, none is.
fn check_lines(blocks: &[ReadBlock], content: &[u8]) {
    let is_array = content.trim_ascii_start().starts_with(b"[");
    let lines: Vec<&[u8]> = content.split(|byte| *byte == b'\n').collect();
    for read in blocks {
        let number = usize::try_from(read.line).expect("a small file");
        let ends = number < lines.len() && !content.starts_with("\u{feff}".as_bytes());
        let is_its_bytes = read.canonical().as_bytes() == lines[number - 1] && ends && !is_array;
        assert_eq!(is_its_bytes, read.is_canonical, "line {}", read.line);
    }
}

/// What was accepted by meaning is the same chain when it is written canonically.
fn check_rewritten(directory: &Directory, text: &str, lenient: &Verification) {
    let path = directory.chain_of(text.as_bytes());
    let rewritten = verified(&path, true, text.as_bytes()).expect("the same chain");
    assert_eq!(
        (rewritten.blocks, rewritten.least_work_bits),
        (lenient.blocks, lenient.least_work_bits)
    );
}

fn canonical(blocks: &[ReadBlock]) -> String {
    blocks.iter().map(|read| read.canonical() + "\n").collect()
}
