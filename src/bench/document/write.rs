//! Writes documents as JSON that a person can compare: a line for each field or row of numbers.

use serde::Serialize;

use super::run::Document;
use crate::text::escaped_json;

impl Document {
    /// The document as JSON, with a newline at its end. Objects and arrays that hold nothing but
    /// numbers stand on one line each.
    #[must_use]
    pub fn to_json(&self) -> String {
        json(self)
    }

    /// Several documents as a JSON array, which [`Document::list_from_json`] reads back.
    #[must_use]
    pub fn array_to_json(documents: &[Self]) -> String {
        json(documents)
    }
}

fn json(value: &(impl Serialize + ?Sized)) -> String {
    let pretty = serde_json::to_string_pretty(value);
    let pretty = pretty.expect("a document has no keys but text, and is written to memory");
    escaped_json(&joined(&pretty))
}

/// Joins the lines of every innermost group that holds nothing but numbers.
fn joined(pretty: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut opened = None;
    for line in pretty.lines() {
        lines.push(line.to_owned());
        if line.ends_with(['{', '[']) {
            opened = Some(lines.len() - 1);
        } else if line.trim_start().starts_with(['}', ']']) {
            if let Some(start) = opened.take() {
                join_from(&mut lines, start);
            }
        } else if !is_number(line) {
            opened = None;
        }
    }
    lines.join("\n") + "\n"
}

fn join_from(lines: &mut Vec<String>, start: usize) {
    let group = lines.split_off(start);
    let [open, members @ .., close] = group.as_slice() else { return };
    let members: Vec<_> = members.iter().map(|line| line.trim_start()).collect();
    let space = if open.ends_with('{') { " " } else { "" };
    lines.push(format!("{open}{space}{}{space}{}", members.join(" "), close.trim_start()));
}

/// Whether a line of pretty JSON is a number, or a member that is one.
fn is_number(line: &str) -> bool {
    let member = line.trim_start();
    let value = match member.strip_prefix('"').and_then(|rest| rest.split_once("\": ")) {
        Some((_, value)) => value,
        None => member,
    };
    value.starts_with(|first: char| first.is_ascii_digit() || first == '-')
}
