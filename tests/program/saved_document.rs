//! Saved benchmarks: what is written and read back, and what is refused, where and why.

use std::fs;
use std::path::Path;

use crate::saved::{SAVED, compared, every_saved, read, saved, saved_bytes, value};
use serde_json::{Value, json};
use stripmine::bench::document::{Document, DocumentError, MAX_BYTES};

/// A saved benchmark with one value replaced is refused; the message has the place and the words.
#[track_caller]
fn refused(pointer: &str, replacement: Value, words: &[&str]) {
    let mut changed = value("desktop");
    let place = changed.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}"));
    *place = replacement;
    let error = read(&changed).expect_err(pointer).to_string();
    for word in words {
        assert!(error.contains(word), "{word:?} is missing: {error}");
    }
}

#[test]
fn a_document_survives_writing_and_reading() {
    for document in every_saved() {
        let written = document.to_json();
        assert_eq!(Document::from_json(written.as_bytes()).unwrap(), document);
        assert!(written.ends_with("}\n"));
        assert!(!written.contains("NaN"));
    }
}

#[test]
fn several_documents_are_an_array_that_is_read_back() {
    let documents = every_saved();
    let array = Document::array_to_json(&documents);
    assert!(array.starts_with("[\n"));
    assert_eq!(Document::list_from_json(array.as_bytes()).unwrap(), documents);
    let lines: String = documents.iter().map(Document::to_json).collect();
    assert_eq!(Document::list_from_json(lines.as_bytes()).unwrap(), documents);
    let error = Document::from_json(array.as_bytes()).unwrap_err().to_string();
    assert!(error.contains("3 of them"), "{error}");
}

#[test]
fn rows_of_numbers_stand_on_one_line() {
    let written = saved("server").to_json();
    let rows: Vec<_> = written.lines().filter(|line| line.contains("\"sums\"")).collect();
    let [sums] = rows[..] else { panic!("{rows:?}") };
    assert!(sums.trim_end().ends_with("],") && sums.matches(", ").count() > 100);
    assert!(written.lines().any(|line| line.trim_start().starts_with("\"speedup\": { \"median\"")));
}

