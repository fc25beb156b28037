//! Markdown, as GitHub shows it.

use std::fmt::Write as _;
use std::slice::from_ref;

use super::escape::markdown as escaped;
use super::tables::{
    ACCOUNT_NOTE, FAIRNESS_NOTE, TextTable, account, baselines, brackets, comparison,
    comparison_warnings, cpus, machines, points,
};
use crate::bench::curve::{Curve, curves, labels};
use crate::bench::document::Document;
use crate::bench::wording::{
    account_notes, environment_facts, facts, hardware, program, sampling, surroundings,
};

/// A text under construction. Writing to memory cannot fail.
#[derive(Default)]
struct Text(String);

impl Text {
    fn line(&mut self, line: &str) {
        let _ = writeln!(self.0, "{line}");
    }

    fn paragraph(&mut self, text: &str) {
        self.line(text);
        self.line("");
    }

    fn table(&mut self, table: &TextTable) {
        let cells = |cells: &[String]| {
            let cells: Vec<_> = cells.iter().map(|cell| escaped(cell)).collect();
            format!("| {} |", cells.join(" | "))
        };
        self.line(&cells(&table.headings));
        let sides = (0..table.headings.len())
            .map(|column| if column < table.text_columns { " --- |" } else { " ---: |" });
        self.line(&format!("|{}", sides.collect::<String>()));
        for row in &table.rows {
            self.line(&cells(row));
        }
        self.line("");
    }
}

pub(super) fn render(documents: &[Document], kernel: Option<&str>) -> String {
    let labels = labels(documents);
    let mut text = Text::default();
    if documents.len() > 1 {
        text.paragraph(&format!("# Hash rates of {} machines", documents.len()));
        text.table(&machines(documents, &labels, kernel));
        text.paragraph(&brackets(documents));
    }
    for (document, label) in documents.iter().zip(&labels) {
        add_document(&mut text, document, label, kernel);
    }
    text.0.truncate(text.0.trim_end().len());
    text.line("");
    text.0
}

fn add_document(text: &mut Text, document: &Document, label: &str, kernel: Option<&str>) {
    text.paragraph(&format!("# {}", escaped(label)));
    let environment = &document.environment;
    for line in [
        format!("{}; {}", hardware(environment), program(environment)),
        surroundings(document),
        format!("workload {}: 1 hash = {}", document.workload.name, document.workload.one_hash),
        format!("{}, in turn", sampling(document)),
    ] {
        text.line(&format!("- {}", escaped(&line)));
    }
    text.line("");
    for curve in curves(document, label, kernel) {
        add_curve(text, &curve);
    }
    text.paragraph(&format!("{} {FAIRNESS_NOTE}", brackets(from_ref(document))));
    if let Some(table) = cpus(document) {
        text.paragraph("## Each CPU alone");
        text.table(&table);
    }
    if let Some(table) = baselines(document) {
        text.paragraph("## One thread against");
        text.table(&table);
    }
    add_comparison(text, document);
    add_facts(text, document);
    text.paragraph("## Environment");
    let rows = environment_facts(environment).into_iter();
    let rows = rows.map(|(name, value)| vec![name.to_owned(), value]).collect();
    text.table(&TextTable::new(2, &["what", "value"], rows));
}

fn add_curve(text: &mut Text, curve: &Curve<'_>) {
    text.paragraph(&format!("## {}", escaped(&curve.name())));
    text.table(&points(curve));
    let Some(table) = account(curve) else { return };
    text.paragraph("Where the threads went:");
    text.table(&table);
    text.paragraph(ACCOUNT_NOTE);
    for note in account_notes(curve) {
        text.paragraph(&escaped(&note));
    }
}

fn add_comparison(text: &mut Text, document: &Document) {
    let Some((heading, table)) = comparison(document) else { return };
    text.paragraph(&format!("## {}", escaped(&heading)));
    text.table(&table);
    for warning in comparison_warnings(document) {
        text.paragraph(&format!("**warning**: {}", escaped(warning)));
    }
}

fn add_facts(text: &mut Text, document: &Document) {
    text.paragraph("## Costs, proof, warnings");
    for fact in facts(document).iter().filter(|fact| fact.name != "one thread against") {
        text.line(&format!("- **{}**: {}", fact.name, escaped(&fact.text)));
    }
    text.line("");
}
