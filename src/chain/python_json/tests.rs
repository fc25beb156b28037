//! Tests of the reader. Python is the oracle in the integration tests.

use std::borrow::Cow;

use super::*;

fn refusal(text: impl AsRef<[u8]>) -> ParseErrorKind {
    parse(text.as_ref()).expect_err("has to be refused").kind()
}

/// Whether a text that can be read is Python's own spelling.
fn is_canonical(text: &str) -> bool {
    let mut reader = Reader::new(text.as_bytes());
    reader.skip().and_then(|_| reader.finish()).unwrap_or_else(|error| panic!("{text}: {error}"));
    reader.is_canonical()
}

/// Whether a text that ends too early can still become Python's own spelling.
fn can_become_canonical(text: &str) -> bool {
    let mut reader = Reader::new(text.as_bytes());
    let error = reader.skip().expect_err(text);
    assert_eq!(error.kind(), ParseErrorKind::UnexpectedEnd, "{text}");
    assert_eq!(error.offset(), text.len(), "{text}");
    reader.is_canonical()
}

#[test]
fn keys_are_sorted_by_code_point_at_every_level() {
    let value = parse(
        "{\"é\": 1, \"😀\": 2, \"\u{ffff}\": {\"b\": 1, \"a\": 2}, \"Z\": [], \"a\": {}}"
            .as_bytes(),
    );
    let text = r#"{"Z": [], "a": {}, "\u00e9": 1, "\uffff": {"a": 2, "b": 1}, "\ud83d\ude00": 2}"#;
    assert_eq!(value.expect("well-formed").to_string(), text);
    assert!(is_canonical(text), "U+FFFF sorts before U+1F600, although its UTF-16 unit is larger");
}

