//! `stripmine report`: what it prints, writes and refuses, as a process.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::common::process::{Ran, Scratch, finish};
use stripmine::bench::document::Document;

fn saved(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/saved/{name}.json"))
}

/// A directory with the saved benchmarks in it.
fn scratch() -> Scratch {
    let scratch = Scratch::new();
    for name in ["small", "desktop", "server"] {
        scratch.write(format!("{name}.json"), fs::read(saved(name)).unwrap());
    }
    scratch
}

/// With a copy of the small benchmark in which one text is replaced by another.
#[track_caller]
fn scratch_with_change(from: &str, to: &str) -> Scratch {
    let text = fs::read_to_string(saved("small")).unwrap();
    assert!(text.contains(from), "{from:?} is not there");
    let scratch = scratch();
    scratch.write("changed.json", text.replacen(from, to, 1));
    scratch
}

fn document(scratch: &Scratch, name: &str) -> Document {
    Document::from_json(&scratch.read(name)).unwrap()
}

#[track_caller]
fn report(scratch: &Scratch, arguments: &[&str]) -> Ran {
    scratch.run(&[&["report"], arguments].concat())
}

#[test]
fn one_file_is_a_table_and_what_there_is_to_say() {
    let ran = report(&scratch(), &["desktop.json"]).ends_with_code(0).without_a_word();
    let ran = ran.prints(&[
        "desk 16 cores, 32 threads, 1 socket, SHA-NI AVX-512 stripmine 0.1.0 release",
        "allowed 32 CPUs; load 0.07; steal 0.0 %",
        "not pinned",
        "1 hash = SHA-256 of a 177-byte chain header (3 blocks); kernels avx512, sha-ni",
        "7 samples x 0.5 s a point, in turn; brackets are 98.4 % intervals of the median",
        "kernel avx512",
        "kernel sha-ni",
        "one thread against reference loop",
        "coordinator",
        "stop after a find",
        "proof ok: every shared segment agrees",
        "warning above 16 threads siblings share cores: judge scaling at 16",
    ]);
    let rows: Vec<_> = ran.out().lines().filter(|line| line.contains("SMT")).collect();
    assert_eq!(rows.len(), 2, "one row of each kernel is above the cores: {ran}");
    assert!(rows.iter().all(|row| row.trim_start().starts_with("32 ")), "{ran}");
    assert!(ran.out().lines().all(|line| line.chars().count() <= 100), "{ran}");
}

#[test]
fn the_whole_screen() {
    let ran = report(&scratch(), &["small.json"]).ends_with_code(0);
    insta::assert_snapshot!(ran.out());
}

#[test]
fn several_files_are_matched_by_threads() {
    let files = ["small.json", "desktop.json", "server.json"];
    let ran = report(&scratch(), &files).ends_with_code(0).without_a_word();
    insta::assert_snapshot!(ran.out());
}

#[test]
fn a_kernel_can_be_chosen() {
    let ran = report(&scratch(), &["desktop.json", "--kernel", "sha-ni"]).ends_with_code(0);
    assert!(!ran.out().contains("kernel avx512"), "{ran}");
    ran.prints(&["kernel sha-ni"]);
    let both = ["desktop.json", "small.json", "--kernel", "sha-ni"];
    let ran = report(&scratch(), &both).ends_with_code(2).prints_nothing();
    ran.says(&["small.json", "no kernel \"sha-ni\"", "avx512"]);
}

#[test]
fn what_auto_chose_is_compared_whatever_it_is() {
    let scratch = scratch();
    for (name, kernel) in [("small", "avx512"), ("desktop", "sha-ni")] {
        let text = fs::read_to_string(saved(name)).unwrap();
        let [of_point, chosen] = ["", "\n   \"auto\": true,"]
            .map(|auto| format!("\"kernel\": \"{kernel}\",{auto}\n   \"threads\""));
        assert!(text.contains(&of_point));
        scratch.write(format!("{name}.json"), text.replace(&of_point, &chosen));
    }
    let arguments = ["small.json", "desktop.json", "--kernel", "auto", "--export", "r.csv"];
    report(&scratch, &arguments).ends_with_code(0).prints(&["kernels avx512, sha-ni"]);
    let csv = String::from_utf8(scratch.read("r.csv")).unwrap();
    assert!(csv.contains("small,chain,avx512") && csv.contains("desk,chain,sha-ni"), "{csv}");
    assert!(!csv.contains("desk,chain,avx512"), "{csv}");
    let arguments = ["server.json", "--kernel", "auto"];
    report(&scratch, &arguments).ends_with_code(2).says(&["no kernel \"auto\""]);
}

