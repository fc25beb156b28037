//! Properties of `python_json`, tried on any bytes.

use stripmine::chain::python_json::{
    JsonKind, ParseError, ParseErrorKind, Reader, Value, parse, rewrite, write_string, write_value,
};

/// Reads, writes and reads again; compares building values with skipping them and with walking
/// them piece by piece; and looks at a beginning of the same text.
pub(crate) fn check(text: &[u8]) {
    let read = parse(text);
    let mut skipping = Reader::new(text);
    let skipped = skipping.skip().and_then(|kind| skipping.finish().map(|()| kind));
    let mut walking = Reader::new(text);
    let walked = walk(&mut walking).and_then(|()| walking.finish());
    match read {
        Ok(value) => {
            assert_eq!(skipped, Ok(kind_of(&value)));
            assert_eq!(walked, Ok(()));
            let written = written(&value);
            assert_eq!(written.as_bytes() == text, skipping.is_canonical(), "canonical or not");
            assert_eq!(rewrite(text).as_ref(), Ok(&written), "rewritten without values");
            assert_eq!(skipping.is_canonical(), walking.is_canonical());
            assert_eq!(parse(written.as_bytes()).as_ref(), Ok(&value), "written and read again");
            assert!(written.bytes().all(|byte| byte.is_ascii() && byte >= b' '), "{written:?}");
            check_beginning(text, skipping.is_canonical());
        }
        Err(error) => {
            assert_eq!(walked, Err(error.clone()));
            check_place(&error, text);
            assert_eq!(rewrite(text).as_ref(), Err(&error));
            assert_eq!(skipped, Err(error));
        }
    }
}

/// A beginning of a document is unfinished, or a document itself (`12` of `123`); that of a
/// canonical one is canonical as far as it goes.
fn check_beginning(text: &[u8], is_canonical: bool) {
    let sum = text.iter().fold(0_usize, |sum, byte| sum.wrapping_mul(31) + usize::from(*byte));
    let beginning = &text[..sum % text.len()];
    let mut reader = Reader::new(beginning);
    if let Err(error) = reader.skip() {
        let is_split_character = error.kind() == ParseErrorKind::InvalidUtf8;
        let is_unfinished = error.kind() == ParseErrorKind::UnexpectedEnd;
        assert!(is_unfinished || is_split_character && !is_canonical, "{error}");
        assert!(!is_canonical || reader.is_canonical(), "{}", beginning.escape_ascii());
    }
}

fn check_place(error: &ParseError, text: &[u8]) {
    assert!(error.offset() <= text.len());
    let before = &text[..error.offset()];
    let newlines = before.iter().filter(|byte| **byte == b'\n').count();
    assert_eq!(error.line(), newlines + 1);
    assert!((1..=before.len() + 1).contains(&error.column()));
    assert!(error.to_string().is_ascii(), "{error}");
}

/// Reads with the piecewise calls alone.
fn walk(reader: &mut Reader<'_>) -> Result<(), ParseError> {
    match reader.peek_kind()? {
        JsonKind::Object => {
            let mut members = reader.open_object()?;
            while let Some(key) = reader.next_key(&mut members)? {
                let mut quoted = String::new();
                write_string(&mut quoted, &key);
                assert_eq!(parse(quoted.as_bytes()), Ok(Value::from(&*key)));
                walk(reader)?;
            }
        }
        JsonKind::Array => {
            let mut elements = reader.open_array()?;
            while reader.next_element(&mut elements)? {
                walk(reader)?;
            }
        }
        JsonKind::String => drop(reader.string()?),
        JsonKind::Integer | JsonKind::Float => drop(reader.number()?),
        JsonKind::Bool | JsonKind::Null => drop(reader.skip()?),
    }
    Ok(())
}

fn kind_of(value: &Value) -> JsonKind {
    match value {
        Value::Null => JsonKind::Null,
        Value::Bool(_) => JsonKind::Bool,
        Value::Integer(_) => JsonKind::Integer,
        Value::Float(_) => JsonKind::Float,
        Value::String(_) => JsonKind::String,
        Value::Array(_) => JsonKind::Array,
        Value::Object(_) => JsonKind::Object,
    }
}

fn written(value: &Value) -> String {
    let mut text = String::new();
    write_value(&mut text, value);
    text
}
