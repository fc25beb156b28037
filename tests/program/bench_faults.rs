//! `stripmine bench` where Python or the file system fails it while it measures.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Child;

use crate::common::process::{Scratch, finish, run, start_until_it_says};
use crate::common::side_by_side;
use stripmine::bench::document::{Document, Ending};

const SYSTEM: i32 = 3;

/// The length of a benchmark of a fraction of a second.
const SHORT: [&str; 6] = ["--time", "0.02", "--samples", "3", "--warmup", "0"];

/// A short benchmark, saved as `r.json`, where this script is `python3`.
#[track_caller]
fn bench_with_python(script: &str) -> Document {
    let scratch = Scratch::new();
    let python = scratch.path("python3");
    scratch.write("python3", format!("#!/bin/sh\n{script}\n"));
    fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).unwrap();
    let arguments = ["bench", "--threads", "1", "--kernels", "sha2", "--export", "r.json"];
    let mut command = scratch.stripmine(&[&arguments[..], &SHORT].concat());
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{}:{path}", scratch.directory().display()));
    run(&mut command).ends_with_code(0);
    Document::from_json(&scratch.read("r.json")).unwrap()
}

#[test]
fn a_python_that_does_not_work_costs_the_baseline_and_a_warning() {
    let with_version = |script: &str| format!("[ \"$1\" = --version ] && exec echo P; {script}");
    let scripts = [
        (with_version("echo '{\"elapsed_ns\": 9, \"finds\": []}'; echo more"), "unexpected"),
        (with_version("echo a gap >&2; exit 3"), "a gap"),
        // Not even the version, for ever.
        ("exec sleep 1000".to_owned(), "did not answer within 5 s"),
    ];
    side_by_side(scripts, |(script, word)| {
        let document = bench_with_python(&script);
        assert_eq!(document.outcome, Ending::Done);
        assert!(!document.points.is_empty(), "{script}");
        let baselines: Vec<_> = document.baselines.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(baselines, ["reference", "sha2"], "{script}");
        let lost = document.warnings.iter().find(|it| it.kind == "baseline-lost");
        assert!(lost.is_some_and(|lost| lost.text.contains(word)), "{:?}", document.warnings);
    });
}

/// Starts a benchmark of more than half a second, and waits until it measures.
fn started(scratch: &Scratch, arguments: &[&str]) -> Child {
    let bench = ["bench", "--threads", "1", "--kernels", "sha2", "--baselines", "none"];
    let length = ["--time", "0.1", "--samples", "3", "--warmup", "0"];
    start_until_it_says(&mut scratch.stripmine(&[&bench, &length[..], arguments].concat()))
}

#[test]
fn each_export_is_said_to_be_saved_after_it_was_and_by_itself() {
    for exports in [["gone/a.json", "b.json"], ["b.json", "gone/a.json"]] {
        let scratch = Scratch::new();
        let gone = scratch.path("gone");
        fs::create_dir(&gone).unwrap();
        let child = started(&scratch, &["--export", exports[0], "--export", exports[1]]);
        fs::remove_dir(&gone).unwrap();
        let ran =
            finish(child).ends_with_code(SYSTEM).says(&["gone/a.json: there is no directory"]);
        let said: Vec<_> = ran.out().lines().filter(|line| line.starts_with("saved")).collect();
        let [saved] = said[..] else { panic!("one of two was saved: {said:?}") };
        assert!(saved.contains("b.json"), "{saved}");
        assert!(scratch.path("b.json").exists());
    }
}

#[test]
fn all_exports_that_failed_are_named_each_with_one_reason() {
    let scratch = Scratch::new();
    let directories = ["a", "b"].map(|name| scratch.path(name));
    for directory in &directories {
        fs::create_dir(directory).unwrap();
    }
    let child = started(&scratch, &["--export", "a/r.csv", "--export", "b/r.csv"]);
    for directory in &directories {
        fs::remove_dir(directory).unwrap();
    }
    let ran = finish(child).ends_with_code(SYSTEM);
    assert!(!ran.out().contains("saved"), "{ran}");
    let named: Vec<_> = ran.err().lines().filter(|line| line.contains("r.csv: ")).collect();
    assert!(matches!(named[..], [a, b] if a.contains("a/r.csv") && b.contains("b/r.csv")), "{ran}");
}
