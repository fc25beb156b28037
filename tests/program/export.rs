//! What exported files hold, and how they are written.

use std::fs;
use std::path::Path;

use crate::saved::{compared, every_saved, read, saved, value};
use serde_json::json;
use stripmine::bench::document::{Document, Sample};
use stripmine::bench::export::{ExportError, FileFormat, check_writable, render, write_atomically};

fn text_of(format: FileFormat, documents: &[Document]) -> String {
    String::from_utf8(render(format, documents, None)).unwrap()
}

#[test]
fn an_interrupted_run_may_have_no_points() {
    let mut cut_short = value("small");
    cut_short["outcome"] = json!("interrupted");
    for field in ["points", "baselines"] {
        cut_short[field] = json!([]);
    }
    for field in ["coordinator", "stop"] {
        cut_short.as_object_mut().unwrap().remove(field);
    }
    let document = read(&cut_short).unwrap();
    for format in
        [FileFormat::Json, FileFormat::Csv, FileFormat::Markdown, FileFormat::Svg, FileFormat::Html]
    {
        assert!(!render(format, std::slice::from_ref(&document), None).is_empty());
    }
    assert!(text_of(FileFormat::Svg, &[document]).contains("no point was measured"));
}

#[test]
fn a_comparison_is_in_the_tables_with_its_doubts() {
    let document = read(&compared()).unwrap();
    assert_eq!(Document::from_json(document.to_json().as_bytes()).unwrap(), document);
    let markdown = text_of(FileFormat::Markdown, std::slice::from_ref(&document));
    assert!(markdown.contains("## Against &lt;before&gt;"), "{markdown}");
    assert!(markdown.contains("| avx512 | slower than allowed | 2 | 0.900 x [0.850, 0.920] |"));
    assert!(markdown.contains("the earlier run had \\| another CPU"), "{markdown}");
    let page = text_of(FileFormat::Html, &[document]);
    for text in ["Against &lt;before&gt;", "slower than allowed", "the earlier run had | another"] {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn suffixes_name_formats() {
    for (path, format) in [
        ("a.json", FileFormat::Json),
        ("a/b.c.csv", FileFormat::Csv),
        ("a.MD", FileFormat::Markdown),
        ("a.svg", FileFormat::Svg),
        ("a.Html", FileFormat::Html),
    ] {
        assert_eq!(FileFormat::from_path(Path::new(path)), Ok(format), "{path}");
    }
    for (path, word) in [("a.txt", ".txt"), ("a", "has none"), (".json", "has none")] {
        let error = FileFormat::from_path(Path::new(path)).unwrap_err().to_string();
        assert!(error.contains(word), "{path}: {error}");
        for known in [".json", ".csv", ".md", ".svg", ".html"] {
            assert!(error.contains(known), "{known} is missing: {error}");
        }
    }
}

#[test]
fn csv_has_every_sample() {
    let documents = every_saved();
    let bytes = render(FileFormat::Csv, &documents, None);
    let mut reader = csv::Reader::from_reader(&bytes[..]);
    let headings = reader.headers().unwrap().clone();
    let expected = "label,workload,kernel,baseline,threads,pinned,round,hashes,elapsed_s,\
                    hashes_per_s,sum,cycles_per_hash,clock_ghz,reached,waiting_for_cpu,throttled,\
                    off_cpu,idle,lower_clock,less_per_cycle,cpu,sustained_at_s";
    assert_eq!(headings.iter().collect::<Vec<_>>().join(","), expected);
    let mut rows = reader.records().map(Result::unwrap);
    for document in &documents {
        for point in &document.points {
            for sample in &point.samples {
                let row = rows.next().unwrap();
                assert_eq!(&row[0], document.label);
                assert_eq!(&row[1], document.workload.name);
                assert_eq!((&row[2], &row[3]), (&*point.kernel, ""));
                assert_eq!(row[4].parse(), Ok(point.threads));
                assert_eq!(row[5].parse(), Ok(point.pinned));
                assert_eq!(row[6].parse(), Ok(sample.round));
                assert_eq!(row[7].parse(), Ok(sample.hashes));
                assert_eq!(row[8].parse(), Ok(sample.elapsed_s));
                assert_eq!(row[9].parse(), Ok(sample.hashes_per_s));
                assert_eq!(row[10].parse(), Ok(sample.sum));
                assert_has_account(&row, sample, point.threads);
            }
        }
        for baseline in &document.baselines {
            for sample in &baseline.samples {
                let row = rows.next().unwrap();
                assert_eq!((&row[2], &row[3]), ("", &*baseline.name));
                assert_eq!((&row[4], &row[5], &row[10]), ("1", "", ""));
                assert_eq!(row[9].parse(), Ok(sample.hashes_per_s));
                assert!(row.iter().skip(11).all(str::is_empty), "a baseline has no account");
            }
        }
    }
    assert!(rows.next().is_none());
}

/// Nine columns: empty, or figures of which the parts add up to the threads. The two after them are
/// for other rows.
#[track_caller]
fn assert_has_account(row: &csv::StringRecord, sample: &Sample, threads: usize) {
    let figures: Vec<&str> = row.iter().skip(11).take(9).collect();
    assert!(row.iter().skip(20).eq(["", ""]), "{row:?}");
    let Some(account) = sample.account else {
        return assert!(figures.iter().all(|cell| cell.is_empty()), "{figures:?}");
    };
    assert_eq!(figures[1].parse().ok(), sample.clock_ghz());
    assert_eq!(figures[2].parse(), Ok(account.reached));
    assert_eq!(figures[8].parse(), Ok(account.less_per_cycle));
    let parts = figures[2..].iter().filter(|cell| !cell.is_empty());
    let sum: f64 = parts.map(|cell| cell.parse::<f64>().unwrap()).sum();
    assert!((sum - threads as f64).abs() < 1e-9, "{sum} of {threads} threads");
}

/// Everything that could end a cell, a line, an element, an attribute, or reach a terminal.
const NASTY: &str =
    "a|b,\"c\"\n</title><script>alert(1)</script>&amp;\u{1b}[2J\u{0}{{script}}'<!--]]>";

fn nasty() -> Document {
    let mut document = saved("small");
    document.label = NASTY.into();
    document.workload.one_hash = NASTY.into();
    document.environment.cpu_model = Some(NASTY.to_owned());
    for point in &mut document.points {
        point.kernel = NASTY.into();
    }
    document.baselines[0].what = NASTY.into();
    document.warnings.push(stripmine::bench::document::Warning {
        kind: "nasty".to_owned(),
        text: NASTY.to_owned(),
    });
    document
}

#[test]
fn labels_do_not_leave_their_cell() {
    let bytes = render(FileFormat::Csv, &[nasty()], None);
    let mut reader = csv::Reader::from_reader(&bytes[..]);
    let escapes = [("\n", "\\u{a}"), ("\u{1b}", "\\u{1b}"), ("\0", "\\u{0}")];
    let shown = escapes.iter().fold(NASTY.to_owned(), |text, (raw, it)| text.replace(raw, it));
    assert!(reader.records().all(|row| row.unwrap()[0] == shown));

    let markdown = text_of(FileFormat::Markdown, &[nasty()]);
    assert!(!markdown.contains('<') && !markdown.contains('\u{1b}') && !markdown.contains('\0'));
    let is_table = |line: &&str| line.starts_with('|');
    for line in markdown.lines().filter(is_table) {
        let bars = line.replace("\\|", "").matches('|').count();
        assert!(matches!(bars, 3 | 6), "{line}");
    }
}

#[test]
fn no_cell_is_a_formula() {
    let mut document = saved("small");
    document.label = "=HYPERLINK(1)".to_owned();
    document.workload.name = "@SUM(A1)".to_owned();
    document.points[0].kernel = "-1+1".to_owned();
    document.baselines[0].name = "+1+1".to_owned();
    let bytes = render(FileFormat::Csv, &[document], None);
    for row in csv::Reader::from_reader(&bytes[..]).records() {
        for cell in &row.unwrap() {
            let is_number = cell.parse::<f64>().is_ok();
            assert!(is_number || !cell.starts_with(['=', '+', '-', '@']), "{cell}");
        }
    }
}

#[test]
fn what_hides_or_turns_text_is_written_out_in_every_format() {
    let hidden: String = ['\u{61c}', '\u{200b}', '\u{200e}', '\u{200f}', '\u{202e}', '\u{2060}']
        .into_iter()
        .chain(['\u{2065}', '\u{2066}', '\u{feff}'])
        .collect();
    let mut document = saved("small");
    document.label = format!("a{hidden}b");
    document.environment.cpu_model = Some(hidden.clone());
    document.points[0].kernel = hidden.clone();
    for format in
        [FileFormat::Json, FileFormat::Csv, FileFormat::Markdown, FileFormat::Svg, FileFormat::Html]
    {
        let text = text_of(format, std::slice::from_ref(&document));
        assert!(!text.contains(|it| hidden.contains(it)), "{format:?}");
        if format == FileFormat::Json {
            let read = Document::from_json(text.as_bytes()).unwrap();
            assert_eq!(read.label, document.label, "what was measured keeps its name");
        } else {
            assert!(text.contains("a\\u{61c}\\u{200b}\\u{200e}"), "{format:?}");
        }
    }
}

#[test]
fn markup_in_labels_is_text() {
    for format in [FileFormat::Svg, FileFormat::Html] {
        let text = text_of(format, &[nasty()]);
        assert!(!text.contains("<script>alert") && !text.contains("<!--"), "{format:?}");
        assert!(text.chars().all(|it| it == '\n' || !it.is_control()), "{format:?}");
        assert!(text.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{format:?}");
    }
    assert_eq!(text_of(FileFormat::Html, &[nasty()]).matches("<script").count(), 1);
}

#[test]
fn pictures_and_pages_ask_for_nothing() {
    for documents in [vec![saved("desktop")], every_saved()] {
        let svg = text_of(FileFormat::Svg, &documents);
        let bare = svg.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
        let page = text_of(FileFormat::Html, &documents);
        for text in [bare, page] {
            for word in ["http:", "https:", "url(", "@import", "src=", "href=", "<link", " style="]
            {
                assert!(!text.contains(word), "{word:?}");
            }
        }
    }
}

#[test]
fn a_single_kernel_can_be_chosen() {
    let kernel = Some("sha-ni");
    let documents = [saved("desktop")];
    for format in [FileFormat::Csv, FileFormat::Markdown, FileFormat::Svg, FileFormat::Html] {
        let text = String::from_utf8(render(format, &documents, kernel)).unwrap();
        assert!(text.contains("sha-ni"), "{format:?}");
        let is_there = match format {
            FileFormat::Svg | FileFormat::Html => text.contains("data-kernel=\"avx512\""),
            FileFormat::Csv => text.contains(",avx512,"),
            _ => text.contains("## avx512"),
        };
        assert!(!is_there, "{format:?} has the other kernel");
    }
}

#[test]
fn machines_of_one_name_are_numbered() {
    let twice = [saved("small"), saved("small")];
    let csv = text_of(FileFormat::Csv, &twice);
    assert!(csv.contains("\nsmall,") && csv.contains("\nsmall (2),"));
    let svg = text_of(FileFormat::Svg, &twice);
    assert!(svg.contains("small (avx512)") && svg.contains("small (2) (avx512)"));
    let read_back = Document::list_from_json(text_of(FileFormat::Json, &twice).as_bytes()).unwrap();
    assert_eq!(read_back, twice, "what was measured keeps its name");
}

#[test]
fn files_are_replaced_in_one_step() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("r.json");
    check_writable(&path).unwrap();
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0, "looking leaves nothing");
    write_atomically(&path, b"one").unwrap();
    check_writable(&path).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"one", "looking changes nothing");
    write_atomically(&path, b"two").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"two");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "nothing else is left");
}

