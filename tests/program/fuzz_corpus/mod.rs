//! The inputs that the fuzzer kept (`fuzz/corpus`), replayed through the functions that the fuzzer
//! calls. Each of them checks what must hold for any bytes. See `fuzz/README.md`.

mod arguments;
mod bench_file;
mod chain;
mod files;
mod json;
mod ledger;

use std::fs;
use std::path::Path;

/// Fewer files than any target's corpus has: something is missing.
const LEAST_KEPT: usize = 300;

/// Replays what was kept for one target; says loudly where nothing was, as in the published
/// package.
fn replay(target: &str, check: fn(&[u8])) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let Ok(entries) = fs::read_dir(&corpus) else {
        assert!(
            !Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").exists(),
            "{target}: no corpus"
        );
        eprintln!("SKIPPED: {} is not part of the package", corpus.display());
        return;
    };
    let mut replayed = 0;
    for entry in entries {
        let path = entry.unwrap().path();
        let outcome = std::panic::catch_unwind(|| check(&fs::read(&path).unwrap()));
        assert!(outcome.is_ok(), "it fails for {}", path.display());
        replayed += 1;
    }
    assert!(replayed >= LEAST_KEPT, "{target}: only {replayed} files");
}

#[test]
fn every_chain_file_of_the_corpus_passes() {
    replay("chain", chain::check);
}

#[test]
fn every_json_document_of_the_corpus_passes() {
    replay("json", json::check);
}

#[test]
fn every_file_to_mine_onto_of_the_corpus_passes() {
    replay("ledger", ledger::check);
}

#[test]
fn every_command_line_of_the_corpus_passes() {
    replay("arguments", arguments::check);
}

#[test]
fn every_saved_benchmark_of_the_corpus_passes() {
    replay("bench_file", bench_file::check);
}
