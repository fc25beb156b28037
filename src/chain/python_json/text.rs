//! JSON text that was checked to be JSON, and is otherwise as its author wrote it.

use super::error::ParseError;
use super::read::Reader;
use super::value::Value;
use super::write::write_string;

/// The text of one JSON value. Unlike a [`Value`], it keeps the order of keys and the text of
/// numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonText(String);

impl JsonText {
    /// The text, checked; white space around it is left out.
    ///
    /// # Errors
    /// The same as [`parse`](super::parse)'s.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let mut reader = Reader::new(text.as_bytes());
        reader.skip()?;
        reader.finish()?;
        Ok(Self(text.trim_ascii().to_owned()))
    }

    /// A string.
    #[must_use]
    pub fn string(text: &str) -> Self {
        let mut json = String::with_capacity(text.len() + 2);
        write_string(&mut json, text);
        Self(json)
    }

    /// The names and values of the members, if it is an object.
    #[must_use]
    pub fn members(&self) -> Option<Vec<(String, Self)>> {
        let mut reader = Reader::new(self.0.as_bytes());
        let mut progress = reader.open_object().ok()?;
        let mut members = Vec::new();
        while let Some(member) = reader.next_member(&mut progress).ok()? {
            let value = Self(self.0[member.value].to_owned());
            members.push((member.name.into_owned(), value));
        }
        Some(members)
    }

    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&Value> for JsonText {
    fn from(value: &Value) -> Self {
        Self(value.to_string())
    }
}
