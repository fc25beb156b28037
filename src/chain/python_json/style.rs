//! How JSON is spelled: the order of its keys, the separators, and the characters beyond ASCII.
//!
//! A reader tells in which of the eight spellings a text is [written](super::Reader::styles), and a
//! [`Speller`](super::Speller) in which others what it wrote would be the same: both with
//! [`Styles`].

use std::fmt;
use std::str::FromStr;

/// A spelling of JSON, of eight. Its text is three words, such as `sorted,spaced,ascii`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct JsonStyle {
    /// Whether keys are sorted by code point, or stay in the order of the text.
    pub is_sorted: bool,
    /// Whether a space follows commas and colons.
    pub is_spaced: bool,
    /// Whether characters beyond ASCII are written as `\uXXXX`, or as they are.
    pub is_ascii: bool,
}

/// A text that names no spelling.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a spelling is three words: sorted or file, spaced or compact, ascii or utf8")]
pub struct UnknownStyle;

impl JsonStyle {
    /// Python's `json.dumps(…, sort_keys=True)`.
    pub const PYTHON: Self = Self { is_sorted: true, is_spaced: true, is_ascii: true };

    /// All spellings, in the order in which one of them is named where several fit: that of
    /// Python's tutorials first, and JavaScript's `JSON.stringify` before its ASCII form.
    pub const ALL: [Self; 8] = [
        Self::PYTHON,
        Self { is_ascii: false, ..Self::PYTHON },
        Self { is_spaced: false, ..Self::PYTHON },
        Self { is_spaced: false, is_ascii: false, ..Self::PYTHON },
        Self { is_sorted: false, ..Self::PYTHON },
        Self { is_sorted: false, is_ascii: false, ..Self::PYTHON },
        Self { is_sorted: false, is_spaced: false, is_ascii: false },
        Self { is_sorted: false, is_spaced: false, is_ascii: true },
    ];

    /// What stands between two elements or members.
    pub(crate) fn comma(self) -> &'static str {
        if self.is_spaced { ", " } else { "," }
    }

    /// What stands between a key and its value.
    pub(crate) fn colon(self) -> &'static str {
        if self.is_spaced { ": " } else { ":" }
    }
}

/// Some of the eight spellings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Styles(u8);

impl Styles {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const ALL: Self = Self(0b1111_1111);

    // Each spelling has a bit; it is in one half of the eight for its order, in one for its
    // separators, and in one for its characters.
    const SORTED: Self = Self(0b0000_1111);
    pub(crate) const FILE: Self = Self(0b1111_0000);
    pub(super) const SPACED: Self = Self(0b0011_0011);
    pub(super) const COMPACT: Self = Self(0b1100_1100);
    pub(super) const ASCII: Self = Self(0b0101_0101);
    pub(super) const UTF8: Self = Self(0b1010_1010);

    pub(crate) const fn one(style: JsonStyle) -> Self {
        Self::order_of(style).and(Self::separators_of(style)).and(Self::characters_of(style))
    }

    /// Those with the same order of keys.
    pub(crate) const fn order_of(style: JsonStyle) -> Self {
        if style.is_sorted { Self::SORTED } else { Self::FILE }
    }

    /// Those with the same separators.
    pub(crate) const fn separators_of(style: JsonStyle) -> Self {
        if style.is_spaced { Self::SPACED } else { Self::COMPACT }
    }

    /// Those that write characters in the same way.
    pub(super) const fn characters_of(style: JsonStyle) -> Self {
        if style.is_ascii { Self::ASCII } else { Self::UTF8 }
    }

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) const fn is_none(self) -> bool {
        self.0 == 0
    }

    pub(crate) const fn contains(self, style: JsonStyle) -> bool {
        !self.and(Self::one(style)).is_none()
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = JsonStyle> {
        JsonStyle::ALL.into_iter().filter(move |style| self.contains(*style))
    }

    /// The first of them.
    pub(crate) fn first(self) -> Option<JsonStyle> {
        self.iter().next()
    }
}

impl fmt::Display for JsonStyle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = if self.is_sorted { "sorted" } else { "file" };
        let separators = if self.is_spaced { "spaced" } else { "compact" };
        let characters = if self.is_ascii { "ascii" } else { "utf8" };
        write!(f, "{order},{separators},{characters}")
    }
}

impl FromStr for JsonStyle {
    type Err = UnknownStyle;

    fn from_str(text: &str) -> Result<Self, UnknownStyle> {
        Self::ALL.into_iter().find(|style| style.to_string() == text).ok_or(UnknownStyle)
    }
}
