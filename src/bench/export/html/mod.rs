//! The page: one self-contained file with the chart, its tooltips, and every table.
//!
//! The page loads nothing. Its policy forbids every request, and allows only the style and the
//! script that it carries, by their hashes. Without scripts only the tooltips are missing.

mod markup;
mod sections;

use base64ct::{Base64, Encoding as _};
use sha2::{Digest as _, Sha256};

use super::chart::{self, Model, Panel, Quantity, Stacks};
use super::escape::xml;
use super::tables;
use crate::bench::curve::labels;
use crate::bench::document::Document;

const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Width and height of a panel, drawn for a phone and scaled up elsewhere.
const PANEL: [f64; 2] = [440.0, 325.0];

pub(super) fn render(documents: &[Document], kernel: Option<&str>) -> String {
    let labels = labels(documents);
    let model = Model::of(documents, &labels, kernel);
    let style = format!("\n{STYLE}{}", chart::STYLE);
    let script = format!("\n{SCRIPT}");
    let machines: String = documents
        .iter()
        .zip(&labels)
        .map(|(document, label)| sections::machine(document, label, kernel))
        .collect();
    fill_in(
        TEMPLATE,
        &[
            ("style-hash", &policy_hash(&style)),
            ("script-hash", &policy_hash(&script)),
            ("style", &style),
            ("script", &script),
            ("title", &xml(&model.title)),
            ("subtitle", &xml(&model.subtitle)),
            ("headline", &sections::headline(documents, &labels, kernel)),
            ("warnings", &sections::warnings(documents, &labels)),
            ("legend", &legend(&model)),
            ("rate", &panel(&model, Quantity::Rate)),
            ("efficiency", &panel(&model, Quantity::Efficiency)),
            ("account", &stacks(&model)),
            ("caption", &xml(&chart::caption(&model))),
            ("overview", &overview(documents, &labels, kernel)),
            ("machines", &machines),
        ],
    )
}

fn panel(model: &Model<'_>, quantity: Quantity) -> String {
    let [width, height] = PANEL;
    Panel { model, quantity, width, height, is_interactive: true }.to_svg()
}

/// Where the threads went, if it is known.
fn stacks(model: &Model<'_>) -> String {
    let [width, height] = PANEL;
    let stacks = Stacks { model, width, height, is_interactive: true };
    if model.has_accounts() { stacks.to_svg() } else { String::new() }
}

fn legend(model: &Model<'_>) -> String {
    let entry = |entry: &chart::Entry| format!("<li>{}{}</li>\n", entry.to_svg(), xml(&entry.name));
    model.legend().iter().map(entry).collect()
}

/// The table of several machines.
fn overview(documents: &[Document], labels: &[String], kernel: Option<&str>) -> String {
    if documents.len() < 2 {
        return String::new();
    }
    let table = markup::table(&tables::machines(documents, labels, kernel));
    format!("<section>\n<h2>Machines by threads</h2>\n{table}</section>\n")
}

/// The hash by which the policy allows a style or a script (CSP level 3, section 2.3.1).
fn policy_hash(content: &str) -> String {
    format!("sha256-{}", Base64::encode_string(&Sha256::digest(content)))
}

/// Replaces each `{{name}}` of the template in one pass, so that values are never read as names.
fn fill_in(template: &str, values: &[(&str, &str)]) -> String {
    let mut parts = template.split("{{");
    let mut page = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").expect("the template closes what it opens");
        let value = values.iter().find(|(known, _)| *known == name);
        page.push_str(value.expect("the template names what there is").1);
        page.push_str(rest);
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_is_no_template() {
        let page = fill_in("<{{a}}|{{b}}>", &[("a", "{{b}}"), ("b", "2")]);
        assert_eq!(page, "<{{b}}|2>");
    }

    #[test]
    fn hashes_are_spelled_as_policies_want_them() {
        // CSP level 3, section 8.4, gives this hash for `alert('Hello, world.');`.
        let expected = "sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=";
        assert_eq!(policy_hash("alert('Hello, world.');"), expected);
    }
}
