//! Python's own `json` is the oracle: what it writes and reads, the module writes and reads.

mod documents;

use std::cell::{Cell, RefCell};
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout};

use documents::{damaged, document};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::common::cases;
use crate::common::python::python;
use crate::values::{float, value};
use stripmine::chain::python_json::{
    ParseError, ParseErrorKind, Reader, Value, parse, write_value,
};

/// Reads a document a line, in hexadecimal, and writes it as the chain's Python does, or `refused`.
const DUMPS: &str = r#"
import json, sys
for line in sys.stdin:
    try:
        text = bytes.fromhex(line).decode("utf-8")
        print(json.dumps(json.loads(text), sort_keys=True), flush=True)
    except (ValueError, RecursionError):
        print("refused", flush=True)
"#;

/// Reads the bits of doubles, in hexadecimal, and writes their reprs, a line of them for each line.
const REPR: &str = r#"
import struct, sys
for line in sys.stdin:
    doubles = (struct.unpack(">d", bytes.fromhex(bits))[0] for bits in line.split())
    print(*map(repr, doubles), flush=True)
"#;

/// A Python that answers each line with a line.
struct Oracle {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Oracle {
    /// `None`, loudly, where there is no Python.
    fn start(program: &str) -> Option<RefCell<Self>> {
        let mut process = python(&["-c", program])?;
        let questions = process.stdin.take().expect("piped");
        let answers = BufReader::new(process.stdout.take().expect("piped"));
        Some(RefCell::new(Self { process, questions, answers }))
    }

