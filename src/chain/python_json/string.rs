//! Strings as they stand in a text: already checked, decoded and compared only when asked for.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::ops::Range;
use std::str::Chars;

/// What stands between the quotes of a string that the reader has accepted.
#[derive(Clone, Copy, Debug)]
pub(super) struct RawString<'a> {
    bytes: &'a [u8],
    has_escapes: bool,
}

impl<'a> RawString<'a> {
    pub(super) fn new(bytes: &'a [u8], has_escapes: bool) -> Self {
        Self { bytes, has_escapes }
    }

    pub(super) fn has_escapes(self) -> bool {
        self.has_escapes
    }

    /// Where it stands in the text that it was read from.
    pub(super) fn range_in(self, text: &[u8]) -> Range<usize> {
        let start = self.bytes.as_ptr().addr() - text.as_ptr().addr();
        start..start + self.bytes.len()
    }

    pub(super) fn decode(self) -> Cow<'a, str> {
        if self.has_escapes {
            Cow::Owned(self.characters().collect())
        } else {
            Cow::Borrowed(self.text())
        }
    }

    /// The order of the decoded strings by code point, which is also the order of UTF-8 bytes.
    pub(super) fn compare(self, other: Self) -> Ordering {
        if self.has_escapes || other.has_escapes {
            self.characters().cmp(other.characters())
        } else {
            // Most keys differ in the first byte, which spares a call.
            let first = self.bytes.first().cmp(&other.bytes.first());
            first.then_with(|| self.bytes.cmp(other.bytes))
        }
    }

    fn characters(self) -> Characters<'a> {
        Characters(self.text().chars())
    }

    fn text(self) -> &'a str {
        std::str::from_utf8(self.bytes).expect("the reader accepts only UTF-8")
    }
}

/// The decoded characters, one by one, so that keys are compared without a buffer.
struct Characters<'a>(Chars<'a>);

impl Iterator for Characters<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        match self.0.next()? {
            '\\' => Some(self.escape()),
            plain => Some(plain),
        }
    }
}

impl Characters<'_> {
    fn escape(&mut self) -> char {
        match self.0.next() {
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => self.unicode(),
            Some(itself) => itself,
            None => unreachable!("the reader accepts only whole escapes"),
        }
    }

    fn unicode(&mut self) -> char {
        let high = self.unit();
        let scalar = if (0xd800..0xdc00).contains(&high) {
            self.0.nth(1); // the second half's `\u`
            0x1_0000 + ((high - 0xd800) << 10) + (self.unit() - 0xdc00)
        } else {
            high
        };
        char::from_u32(scalar).expect("the reader refuses lone surrogates")
    }

    fn unit(&mut self) -> u32 {
        let mut digit = || self.0.next().and_then(|digit| digit.to_digit(16));
        (0..4).fold(0, |unit, _| unit << 4 | digit().expect("the reader saw four digits"))
    }
}
