//! The properties of a block of any dialect, borrowed from its text.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::line::{BlockError, MAX_PROPERTIES, sha256};
use super::python_json::{JsonKind, JsonStyle, Member, Numbers, Reader, Speller, Styles};
use crate::pow::Digest;

/// How many properties of a block are tried as its hash, at most.
pub(super) const MOST_TRIED: usize = 16;

/// The properties of a block, in the order of its text.
pub(super) struct Properties<'a> {
    text: &'a str,
    members: Vec<Member<'a>>,
    /// The spellings in which everything but names and values is written.
    between: Styles,
}

impl<'a> Properties<'a> {
    pub(super) fn parse(text: &'a [u8]) -> Result<Self, BlockError> {
        Self::read(&mut Reader::of_any_numbers(text)).map(|(properties, _)| properties)
    }

    /// Reads a block in which all numbers are written as Python writes them and no name comes
    /// twice. `None` for every other text.
    pub(super) fn parse_plain(text: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::of_whole(text);
        let (properties, is_doubled) = Self::read(&mut reader).ok()?;
        (reader.has_python_numbers() && !is_doubled).then_some(properties)
    }

    /// Reads a block, and whether a name comes twice in it.
    fn read(reader: &mut Reader<'a>) -> Result<(Self, bool), BlockError> {
        let kind = reader.peek_kind()?;
        if kind != JsonKind::Object {
            return Err(BlockError::NotAnObject(kind));
        }
        let mut members = Vec::with_capacity(8);
        let mut progress = reader.open_object()?;
        while let Some(member) = reader.next_member(&mut progress)? {
            if members.len() == MAX_PROPERTIES {
                return Err(BlockError::TooManyProperties);
            }
            members.push(member);
        }
        reader.finish()?;
        let len = members.len();
        keep_last_values(&mut members);
        let is_doubled = members.len() < len;
        let between = if is_doubled { Styles::NONE } else { reader.styles() };
        let text = reader.whole().expect("the reader accepts only UTF-8");
        Ok((Self { text, members, between }, is_doubled))
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
    ) -> Styles {
        let is_left = |member: &&Member<'_>| Some(&*member.name) != without;
        let mut members: Vec<&Member<'_>> = self.members.iter().filter(is_left).collect();
        let is_in_order = are_sorted(members.iter().copied());
        if style.is_sorted && !is_in_order {
            members.sort_unstable_by(|one, next| compare(&one.name, &next.name));
        }
        let mut speller = Speller::new(style, Numbers::AsRead, out);
        speller.push_str("{");
        for (number, member) in members.into_iter().enumerate() {
            if number > 0 {
                speller.write_comma();
            }
            self.write_member(member, style, &mut speller);
        }
        speller.push_str("}");
        let order = if is_in_order { Styles::ALL } else { Styles::order_of(style) };
        speller.alike().and(order)
    }

    fn write_member(&self, member: &Member<'_>, style: JsonStyle, speller: &mut Speller<'_>) {
        if member.styles.contains(style) {
            speller.push_written(&self.text[member.key.clone()], member.styles);
            speller.write_colon();
            speller.push_str(self.value(member));
        } else {
            speller.write_text(&member.name);
            speller.write_colon();
            let value = self.value(member).as_bytes();
            speller.write_document(value).expect("it was read before");
        }
    }

    /// The spellings in which the block is written as it stands; without one property, if its place
    /// is given.
    fn written_without(&self, place: Option<usize>) -> Styles {
        let others = || {
            let members = self.members.iter().enumerate();
            members.filter(|(at, _)| Some(*at) != place).map(|(_, member)| member)
        };
        let styles = others().fold(self.between, |styles, member| styles.and(member.styles));
        if are_sorted(others()) { styles } else { styles.and(Styles::FILE) }
    }

    /// The spellings in which the text is written.
    pub(super) fn written(&self) -> Styles {
        self.written_without(None)
    }

    /// The text as it stands without the property in this place, in two parts.
    fn text_without(&self, place: usize) -> [&'a [u8]; 2] {
        let member = &self.members[place];
        let (mut start, mut end) = (member.key.start, member.value.end);
        match (place.checked_sub(1), self.members.get(place + 1)) {
            (Some(before), _) => start = self.members[before].value.end,
            (None, Some(next)) => end = next.key.start,
            (None, None) => {}
        }
        let text = self.text.as_bytes();
        [&text[..start], &text[end..]]
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
            !self.fits(*digest, &member.name, among).is_none()
        };
        let found = self.hashes(except).take(MOST_TRIED).find(fits);
        found.map(|(member, _)| member.name.to_string())
    }

    /// The spellings in which the block without one property has this hash; none, if none of these
    /// is one.
    pub(super) fn fits(&self, hash: Digest, without: &str, among: Styles) -> Styles {
        let place = self.members.iter().position(|member| member.name == without);
        let mut tried = Styles::NONE;
        // Most blocks are written as they are hashed. (One without other properties has a colon more.)
        if let Some(place) = place.filter(|_| self.members.len() > 1) {
            tried = self.written_without(Some(place));
            if !tried.and(among).is_none() && sha256(self.text_without(place)) == hash {
                return tried;
            }
        }
        let mut text = String::with_capacity(self.text.len() + 64);
        for style in among.iter() {
            if tried.contains(style) {
                continue;
            }
            text.clear();
            let alike = self.write(&mut text, style, Some(without));
            if sha256([text.as_bytes()]) == hash {
                return alike;
            }
            tried = tried.or(alike);
        }
        Styles::NONE
    }

    /// What the block without one property hashes to.
    pub(super) fn hash(&self, without: &str, style: JsonStyle) -> Digest {
        let mut text = String::new();
        self.write(&mut text, style, Some(without));
        sha256([text.as_bytes()])
    }
}

fn are_sorted<'m>(members: impl Iterator<Item = &'m Member<'m>>) -> bool {
    members.is_sorted_by(|one, next| compare(&one.name, &next.name).is_lt())
}

/// The order of two names by code point.
fn compare(one: &str, other: &str) -> Ordering {
    // Most names differ in the first byte, which spares a call.
    let first = one.as_bytes().first().cmp(&other.as_bytes().first());
    first.then_with(|| one.cmp(other))
}

/// Of a name that comes twice, the last value stays, where the first one was: as in Python.
fn keep_last_values(members: &mut Vec<Member<'_>>) {
    if members.len() <= 16 {
        let mut at = 1;
        while at < members.len() {
            let (before, rest) = members.split_at_mut(at);
            match before.iter_mut().find(|it| it.name == rest[0].name) {
                Some(first) => {
                    *first = rest[0].clone();
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
            Some(first) => *first = member,
            None => kept.push(member),
        }
    }
    *members = kept;
}

#[cfg(test)]
mod tests;
