//! Reading JSON piece by piece, and [`parse`], which is that applied to a whole document.
//!
//! The caller drives: it opens an object, takes key after key, and reads or skips each value. For a value in memory
//! [`parse`] is enough.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::build::{Build, Nothing, Tree};
use super::error::{ErrorKind, ParseError};
use super::scan::Scanner;
use super::string::RawString;
use super::value::{Kind, Number, Value};

/// How many arrays and objects may be nested in one another.
pub const MAX_DEPTH: usize = 128;

/// Reads one whole document: a value and nothing else but white space.
///
/// # Errors
///
/// When the text is not JSON, or beyond the limits that the [module](super) states.
pub fn parse(text: &[u8]) -> Result<Value, ParseError> {
    let mut reader = Reader::new(text);
    let value = reader.value()?;
    reader.finish()?;
    Ok(value)
}

/// A pull reader: a place in a text, moved on by each call.
///
/// It also judges what it passes, see [`is_canonical`](Self::is_canonical). When the text ends where more has to
/// follow, the error is [`ErrorKind::UnexpectedEnd`] and the judgement covers all there is, the cut word included:
/// so the beginning of a canonical text can be told from other text. After an error, the place is of no use.
pub struct Reader<'a> {
    scanner: Scanner<'a>,
    depth: usize,
}

impl<'a> Reader<'a> {
    /// Starts at the first byte.
    #[must_use]
    pub fn new(text: &'a [u8]) -> Self {
        Self { scanner: Scanner::new(text), depth: 0 }
    }

