//! Saved benchmarks: what is written and read back, and what is refused, where and why.

use crate::saved::{compared, every_saved, read, saved, saved_bytes, value};
use serde_json::{Value, json};
use stripmine::bench::document::{Document, DocumentError, Ending, MAX_BYTES};

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

/// A saved benchmark with one figure replaced is read as if it had not been.
#[track_caller]
fn recomputed(pointer: &str, replacement: Value) {
    let mut changed = value("desktop");
    let place = changed.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}"));
    assert_ne!(*place, replacement, "{pointer}");
    *place = replacement;
    assert_eq!(read(&changed).as_ref(), Ok(&saved("desktop")), "{pointer}");
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
fn other_json_is_refused_with_what_it_is() {
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
fn numbers_that_cannot_have_been_measured_are_refused() {
    refused("/points/0/threads", json!(0), &["points[0].threads", "1 to 1024"]);
    refused("/points/0/threads", json!(1025), &["points[0].threads", "1 to 1024"]);
    refused(
        "/points/0/samples/0/elapsed_s",
        json!(0),
        &["points[0].samples[0].elapsed_s", "above 0"],
    );
    refused("/points/0/samples/0/elapsed_s", json!(1e-308), &["points[0].samples[0].elapsed_s"]);
    refused("/points/0/samples/0/at_s", json!(-1), &["points[0].samples[0].at_s"]);
    refused("/points/0/samples", json!([]), &["points[0].samples", "1 to 1000"]);
    refused("/points/0/workers/0/busy_s", json!(-1), &["points[0].workers[0].busy_s"]);
    refused("/settings/time_s", json!(-1), &["settings.time_s", "above 0"]);
    refused("/settings/samples", json!(0), &["settings.samples", "at least 1"]);
    refused("/environment/steal", json!(1.5), &["environment.steal", "0 to 1"]);
    refused("/environment/allowed_cpus", json!(0), &["environment.allowed_cpus"]);
    refused("/environment/load_before", json!(-1), &["environment.load_before"]);
    refused("/stop/times_s/3", json!(-1), &["stop.times_s[3]", "below 0"]);
    refused(
        "/coordinator/separate/0/hashes_per_s",
        json!(0),
        &["coordinator.separate[0].hashes_per_s"],
    );
    refused("/baselines/1/samples", json!([]), &["baselines[1].samples", "1 to 1000"]);
    refused("/proof/unproved/0/hashes", json!(0), &["proof.unproved[0].hashes", "at least 1"]);
    refused("/proof/segment_len", json!(0), &["proof.segment_len", "at least 1"]);
    refused("/points", json!([]), &["points", "nothing in it"]);
    refused("/workload/first_header", json!("zz"), &["workload.first_header"]);
    refused("/workload/first_header", json!("abc"), &["workload.first_header"]);
    refused("/workload/hashed", json!(3), &["workload.hashed", "1 or 2"]);
}

#[test]
fn samples_that_do_not_fit_each_other_are_refused() {
    let sample = "/points/2/samples/1";
    refused(&format!("{sample}/workers/0"), json!(1), &["points[2].samples[1].workers", "add up"]);
    refused(
        &format!("{sample}/workers"),
        json!([1]),
        &["points[2].samples[1].workers", "4 threads"],
    );
    refused(&format!("{sample}/round"), json!(0), &["points[2].samples[1].round", "second"]);
    refused(&format!("{sample}/sum"), json!(7), &["points[2].samples[1].sum", "proof.sums"]);
    refused(&format!("{sample}/segments"), json!(1), &["points[2].samples[1].segments"]);
    refused(&format!("{sample}/hashes"), json!(1), &["points[2].samples[1]"]);
    refused("/points/2/workers", json!([]), &["points[2].workers", "4 threads"]);
    refused("/points/2/threads", json!(2), &["points[2]"]);
    refused("/points/6/kernel", json!("avx512"), &["points[6]", "second point"]);
    refused("/baselines/1/name", json!("reference"), &["baselines[1]", "second baseline"]);
    refused("/outcome", json!("failed"), &["outcome", "proof.mismatches"]);
}

#[test]
fn figures_that_their_samples_contradict_are_computed_anew() {
    for (figure, wrong) in [
        ("/workload/bytes", json!(80)),
        ("/workload/blocks", json!(1)),
        ("/points/2/hashes_per_s/median", json!(0)),
        ("/points/2/hashes_per_s/low", json!(-5.0)),
        ("/points/2/hashes_per_s/high", json!(1.0)),
        ("/points/2/speedup/low", json!(9.0)),
        ("/points/2/efficiency", json!({"median": 0.5, "low": 0.5, "high": 0.5})),
        ("/points/2/fairness/lowest_share", json!(1.5)),
        ("/points/2/fairness/highest_share", json!(0)),
        ("/points/2/hashes", json!(1)),
        ("/points/2/elapsed_s", json!(1.0)),
        ("/points/2/workers/3/worker", json!(1)),
        ("/points/2/workers/3/hashes", json!(1)),
        ("/points/2/workers/3/share", json!(0.5)),
        ("/points/2/workers/3/hashes_per_s", json!(1.0)),
        ("/points/2/samples/1/hashes_per_s", json!(1e6)),
        ("/baselines/0/samples/2/hashes_per_s", json!(3.0)),
        ("/baselines/0/hashes_per_s/median", json!(3.0)),
        ("/baselines/0/speedups", json!([])),
        ("/baselines/0/speedup/high", json!(0)),
        ("/coordinator/overhead/low", json!(0.9)),
        ("/stop/median_s", json!(9.0)),
        ("/stop/p99_s", json!(0.0)),
        ("/proof/unproved/0/hashes_per_s", json!(3.0)),
        ("/proof/cost/median", json!(0.5)),
        ("/proof/ok", json!(false)),
    ] {
        recomputed(figure, wrong);
    }
}

/// Whatever the samples suffice for is computed, even if the file lacks it; nothing more is.
#[test]
fn figures_that_are_left_out_are_computed_and_those_without_samples_left_out() {
    let mut changed = value("desktop");
    for (object, field) in
        [("/points/2", "speedup"), ("/points/3", "efficiency"), ("/baselines/0", "speedup")]
    {
        changed.pointer_mut(object).unwrap().as_object_mut().unwrap().remove(field).unwrap();
    }
    assert_eq!(read(&changed).unwrap(), saved("desktop"));
    let mut alone = value("desktop");
    alone["points"].as_array_mut().unwrap().retain(|point| point["threads"] != 1);
    alone["coordinator"]["separate"] = json!([]);
    alone["stop"]["times_s"] = json!([]);
    alone["proof"]["unproved"] = json!([]);
    alone["scalability"] = value("server")["scalability"].clone();
    let alone = read(&alone).unwrap();
    assert!(alone.points.iter().all(|it| it.speedup.is_none() && it.efficiency.is_none()));
    assert!(alone.baselines.iter().all(|it| it.speedups.is_empty() && it.speedup.is_none()));
    assert!(alone.coordinator.is_none() && alone.stop.is_none() && alone.scalability.is_none());
    assert!(alone.proof.cost.is_none());
}

#[test]
fn the_law_is_fitted_to_the_points_of_the_file() {
    let mut changed = value("server");
    changed.as_object_mut().unwrap().remove("scalability").unwrap();
    let law = saved("server").scalability.unwrap();
    assert_eq!(read(&changed).unwrap().scalability.as_ref(), Some(&law));
    assert_eq!(law.threads, [1, 2, 4, 8, 16, 24, 32, 48, 64]);
    // What compose.py makes the rates of.
    assert!((law.lambda.median / 19.8e6 - 1.0).abs() < 0.02, "{law:?}");
    assert!((law.sigma.median - 0.0012).abs() < 0.001, "{law:?}");
}

#[test]
fn a_mismatch_is_a_failure_whatever_the_file_calls_it() {
    let mut changed = value("small");
    changed["proof"]["mismatches"] = json!([{
        "kernel": "avx512", "threads": 1, "segment": 0, "found": 1, "expected": 2, "against": "x",
    }]);
    let document = read(&changed).unwrap();
    assert_eq!((document.outcome, document.proof.ok), (Ending::Failed, false));
}

#[test]
fn huge_figures_do_no_harm() {
    let most = json!(u64::MAX);
    refused("/proof/segment_len", most.clone(), &["segments"]);
    refused("/points/2/samples/1/segments", most.clone(), &["segments"]);
    refused("/points/2/samples/1/hashes", most.clone(), &["points[2].samples[1]"]);
    recomputed("/points/2/hashes", most.clone());
    recomputed("/workload/bytes", most);
    let deep = format!("{{\"schema\": 1, \"points\": {}", "[".repeat(100_000));
    assert!(Document::from_json(deep.as_bytes()).is_err());
    // Intervals of many samples take long.
    let mut many = value("small");
    let samples = many["points"][0]["samples"].as_array_mut().unwrap();
    let sample = samples[0].clone();
    samples.extend((7..1_001).map(|round| {
        let mut sample = sample.clone();
        sample["round"] = json!(round);
        sample
    }));
    let error = read(&many).unwrap_err().to_string();
    assert!(error.contains("points[0].samples: 1001 samples, where 1 to 1000"), "{error}");
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
fn a_verdict_follows_from_its_interval() {
    let expected = read(&compared()).unwrap();
    for verdict in ["faster", "no-difference"] {
        let mut changed = compared();
        let point = &mut changed["comparison"]["points"][0];
        (point["verdict"], point["too_slow"]) = (json!(verdict), json!(false));
        assert_eq!(read(&changed).as_ref(), Ok(&expected), "{verdict}");
    }
}

#[test]
fn a_ratio_to_an_earlier_run_has_to_be_an_interval() {
    for (field, wrong) in [("median", 0.8), ("low", 0.0), ("low", 0.91), ("high", 0.89)] {
        let mut changed = compared();
        changed["comparison"]["points"][0]["ratio"][field] = json!(wrong);
        let error = read(&changed).unwrap_err().to_string();
        assert!(error.starts_with("comparison.points[0].ratio."), "{error}");
    }
}
