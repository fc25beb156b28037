//! The chart and the page in a real browser.

use std::fs;
use std::path::{Path, PathBuf};

use crate::webdriver::{Browser, url_of};
use serde_json::Value;
use stripmine::bench::document::{Document, Point};
use stripmine::bench::export::{FileFormat, render};
use tempfile::TempDir;

const TAB: char = '\u{e004}';
const ESCAPE: char = '\u{e00c}';

/// Long after every label that it can be told from.
const NASTY: &str = "</title><script>document.title='run'</script>\"'&\u{1b}[2J|{{script}}";

fn saved(name: &str) -> Document {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/saved/{name}.json"));
    Document::from_json(&fs::read(path).unwrap()).unwrap()
}

fn three_machines() -> Vec<Document> {
    ["small", "desktop", "server"].map(saved).to_vec()
}

/// Six machines with labels of twenty characters.
fn six_machines() -> Vec<Document> {
    let named = |number: usize| {
        let mut document = saved(["desktop", "server"][number % 2]);
        document.label = format!("machine WWWW {number:07}");
        document
    };
    (1..=6).map(named).collect()
}

/// A saved benchmark with only its first points.
fn with_points(name: &str, count: usize) -> Document {
    let mut document = saved(name);
    document.points.truncate(count);
    document
}

/// The same with intervals as wide as a busy machine's.
fn noisy() -> Document {
    let mut document = saved("desktop");
    for point in &mut document.points {
        let efficiency = point.efficiency.iter_mut();
        for interval in std::iter::once(&mut point.hashes_per_s).chain(efficiency) {
            interval.low *= 0.7;
            interval.high *= 1.25;
        }
    }
    document
}

/// Baselines so close to each other that not every one has room.
fn crowded() -> Document {
    let mut document = saved("desktop");
    let first = document.baselines[0].hashes_per_s;
    for (baseline, factor) in document.baselines.iter_mut().zip([1.0, 1.04, 1.08]) {
        baseline.hashes_per_s.median = first.median * factor;
    }
    document
}

/// A file of this format, in a directory that lives as long as it is used.
fn exported(format: FileFormat, documents: &[Document]) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let suffix = if format == FileFormat::Svg { "svg" } else { "html" };
    let path = directory.path().join(format!("r.{suffix}"));
    fs::write(&path, render(format, documents, None)).unwrap();
    (directory, path)
}

/// The attributes of every mark of one panel.
fn marks(browser: &Browser, panel: &str) -> Vec<Value> {
    let script = format!(
        "return [...document.querySelectorAll('.mark[data-panel={panel}]')].map(mark => \
         Object.fromEntries([...mark.attributes].map(it => [it.name, it.value])))"
    );
    browser.run(&script).as_array().unwrap().clone()
}

/// The mark has the figures of the point, to the last digit.
#[track_caller]
fn is_mark_of(mark: &Value, label: &str, point: &Point) {
    let bits = |name: &str| mark[name].as_str().unwrap().parse::<f64>().unwrap().to_bits();
    assert_eq!(mark["data-label"], label);
    assert_eq!(mark["data-kernel"], point.kernel.as_str());
    assert_eq!(mark["data-threads"], point.threads.to_string());
    let rate = point.hashes_per_s;
    let figures = ["data-hashes-per-s", "data-low", "data-high"].map(bits);
    assert_eq!(figures, [rate.median, rate.low, rate.high].map(f64::to_bits), "{mark}");
}

#[test]
fn every_point_is_in_the_page_with_its_figures() {
    let Some(browser) = Browser::start() else { return };
    for name in ["small", "desktop", "server"] {
        let document = saved(name);
        for format in [FileFormat::Html, FileFormat::Svg] {
            let (_directory, path) = exported(format, std::slice::from_ref(&document));
            browser.open(&path, 1400, 900);
            for panel in ["rate", "efficiency"] {
                let marks = marks(&browser, panel);
                assert_eq!(marks.len(), document.points.len(), "{name}, {panel}");
                for (mark, point) in marks.iter().zip(&document.points) {
                    is_mark_of(mark, &document.label, point);
                }
            }
        }
    }
}

