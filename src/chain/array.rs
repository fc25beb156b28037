//! Finds where the elements of a JSON array begin and end, without reading them.

use super::python_json::plain_prefix;

/// Where in an array the next byte stands. Only strings and brackets are followed: whether an
/// element is JSON is not checked here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ArraySplitter {
    /// Before the opening bracket.
    #[default]
    Before,
    /// In an element, this many brackets deep.
    Element { depth: usize, place: Place },
    /// After the closing bracket.
    After,
}

/// Where in an element the next byte stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Outside,
    /// In a string.
    String,
    /// After a backslash in a string.
    Escape,
}

/// What a byte ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Boundary {
    /// The array begins after this byte.
    Opened,
    /// An element ends before this comma.
    Element,
    /// The last element, if there is one, ends before this bracket.
    Closed,
}

impl ArraySplitter {
    /// Whether the array's closing bracket has been seen.
    pub(super) fn is_closed(&self) -> bool {
        *self == Self::After
    }

    /// The next boundary in the bytes that follow those seen so far, and where it stands in them.
    pub(super) fn next_boundary(&mut self, bytes: &[u8]) -> Option<(usize, Boundary)> {
        match self {
            Self::Before => {
                let at = bytes.iter().position(|byte| *byte == b'[')?;
                *self = Self::Element { depth: 0, place: Place::Outside };
                Some((at, Boundary::Opened))
            }
            Self::Element { depth, place } => {
                let mut at = after_string(place, bytes, 0);
                while let Some(step) = bytes[at..].iter().position(|byte| is_structure(*byte)) {
                    at += step;
                    match bytes[at] {
                        b'"' => {
                            *place = Place::String;
                            at = after_string(place, bytes, at + 1);
                            continue;
                        }
                        b',' if *depth == 0 => return Some((at, Boundary::Element)),
                        b']' if *depth == 0 => {
                            *self = Self::After;
                            return Some((at, Boundary::Closed));
                        }
                        b'[' | b'{' => *depth += 1,
                        b']' | b'}' => *depth = depth.saturating_sub(1),
                        _ => {}
                    }
                    at += 1;
                }
                None
            }
            Self::After => None,
        }
    }
}

const fn is_structure(byte: u8) -> bool {
    matches!(byte, b'"' | b',' | b'[' | b']' | b'{' | b'}')
}

/// Where the bytes go on after the string that they are in, if they are in one.
fn after_string(place: &mut Place, bytes: &[u8], mut at: usize) -> usize {
    while *place != Place::Outside && at < bytes.len() {
        if *place == Place::String {
            at += plain_prefix(&bytes[at..]);
        }
        *place = match (*place, bytes.get(at)) {
            (Place::String, Some(b'"')) => Place::Outside,
            (Place::String, Some(b'\\')) => Place::Escape,
            (Place::Escape, Some(_)) => Place::String,
            (place, _) => place,
        };
        at = bytes.len().min(at + 1);
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elements(text: &str) -> Vec<&str> {
        let mut splitter = ArraySplitter::default();
        let (mut at, mut start) = (0, 0);
        let mut elements = Vec::new();
        while let Some((step, boundary)) = splitter.next_boundary(&text.as_bytes()[at..]) {
            if boundary != Boundary::Opened {
                elements.push(&text[start..at + step]);
            }
            at += step + 1;
            start = at;
        }
        elements
    }

    #[test]
    fn brackets_and_commas_in_strings_and_in_elements_do_not_cut() {
        let text = r#" [{"a": [1, 2]}, "],[", "\"]", "\\", {}] "#;
        assert_eq!(
            elements(text),
            [r#"{"a": [1, 2]}"#, r#" "],[""#, r#" "\"]""#, r#" "\\""#, " {}"]
        );
    }

    #[test]
    fn an_array_without_its_bracket_is_not_closed() {
        let mut splitter = ArraySplitter::default();
        assert_eq!(splitter.next_boundary(b"[{}"), Some((0, Boundary::Opened)));
        assert_eq!(splitter.next_boundary(b"{}"), None);
        assert!(!splitter.is_closed());
        assert_eq!(splitter.next_boundary(b"]"), Some((0, Boundary::Closed)));
        assert!(splitter.is_closed());
    }
}
