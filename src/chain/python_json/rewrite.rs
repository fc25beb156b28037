//! Writes JSON of any spelling in another one, without building values: two bytes of JSON can take
//! hundreds of bytes as a [`Value`](super::Value), and a line of a chain may have 64 MiB.

use std::cmp::Ordering;

use super::error::ParseError;
use super::notes::Notes;
use super::read::Reader;
use super::string::RawString;
use super::style::JsonStyle;
use super::value::Number;
use super::write::{plain_prefix, write_raw_string, write_string};

/// Objects of up to this many members are searched for doubled keys without sorting.
const FEW_MEMBERS: usize = 8;

/// Reads one whole document and returns it as Python's `json.dumps(…, sort_keys=True)` writes it:
/// the text of the value that [`parse`](super::parse) reads. Needs a few times its length in
/// memory.
///
/// # Errors
/// The same as [`parse`](super::parse)'s.
pub fn rewrite(text: &[u8]) -> Result<String, ParseError> {
    let mut rewritten = String::new();
    Speller::new(JsonStyle::PYTHON, Numbers::AsPython, &mut rewritten).write_document(text)?;
    Ok(rewritten)
}

/// Reads one whole document and returns it in this spelling. Its numbers keep their text.
///
/// # Errors
/// The same as [`parse`](super::parse)'s.
pub fn respell(text: &[u8], style: JsonStyle) -> Result<String, ParseError> {
    let mut respelled = String::with_capacity(text.len());
    Speller::new(style, Numbers::AsRead, &mut respelled).write_document(text)?;
    Ok(respelled)
}

/// How numbers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// As Python's `repr` does.
    AsPython,
    /// With the text that they have.
    AsRead,
}

/// Writes values in one spelling, and notes in which others they would be the same.
pub(crate) struct Speller<'o> {
    style: JsonStyle,
    numbers: Numbers,
    out: &'o mut String,
    /// The members of the objects that are open.
    members: Vec<Member>,
    /// Whether a string has had a character that the two ways of writing characters spell
    /// differently.
    pub(crate) has_wide: bool,
    /// Whether an object has had keys that were not in order.
    pub(crate) has_unsorted: bool,
}

/// Where a member begins: in the text that is read, and in what is written.
#[derive(Clone, Copy)]
struct Member {
    read_at: usize,
    written_at: usize,
}

impl<'o> Speller<'o> {
    pub(crate) fn new(style: JsonStyle, numbers: Numbers, out: &'o mut String) -> Self {
        Self { style, numbers, out, members: Vec::new(), has_wide: false, has_unsorted: false }
    }

    /// Reads a whole document, and appends it.
    pub(crate) fn write_document(&mut self, text: &[u8]) -> Result<(), ParseError> {
        let mut reader = Reader::new(text);
        self.write(&mut reader)?;
        reader.finish()
    }

    /// Appends a value that was read before, when this was noted.
    pub(crate) fn write_read(&mut self, text: &str, notes: Notes) -> Result<(), ParseError> {
        if self.numbers == Numbers::AsPython || !notes.fit(self.style) {
            return self.write_document(text.as_bytes());
        }
        self.out.push_str(text);
        self.has_wide |= notes.has_wide();
        self.has_unsorted |= notes.has(Notes::UNSORTED);
        Ok(())
    }

