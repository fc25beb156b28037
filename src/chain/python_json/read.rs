//! A pull reader of JSON, and [`parse`], which reads a whole document with it.
//!
//! The caller opens an object, takes key after key, and reads or skips each value. To have a whole
//! document as a value, call [`parse`].

use std::borrow::Cow;
use std::ops::Range;

use super::build::{Build, KindOnly, Scalar, Tree};
use super::error::{MAX_DEPTH, ParseError, ParseErrorKind};
use super::keys::Keys;
use super::spelling::{JsonSpelling, Spellings};
use super::string::RawString;
use super::value::{JsonKind, Number, Value};

/// Reads one whole document: one value, and white space around it.
///
/// # Errors
/// When the text is not JSON, or beyond the limits that the [module](super) states.
pub fn parse(text: &[u8]) -> Result<Value, ParseError> {
    let mut reader = Reader::new(text);
    let value = reader.value()?;
    reader.finish()?;
    Ok(value)
}

/// A pull reader: a position in a text, which each call advances.
///
/// It also tells whether the text is [canonical](Self::is_canonical). When the text ends where more
/// has to follow, the error is [`ParseErrorKind::UnexpectedEnd`], and `is_canonical` covers all of
/// the text, including the token that is cut short: so the beginning of a canonical text can be
/// recognised. After any other error, the reader is of no use.
pub struct Reader<'a> {
    pub(super) text: &'a [u8],
    pub(super) position: usize,
    /// The spellings in which everything before the position is written, numbers aside.
    pub(super) spellings: Spellings,
    /// Whether every number before the position is written as Python writes it.
    pub(super) has_python_numbers: bool,
    /// How many arrays and objects are open.
    pub(super) depth: usize,
    /// The text, where it was known to be UTF-8 before.
    whole: Option<&'a str>,
}

impl<'a> Reader<'a> {
    /// Starts at the first byte.
    #[must_use]
    pub fn new(text: &'a [u8]) -> Self {
        Self {
            text,
            position: 0,
            spellings: Spellings::ALL,
            has_python_numbers: true,
            depth: 0,
            whole: None,
        }
    }

    /// Starts at the first byte of a text that is UTF-8 to its end, if it is JSON: this is checked
    /// once, not for every string.
    pub(crate) fn of_whole(text: &'a [u8]) -> Self {
        Self { whole: str::from_utf8(text).ok(), ..Self::new(text) }
    }

    /// The same, and does not look at how numbers are written: the text is not called canonical.
    pub(crate) fn of_any_numbers(text: &'a [u8]) -> Self {
        Self { has_python_numbers: false, ..Self::of_whole(text) }
    }

