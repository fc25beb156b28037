//! The members of an object, read whole, each with the spellings of its own.

use std::borrow::Cow;
use std::ops::Range;

use super::error::ParseError;
use super::read::{Members, Reader};
use super::spelling::Spellings;
use super::value::JsonKind;

/// A member of an object, with its value.
#[derive(Clone, Debug)]
pub(crate) struct Member<'a> {
    pub(crate) name: Cow<'a, str>,
    pub(crate) kind: JsonKind,
    /// Where its name stands in the text, with its quotes.
    pub(crate) key: Range<usize>,
    /// Where its value stands.
    pub(crate) value: Range<usize>,
    /// The spellings in which both are written.
    pub(crate) spellings: Spellings,
}

impl<'a> Reader<'a> {
    /// The next member of the object, its value consumed as well. The spellings of its key and of
    /// its value are its own: they do not count as those of the text. The order of keys does not
    /// either.
    ///
    /// # Errors
    /// When neither a member nor the object's end follows.
    pub(crate) fn next_member(
        &mut self,
        members: &mut Members<'a>,
    ) -> Result<Option<Member<'a>>, ParseError> {
        if !self.next_item(&mut members.state, b'}')? {
            return Ok(None);
        }
        let around = std::mem::replace(&mut self.spellings, Spellings::ALL);
        let start = self.position;
        let string = self.key()?;
        let key = start..self.position;
        let spellings = std::mem::replace(&mut self.spellings, around);
        self.colon()?;
        let around = std::mem::replace(&mut self.spellings, spellings);
        let start = self.position;
        let kind = self.skip()?;
        let spellings = std::mem::replace(&mut self.spellings, around);
        let name = self.decode(string);
        Ok(Some(Member { name, kind, key, value: start..self.position, spellings }))
    }
}
