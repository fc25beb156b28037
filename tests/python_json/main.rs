//! Python's own `json` is the oracle: what it writes and reads, the module writes and reads.

mod documents;

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use documents::{Random, documents};

use stripmine::chain::python_json::{
    Float, ParseError, ParseErrorKind, Reader, Value, parse, write_value,
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

/// Documents of each sort; `STRIPMINE_DOCUMENTS` asks for more.
fn document_count() -> usize {
    let asked = std::env::var("STRIPMINE_DOCUMENTS").ok();
    asked.map_or(20_000, |count| count.parse().expect("STRIPMINE_DOCUMENTS is a number"))
}

/// Whether most of so many cases, or most of them not, are of one sort: then both were tried.
fn are_of_both_sorts(of_one: usize, all: usize) -> bool {
    (all / 20..all - all / 20).contains(&of_one)
}

#[test]
fn documents_are_written_and_read_as_python_does() {
    let documents = documents(document_count());
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
        are_of_both_sorts(canonical, documents.len()),
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
                (ParseErrorKind::UnexpectedEnd, end),
                "{}",
                &text[..end]
            );
            assert!(skipped.is_canonical(), "{}", &text[..end]);

            let mut walked = Reader::new(&text.as_bytes()[..end]);
            assert_eq!(
                walk(&mut walked).map_err(|error| error.kind()),
                Err(ParseErrorKind::UnexpectedEnd)
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
    let documents = documents(document_count());
    let texts: Vec<_> = documents.iter().map(|(_, text)| damaged(&mut random, text)).collect();
    let Some(refused) = refused_as_by_python(&texts) else { return };
    assert!(are_of_both_sorts(refused, texts.len()), "{refused} of {} refused", texts.len());
}

#[test]
fn what_the_fuzzer_kept_is_judged_as_python_does() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let Ok(entries) = fs::read_dir(corpora.join("json")) else {
        assert!(!corpora.exists(), "no corpus of JSON");
        return;
    };
    let texts = entries.map(|entry| fs::read(entry.expect("an entry").path()).expect("a file"));
    let texts: Vec<Vec<u8>> = texts.collect();
    let Some(refused) = refused_as_by_python(&texts) else { return };
    assert!(are_of_both_sorts(refused, texts.len()), "{refused} of {} refused", texts.len());
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

/// Compares the judgement of each text with Python's; returns how many were refused, or `None`
/// where there is no Python.
fn refused_as_by_python(texts: &[Vec<u8>]) -> Option<usize> {
    let questions: Vec<_> = texts.iter().map(hex).collect();
    let answers = ask_python(DUMPS, &questions)?;
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
                let is_ours = OURS.contains(&error.kind());
                assert!(is_ours || answer == "refused", "{error}: {shown}");
                assert_eq!(skipped, Err(error));
                refused += 1;
            }
        }
    }
    Some(refused)
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