#[test]
fn three_machines_are_in_one_chart_each_with_its_fastest_kernel() {
    let Some(browser) = Browser::start() else { return };
    let (_directory, path) = exported(FileFormat::Html, &three_machines());
    browser.open(&path, 1400, 900);
    let marks = marks(&browser, "rate");
    let count = |label: &str, kernel: &str| {
        let is_it = |mark: &&Value| mark["data-label"] == label && mark["data-kernel"] == kernel;
        marks.iter().filter(is_it).count()
    };
    assert_eq!(count("small", "avx512"), 2);
    assert_eq!(count("desk", "avx512"), 6);
    assert_eq!(count("desk", "sha-ni"), 0);
    assert_eq!(count("server, two sockets", "avx512"), 10);
}

/// Marks stand where their figures are: more threads further right, higher rates further up.
#[test]
fn marks_stand_where_their_figures_say() {
    let Some(browser) = Browser::start() else { return };
    let (_directory, path) = exported(FileFormat::Svg, &[saved("server")]);
    browser.open(&path, 800, 900);
    let places = browser.run(
        "return [...document.querySelectorAll('.mark[data-panel=rate] .dot')].map(dot => {
           const box = dot.getBoundingClientRect();
           return [box.x + box.width / 2, box.y + box.height / 2];
         })",
    );
    let places: Vec<[f64; 2]> = serde_json::from_value(places).unwrap();
    assert_eq!(places.len(), 10);
    assert!(places.is_sorted_by(|a, b| a[0] < b[0] && a[1] > b[1]), "{places:?}");
    // From 1 to 2 and from 64 to 128 threads is one doubling each.
    let [first, last] = [places[1][0] - places[0][0], places[9][0] - places[8][0]];
    assert!((first - last).abs() < 1.0, "{places:?}");
}

#[test]
fn the_tooltip_shows_on_hover_and_on_focus() {
    let Some(browser) = Browser::start() else { return };
    let (_directory, path) = exported(FileFormat::Html, &[saved("desktop")]);
    browser.open(&path, 1400, 1200);
    let tooltip = || browser.run("return document.getElementById('tooltip').innerText");
    let is_hidden = || browser.run("return document.getElementById('tooltip').hidden");
    assert_eq!(is_hidden(), true);

    let place = browser.run(
        "const mark = document.querySelector('.mark[data-kernel=avx512][data-threads=\"8\"]');
         const box = mark.querySelector('.dot').getBoundingClientRect();
         return [box.x + box.width / 2, box.y + box.height / 2]",
    );
    browser.point_at(place[0].as_f64().unwrap(), place[1].as_f64().unwrap());
    assert_eq!(is_hidden(), false);
    let text = tooltip().as_str().unwrap().to_owned();
    for word in ["avx512", "8 threads", "MH/s [", "speedup", " x [", "efficiency", " % ["] {
        assert!(text.contains(word), "{word:?} is missing: {text}");
    }
    browser.point_at(2.0, 2.0);
    assert_eq!(is_hidden(), true);

    let threads_in_focus = || browser.run("return document.activeElement.dataset.threads ?? null");
    browser.press(TAB);
    assert_eq!(threads_in_focus(), "1", "the first mark is the first stop of the keyboard");
    assert_eq!(is_hidden(), false);
    assert!(tooltip().as_str().unwrap().contains("1 thread\n"), "{}", tooltip());
    browser.press(TAB);
    assert!(tooltip().as_str().unwrap().contains("2 threads\n"), "{}", tooltip());
    browser.press(ESCAPE);
    assert_eq!(is_hidden(), true);
}

#[test]
fn tooltips_stay_within_the_window() {
    let Some(browser) = Browser::start() else { return };
    for width in [360, 1400] {
        let (_directory, path) = exported(FileFormat::Html, &three_machines());
        browser.open(&path, width, 800);
        let beyond = browser.run(
            "const tooltip = document.getElementById('tooltip');
             return [...document.querySelectorAll('.mark')].filter(mark => {
               mark.focus();
               const box = tooltip.getBoundingClientRect();
               return tooltip.hidden || box.left < 0 || box.right > innerWidth
                 || box.top < 0 || box.bottom > innerHeight;
             }).length",
        );
        assert_eq!(beyond, 0, "at {width} pixels");
    }
}

