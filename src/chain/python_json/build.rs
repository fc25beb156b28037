//! What becomes of the values that a [`Reader`](super::Reader) reads: a tree, nothing, or text (`rewrite.rs`). The
//! grammar stands once.

use std::collections::BTreeMap;

use super::string::RawString;
use super::value::{Kind, Number, Value};

/// Takes the pieces of values as they are read.
pub(super) trait Build {
    type Value;
    type Elements: Default;
    type Members: Default;

    fn null() -> Self::Value;
    fn bool(value: bool) -> Self::Value;
    fn number(number: Number<'_>) -> Self::Value;
    fn string(string: RawString<'_>) -> Self::Value;
    fn push(elements: &mut Self::Elements, value: Self::Value);
    fn array(elements: Self::Elements) -> Self::Value;
    fn insert(members: &mut Self::Members, key: RawString<'_>, value: Self::Value);
    fn object(members: Self::Members) -> Self::Value;
}

/// Builds the value.
pub(super) enum Tree {}

impl Build for Tree {
    type Value = Value;
    type Elements = Vec<Value>;
    type Members = BTreeMap<String, Value>;

    fn null() -> Value {
        Value::Null
    }

    fn bool(value: bool) -> Value {
        Value::Bool(value)
    }

    fn number(number: Number<'_>) -> Value {
        number.into()
    }

    fn string(string: RawString<'_>) -> Value {
        Value::String(string.decode().into_owned())
    }

    fn push(elements: &mut Vec<Value>, value: Value) {
        elements.push(value);
    }

    fn array(elements: Vec<Value>) -> Value {
        Value::Array(elements)
    }

    /// Of a key that comes twice, the last value stays, as in Python.
    fn insert(members: &mut BTreeMap<String, Value>, key: RawString<'_>, value: Value) {
        members.insert(key.decode().into_owned(), value);
    }

    fn object(members: BTreeMap<String, Value>) -> Value {
        Value::Object(members)
    }
}

/// Keeps only the kind of the value.
pub(super) enum Nothing {}

impl Build for Nothing {
    type Value = Kind;
    type Elements = ();
    type Members = ();

    fn null() -> Kind {
        Kind::Null
    }

    fn bool(_: bool) -> Kind {
        Kind::Bool
    }

    fn number(number: Number<'_>) -> Kind {
        match number {
            Number::Integer(_) => Kind::Integer,
            Number::Float(_) => Kind::Float,
        }
    }

    fn string(_: RawString<'_>) -> Kind {
        Kind::String
    }

    fn push((): &mut (), _: Kind) {}

    fn array((): ()) -> Kind {
        Kind::Array
    }

    fn insert((): &mut (), _: RawString<'_>, _: Kind) {}

    fn object((): ()) -> Kind {
        Kind::Object
    }
}