#[test]
fn paths_that_cannot_be_written_are_found_before() {
    let directory = tempfile::tempdir().unwrap();
    let taken = directory.path().join("taken.json");
    fs::create_dir(&taken).unwrap();
    let missing = directory.path().join("missing/r.json");
    let below_a_file = directory.path().join("file/r.json");
    fs::write(directory.path().join("file"), "").unwrap();
    for action in [check_writable, |path: &Path| write_atomically(path, b"x").map(drop)] {
        let error = action(&taken).unwrap_err();
        assert!(matches!(error, ExportError::NoFile { .. }), "{error}");
        for path in [&missing, &below_a_file] {
            let error = action(path).unwrap_err();
            assert!(matches!(error, ExportError::NoDirectory { .. }), "{error}");
            assert!(error.to_string().contains("r.json"), "{error}");
        }
    }
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2, "nothing is left");
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn links_stay_and_their_targets_are_written() {
        let directory = tempfile::tempdir().unwrap();
        let [link, second, target] =
            ["link.json", "second.json", "target.json"].map(|name| directory.path().join(name));
        symlink("second.json", &link).unwrap();
        symlink("target.json", &second).unwrap();
        write_atomically(&link, b"one").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"one", "a target that was not there");
        write_atomically(&link, b"two").unwrap();
        assert!(link.is_symlink() && second.is_symlink());
        assert_eq!(fs::read(&target).unwrap(), b"two");
    }

    #[test]
    fn links_in_a_circle_end() {
        let directory = tempfile::tempdir().unwrap();
        let [a, b] = ["a.json", "b.json"].map(|name| directory.path().join(name));
        symlink(&b, &a).unwrap();
        symlink(&a, &b).unwrap();
        let error = check_writable(&a).unwrap_err();
        assert!(error.to_string().contains("links"), "{error}");
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(!error.to_string().contains(&source), "a message repeats its source: {error}");
    }

    #[test]
    fn a_file_has_the_mode_of_any_new_file() {
        let directory = tempfile::tempdir().unwrap();
        let [ours, plain] = ["ours.json", "plain"].map(|name| directory.path().join(name));
        write_atomically(&ours, b"x").unwrap();
        fs::write(&plain, b"x").unwrap();
        let [ours, plain] = [ours, plain].map(|it| fs::metadata(it).unwrap().permissions().mode());
        assert_eq!(ours, plain);
    }

    #[test]
    fn devices_are_no_files() {
        let error = check_writable(Path::new("/dev/null")).unwrap_err();
        assert!(matches!(error, ExportError::NoFile { .. }), "{error}");
    }
}
