//! Bounds of numbers, for `#[serde(with = …)]`: reading refuses a number outside of them, and the
//! schema says what they are.

use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Reads a number, or one that may be left out. `is_within` says whether a number is within the
/// bounds; `bounds` says in words what they are.
fn read<'de, T: Serialize + Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
    is_within: fn(f64) -> bool,
    bounds: &str,
) -> Result<T, D::Error> {
    let number = T::deserialize(from)?;
    match serde_json::to_value(&number).map_err(D::Error::custom)?.as_f64() {
        Some(value) if !is_within(value) => {
            Err(D::Error::custom(format!("{value} is not {bounds}")))
        }
        _ => Ok(number),
    }
}

macro_rules! bounds {
    ($($name:ident: $words:literal, $is_within:expr, $schema:tt;)*) => {$(
        #[doc = concat!("Numbers ", $words, ".")]
        pub(super) struct $name<T>(PhantomData<T>);

        impl<T: Serialize + for<'de> Deserialize<'de>> $name<T> {
            pub(super) fn serialize<S: Serializer>(number: &T, to: S) -> Result<S::Ok, S::Error> {
                number.serialize(to)
            }

            pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
                read(from, $is_within, $words)
            }
        }

        #[cfg(test)]
        impl<T: schemars::JsonSchema> schemars::JsonSchema for $name<T> {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let mut schema = T::json_schema(generator);
                let serde_json::Value::Object(bounds) = serde_json::json!($schema) else {
                    unreachable!("bounds are an object");
                };
                schema.ensure_object().extend(bounds);
                schema
            }
        }
    )*};
}

bounds! {
    Positive: "above 0", |value| value > 0.0, { "exclusiveMinimum": 0 };
    NotNegative: "0 or above", |value| value >= 0.0, { "minimum": 0 };
    Share: "from 0 to 1", |value| (0.0..=1.0).contains(&value), { "minimum": 0, "maximum": 1 };
    OneOrMore: "at least 1", |value| value >= 1.0, { "minimum": 1 };
    OneOrTwo: "1 or 2", |value| (1.0..=2.0).contains(&value), { "minimum": 1, "maximum": 2 };
    Threads: "from 1 to 1024", |value| (1.0..=1024.0).contains(&value), {
        "minimum": 1, "maximum": 1024
    };
}

/// For the schema alone: an interval all of whose numbers are above 0. Nothing needs to be refused,
/// since reading computes such intervals anew.
#[cfg(test)]
pub(super) struct PositiveInterval;

#[cfg(test)]
impl schemars::JsonSchema for PositiveInterval {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PositiveInterval".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let number = serde_json::json!({ "type": "number", "exclusiveMinimum": 0 });
        schemars::json_schema!({
            "description": "An interval all of whose numbers are above 0.",
            "type": "object",
            "properties": { "median": number, "low": number, "high": number },
            "required": ["median", "low", "high"]
        })
    }
}
