#![no_main]

#[path = "../../tests/program/fuzz_corpus/ledger.rs"]
mod ledger;
#[path = "../../tests/program/fuzz_corpus/files.rs"]
mod files;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ledger::check(bytes));
