//! Python's own `json` is the oracle: what it writes and reads, the module writes and reads.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use stripmine::chain::python_json::{
    ErrorKind, Float, ParseError, Reader, Value, parse, write_string, write_value,
};

/// Reads a document a line, in hexadecimal, and writes it as the chain's Python does, or `refused`.
const DUMPS: &str = r#"
import json, sys
for line in sys.stdin:
    try:
        print(json.dumps(json.loads(bytes.fromhex(line).decode("utf-8")), sort_keys=True))
    except (ValueError, RecursionError):
        print("refused")
"#;

/// Reads the bits of a double a line, in hexadecimal, and writes its repr.
const REPR: &str = r#"
import struct, sys
for line in sys.stdin:
    print(repr(struct.unpack(">d", bytes.fromhex(line))[0]))
"#;

/// The program's answers, a line each; `None`, loudly, where there is no Python.
fn ask_python(program: &str, questions: &[String]) -> Option<Vec<String>> {
    let mut command = Command::new("python3");
    let command = command.args(["-c", program]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut python = match command.spawn() {
        Ok(python) => python,
        Err(error) if std::env::var_os("CI").is_none() => {
            // Not eprintln!, which the test harness swallows.
            writeln!(
                std::io::stderr(),
                "\n*** NOT TESTED against Python: python3 does not start ({error}) ***\n"
            )
            .expect("stderr takes text");
            return None;
        }
        Err(error) => panic!("python3 does not start: {error}"),
    };
    let mut input = python.stdin.take().expect("piped");
    let output = std::thread::scope(|scope| {
        scope
            .spawn(move || questions.iter().try_for_each(|question| writeln!(input, "{question}")));
        python.wait_with_output().expect("python3 answers")
    });
    assert!(output.status.success(), "python3 failed");
    let answers: Vec<String> =
        String::from_utf8(output.stdout).expect("ASCII").lines().map(str::to_owned).collect();
    assert_eq!(answers.len(), questions.len());
    Some(answers)
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes all text");
        text
    })
}

fn written(value: &Value) -> String {
    let mut text = String::new();
    write_value(&mut text, value);
    text
}

