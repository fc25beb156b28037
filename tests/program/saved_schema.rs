//! The schema of saved benchmarks, and the tables of their fields in the documentation.

use std::fs;
use std::path::Path;

use crate::saved::{SAVED, compared, read, saved, value};
use serde_json::{Value, json};

#[test]
fn documents_fit_their_schema() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/bench.schema.json");
    let mut schemas = boon::Schemas::new();
    let schema = boon::Compiler::new().compile(path.to_str().unwrap(), &mut schemas).unwrap();
    let is_valid = |value: &Value| schemas.validate(value, schema).is_ok();
    for name in SAVED {
        if let Err(error) = schemas.validate(&value(name), schema) {
            panic!("{name}: {error}");
        }
        let written: Value = serde_json::from_str(&saved(name).to_json()).unwrap();
        assert!(is_valid(&written), "{name}, written again");
    }
    assert!(is_valid(&compared()));
    for (pointer, wrong) in [
        ("/schema", json!(2)),
        ("/outcome", json!("great")),
        ("/points/0/threads", json!(1025)),
        ("/points/0/hashes_per_s/low", json!(0)),
        ("/proof/sums/0", json!(-1)),
        ("/environment/steal", json!(2)),
    ] {
        let mut changed = value("small");
        *changed.pointer_mut(pointer).unwrap() = wrong;
        assert!(!is_valid(&changed), "{pointer}");
    }
    for field in ["label", "points", "proof", "workload"] {
        let mut changed = value("small");
        changed.as_object_mut().unwrap().remove(field);
        assert!(!is_valid(&changed), "without {field}");
    }
}

/// The fields that a schema requires are those without which a document is not read.
#[test]
fn the_schema_requires_what_reading_requires() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/bench.schema.json");
    let schema: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let point = "/$defs/Point/required";
    let environment = "/$defs/Environment/required";
    for (required, object) in
        [("/required", ""), (point, "/points/0"), (environment, "/environment")]
    {
        let required = schema.pointer(required).unwrap().as_array().unwrap();
        let fields = value("desktop").pointer(object).unwrap().as_object().unwrap().clone();
        for field in fields.keys() {
            let mut changed = value("desktop");
            changed.pointer_mut(object).unwrap().as_object_mut().unwrap().remove(field);
            let is_needed = read(&changed).is_err();
            assert_eq!(required.contains(&json!(field)), is_needed, "{object}/{field}");
        }
    }
}

/// The names of all properties anywhere in a schema.
fn properties(schema: &Value, names: &mut Vec<String>) {
    for (key, value) in schema.as_object().into_iter().flatten() {
        if key == "properties" {
            names.extend(value.as_object().unwrap().keys().cloned());
        }
        match value {
            Value::Array(values) => values.iter().for_each(|value| properties(value, names)),
            value => properties(value, names),
        }
    }
}

#[test]
fn every_field_is_documented() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let schema = fs::read(docs.join("bench.schema.json")).unwrap();
    let text = fs::read_to_string(docs.join("benchmarking.md")).unwrap();
    let mut names = Vec::new();
    properties(&serde_json::from_slice(&schema).unwrap(), &mut names);
    assert!(names.len() > 100, "{names:?}");
    for name in names {
        let is_named = text.contains(&format!(".{name}`")) || text.contains(&format!("`{name}`"));
        assert!(is_named, "{name}");
    }
}
