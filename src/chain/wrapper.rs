//! Tells a file of one block a line from an object that holds an array of blocks, by its beginning.

use super::properties::Properties;
use super::python_json::{JsonKind, Members, ParseError, ParseErrorKind, Reader, Spellings};

/// The names of properties that hold a chain, whatever their first element is.
const USUAL_NAMES: [&str; 5] = ["chain", "blocks", "blockchain", "block_chain", "blockChain"];

/// How the blocks stand in a file that begins with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beginning {
    /// One on every line.
    Lines,
    /// In an array whose bracket is the byte here.
    Wrapped { array_at: usize },
    /// More of the file must be read to know.
    Unknown,
}

/// Looks at the beginning of a file; `is_all` says whether it is all of it.
pub(super) fn beginning(text: &[u8], is_all: bool) -> Beginning {
    let line_end = memchr::memchr(b'\n', text);
    let first_line = line_end.map_or(text, |end| &text[..end]);
    let after = &text[first_line.len()..];
    let is_first_of_several = !after.trim_ascii().is_empty();
    if line_end.is_some() && is_first_of_several && is_document(first_line) {
        return Beginning::Lines;
    }
    let mut findings = Findings::default();
    match findings.walk(text) {
        Ok(()) => findings.conclude_whole(),
        Err(error) if error.kind() == ParseErrorKind::UnexpectedEnd => {
            findings.conclude_beginning(text, is_all)
        }
        Err(_) => findings.conclude_beginning(text, true),
    }
}

fn is_document(text: &[u8]) -> bool {
    let mut reader = Reader::new(text);
    reader.skip().is_ok() && reader.finish().is_ok()
}

/// What was found in an object.
#[derive(Default)]
struct Findings {
    /// Whether a property of its own has the form of a hash, as every block's has.
    has_hash: bool,
    /// The array with a usual name.
    named: Option<usize>,
    /// The first array of blocks: one of its first elements has a property with the form of a hash.
    of_blocks: Option<usize>,
    /// The first array of other objects.
    of_objects: Option<usize>,
    /// The first array without elements.
    empty: Option<usize>,
    /// Whether a property of its own is neither an array nor an integer, as most of a block's are.
    is_like_a_block: bool,
}

impl Findings {
    /// Walks along the members, as far as the text goes.
    fn walk(&mut self, text: &[u8]) -> Result<(), ParseError> {
        let mut reader = Reader::new(text);
        let mut members = reader.open_object()?;
        while self.step(&mut reader, &mut members, text)? {}
        reader.finish()
    }

    fn step<'a>(
        &mut self,
        reader: &mut Reader<'a>,
        members: &mut Members<'a>,
        text: &'a [u8],
    ) -> Result<bool, ParseError> {
        let Some(name) = reader.next_key(members)? else { return Ok(false) };
        let kind = reader.peek_kind()?;
        let start = reader.offset();
        if kind == JsonKind::Array {
            if USUAL_NAMES.contains(&&*name) {
                self.named.get_or_insert(start);
            }
            self.look_into(&text[start..], start);
        }
        reader.skip()?;
        self.is_like_a_block |= !matches!(kind, JsonKind::Array | JsonKind::Integer);
        self.has_hash |= kind == JsonKind::String && is_hash(&text[start..reader.offset()]);
        Ok(true)
    }

    fn look_into(&mut self, array: &[u8], start: usize) {
        let Ok(elements) = first_elements(array) else { return };
        let is_like = match elements.first() {
            None => &mut self.empty,
            _ if elements.iter().any(|element| has_hash(element)) => &mut self.of_blocks,
            Some(first) if first.starts_with(b"{") => &mut self.of_objects,
            _ => return,
        };
        is_like.get_or_insert(start);
    }

    /// The conclusion from an object with nothing after it.
    fn conclude_whole(&self) -> Beginning {
        let without_hashes = self.of_objects.or(self.empty).filter(|_| !self.is_like_a_block);
        let array = self.named.or(self.of_blocks).or(without_hashes);
        match array.filter(|_| !self.has_hash) {
            Some(array_at) => Beginning::Wrapped { array_at },
            None => Beginning::Lines,
        }
    }

    /// The conclusion from an object that goes on. A large block may hold an array as well, so an
    /// array without a usual name is taken only for the right hash of one of its first elements.
    fn conclude_beginning(&self, text: &[u8], is_all: bool) -> Beginning {
        let is_right = |start: &usize| {
            first_elements(&text[*start..]).is_ok_and(|them| them.into_iter().any(has_right_hash))
        };
        let array = self.named.or(self.of_blocks.filter(is_right)).filter(|_| !self.has_hash);
        match array {
            Some(array_at) => Beginning::Wrapped { array_at },
            None if is_all => Beginning::Lines,
            None => Beginning::Unknown,
        }
    }
}