#[test]
fn json_is_the_documents_one_a_line() {
    let scratch = scratch();
    let ran = report(&scratch, &["small.json", "server.json", "--output", "json"]);
    let ran = ran.ends_with_code(0).without_a_word();
    let lines: Vec<_> = ran.out().lines().collect();
    assert_eq!(lines.len(), 2);
    for (line, name) in lines.iter().zip(["small.json", "server.json"]) {
        assert_eq!(Document::from_json(line.as_bytes()).unwrap(), document(&scratch, name));
        assert!(line.starts_with("{\"schema\": 1, \"outcome\": \"done\""), "{line}");
    }
    // What was printed is read again.
    scratch.write("printed.json", ran.out());
    report(&scratch, &["printed.json"]).ends_with_code(0).prints(&["small", "server, two sockets"]);
}

#[test]
fn a_byte_order_mark_is_no_obstacle() {
    let scratch = scratch();
    let bytes = [b"\xef\xbb\xbf", &scratch.read("small.json")[..]].concat();
    scratch.write("marked.json", bytes);
    let [plain, marked] = ["small.json", "marked.json"].map(|name| report(&scratch, &[name]));
    assert_eq!(marked.ends_with_code(0).out(), plain.ends_with_code(0).out());
}

#[test]
fn standard_input_is_read_once() {
    let scratch = scratch();
    let mut command = scratch.stripmine(&["report", "-"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&scratch.read("small.json")).unwrap();
    finish(child).ends_with_code(0).prints(&["small 2 cores"]);
    report(&scratch, &["-", "-"]).ends_with_code(2).prints_nothing().says(&["only once"]);
    report(&scratch, &["-"]).ends_with_code(1).says(&["standard input", "empty"]);
}

#[test]
fn every_export_is_written_and_said() {
    let scratch = scratch();
    let names = ["r.json", "r.csv", "r.md", "r.svg", "r.html"];
    let exports = names.iter().flat_map(|name| ["--export", name]);
    let arguments: Vec<_> = ["small.json", "desktop.json"].into_iter().chain(exports).collect();
    let ran = report(&scratch, &arguments).ends_with_code(0);
    for name in names {
        assert!(!scratch.read(name).is_empty());
        let is_said = |line: &str| line.starts_with("saved ") && line.contains(name);
        assert!(ran.out().lines().any(is_said), "{name}: {ran}");
    }
    assert_eq!(scratch.snapshot().len(), 3 + names.len(), "nothing else is left");
    let documents = Document::list_from_json(&scratch.read("r.json")).unwrap();
    let expected = ["small.json", "desktop.json"].map(|name| document(&scratch, name));
    assert_eq!(documents, expected);
    assert!(scratch.read("r.csv").starts_with(b"label,workload,kernel,"));
    assert!(scratch.read("r.md").starts_with(b"# Hash rates of 2 machines\n"));
    assert!(scratch.read("r.svg").starts_with(b"<svg xmlns"));
    assert!(scratch.read("r.html").starts_with(b"<!doctype html>"));
    report(&scratch, &["r.json"]).ends_with_code(0).prints(&["small", "desk"]);
}

#[test]
fn unknown_suffixes_are_refused_first() {
    for (path, word) in [("r.txt", ".txt is not known"), ("r", "has none"), ("r.json.gz", ".gz")] {
        let scratch = scratch();
        let arguments = ["report", "missing.json", "--export", path];
        let ran = scratch.run_untouched(&arguments).ends_with_code(2).prints_nothing();
        ran.says(&[path, word, ".json, .csv, .md, .svg or .html"]);
    }
}

#[test]
fn unwritable_paths_are_refused_before_anything_is_printed() {
    let scratch = scratch();
    fs::create_dir(scratch.path("taken.svg")).unwrap();
    for (path, word) in [("missing/r.svg", "no directory"), ("taken.svg", "a directory")] {
        let arguments = ["report", "small.json", "--export", "r.csv", "--export", path];
        let ran = scratch.run_untouched(&arguments).ends_with_code(3).prints_nothing();
        ran.says(&[path, word]);
    }
}

#[test]
fn what_is_read_is_not_overwritten() {
    let scratch = scratch();
    for arguments in [
        &["report", "small.json", "--export", "small.json"][..],
        &["report", "small.json", "server.json", "--export", "./server.json"],
        &["report", "small.json", "--export", "r.csv", "--export", "r.csv"],
    ] {
        let ran = scratch.run_untouched(arguments).ends_with_code(2).prints_nothing();
        ran.says(&["would overwrite", "another file"]);
    }
}

#[test]
fn missing_files_are_the_systems_fault() {
    let scratch = scratch();
    fs::create_dir(scratch.path("directory.json")).unwrap();
    for (path, word) in [("missing.json", "No such file"), ("directory.json", "directory")] {
        let ran = report(&scratch, &["small.json", path]).ends_with_code(3).prints_nothing();
        ran.says(&[path, word]);
    }
}

#[test]
fn malformed_files_are_named_with_the_place() {
    let scratch = scratch_with_change("\"threads\": 2", "\"threads\": 0");
    let ran = report(&scratch, &["small.json", "changed.json"]).ends_with_code(1).prints_nothing();
    ran.says(&["changed.json: points[1].threads", "measure again"]);
    for (content, word) in [
        (&b"threads,rate\n"[..], "not JSON"),
        (b"[]", "not a benchmark"),
        (b"{\"schema\": 1, \"outcome\": \"valid\", \"blocks\": 4}", "not a benchmark"),
        (b"{\"schema\": 7, \"points\": []}", "7 is not known"),
        (b"", "empty"),
    ] {
        scratch.write("other.json", content);
        let ran = report(&scratch, &["other.json"]).ends_with_code(1).prints_nothing();
        ran.says(&["other.json: ", word]);
    }
}

#[cfg(unix)]
#[test]
fn no_more_is_read_than_a_benchmark_can_have() {
    report(&scratch(), &["/dev/zero"]).ends_with_code(1).says(&["/dev/zero", "64 MiB"]);
}

#[test]
fn different_headers_are_not_compared() {
    let scratch = scratch_with_change("\"first_nonce\": 10240000", "\"first_nonce\": 10240001");
    let arguments = ["report", "small.json", "changed.json", "--export", "r.svg"];
    let ran = scratch.run_untouched(&arguments).ends_with_code(2).prints_nothing();
    ran.says(&["small.json and changed.json", "different headers", "cannot be compared"]);
    report(&scratch, &["changed.json"]).ends_with_code(0);
}

#[test]
fn machines_of_one_name_are_numbered_with_a_note() {
    let scratch = scratch();
    let ran = report(&scratch, &["small.json", "small.json", "--export", "r.svg"]);
    let ran = ran.ends_with_code(0).prints(&["small (2)"]);
    ran.says(&["small.json", "here it is small (2)"]);
    assert!(String::from_utf8(scratch.read("r.svg")).unwrap().contains("small (2) (avx512)"));
}

#[test]
fn an_interrupted_run_says_so() {
    let scratch = scratch_with_change("\"outcome\": \"done\"", "\"outcome\": \"interrupted\"");
    report(&scratch, &["changed.json"])
        .ends_with_code(0)
        .prints(&["interrupted the run was stopped"]);
}

#[test]
fn texts_from_a_file_do_nothing_to_a_terminal() {
    let nasty = r"\u001b[2J\u001b]0;gone\u0007\u009b31m\u202e\u2028\n";
    for (from, to) in [
        ("\"small\"", format!("\"{nasty}\"")),
        ("Composed Virtual CPU", nasty.to_owned()),
        ("SHA-256 of", nasty.to_owned()),
        ("\"version\": \"0.1.0\"", format!("\"version\": \"{nasty}\"")),
        ("\"warnings\": []", format!("\"warnings\": [{{\"kind\": \"x\", \"text\": \"{nasty}\"}}]")),
        ("\"AVX2\"", format!("\"{nasty}\"")),
        ("\"reference\"", format!("\"{nasty}\"")),
    ] {
        let scratch = scratch_with_change(from, &to);
        for arguments in [
            &["changed.json"][..],
            &["changed.json", "server.json"],
            &["changed.json", "--output", "json"],
        ] {
            let arguments = [arguments, &["--color", "never"]].concat();
            let ran = report(&scratch, &arguments);
            for text in [ran.out(), ran.err()] {
                let is_dangerous = |it: char| (it.is_control() && it != '\n') || it == '\u{202e}';
                assert!(!text.contains(is_dangerous), "{from}: {text:?}");
            }
        }
    }
    // Nor does a malformed field, which the message names.
    let scratch =
        scratch_with_change("\"outcome\": \"done\"", &format!("\"outcome\": \"{nasty}\""));
    let ran = report(&scratch, &["changed.json", "--color", "never"]).ends_with_code(1);
    assert!(!ran.err().contains(|it: char| it.is_control() && it != '\n'), "{:?}", ran.err());
}

#[test]
fn a_report_needs_a_file() {
    report(&scratch(), &[]).ends_with_code(2).prints_nothing().says(&["FILE"]);
}

/// As some shells save what a program prints.
#[test]
fn a_saved_benchmark_in_utf_16_is_refused_as_utf_16() {
    let scratch = scratch();
    let text = format!("\u{feff}{}", fs::read_to_string(saved("small")).unwrap());
    let bytes: Vec<_> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    scratch.write("utf-16.json", bytes);
    let ran = report(&scratch, &["utf-16.json"]).ends_with_code(1).prints_nothing();
    ran.says(&["utf-16.json: this is UTF-16 text", "UTF-8"]);
}
