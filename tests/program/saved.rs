//! The benchmarks in `tests/saved`, whole and with single values changed.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use stripmine::bench::document::{Document, DocumentError};

pub(crate) const SAVED: [&str; 3] = ["small", "desktop", "server"];

pub(crate) fn saved_path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/saved/{name}.json"))
}

pub(crate) fn saved_bytes(name: &str) -> Vec<u8> {
    fs::read(saved_path(name)).unwrap()
}

pub(crate) fn saved(name: &str) -> Document {
    Document::from_json(&saved_bytes(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

pub(crate) fn every_saved() -> Vec<Document> {
    SAVED.map(saved).to_vec()
}

pub(crate) fn value(name: &str) -> Value {
    serde_json::from_slice(&saved_bytes(name)).unwrap()
}

pub(crate) fn read(value: &Value) -> Result<Document, DocumentError> {
    Document::from_json(value.to_string().as_bytes())
}

/// The small benchmark, compared with an earlier run.
pub(crate) fn compared() -> Value {
    let mut value = value("small");
    value["comparison"] = json!({
        "label": "<before>",
        "started_unix_s": 1.0,
        "max_slowdown": 0.05,
        "points": [{
            "kernel": "avx512",
            "threads": 2,
            "ratio": { "median": 0.9, "low": 0.85, "high": 0.92 },
            "verdict": "slower",
            "too_slow": true,
        }],
        "warnings": [{ "kind": "machine", "text": "the earlier run had | another CPU" }],
    });
    value
}