    /// How many bytes were consumed.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.scanner.position()
    }

    /// Whether all that was consumed is, byte for byte, what Python's `json.dumps(…, sort_keys=True)` would have
    /// written. A word that the text cuts short counts as canonical as long as it can still become so.
    #[must_use]
    pub fn is_canonical(&self) -> bool {
        self.scanner.is_canonical()
    }

    /// Consumes exactly this text, where it comes next; else nothing, and says so. For callers who know what a
    /// canonical text has there, without a look at what it means.
    pub(crate) fn passes(&mut self, text: &str) -> bool {
        let does = self.scanner.rest().starts_with(text.as_bytes());
        if does {
            self.scanner.advance_by(text.len());
        }
        does
    }

    /// Consumes the `{` of an object. Its keys come from [`next_key`](Self::next_key).
    ///
    /// # Errors
    ///
    /// When no object starts here, or it is nested too deep.
    pub fn open_object(&mut self) -> Result<Members<'a>, ParseError> {
        self.open(b'{', "an object")?;
        Ok(Members { progress: Progress::Opened, last_key: None })
    }

    /// The next key of the object, its colon consumed: read or skip the value next. `None` when the object is
    /// closed, its `}` consumed. A key may come twice; in Python the last one counts.
    ///
    /// # Errors
    ///
    /// When neither a key nor the object's end follows.
    pub fn next_key(
        &mut self,
        members: &mut Members<'a>,
    ) -> Result<Option<Cow<'a, str>>, ParseError> {
        Ok(self.next_raw_key(members)?.map(RawString::decode))
    }

    /// Consumes the `[` of an array. Its elements are announced by [`next_element`](Self::next_element).
    ///
    /// # Errors
    ///
    /// When no array starts here, or it is nested too deep.
    pub fn open_array(&mut self) -> Result<Elements, ParseError> {
        self.open(b'[', "an array")?;
        Ok(Elements { progress: Progress::Opened })
    }

    /// Whether another element follows: read or skip it next. `false` when the array is closed, its `]` consumed.
    ///
    /// # Errors
    ///
    /// When neither an element nor the array's end can follow.
    pub fn next_element(&mut self, elements: &mut Elements) -> Result<bool, ParseError> {
        self.next_item(&mut elements.progress, b']')
    }

    /// Reads a value of any kind.
    ///
    /// # Errors
    ///
    /// When it is not JSON, or beyond the limits.
    pub fn value(&mut self) -> Result<Value, ParseError> {
        self.read::<Tree>()
    }

    /// Reads a value of any kind, checks all of it, and keeps only its kind. Allocates nothing.
    ///
    /// # Errors
    ///
    /// The same as [`value`](Self::value)'s.
    pub fn skip(&mut self) -> Result<Kind, ParseError> {
        self.read::<Nothing>()
    }

    /// What kind of value comes next, judged by how it starts; white space before it is consumed.
    ///
    /// # Errors
    ///
    /// When no value starts here.
    pub fn peek_kind(&mut self) -> Result<Kind, ParseError> {
        self.scanner.no_gap();
        Ok(match self.scanner.peek() {
            Some(b'"') => Kind::String,
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b'-' | b'0'..=b'9') => number_kind(self.scanner.rest()),
            Some(b't' | b'f') => Kind::Bool,
            Some(b'n') => Kind::Null,
            _ => return Err(self.scanner.no_value()),
        })
    }

    /// Reads a string; borrowed when it has no escapes.
    ///
    /// # Errors
    ///
    /// When the next value is not a string, or not a well-formed one.
    pub fn string(&mut self) -> Result<Cow<'a, str>, ParseError> {
        self.scanner.no_gap();
        match self.scanner.peek() {
            Some(b'"') => Ok(self.scanner.string()?.decode()),
            _ => Err(self.wrong_kind("a string")),
        }
    }

    /// Reads an integer or a float.
    ///
    /// # Errors
    ///
    /// When the next value is not a number, or not a well-formed one.
    pub fn number(&mut self) -> Result<Number<'a>, ParseError> {
        self.scanner.no_gap();
        match self.scanner.peek() {
            Some(b'-' | b'0'..=b'9') => self.scanner.number(self.depth > 0),
            _ => Err(self.wrong_kind("a number")),
        }
    }

    /// Sees to it that nothing is left but white space. White space is not canonical.
    ///
    /// # Errors
    ///
    /// When there is more text.
    pub fn finish(&mut self) -> Result<(), ParseError> {
        self.scanner.no_gap();
        match self.scanner.peek() {
            None => Ok(()),
            Some(_) => Err(self.scanner.fail(ErrorKind::TrailingText)),
        }
    }

    pub(super) fn read<B: Build>(&mut self) -> Result<B::Value, ParseError> {
        self.scanner.no_gap();
        match self.scanner.peek() {
            Some(b'"') => Ok(B::string(self.scanner.string()?)),
            Some(b'-' | b'0'..=b'9') => Ok(B::number(self.scanner.number(self.depth > 0)?)),
            Some(b'{') => self.read_object::<B>(),
            Some(b'[') => self.read_array::<B>(),
            Some(b't') => self.scanner.literal("true").map(|()| B::bool(true)),
            Some(b'f') => self.scanner.literal("false").map(|()| B::bool(false)),
            Some(b'n') => self.scanner.literal("null").map(|()| B::null()),
            _ => Err(self.scanner.no_value()),
        }
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
        self.scanner.no_gap();
        if self.scanner.peek() != Some(bracket) {
            return Err(self.wrong_kind(expected));
        }
        if self.depth == MAX_DEPTH {
            return Err(self.scanner.fail(ErrorKind::TooDeep));
        }
        self.depth += 1;
        self.scanner.advance();
        Ok(())
    }

    fn next_raw_key(
        &mut self,
        members: &mut Members<'a>,
    ) -> Result<Option<RawString<'a>>, ParseError> {
        if !self.next_item(&mut members.progress, b'}')? {
            return Ok(None);
        }
        if self.scanner.peek() != Some(b'"') {
            return Err(self.scanner.fail_or_end(ErrorKind::ExpectedKey));
        }
        let key = self.scanner.string()?;
        if let Some(last) = members.last_key.replace(key) {
            self.scanner.judge(last.compare(key) == Ordering::Less);
        }
        self.scanner.no_gap();
        if self.scanner.peek() != Some(b':') {
            return Err(self.scanner.fail_or_end(ErrorKind::ExpectedColon));
        }
        self.scanner.advance();
        self.scanner.one_space();
        Ok(Some(key))
    }

    /// Consumes what stands before an item, or the closing bracket: then there is none.
    fn next_item(&mut self, progress: &mut Progress, close: u8) -> Result<bool, ParseError> {
        if matches!(progress, Progress::Closed) {
            return Ok(false);
        }
        self.scanner.no_gap();
        if self.scanner.peek() == Some(close) {
            self.scanner.advance();
            self.depth -= 1;
            *progress = Progress::Closed;
            return Ok(false);
        }
        match std::mem::replace(progress, Progress::Started) {
            Progress::Opened if self.scanner.peek().is_some() => Ok(true),
            _ => self.comma(close), // also where the text ends right after the bracket
        }
    }

    fn comma(&mut self, close: u8) -> Result<bool, ParseError> {
        if self.scanner.peek() != Some(b',') {
            return Err(self.scanner.fail_or_end(ErrorKind::ExpectedCommaOr { close }));
        }
        let comma = self.scanner.position();
        self.scanner.advance();
        self.scanner.one_space();
        if self.scanner.peek() == Some(close) {
            return Err(self.scanner.fail_at(ErrorKind::TrailingComma, comma));
        }
        Ok(true)
    }

    #[cold]
    fn wrong_kind(&mut self, expected: &'static str) -> ParseError {
        match self.peek_kind() {
            Ok(found) => self.scanner.fail(ErrorKind::WrongKind { expected, found }),
            Err(error) => error,
        }
    }
}

/// A number is a float when the first byte after its sign and digits says so.
fn number_kind(text: &[u8]) -> Kind {
    let after = text.iter().find(|byte| !matches!(byte, b'-' | b'0'..=b'9'));
    if matches!(after, Some(b'.' | b'e' | b'E')) { Kind::Float } else { Kind::Integer }
}

/// How far an object was read. From [`Reader::open_object`], for [`Reader::next_key`].
#[derive(Debug)]
pub struct Members<'a> {
    progress: Progress,
    last_key: Option<RawString<'a>>,
}

/// How far an array was read. From [`Reader::open_array`], for [`Reader::next_element`].
#[derive(Debug)]
pub struct Elements {
    progress: Progress,
}

#[derive(Debug)]
enum Progress {
    Opened,
    Started,
    Closed,
}
