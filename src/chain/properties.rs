//! The properties of a block of any dialect, borrowed from its text.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use super::line::{BlockError, MAX_PROPERTIES, sha256};
use super::python_json::{JsonKind, JsonStyle, Notes, Numbers, ParseError, Reader, Speller};
use crate::pow::Digest;

/// How many properties of a block are tried as its hash, at most.
pub(super) const MOST_TRIED: usize = 16;

/// The properties of a block, in the order of its text.
pub(super) struct Properties<'a> {
    text: &'a str,
    members: Vec<Member<'a>>,
}

/// A property.
pub(super) struct Member<'a> {
    pub(super) name: Cow<'a, str>,
    value: Range<usize>,
    pub(super) kind: JsonKind,
    /// How the value is spelled.
    notes: Notes,
}

impl Member<'_> {
    fn take_value(&mut self, other: &Self) {
        (self.value, self.kind, self.notes) = (other.value.clone(), other.kind, other.notes);
    }
}

/// What is known of a block that was spelled.
struct Spelled {
    /// Where its hash is, with a comma.
    hash_at: Range<usize>,
    /// The spellings in which it is the same without its hash.
    header: Styles,
    /// The spellings in which it is the same as a whole.
    line: Styles,
}

/// Some of the eight spellings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Styles(u8);

impl Styles {
    pub(super) const NONE: Self = Self(0);
    pub(super) const ALL: Self = Self(u8::MAX);

    pub(super) fn one(style: JsonStyle) -> Self {
        let place = JsonStyle::ALL.iter().position(|other| *other == style);
        Self(1 << place.expect("all styles are listed"))
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) fn is_none(self) -> bool {
        self.0 == 0
    }

    pub(super) fn iter(self) -> impl Iterator<Item = JsonStyle> {
        let has = move |(place, _): &(usize, JsonStyle)| self.0 & 1 << place != 0;
        JsonStyle::ALL.into_iter().enumerate().filter(has).map(|(_, style)| style)
    }

    /// The first of them.
    pub(super) fn first(self) -> Option<JsonStyle> {
        self.iter().next()
    }

    /// The spellings in which a text is the same as in this one.
    pub(super) fn alike(style: JsonStyle, is_ascii_alike: bool, is_order_alike: bool) -> Self {
        let is_alike = |other: &JsonStyle| {
            other.is_spaced == style.is_spaced
                && (is_ascii_alike || other.is_ascii == style.is_ascii)
                && (is_order_alike || other.is_sorted == style.is_sorted)
        };
        let alike = JsonStyle::ALL.into_iter().filter(is_alike);
        Self(alike.fold(0, |styles, style| styles | Self::one(style).0))
    }

    fn except(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn contains(self, style: JsonStyle) -> bool {
        !self.and(Self::one(style)).is_none()
    }
}

impl<'a> Properties<'a> {
    pub(super) fn parse(text: &'a [u8]) -> Result<Self, BlockError> {
        let whole = str::from_utf8(text).ok();
        let mut reader = Reader::with_whole(text, whole);
        let kind = reader.peek_kind()?;
        if kind != JsonKind::Object {
            return Err(BlockError::NotAnObject(kind));
        }
        let mut members = Vec::with_capacity(8);
        let mut progress = reader.open_object()?;
        while let Some(name) = reader.next_key(&mut progress)? {
            let kind = reader.peek_kind()?;
            let start = reader.offset();
            let notes = reader.skip_noting()?;
            if members.len() == MAX_PROPERTIES {
                return Err(BlockError::TooManyProperties);
            }
            members.push(Member { name, value: start..reader.offset(), kind, notes });
        }
        reader.finish()?;
        if progress.may_have_doubled() {
            keep_last_values(&mut members);
        }
        Ok(Self { text: whole.expect("the reader accepts only UTF-8"), members })
    }

    pub(super) fn members(&self) -> &[Member<'a>] {
        &self.members
    }

    pub(super) fn get(&self, name: &str) -> Option<&Member<'a>> {
        self.members.iter().find(|member| member.name == name)
    }

