//! The sections of the page: its headline, warnings, and a section for each machine.

use std::fmt::Write as _;
use std::slice::from_ref;

use super::super::chart;
use super::super::escape::xml;
use super::super::tables::{
    ACCOUNT_NOTE, FAIRNESS_NOTE, account, baselines, brackets, comparison, comparison_warnings,
    cpus, points, workers,
};
use super::markup::{definitions, folded, table};
use crate::bench::curve::{Curve, curves, fastest_of_each};
use crate::bench::document::{Document, Point};
use crate::bench::wording::{
    account_notes, environment_facts, facts, hardware, program, sampling, surroundings,
};
use crate::text::{counted, grouped, hash_rate, percent, times};

/// Width and height of a picture in a machine's section.
const PICTURE: [f64; 2] = [440.0, 250.0];

/// The highest rate of each machine. Of a single machine also the rates of one thread and of one
/// thread per core.
pub(super) fn headline(documents: &[Document], labels: &[String], kernel: Option<&str>) -> String {
    let curves = fastest_of_each(documents, labels, kernel);
    match documents {
        [_] => curves.iter().map(peaks_of_one_machine).collect(),
        _ => curves.iter().map(|curve| peak(curve.label, curve, curve.highest())).collect(),
    }
}

fn peaks_of_one_machine(curve: &Curve<'_>) -> String {
    let at = |threads: usize| curve.points.iter().copied().find(|it| it.threads == threads);
    let highest = curve.highest();
    let cores = curve.document.environment.cores_before_siblings();
    let cores = cores.filter(|cores| *cores > 1).and_then(at);
    let chosen =
        [("one thread", at(1)), ("one thread per core", cores), ("highest rate", Some(highest))];
    let mut boxes: Vec<_> =
        chosen.into_iter().filter_map(|(name, point)| Some((name, point?))).collect();
    // Each point once, under its first name.
    boxes.dedup_by(|later, earlier| later.1.threads == earlier.1.threads);
    boxes.iter().map(|(name, point)| peak(name, curve, point)).collect()
}

/// A rate in large letters, and which point it belongs to.
fn peak(name: &str, curve: &Curve<'_>, point: &Point) -> String {
    let mut detail = format!("{}, {}", curve.name(), counted(point.threads, "thread"));
    if let (Some(speedup), Some(efficiency), 2..) =
        (&point.speedup, &point.efficiency, point.threads)
    {
        detail = format!(
            "{detail}; {} x one thread, efficiency {}",
            times(speedup.median),
            percent(efficiency.median)
        );
    }
    let rate = hash_rate(point.hashes_per_s.median, 4);
    let [name, rate, detail] = [name, &rate, &detail].map(xml);
    format!(
        "<div class=\"peak\"><span>{name}</span><strong>{rate}</strong>\
         <span>{detail}</span></div>\n"
    )
}

/// All warnings; of several machines, with the machine's label in front of each.
pub(super) fn warnings(documents: &[Document], labels: &[String]) -> String {
    let mut items = String::new();
    for (document, label) in documents.iter().zip(labels) {
        let machine = if documents.len() > 1 { label } else { "" };
        let facts = facts(document).into_iter().filter(|fact| fact.is_warning);
        let facts = facts.map(|fact| (fact.name, fact.text));
        let compared = comparison_warnings(document).map(|text| ("warning", text.to_owned()));
        for (name, text) in facts.chain(compared) {
            let name = if name == "warning" { "" } else { name };
            let parts = [machine, name, &text].into_iter().filter(|part| !part.is_empty());
            let text = parts.collect::<Vec<_>>().join(": ");
            let _ = writeln!(items, "<li>{}</li>", xml(&text));
        }
    }
    if items.is_empty() {
        return items;
    }
    format!("<section class=\"warnings\">\n<h2>Warnings</h2>\n<ul>\n{items}</ul>\n</section>\n")
}

/// Everything about one machine.
pub(super) fn machine(document: &Document, label: &str, kernel: Option<&str>) -> String {
    let curves = curves(document, label, kernel);
    let parts = [
        format!("<section class=\"machine\">\n<h2>{}</h2>\n", xml(label)),
        introduction(document),
        curves.iter().map(kernel_section).collect(),
        format!("<p class=\"remark\">{} {FAIRNESS_NOTE}</p>\n", brackets(from_ref(document))),
        each_cpu(document),
        document.sustained.as_ref().map_or_else(String::new, |run| {
            let picture = chart::sustained(run, PICTURE);
            format!("<h3>Sustained</h3>\n<div class=\"panels\">\n{picture}\n</div>\n")
        }),
        baselines(document).map_or_else(String::new, |compared| {
            format!("<h3>One thread against</h3>\n{}", table(&compared))
        }),
        comparison(document).map_or_else(String::new, |(heading, compared)| {
            format!("<h3>{}</h3>\n{}", xml(&heading), table(&compared))
        }),
        costs(document),
        format!(
            "<h3>Environment</h3>\n{}</section>\n",
            definitions(environment_facts(&document.environment))
        ),
    ];
    parts.concat()
}

/// What every CPU does alone, if that was measured.
fn each_cpu(document: &Document) -> String {
    let (Some(each), Some(cpus)) = (&document.each_cpu, cpus(document)) else {
        return String::new();
    };
    let picture = chart::each_cpu(each, PICTURE);
    format!(
        "<h3>Each CPU alone</h3>\n<div class=\"panels\">\n{picture}\n</div>\n{}",
        folded("Rates of single CPUs", &table(&cpus))
    )
}

/// The points of a kernel, and each worker's part in them.
fn kernel_section(curve: &Curve<'_>) -> String {
    let name = curve.name();
    let workers_of = |point: &&Point| {
        format!("<h4>{}</h4>\n{}", counted(point.threads, "thread"), table(&workers(point)))
    };
    let workers: String = curve.points.iter().map(workers_of).collect();
    let workers = folded(&format!("Workers of {name}, at each number of threads"), &workers);
    let points = table(&points(curve));
    format!("<h3>Kernel {}</h3>\n{points}{}{workers}", xml(&name), account_section(curve))
}

/// Where the threads went, if it is known.
fn account_section(curve: &Curve<'_>) -> String {
    let Some(account) = account(curve) else { return String::new() };
    let notes = account_notes(curve);
    let remarks = std::iter::once(ACCOUNT_NOTE).chain(notes.iter().map(String::as_str));
    let mut section = format!("<h4>Where the threads went</h4>\n{}", table(&account));
    for remark in remarks {
        let _ = writeln!(section, "<p class=\"remark\">{}</p>", xml(remark));
    }
    section
}

fn costs(document: &Document) -> String {
    let facts = facts(document);
    let facts = facts.iter().filter(|fact| !fact.is_warning && fact.name != "one thread against");
    let said = definitions(facts.map(|fact| (fact.name, fact.text.clone())));
    let [len, sums] = [document.proof.segment_len, document.proof.sums.len() as u64].map(grouped);
    format!(
        "<h3>Costs and proof</h3>\n{said}<p class=\"remark\">Every sample sums the word that \
         decides of every nonce, by segments of {len} nonces; the {sums} sums are in the JSON \
         file.</p>\n"
    )
}

fn introduction(document: &Document) -> String {
    let environment = &document.environment;
    let workload = &document.workload;
    definitions([
        ("machine", hardware(environment)),
        ("conditions", surroundings(document)),
        ("workload", format!("{}: 1 hash = {}", workload.name, workload.one_hash)),
        ("samples", format!("{}, in turn", sampling(document))),
        ("program", program(environment)),
    ])
}
