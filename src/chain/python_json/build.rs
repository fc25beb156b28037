//! Builders: what a reader makes of the values that it reads, a tree of them or their kind alone.

use std::collections::BTreeMap;

use super::string::RawString;
use super::value::{JsonKind, Number, Value};

/// A value without values in it.
pub(super) enum Scalar<'a> {
    Null,
    Bool(bool),
    Number(Number<'a>),
    String(RawString<'a>),
}

/// Makes something of values, piece by piece as they are read.
pub(super) trait Build {
    type Value;
    type Elements: Default;
    type Members: Default;

    fn scalar(scalar: Scalar<'_>) -> Self::Value;
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

    fn scalar(scalar: Scalar<'_>) -> Value {
        match scalar {
            Scalar::Null => Value::Null,
            Scalar::Bool(value) => Value::Bool(value),
            Scalar::Number(number) => number.into(),
            Scalar::String(string) => Value::String(string.decode().into_owned()),
        }
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
pub(super) enum KindOnly {}

impl Build for KindOnly {
    type Value = JsonKind;
    type Elements = ();
    type Members = ();

    fn scalar(scalar: Scalar<'_>) -> JsonKind {
        match scalar {
            Scalar::Null => JsonKind::Null,
            Scalar::Bool(_) => JsonKind::Bool,
            Scalar::Number(Number::Integer(_)) => JsonKind::Integer,
            Scalar::Number(Number::Float(_)) => JsonKind::Float,
            Scalar::String(_) => JsonKind::String,
        }
    }

    fn push((): &mut (), _: JsonKind) {}

    fn array((): ()) -> JsonKind {
        JsonKind::Array
    }

    fn insert((): &mut (), _: RawString<'_>, _: JsonKind) {}

    fn object((): ()) -> JsonKind {
        JsonKind::Object
    }
}