    /// The JSON text of a value.
    pub(super) fn value(&self, member: &Member<'_>) -> &'a str {
        &self.text[member.value.clone()]
    }

    /// The value, if it has the form of a hash.
    pub(super) fn digest(&self, member: &Member<'_>) -> Option<Digest> {
        Digest::from_hex(self.value(member).strip_prefix('"')?.strip_suffix('"')?)
    }

    /// The value, if it is an integer from 0 to 2^64 - 1.
    pub(super) fn integer(&self, member: &Member<'_>) -> Option<u64> {
        // JSON has no `+`, which `parse` would take.
        (member.kind == JsonKind::Integer).then(|| self.value(member).parse().ok())?
    }

    /// Appends the block in this spelling, without one property. Returns the spellings in which
    /// it would be the same.
    pub(super) fn write(
        &self,
        out: &mut String,
        style: JsonStyle,
        without: Option<&str>,
    ) -> Result<Styles, ParseError> {
        let spelled = self.spell(out, style, without)?;
        out.replace_range(spelled.hash_at, "");
        Ok(spelled.header)
    }

    /// Appends the whole block in this spelling, and tells where its hash is.
    fn spell(
        &self,
        out: &mut String,
        style: JsonStyle,
        hash: Option<&str>,
    ) -> Result<Spelled, ParseError> {
        let is_hash = |member: &Member<'_>| Some(&*member.name) == hash;
        let mut members: Vec<&Member<'_>> = self.members.iter().collect();
        let is_line_in_order = members.is_sorted_by(|one, next| one.name < next.name);
        let others = members.iter().filter(|member| !is_hash(member));
        let is_in_order = is_line_in_order || others.is_sorted_by(|one, next| one.name < next.name);
        if style.is_sorted && !is_line_in_order {
            members.sort_by(|one, next| one.name.cmp(&next.name));
        }
        let mut hash_at = out.len()..out.len();
        let mut of_line = (false, !is_line_in_order);
        let comma = style.comma();
        let mut speller = Speller::new(style, Numbers::AsRead, out);
        for (number, member) in members.iter().enumerate() {
            let before = (speller.has_wide, speller.has_unsorted);
            let from = speller.len();
            speller.push_str(if number == 0 { "{" } else { comma });
            speller.write_text(&member.name);
            speller.push_str(style.colon());
            speller.write_read(self.value(member), member.notes)?;
            if is_hash(member) {
                // The comma before it goes with it, or that after it where it comes first.
                let is_alone = members.len() == 1;
                hash_at = match number {
                    0 if is_alone => from + 1..speller.len(),
                    0 => from + 1..speller.len() + comma.len(),
                    _ => from..speller.len(),
                };
                of_line = (speller.has_wide, of_line.1 || speller.has_unsorted);
                (speller.has_wide, speller.has_unsorted) = before;
            }
        }
        let (has_wide, has_unsorted) = (speller.has_wide, speller.has_unsorted);
        speller.push_str(if members.is_empty() { "{}" } else { "}" });
        Ok(Spelled {
            hash_at,
            header: Styles::alike(style, !has_wide, is_in_order && !has_unsorted),
            line: Styles::alike(style, !has_wide && !of_line.0, !of_line.1 && !has_unsorted),
        })
    }

    /// The properties that have the form of a hash, except for one.
    pub(super) fn hashes<'p>(
        &'p self,
        except: Option<&'p str>,
    ) -> impl Iterator<Item = (&'p Member<'a>, Digest)> {
        let others = self.members.iter().filter(move |it| Some(&*it.name) != except);
        others.filter_map(|member| self.digest(member).map(|digest| (member, digest)))
    }

    /// The property, except for one, that is the hash of the others in one of these spellings.
    pub(super) fn find_hash(&self, except: Option<&str>, among: Styles) -> Option<String> {
        let fits = |(member, digest): &(&Member<'_>, Digest)| {
            self.fits(*digest, &member.name, among).is_ok_and(|styles| !styles.is_none())
        };
        let found = self.hashes(except).take(MOST_TRIED).find(fits);
        found.map(|(member, _)| member.name.to_string())
    }

    /// Of these spellings, those in which the block without one property has this hash.
    pub(super) fn fits(
        &self,
        hash: Digest,
        without: &str,
        among: Styles,
    ) -> Result<Styles, ParseError> {
        self.fits_and_written(hash, without, among, Styles::NONE).map(|(fits, _)| fits)
    }