    /// Appends text that is the same in every spelling.
    pub(crate) fn push_str(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// How many bytes there are so far.
    pub(crate) fn len(&self) -> usize {
        self.out.len()
    }

    /// Appends a string.
    pub(crate) fn write_text(&mut self, text: &str) {
        if plain_prefix(text.as_bytes()) == text.len() {
            return self.write_plain(text);
        }
        self.has_wide |= has_wide(text.as_bytes());
        if self.style.is_ascii {
            write_string(self.out, text);
        } else {
            write_raw_string(self.out, text);
        }
    }

    fn write(&mut self, reader: &mut Reader<'_>) -> Result<(), ParseError> {
        reader.skip_space();
        match reader.peek() {
            Some(b'"') => self.write_token(reader.string_token()?),
            Some(b'{') => return self.write_object(reader),
            Some(b'[') => return self.write_array(reader),
            Some(b'-' | b'0'..=b'9') => {
                let text = reader.text;
                let start = reader.offset();
                let number = reader.number_token()?;
                match (self.numbers, number) {
                    (Numbers::AsRead, _) => self.push_ascii(&text[start..reader.offset()]),
                    (_, Number::Integer(digits)) => self.out.push_str(digits),
                    (_, Number::Float(float)) => self.out.push_str(float.repr().as_str()),
                }
            }
            _ => {
                let start = reader.offset();
                reader.skip()?;
                self.push_ascii(&reader.text[start..reader.offset()]);
            }
        }
        Ok(())
    }

    fn push_ascii(&mut self, token: &[u8]) {
        self.out.push_str(std::str::from_utf8(token).expect("numbers and literals are ASCII"));
    }

    fn write_token(&mut self, token: RawString<'_>) {
        let is_raw = !self.style.is_ascii && !token.has_escapes();
        let text = token.decode();
        if is_raw {
            self.has_wide |= has_wide(text.as_bytes());
            self.write_plain(&text);
        } else {
            self.write_text(&text);
        }
    }

    /// Appends a string that needs no escapes.
    fn write_plain(&mut self, text: &str) {
        self.out.push('"');
        self.out.push_str(text);
        self.out.push('"');
    }

    fn write_array(&mut self, reader: &mut Reader<'_>) -> Result<(), ParseError> {
        let mut elements = reader.open_array()?;
        let mut separator = "[";
        while reader.next_element(&mut elements)? {
            self.out.push_str(separator);
            self.write(reader)?;
            separator = self.style.comma();
        }
        self.out.push_str(if separator == "[" { "[]" } else { "]" });
        Ok(())
    }

    fn write_object(&mut self, reader: &mut Reader<'_>) -> Result<(), ParseError> {
        let mut progress = reader.open_object()?;
        let first = self.members.len();
        let (mut last_key, mut is_in_order) = (None::<RawString<'_>>, true);
        self.out.push('{');
        loop {
            let key = reader.next_raw_key(&mut progress)?;
            let Some(key) = key else { break };
            is_in_order &= last_key.is_none_or(|last| last.compare(key) == Ordering::Less);
            last_key = Some(key);
            if self.members.len() > first {
                self.out.push_str(self.style.comma());
            }
            let read_at = key.range_in(reader.text).start;
            self.members.push(Member { read_at, written_at: self.out.len() });
            self.write_token(key);
            self.out.push_str(self.style.colon());
            self.write(reader)?;
        }
        if !is_in_order {
            self.has_unsorted = true;
            self.put_in_order(reader.text, first);
        }
        self.members.truncate(first);
        self.out.push('}');
        Ok(())
    }

    /// Puts the members of the last object, which are all written, into the order of the spelling.
    /// Of a key that comes twice, the last value stays, where the first one was: as in Python.
    fn put_in_order(&mut self, text: &[u8], first: usize) {
        let members = &self.members[first..];
        let key = |at: usize| key_at(text, members[at].read_at);
        if !self.style.is_sorted && members.len() <= FEW_MEMBERS {
            let equals = |at: usize| (0..at).any(|it| key(it).compare(key(at)).is_eq());
            if !(0..members.len()).any(equals) {
                return;
            }
        }
        let mut order: Vec<usize> = (0..members.len()).collect();
        // A stable sort: of equal keys, the first of the text comes first.
        order.sort_by(|a, b| key(*a).compare(key(*b)));
        // Each member that stays, as the place that it takes and the place of its value.
        let mut kept: Vec<(usize, usize)> = Vec::with_capacity(order.len());
        for at in order {
            match kept.last_mut() {
                Some((place, last)) if key(*place).compare(key(at)).is_eq() => *last = at,
                _ => kept.push((at, at)),
            }
        }
        if !self.style.is_sorted {
            kept.sort_unstable();
        }
        let start = members[0].written_at;
        let written = self.out.split_off(start);
        let comma = self.style.comma();
        for (number, (_, at)) in kept.into_iter().enumerate() {
            let begin = members[at].written_at - start;
            let end = members
                .get(at + 1)
                .map_or(written.len(), |next| next.written_at - start - comma.len());
            if number > 0 {
                self.out.push_str(comma);
            }
            self.out.push_str(&written[begin..end]);
        }
    }
}

/// The key whose characters begin here in a text that was read.
fn key_at(text: &[u8], at: usize) -> RawString<'_> {
    let key = Reader::at(text, at - 1).string_token();
    key.expect("the key was read before")
}

/// Whether a text has characters that are written in ASCII as escapes and otherwise as they are.
fn has_wide(text: &[u8]) -> bool {
    text.iter().any(|byte| *byte >= 0x7f)
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

    #[test]
    fn every_spelling_is_written() {
        let text = br#"{ "b" : [1.50, 1E5], "a":{"d":"\u00e9\u007f","c":-0} }"#;
        for (style, expected) in [
            ("sorted,spaced,ascii", r#"{"a": {"c": -0, "d": "\u00e9\u007f"}, "b": [1.50, 1E5]}"#),
            ("sorted,compact,utf8", "{\"a\":{\"c\":-0,\"d\":\"é\u{7f}\"},\"b\":[1.50,1E5]}"),
            ("file,spaced,utf8", "{\"b\": [1.50, 1E5], \"a\": {\"d\": \"é\u{7f}\", \"c\": -0}}"),
            ("file,compact,ascii", r#"{"b":[1.50,1E5],"a":{"d":"\u00e9\u007f","c":-0}}"#),
        ] {
            assert_eq!(respell(text, style.parse().unwrap()).as_deref(), Ok(expected), "{style}");
        }
    }

    #[test]
    fn a_key_that_comes_twice_keeps_its_place_and_takes_the_last_value() {
        let style = "file,compact,utf8".parse().unwrap();
        let respelled = |text: &str| respell(text.as_bytes(), style).unwrap();
        assert_eq!(respelled(r#"{"b":1,"a":2,"b":[3]}"#), r#"{"b":[3],"a":2}"#);
        let many = (0..20).rev().map(|it| format!(r#""k{it}":{it},"#)).collect::<Vec<_>>().concat();
        let text = format!(r#"{{{many}"k7":"x"}}"#);
        assert_eq!(
            respelled(&text),
            format!("{{{}}}", many.trim_end_matches(',')).replace("\"k7\":7", "\"k7\":\"x\"")
        );
    }

    #[test]
    fn notes_tell_in_which_spellings_a_text_is_written() {
        let documents = [
            "[]",
            "{}",
            "1.50",
            "[1,2]",
            "[1, 2]",
            "[1 ,2]",
            "[1,  2]",
            "[1, 2,3]",
            r#"{"a":1}"#,
            r#"{"a": 1}"#,
            r#"{"a":1, "b":2}"#,
            r#"{"b":1,"a":{"d":1,"c":2}}"#,
            r#"{"b":1,"a":2,"b":3}"#,
            r#"{"a":1,"a":2}"#,
            r#"{"b":[{"a":1,"a":2}],"a":3}"#,
            r#"{"9":1,"8":1,"7":1,"6":1,"5":1,"4":1,"3":1,"2":1,"1":1,"0":1}"#,
            "[\"\u{e9}\"]",
            r#"["\u00e9"]"#,
            r#"["\u00E9"]"#,
            "[\"\u{e9}\",\"\\u00e9\"]",
            r#"{"\ud83d\ude00":1,"z":2}"#,
            "{\"\u{1f600}\":1,\"z\":2}",
            "\"\u{7f}\"",
            r#""\u007f""#,
            r#""\n\u001f\"\\""#,
            r#""\u000a""#,
            r#""\/""#,
            r#""\u0041""#,
            " 1",
            "[\n 1\n]",
        ];
        for text in documents {
            for style in JsonStyle::ALL {
                let respelled = respell(text.as_bytes(), style).unwrap();
                let is_same = respelled == text;
                // Of objects with many keys out of order it is not known whether one comes twice.
                let is_known = !text.contains('9');
                let fits = fits(text, style);
                assert!(!fits || is_same, "{text}, {style}");
                assert!(fits || !is_same || !is_known, "{text}, {style}");
                assert!(self::fits(&respelled, style) || !is_known, "{respelled}, {style}");
            }
        }
    }

    fn fits(text: &str, style: JsonStyle) -> bool {
        let mut reader = Reader::new(text.as_bytes());
        let notes = reader.skip_noting().unwrap();
        reader.finish().unwrap();
        notes.fit(style)
    }
}