#[test]
fn the_page_asks_for_nothing_and_complains_of_nothing() {
    let Some(browser) = Browser::start() else { return };
    for documents in [vec![saved("desktop")], three_machines()] {
        for format in [FileFormat::Html, FileFormat::Svg] {
            let (_directory, path) = exported(format, &documents);
            browser.requests();
            browser.open(&path, 1400, 900);
            browser.run("document.querySelector('.mark').focus?.()");
            assert_eq!(browser.requests(), [url_of(&path)]);
            assert_eq!(browser.console(), [""; 0]);
        }
    }
}

/// The policy is at work: what it forbids does not happen, so its silence above means something.
#[test]
fn the_policy_forbids_what_the_page_does_not_carry() {
    let Some(browser) = Browser::start() else { return };
    let (directory, path) = exported(FileFormat::Html, &[saved("small")]);
    let page = fs::read_to_string(&path).unwrap();
    let other = "<script>document.title = 'run'</script><img src=\"http://127.0.0.1:9/x\"></body>";
    let changed = directory.path().join("changed.html");
    fs::write(&changed, page.replace("</body>", other)).unwrap();
    browser.open(&changed, 1400, 900);
    assert_ne!(browser.run("return document.title"), "run");
    assert!(browser.console().iter().any(|line| line.contains("Content Security Policy")));
}

#[test]
fn nothing_overflows_on_phones_and_wide_screens() {
    let Some(browser) = Browser::start() else { return };
    let mut long = saved("small");
    long.label = "a-label-without-a-single-space-".repeat(8);
    for documents in [vec![saved("desktop")], three_machines(), six_machines(), vec![long]] {
        let (_directory, path) = exported(FileFormat::Html, &documents);
        for width in [360, 768, 1400] {
            browser.open(&path, width, 800);
            browser.run("document.querySelectorAll('details').forEach(it => it.open = true)");
            let widths = browser.run(
                "const page = document.documentElement; return [page.scrollWidth, page.clientWidth]",
            );
            assert_eq!(widths[0], widths[1], "at {width} pixels: {}", documents[0].label);
        }
    }
}

/// Pairs of texts that overlap, and texts that leave their picture.
const MISPLACED: &str = "
  const found = [];
  for (const picture of document.querySelectorAll('svg.chart')) {
    const frame = picture.getBoundingClientRect();
    const texts = [...picture.querySelectorAll('text')];
    const boxes = texts.map(text => text.getBoundingClientRect());
    boxes.forEach((a, i) => {
      if (a.left < frame.left || a.right > frame.right || a.top < frame.top || a.bottom > frame.bottom) {
        found.push(texts[i].textContent + ' leaves the picture');
      }
      boxes.slice(i + 1).forEach((b, j) => {
        if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom) {
          found.push(texts[i].textContent + ' | ' + texts[i + 1 + j].textContent);
        }
      });
    });
  }
  return [document.querySelectorAll('svg.chart text').length, found]";

#[test]
fn no_text_of_a_chart_lies_on_another() {
    let Some(browser) = Browser::start() else { return };
    let cases = [
        ("1 point", vec![with_points("small", 1)]),
        ("2 points", vec![saved("small")]),
        ("3 points", vec![with_points("desktop", 3)]),
        ("6 points of two kernels", vec![saved("desktop")]),
        ("10 points", vec![saved("server")]),
        ("wide intervals", vec![noisy()]),
        ("baselines side by side", vec![crowded()]),
        ("three machines", three_machines()),
        ("six machines", six_machines()),
    ];
    for (name, documents) in cases {
        for format in [FileFormat::Svg, FileFormat::Html] {
            let (_directory, path) = exported(format, &documents);
            browser.open(&path, 1400, 1200);
            let found = browser.run(MISPLACED);
            let (texts, misplaced) = (&found[0], &found[1]);
            assert!(texts.as_u64().unwrap() > 8, "{name}: {texts} texts");
            assert_eq!(*misplaced, serde_json::json!([]), "{name}, {format:?}");
        }
    }
}