/// `SplitMix64`: small, and the same documents on every run.
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.bits() % limit
    }

    fn one_in(&mut self, chance: u64) -> bool {
        self.below(chance) == 0
    }

    fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
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
    fn float(&mut self) -> f64 {
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
fn documents(count: usize) -> Vec<(Value, String)> {
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

#[test]
fn documents_are_written_and_read_as_python_does() {
    let documents = documents(20_000);
    let questions: Vec<_> = documents.iter().map(|(_, text)| hex(text)).collect();
    let Some(answers) = ask_python(DUMPS, &questions) else {
        return;
    };
    let mut canonical = 0;
    for ((value, text), answer) in documents.iter().zip(&answers) {
        assert_eq!(&written(value), answer, "writing what was spelled {text}");
        assert_eq!(parse(text.as_bytes()).as_ref(), Ok(value), "reading {text}");
        assert_eq!(parse(answer.as_bytes()).as_ref(), Ok(value), "reading {answer}");

        let mut reader = Reader::new(text.as_bytes());
        reader
            .skip()
            .and_then(|_| reader.finish())
            .unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(reader.is_canonical(), text == answer, "{text} is {answer} in Python");
        canonical += usize::from(reader.is_canonical());
    }
    assert!(
        (1000..19_000).contains(&canonical),
        "both sorts of spelling were tried, {canonical} canonical"
    );
}

#[test]
fn floats_are_written_as_python_repr_does() {
    let mut random = Random(7);
    let floats: Vec<_> = (0..200_000).map(|_| random.float()).collect();
    let questions: Vec<_> =
        floats.iter().map(|float| format!("{:016x}", float.to_bits())).collect();
    let Some(answers) = ask_python(REPR, &questions) else {
        return;
    };
    for (float, answer) in floats.iter().zip(&answers) {
        let float = Float::new(*float).expect("finite");
        assert_eq!(&float.to_string(), answer);
        assert_eq!(parse(answer.as_bytes()), Ok(float.into()));
    }
}

#[test]
fn every_beginning_of_a_canonical_object_is_known_as_one() {
    for (value, _) in documents(400) {
        let text = format!("{{\"data\": {value}}}");
        for end in 0..text.len() {
            let mut skipped = Reader::new(&text.as_bytes()[..end]);
            let error = skipped.skip().expect_err("a beginning is no document");
            assert_eq!(
                (error.kind(), error.offset()),
                (ErrorKind::UnexpectedEnd, end),
                "{}",
                &text[..end]
            );
            assert!(skipped.is_canonical(), "{}", &text[..end]);

            let mut walked = Reader::new(&text.as_bytes()[..end]);
            assert_eq!(
                walk(&mut walked).map_err(|error| error.kind()),
                Err(ErrorKind::UnexpectedEnd)
            );
            assert!(walked.is_canonical(), "{}", &text[..end]);
        }
    }
}

fn walk(reader: &mut Reader<'_>) -> Result<(), ParseError> {
    let mut members = reader.open_object()?;
    while reader.next_key(&mut members)?.is_some() {
        reader.peek_kind()?;
        reader.value()?;
    }
    reader.finish()
}

#[test]
fn malformed_texts_are_refused_by_both() {
    let texts: &[&[u8]] = &[
        b"",
        b" ",
        b"nope",
        b"tru",
        b"truE",
        b"True",
        b"None",
        b"nul",
        b"'a'",
        b"[",
        b"]",
        b"[1",
        b"[1,",
        b"[1,]",
        b"[,1]",
        b"[1 2]",
        b"[1,,2]",
        b"[1]]",
        b"[1}",
        b"{",
        b"}",
        b"{\"a\"}",
        b"{\"a\":}",
        b"{\"a\":1",
        b"{\"a\":1,}",
        b"{,}",
        b"{1:2}",
        b"{a:1}",
        b"{\"a\" 1}",
        b"{\"a\":1 \"b\":2}",
        b"{\"a\":1]",
        b"1 2",
        b"01",
        b"-01",
        b"00",
        b"+1",
        b"-",
        b"--1",
        b".5",
        b"1.",
        b"-.5",
        b"1.e5",
        b"1e",
        b"1e+",
        b"1e+-1",
        b"1x",
        b"0x10",
        b"1_000",
        b"-Inf",
        b"nan",
        b"\"",
        b"\"a",
        b"\"\\",
        b"\"\\\"",
        b"\"\\x\"",
        b"\"\\u\"",
        b"\"\\u12\"",
        b"\"\\u12g4\"",
        b"\"\\u+123\"",
        b"\"\\u 123\"",
        b"\"\\U0041\"",
        b"\"\\u12",
        b"\"a\nb\"",
        b"\"a\tb\"",
        b"\"\0\"",
        b"\"\x1f\"",
        b"\0",
        b"1\0",
        b"\x0c1",
        b"\xc2\xa01",
        b"\xef\xbb\xbf[]",
        b"\"\xff\"",
        b"\"\xc3\"",
        b"\"\xc0\x80\"",
        b"\"\xed\xa0\x80\"",
        b"\"\xf4\x90\x80\x80\"",
        b"\xff",
        b"// 1\n1",
        b"[1]/**/",
        b"{\"a\": 1}\n{\"a\": 1}",
        b"\"\\ud83d",
        b"\"\\ud83d\\\"",
        b"\"\\ud83d\\u",
        b"\"\\ud83d\\u\"",
        b"\"\\ud83d\\u12x4\"",
    ];
    for text in texts {
        assert!(parse(text).is_err(), "{}", text.escape_ascii());
    }
    let questions: Vec<_> = texts.iter().map(hex).collect();
    for (text, answer) in texts.iter().zip(ask_python(DUMPS, &questions).unwrap_or_default()) {
        assert_eq!(answer, "refused", "{}", text.escape_ascii());
    }
}

/// A document with a few bytes changed, dropped or doubled.
fn damaged(random: &mut Random, text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=random.below(2) {
        let length = u64::try_from(bytes.len()).expect("64 bits are enough");
        let place = usize::try_from(random.below(length)).expect("below the length");
        match random.below(4) {
            0 => bytes.insert(place, bytes[place]),
            1 if bytes.len() > 1 => drop(bytes.remove(place)),
            2 => bytes[place] = random.pick(b"\"\\{}[]:,-+.eE019ulasdf \n\x7f\xc3"),
            _ => bytes.insert(place, random.pick(b"\"\\{}[]:,-+.eE019ulasdf \n\x7f\xc3")),
        }
    }
    bytes
}

#[test]
fn damaged_documents_are_judged_as_python_does() {
    let mut random = Random(99);
    let documents = documents(20_000);
    let texts: Vec<_> = documents.iter().map(|(_, text)| damaged(&mut random, text)).collect();
    let questions: Vec<_> = texts.iter().map(hex).collect();
    let Some(answers) = ask_python(DUMPS, &questions) else {
        return;
    };
    let mut refused = 0;
    for (text, answer) in texts.iter().zip(&answers) {
        let shown = text.escape_ascii();
        let mut reader = Reader::new(text);
        let skipped = reader.skip().and_then(|_| reader.finish());
        match parse(text) {
            Ok(value) => {
                assert_eq!(&value.to_string(), answer, "{shown}");
                assert_eq!(reader.is_canonical(), text == answer.as_bytes(), "{shown}");
                assert_eq!(skipped, Ok(()));
            }
            Err(error) => {
                let is_ours =
                    matches!(error.kind(), ErrorKind::LoneSurrogate | ErrorKind::Overflow);
                assert!(is_ours || answer == "refused", "{error}: {shown}");
                assert_eq!(skipped, Err(error));
                refused += 1;
            }
        }
    }
    assert!((1000..19_000).contains(&refused), "both sorts of text were tried, {refused} refused");
}

#[test]
fn what_python_takes_and_this_module_refuses_is_known() {
    let nested = format!("{}{}", "[".repeat(129), "]".repeat(129));
    let texts = [
        ("NaN", ErrorKind::NotFinite { word: "NaN" }),
        ("[Infinity]", ErrorKind::NotFinite { word: "Infinity" }),
        ("[-Infinity]", ErrorKind::NotFinite { word: "-Infinity" }),
        ("1e400", ErrorKind::Overflow),
        ("[-1e400]", ErrorKind::Overflow),
        (r#""\ud83d""#, ErrorKind::LoneSurrogate),
        (r#""\ude00""#, ErrorKind::LoneSurrogate),
        (r#""\ud83d\u0041""#, ErrorKind::LoneSurrogate),
        (r#"{"\ud83dx": 1}"#, ErrorKind::LoneSurrogate),
        (&nested, ErrorKind::TooDeep),
    ];
    for (text, kind) in texts {
        assert_eq!(parse(text.as_bytes()).map_err(|error| error.kind()), Err(kind), "{text}");
    }
    let questions: Vec<_> = texts.iter().map(|(text, _)| hex(text)).collect();
    for ((text, _), answer) in texts.iter().zip(ask_python(DUMPS, &questions).unwrap_or_default()) {
        assert_ne!(answer, "refused", "{text}");
    }
}

#[test]
fn integers_up_to_pythons_limit_are_read_by_both() {
    let longest = format!("-{}", "9".repeat(4300));
    assert_eq!(parse(longest.as_bytes()).expect("just short enough").to_string(), longest);
    if let Some(answers) = ask_python(DUMPS, &[hex(&longest)]) {
        assert_eq!(answers, [longest]);
    }
}
