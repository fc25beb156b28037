//! The members of an object: each with the spellings of its own, and whether their keys are sorted
//! and differ.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::ops::Range;

use super::error::ParseError;
use super::read::{Members, Reader};
use super::string::RawString;
use super::style::Styles;
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
    pub(crate) styles: Styles,
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
        if !self.next_item(&mut members.progress, b'}')? {
            return Ok(None);
        }
        let around = std::mem::replace(&mut self.styles, Styles::ALL);
        let start = self.position;
        let string = self.key()?;
        let key = start..self.position;
        let styles = std::mem::replace(&mut self.styles, around);
        self.colon()?;
        let around = std::mem::replace(&mut self.styles, styles);
        let start = self.position;
        let kind = self.skip()?;
        let styles = std::mem::replace(&mut self.styles, around);
        let name = self.decode(string);
        Ok(Some(Member { name, kind, key, value: start..self.position, styles }))
    }
}

/// Where keys are not sorted, so many of them are compared each with each.
const FEW: usize = 8;

/// The keys of an object so far.
#[derive(Debug, Default)]
pub(super) struct Keys<'a> {
    first: [Option<RawString<'a>>; FEW],
    last: Option<RawString<'a>>,
    count: usize,
    is_unsorted: bool,
}

impl<'a> Keys<'a> {
    /// Adds a key. Returns the spellings in which it may stand here; none where it may have come
    /// before.
    #[inline]
    pub(super) fn add(&mut self, key: RawString<'a>) -> Styles {
        if let Some(last) = self.last.replace(key) {
            self.is_unsorted |= last.compare(key) != Ordering::Less;
        }
        let styles = if self.is_unsorted { self.of_unsorted(key) } else { Styles::ALL };
        if let Some(place) = self.first.get_mut(self.count) {
            *place = Some(key);
        }
        self.count += 1;
        styles
    }

    fn of_unsorted(&self, key: RawString<'a>) -> Styles {
        let mut before = self.first.iter().flatten();
        let may_be_doubled = self.count > FEW || before.any(|it| it.compare(key).is_eq());
        if may_be_doubled { Styles::NONE } else { Styles::FILE }
    }
}

/// Whether one of these keys comes twice.
pub(super) fn have_doubles(keys: &[RawString<'_>]) -> bool {
    if keys.len() <= FEW {
        let is_before = |at: usize| keys[..at].iter().any(|key| key.compare(keys[at]).is_eq());
        return (1..keys.len()).any(is_before);
    }
    let mut sorted = keys.to_vec();
    sorted.sort_unstable_by(|one, other| one.compare(*other));
    !sorted.is_sorted_by(|one, next| one.compare(*next) == Ordering::Less)
}
