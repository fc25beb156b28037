#![no_main]

#[path = "../../tests/program/fuzz_corpus/chain.rs"]
mod chain;
#[path = "../../tests/program/fuzz_corpus/files.rs"]
mod files;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| chain::check(bytes));
