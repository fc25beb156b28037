//! Documents of all sorts and of all spellings, and damaged ones.

use std::collections::BTreeMap;

use fastrand::Rng;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use stripmine::chain::python_json::{Float, Value, write_string, write_value};

use crate::values::{object, value};

/// Bytes that mean something in JSON, and some that do not.
const BYTES: &[u8] = b"\"\\{}[]:,-+.eE019ulasdf \n\x7f\xc3";

/// Spells a value in other ways than Python's, each with its chance.
struct Speller {
    random: Rng,
    /// The places, on average, of which one is spelled in another way.
    rarity: u64,
    text: String,
}

impl Speller {
    fn differs(&mut self) -> bool {
        self.random.u64(..self.rarity) == 0
    }

    fn space(&mut self, canonical: &str) {
        let space = if self.differs() {
            self.random.choice(["", " ", "  ", "\t", "\n", "\r\n "]).expect("six")
        } else {
            canonical
        };
        self.text.push_str(space);
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Float(float) => self.float(*float),
            Value::Integer(integer) if integer.as_str() == "0" && self.differs() => {
                self.text.push_str("-0");
            }
            Value::String(string) => self.string(string),
            Value::Array(elements) => self.list(elements, ['[', ']'], Self::value),
            Value::Object(members) => self.object(members),
            other => write_value(&mut self.text, other),
        }
    }

    fn list<T>(&mut self, items: &[T], [open, close]: [char; 2], item: impl Fn(&mut Self, &T)) {
        self.text.push(open);
        for (position, value) in items.iter().enumerate() {
            if position > 0 {
                self.text.push(',');
                self.space(" ");
            }
            item(self, value);
            self.space("");
        }
        self.text.push(close);
    }

    fn object(&mut self, members: &BTreeMap<String, Value>) {
        let mut members: Vec<_> = members.iter().collect();
        if self.differs() {
            members.reverse();
        }
        if self.differs() && !members.is_empty() {
            // Of two members with one name, the later one counts.
            members.insert(0, (members[members.len() - 1].0, &Value::Null));
        }
        self.list(&members, ['{', '}'], |speller, (key, value)| {
            speller.string(key);
            speller.space("");
            speller.text.push(':');
            speller.space(" ");
            speller.value(value);
        });
    }

    fn string(&mut self, string: &str) {
        self.text.push('"');
        for character in string.chars() {
            let must_escape = character < ' ' || matches!(character, '"' | '\\');
            if !self.differs() {
                let mut quoted = String::new();
                write_string(&mut quoted, character.encode_utf8(&mut [0; 4]));
                self.text.push_str(&quoted[1..quoted.len() - 1]);
            } else if character == '/' {
                self.text.push_str("\\/");
            } else if must_escape || self.random.bool() {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let escape = if self.random.bool() {
                        format!("\\u{unit:04X}")
                    } else {
                        format!("\\u{unit:04x}")
                    };
                    self.text.push_str(&escape);
                }
            } else {
                self.text.push(character);
            }
        }
        self.text.push('"');
    }

    fn float(&mut self, float: Float) {
        let number = float.get();
        let text = match self.random.u8(..4) {
            _ if !self.differs() => float.to_string(),
            0 => format!("{number:e}"),
            1 => format!("{number:E}"),
            2 => format!("{number:.20e}"),
            _ => format!("{number:?}00").replace('e', "0e"),
        };
        let is_float = text.contains(['.', 'e', 'E']) && text.parse() == Ok(number);
        self.text.push_str(&if is_float { text } else { float.to_string() });
    }
}

/// A value, and how it is spelled.
pub(crate) fn document() -> impl Strategy<Value = (Value, String)> {
    let rarity = select(&[u64::MAX, 50, 10, 2][..]);
    (prop_oneof![object(), value()], rarity, any::<u64>()).prop_map(|(value, rarity, seed)| {
        let mut speller = Speller { random: Rng::with_seed(seed), rarity, text: String::new() };
        speller.space("");
        speller.value(&value);
        speller.space("");
        (value, speller.text)
    })
}

#[derive(Clone, Copy, Debug)]
enum Damage {
    Doubled,
    Dropped,
    Changed(u8),
    Inserted(u8),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        Just(Damage::Doubled),
        Just(Damage::Dropped),
        select(BYTES).prop_map(Damage::Changed),
        select(BYTES).prop_map(Damage::Inserted),
    ]
}

/// A document with a byte or two changed, dropped, doubled or inserted.
pub(crate) fn damaged() -> impl Strategy<Value = Vec<u8>> {
    (document(), vec((any::<Index>(), damage()), 1..=2)).prop_map(|((_, text), damages)| {
        let mut bytes = text.into_bytes();
        for (index, damage) in damages {
            if bytes.is_empty() {
                break;
            }
            let place = index.index(bytes.len());
            match damage {
                Damage::Doubled => bytes.insert(place, bytes[place]),
                Damage::Dropped => drop(bytes.remove(place)),
                Damage::Changed(byte) => bytes[place] = byte,
                Damage::Inserted(byte) => bytes.insert(place, byte),
            }
        }
        bytes
    })
}
