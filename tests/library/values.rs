//! Strategies of `proptest` for JSON values of all sorts.

use std::collections::BTreeMap;

use proptest::char::range;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use stripmine::chain::python_json::{Float, Value};

/// Of every length in UTF-8 and UTF-16, and escaped or not.
fn character() -> impl Strategy<Value = char> {
    prop_oneof![
        1 => range('\0', '\u{1f}'),
        4 => range('\0', '\u{7f}'),
        1 => range('\0', '\u{7ff}'),
        1 => range('\0', '\u{ffff}'),
        1 => range('\0', char::MAX),
    ]
}

pub(crate) fn text() -> impl Strategy<Value = String> {
    let letter = || prop_oneof![2 => Just('a'), 1 => character()];
    let letters = prop_oneof![4 => vec(letter(), 0..=5), 1 => vec(letter(), 6..=20)];
    letters.prop_map(String::from_iter)
}

/// Doubles of every exponent, and many of those that people write.
#[expect(clippy::cast_precision_loss, reason = "any double will do")]
pub(crate) fn float() -> impl Strategy<Value = Float> {
    const EDGES: [f64; 9] =
        [0.0, -0.0, 1e16, 1e-5, 1e-4, 1e22, 5e-324, f64::MAX, 9_007_199_254_740_993.0];
    let scaled = |below: u64, scales: &'static [f64]| {
        (0..below, prop::sample::select(scales)).prop_map(|(number, scale)| number as f64 / scale)
    };
    let number = prop_oneof![
        any::<u64>().prop_map(f64::from_bits),
        (1_500_000_000_000..2_000_000_000_000_u64).prop_map(|ms| ms as f64 / 1000.0),
        scaled(100_000, &[1.0, 10.0, 1e3, 1e9, 1e-9, 1e-15]),
        scaled(1 << 53, &[2.0, 4.0, 8.0, 1e20, 1e-4]),
        (any::<u64>(), 12..64).prop_map(|(bits, shift)| f64::from_bits(bits >> shift)),
        prop::sample::select(&EDGES[..]),
    ];
    number.prop_map(|number| Float::new(number).unwrap_or(Float::new(0.5).expect("finite")))
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        (0..1000_u64).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        float().prop_map(Value::from),
        text().prop_map(Value::from),
        text().prop_map(Value::from),
    ]
}

fn object_of(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    btree_map(text(), value, 0..6).prop_map(|members: BTreeMap<_, _>| members.into())
}

/// Any value, up to four levels deep.
pub(crate) fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(4, 40, 5, |value| {
        prop_oneof![vec(value.clone(), 0..5).prop_map(Value::from), object_of(value)]
    })
}

/// An object of any values.
pub(crate) fn object() -> impl Strategy<Value = Value> {
    object_of(value())
}
