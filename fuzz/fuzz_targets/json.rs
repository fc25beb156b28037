#![no_main]

#[path = "../../tests/program/fuzz_corpus/json.rs"]
mod json;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| json::check(bytes));
