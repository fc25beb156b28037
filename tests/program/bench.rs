//! `stripmine bench`: what it measures, saves, compares and refuses, as a process.

use std::fs;
use std::path::Path;

use crate::common::process::{Ran, Scratch};
use stripmine::bench::document::{Document, Ending, Point, Verdict};
use stripmine::bench::statistics::median;

const REFUSED: i32 = 1;
const USAGE: i32 = 2;
const SYSTEM: i32 = 3;

/// A benchmark of a fraction of a second.
const SHORT: [&str; 10] = [
    "--time",
    "0.02",
    "--samples",
    "3",
    "--warmup",
    "0",
    "--kernels",
    "sha2,portable",
    "--baselines",
    "reference,sha2",
];

#[track_caller]
fn bench(scratch: &Scratch, arguments: &[&str]) -> Ran {
    scratch.run(&[&["bench"][..], &SHORT, arguments].concat())
}

fn saved(scratch: &Scratch, name: &str) -> Document {
    Document::from_json(&scratch.read(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A short benchmark of one thread, saved as `saved.json`.
fn scratch_with_saved() -> Scratch {
    let scratch = Scratch::new();
    bench(&scratch, &["--threads", "1", "--export", "saved.json"]).ends_with_code(0);
    scratch
}

#[test]
fn every_export_has_the_run_in_it_and_so_has_the_json() {
    let scratch = Scratch::new();
    let exports = ["r.json", "r.csv", "r.md", "r.svg", "r.html"];
    let flags = exports.iter().flat_map(|export| ["--export", export]);
    let arguments = ["--threads", "1,2", "--label", "here", "--output", "json"];
    let ran = bench(&scratch, &arguments.into_iter().chain(flags).collect::<Vec<_>>());
    let ran = ran.ends_with_code(0);
    let document = saved(&scratch, "r.json");
    assert_eq!(Document::from_json(&ran.stdout).unwrap(), document);
    assert_eq!((document.outcome, document.label.as_str()), (Ending::Done, "here"));
    let points: Vec<_> = document.points.iter().map(|p| (p.kernel.as_str(), p.threads)).collect();
    assert_eq!(points, [("sha2", 1), ("sha2", 2), ("portable", 1), ("portable", 2)]);
    assert!(document.proof.ok && document.proof.nonces_hashed_again > 0);
    let samples = 3 * (points.len() + document.baselines.len());
    let csv = String::from_utf8(scratch.read("r.csv")).unwrap();
    assert_eq!(csv.lines().count(), 1 + samples);
    for name in ["r.md", "r.svg", "r.html"] {
        let text = String::from_utf8(scratch.read(name)).unwrap();
        assert!(text.contains("165-byte chain header"), "{name}");
    }
    scratch.run(&["report", "r.json"]).ends_with_code(0).prints(&["here", "sha2", "portable"]);
}

/// What the schema says is said of a run, not of the recorded ones alone.
#[test]
fn a_run_fits_the_schema_of_saved_files() {
    let scratch = scratch_with_saved();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/bench.schema.json");
    let schema = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let mut compiler = boon::Compiler::new();
    compiler.add_resource("bench.json", schema).unwrap();
    let mut schemas = boon::Schemas::new();
    let index = compiler.compile("bench.json", &mut schemas).unwrap();
    let run = serde_json::from_slice(&scratch.read("saved.json")).unwrap();
    schemas.validate(&run, index).unwrap_or_else(|error| panic!("{error}"));
}

fn assert_adds_up(point: &Point) {
    let hashes = point.samples.iter().map(|sample| sample.hashes).sum::<u64>();
    assert_eq!(hashes, point.hashes);
    assert_eq!(point.workers.iter().map(|worker| worker.hashes).sum::<u64>(), hashes);
    let rates: f64 = point.workers.iter().map(|worker| worker.hashes_per_s).sum();
    assert!((rates * point.elapsed_s / hashes as f64 - 1.0).abs() < 1e-9);
    let rates = point.samples.iter().map(|it| it.hashes as f64 / it.elapsed_s).collect::<Vec<_>>();
    assert!((median(&rates).unwrap() / point.hashes_per_s.median - 1.0).abs() < 1e-9);
}

#[test]
fn every_figure_can_be_worked_out_again_from_the_samples() {
    let scratch = Scratch::new();
    bench(&scratch, &["--threads", "1,2", "--export", "r.json"]).ends_with_code(0);
    let document = saved(&scratch, "r.json");
    document.points.iter().for_each(assert_adds_up);
    for point in &document.points {
        let alone = document.point(&point.kernel, 1).unwrap().rates();
        let ratios: Vec<f64> = point.rates().iter().zip(alone).map(|(n, one)| n / one).collect();
        let speedup = median(&ratios).unwrap();
        assert!((point.speedup.unwrap().median - speedup).abs() < 1e-9);
        let efficiency = speedup / point.threads as f64;
        assert!((point.efficiency.unwrap().median - efficiency).abs() < 1e-9);
    }
    for baseline in &document.baselines {
        for speedup in &baseline.speedups {
            let alone = document.point(&speedup.kernel, 1).unwrap().rates();
            let ratios = baseline.samples.iter().zip(alone).map(|(it, one)| one / it.hashes_per_s);
            let expected = median(&ratios.collect::<Vec<_>>()).unwrap();
            assert!((speedup.speedup.median - expected).abs() < 1e-9 * expected);
        }
    }
    let separate = &document.coordinator.as_ref().unwrap().separate;
    let shared = document.point("sha2", 2).unwrap().rates();
    let costs = shared.iter().zip(separate).map(|(shared, it)| 1.0 - shared / it.hashes_per_s);
    let overhead = median(&costs.collect::<Vec<_>>()).unwrap();
    assert!((document.coordinator.unwrap().overhead.median - overhead).abs() < 1e-9);
}

#[test]
fn the_screen_says_what_was_measured_and_proved() {
    let ran = bench(&Scratch::new(), &["--threads", "1,2", "--label", "here"]).ends_with_code(0);
    let ran = ran.says(&["4 points, 3 samples of each: about", "sha2, 1 thread: "]);
    ran.prints(&[
        "1 hash = SHA-256 of a 165-byte chain header (3 blocks)",
        "brackets are the range of the samples",
        "one thread against",
        "coordinator",
        "stop after a find",
        "proof",
    ]);
}

#[test]
fn a_quiet_run_says_nothing_on_standard_error() {
    let ran = bench(&Scratch::new(), &["--threads", "1", "--quiet", "--output", "json"]);
    ran.ends_with_code(0).without_a_word();
}

#[test]
fn more_threads_than_cpus_are_measured_with_a_warning() {
    let scratch = Scratch::new();
    let threads = (2 * std::thread::available_parallelism().unwrap().get()).min(1_024).to_string();
    bench(&scratch, &["--threads", &threads, "--export", "r.json"]).ends_with_code(0);
    let warnings = saved(&scratch, "r.json").warnings;
    assert!(warnings.iter().any(|warning| warning.kind == "more-threads-than-cpus"));
}

#[test]
fn every_workload_is_measured_and_named() {
    for (workload, one_hash) in
        [("bitcoin", "80-byte Bitcoin header"), ("text", "29-byte text (1 block)")]
    {
        let scratch = Scratch::new();
        let arguments = ["--threads", "1", "--workload", workload, "--export", "r.json"];
        bench(&scratch, &arguments).ends_with_code(0).prints(&[one_hash]);
        let document = saved(&scratch, "r.json");
        assert_eq!(document.workload.name, workload);
        assert_eq!(document.baselines.len(), 2);
    }
}

/// The saved run, as if its points had been measured on a faster machine. Its figures stay those of
/// the slower one: they are computed anew when it is read.
fn scaled(mut document: Document, factor: f64) -> Document {
    for sample in document.points.iter_mut().flat_map(|point| &mut point.samples) {
        sample.elapsed_s /= factor;
    }
    document
}

#[test]
fn a_run_far_slower_than_a_saved_one_fails_and_a_faster_one_does_not() {
    let scratch = scratch_with_saved();
    let compare = |factor, arguments: &[&str]| {
        scratch.write("other.json", scaled(saved(&scratch, "saved.json"), factor).to_json());
        let fixed = ["--threads", "1", "--compare", "other.json", "--export", "r.json"];
        bench(&scratch, &[&fixed, arguments].concat())
    };
    let verdicts = || {
        let comparison = saved(&scratch, "r.json").comparison.unwrap();
        comparison.points.iter().map(|point| point.verdict).collect::<Vec<_>>()
    };
    let slower = compare(1000.0, &["--max-slowdown", "50"]).ends_with_code(REFUSED);
    slower.prints(&["slower"]).says(&["sha2 at 1 thread is slower than allowed"]);
    assert_eq!(verdicts(), [Verdict::Slower; 2]);
    compare(0.001, &[]).ends_with_code(0).prints(&["faster"]);
    assert_eq!(verdicts(), [Verdict::Faster; 2]);
    compare(1000.0, &["--max-slowdown", "99.99"]).ends_with_code(0).prints(&["slower"]);
}

#[test]
fn what_cannot_be_compared_is_refused_before_anything_is_measured() {
    let scratch = scratch_with_saved();
    let refused = |arguments: &[&str], code, words: &[&str]| {
        let ran = bench(&scratch, arguments).ends_with_code(code).prints_nothing();
        assert!(!ran.err().contains("samples of each"), "{ran}");
        ran.says(words);
    };
    let compare = ["--threads", "1", "--compare"];
    let with = |rest: &[&'static str]| [&compare, rest].concat();
    refused(
        &with(&["saved.json", "--workload", "bitcoin"]),
        USAGE,
        &["saved.json", "80-byte Bitcoin header", "--workload chain"],
    );
    refused(&["--threads", "3", "--compare", "saved.json"], USAGE, &["sha2 at 1", "--threads"]);
    refused(&with(&["missing.json"]), SYSTEM, &["missing.json"]);
    scratch.write("text.json", "not JSON");
    refused(&with(&["text.json"]), REFUSED, &["text.json", "JSON"]);
    scratch.write("mined.json", r#"{"schema": 1, "outcome": "found", "block": {}, "report": {}}"#);
    refused(&with(&["mined.json"]), REFUSED, &["mined.json"]);
}

#[test]
fn exports_that_cannot_be_written_are_refused_before_anything_is_measured() {
    let scratch = Scratch::with_chain(1);
    for (export, code, words) in [
        ("r.txt", USAGE, vec!["r.txt", ".json", ".csv", ".md", ".svg", ".html"]),
        ("r", USAGE, vec![".json"]),
        ("missing/r.json", SYSTEM, vec!["missing/r.json"]),
        (".", USAGE, vec![".json"]),
    ] {
        let arguments = [&["bench"][..], &SHORT, &["--threads", "1", "--export", export]].concat();
        let ran = scratch.run_untouched(&arguments).ends_with_code(code).prints_nothing();
        assert!(!ran.err().contains("samples of each"), "{ran}");
        ran.says(&words);
    }
    let twice = ["--threads", "1", "--export", "r.json", "--export", "r.json"];
    bench(&scratch, &twice).ends_with_code(USAGE).says(&["r.json", "overwrite"]);
}

#[test]
fn impossible_numbers_are_refused_with_what_is_possible() {
    for (arguments, words) in [
        (["--threads", "0"], ["\"0\"", "1 to 1024"]),
        (["--threads", "1025"], ["1025", "1 to 1024"]),
        (["--threads", "4-2"], ["4-2", "ends before it begins"]),
        (["--threads", "1,"], ["\"\"", "1 to 1024"]),
        (["--time", "0"], ["--time", "0.01 to 3600"]),
        (["--time", "-1"], ["--time", "0.01 to 3600"]),
        (["--time", "nan"], ["--time", "0.01 to 3600"]),
        (["--samples", "0"], ["--samples", "1 to 1000"]),
        (["--samples", "-7"], ["--samples", "1 to 1000"]),
        (["--warmup", "-0.1"], ["--warmup", "0 to 3600"]),
        (["--kernels", "gpu"], ["gpu", "avx512"]),
        (["--baselines", "perl"], ["perl", "reference, sha2, python, or none"]),
        (["--label", " "], ["--label", "a name is needed"]),
        (["--kernels", "sha2,all"], ["\"all\"", "auto, or all alone"]),
        (["--workload", "litecoin"], ["litecoin", "bitcoin"]),
        (["--max-slowdown", "5"], ["--max-slowdown", "--compare"]),
    ] {
        let ran = Scratch::new().run_untouched(&[&["bench"][..], &arguments].concat());
        ran.ends_with_code(USAGE).prints_nothing().says(&words);
    }
}

#[test]
fn a_baseline_that_is_not_there_is_said_when_it_was_asked_for() {
    let scratch = Scratch::new();
    let mut command = scratch.stripmine(&["bench", "--threads", "1", "--baselines", "python"]);
    command.env("PATH", scratch.directory());
    crate::common::process::run(&mut command)
        .ends_with_code(SYSTEM)
        .says(&["cannot run python3", "leave the baseline python out"]);
}

#[test]
fn without_python_the_other_baselines_are_measured() {
    let scratch = Scratch::new();
    let arguments = ["bench", "--threads", "1", "--time", "0.02", "--samples", "1"];
    let mut command = scratch.stripmine(&[&arguments[..], &["--export", "r.json"]].concat());
    command.env("PATH", scratch.directory());
    crate::common::process::run(&mut command).ends_with_code(0);
    let baselines = saved(&scratch, "r.json").baselines;
    let names: Vec<&str> = baselines.iter().map(|baseline| baseline.name.as_str()).collect();
    assert_eq!(names, ["reference", "sha2"]);
}

#[cfg(unix)]
#[test]
fn a_signal_leaves_what_was_measured_and_its_exit_code() {
    use crate::common::process::{finish, send, start_until_it_says, wait_until};
    use crate::common::side_by_side;
    use std::time::Duration;
    side_by_side([("INT", 130), ("TERM", 143)], |(signal, code)| {
        let scratch = Scratch::new();
        let arguments = ["bench", "--kernels", "sha2", "--threads", "1,2", "--baselines", "none"];
        let long = ["--time", "0.1", "--samples", "900", "--warmup", "0", "--export", "r.json"];
        // It says so when it begins to measure.
        let child = start_until_it_says(&mut scratch.stripmine(&[&arguments[..], &long].concat()));
        std::thread::sleep(Duration::from_secs(1));
        send(signal, &child);
        finish(child).ends_with_code(code);
        assert!(wait_until(|| scratch.path("r.json").exists()));
        let document = saved(&scratch, "r.json");
        assert_eq!(document.outcome, Ending::Interrupted);
        assert!(!document.points.is_empty() && document.proof.ok);
        document.points.iter().for_each(assert_adds_up);
    });
}
