//! The tokens of JSON: white space, literals, strings, numbers. The grammar is in `read.rs`.
//!
//! Each also notes in which spellings exactly the bytes that it has consumed would be written, and
//! whether Python would have written its numbers so.

use super::error::{MAX_INTEGER_DIGITS, ParseError, ParseErrorKind};
use super::float::Float;
use super::read::Reader;
use super::spelling::Spellings;
use super::string::RawString;
use super::value::Number;
use super::write::plain_prefix;

/// The longest text that `repr` gives a float, such as `-2.2250738585072014e-308`.
const LONGEST_FLOAT: usize = 24;

impl<'a> Reader<'a> {
    /// Notes in which spellings what was just consumed is written; the whole is when every part is.
    #[inline]
    pub(super) fn note(&mut self, spellings: Spellings) {
        self.spellings = self.spellings.and(spellings);
    }

    /// Notes whether what was just consumed is written in any spelling.
    #[inline]
    pub(super) fn note_if(&mut self, is_spelling: bool) {
        self.note(if is_spelling { Spellings::ALL } else { Spellings::NONE });
    }

    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.position).copied()
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        &self.text[self.position..]
    }

    /// Steps over a byte that was peeked at.
    #[inline]
    pub(super) fn advance(&mut self) {
        self.position += 1;
    }

    #[cold]
    pub(super) fn error(&self, kind: ParseErrorKind) -> ParseError {
        self.error_at(kind, self.position)
    }

    #[cold]
    pub(super) fn error_at(&self, kind: ParseErrorKind, offset: usize) -> ParseError {
        ParseError::new(self.text, kind, offset)
    }

    /// An error of this kind, or [`ParseErrorKind::UnexpectedEnd`] if the text ends here.
    #[cold]
    pub(super) fn error_or_end(&self, kind: ParseErrorKind) -> ParseError {
        self.error(if self.rest().is_empty() { ParseErrorKind::UnexpectedEnd } else { kind })
    }

    /// The error for text that starts no value.
    #[cold]
    pub(super) fn value_error(&self) -> ParseError {
        let rest = self.rest();
        let word = ["NaN", "Infinity", "-Infinity"]
            .into_iter()
            .find(|word| rest.starts_with(word.as_bytes()));
        self.error_or_end(match word {
            Some(word) => ParseErrorKind::NotFinite { word },
            None if self.position == 0 && rest.starts_with("\u{feff}".as_bytes()) => {
                ParseErrorKind::ByteOrderMark
            }
            None => ParseErrorKind::ExpectedValue,
        })
    }

    /// Consumes white space where no spelling has any.
    #[inline]
    pub(super) fn skip_space(&mut self) {
        if self.peek().is_some_and(is_space) {
            self.skip_other_space(b"");
        }
    }

    /// Consumes white space where there is one space, or none in compact spellings.
    #[inline]
    pub(super) fn skip_one_space(&mut self) {
        match self.rest() {
            [b' ', after, ..] if !is_space(*after) => {
                self.note(Spellings::SPACED);
                self.advance();
            }
            [after, ..] if !is_space(*after) => self.note(Spellings::COMPACT),
            _ => self.skip_other_space(b" "),
        }
    }

    /// Consumes white space that is canonical only where the text ends within `canonical`.
    fn skip_other_space(&mut self, canonical: &[u8]) {
        let start = self.position;
        while self.peek().is_some_and(is_space) {
            self.advance();
        }
        let is_cut = self.rest().is_empty() && canonical.starts_with(&self.text[start..]);
        self.note_if(is_cut);
    }

    pub(super) fn literal(&mut self, word: &str) -> Result<(), ParseError> {
        if self.consume(word) {
            Ok(())
        } else if word.as_bytes().starts_with(self.rest()) {
            Err(self.error_at(ParseErrorKind::UnexpectedEnd, self.text.len()))
        } else {
            Err(self.value_error())
        }
    }

    /// Reads a string, from its opening quote on.
    #[inline]
    pub(super) fn string_token(&mut self) -> Result<RawString<'a>, ParseError> {
        self.advance();
        let start = self.position;
        let mut has_escapes = false;
        loop {
            self.position += plain_prefix(self.rest());
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    has_escapes = true;
                    self.escape()?;
                }
                Some(0x7f..) => self.skip_non_ascii()?,
                _ => return Err(self.error_or_end(ParseErrorKind::ControlCharacter)),
            }
        }
        let bytes = &self.text[start..self.position];
        self.advance();
        Ok(RawString::new(bytes, has_escapes))
    }

    /// Skips a run of DEL and raw non-ASCII characters, which ASCII spellings write as escapes.
    fn skip_non_ascii(&mut self) -> Result<(), ParseError> {
        self.note(Spellings::UTF8);
        let rest = self.rest();
        let length = rest.iter().position(|byte| *byte < 0x7f).unwrap_or(rest.len());
        let Err(error) = std::str::from_utf8(&rest[..length]) else {
            self.position += length;
            return Ok(());
        };
        let is_cut = error.error_len().is_none() && length == rest.len();
        self.position += if is_cut { length } else { error.valid_up_to() };
        Err(self.error_or_end(ParseErrorKind::InvalidUtf8))
    }

    fn escape(&mut self) -> Result<(), ParseError> {
        match self.text.get(self.position + 1) {
            Some(b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't') => {}
            Some(b'/') => self.note(Spellings::NONE),
            Some(b'u') => return self.unicode_escape(),
            Some(_) => return Err(self.error(ParseErrorKind::InvalidEscape)),
            None => return Err(self.error_at(ParseErrorKind::UnexpectedEnd, self.text.len())),
        }
        self.position += 2;
        Ok(())
    }

    fn unicode_escape(&mut self) -> Result<(), ParseError> {
        let start = self.position;
        self.position += 2;
        let unit = self.hex_unit(start, needs_unicode_escape)?;
        if unit >= 0x7f {
            self.note(Spellings::ASCII);
        }
        match unit {
            0xd800..=0xdbff => self.low_surrogate(start),
            0xdc00..=0xdfff => Err(self.error_at(ParseErrorKind::LoneSurrogate, start)),
            _ => {
                self.note_if(needs_unicode_escape(unit));
                Ok(())
            }
        }
    }

    /// Reads the second half of a surrogate pair, whose first half began at `start`.
    fn low_surrogate(&mut self, start: usize) -> Result<(), ParseError> {
        for expected in *br"\u" {
            match self.peek() {
                Some(byte) if byte == expected => self.advance(),
                Some(_) => return Err(self.error_at(ParseErrorKind::LoneSurrogate, start)),
                None => return Err(self.error(ParseErrorKind::UnexpectedEnd)),
            }
        }
        match self.hex_unit(start, is_low_surrogate)? {
            unit if is_low_surrogate(unit) => Ok(()),
            _ => Err(self.error_at(ParseErrorKind::LoneSurrogate, start)),
        }
    }

    /// Reads the four digits of the escape at `start`. Digits that the end of the text cuts short
    /// are canonical if they can still become a `wanted` unit.
    fn hex_unit(&mut self, start: usize, wanted: fn(u32) -> bool) -> Result<u32, ParseError> {
        let mut unit = 0;
        for missing in [16, 12, 8, 4] {
            let Some(byte) = self.peek() else {
                let first = unit << missing;
                self.note_if((first..first + (1 << missing)).any(wanted));
                return Err(self.error(ParseErrorKind::UnexpectedEnd));
            };
            let digit = char::from(byte).to_digit(16);
            unit = unit << 4
                | digit.ok_or_else(|| self.error_at(ParseErrorKind::InvalidEscape, start))?;
            self.note_if(!byte.is_ascii_uppercase());
            self.advance();
        }
        Ok(unit)
    }

    /// Reads a number, from its first byte on. In an array or an object, a number at the end of the
    /// text may be cut short.
    pub(super) fn number_token(&mut self) -> Result<Number<'a>, ParseError> {
        let start = self.position;
        let is_float = self.number_text()?;
        let token = self.ascii(start..self.position);
        if self.depth > 0 && self.rest().is_empty() {
            self.has_python_numbers &=
                token.len() <= if is_float { LONGEST_FLOAT } else { MAX_INTEGER_DIGITS + 1 };
            return Err(self.error(ParseErrorKind::UnexpectedEnd));
        }
        let number = if is_float { self.float(token) } else { self.integer(token) };
        number.map_err(|kind| self.error_at(kind, start))
    }

    fn integer(&mut self, token: &'a str) -> Result<Number<'a>, ParseErrorKind> {
        if token.trim_start_matches('-').len() > MAX_INTEGER_DIGITS {
            return Err(ParseErrorKind::IntegerTooLong);
        }
        if token == "-0" {
            self.has_python_numbers = false;
            return Ok(Number::Integer("0"));
        }
        Ok(Number::Integer(token))
    }

    fn float(&mut self, token: &str) -> Result<Number<'a>, ParseErrorKind> {
        let number = token.parse().expect("Rust reads all floats of JSON");
        let float = Float::new(number).ok_or(ParseErrorKind::Overflow)?;
        self.has_python_numbers = self.has_python_numbers
            && (is_surely_repr(token.as_bytes()) || float.repr().as_bytes() == token.as_bytes());
        Ok(Number::Float(float))
    }

    /// Skips a number. Returns whether it has a fraction or an exponent.
    fn number_text(&mut self) -> Result<bool, ParseError> {
        if self.peek() == Some(b'-') {
            if self.rest().starts_with(b"-Infinity") {
                return Err(self.value_error());
            }
            self.advance();
        }
        let has_leading_zero = self.peek() == Some(b'0');
        if self.digits()? > 1 && has_leading_zero {
            return Err(self.error(ParseErrorKind::LeadingZero));
        }
        let has_fraction = self.peek() == Some(b'.');
        if has_fraction {
            self.advance();
            self.digits()?;
        }
        Ok(self.exponent()? || has_fraction)
    }

    fn exponent(&mut self) -> Result<bool, ParseError> {
        let Some(letter @ (b'e' | b'E')) = self.peek() else {
            return Ok(false);
        };
        self.has_python_numbers &= letter == b'e';
        self.advance();
        match self.peek() {
            Some(b'+' | b'-') => self.advance(),
            Some(_) => self.has_python_numbers = false,
            None => {}
        }
        self.digits()?;
        Ok(true)
    }

    /// Skips digits, at least one. Returns how many.
    fn digits(&mut self) -> Result<usize, ParseError> {
        let start = self.position;
        while let Some(b'0'..=b'9') = self.peek() {
            self.advance();
        }
        match self.position - start {
            0 => Err(self.error_or_end(ParseErrorKind::ExpectedDigit)),
            count => Ok(count),
        }
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Whether a float's text is surely Python's `repr` of it, found without formatting the number. A
/// decimal of up to 15 digits comes back unchanged from a double, so no shorter decimal stands for
/// the same double; only the layout is left to check.
fn is_surely_repr(token: &[u8]) -> bool {
    let unsigned = token.strip_prefix(b"-").unwrap_or(token);
    let is_without_exponent = || unsigned.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'.'));
    unsigned.len() <= 16
        && matches!(unsigned, [b'1'..=b'9', .., b'1'..=b'9'] | [b'1'..=b'9', .., b'.', b'0'])
        && is_without_exponent()
}

/// Whether Python writes this UTF-16 unit, or the pair that it is the first half of, as `\u` and
/// four digits.
fn needs_unicode_escape(unit: u32) -> bool {
    matches!(unit, 0..=7 | 0xb | 0xe..=0x1f | 0x7f..=0xdbff | 0xe000..)
}

fn is_low_surrogate(unit: u32) -> bool {
    (0xdc00..0xe000).contains(&unit)
}
