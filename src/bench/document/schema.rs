//! The JSON schema and the field tables, made of the types and their comments.
//!
//! After a change, `STRIPMINE_WRITE_SCHEMA=1 cargo test --lib document::schema` writes them anew.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde_json::{Map, Value, json};

use super::run::Document;

fn schema() -> Value {
    let settings = SchemaSettings::draft2020_12().with_transform(RecursiveTransform(plain));
    settings.into_generator().into_root_schema_for::<Document>().to_value()
}

/// Without Rust's own words: a field that may be left out is never null, and sizes are bounds.
fn plain(schema: &mut Schema) {
    let Some(schema) = schema.as_object_mut() else { return };
    match schema.remove("format").as_ref().and_then(Value::as_str) {
        Some("uint64") => _ = schema.entry("maximum").or_insert(json!(u64::MAX)),
        Some("uint32") => _ = schema.entry("maximum").or_insert(json!(u32::MAX)),
        _ => {}
    }
    if let Some(Value::Array(kinds)) = schema.get("type") {
        let kind = kinds[0].clone();
        schema.insert("type".to_owned(), kind);
    }
    let or_null = schema.get("anyOf").and_then(Value::as_array).cloned();
    if let Some([Value::Object(only), null]) = or_null.as_deref()
        && null["type"] == "null"
    {
        schema.remove("anyOf");
        schema.extend(only.clone());
    }
    if let Some(Value::String(description)) = schema.get_mut("description") {
        *description = description.replace('\n', " ");
    }
}

/// The place of a field in the source of its type: a schema has its fields by name.
fn place(object: &str, field: &str) -> usize {
    const SOURCES: &str = concat!(
        include_str!("run.rs"),
        include_str!("environment.rs"),
        include_str!("points.rs"),
        include_str!("cpus.rs"),
        include_str!("sustained.rs"),
        include_str!("../account/parts.rs"),
        include_str!("../account/times.rs"),
        include_str!("proof.rs"),
        include_str!("comparison.rs"),
        include_str!("warning.rs"),
    );
    // The schema of a generic type has a name for each type that it is used of.
    let name =
        object.split_once("Of").map_or(format!("{object} {{"), |(it, _)| format!("{it}<T> {{"));
    let (_, fields) = SOURCES.split_once(&format!("pub struct {name}")).unwrap();
    fields.find(&format!("    pub {field}: ")).unwrap()
}

/// The rows of every field of an object, those of its parts below each.
fn rows(schema: &Value, name: &str, object: &Value, path: &str, table: &mut String) {
    let required = object["required"].as_array().unwrap();
    let mut fields: Vec<_> = object["properties"].as_object().unwrap().iter().collect();
    fields.sort_by_key(|(field, _)| place(name, field));
    for (name, field) in fields {
        let left_out = if required.contains(&json!(name)) { "" } else { ", may be left out" };
        let (kind, part) = kind(schema, field);
        let description = described(schema, field);
        let _ = writeln!(table, "| `{path}{name}` | {kind}{left_out} | {description} |");
        if let Some((type_name, part)) = part {
            let step = if field.get("items").is_some() { "[]." } else { "." };
            rows(schema, type_name, part, &format!("{path}{name}{step}"), table);
        }
    }
}

/// What a field holds, and the type and schema of the object whose fields are listed below it.
fn kind<'a>(schema: &'a Value, field: &'a Value) -> (String, Option<(&'a str, &'a Value)>) {
    if let Some(constant) = field.get("const") {
        return (format!("`{constant}`"), None);
    }
    if let Some(name) = field.get("$ref").and_then(Value::as_str) {
        let part = referred(schema, name);
        let type_name = name.rsplit('/').next().unwrap();
        return match type_name {
            "Interval" | "PositiveInterval" => ("interval".to_owned(), None),
            "PlainSample" => ("plain sample".to_owned(), None),
            _ if part.get("properties").is_some() => ("object".to_owned(), Some((type_name, part))),
            _ => ("text".to_owned(), None),
        };
    }
    match field["type"].as_str().unwrap() {
        "array" => {
            let (kind, part) = kind(schema, &field["items"]);
            (format!("array of {kind}s"), part)
        }
        "boolean" => ("true or false".to_owned(), None),
        "string" => ("text".to_owned(), None),
        number => (number.to_owned(), None),
    }
}

fn referred<'a>(schema: &'a Value, name: &str) -> &'a Value {
    schema.pointer(name.trim_start_matches('#')).unwrap()
}

/// The field's comment, with the words that it can hold.
fn described(schema: &Value, field: &Value) -> String {
    let mut text = field["description"].as_str().unwrap().to_owned();
    let named = field.get("$ref").and_then(Value::as_str).map(|name| referred(schema, name));
    let words = named.and_then(|part| part.get("oneOf")).and_then(Value::as_array);
    for word in words.into_iter().flatten() {
        let (name, description) = (&word["const"], word["description"].as_str().unwrap());
        let _ = write!(text, " `{}`: {description}", name.as_str().unwrap());
    }
    text
}

fn tables(schema: &Value) -> String {
    const HEADING: &str = "| field | kind | what it is |\n|---|---|---|\n";
    let mut text = HEADING.to_owned();
    rows(schema, "Document", schema, "", &mut text);
    text += "\nA *plain sample* is one sample of something that points are compared with:\n\n";
    text += HEADING;
    rows(schema, "PlainSample", &schema["$defs"]["PlainSample"], "", &mut text);
    text
}

fn docs(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)
}

/// Compares a file with what it should be; writes it where that is asked for.
#[track_caller]
fn assert_is(path: &Path, expected: &str) {
    if std::env::var_os("STRIPMINE_WRITE_SCHEMA").is_some() {
        fs::write(path, expected).unwrap();
    }
    let is_current = fs::read_to_string(path).unwrap() == expected;
    assert!(is_current, "{} is not what the types give: see document/schema.rs", path.display());
}

#[test]
fn the_schema_is_what_the_types_give() {
    let text = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    assert_is(&docs("bench.schema.json"), &text);
}

#[test]
fn the_field_tables_are_what_the_types_give() {
    const BEGIN: &str = "<!-- fields: written by src/bench/document/schema.rs -->\n";
    const END: &str = "<!-- end of fields -->\n";
    let path = docs("benchmarking.md");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let tables = tables(&schema());
    assert_is(&path, &format!("{before}{BEGIN}\n{tables}\n{END}{after}"));
}

/// Every object lists its fields, or readers could not rely on any of them.
#[test]
fn every_object_has_fields_and_every_field_a_comment() {
    let schema = schema();
    let objects: Map<String, Value> = schema["$defs"].as_object().unwrap().clone();
    for (name, object) in objects.iter().filter(|(_, it)| it.get("properties").is_some()) {
        for (field, it) in object["properties"].as_object().unwrap() {
            let is_described = it.get("description").is_some() || name == "PositiveInterval";
            assert!(is_described, "{name}.{field}");
        }
    }
}
