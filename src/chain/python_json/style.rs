//! How JSON is spelled: the order of its keys, the separators, and the characters beyond ASCII.

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