/// The contrast of a text or a line with its paper, as WCAG 2.2 computes it.
const LOWEST_CONTRAST: &str = "
  const channels = colour => colour.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const luminance = colour => {
    const [r, g, b] = channels(colour).map(it => it / 255)
      .map(it => it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (light + 0.05) / (dark + 0.05);
  };
  const style = (it, name) => getComputedStyle(it)[name];
  const paper = document.querySelector('.paper')
    ? style(document.querySelector('.paper'), 'fill') : style(document.body, 'backgroundColor');
  const lowest = (selector, name) =>
    Math.min(...[...document.querySelectorAll(selector)].map(it => contrast(style(it, name), paper)));
  return [lowest('.chart text', 'fill'), lowest('.chart .curve, .chart .reference', 'stroke'),
    luminance(paper)]";

#[test]
fn charts_are_legible_in_light_and_dark_and_light_on_paper() {
    let Some(browser) = Browser::start() else { return };
    for format in [FileFormat::Svg, FileFormat::Html] {
        let (_directory, path) = exported(format, &six_machines());
        for (medium, scheme) in [("screen", "light"), ("screen", "dark"), ("print", "dark")] {
            browser.prefer(medium, scheme);
            browser.open(&path, 1400, 900);
            let figures: [f64; 3] = serde_json::from_value(browser.run(LOWEST_CONTRAST)).unwrap();
            let [text, lines, paper] = figures;
            // WCAG 2.2, success criteria 1.4.3 and 1.4.11.
            assert!(text >= 4.5 && lines >= 3.0, "{format:?}, {medium}, {scheme}: {figures:?}");
            let is_dark = medium == "screen" && scheme == "dark";
            assert_eq!(paper < 0.1, is_dark, "{format:?}, {medium}, {scheme}: {figures:?}");
        }
    }
}

#[test]
fn on_paper_nothing_waits_to_be_opened() {
    let Some(browser) = Browser::start() else { return };
    let (_directory, path) = exported(FileFormat::Html, &[saved("desktop")]);
    browser.open(&path, 1400, 900);
    let shown = "return [...document.querySelectorAll('details')].map(it => it.offsetHeight > 0)";
    assert_eq!(browser.run(shown), serde_json::json!([true, true]));
    browser.prefer("print", "light");
    assert_eq!(browser.run(shown), serde_json::json!([false, false]));
    let printed = browser.devtools("Page.printToPDF", &serde_json::json!({}));
    // "%PDF-" in base64.
    assert!(printed["data"].as_str().unwrap().starts_with("JVBERi"));
}

#[test]
fn labels_are_shown_and_not_run() {
    let Some(browser) = Browser::start() else { return };
    let mut document = saved("small");
    document.label = NASTY.to_owned();
    document.points.iter_mut().for_each(|point| point.kernel = NASTY.to_owned());
    for format in [FileFormat::Html, FileFormat::Svg] {
        let (_directory, path) = exported(format, &[document.clone()]);
        browser.open(&path, 1400, 900);
        let scripts = browser.run("return document.querySelectorAll('script').length");
        assert_eq!(scripts, i32::from(format == FileFormat::Html));
        assert_eq!(browser.console(), [""; 0]);
        assert_eq!(marks(&browser, "rate").len(), document.points.len());
        let text = browser.run("return document.querySelector('.mark').dataset.label");
        assert_eq!(text, NASTY.replace('\u{1b}', "\\u{1b}"));
    }
}

/// Every figure of the chart is in a table as well, for who has no pointer or no script.
#[test]
fn tables_have_every_figure() {
    let Some(browser) = Browser::start() else { return };
    let (_directory, path) = exported(FileFormat::Html, &[saved("desktop")]);
    browser.open(&path, 1400, 900);
    let rates = browser.run(
        "return [...document.querySelectorAll('.machine > .scroll')]
           .filter(table => table.querySelector('thead').textContent.includes('efficiency'))
           .flatMap(table => [...table.querySelectorAll('tbody tr')])
           .map(row => parseFloat(row.cells[1].textContent) * 1e6)",
    );
    let rates: Vec<f64> = serde_json::from_value(rates).unwrap();
    let document = saved("desktop");
    assert_eq!(rates.len(), document.points.len());
    for (rate, point) in rates.iter().zip(&document.points) {
        let error = (rate / point.hashes_per_s.median - 1.0).abs();
        assert!(error < 1e-3, "{rate} for {}", point.hashes_per_s.median);
    }
}