    /// The same, and of other spellings those in which the whole text is written as well.
    pub(super) fn fits_and_written(
        &self,
        hash: Digest,
        without: &str,
        among: Styles,
        written_among: Styles,
    ) -> Result<(Styles, Styles), ParseError> {
        let mut tried = Styles::NONE;
        let mut text = String::with_capacity(self.text.len() + 64);
        for style in among.iter() {
            if tried.contains(style) {
                continue;
            }
            text.clear();
            let Spelled { hash_at, header, line } = self.spell(&mut text, style, Some(without))?;
            let (before, after) = (&text[..hash_at.start], &text[hash_at.end..]);
            if sha256([before.as_bytes(), after.as_bytes()]) == hash {
                let fits = header.and(among);
                let written = if text == self.text {
                    line.and(written_among)
                } else {
                    self.written(fits.and(written_among).except(line))
                };
                return Ok((fits, written));
            }
            tried = tried.or(header);
        }
        Ok((Styles::NONE, Styles::NONE))
    }

    /// Of these spellings, those in which the text is written.
    pub(super) fn written(&self, among: Styles) -> Styles {
        let mut tried = Styles::NONE;
        let mut text = String::with_capacity(self.text.len());
        for style in among.iter() {
            if tried.contains(style) {
                continue;
            }
            text.clear();
            let Ok(alike) = self.write(&mut text, style, None) else { return Styles::NONE };
            if text == self.text {
                return alike.and(among);
            }
            tried = tried.or(alike);
        }
        Styles::NONE
    }

    /// What the block without one property hashes to.
    pub(super) fn hash(&self, without: &str, style: JsonStyle) -> Result<Digest, ParseError> {
        let mut text = String::new();
        self.write(&mut text, style, Some(without))?;
        Ok(sha256([text.as_bytes()]))
    }
}

/// Of a name that comes twice, the last value stays, where the first one was: as in Python.
fn keep_last_values(members: &mut Vec<Member<'_>>) {
    if members.len() <= 16 {
        let mut at = 1;
        while at < members.len() {
            let (before, rest) = members.split_at_mut(at);
            match before.iter_mut().find(|it| it.name == rest[0].name) {
                Some(first) => {
                    first.take_value(&rest[0]);
                    members.remove(at);
                }
                None => at += 1,
            }
        }
        return;
    }
    let mut places = HashMap::with_capacity(members.len());
    let mut kept: Vec<Member<'_>> = Vec::with_capacity(members.len());
    for member in members.drain(..) {
        let place = *places.entry(member.name.clone()).or_insert(kept.len());
        match kept.get_mut(place) {
            Some(first) => first.take_value(&member),
            None => kept.push(member),
        }
    }
    *members = kept;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str, style: &str) -> (String, usize) {
        let mut out = String::new();
        let properties = Properties::parse(text.as_bytes()).unwrap();
        let alike = properties.write(&mut out, style.parse().unwrap(), Some("h")).unwrap();
        (out, alike.iter().count())
    }

    #[test]
    fn a_block_is_written_without_its_hash_and_knows_which_spellings_are_alike() {
        let text = r#"{"b":[1.0],"h":"x","a":"\u00e9"}"#;
        assert_eq!(written(text, "sorted,spaced,ascii").0, r#"{"a": "\u00e9", "b": [1.0]}"#);
        assert_eq!(written(text, "file,compact,utf8"), (r#"{"b":[1.0],"a":"é"}"#.to_owned(), 1));
        assert_eq!(
            written(r#"{"a":1,"h":2,"b":3}"#, "file,compact,utf8").1,
            4,
            "order, characters"
        );
        assert_eq!(written(r#"{"h":2}"#, "file,compact,utf8").0, "{}");
    }

    #[test]
    fn the_last_of_two_values_counts_where_the_first_one_stood() {
        let few = r#"{"a":1,"b":2,"a":3,"a":4}"#;
        assert_eq!(written(few, "file,compact,utf8").0, r#"{"a":4,"b":2}"#);
        let many = (0..20).map(|number| format!(r#""{number}":1,"#)).collect::<Vec<_>>().concat();
        let twice = written(&format!(r#"{{{many}"7":2}}"#), "file,compact,utf8").0;
        assert_eq!(
            twice,
            format!("{{{}}}", many.trim_end_matches(',')).replace("\"7\":1", "\"7\":2")
        );
    }
}
