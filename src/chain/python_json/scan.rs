//! The words of JSON: white space, literals, strings, numbers. What may follow what is the [`Reader`]'s to know.
//!
//! Whatever is consumed is also judged: would Python have written exactly these bytes?
//!
//! [`Reader`]: super::Reader

use super::error::{ErrorKind, ParseError};
use super::float::Float;
use super::string::RawString;
use super::value::Number;
use super::write::plain_prefix;

/// The most digits an integer may have: Python's own default limit. The sign is not counted.
pub const MAX_INTEGER_DIGITS: usize = 4300;

/// The longest text that `repr` gives a float, such as `-2.2250738585072014e-308`.
const LONGEST_FLOAT: usize = 24;

pub(super) struct Scanner<'a> {
    text: &'a [u8],
    position: usize,
    is_canonical: bool,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, position: 0, is_canonical: true }
    }

    pub(super) fn position(&self) -> usize {
        self.position
    }

    pub(super) fn is_canonical(&self) -> bool {
        self.is_canonical
    }

    /// Everything was canonical so far, and stays so only if this is.
    pub(super) fn judge(&mut self, is_canonical: bool) {
        self.is_canonical &= is_canonical;
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

    /// Steps over so many bytes of what is [left](Self::rest).
    #[inline]
    pub(super) fn advance_by(&mut self, bytes: usize) {
        self.position += bytes;
    }

    #[cold]
    pub(super) fn fail(&self, kind: ErrorKind) -> ParseError {
        self.fail_at(kind, self.position)
    }

    #[cold]
    pub(super) fn fail_at(&self, kind: ErrorKind, offset: usize) -> ParseError {
        ParseError::new(self.text, kind, offset)
    }

    /// `kind`, unless the text ends here: then the end is what is wrong.
    #[cold]
    pub(super) fn fail_or_end(&self, kind: ErrorKind) -> ParseError {
        self.fail(if self.rest().is_empty() { ErrorKind::UnexpectedEnd } else { kind })
    }

    /// Names what stands in the place of a value.
    #[cold]
    pub(super) fn no_value(&self) -> ParseError {
        let rest = self.rest();
        let word = ["NaN", "Infinity", "-Infinity"]
            .into_iter()
            .find(|word| rest.starts_with(word.as_bytes()));
        self.fail_or_end(match word {
            Some(word) => ErrorKind::NotFinite { word },
            None if self.position == 0 && rest.starts_with("\u{feff}".as_bytes()) => {
                ErrorKind::ByteOrderMark
            }
            None => ErrorKind::ExpectedValue,
        })
    }

    /// Consumes white space where Python writes none.
    #[inline]
    pub(super) fn no_gap(&mut self) {
        if self.peek().is_some_and(is_space) {
            self.other_gap(b"");
        }
    }

    /// Consumes white space where Python writes one space.
    #[inline]
    pub(super) fn one_space(&mut self) {
        match self.rest() {
            [b' ', after, ..] if !is_space(*after) => self.advance(),
            _ => self.other_gap(b" "),
        }
    }

    /// Consumes white space that is not the `canonical` one, unless the text ends here.
    fn other_gap(&mut self, canonical: &[u8]) {
        let start = self.position;
        while self.peek().is_some_and(is_space) {
            self.advance();
        }
        let is_cut = self.rest().is_empty() && canonical.starts_with(&self.text[start..]);
        self.judge(is_cut);
    }

    pub(super) fn literal(&mut self, word: &str) -> Result<(), ParseError> {
        let rest = self.rest();
        if rest.starts_with(word.as_bytes()) {
            self.position += word.len();
            Ok(())
        } else if word.as_bytes().starts_with(rest) {
            Err(self.fail_at(ErrorKind::UnexpectedEnd, self.text.len()))
        } else {
            Err(self.no_value())
        }
    }

    /// A string, from its opening quote on.
    #[inline]
    pub(super) fn string(&mut self) -> Result<RawString<'a>, ParseError> {
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
                Some(0x7f..) => self.beyond_tilde()?,
                _ => return Err(self.fail_or_end(ErrorKind::ControlCharacter)),
            }
        }
        let bytes = &self.text[start..self.position];
        self.advance();
        Ok(RawString::new(bytes, has_escapes))
    }

    /// A run of DEL and raw non-ASCII characters: Python reads them, but writes escapes.
    fn beyond_tilde(&mut self) -> Result<(), ParseError> {
        self.judge(false);
        let rest = self.rest();
        let length = rest.iter().position(|byte| *byte < 0x7f).unwrap_or(rest.len());
        let Err(error) = std::str::from_utf8(&rest[..length]) else {
            self.position += length;
            return Ok(());
        };
        let is_cut = error.error_len().is_none() && length == rest.len();
        self.position += if is_cut { length } else { error.valid_up_to() };
        Err(self.fail_or_end(ErrorKind::InvalidUtf8))
    }

    fn escape(&mut self) -> Result<(), ParseError> {
        match self.text.get(self.position + 1) {
            Some(b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't') => {}
            Some(b'/') => self.judge(false),
            Some(b'u') => return self.unicode_escape(),
            Some(_) => return Err(self.fail(ErrorKind::InvalidEscape)),
            None => return Err(self.fail_at(ErrorKind::UnexpectedEnd, self.text.len())),
        }
        self.position += 2;
        Ok(())
    }

    fn unicode_escape(&mut self) -> Result<(), ParseError> {
        let start = self.position;
        self.position += 2;
        let unit = self.hex_unit(start, needs_unicode_escape)?;
        match unit {
            0xd800..=0xdbff => self.low_surrogate(start),
            0xdc00..=0xdfff => Err(self.fail_at(ErrorKind::LoneSurrogate, start)),
            _ => {
                self.judge(needs_unicode_escape(unit));
                Ok(())
            }
        }
    }

    /// The second half of a pair; `start` is where the first began.
    fn low_surrogate(&mut self, start: usize) -> Result<(), ParseError> {
        for expected in *br"\u" {
            match self.peek() {
                Some(byte) if byte == expected => self.advance(),
                Some(_) => return Err(self.fail_at(ErrorKind::LoneSurrogate, start)),
                None => return Err(self.fail(ErrorKind::UnexpectedEnd)),
            }
        }
        match self.hex_unit(start, is_low_surrogate)? {
            unit if is_low_surrogate(unit) => Ok(()),
            _ => Err(self.fail_at(ErrorKind::LoneSurrogate, start)),
        }
    }

    /// The four digits of the escape at `start`. Where the text cuts them, they are canonical as long as they can
    /// still become a `wanted` unit.
    fn hex_unit(&mut self, start: usize, wanted: fn(u32) -> bool) -> Result<u32, ParseError> {
        let mut unit = 0;
        for missing in [16, 12, 8, 4] {
            let Some(byte) = self.peek() else {
                let first = unit << missing;
                self.judge((first..first + (1 << missing)).any(wanted));
                return Err(self.fail(ErrorKind::UnexpectedEnd));
            };
            let digit = char::from(byte).to_digit(16);
            unit =
                unit << 4 | digit.ok_or_else(|| self.fail_at(ErrorKind::InvalidEscape, start))?;
            self.judge(!byte.is_ascii_uppercase());
            self.advance();
        }
        Ok(unit)
    }

    /// A number, from its first byte on. `has_successor`: something has to follow it, so that a number at the very
    /// end of the text may be half of one.
    pub(super) fn number(&mut self, has_successor: bool) -> Result<Number<'a>, ParseError> {
        let start = self.position;
        let is_float = self.number_text()?;
        let token = &self.text[start..self.position];
        if has_successor && self.rest().is_empty() {
            self.judge(
                token.len() <= if is_float { LONGEST_FLOAT } else { MAX_INTEGER_DIGITS + 1 },
            );
            return Err(self.fail(ErrorKind::UnexpectedEnd));
        }
        let token = std::str::from_utf8(token).expect("numbers are ASCII");
        let number = if is_float { self.float(token) } else { self.integer(token) };
        number.map_err(|kind| self.fail_at(kind, start))
    }

    fn integer(&mut self, token: &'a str) -> Result<Number<'a>, ErrorKind> {
        if token.trim_start_matches('-').len() > MAX_INTEGER_DIGITS {
            return Err(ErrorKind::IntegerTooLong);
        }
        if token == "-0" {
            self.judge(false);
            return Ok(Number::Integer("0"));
        }
        Ok(Number::Integer(token))
    }

    fn float(&mut self, token: &str) -> Result<Number<'a>, ErrorKind> {
        let number = token.parse().expect("JSON's floats are a part of Rust's");
        let float = Float::new(number).ok_or(ErrorKind::Overflow)?;
        self.judge(is_surely_repr(token.as_bytes()) || float.repr().as_bytes() == token.as_bytes());
        Ok(Number::Float(float))
    }

    /// Steps over a number and says whether it has a fraction or an exponent.
    fn number_text(&mut self) -> Result<bool, ParseError> {
        if self.peek() == Some(b'-') {
            if self.rest().starts_with(b"-Infinity") {
                return Err(self.no_value());
            }
            self.advance();
        }
        let has_leading_zero = self.peek() == Some(b'0');
        if self.digits()? > 1 && has_leading_zero {
            return Err(self.fail(ErrorKind::LeadingZero));
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
        self.judge(letter == b'e');
        self.advance();
        match self.peek() {
            Some(b'+' | b'-') => self.advance(),
            Some(_) => self.judge(false),
            None => {}
        }
        self.digits()?;
        Ok(true)
    }

    /// Steps over digits, at least one, and says how many.
    fn digits(&mut self) -> Result<usize, ParseError> {
        let start = self.position;
        while let Some(b'0'..=b'9') = self.peek() {
            self.advance();
        }
        match self.position - start {
            0 => Err(self.fail_or_end(ErrorKind::ExpectedDigit)),
            count => Ok(count),
        }
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Whether this is a `repr` without having to format the number. Any decimal of up to 15 digits survives the way
/// through a double, so no shorter one stands for it; only the layout is left to check.
fn is_surely_repr(token: &[u8]) -> bool {
    let unsigned = token.strip_prefix(b"-").unwrap_or(token);
    let is_without_exponent = || unsigned.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'.'));
    unsigned.len() <= 16
        && matches!(unsigned, [b'1'..=b'9', .., b'1'..=b'9'] | [b'1'..=b'9', .., b'.', b'0'])
        && is_without_exponent()
}

/// Whether Python writes this UTF-16 unit as `\u` and four digits, in the first place of a pair if it is of one.
fn needs_unicode_escape(unit: u32) -> bool {
    matches!(unit, 0..=7 | 0xb | 0xe..=0x1f | 0x7f..=0xdbff | 0xe000..)
}

fn is_low_surrogate(unit: u32) -> bool {
    (0xdc00..0xe000).contains(&unit)
}