/// The texts of an array's first elements, two of them if they can be read: the first block may
/// have lost its hash.
fn first_elements(array: &[u8]) -> Result<Vec<&[u8]>, ParseError> {
    let mut reader = Reader::new(array);
    let mut elements = reader.open_array()?;
    let mut next = || -> Result<Option<&[u8]>, ParseError> {
        if !reader.next_element(&mut elements)? {
            return Ok(None);
        }
        reader.peek_kind()?;
        let start = reader.offset();
        reader.skip()?;
        Ok(Some(&array[start..reader.offset()]))
    };
    let first = next()?;
    let second = next().ok().flatten();
    Ok(first.into_iter().chain(second).collect())
}

fn has_hash(element: &[u8]) -> bool {
    let block = Properties::parse(element);
    block.is_ok_and(|block| block.hashes(None).next().is_some())
}

/// Whether a property is the hash of the others.
fn has_right_hash(element: &[u8]) -> bool {
    let block = Properties::parse(element);
    block.is_ok_and(|block| block.find_hash(None, Spellings::ALL).is_some())
}

fn is_hash(value: &[u8]) -> bool {
    let is_hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    matches!(value, [b'"', digits @ .., b'"'] if digits.len() == 64 && digits.iter().all(is_hex))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "006acdad887fc1ed1ff73fd8894f7322676cef80239c58264e4ca72be111011a";

    #[test]
    fn a_block_on_a_line_is_told_from_an_object_that_holds_blocks() {
        let block = format!(r#"{{"tx": [{{"id": "{HASH}"}}], "hash": "{HASH}"}}"#);
        let lines = format!("{block}\n{block}\n");
        assert_eq!(beginning(lines.as_bytes(), true), Beginning::Lines);
        assert_eq!(beginning(block.as_bytes(), true), Beginning::Lines, "one block");
        for name in ["chain", "kette"] {
            let wrapped = format!(r#"{{"length": 1, "peers": [1], "{name}": [{block}]}}"#);
            let array_at = wrapped.find("[{\"tx").unwrap();
            let expected = Beginning::Wrapped { array_at };
            assert_eq!(beginning(wrapped.as_bytes(), true), expected);
            let pretty = wrapped.replace("{\"length\"", "{\n\"length\"");
            let expected = Beginning::Wrapped { array_at: array_at + 1 };
            assert_eq!(beginning(pretty.as_bytes(), true), expected);
        }
        assert_eq!(beginning(b"{\"chain\": []}", true), Beginning::Wrapped { array_at: 10 });
        assert_eq!(beginning(b"{\"name\": 1}\n", true), Beginning::Lines);
        assert_eq!(beginning(b"{}x", false), Beginning::Lines);
    }

    #[test]
    fn a_chain_whose_first_block_has_no_hash_is_found_and_a_block_without_one_is_a_block() {
        let second = format!(r#"{{"peers": [], "kette": [{{"index": 0}}, {{"hash": "{HASH}"}}]}}"#);
        let array_at = second.find("[{").unwrap();
        assert_eq!(beginning(second.as_bytes(), true), Beginning::Wrapped { array_at });
        let none = br#"{"peers": [], "length": 1, "kette": [{"index": 0}]}"#;
        assert_eq!(beginning(none, true), Beginning::Wrapped { array_at: 36 });
        assert_eq!(beginning(br#"{"kette": []}"#, true), Beginning::Wrapped { array_at: 10 });
        let block = br#"{"index": 0, "previous": "0", "data": [], "notes": [{"a": 1}]}"#;
        assert_eq!(beginning(block, true), Beginning::Lines);
    }

    #[test]
    fn a_beginning_tells_as_much_as_is_certain() {
        let unfinished = format!(r#"{{"a": [{{"id": "{HASH}"}}, {{"id"#);
        assert_eq!(beginning(unfinished.as_bytes(), false), Beginning::Unknown);
        assert_eq!(beginning(unfinished.as_bytes(), true), Beginning::Lines);
        assert_eq!(beginning(b"{\"chain\": [{\"a", false), Beginning::Wrapped { array_at: 10 });
    }
}
