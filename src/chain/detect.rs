//! Finds out the dialect of a chain from its blocks, one after the other, by trying.
//!
//! The hash is the property whose value is the SHA-256 of the others in one of the eight spellings.
//! The previous hash is the property that repeats it in the next block. Where several fit, the
//! first block that tells them apart decides. The other roles are found by name or, failing that,
//! by what is true of one property in all blocks.

use std::borrow::Cow;

use super::dialect::{Dialect, DialectHints, Names, Role};
use super::flaw::{Reason, Undecided, quoted};
use super::line::{BlockError, Link};
use super::properties::{MOST_TRIED, Properties};
use super::python_json::{JsonKind, JsonSpelling, Member, Spellings};
use super::rules::ChainError;
use crate::pow::Digest;

/// What is known of a chain's dialect after some of its blocks.
#[derive(Clone, Debug)]
pub(super) struct Detection {
    /// The roles that are certain: those that the caller gave, the hash once it was found, and
    /// those that the first block's names tell.
    names: Names,
    /// Whether the caller gave the name of the hash.
    is_hash_given: bool,
    /// The spellings that fit all blocks so far.
    spellings: Spellings,
    /// The spellings in which all lines so far are written, the hash included.
    written: Spellings,
    /// The properties that named the hash of the block before in all blocks so far; `None` before
    /// the second block.
    previous: Option<Vec<String>>,
    /// Where no property has the name of an index: those that have counted up by one so far, and
    /// their last values.
    counting: Vec<(String, u64)>,
    /// Where no property has the name of a nonce: those that were integers so far.
    integers: Vec<String>,
    first_index: Option<u64>,
    /// Properties of the first block that have the form of a hash and are not zero.
    named_by_first: Vec<String>,
    len: u64,
    tip: Option<Digest>,
}

/// What is seen in a block by itself, without its neighbours.
pub(super) struct Seen<'a> {
    hash: Digest,
    spellings: Spellings,
    /// The spellings in which the whole text is written.
    written: Spellings,
    links: Links<'a>,
    index: Option<u64>,
    integers: Vec<(Cow<'a, str>, u64)>,
}

/// The properties that can be the previous hash and have the form of a hash. There is nearly always
/// one, which takes no allocation.
struct Links<'a> {
    first: Option<(Cow<'a, str>, Digest)>,
    others: Vec<(Cow<'a, str>, Digest)>,
}

/// What all blocks told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Detected {
    pub(super) dialect: Dialect,
    /// The spellings that fit all blocks.
    pub(super) spellings: Spellings,
    /// Of these, the ones in which all lines are written, or all where there is none.
    pub(super) of_lines: Spellings,
    /// The properties that could be the index, where none is certain.
    pub(super) index_choices: Vec<String>,
}

impl Detected {
    /// A chain of the dialect `tutorial`.
    pub(super) fn tutorial() -> Self {
        let spellings = Spellings::one(JsonSpelling::PYTHON);
        let dialect = Dialect::tutorial();
        Self { dialect, spellings, of_lines: spellings, index_choices: Vec::new() }
    }
}

impl Detection {
    /// The detection of a chain without blocks so far.
    pub(super) fn new(hints: &DialectHints) -> Self {
        Self {
            names: hints.names.clone(),
            is_hash_given: hints.names.get(Role::Hash).is_some(),
            spellings: hints.spelling.map_or(Spellings::ALL, Spellings::one),
            written: Spellings::ALL,
            previous: None,
            counting: Vec::new(),
            integers: Vec::new(),
            first_index: None,
            named_by_first: Vec::new(),
            len: 0,
            tip: None,
        }
    }

    /// The detection of a chain whose blocks so far were read as `tutorial`.
    pub(super) fn after_tutorial(
        len: u64,
        tip: Digest,
        spellings: Spellings,
        written: Spellings,
    ) -> Self {
        let known = vec![Role::PreviousHash.name().to_owned()];
        let mut names = Names::tutorial();
        if len == 1 {
            // Any property of the next block may repeat the hash.
            let all_but = Role::ALL.into_iter().filter(|role| *role != Role::PreviousHash);
            names = Names::default();
            all_but.for_each(|role| names.set(role, role.name()));
        }
        Self {
            names,
            spellings,
            written,
            previous: (len > 1).then_some(known),
            first_index: Some(0),
            len,
            tip: Some(tip),
            ..Self::new(&DialectHints::default())
        }
    }

