//! What a reader notes of how a text is spelled.

use std::ops::{BitOr, BitOrAssign};

use super::string::RawString;
use super::style::JsonStyle;

/// What was seen in a text that not every spelling has, or none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Notes(u8);

impl Notes {
    /// A comma or a colon with a space after it.
    pub(super) const SPACED: Self = Self(1);
    /// A comma or a colon without one.
    pub(super) const COMPACT: Self = Self(1 << 1);
    /// An escape of a character that some spellings write as it is.
    pub(super) const ESCAPED: Self = Self(1 << 2);
    /// Such a character as it is.
    pub(super) const RAW: Self = Self(1 << 3);
    /// Keys that are not in order.
    pub(super) const UNSORTED: Self = Self(1 << 4);
    /// An object of whose keys one comes twice, or may.
    pub(super) const DOUBLED: Self = Self(1 << 5);
    /// A number that Python would write otherwise.
    pub(super) const OTHER_NUMBER: Self = Self(1 << 6);
    /// What no spelling has: other white space, other escapes.
    pub(super) const OTHER: Self = Self(1 << 7);

    /// What Python's `json.dumps(…, sort_keys=True)` never writes.
    const NOT_PYTHONS: Self = Self(!(Self::SPACED.0 | Self::ESCAPED.0));

    pub(super) const fn has(self, any: Self) -> bool {
        self.0 & any.0 != 0
    }

    /// Whether the text is what Python's `json.dumps(…, sort_keys=True)` would have written.
    pub(super) const fn is_pythons(self) -> bool {
        !self.has(Self::NOT_PYTHONS)
    }

    /// Whether there was an escape of a character that some spellings write as it is.
    pub(crate) const fn has_wide_escape(self) -> bool {
        self.has(Self::ESCAPED)
    }

    /// Whether a string had a character that the two ways of writing characters spell differently.
    pub(super) const fn has_wide(self) -> bool {
        self.has(Self(Self::ESCAPED.0 | Self::RAW.0))
    }

    /// Whether the text is written in this spelling. Its numbers may have any text.
    pub(super) const fn fit(self, style: JsonStyle) -> bool {
        let separator = if style.is_spaced { Self::COMPACT } else { Self::SPACED };
        let character = if style.is_ascii { Self::RAW } else { Self::ESCAPED };
        let order = if style.is_sorted { Self::UNSORTED } else { Self::DOUBLED };
        !self.has(Self(separator.0 | character.0 | order.0 | Self::OTHER.0))
    }
}

impl BitOr for Notes {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Notes {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// Where keys are not in order, more of them than this are not compared each with each.
const FEW: usize = 8;

/// The keys of an object so far.
#[derive(Debug, Default)]
pub(super) struct Keys<'a> {
    /// The first of them.
    first: [Option<RawString<'a>>; FEW],
    last: Option<RawString<'a>>,
    count: usize,
    is_unsorted: bool,
    /// Whether one of them came twice, or may have.
    pub(super) has_doubled: bool,
}

impl<'a> Keys<'a> {
    /// Adds a key. Returns what is to be noted of it.
    #[inline]
    pub(super) fn add(&mut self, key: RawString<'a>) -> Notes {
        let is_in_order = self.last.replace(key).is_none_or(|last| last.compare(key).is_lt());
        self.is_unsorted |= !is_in_order;
        let notes = if self.is_unsorted { self.compare_all(key) } else { Notes::default() };
        self.has_doubled |= notes.has(Notes::DOUBLED);
        if let Some(place) = self.first.get_mut(self.count) {
            *place = Some(key);
        }
        self.count += 1;
        notes
    }

    /// What is to be noted of a key, where not all so far are in order.
    fn compare_all(&self, key: RawString<'a>) -> Notes {
        let mut before = self.first.iter().flatten();
        if self.count > FEW || before.any(|other| other.compare(key).is_eq()) {
            return Notes::UNSORTED | Notes::DOUBLED;
        }
        Notes::UNSORTED
    }
}
