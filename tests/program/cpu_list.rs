//! `--cpu-list`: workers are pinned to the CPUs that are listed.
#![cfg(target_os = "linux")]

use std::fs;

use crate::common::process::Scratch;
use stripmine::bench::document::Document;

/// A benchmark of a fraction of a second.
const SHORT: [&str; 11] = [
    "bench",
    "--time",
    "0.02",
    "--samples",
    "2",
    "--warmup",
    "0",
    "--kernels",
    "sha2",
    "--baselines",
    "none",
];

#[test]
fn listed_cpus_are_used_alone_and_pinned() {
    let scratch = Scratch::new();
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap();
    let first = allowed.trim().split([',', '-']).next().unwrap();
    let arguments = ["--threads", "all", "--cpu-list", first, "--export", "r.json"];
    let ran = scratch.run(&[&SHORT[..], &arguments].concat()).ends_with_code(0);
    ran.prints(&["allowed 1 CPU", "pinned"]);
    let document = Document::from_json(&scratch.read("r.json")).unwrap();
    assert_eq!(document.environment.allowed_cpus, Some(1));
    assert!(document.points.iter().all(|point| point.threads == 1 && point.pinned));
    for command in [&["mine", "--difficulty", "1"][..], &["solve", "--prefix", "x", "--bits", "1"]]
    {
        let flags = ["--cpu-list", first, "--output", "json"];
        let ran = scratch.run(&[command, &flags].concat()).ends_with_code(0);
        assert!(ran.out().contains("\"threads\": 1"), "{ran}");
    }
}

#[test]
fn a_cpu_that_affinity_forbids_is_named() {
    let scratch = Scratch::new();
    let forbidden = ["--cpu-list", "0-1000:1000"];
    for command in [&["bench"][..], &["mine"], &["solve", "--prefix", "x"]] {
        let ran = scratch.run(&[command, &forbidden].concat()).ends_with_code(2);
        ran.prints_nothing().says(&["--cpu-list <LIST>", "CPU 1000 may not be used", "allows 0"]);
    }
    for list in ["", "1-", "0-3:0", "x"] {
        let ran = scratch.run(&["bench", "--cpu-list", list]).ends_with_code(2);
        ran.says(&["numbers of CPUs are needed"]);
    }
}