    pub(super) fn first_index(&self) -> Option<u64> {
        self.first_index
    }

    /// Whether it is still unknown which property is the hash.
    pub(super) fn lacks_hash(&self) -> bool {
        self.names.get(Role::Hash).is_none()
    }

    /// Tries to find the hash in this block. Returns whether it was found.
    pub(super) fn find_hash(&mut self, block: &Properties<'_>) -> bool {
        let found = block.find_hash(None, self.spellings);
        if let Some(name) = &found {
            self.names.set(Role::Hash, name.clone());
        }
        found.is_some()
    }

    /// Whether a property of the block can be its hash.
    pub(super) fn has_hashes(block: &Properties<'_>) -> bool {
        block.hashes(None).next().is_some()
    }

    /// The error that no property of a block can be its hash.
    pub(super) fn without_hash(block: &Properties<'_>) -> BlockError {
        let names: Vec<_> = block.members().iter().map(|member| &*member.name).collect();
        BlockError::NoHash(quoted(&names))
    }

    /// The error that no hash was found, in a chain that begins with this block.
    pub(super) fn undecided(first: &Properties<'_>) -> Undecided {
        let tried = first.hashes(None).take(MOST_TRIED).map(|(member, _)| &*member.name);
        Undecided::Hash { tried: quoted(&tried.collect::<Vec<_>>()) }
    }

