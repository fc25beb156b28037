//! Finds where the elements of a JSON array begin and end, without reading them.

/// Follows strings and brackets, and nothing else, to where in an array the next byte stands.
/// Whether an element is JSON is not checked here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ArraySplitter {
    /// Before the opening bracket.
    #[default]
    Before,
    /// In an element, this many brackets deep.
    Element { depth: usize },
    /// In a string of an element.
    String { depth: usize },
    /// After a backslash in such a string.
    Escape { depth: usize },
    /// After the closing bracket.
    After,
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
        let mut at = 0;
        loop {
            at += self.find_change(bytes.get(at..)?)?;
            if let Some(boundary) = self.step(bytes[at]) {
                return Some((at, boundary));
            }
            at += 1;
        }
    }

    /// Where the next byte is that can change anything.
    fn find_change(&self, bytes: &[u8]) -> Option<usize> {
        match self {
            Self::String { .. } => memchr::memchr2(b'"', b'\\', bytes),
            Self::Element { .. } => bytes
                .iter()
                .position(|byte| matches!(byte, b'"' | b',' | b'[' | b']' | b'{' | b'}')),
            Self::Before | Self::Escape { .. } | Self::After => (!bytes.is_empty()).then_some(0),
        }
    }

    fn step(&mut self, byte: u8) -> Option<Boundary> {
        let (state, boundary) = match (*self, byte) {
            (Self::Before, b'[') => (Self::Element { depth: 0 }, Some(Boundary::Opened)),
            (Self::Element { depth }, b'"') | (Self::Escape { depth }, _) => {
                (Self::String { depth }, None)
            }
            (Self::Element { depth: 0 }, b',') => (*self, Some(Boundary::Element)),
            (Self::Element { depth: 0 }, b']') => (Self::After, Some(Boundary::Closed)),
            (Self::Element { depth }, b'[' | b'{') => (Self::Element { depth: depth + 1 }, None),
            (Self::Element { depth }, b']' | b'}') => {
                (Self::Element { depth: depth.saturating_sub(1) }, None)
            }
            (Self::String { depth }, b'"') => (Self::Element { depth }, None),
            (Self::String { depth }, b'\\') => (Self::Escape { depth }, None),
            (state, _) => (state, None),
        };
        *self = state;
        boundary
    }
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
