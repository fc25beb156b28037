//! `bench --each-cpu` and `--sustain`: what they measure, save and show.
#![cfg(target_os = "linux")]

use std::slice::from_ref;

use crate::common::process::Scratch;
use crate::saved::{read, value};
use crate::webdriver::Browser;
use serde_json::{Value, json};
use stripmine::bench::document::Document;
use stripmine::bench::export::{FileFormat, render};

#[test]
fn every_cpu_is_measured_alone_and_all_of_them_for_long() {
    let scratch = Scratch::new();
    let measured = ["bench", "--threads", "1,all", "--kernels", "sha2", "--baselines", "none"];
    let length = ["--time", "0.05", "--samples", "2", "--warmup", "0", "--export", "r.json"];
    let further = ["--pin", "--each-cpu", "--sustain", "1"];
    let ran = scratch.run(&[&measured[..], &length, &further].concat()).ends_with_code(0);
    ran.prints(&["each CPU alone", "CPUs that are alike", "sustained", "second by second"]);
    let document = Document::from_json(&scratch.read("r.json")).unwrap();
    let each = document.each_cpu.unwrap();
    assert_eq!(Some(each.cpus.len()), document.environment.allowed_cpus);
    assert!(each.cpus.iter().all(|cpu| cpu.samples.len() == 2 && cpu.hashes_per_s.median > 0.0));
    let of_clusters: usize = each.clusters.iter().map(|cluster| cluster.cpus.len()).sum();
    assert_eq!(of_clusters, each.cpus.len());
    assert!(document.points.iter().all(|point| point.efficiency_of_cpus.is_some()));
    let run = document.sustained.unwrap();
    assert_eq!(run.threads, document.points.last().unwrap().threads);
    assert!(!run.seconds.is_empty() && run.settled_hashes_per_s > 0.0);
    assert!(document.proof.ok);
}

/// The small benchmark, with a fast core of two CPUs and a slow one, and ten seconds of a long run.
fn further() -> Value {
    let mut document = value("small");
    let cpu = |cpu: u16, core: u16, hashes: u64| {
        let sample = |round| {
            json!({
                "round": round, "elapsed_s": 0.2, "hashes": hashes + round, "hashes_per_s": 1.0
            })
        };
        let samples: Vec<_> = (0..6).map(sample).collect();
        let wrong = json!({ "median": 1.0, "low": 1.0, "high": 1.0 });
        json!({ "cpu": cpu, "core": core, "hashes_per_s": wrong, "samples": samples })
    };
    let cpus = [cpu(0, 0, 4_000_000), cpu(2, 2, 2_000_000), cpu(1, 0, 4_000_000)];
    document["each_cpu"] = json!({ "kernel": "avx512", "cpus": cpus });
    let second = |at: u64| {
        json!({
            "at_s": at, "elapsed_s": 1.0, "hashes": 50_000_000 - at, "hashes_per_s": 1.0
        })
    };
    document["sustained"] = json!({
        "kernel": "avx512",
        "threads": 2,
        "start_hashes_per_s": 1.0,
        "settled_hashes_per_s": 1.0,
        "seconds": (0..10).map(second).collect::<Vec<_>>()
    });
    document
}

#[test]
fn single_cpus_and_the_long_run_are_in_every_format() {
    let document = read(&further()).unwrap();
    let text = |format| String::from_utf8(render(format, from_ref(&document), None)).unwrap();
    let csv = text(FileFormat::Csv);
    let rows = |end: &str| csv.lines().filter(|line| line.ends_with(end)).count();
    assert_eq!([",2,", ",1,"].map(rows), [6, 6], "a row for each sample of a CPU");
    assert!(csv.lines().last().unwrap().ends_with(",,9"), "{csv}");
    let markdown = text(FileFormat::Markdown);
    for line in ["| faster core |  |  | 0 | 1 | 20.00", "| slower core |  |  | 2 | 2 | 10.00"] {
        assert!(markdown.contains(line), "{line}: {markdown}");
    }
    assert!(markdown.contains("██ ▄"), "siblings stand side by side: {markdown}");
    for format in [FileFormat::Svg, FileFormat::Html] {
        let picture = text(format);
        for mark in ["data-cpu=\"1\" data-core=\"0\"", "sibling of 0", "settles at 50.0 MH/s"] {
            assert!(picture.contains(mark), "{mark} is not in {format:?}");
        }
    }
}

#[test]
fn single_cpus_and_seconds_that_cannot_be_are_refused() {
    for (pointer, wrong, words) in [
        ("/each_cpu/cpus/1/cpu", json!(0), "CPU 0 a second time"),
        ("/each_cpu/cpus/1/samples", json!([]), "each_cpu.cpus[1].samples"),
        ("/sustained/seconds", json!([]), "sustained.seconds"),
        ("/sustained/seconds/3/hashes", json!(0), "sustained.seconds[3].hashes"),
        ("/sustained/threads", json!(0), "sustained.threads"),
    ] {
        let mut document = further();
        *document.pointer_mut(pointer).unwrap() = wrong;
        let error = read(&document).unwrap_err().to_string();
        assert!(error.contains(words), "{pointer}: {error}");
    }
}

#[test]
fn every_bar_in_the_page_is_as_high_as_its_rate_and_shows_it_under_the_focus() {
    let Some(browser) = Browser::start() else { return };
    let scratch = Scratch::new();
    let document = read(&further()).unwrap();
    scratch.write("page.html", render(FileFormat::Html, from_ref(&document), None));
    browser.open(&scratch.path("page.html"), 1400, 1200);
    let bars = browser.run(
        "return [...document.querySelectorAll('.mark[data-panel=cpus]')].map(mark => {
           mark.focus();
           const text = document.getElementById('tooltip').innerText;
           return [mark.querySelector('.bar-of-cpu').getBBox().height, text];
         })",
    );
    let bars: Vec<(f64, String)> = serde_json::from_value(bars).unwrap();
    let [(first, sibling), (second, _), (slow, slower)] = &bars[..] else { panic!("{bars:?}") };
    assert!((first - second).abs() < 0.1 && (first - 2.0 * slow).abs() < 0.1, "{bars:?}");
    assert!(sibling.contains("CPU 0, faster core\n") && sibling.contains("20.0"), "{sibling}");
    assert!(slower.contains("CPU 2, slower core\n") && slower.contains("10.0"), "{slower}");
}