#[test]
fn unknown_fields_are_skipped() {
    let mut newer = value("small");
    newer["new"] = json!({"anything": [1, 2, 3]});
    newer["points"][0]["new"] = json!(true);
    newer["environment"]["new"] = json!("text");
    assert_eq!(read(&newer).unwrap(), saved("small"));
}

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
    let point = "/$defs/point/required";
    let environment = "/properties/environment/required";
    for (required, object) in
        [("/required", ""), (point, "/points/0"), (environment, "/environment")]
    {
        let required = schema.pointer(required).unwrap().as_array().unwrap();
        let fields = value("desktop").pointer(object).unwrap().as_object().unwrap().clone();
        for field in fields.keys() {
            let mut changed = value("desktop");
            changed.pointer_mut(object).unwrap().as_object_mut().unwrap().remove(field);
            // A speedup is what an efficiency is computed from.
            let is_needed = read(&changed).is_err() && field != "speedup";
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

#[test]
fn what_is_not_json_is_refused_with_its_place() {
    for (text, words) in [
        (
            &b"{\n  \"schema\": 1,\n  oops"[..],
            &["line 3, column 3", "not JSON", "bench --export"][..],
        ),
        (b"threads,rate\n1,2", &["line 1, column", "not JSON"]),
        (b"{\"schema\": 1", &["not JSON", "EOF"]),
        (b"\xff\xfe", &["line 1, column 1", "not JSON"]),
        (b"", &["empty"]),
        (b" \n", &["empty"]),
    ] {
        let error = Document::from_json(text).unwrap_err().to_string();
        for word in words {
            assert!(error.contains(word), "{word:?} is missing: {error}");
        }
    }
}

#[test]
fn numbers_that_json_cannot_hold_are_refused() {
    let text = String::from_utf8(saved_bytes("small")).unwrap();
    for number in ["NaN", "Infinity", "1e999"] {
        let changed = text.replacen("\"time_s\": 0.5", &format!("\"time_s\": {number}"), 1);
        let error = Document::from_json(changed.as_bytes()).unwrap_err();
        assert!(!matches!(error, DocumentError::Foreign { .. }), "{number}: {error}");
    }
}

#[test]
fn other_json_is_called_foreign() {
    let mined = r#"{"schema": 1, "outcome": "found", "block": null, "report": {"threads": 2}}"#;
    for (text, words) in [
        (mined, "`mine`"),
        ("[]", "an array with nothing in it"),
        ("[1, 2]", "a number"),
        ("42", "a number"),
        ("null", "null"),
        ("\"text\"", "text"),
        ("{}", "without `schema`"),
        (r#"{"points": []}"#, "without `schema`"),
        (r#"{"schema": 1}"#, "without `points`"),
        (r#"{"schema": 1, "outcome": "valid", "blocks": 4}"#, "another command"),
    ] {
        let error = Document::from_json(text.as_bytes()).unwrap_err();
        assert!(matches!(error, DocumentError::Foreign { .. }), "{text}: {error}");
        assert!(error.to_string().contains(words), "{words:?} is missing: {error}");
    }
}

#[test]
fn other_schemas_are_named() {
    for schema in [json!(0), json!(2), json!("1"), json!(1.5), json!(null)] {
        let mut changed = value("small");
        changed["schema"] = schema.clone();
        let error = read(&changed).unwrap_err();
        assert!(
            matches!(error, DocumentError::UnknownSchema { .. } | DocumentError::Foreign { .. }),
            "{schema}: {error}"
        );
        assert!(error.to_string().contains("schema"), "{error}");
    }
}

#[test]
fn fields_of_another_kind_are_refused_where_they_stand() {
    refused(
        "/points/3/samples/0/hashes_per_s",
        json!("fast"),
        &["points[3].samples[0].hashes_per_s"],
    );
    refused("/points/3/samples", json!({}), &["points[3].samples"]);
    refused("/environment/physical_cores", json!(-1), &["environment.physical_cores"]);
    refused("/environment/physical_cores", json!(1.5), &["environment.physical_cores"]);
    refused("/outcome", json!("great"), &["outcome", "interrupted"]);
    refused("/label", json!(null), &["label"]);
    let mut without = value("desktop");
    without["points"][2].as_object_mut().unwrap().remove("threads");
    let error = read(&without).unwrap_err().to_string();
    assert!(error.contains("points[2]") && error.contains("threads"), "{error}");
}

#[test]
fn figures_that_cannot_be_are_refused() {
    refused(
        "/points/1/hashes_per_s/median",
        json!(0),
        &["points[1].hashes_per_s.median", "above 0"],
    );
    refused("/points/1/hashes_per_s/low", json!(-5.0), &["points[1].hashes_per_s.low"]);
    refused(
        "/points/1/hashes_per_s/low",
        json!(1e12),
        &["points[1].hashes_per_s.low", "above the median"],
    );
    refused(
        "/points/1/hashes_per_s/high",
        json!(1.0),
        &["points[1].hashes_per_s.high", "below the median"],
    );
    refused("/points/1/speedup/low", json!(9.0), &["points[1].speedup.low"]);
    refused("/points/0/threads", json!(0), &["points[0].threads", "1 to 1024"]);
    refused("/points/0/threads", json!(1025), &["points[0].threads", "1 to 1024"]);
    refused("/points/0/samples/0/elapsed_s", json!(0), &["points[0].samples[0].elapsed_s"]);
    refused("/points/0/fairness/lowest_share", json!(1.5), &["points[0].fairness.lowest_share"]);
    refused("/settings/time_s", json!(-1), &["settings.time_s"]);
    refused("/settings/samples", json!(0), &["settings.samples"]);
    refused("/environment/steal", json!(1.5), &["environment.steal"]);
    refused("/environment/allowed_cpus", json!(0), &["environment.allowed_cpus"]);
    refused("/stop/p99_s", json!(0.0), &["stop.p99_s", "below the median"]);
    refused("/coordinator/overhead/low", json!(0.9), &["coordinator.overhead.low"]);
    refused("/baselines/1/samples", json!([]), &["baselines[1].samples"]);
    refused("/points", json!([]), &["points", "nothing in it"]);
}

#[test]
fn figures_that_their_samples_contradict_are_refused() {
    let sample = "/points/2/samples/1";
    refused(
        &format!("{sample}/hashes_per_s"),
        json!(1e6),
        &["points[2].samples[1].hashes_per_s", "hashes ÷ elapsed_s"],
    );
    refused(&format!("{sample}/workers/0"), json!(1), &["points[2].samples[1].workers", "add up"]);
    refused(
        &format!("{sample}/workers"),
        json!([1]),
        &["points[2].samples[1].workers", "4 threads"],
    );
    refused(&format!("{sample}/round"), json!(0), &["points[2].samples[1].round", "second"]);
    refused(&format!("{sample}/sum"), json!(7), &["points[2].samples[1].sum", "proof.sums"]);
    refused(&format!("{sample}/segments"), json!(1), &["points[2].samples[1].segments"]);
    refused("/points/2/hashes", json!(1), &["points[2].hashes"]);
    refused("/points/2/elapsed_s", json!(1.0), &["points[2].elapsed_s"]);
    refused("/points/2/workers/3/hashes", json!(1), &["points[2].workers[3].hashes"]);
    refused("/points/2/workers/3/share", json!(0.5), &["points[2].workers[3].share"]);
    refused("/points/2/workers/3/worker", json!(1), &["points[2].workers[3].worker"]);
    refused("/points/2/workers/3/hashes_per_s", json!(1.0), &["points[2].workers[3].hashes_per_s"]);
    refused(
        "/points/2/efficiency",
        json!({"median": 0.5, "low": 0.5, "high": 0.5}),
        &["points[2].efficiency.median"],
    );
    refused("/points/2/threads", json!(2), &["points[2]"]);
    refused("/points/6/kernel", json!("avx512"), &["points[6]", "second point"]);
    refused("/baselines/1/name", json!("reference"), &["baselines[1]", "second baseline"]);
    refused(
        "/baselines/0/samples/2/hashes_per_s",
        json!(3.0),
        &["baselines[0].samples[2].hashes_per_s"],
    );
    refused("/proof/unproved/0/hashes", json!(3), &["proof.unproved[0].hashes_per_s"]);
    refused("/proof/ok", json!(false), &["proof.ok"]);
    refused("/outcome", json!("failed"), &["outcome", "proof.ok"]);
    refused("/workload/bytes", json!(80), &["workload.bytes"]);
    refused("/workload/blocks", json!(1), &["workload.blocks"]);
    refused("/workload/first_header", json!("zz"), &["workload.first_header"]);
    refused("/workload/hashed", json!(3), &["workload.hashed"]);
}

#[test]
fn a_median_that_is_none_is_refused() {
    let mut changed = value("desktop");
    let high = changed["points"][0]["hashes_per_s"]["high"].clone();
    changed["points"][0]["hashes_per_s"]["median"] = high;
    let error = read(&changed).unwrap_err().to_string();
    assert!(error.contains("points[0].hashes_per_s.median"), "{error}");
}

#[test]
fn huge_figures_do_no_harm() {
    let most = json!(u64::MAX);
    refused("/proof/segment_len", most.clone(), &["segments"]);
    refused("/points/2/samples/1/segments", most.clone(), &["segments"]);
    refused("/points/2/samples/1/hashes", most.clone(), &["points[2].samples[1]"]);
    refused("/points/2/hashes", most.clone(), &["points[2].hashes"]);
    refused("/workload/bytes", most.clone(), &["workload.bytes"]);
    let deep = format!("{{\"schema\": 1, \"points\": {}", "[".repeat(100_000));
    assert!(Document::from_json(deep.as_bytes()).is_err());
}

#[test]
fn the_place_says_which_of_several_documents() {
    let mut second = value("small");
    second["settings"]["time_s"] = json!(0);
    let both = json!([value("small"), second]).to_string();
    let error = Document::list_from_json(both.as_bytes()).unwrap_err().to_string();
    assert!(error.starts_with("[1].settings.time_s: "), "{error}");
}

#[test]
fn no_more_than_the_limit_is_read() {
    let too_long = vec![b' '; MAX_BYTES + 1];
    let error = Document::from_json(&too_long).unwrap_err();
    assert_eq!(error, DocumentError::TooLong);
    assert!(error.to_string().contains("64 MiB"));
}

#[test]
fn a_verdict_that_its_interval_contradicts_is_refused() {
    for (verdict, is_right) in [("slower", true), ("faster", false), ("no-difference", false)] {
        let mut changed = compared();
        changed["comparison"]["points"][0]["verdict"] = json!(verdict);
        match read(&changed) {
            Ok(_) => assert!(is_right, "{verdict}"),
            Err(error) => {
                assert!(error.to_string().contains("comparison.points[0].verdict"), "{error}");
                assert!(!is_right, "{verdict}");
            }
        }
    }
}
