#![no_main]

#[path = "../../tests/program/fuzz_corpus/bench_file.rs"]
mod bench_file;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bench_file::check(bytes));