#[test]
fn integers_and_floats_stay_what_they_are() {
    for (text, written) in [
        ("10", "10"),
        ("-0", "0"),
        ("-0.0", "-0.0"),
        ("1.0", "1.0"),
        ("1e5", "100000.0"),
        ("1E5", "100000.0"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("1e-400", "0.0"),
    ] {
        assert_eq!(parse(text.as_bytes()).expect(text).to_string(), written);
    }
    assert_eq!(Integer::from(u64::MAX).as_u64(), Some(u64::MAX));
    assert_eq!(Integer::from(-1_i64).as_u64(), None);
    assert_eq!(
        Reader::new(b"18446744073709551616").number().map(|number| number.as_u64()),
        Ok(None)
    );
}

#[test]
fn the_last_of_equal_keys_counts() {
    let value = parse(br#"{"a": 1, "\u0061": 2}"#).expect("well-formed");
    assert_eq!(value.to_string(), r#"{"a": 2}"#);
}

#[test]
fn canonical_texts_are_known_as_such() {
    for text in [
        r#"{"data": "Block 1", "index": 1, "nonce": 0, "timestamp": 1700000000.123}"#,
        r#"[null, true, false, [], {}, "", "\ud83d\ude00\u007f\n", -1, 1e-05]"#,
        "0.0",
    ] {
        assert!(is_canonical(text), "{text}");
    }
}

#[test]
fn other_spellings_are_known_as_such() {
    for text in [
        " 1",
        "1\n",
        "[ ]",
        "{ }",
        "[1,2]",
        "[1,  2]",
        "[1 , 2]",
        "[1,\t2]",
        "[1, 2 ]",
        r#"{"a":1}"#,
        r#"{"a" : 1}"#,
        r#"{"a":  1}"#,
        r#"{"b": 1, "a": 1}"#,
        r#"{"a": 1, "a": 1}"#,
        r#"{"\u00e9": 1, "z": 1}"#,
        r#""\/""#,
        r#""\u0041""#,
        r#""\u000a""#,
        r#""\u00E9""#,
        r#""\uD83D\ude00""#,
        "\"é\"",
        "\"\u{7f}\"",
        "-0",
        "1.50",
        "1E+16",
        "1e16",
        "1e+016",
        "1e5",
        "0.00001",
        "10000000000000000.0",
        "0.1000000000000000055",
        "123456789012345.60",
        "1.00",
        "1099514114116857.3",
    ] {
        assert!(!is_canonical(text), "{text}");
    }
}

#[test]
fn a_cut_text_ends_too_early_and_may_become_canonical() {
    for text in [
        "",
        "t",
        "nul",
        "-",
        "1.",
        "1e",
        "1e+",
        "[",
        "[1",
        "[-0",
        "[1.5",
        "[1,",
        "[1, ",
        "{",
        "{\"",
        r#"{"a"#,
        r#"{"a""#,
        r#"{"a":"#,
        r#"{"a": "#,
        r#"{"a": 1, "#,
        r#"{"b": 1, "a"#,
        "\"",
        "\"\\",
        r#""\u"#,
        r#""\u00"#,
        r#""\u007"#,
        r#""\ud8"#,
        r#""\ud83d"#,
        r#""\ud83d\"#,
        r#""\ud83d\u"#,
        r#""\ud83d\ud"#,
        r#""\ud83d\ude0"#,
    ] {
        assert!(can_become_canonical(text), "{text}");
    }
}

#[test]
fn a_cut_text_that_cannot_become_canonical_is_known_as_such() {
    for text in [
        " ",
        "[ ",
        "[1 ",
        "[1,  ",
        r#"{"a" "#,
        r#"{"a":1, "#,
        r#"{"b": 1, "a""#,
        "1E",
        "[1e5",
        r#""\u00E"#,
        r#""\u004"#,
        r#""\udc"#,
        r#""\ud83d\u0"#,
        "\"é",
        r#"{"z": -0, "#,
        "[0.12345678901234567890123",
    ] {
        assert!(!can_become_canonical(text), "{text}");
    }
    let mut reader = Reader::new(b"\"\xf0\x9f\x98");
    assert_eq!(reader.string().map_err(|error| error.kind()), Err(ParseErrorKind::UnexpectedEnd));
    assert!(!reader.is_canonical());
}

#[test]
fn malformed_texts_are_refused_by_name() {
    use ParseErrorKind::*;
    for (text, kind) in [
        ("nope", ExpectedValue),
        ("[1, x]", ExpectedValue),
        ("{1: 2}", ExpectedKey),
        (r#"{"a" 1}"#, ExpectedColon),
        ("[1 2]", ExpectedCommaOr { close: b']' }),
        (r#"{"a": 1]"#, ExpectedCommaOr { close: b'}' }),
        ("[1, ]", TrailingComma),
        (r#"{"a": 1,}"#, TrailingComma),
        ("1 2", TrailingText),
        ("-x", ExpectedDigit),
        ("[1.]", ExpectedDigit),
        ("[1e+]", ExpectedDigit),
        ("01", LeadingZero),
        ("-00", LeadingZero),
        ("\"a\nb\"", ControlCharacter),
        (r#""\x""#, InvalidEscape),
        (r#""\u12g4""#, InvalidEscape),
        (r#""\u+123""#, InvalidEscape),
        (r#""\ud83d""#, LoneSurrogate),
        (r#""\ud83dx""#, LoneSurrogate),
        (r#""\ud83d\n""#, LoneSurrogate),
        (r#""\ud83d\ud83d""#, LoneSurrogate),
        (r#""\ude00""#, LoneSurrogate),
        ("[NaN]", NotFinite { word: "NaN" }),
        ("Infinity", NotFinite { word: "Infinity" }),
        ("[-Infinity]", NotFinite { word: "-Infinity" }),
        ("1e400", Overflow),
        ("-1e400", Overflow),
        ("\u{feff}[]", ByteOrderMark),
    ] {
        assert_eq!(refusal(text), kind, "{text}");
    }
    for text in [&b"\"\xff\""[..], b"\"\xe2\x82\"", b"\"\xe2\x82 and more", b"\"\xed\xa0\x80\""] {
        assert_eq!(refusal(text), InvalidUtf8);
    }
}

#[test]
fn an_error_says_what_and_where() {
    let error = parse(br#"{"timestamp":   NaN}"#).expect_err("NaN");
    assert_eq!(error.to_string(), "line 1, column 17: NaN is not JSON; write a finite number");
    let error = parse("[\"é\",\n \"€\", tru]".as_bytes()).expect_err("tru]");
    assert_eq!((error.line(), error.column(), error.offset()), (2, 7, 15));
}

#[test]
fn integers_have_at_most_4300_digits() {
    let longest = "9".repeat(MAX_INTEGER_DIGITS);
    assert!(is_canonical(&longest));
    assert!(is_canonical(&format!("-{longest}")));
    assert_eq!(refusal(format!("{longest}9")), ParseErrorKind::IntegerTooLong);
    assert_eq!(refusal(format!("[-{longest}9]")), ParseErrorKind::IntegerTooLong);
}

#[test]
fn nesting_is_at_most_128_deep_and_fits_a_small_stack() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let objects = format!("{}0{}", r#"{"a": "#.repeat(MAX_DEPTH), "}".repeat(MAX_DEPTH));
    let run = move || {
        for text in [nested(MAX_DEPTH), objects] {
            assert!(is_canonical(&text));
            assert_eq!(parse(text.as_bytes()).expect("just deep enough").to_string(), text);
        }
        assert_eq!(refusal(nested(MAX_DEPTH + 1)), ParseErrorKind::TooDeep);
        assert_eq!(refusal("[".repeat(1_000_000)), ParseErrorKind::TooDeep);
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(run).expect("a thread");
    thread.join().expect("no overflow");
}

#[test]
fn an_object_opened_by_hand_counts_as_depth() {
    let text = format!("{{\"a\": {}", "[".repeat(MAX_DEPTH));
    let mut reader = Reader::new(text.as_bytes());
    let mut members = reader.open_object().expect("an object");
    reader.next_key(&mut members).expect("a key");
    assert_eq!(reader.skip().map_err(|error| error.kind()), Err(ParseErrorKind::TooDeep));
}

#[test]
fn a_reader_walks_a_document_piece_by_piece() {
    let text = br#"{"a": "x", "b": [1, 2.5], "c": {"d": null}, "\u00e9": true}"#;
    let mut reader = Reader::new(text);
    let mut members = reader.open_object().expect("an object");
    assert!(matches!(reader.next_key(&mut members), Ok(Some(Cow::Borrowed("a")))));
    assert!(matches!(reader.string(), Ok(Cow::Borrowed("x"))));

    assert_eq!(reader.next_key(&mut members), Ok(Some("b".into())));
    let mut elements = reader.open_array().expect("an array");
    assert_eq!(reader.next_element(&mut elements), Ok(true));
    assert_eq!(reader.number().map(|number| number.as_u64()), Ok(Some(1)));
    assert_eq!(reader.next_element(&mut elements), Ok(true));
    assert_eq!(reader.peek_kind(), Ok(JsonKind::Float));
    assert_eq!(reader.number().ok(), Float::new(2.5).map(Number::Float));
    assert_eq!(reader.next_element(&mut elements), Ok(false));
    assert_eq!(reader.next_element(&mut elements), Ok(false), "a closed array stays closed");

    assert_eq!(reader.next_key(&mut members), Ok(Some("c".into())));
    assert_eq!(reader.skip(), Ok(JsonKind::Object));
    assert_eq!(reader.next_key(&mut members), Ok(Some("é".into())));
    assert_eq!(reader.value(), Ok(Value::Bool(true)));
    assert_eq!(reader.next_key(&mut members), Ok(None));
    assert_eq!(reader.finish(), Ok(()));
    assert!(reader.is_canonical());
    assert_eq!(reader.offset(), text.len());
}

#[test]
fn another_kind_than_asked_for_is_named() {
    let mut reader = Reader::new(b"[1]");
    let error = reader.open_object().expect_err("an array");
    assert_eq!(error.to_string(), "line 1, column 1: expected an object, found an array");
    assert_eq!(reader.open_array().map(|_| ()), Ok(()), "nothing was consumed");
}
