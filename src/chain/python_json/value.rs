//! JSON values in memory, as Python has them, and how they are written.
//!
//! To check a text, or to take a few members of it, use a [`Reader`](super::Reader): it builds no
//! values.

use std::collections::BTreeMap;
use std::fmt;

use super::float::Float;
use super::write::write_string;

/// Any JSON value. Its `Display` is Python's `json.dumps(value, sort_keys=True)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number without fraction and exponent.
    Integer(Integer),
    /// A number with a fraction or an exponent: `1.0` is not `1`.
    Float(Float),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Value>),
    /// An object. `String`s sort by code point, as Python's keys do.
    Object(BTreeMap<String, Value>),
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        write_value(&mut text, self);
        formatter.write_str(&text)
    }
}

/// Appends the value as Python's `json.dumps(value, sort_keys=True)` writes it.
pub fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Integer(integer) => out.push_str(integer.as_str()),
        Value::Float(float) => out.push_str(float.repr().as_str()),
        Value::String(text) => write_string(out, text),
        Value::Array(elements) => write_list(out, ['[', ']'], elements, write_value),
        Value::Object(members) => write_list(out, ['{', '}'], members, |out, (key, value)| {
            write_string(out, key);
            out.push_str(": ");
            write_value(out, value);
        }),
    }
}

fn write_list<T>(
    out: &mut String,
    [open, close]: [char; 2],
    items: impl IntoIterator<Item = T>,
    write_item: impl Fn(&mut String, T),
) {
    out.push(open);
    for (position, item) in items.into_iter().enumerate() {
        if position > 0 {
            out.push_str(", ");
        }
        write_item(out, item);
    }
    out.push(close);
}

macro_rules! from {
    ($($target:ident { $($source:ty => |$it:ident| $value:expr;)* })*) => {
        $($(impl From<$source> for $target {
            fn from($it: $source) -> Self {
                $value
            }
        })*)*
    };
}

from! {
    Value {
        bool => |it| Self::Bool(it);
        u64 => |it| Self::Integer(it.into());
        i64 => |it| Self::Integer(it.into());
        Integer => |it| Self::Integer(it);
        Float => |it| Self::Float(it);
        &str => |it| Self::String(it.to_owned());
        String => |it| Self::String(it);
        Vec<Value> => |it| Self::Array(it);
        BTreeMap<String, Value> => |it| Self::Object(it);
        Number<'_> => |it| match it {
            Number::Integer(text) => Self::Integer(Integer(text.to_owned())),
            Number::Float(float) => Self::Float(float),
        };
    }
    Integer {
        u64 => |it| Self(it.to_string());
        i64 => |it| Self(it.to_string());
    }
}

/// An integer of any size, kept as Python writes it: no leading zeros, no `-0`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Integer(String);

impl Integer {
    /// The integer with these decimal digits, as many as there are; `None` for text
    /// that is empty, has a leading zero, or holds anything but digits.
    #[must_use]
    pub fn from_digits(digits: &str) -> Option<Self> {
        let are_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let has_leading_zero = digits.len() > 1 && digits.starts_with('0');
        (are_digits && !has_leading_zero).then(|| Self(digits.to_owned()))
    }

    /// The number, if it is from 0 to 2^64 - 1.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        self.0.parse().ok()
    }

    /// Its decimal text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Integer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

/// A number just read: borrowed from the text, so nothing is allocated. `Value::from` keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number<'a> {
    /// The integer's decimal text, as Python writes it (`-0` was read as `0`).
    Integer(&'a str),
    /// A float.
    Float(Float),
}

impl Number<'_> {
    /// The number, if it is an integer from 0 to 2^64 - 1. `1.0` is no integer.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Integer(text) => text.parse().ok(),
            Self::Float(_) => None,
        }
    }
}

/// The kind of a JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JsonKind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number without fraction and exponent.
    Integer,
    /// A number with a fraction or an exponent.
    Float,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl fmt::Display for JsonKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Null => "null",
            Self::Bool => "a boolean",
            Self::Integer => "an integer",
            Self::Float => "a float",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        })
    }
}
