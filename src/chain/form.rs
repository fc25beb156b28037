//! The form of the next block of a chain in another dialect than `tutorial`: like that of its last
//! block.

use std::collections::HashSet;

use super::block::Timestamp;
use super::dialect::{Dialect, Role};
use super::python_json::{JsonSpelling, JsonText, Numbers, Speller, Spellings};
use crate::pow::Digest;

/// What the next block of a chain is made of, beside what follows from the chain; by default
/// nothing. Take the default and change its fields.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct BlockValues {
    /// When it is made.
    pub timestamp: Option<Timestamp>,
    /// What it holds.
    pub data: Option<JsonText>,
    /// Properties without a role, and properties that have the role of the timestamp or the data:
    /// their names and values.
    pub further: Vec<(String, JsonText)>,
}

/// Why a block cannot be given the form of a chain's blocks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormError {
    /// A property was given no value.
    #[error(
        "every block of this chain has {name:?}, and nothing says what it is in the new one; say \
         it with {flag}"
    )]
    NoValue {
        /// The property.
        name: String,
        /// The flag of the command line that gives it.
        flag: &'static str,
    },
    /// A value was given to a property that the blocks do not have.
    #[error("the blocks of this chain have no property {0:?} that could be given")]
    NoProperty(String),
    /// A value was given for a role that no property has.
    #[error(
        "no property of this chain's blocks is known to be the {0}; say which one is with \
         --names {0}=NAME"
    )]
    NoRole(&'static str),
    /// A property was given two values.
    #[error("{0:?} is given twice; give it once")]
    Twice(String),
    /// Several spellings fit the chain, and they differ for this block.
    #[error(
        "several spellings fit the chain, and they differ for the new block; say which one is \
         right with --spelling: {}", choices(.0)
    )]
    Spelling(Vec<JsonSpelling>),
}

fn choices(spellings: &[JsonSpelling]) -> String {
    spellings.iter().map(JsonSpelling::to_string).collect::<Vec<_>>().join(" or ")
}

/// The form of a chain's blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) dialect: Dialect,
    /// The names of all properties, in the order of the last line.
    pub(super) properties: Vec<String>,
    /// The spellings that fit all blocks.
    pub(super) spellings: Spellings,
    /// How the last line is spelled.
    pub(super) line: JsonSpelling,
    /// Whether a timestamp is Unix time in seconds, as a float.
    pub(super) is_clock: bool,
    /// Whether the data is a text.
    pub(super) is_text: bool,
}

impl Form {
    /// The form of a new chain. Where keys stay in order, it is this: index, timestamp, data,
    /// further properties, previous hash, nonce, hash.
    pub(super) fn new(dialect: Dialect, further: &[(String, JsonText)]) -> Self {
        let named = |roles: &[Role]| {
            let names = roles.iter().filter_map(|role| dialect.names.get(*role));
            names.filter(|name| !name.is_empty()).map(str::to_owned).collect::<Vec<_>>()
        };
        let mut properties = named(&[Role::Index, Role::Timestamp, Role::Data]);
        let others = further.iter().map(|(name, _)| name);
        properties.extend(others.filter(|name| dialect.names.role_of(name).is_none()).cloned());
        properties.extend(named(&[Role::PreviousHash, Role::Nonce, Role::Hash]));
        let spelling = dialect.spelling;
        let mut seen = HashSet::new();
        properties.retain(|name| seen.insert(name.clone()));
        Self {
            dialect,
            properties,
            spellings: Spellings::one(spelling),
            line: spelling,
            is_clock: true,
            is_text: true,
        }
    }

    /// Makes the first block of a chain in this form: like that of `tutorial`, with these further
    /// properties.
    pub(super) fn genesis(&self, further: &[(String, JsonText)]) -> Result<Frame, FormError> {
        let has = |role| self.dialect.names.get(role).is_some_and(|name| !name.is_empty());
        let is_given = |role| {
            self.dialect.names.get(role).is_some_and(|name| further.iter().any(|it| it.0 == name))
        };
        let zero = || Timestamp::Integer(0_u64.into());
        let is_free = |role| has(role) && !is_given(role);
        let values = BlockValues {
            timestamp: is_free(Role::Timestamp).then(zero),
            data: is_free(Role::Data).then(|| JsonText::string("Genesis Block")),
            further: further.to_vec(),
        };
        self.frame(0, "0", &values)
    }

    /// Makes the block after this many others; `tip` is the hash of the last of them.
    pub(super) fn next(
        &self,
        blocks: u64,
        tip: Digest,
        values: &BlockValues,
    ) -> Result<Frame, FormError> {
        self.frame(blocks, &tip.to_string(), values)
    }

