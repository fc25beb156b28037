//! Seeded documents of all sorts, and of all spellings.

use std::collections::BTreeMap;

use stripmine::chain::python_json::{Float, Value, write_string, write_value};

/// `SplitMix64`: small, and the same documents on every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.bits() % limit
    }

    fn one_in(&mut self, chance: u64) -> bool {
        self.below(chance) == 0
    }

    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        let last = u64::try_from(choices.len()).expect("few choices");
        choices[usize::try_from(self.below(last)).expect("below the length")]
    }

    fn character(&mut self) -> char {
        let limit = self.pick(&[0x20, 0x80, 0x80, 0x80, 0x80, 0x800, 0x1_0000, 0x11_0000]);
        let scalar = u32::try_from(self.below(limit)).expect("21 bits");
        char::from_u32(scalar).unwrap_or('\u{fffd}')
    }

    fn string(&mut self) -> String {
        let length = self.pick(&[0, 1, 2, 5, 20]);
        (0..length).map(|_| if self.one_in(3) { self.character() } else { 'a' }).collect()
    }

    #[expect(clippy::cast_precision_loss, reason = "any double will do")]
    pub(crate) fn float(&mut self) -> f64 {
        let number = match self.below(6) {
            0 => f64::from_bits(self.bits()),
            1 => (1_500_000_000_000 + self.below(500_000_000_000)) as f64 / 1000.0,
            2 => self.below(100_000) as f64 / self.pick(&[1.0, 10.0, 1e3, 1e9, 1e-9, 1e-15]),
            3 => self.below(1 << 53) as f64 / self.pick(&[2.0, 4.0, 8.0, 1e20, 1e-4]),
            4 => f64::from_bits(self.bits() >> 12 >> self.below(52)),
            _ => self.pick(&[
                0.0,
                -0.0,
                1e16,
                1e-5,
                1e-4,
                1e22,
                5e-324,
                f64::MAX,
                9_007_199_254_740_993.0,
            ]),
        };
        if number.is_finite() { number } else { 0.5 }
    }

    fn scalar(&mut self) -> Value {
        match self.below(7) {
            0 => Value::Null,
            1 => Value::Bool(self.one_in(2)),
            2 => self.below(1000).into(),
            3 => self.bits().cast_signed().into(),
            4 => Float::new(self.float()).expect("finite").into(),
            _ => self.string().into(),
        }
    }

    fn value(&mut self, depth: u32) -> Value {
        let length = self.below(5);
        match self.below(3) {
            0 if depth > 0 => (0..length).map(|_| self.value(depth - 1)).collect::<Vec<_>>().into(),
            1 if depth > 0 => self.object(depth).into(),
            _ => self.scalar(),
        }
    }

    fn object(&mut self, depth: u32) -> BTreeMap<String, Value> {
        (0..self.below(6)).map(|_| (self.string(), self.value(depth - 1))).collect()
    }
}

/// Spells a value in other ways than Python's, each with its chance.
struct Speller<'a> {
    random: &'a mut Random,
    /// One in so many places is spelled in another way.
    rarity: u64,
    text: String,
}

impl Speller<'_> {
    fn differs(&mut self) -> bool {
        self.random.one_in(self.rarity)
    }

    fn space(&mut self, canonical: &str) {
        let space = if self.differs() {
            self.random.pick(&["", " ", "  ", "\t", "\n", "\r\n "])
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
            members.insert(0, (members[members.len() - 1].0, &Value::Null)); // the one that comes later counts
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
            } else if must_escape || self.random.one_in(2) {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let escape = if self.random.one_in(2) {
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
        let text = match self.random.below(4) {
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

/// Values, and how each was spelled.
pub(crate) fn documents(count: usize) -> Vec<(Value, String)> {
    let mut random = Random(2024);
    let document = |_| {
        let value = if random.one_in(2) { random.object(4).into() } else { random.value(4) };
        let rarity = random.pick(&[2, 10, 50, u64::MAX]);
        let mut speller = Speller { random: &mut random, rarity, text: String::new() };
        speller.space("");
        speller.value(&value);
        speller.space("");
        let text = speller.text;
        (value, text)
    };
    (0..count).map(document).collect()
}