    /// The text, if it is known to be UTF-8.
    pub(crate) fn whole(&self) -> Option<&'a str> {
        self.whole
    }

    /// Starts at a byte where a token begins.
    pub(super) fn at(text: &'a [u8], position: usize) -> Self {
        Self { position, ..Self::new(text) }
    }

    /// How many bytes were consumed.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.position
    }

    /// Whether all that was consumed is, byte for byte, what Python's
    /// `json.dumps(…, sort_keys=True)` would have written. A token that the end of the text cuts
    /// short counts as canonical if it can still become so.
    #[must_use]
    pub fn is_canonical(&self) -> bool {
        self.has_python_numbers && self.spellings.contains(JsonSpelling::PYTHON)
    }

    /// Whether every number that was consumed is written as Python writes it.
    pub(crate) fn has_python_numbers(&self) -> bool {
        self.has_python_numbers
    }

    /// The spellings in which all that was consumed is written, whatever its numbers are. None
    /// where an object has many keys that are not sorted: one of them may come twice.
    pub(crate) fn spellings(&self) -> Spellings {
        self.spellings
    }

    /// Consumes exactly this text if it comes next. Returns whether it did. For callers who know
    /// which bytes a canonical text has here; what they mean is not checked.
    #[inline]
    pub(crate) fn consume(&mut self, text: &str) -> bool {
        let comes_next = self.rest().starts_with(text.as_bytes());
        if comes_next {
            self.position += text.len();
        }
        comes_next
    }

    /// Consumes the `{` of an object. Its keys come from [`next_key`](Self::next_key).
    ///
    /// # Errors
    /// When no object starts here, or it is nested too deep.
    pub fn open_object(&mut self) -> Result<Members<'a>, ParseError> {
        self.open(b'{', "an object")?;
        Ok(Members { state: ListState::Opened, keys: Keys::default() })
    }

    /// The next key of the object, its colon consumed: read or skip the value next. `None` when the
    /// object is closed, its `}` consumed. A key may come twice; in Python the last one counts.
    ///
    /// # Errors
    /// When neither a key nor the object's end follows.
    pub fn next_key(
        &mut self,
        members: &mut Members<'a>,
    ) -> Result<Option<Cow<'a, str>>, ParseError> {
        Ok(self.next_raw_key(members)?.map(|key| self.decode(key)))
    }

    pub(super) fn decode(&self, string: RawString<'a>) -> Cow<'a, str> {
        match self.whole {
            Some(whole) if !string.has_escapes() => {
                Cow::Borrowed(&whole[string.range_in(self.text)])
            }
            _ => string.decode(),
        }
    }

    /// A piece of the text, which is ASCII.
    pub(super) fn ascii(&self, range: Range<usize>) -> &'a str {
        match self.whole {
            Some(whole) => &whole[range],
            None => str::from_utf8(&self.text[range]).expect("it is ASCII"),
        }
    }

    /// Consumes the `[` of an array. [`next_element`](Self::next_element) announces its elements.
    ///
    /// # Errors
    /// When no array starts here, or it is nested too deep.
    pub fn open_array(&mut self) -> Result<Elements, ParseError> {
        self.open(b'[', "an array")?;
        Ok(Elements(ListState::Opened))
    }

    /// Whether another element follows: read or skip it next. `false` when the array is closed, its
    /// `]` consumed.
    ///
    /// # Errors
    /// When neither an element nor the array's end can follow.
    pub fn next_element(&mut self, elements: &mut Elements) -> Result<bool, ParseError> {
        self.next_item(&mut elements.0, b']')
    }

    /// Reads a value of any kind.
    ///
    /// # Errors
    /// When it is not JSON, or beyond the limits that the [module](super) states.
    pub fn value(&mut self) -> Result<Value, ParseError> {
        self.read::<Tree>()
    }

    /// Reads a value of any kind, checks all of it, and keeps only its kind. Allocates nothing.
    ///
    /// # Errors
    /// The same as [`value`](Self::value)'s.
    pub fn skip(&mut self) -> Result<JsonKind, ParseError> {
        self.read::<KindOnly>()
    }

    /// What kind of value comes next, by its first byte; white space before it is consumed.
    ///
    /// # Errors
    /// When no value starts here.
    pub fn peek_kind(&mut self) -> Result<JsonKind, ParseError> {
        self.skip_space();
        Ok(match self.peek() {
            Some(b'"') => JsonKind::String,
            Some(b'{') => JsonKind::Object,
            Some(b'[') => JsonKind::Array,
            Some(b'-' | b'0'..=b'9') => number_kind(self.rest()),
            Some(b't' | b'f') => JsonKind::Bool,
            Some(b'n') => JsonKind::Null,
            _ => return Err(self.value_error()),
        })
    }

    /// Reads a string; borrowed when it has no escapes.
    ///
    /// # Errors
    /// When the next value is not a string, or not a well-formed one.
    pub fn string(&mut self) -> Result<Cow<'a, str>, ParseError> {
        self.skip_space();
        match self.peek() {
            Some(b'"') => {
                let token = self.string_token()?;
                Ok(self.decode(token))
            }
            _ => Err(self.wrong_kind("a string")),
        }
    }

    /// Reads an integer or a float.
    ///
    /// # Errors
    /// When the next value is not a number, or not a well-formed one.
    pub fn number(&mut self) -> Result<Number<'a>, ParseError> {
        self.skip_space();
        match self.peek() {
            Some(b'-' | b'0'..=b'9') => self.number_token(),
            _ => Err(self.wrong_kind("a number")),
        }
    }

    /// Checks that only white space is left. White space is not canonical.
    ///
    /// # Errors
    /// When there is more text.
    pub fn finish(&mut self) -> Result<(), ParseError> {
        self.skip_space();
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.error(ParseErrorKind::TrailingText)),
        }
    }

    pub(super) fn read<B: Build>(&mut self) -> Result<B::Value, ParseError> {
        self.skip_space();
        let scalar = match self.peek() {
            Some(b'"') => Scalar::String(self.string_token()?),
            Some(b'-' | b'0'..=b'9') => Scalar::Number(self.number_token()?),
            Some(b'{') => return self.read_object::<B>(),
            Some(b'[') => return self.read_array::<B>(),
            Some(b't') => self.literal("true").map(|()| Scalar::Bool(true))?,
            Some(b'f') => self.literal("false").map(|()| Scalar::Bool(false))?,
            Some(b'n') => self.literal("null").map(|()| Scalar::Null)?,
            _ => return Err(self.value_error()),
        };
        Ok(B::scalar(scalar))
    }

    fn read_object<B: Build>(&mut self) -> Result<B::Value, ParseError> {
        let mut members = self.open_object()?;
        let mut built = B::Members::default();
        while let Some(key) = self.next_raw_key(&mut members)? {
            let value = self.read::<B>()?;
            B::insert(&mut built, key, value);
        }
        Ok(B::object(built))
    }

    fn read_array<B: Build>(&mut self) -> Result<B::Value, ParseError> {
        let mut elements = self.open_array()?;
        let mut built = B::Elements::default();
        while self.next_element(&mut elements)? {
            let value = self.read::<B>()?;
            B::push(&mut built, value);
        }
        Ok(B::array(built))
    }

    fn open(&mut self, bracket: u8, expected: &'static str) -> Result<(), ParseError> {
        self.skip_space();
        if self.peek() != Some(bracket) {
            return Err(self.wrong_kind(expected));
        }
        if self.depth == MAX_DEPTH {
            return Err(self.error(ParseErrorKind::TooDeep));
        }
        self.depth += 1;
        self.advance();
        Ok(())
    }

    pub(super) fn next_raw_key(
        &mut self,
        members: &mut Members<'a>,
    ) -> Result<Option<RawString<'a>>, ParseError> {
        if !self.next_item(&mut members.state, b'}')? {
            return Ok(None);
        }
        let key = self.key()?;
        self.note(members.keys.add(key));
        self.colon()?;
        Ok(Some(key))
    }

    pub(super) fn key(&mut self) -> Result<RawString<'a>, ParseError> {
        if self.peek() != Some(b'"') {
            return Err(self.error_or_end(ParseErrorKind::ExpectedKey));
        }
        self.string_token()
    }

    pub(super) fn colon(&mut self) -> Result<(), ParseError> {
        self.skip_space();
        if self.peek() != Some(b':') {
            return Err(self.error_or_end(ParseErrorKind::ExpectedColon));
        }
        self.advance();
        self.skip_one_space();
        Ok(())
    }

    /// Consumes what comes before the next item, or the closing bracket. Returns whether there is
    /// an item.
    pub(super) fn next_item(
        &mut self,
        state: &mut ListState,
        close: u8,
    ) -> Result<bool, ParseError> {
        if matches!(state, ListState::Closed) {
            return Ok(false);
        }
        self.skip_space();
        if self.peek() == Some(close) {
            self.advance();
            self.depth -= 1;
            *state = ListState::Closed;
            return Ok(false);
        }
        match std::mem::replace(state, ListState::Started) {
            ListState::Opened if self.peek().is_some() => Ok(true),
            _ => self.comma(close), // also where the text ends right after the bracket
        }
    }

    fn comma(&mut self, close: u8) -> Result<bool, ParseError> {
        if self.peek() != Some(b',') {
            return Err(self.error_or_end(ParseErrorKind::ExpectedCommaOr { close }));
        }
        let comma = self.position;
        self.advance();
        self.skip_one_space();
        if self.peek() == Some(close) {
            return Err(self.error_at(ParseErrorKind::TrailingComma, comma));
        }
        Ok(true)
    }

    #[cold]
    fn wrong_kind(&mut self, expected: &'static str) -> ParseError {
        match self.peek_kind() {
            Ok(found) => self.error(ParseErrorKind::WrongKind { expected, found }),
            Err(error) => error,
        }
    }
}

/// A number is a float if `.` or an exponent follows its sign and digits.
fn number_kind(text: &[u8]) -> JsonKind {
    let after = text.iter().find(|byte| !matches!(byte, b'-' | b'0'..=b'9'));
    if matches!(after, Some(b'.' | b'e' | b'E')) { JsonKind::Float } else { JsonKind::Integer }
}

/// How far an object was read. Made by [`Reader::open_object`], for [`Reader::next_key`].
#[derive(Debug)]
pub struct Members<'a> {
    pub(super) state: ListState,
    keys: Keys<'a>,
}

/// How far an array was read. Made by [`Reader::open_array`], for [`Reader::next_element`].
#[derive(Debug)]
pub struct Elements(ListState);

/// How far an array or object was read.
#[derive(Debug)]
pub(super) enum ListState {
    Opened,
    Started,
    Closed,
}
