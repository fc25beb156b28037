//! Where the threads went: the account as it is measured, saved, read back and shown.

use crate::common::process::{Scratch, finish};
use crate::common::python::python;
use crate::saved::{read, saved, saved_bytes, value};
use crate::webdriver::Browser;
use serde_json::{Value, json};
use stripmine::bench::document::Document;
use stripmine::bench::export::{FileFormat, render};

const RECOMPUTE: &str = include_str!("../common/account.py");

/// A benchmark of a fraction of a second.
const SHORT: [&str; 11] = [
    "bench",
    "--time",
    "0.05",
    "--samples",
    "3",
    "--warmup",
    "0",
    "--kernels",
    "sha2",
    "--baselines",
    "none",
];

/// A directory with the saved benchmark that has what an account is made of.
fn scratch() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("desktop.json", saved_bytes("desktop"));
    scratch
}

/// How many accounts in a file are those that Python computes from its raw times and clocks.
fn recomputed_by_python(scratch: &Scratch, name: &str) -> Option<usize> {
    let path = scratch.path(name);
    let child = python(&["-c", RECOMPUTE, path.to_str().unwrap()])?;
    let ran = finish(child).ends_with_code(0);
    Some(ran.out().trim().parse().unwrap())
}

#[test]
fn python_computes_the_same_accounts_from_the_raw_times_and_clocks_of_a_file() {
    let scratch = scratch();
    scratch.run(&["report", "desktop.json", "--export", "read.json"]).ends_with_code(0);
    let Some(compared) = recomputed_by_python(&scratch, "read.json") else { return };
    assert_eq!(compared, 2 * 6 * 7, "two kernels, six numbers of threads, seven samples");
}

#[test]
fn python_computes_the_same_accounts_from_what_a_run_has_just_measured() {
    let scratch = Scratch::new();
    let arguments = ["--threads", "1,2,3", "--export", "run.json"];
    let ran = scratch.run(&[&SHORT[..], &arguments].concat()).ends_with_code(0);
    ran.prints(&["where the threads went", "threads reached lost"]);
    let document = Document::from_json(&scratch.read("run.json")).unwrap();
    let has_clock =
        cfg!(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")));
    assert!(document.points.iter().all(|point| point.clock_ghz.is_some() == has_clock));
    let Some(compared) = recomputed_by_python(&scratch, "run.json") else { return };
    assert_eq!(compared, 3 * 3, "three numbers of threads, three samples");
}

#[test]
fn an_account_is_computed_from_the_readings_whatever_the_file_says_of_it() {
    let mut document: Value = serde_json::from_str(&saved("desktop").to_json()).unwrap();
    let sample = &mut document["points"][3]["samples"][2];
    assert!(sample["account"]["reached"].as_f64().unwrap() > 7.0);
    sample["account"]["reached"] = json!(1.0);
    assert_eq!(read(&document).unwrap(), saved("desktop"));
    document["points"][3]["account"] = json!(null);
    assert_eq!(read(&document).unwrap(), saved("desktop"));
}

#[test]
fn readings_that_do_not_fit_the_workers_are_refused_with_their_place() {
    for (field, replacement, words) in [
        ("on_cpu_s", json!([0.5, 0.5]), &["2 workers, but the point has 1"][..]),
        ("waited_s", json!([]), &["0 workers"]),
        ("clock_hz", json!([-4e9]), &["-4000000000 is below 0"]),
        ("stopped_after_s", json!([-0.5]), &["-0.5 is below 0"]),
        ("throttled_s", json!(-1.0), &["-1 is below 0"]),
    ] {
        let mut changed = value("desktop");
        changed["points"][0]["samples"][1]["times"][field] = replacement;
        let error = read(&changed).unwrap_err().to_string();
        let place = format!("points[0].samples[1].times.{field}");
        for word in [&[place.as_str()], words].concat() {
            assert!(error.contains(word), "{word:?} is missing: {error}");
        }
    }
}

#[test]
fn without_one_thread_there_is_a_hint_instead() {
    let scratch = Scratch::new();
    let mut without = value("desktop");
    without["points"].as_array_mut().unwrap().retain(|point| point["threads"] != 1);
    scratch.write("without.json", without.to_string());
    let ran = scratch.run(&["report", "without.json"]).ends_with_code(0);
    ran.prints(&["where the threads went", "one thread was not measured", "--threads"]);
}

#[test]
fn a_file_from_before_accounts_shows_none() {
    let documents = [saved("small")];
    for format in [FileFormat::Markdown, FileFormat::Svg, FileFormat::Html] {
        let text = String::from_utf8(render(format, &documents, None)).unwrap();
        assert!(!text.contains("Where the threads went"), "{format:?}");
        assert!(!text.contains("cycles a hash"), "{format:?}");
    }
}

#[test]
fn tables_and_pictures_show_the_parts_and_name_them() {
    let documents = [saved("desktop")];
    for format in [FileFormat::Markdown, FileFormat::Svg, FileFormat::Html] {
        let text = String::from_utf8(render(format, &documents, None)).unwrap();
        for word in ["Where the threads went", "reached", "lower clock", "fewer hashes per cycle"] {
            assert!(text.contains(word), "{format:?}: {word:?}");
        }
    }
}

#[test]
fn every_stack_in_the_page_is_as_high_as_its_parts_and_shows_them_under_the_focus() {
    let Some(browser) = Browser::start() else { return };
    let scratch = Scratch::new();
    let page = render(FileFormat::Html, &[saved("desktop")], None);
    scratch.write("page.html", page);
    browser.open(&scratch.path("page.html"), 1400, 1200);
    let stacks = browser.run(
        "return [...document.querySelectorAll('.mark[data-panel=account]')].map(mark => {
           const high = (all) => all.reduce((sum, it) => sum + it.getBBox().height, 0);
           const outline = mark.querySelector('.outline').getBBox().height;
           mark.focus();
           const text = document.getElementById('tooltip').innerText;
           return [outline, high([...mark.querySelectorAll('.part')]), text];
         })",
    );
    let stacks: Vec<(f64, f64, String)> = serde_json::from_value(stacks).unwrap();
    assert_eq!(stacks.len(), 12, "two kernels at six numbers of threads");
    for (outline, parts, text) in stacks {
        assert!(outline > 100.0 && (outline - parts).abs() < 0.5, "{outline} {parts}");
        for word in ["thread", "waiting for a CPU", "idle at the end", "reached", "["] {
            assert!(text.contains(word), "{word:?} is missing: {text}");
        }
    }
}