    fn frame(&self, place: u64, previous: &str, values: &BlockValues) -> Result<Frame, FormError> {
        let members = self.members(place, previous, values)?;
        let hashed: Vec<_> =
            members.iter().filter(|it| it.1 != PropertyValue::Hash).cloned().collect();
        let mut headers = self.spellings.iter().map(|spelling| written(&hashed, spelling));
        let header = headers.next().unwrap_or_else(|| written(&hashed, self.dialect.spelling));
        if headers.any(|other| other != header) {
            return Err(FormError::Spelling(self.spellings.iter().collect()));
        }
        Ok(Frame { header, line: written(&members, self.line) })
    }

    /// All properties with their values, in the order of the last line.
    fn members<'v>(
        &'v self,
        place: u64,
        previous: &str,
        values: &'v BlockValues,
    ) -> Result<Vec<(&'v str, PropertyValue)>, FormError> {
        for (role, is_given) in
            [(Role::Timestamp, values.timestamp.is_some()), (Role::Data, values.data.is_some())]
        {
            if is_given && self.dialect.names.get(role).is_none_or(str::is_empty) {
                return Err(FormError::NoRole(role.name()));
            }
        }
        for (at, (name, _)) in values.further.iter().enumerate() {
            let role = self.dialect.names.role_of(name);
            let is_taken =
                matches!(role, Some(Role::Hash | Role::PreviousHash | Role::Nonce | Role::Index));
            if is_taken || !self.properties.contains(name) {
                return Err(FormError::NoProperty(name.clone()));
            }
            let is_given = match role {
                Some(Role::Timestamp) => values.timestamp.is_some(),
                Some(Role::Data) => values.data.is_some(),
                _ => false,
            };
            if is_given || values.further[..at].iter().any(|(other, _)| other == name) {
                return Err(FormError::Twice(name.clone()));
            }
        }
        let member = |name: &'v String| {
            self.value_of(name, place, previous, values).map(|value| (&**name, value))
        };
        self.properties.iter().map(member).collect()
    }

    fn value_of(
        &self,
        name: &str,
        place: u64,
        previous: &str,
        values: &BlockValues,
    ) -> Result<PropertyValue, FormError> {
        let no_value = |flag| FormError::NoValue { name: name.to_owned(), flag };
        if let Some((_, value)) = values.further.iter().find(|(other, _)| other == name) {
            return Ok(PropertyValue::Json(value.clone()));
        }
        let json = match self.dialect.names.role_of(name) {
            Some(Role::Hash) => return Ok(PropertyValue::Hash),
            Some(Role::Nonce) => return Ok(PropertyValue::Nonce),
            Some(Role::PreviousHash) => JsonText::string(previous),
            Some(Role::Index) => {
                let first = self.dialect.first_index.unwrap_or(0);
                JsonText::from(&(first + place).into())
            }
            Some(Role::Timestamp) => {
                let timestamp = values.timestamp.clone().ok_or(no_value("--timestamp"))?;
                JsonText::from(&timestamp.into())
            }
            Some(Role::Data) => values.data.clone().ok_or(no_value("--data or --data-json"))?,
            None => return Err(no_value("--block-json")),
        };
        Ok(PropertyValue::Json(json))
    }
}

/// The value of a property.
#[derive(Clone, Debug, PartialEq)]
enum PropertyValue {
    Json(JsonText),
    /// The digits that a search finds.
    Nonce,
    /// The hash that follows from them, in quotes.
    Hash,
}

/// A block without its nonce and its hash: the bytes that are hashed, and its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) header: Written,
    pub(super) line: Written,
}

/// A block's text without the digits of its nonce and its hash, and where they go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) text: String,
    pub(super) nonce_at: usize,
    /// In a whole line.
    pub(super) hash_at: Option<usize>,
}

/// Writes the properties as one JSON object.
fn written(members: &[(&str, PropertyValue)], spelling: JsonSpelling) -> Written {
    let mut members: Vec<_> = members.iter().collect();
    if spelling.is_sorted {
        members.sort_by_key(|member| member.0);
    }
    let mut text = String::new();
    let (mut nonce_at, mut hash_at) = (0, None);
    let mut lead = "{";
    for (name, value) in members {
        let mut speller = Speller::new(spelling, Numbers::AsRead, &mut text);
        speller.push_str(lead);
        speller.write_text(name);
        speller.write_colon();
        match value {
            PropertyValue::Json(json) => {
                speller.write_document(json.as_str().as_bytes()).expect("it is JSON");
            }
            PropertyValue::Nonce => nonce_at = text.len(),
            PropertyValue::Hash => {
                hash_at = Some(text.len() + 1);
                text.push_str("\"\"");
            }
        }
        lead = spelling.comma();
    }
    text.push('}');
    Written { text, nonce_at, hash_at }
}