    fn ask(&mut self, question: &str) -> String {
        writeln!(self.questions, "{question}").expect("Python reads");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("Python writes ASCII");
        assert_eq!(answer.pop(), Some('\n'), "Python has failed");
        answer
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
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

/// Documents of each sort; `STRIPMINE_DOCUMENTS` asks for more.
fn document_count() -> u32 {
    let asked = std::env::var("STRIPMINE_DOCUMENTS").ok();
    asked.map_or(20_000, |count| count.parse().expect("STRIPMINE_DOCUMENTS is a number"))
}

/// Whether at least a twentieth is of one sort, and a twentieth of the other: then both were tried.
fn are_of_both_sorts(of_one: u32, all: u32) -> bool {
    (all / 20..all - all / 20).contains(&of_one)
}

#[test]
fn documents_are_written_and_read_as_python_does() {
    let Some(oracle) = Oracle::start(DUMPS) else { return };
    let canonical = Cell::new(0);
    proptest!(cases(document_count()), |((value, text) in document())| {
        let answer = oracle.borrow_mut().ask(&hex(&text));
        prop_assert_eq!(&written(&value), &answer, "writing");
        prop_assert_eq!(parse(text.as_bytes()), Ok(value.clone()), "reading");
        prop_assert_eq!(parse(answer.as_bytes()), Ok(value), "reading {}", answer);

        let mut reader = Reader::new(text.as_bytes());
        prop_assert_eq!(reader.skip().and_then(|_| reader.finish()), Ok(()));
        prop_assert_eq!(reader.is_canonical(), text == answer, "it is {} in Python", answer);
        canonical.update(|count| count + u32::from(reader.is_canonical()));
    });
    assert!(
        are_of_both_sorts(canonical.get(), document_count()),
        "both sorts of spelling were tried, {} canonical",
        canonical.get()
    );
}

#[test]
fn floats_are_written_as_python_repr_does() {
    let Some(oracle) = Oracle::start(REPR) else { return };
    proptest!(cases(2_000), |(floats in vec(float(), 100))| {
        let bits: Vec<_> =
            floats.iter().map(|float| format!("{:016x}", float.get().to_bits())).collect();
        let answer = oracle.borrow_mut().ask(&bits.join(" "));
        prop_assert_eq!(answer.split(' ').count(), floats.len());
        for (float, answer) in floats.into_iter().zip(answer.split(' ')) {
            prop_assert_eq!(&float.to_string(), answer);
            prop_assert_eq!(parse(answer.as_bytes()), Ok(float.into()));
        }
    });
}

#[test]
fn every_beginning_of_a_canonical_object_is_known_as_one() {
    proptest!(cases(400), |(value in value())| {
        let text = format!("{{\"data\": {value}}}");
        for end in 0..text.len() {
            let beginning = text.as_bytes()[..end].escape_ascii();
            let mut skipped = Reader::new(&text.as_bytes()[..end]);
            let error = skipped.skip().expect_err("a beginning is no document");
            prop_assert_eq!((error.kind(), error.offset()), (ParseErrorKind::UnexpectedEnd, end));
            prop_assert!(skipped.is_canonical(), "{}", beginning);

            let mut walked = Reader::new(&text.as_bytes()[..end]);
            let error = walk(&mut walked).map_err(|error| error.kind());
            prop_assert_eq!(error, Err(ParseErrorKind::UnexpectedEnd));
            prop_assert!(walked.is_canonical(), "{}", beginning);
        }
    });
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
    let Some(oracle) = Oracle::start(DUMPS) else { return };
    for text in texts {
        assert_eq!(oracle.borrow_mut().ask(&hex(text)), "refused", "{}", text.escape_ascii());
    }
}

#[test]
fn damaged_documents_are_judged_as_python_does() {
    let Some(oracle) = Oracle::start(DUMPS) else { return };
    let refused = Cell::new(0);
    proptest!(cases(document_count()), |(text in damaged())| {
        let is_refused = is_refused_as_by_python(&mut oracle.borrow_mut(), &text);
        refused.update(|count| count + u32::from(is_refused));
    });
    assert!(are_of_both_sorts(refused.get(), document_count()), "{} refused", refused.get());
}

#[test]
fn what_the_fuzzer_kept_is_judged_as_python_does() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let Ok(entries) = fs::read_dir(corpora.join("json")) else {
        assert!(!corpora.exists(), "no corpus of JSON");
        return;
    };
    let Some(oracle) = Oracle::start(DUMPS) else { return };
    let (mut refused, mut all) = (0, 0);
    for entry in entries {
        let text = fs::read(entry.expect("an entry").path()).expect("a file");
        refused += u32::from(is_refused_as_by_python(&mut oracle.borrow_mut(), &text));
        all += 1;
    }
    assert!(are_of_both_sorts(refused, all), "{refused} of {all} refused");
}

/// What Python takes and this module refuses.
const OURS: [ParseErrorKind; 6] = [
    ParseErrorKind::LoneSurrogate,
    ParseErrorKind::Overflow,
    ParseErrorKind::TooDeep,
    ParseErrorKind::NotFinite { word: "NaN" },
    ParseErrorKind::NotFinite { word: "Infinity" },
    ParseErrorKind::NotFinite { word: "-Infinity" },
];

/// Whether a text is refused, which is compared with Python's judgement.
#[track_caller]
fn is_refused_as_by_python(oracle: &mut Oracle, text: &[u8]) -> bool {
    let answer = oracle.ask(&hex(text));
    let shown = text.escape_ascii();
    let mut reader = Reader::new(text);
    let skipped = reader.skip().and_then(|_| reader.finish());
    match parse(text) {
        Ok(value) => {
            assert_eq!(value.to_string(), answer, "{shown}");
            assert_eq!(reader.is_canonical(), text == answer.as_bytes(), "{shown}");
            assert_eq!(skipped, Ok(()));
            false
        }
        Err(error) => {
            let is_ours = OURS.contains(&error.kind());
            assert!(is_ours || answer == "refused", "{error}: {shown}");
            assert_eq!(skipped, Err(error));
            true
        }
    }
}

#[test]
fn what_python_takes_and_this_module_refuses_is_known() {
    let nested = format!("{}{}", "[".repeat(129), "]".repeat(129));
    let texts = [
        ("NaN", ParseErrorKind::NotFinite { word: "NaN" }),
        ("[Infinity]", ParseErrorKind::NotFinite { word: "Infinity" }),
        ("[-Infinity]", ParseErrorKind::NotFinite { word: "-Infinity" }),
        ("1e400", ParseErrorKind::Overflow),
        ("[-1e400]", ParseErrorKind::Overflow),
        (r#""\ud83d""#, ParseErrorKind::LoneSurrogate),
        (r#""\ude00""#, ParseErrorKind::LoneSurrogate),
        (r#""\ud83d\u0041""#, ParseErrorKind::LoneSurrogate),
        (r#"{"\ud83dx": 1}"#, ParseErrorKind::LoneSurrogate),
        (&nested, ParseErrorKind::TooDeep),
    ];
    for (text, kind) in texts {
        assert_eq!(parse(text.as_bytes()).map_err(|error| error.kind()), Err(kind), "{text}");
    }
    let Some(oracle) = Oracle::start(DUMPS) else { return };
    for (text, _) in texts {
        assert_ne!(oracle.borrow_mut().ask(&hex(text)), "refused", "{text}");
    }
}

#[test]
fn integers_up_to_pythons_limit_are_read_by_both() {
    let longest = format!("-{}", "9".repeat(4300));
    assert_eq!(parse(longest.as_bytes()).expect("just short enough").to_string(), longest);
    let Some(oracle) = Oracle::start(DUMPS) else { return };
    assert_eq!(oracle.borrow_mut().ask(&hex(&longest)), longest);
}
