#![no_main]

#[path = "../../tests/program/fuzz_corpus/arguments.rs"]
mod arguments;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| arguments::check(bytes));
