//! The bytes after the last newline of a chain file: a whole block, a torn append, or neither.

use super::dialect::Role;
use super::flaw::{Reason, foreign_reason};
use super::layout::{OPEN, ORDER};
use super::line::BlockLine;
use super::python_json::{JsonKind, ParseErrorKind, Reader};
use super::rules::Chain;

/// A last line that an append has left unfinished.
#[derive(Clone, Copy, Debug)]
pub(super) enum Unfinished {
    /// A whole block that fits the chain; only its newline is missing.
    WholeBlock,
    /// The beginning of a block's line.
    Torn,
}

/// Classifies the bytes after the last newline. Adds them to the chain, where it is known, if they
/// are a block. The error is why they cannot be repaired.
pub(super) fn classify(tail: &[u8], chain: Option<&mut Chain>) -> Result<Unfinished, Reason> {
    if is_beginning_of_a_line(tail) {
        return Ok(Unfinished::Torn);
    }
    let line = BlockLine::parse(tail).ok().filter(BlockLine::is_canonical);
    let line = line.ok_or_else(|| foreign_reason(tail).unwrap_or(Reason::ForeignTail))?;
    if let Some(chain) = chain {
        chain.accept_link(&line.link()?)?;
    }
    Ok(Unfinished::WholeBlock)
}

/// Whether these bytes are a whole JSON object.
pub(super) fn is_object(tail: &[u8]) -> bool {
    let mut reader = Reader::new(tail);
    reader.skip() == Ok(JsonKind::Object) && reader.finish().is_ok()
}

/// Whether more bytes could make this a canonical line of a block.
fn is_beginning_of_a_line(tail: &[u8]) -> bool {
    let mut reader = Reader::new(tail);
    let Ok(mut members) = reader.open_object() else {
        return OPEN.as_bytes().starts_with(tail);
    };
    let mut end = OPEN.len();
    for role in ORDER {
        let lead = role.lead().as_bytes();
        let Some(value) = tail[end..].strip_prefix(lead) else {
            return lead.starts_with(&tail[end..]);
        };
        if value.is_empty() {
            return true;
        }
        let read = reader.next_key(&mut members).and_then(|_| reader.skip());
        end = match read {
            Ok(_) => reader.offset(),
            Err(error) if error.kind() == ParseErrorKind::UnexpectedEnd => tail.len(),
            Err(_) => return false,
        };
        let start = tail.len() - value.len();
        if !reader.is_canonical() || !may_become_value(role, &tail[start..end]) {
            return false;
        }
    }
    end == tail.len()
}

/// Whether JSON, whose end may be missing, can be the value of a property.
fn may_become_value(role: Role, json: &[u8]) -> bool {
    match role {
        Role::Data => true,
        Role::Hash => may_become_hash(json),
        // JSON has no `+`, which `parse` would take.
        Role::Index => str::from_utf8(json).is_ok_and(|text| text.parse::<u64>().is_ok()),
        Role::Nonce => json.iter().all(u8::is_ascii_digit),
        Role::PreviousHash => json[0] == b'"',
        Role::Timestamp => matches!(json[0], b'"' | b'-' | b'0'..=b'9'),
    }
}

fn may_become_hash(value: &[u8]) -> bool {
    let are_hex = |digits: &[u8]| digits.iter().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
    match value {
        [b'"', digits @ .., b'"'] => digits.len() == 64 && are_hex(digits),
        [b'"', digits @ ..] => digits.len() <= 64 && are_hex(digits),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::block::Timestamp;
    use crate::chain::candidate::{Candidate, SealedBlock};
    use crate::chain::python_json::{Float, parse};

    fn lines() -> Vec<String> {
        let data = br#"{"a": [1, -2.5, true, null, "\u00e9\ud83d\ude00\n"], "b": {}}"#;
        let candidate = |timestamp, data| Candidate::new(1, &timestamp, &data, &"0".repeat(64));
        let float = Timestamp::Float(Float::new(1_700_000_000.25).unwrap());
        let text = Timestamp::Text("noon".to_owned());
        let blocks = [
            SealedBlock::genesis(),
            candidate(float, parse(data).unwrap()).unwrap().seal(77),
            candidate(text, parse(b"12").unwrap()).unwrap().seal(u64::MAX),
        ];
        blocks.iter().map(|block| block.line().to_owned()).collect()
    }

    #[test]
    fn every_proper_prefix_of_a_line_is_a_beginning_and_the_line_is_not() {
        for line in lines() {
            for len in 0..line.len() {
                assert!(is_beginning_of_a_line(&line.as_bytes()[..len]), "{}", &line[..len]);
            }
            assert!(!is_beginning_of_a_line(line.as_bytes()));
        }
    }

    #[test]
    fn other_bytes_are_no_beginning() {
        for text in [
            "x",
            "{ ",
            "{\"hash",
            "{\"data\":1",
            "{\"data\": 01",
            "{\"data\": tru!",
            "{\"data\": \"\u{e9}",
            "{\"data\": 1, \"hash\": \"xyz",
            "{\"data\": 1, \"hash\": \"ABC",
            "{\"data\": 1, \"index\": 1",
            "{\"data\": 1}",
            "\0",
            "[{\"data\"",
        ] {
            assert!(!is_beginning_of_a_line(text.as_bytes()), "{text}");
        }
        let too_long = format!("{{\"data\": 1, \"hash\": \"{}", "a".repeat(65));
        assert!(!is_beginning_of_a_line(too_long.as_bytes()));
        let short = format!("{{\"data\": 1, \"hash\": \"{}\", \"index", "a".repeat(63));
        assert!(!is_beginning_of_a_line(short.as_bytes()));
    }

    #[test]
    fn a_line_with_its_last_bytes_zeroed_is_no_beginning() {
        for line in lines() {
            let mut bytes = line.into_bytes();
            let len = bytes.len();
            bytes[len - 20..].fill(0);
            assert!(!is_beginning_of_a_line(&bytes));
        }
    }
}
