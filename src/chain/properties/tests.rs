//! Tests of the properties of blocks, and of the spellings that are found in them.

use fastrand::Rng;

use super::*;
use crate::chain::python_json::{Value, respell};

fn written(text: &str, spelling: &str) -> (String, usize) {
    let mut out = String::new();
    let properties = Properties::parse(text.as_bytes()).unwrap();
    let alike = properties.write(&mut out, spelling.parse().unwrap(), Some("h"));
    (out, alike.iter().count())
}

#[test]
fn a_block_is_written_without_its_hash_and_knows_which_spellings_are_alike() {
    let text = r#"{"b":[1.0],"h":"x","a":"\u00e9"}"#;
    assert_eq!(written(text, "sorted,spaced,ascii").0, r#"{"a": "\u00e9", "b": [1.0]}"#);
    assert_eq!(written(text, "file,compact,utf8"), (r#"{"b":[1.0],"a":"é"}"#.to_owned(), 1));
    assert_eq!(written(r#"{"a":1,"h":2,"b":3}"#, "file,compact,utf8").1, 4, "order, characters");
    assert_eq!(written(r#"{"h":2}"#, "file,compact,utf8").0, "{}");
}

#[test]
fn the_last_of_two_values_counts_where_the_first_one_stood() {
    let few = r#"{"a":1,"b":2,"a":3,"a":4}"#;
    assert_eq!(written(few, "file,compact,utf8").0, r#"{"a":4,"b":2}"#);
    let many = (0..20).map(|number| format!(r#""{number}":1,"#)).collect::<Vec<_>>().concat();
    let twice = written(&format!(r#"{{{many}"7":2}}"#), "file,compact,utf8").0;
    assert_eq!(twice, format!("{{{}}}", many.trim_end_matches(',')).replace("\"7\":1", "\"7\":2"));
}

/// JSON texts that are mostly written in one spelling, and now and then in another.
struct Author {
    random: Rng,
    spelling: JsonSpelling,
    /// One of this many pieces is written in another way.
    slips: u32,
}

impl Author {
    fn new(seed: u64) -> Self {
        let mut random = Rng::with_seed(seed);
        let spelling = JsonSpelling::ALL[random.usize(..8)];
        let slips = [1_000, 30, 5][random.usize(..3)];
        Self { random, spelling, slips }
    }

    fn slip(&mut self) -> bool {
        self.random.u32(..self.slips) == 0
    }

    fn separator(&mut self, mark: &str) -> String {
        let space = if self.spelling.is_spaced { " " } else { "" };
        let space =
            if self.slip() { ["", " ", "  ", "\n    "][self.random.usize(..4)] } else { space };
        mark.to_owned() + space
    }

    fn space(&mut self) -> &'static str {
        if self.slip() { [" ", "\n\t"][self.random.usize(..2)] } else { "" }
    }

    fn string(&mut self, longest: usize) -> String {
        const CHARACTERS: [char; 12] =
            ['a', 'b', 'Z', '~', '/', '"', '\n', '\0', '\u{7f}', 'é', '\u{2028}', '😀'];
        let plain = if self.random.bool() { 4 } else { CHARACTERS.len() };
        let mut json = "\"".to_owned();
        for _ in 0..self.random.usize(..=longest) {
            let character = CHARACTERS[self.random.usize(..plain)];
            let is_ascii = self.spelling.is_ascii != self.slip();
            let text = Value::from(character.to_string()).to_string();
            let escaped = text.trim_matches('"').len() > 1 && (is_ascii || character < '\u{7f}');
            json += &match character {
                '/' if self.slip() => "\\/".to_owned(),
                'a' if self.slip() => "\\u0061".to_owned(),
                'é' if self.slip() => "\\u00E9".to_owned(),
                '"' => "\\\"".to_owned(),
                _ if escaped => text[1..text.len() - 1].to_owned(),
                other => other.to_string(),
            };
        }
        json + "\""
    }

    fn value(&mut self, depth: u32) -> String {
        match self.random.u32(..if depth > 2 { 4 } else { 6 }) {
            0 => ["null", "true", "0", "-0", "17"][self.random.usize(..5)].to_owned(),
            1 => ["1.0", "1e5", "0.10", "1E+2", "123456789.125"][self.random.usize(..5)].to_owned(),
            2 | 3 => self.string(4),
            4 => {
                let elements: Vec<_> =
                    (0..self.random.usize(..4)).map(|_| self.value(depth + 1)).collect();
                self.list(["[", "]"], &elements)
            }
            _ => {
                let members = self.members(depth + 1);
                self.list(["{", "}"], &members)
            }
        }
    }

    /// Members of an object, some of them with the same key.
    fn members(&mut self, depth: u32) -> Vec<String> {
        let mut keys: Vec<_> = (0..self.random.usize(..6)).map(|_| self.string(2)).collect();
        if self.random.bool() {
            keys.sort();
        }
        keys.into_iter()
            .map(|key| key + self.space() + &self.separator(":") + &self.value(depth))
            .collect()
    }

    fn list(&mut self, [open, close]: [&str; 2], items: &[String]) -> String {
        let mut text = open.to_owned() + self.space();
        for (number, item) in items.iter().enumerate() {
            if number > 0 {
                text += &self.separator(",");
            }
            text += item;
            text += self.space();
        }
        text + close
    }
}

fn collected(spellings: impl Iterator<Item = JsonSpelling>) -> Spellings {
    spellings.fold(Spellings::NONE, |spellings, spelling| spellings.or(Spellings::one(spelling)))
}

#[test]
fn a_text_is_written_in_the_spellings_in_which_spelling_it_changes_nothing() {
    let mut of_several = 0;
    for seed in 0..20_000 {
        let text = Author::new(seed).value(0);
        let mut reader = Reader::of_any_numbers(text.as_bytes());
        reader.skip().unwrap();
        let is_same =
            |spelling: &JsonSpelling| respell(text.as_bytes(), *spelling).unwrap() == text;
        let expected = collected(JsonSpelling::ALL.into_iter().filter(is_same));
        assert_eq!(reader.spellings(), expected, "{seed}: {text}");
        of_several += u32::from(expected != Spellings::ALL && !expected.is_none());
    }
    assert!(of_several > 2_000, "{of_several} texts are written in some spellings and not in all");
}

/// Whether the text is hashed as it stands or spelled.
#[test]
fn a_hash_fits_the_spellings_in_which_the_others_are_that_text() {
    let (mut as_they_stand, mut spelled) = (0, 0);
    for seed in 0..20_000 {
        let mut author = Author::new(seed);
        let others = author.members(0);
        let spelling = JsonSpelling::ALL[author.random.usize(..8)];
        let spell = |spelling| respell(author_text(&others).as_bytes(), spelling).unwrap();
        let hash = sha256([spell(spelling).as_bytes()]);
        let mut members = others.clone();
        let member = format!("\"h\"{}\"{hash}\"", author.separator(":"));
        members.insert(author.random.usize(..=members.len()), member);
        let text = author.list(["{", "}"], &members);
        let properties = Properties::parse(text.as_bytes()).unwrap();
        let is_same = |other: &JsonSpelling| spell(*other) == spell(spelling);
        let expected = collected(JsonSpelling::ALL.into_iter().filter(is_same));
        assert_eq!(properties.fits(hash, "h", Spellings::ALL), expected, "{seed}: {text}");
        assert_eq!(
            properties.fits(hash, "h", Spellings::one(spelling)),
            expected,
            "{seed}: {text}"
        );
        let written =
            |spelling: &JsonSpelling| respell(text.as_bytes(), *spelling).unwrap() == text;
        let written = collected(JsonSpelling::ALL.into_iter().filter(written));
        assert_eq!(properties.written(), written, "{seed}: {text}");
        let place = properties.members.iter().position(|member| member.name == "h");
        let is_spelled = properties.written_without(place).and(expected).is_none();
        *(if is_spelled { &mut spelled } else { &mut as_they_stand }) += 1;
    }
    assert!(as_they_stand.min(spelled) > 2_000, "{as_they_stand} as they stand, {spelled} spelled");
}

/// An object with these members, in some spelling.
fn author_text(members: &[String]) -> String {
    format!("{{{}}}", members.join(","))
}

#[test]
fn many_keys_that_are_not_sorted_are_spelled_to_find_doubled_ones() {
    let member = |number: usize| format!(r#""{}":1"#, 20 - number);
    for (count, is_doubled) in [(9, false), (9, true), (20, false), (20, true)] {
        let mut members: Vec<_> = (0..count).map(member).collect();
        if is_doubled {
            members.push(member(count / 2));
        }
        let text = author_text(&members);
        let block = format!(r#"{{"h":0,"d":{text}}}"#);
        let properties = Properties::parse(block.as_bytes()).unwrap();
        let spelling = "file,compact,utf8".parse().unwrap();
        let header = respell(format!(r#"{{"d":{text}}}"#).as_bytes(), spelling).unwrap();
        assert_eq!(header.contains(&text), !is_doubled);
        let expected = Spellings::order_of(spelling).and(Spellings::separators_of(spelling));
        let fits = properties.fits(sha256([header.as_bytes()]), "h", Spellings::one(spelling));
        assert_eq!(fits, expected, "{count} keys, doubled: {is_doubled}");
    }
}
