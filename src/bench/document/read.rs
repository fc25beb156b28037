//! Reads documents from JSON: samples are checked, and every figure is computed anew.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use serde_json::{Deserializer, Error};

use super::check::check;
use super::error::{DocumentError, MAX_BYTES};
use super::run::{Document, SCHEMA};
use crate::chain::encoding::BYTE_ORDER_MARK;

/// The fields that tell a benchmark from other JSON.
#[derive(Deserialize)]
struct Marks<'a> {
    #[serde(borrow)]
    schema: Option<&'a RawValue>,
    points: Option<IgnoredAny>,
    outcome: Option<IgnoredAny>,
    report: Option<IgnoredAny>,
}

impl Document {
    /// Reads one document, as [`Document::to_json`] or `stripmine bench --output json` writes it.
    /// Fields that are not known are skipped.
    ///
    /// # Errors
    ///
    /// When it is not JSON, not a benchmark, of another schema, or has a field with an impossible
    /// value.
    pub fn from_json(bytes: &[u8]) -> Result<Self, DocumentError> {
        let mut documents = Self::list_from_json(bytes)?;
        match documents.len() {
            1 => Ok(documents.remove(0)),
            count => Err(foreign(&format!("{count} of them in one file, where one is wanted"))),
        }
    }

    /// Reads the documents of a file: one, an array of them, or one after another.
    ///
    /// # Errors
    ///
    /// As [`Document::from_json`], and when there is no document.
    pub fn list_from_json(bytes: &[u8]) -> Result<Vec<Self>, DocumentError> {
        if bytes.len() > MAX_BYTES {
            return Err(DocumentError::TooLong);
        }
        // Editors and shells on Windows put one there.
        let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
        let values = Deserializer::from_slice(bytes).into_iter::<&RawValue>();
        let values = values.collect::<Result<Vec<_>, _>>().map_err(|error| not_json(&error))?;
        match *values {
            [] => Err(foreign("nothing: the file is empty")),
            [array] if array.get().starts_with('[') => from_array(array),
            [only] => Ok(vec![from_value(only, "")?]),
            ref several => numbered(several),
        }
    }
}

fn from_array(array: &RawValue) -> Result<Vec<Document>, DocumentError> {
    let elements: Vec<&RawValue> =
        serde_json::from_str(array.get()).map_err(|error| not_json(&error))?;
    if elements.is_empty() {
        return Err(foreign("an array with nothing in it"));
    }
    numbered(&elements)
}

/// Reads several values. Paths in errors begin with the value's number.
fn numbered(values: &[&RawValue]) -> Result<Vec<Document>, DocumentError> {
    values.iter().enumerate().map(|(at, value)| from_value(value, &format!("[{at}]."))).collect()
}

fn from_value(value: &RawValue, prefix: &str) -> Result<Document, DocumentError> {
    recognise(value.get())?;
    let located = |at: String, reason: String| DocumentError::Malformed {
        at: format!("{prefix}{at}").trim_end_matches(['.', '?']).to_owned(),
        reason,
    };
    let mut deserializer = Deserializer::from_str(value.get());
    let mut document: Document = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| located(error.path().to_string(), without_place(error.inner())))?;
    check(&document).map_err(|it| located(it.at, it.reason))?;
    document.compute_figures();
    Ok(document)
}

/// Tells a benchmark of a known schema from everything else.
fn recognise(json: &str) -> Result<(), DocumentError> {
    if !json.starts_with('{') {
        return Err(foreign(&format!("{} where an object is wanted", kind(json))));
    }
    let marks: Marks<'_> = serde_json::from_str(json).map_err(|error| {
        let at = "the outermost object".to_owned();
        DocumentError::Malformed { at, reason: without_place(&error) }
    })?;
    let Some(schema) = marks.schema else {
        return Err(foreign("an object without `schema`"));
    };
    if schema.get() != SCHEMA.to_string() {
        let found = schema.get().chars().take(40).collect();
        return Err(DocumentError::UnknownSchema { found });
    }
    match (marks.points, marks.outcome, marks.report) {
        (Some(_), _, _) => Ok(()),
        (None, Some(_), Some(_)) => Err(foreign("what `mine` or `solve` prints")),
        (None, Some(_), None) => Err(foreign("what another command prints: it has no `points`")),
        (None, None, _) => Err(foreign("an object without `points`")),
    }
}

/// What kind of JSON a value is, in words.
fn kind(json: &str) -> &'static str {
    match json.as_bytes().first() {
        Some(b'[') => "an array",
        Some(b'"') => "text",
        Some(b't' | b'f') => "true or false",
        Some(b'n') => "null",
        _ => "a number",
    }
}

fn foreign(looks_like: &str) -> DocumentError {
    DocumentError::Foreign { looks_like: looks_like.to_owned() }
}

fn not_json(error: &Error) -> DocumentError {
    DocumentError::NotJson {
        line: error.line(),
        column: error.column(),
        reason: without_place(error),
    }
}

/// What an error says, without the line and column of a part of the file.
fn without_place(error: &Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).map_or_else(|| text.clone(), str::to_owned)
}
