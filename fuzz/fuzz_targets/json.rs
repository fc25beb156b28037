#![no_main]

#[path = "../../tests/fuzz_corpus/json.rs"]
mod json;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| json::check(bytes));