    /// Checks what can be checked of a block without its neighbours.
    pub(super) fn check<'a>(&self, block: &Properties<'a>) -> Result<Seen<'a>, Reason> {
        let name = self.names.get(Role::Hash).unwrap_or_default();
        let member = block.get(name).ok_or_else(|| BlockError::Missing(name.to_owned().into()))?;
        let stated = block.digest(member);
        let fits = |among| stated.map_or(Spellings::NONE, |stated| block.fits(stated, name, among));
        let spellings = fits(self.spellings);
        let Some(hash) = stated.filter(|_| !spellings.is_none()) else {
            return Err(match fits(Spellings::ALL).first() {
                Some(found) => self.other_spelling(found).into(),
                None => self.altered(block, member),
            });
        };
        Ok(Seen {
            hash,
            spellings,
            written: block.written(),
            links: self.links(block, name),
            index: self.index(block)?,
            integers: self.integers_of(block),
        })
    }

    /// Adds a block to the chain; the text of the first one is looked at again. Returns what the
    /// rules of a chain check.
    pub(super) fn accept(&mut self, text: &[u8], seen: &Seen<'_>) -> Result<Link, Reason> {
        let spellings = self.spellings.and(seen.spellings);
        if spellings.is_none() {
            let found = seen.spellings.first().unwrap_or(JsonSpelling::PYTHON);
            return Err(self.other_spelling(found).into());
        }
        if self.len == 0 {
            self.begin(&Properties::parse(text)?)?;
        } else {
            self.check_index(seen.index)?;
            self.follow(&seen.links)?;
            self.count(&seen.integers);
        }
        (self.spellings, self.written) = (spellings, self.written.and(seen.written));
        let link = Link { index: self.len, previous_hash: self.tip, hash: seen.hash };
        (self.len, self.tip) = (self.len + 1, Some(seen.hash));
        Ok(link)
    }

    /// Whether every line so far is written in one spelling, that of the dialect.
    pub(super) fn is_canonical(&self) -> bool {
        !self.written.and(self.spellings).is_none()
    }

    /// What the blocks so far have told.
    pub(super) fn conclude(&self) -> Result<Detected, Reason> {
        let mut names = self.names.clone();
        match self.previous.as_deref() {
            Some([name]) => names.set_alone(Role::PreviousHash, name),
            Some(several) if self.names.get(Role::PreviousHash).is_none() => {
                return Err(Undecided::PreviousHash { names: several.to_vec() }.into());
            }
            _ => {}
        }
        let previous = names.get(Role::PreviousHash).unwrap_or_default();
        if self.first_index == Some(1) && self.named_by_first.iter().any(|name| name == previous) {
            return Err(ChainError::Index { expected: 0, found: 1 }.into());
        }
        let mut first_index = self.first_index;
        let mut index_choices = Vec::new();
        match &self.counting[..] {
            [(name, last)] if self.len > 1 => {
                names.set_alone(Role::Index, name);
                first_index = Some(last + 1 - self.len);
            }
            several => index_choices = several.iter().map(|(name, _)| name.clone()).collect(),
        }
        let mut integers = self.integers.iter().filter(|name| names.role_of(name).is_none());
        if let (Some(name), None) = (integers.next(), integers.next()) {
            names.set(Role::Nonce, name.clone());
        }
        let dialect = Dialect { names, spelling: self.spelling(), first_index };
        let of_lines =
            if self.is_canonical() { self.written.and(self.spellings) } else { self.spellings };
        Ok(Detected { dialect, spellings: self.spellings, of_lines, index_choices })
    }

    fn other_spelling(&self, found: JsonSpelling) -> BlockError {
        BlockError::OtherSpelling { found, expected: self.spelling() }
    }

    /// The spelling to name, of those that fit all blocks so far.
    fn spelling(&self) -> JsonSpelling {
        self.spellings.first().unwrap_or(JsonSpelling::PYTHON)
    }

    /// What is wrong with a hash that fits in no spelling.
    fn altered(&self, block: &Properties<'_>, hash: &Member<'_>) -> Reason {
        let found = block.find_hash(Some(&hash.name), Spellings::ALL);
        if let Some(found) = found.filter(|_| !self.is_hash_given) {
            return Undecided::Swapped { found, expected: hash.name.to_string() }.into();
        }
        let stated = block.value(hash).trim_matches('"').chars().take(64).collect();
        BlockError::Altered { stated, computed: block.hash(&hash.name, self.spelling()) }.into()
    }

    /// The properties that may name the block before.
    fn links<'a>(&self, block: &Properties<'a>, hash: &str) -> Links<'a> {
        let given = self.names.get(Role::PreviousHash);
        let may_be = |name: &str| match (given, &self.previous) {
            (Some(given), _) => given == name,
            (None, Some(few)) => few.iter().any(|other| other == name),
            (None, None) => true,
        };
        let members = block.members().iter().filter(|it| it.name != hash && may_be(&it.name));
        let digest = |member: &Member<'a>| Some((member.name.clone(), block.digest(member)?));
        let mut links = members.filter_map(digest);
        Links { first: links.next(), others: links.collect() }
    }

    fn index(&self, block: &Properties<'_>) -> Result<Option<u64>, BlockError> {
        let Some(name) = self.names.get(Role::Index).filter(|name| !name.is_empty()) else {
            return Ok(None);
        };
        let member = block.get(name).ok_or_else(|| BlockError::Missing(name.to_owned().into()))?;
        match block.integer(member) {
            Some(index) => Ok(Some(index)),
            None => Err(BlockError::WrongKind {
                property: name.to_owned().into(),
                wanted: "an integer from 0 to 18446744073709551615",
                found: member.kind.to_string(),
            }),
        }
    }

    /// The integers, while a role depends on them.
    fn integers_of<'a>(&self, block: &Properties<'a>) -> Vec<(Cow<'a, str>, u64)> {
        let is_needed = !self.counting.is_empty() || !self.integers.is_empty();
        let members = block.members().iter().filter(|_| is_needed && self.len > 0);
        let integers = members.filter(|member| member.kind == JsonKind::Integer);
        // An integer beyond 64 bits cannot be one that counts up.
        let number = |member| block.integer(member).unwrap_or(u64::MAX);
        integers.map(|member| (member.name.clone(), number(member))).collect()
    }

    /// Takes the roles from the first block, as far as its names tell.
    fn begin(&mut self, block: &Properties<'_>) -> Result<(), Reason> {
        let fits_role = |role, member: &Member<'_>| match role {
            Role::Index | Role::Nonce => member.kind == JsonKind::Integer,
            _ => true,
        };
        for role in [Role::Nonce, Role::Index, Role::Timestamp, Role::Data] {
            let usual = role.usual_names().iter().filter_map(|name| block.get(name));
            let mut usual =
                usual.filter(|it| fits_role(role, it) && self.names.role_of(&it.name).is_none());
            if let (None, Some(member)) = (self.names.get(role), usual.next()) {
                self.names.set(role, &*member.name);
            }
        }
        let is_free = |member: &&Member<'_>| self.names.role_of(&member.name).is_none();
        let integers =
            || block.members().iter().filter(|it| is_free(it) && it.kind == JsonKind::Integer);
        if self.names.get(Role::Index).is_none() {
            let counts = |it: &Member<'_>| {
                let first = block.integer(it).filter(|first| *first <= 1)?;
                Some((it.name.to_string(), first))
            };
            self.counting = integers().filter_map(counts).collect();
        }
        if self.names.get(Role::Nonce).is_none() {
            self.integers = integers().map(|member| member.name.to_string()).collect();
        }
        let hash = self.names.get(Role::Hash);
        let named =
            block.hashes(hash).filter(|(_, digest)| *digest != Digest::from_be_bytes([0; 32]));
        self.named_by_first = named.map(|(member, _)| member.name.to_string()).collect();
        self.first_index = self.index(block)?;
        self.check_first_index(block)
    }

    /// A chain counts from 0 or from 1. Where its first block names a block before it, that one is
    /// missing.
    fn check_first_index(&mut self, block: &Properties<'_>) -> Result<(), Reason> {
        let usual = Role::PreviousHash.usual_names().iter().find(|name| block.get(name).is_some());
        let previous = self.names.get(Role::PreviousHash).or(usual.copied());
        let names_one = self.named_by_first.iter().any(|name| Some(&**name) == previous);
        match self.first_index {
            Some(found) if found > u64::from(!names_one) => {
                Err(ChainError::Index { expected: 0, found }.into())
            }
            _ => Ok(()),
        }
    }

    fn check_index(&self, index: Option<u64>) -> Result<(), ChainError> {
        let expected = self.first_index.map(|first| first + self.len);
        match (expected, index) {
            (Some(expected), Some(found)) if found != expected => {
                Err(ChainError::Index { expected, found })
            }
            _ => Ok(()),
        }
    }

    /// Keeps the properties that name the hash of the last block.
    fn follow(&mut self, links: &Links<'_>) -> Result<(), ChainError> {
        let Some(expected) = self.tip else { return Ok(()) };
        let all = || links.first.iter().chain(&links.others);
        let linked = || all().filter(|(_, hash)| *hash == expected).map(|(name, _)| name);
        let is_linked = |name: &String| linked().any(|linked| linked == name);
        let is_followed = match &self.previous {
            Some(names) => names.iter().any(is_linked),
            None => linked().next().is_some(),
        };
        if !is_followed {
            return Err(self.unlinked(expected));
        }
        match &mut self.previous {
            Some(names) => names.retain(is_linked),
            None => self.previous = Some(linked().map(Cow::to_string).collect()),
        }
        Ok(())
    }

    fn unlinked(&self, expected: Digest) -> ChainError {
        let only = self.previous.as_ref().filter(|names| names.len() == 1).map(|names| &*names[0]);
        match self.names.get(Role::PreviousHash).or(only) {
            Some(name) => ChainError::PreviousHash { name: name.to_owned().into(), expected },
            None => ChainError::Unlinked { expected },
        }
    }

    /// Keeps the properties that count up by one, and those that are integers.
    fn count(&mut self, integers: &[(Cow<'_, str>, u64)]) {
        let value = |name: &str| integers.iter().find(|(other, _)| other == name).map(|it| it.1);
        self.counting.retain_mut(|(name, last)| {
            *last = last.saturating_add(1);
            value(name) == Some(*last)
        });
        self.integers.retain(|name| value(name).is_some());
    }
}
