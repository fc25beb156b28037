//! Recognises a torn append: bytes that could be the beginning of a block's line.

use super::flaw::Reason;
use super::line::BlockLine;
use super::python_json::{ParseErrorKind, Reader};
use super::rules::{Chain, ChainError};

/// What stands after the last newline of a chain file.
#[derive(Debug)]
pub(super) enum TailKind {
    /// A whole block that fits the chain; only its newline is missing.
    WholeBlock,
    /// The beginning of a block's line.
    Torn,
    /// Neither. Where it could be read as a block, why it does not fit.
    Other(Option<ChainError>),
}

impl TailKind {
    /// Why these bytes cannot be repaired; `None` if they can.
    pub(super) fn refusal(self, tail: &[u8]) -> Option<Reason> {
        match self {
            Self::WholeBlock | Self::Torn => None,
            Self::Other(Some(error)) => Some(Reason::Chain(error)),
            Self::Other(None) if tail.contains(&0) => Some(Reason::Nul),
            Self::Other(None) => Some(Reason::ForeignTail),
        }
    }
}

/// What to say of the bytes after the last newline where the chain before them is not known.
pub(super) fn reason_without_chain(tail: &[u8]) -> Reason {
    let is_block = BlockLine::parse(tail).is_ok_and(|line| line.is_canonical);
    if is_block || is_beginning_of_a_line(tail) {
        return Reason::Unfinished;
    }
    TailKind::Other(None).refusal(tail).unwrap_or(Reason::ForeignTail)
}

/// Judges the bytes after the last newline; takes them into the chain when they are a block.
pub(super) fn judge(tail: &[u8], chain: &mut Chain) -> TailKind {
    if is_beginning_of_a_line(tail) {
        return TailKind::Torn;
    }
    let Ok(line) = BlockLine::parse(tail) else {
        return TailKind::Other(None);
    };
    if !line.is_canonical {
        return TailKind::Other(None);
    }
    let fits = line.link().map_err(ChainError::from).and_then(|link| chain.accept_link(&link));
    match fits {
        Ok(()) => TailKind::WholeBlock,
        Err(error) => TailKind::Other(Some(error)),
    }
}

/// Whether a value, of which the end may be missing, can be a property's.
type MayBeValue = fn(&[u8]) -> bool;

/// What stands before each property's value in a line, and what the value can be.
const PROPERTIES: [(&[u8], MayBeValue); 6] = [
    (br#"{"data": "#, |_| true),
    (br#", "hash": "#, is_hash_so_far),
    (br#", "index": "#, is_index_so_far),
    (br#", "nonce": "#, are_digits),
    (br#", "previous_hash": "#, |value| value[0] == b'"'),
    (br#", "timestamp": "#, |value| matches!(value[0], b'"' | b'-' | b'0'..=b'9')),
];

/// Whether more bytes could make this a canonical line of a block.
fn is_beginning_of_a_line(tail: &[u8]) -> bool {
    let mut reader = Reader::new(tail);
    let Ok(mut members) = reader.open_object() else {
        return PROPERTIES[0].0.starts_with(tail);
    };
    let mut end = 0;
    for (lead, may_be_value) in PROPERTIES {
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
        if !reader.is_canonical() || !may_be_value(&tail[start..end]) {
            return false;
        }
    }
    end == tail.len()
}

fn is_hash_so_far(value: &[u8]) -> bool {
    let Some(rest) = value.strip_prefix(b"\"") else {
        return false;
    };
    let (digits, has_right_len) = match rest.strip_suffix(b"\"") {
        Some(digits) => (digits, digits.len() == 64),
        None => (rest, rest.len() <= 64),
    };
    has_right_len && digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_index_so_far(value: &[u8]) -> bool {
    are_digits(value) && str::from_utf8(value).is_ok_and(|text| text.parse::<u64>().is_ok())
}

fn are_digits(value: &[u8]) -> bool {
    value.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::block::{Block, Candidate, Timestamp};
    use crate::chain::python_json::{Float, parse};

    fn lines() -> Vec<String> {
        let data = br#"{"a": [1, -2.5, true, null, "\u00e9\ud83d\ude00\n"], "b": {}}"#;
        let candidate = |timestamp, data| Candidate::new(1, timestamp, data, "0".repeat(64));
        let float = Timestamp::Float(Float::new(1_700_000_000.25).unwrap());
        let text = Timestamp::Text("noon".to_owned());
        vec![
            Block::genesis().line(),
            candidate(float, parse(data).unwrap()).unwrap().seal(77).line(),
            candidate(text, parse(b"12").unwrap()).unwrap().seal(u64::MAX).line(),
        ]
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
