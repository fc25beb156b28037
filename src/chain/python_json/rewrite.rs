//! Rewrites JSON of any spelling as Python writes it, without building values: two bytes of JSON
//! can take hundreds of bytes as a [`Value`](super::Value), and a line of a chain may have 64 MiB.

use super::build::Build;
use super::error::ParseError;
use super::read::Reader;
use super::string::RawString;
use super::value::Number;
use super::write::write_string;

/// Reads one whole document and returns it as Python's `json.dumps(…, sort_keys=True)` writes it:
/// the text of the value that [`parse`](super::parse) reads. Needs a few times its length in
/// memory.
///
/// # Errors
///
/// The same as [`parse`](super::parse)'s.
pub fn rewrite(text: &[u8]) -> Result<String, ParseError> {
    let mut reader = Reader::new(text);
    let rewritten = reader.read::<Text>()?;
    reader.finish()?;
    Ok(rewritten)
}

/// Builds the value's canonical text.
enum Text {}

impl Build for Text {
    type Value = String;
    /// The elements' text without the closing bracket; empty before the first element.
    type Elements = String;
    type Members = Members;

    fn null() -> String {
        "null".to_owned()
    }

    fn bool(value: bool) -> String {
        value.to_string()
    }

    fn number(number: Number<'_>) -> String {
        match number {
            Number::Integer(text) => text.to_owned(),
            Number::Float(float) => float.to_string(),
        }
    }

    fn string(string: RawString<'_>) -> String {
        quoted(&string.decode())
    }

    fn push(elements: &mut String, value: String) {
        elements.push_str(if elements.is_empty() { "[" } else { ", " });
        elements.push_str(&value);
    }

    fn array(mut elements: String) -> String {
        elements.push_str(if elements.is_empty() { "[]" } else { "]" });
        elements
    }

    fn insert(members: &mut Members, key: RawString<'_>, value: String) {
        members.keys.push_str(&key.decode());
        members.values.push_str(&value);
        members.ends.push((members.keys.len(), members.values.len()));
    }

    fn object(members: Members) -> String {
        members.written()
    }
}

/// The members of an object in the order of the text, one directly after the other.
#[derive(Default)]
struct Members {
    keys: String,
    values: String,
    /// Where each member's key and value end.
    ends: Vec<(usize, usize)>,
}

impl Members {
    /// The object, sorted by key. Of a key that comes twice, the last value stays, as in Python.
    fn written(&self) -> String {
        let mut order: Vec<usize> = (0..self.ends.len()).collect();
        order.sort_by_key(|at| self.member(*at).0);
        let mut text = String::with_capacity(self.keys.len() + self.values.len() + 2);
        for (place, at) in order.iter().enumerate() {
            let (key, value) = self.member(*at);
            if order.get(place + 1).is_some_and(|next| self.member(*next).0 == key) {
                continue;
            }
            text.push_str(if text.is_empty() { "{" } else { ", " });
            write_string(&mut text, key);
            text.push_str(": ");
            text.push_str(value);
        }
        text.push_str(if text.is_empty() { "{}" } else { "}" });
        text
    }

    fn member(&self, at: usize) -> (&str, &str) {
        let (key_start, value_start) = at.checked_sub(1).map_or((0, 0), |before| self.ends[before]);
        let (key_end, value_end) = self.ends[at];
        (&self.keys[key_start..key_end], &self.values[value_start..value_end])
    }
}

fn quoted(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    write_string(&mut json, text);
    json
}

#[cfg(test)]
mod tests {
    use super::super::read::parse;
    use super::*;

    #[test]
    fn other_spellings_become_pythons() {
        for (text, canonical) in [
            ("[ ]", "[]"),
            ("{\n}", "{}"),
            ("[1,-0,2E1 ,[],[[null]]]", "[1, 0, 20.0, [], [[null]]]"),
            (r#"{"b":1,"a":{"\u0063":true},"b":2}"#, r#"{"a": {"c": true}, "b": 2}"#),
            (r#"{"":1,"":{},"":[]}"#, r#"{"": []}"#),
            (r#"{"é":1,"\ud83d\ude00":2,"~":3}"#, r#"{"~": 3, "\u00e9": 1, "\ud83d\ude00": 2}"#),
        ] {
            assert_eq!(rewrite(text.as_bytes()).as_deref(), Ok(canonical), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_cannot_be_rewritten() {
        for text in ["", "[1,]", "{\"a\":}", "NaN", "1 2", "\"\\ud800\""] {
            assert_eq!(rewrite(text.as_bytes()).err(), parse(text.as_bytes()).err(), "{text}");
        }
    }
}
