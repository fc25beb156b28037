//! Dialects: what the author of a chain called its properties, and how the bytes that are hashed
//! are spelled.
//!
//! The rule is the same in all of them: a block's hash is the lower-case hex SHA-256 of its other
//! properties, written as one JSON object, and each block names the hash of the block before it.

use std::fmt;
use std::str::FromStr;

use super::python_json::JsonSpelling;

/// What a property of a block is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The block's own hash, the only property that is not hashed.
    Hash,
    /// The hash of the block before.
    PreviousHash,
    /// The number that was searched for.
    Nonce,
    /// The block's place in the chain.
    Index,
    /// When the block was made.
    Timestamp,
    /// What the block holds.
    Data,
}

impl Role {
    /// All roles, in the order in which names are listed.
    pub const ALL: [Self; 6] =
        [Self::Hash, Self::PreviousHash, Self::Nonce, Self::Index, Self::Timestamp, Self::Data];

    /// Its word, which is also the property's name in the dialect `tutorial`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hash => "hash",
            Self::PreviousHash => "previous_hash",
            Self::Nonce => "nonce",
            Self::Index => "index",
            Self::Timestamp => "timestamp",
            Self::Data => "data",
        }
    }

    /// The names by which a property of this role is found where nobody says which it is, the most
    /// certain first. The hash is found by its value alone. The previous hash is found by its name
    /// only in a chain of one block.
    #[must_use]
    pub const fn usual_names(self) -> &'static [&'static str] {
        match self {
            Self::Hash => &[],
            Self::PreviousHash => &[
                "previous_hash",
                "previousHash",
                "prev_hash",
                "prevHash",
                "previous_block_hash",
                "previousBlockHash",
                "parent_hash",
                "parentHash",
                "last_hash",
                "lastHash",
                "hash_anterior",
                "hashAnterior",
                "previous",
                "prev",
            ],
            Self::Nonce => &["nonce", "proof", "proof_of_work", "proofOfWork", "pow"],
            Self::Index => &[
                "index",
                "height",
                "block_number",
                "blockNumber",
                "block_index",
                "blockIndex",
                "number",
                "indice",
                "idx",
            ],
            Self::Timestamp => &[
                "timestamp",
                "time_stamp",
                "timeStamp",
                "time",
                "datetime",
                "date",
                "created_at",
                "createdAt",
                "marca_de_tiempo",
                "ts",
            ],
            Self::Data => {
                &["data", "transactions", "transaction", "dados", "datos", "payload", "message"]
            }
        }
    }
}

/// Which properties have which roles. Its text is `role=name,role=name`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names([Option<String>; 6]);

impl Names {
    /// The names of the dialect `tutorial`, which are the roles' own.
    #[must_use]
    pub fn tutorial() -> Self {
        Self(Role::ALL.map(|role| Some(role.name().to_owned())))
    }

    /// The name of the property of this role. An empty name says that there is none; `None`, that
    /// nothing is said of it.
    #[must_use]
    pub fn get(&self, role: Role) -> Option<&str> {
        self.0[role as usize].as_deref()
    }

    /// Gives a role a name.
    pub fn set(&mut self, role: Role, name: impl Into<String>) {
        self.0[role as usize] = Some(name.into());
    }

    /// Gives a role a name that was found by its values, and takes it from a role that was found by
    /// name alone.
    pub(super) fn set_alone(&mut self, role: Role, name: &str) {
        if let Some(other) = self.role_of(name).filter(|other| *other != role) {
            self.0[other as usize] = None;
        }
        self.set(role, name);
    }

    /// The role that the property of this name has.
    #[must_use]
    pub fn role_of(&self, name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| self.get(*role) == Some(name))
    }

    /// All roles that have a property, with its name.
    pub fn iter(&self) -> impl Iterator<Item = (Role, &str)> {
        let named = |role| self.get(role).filter(|name| !name.is_empty()).map(|name| (role, name));
        Role::ALL.into_iter().filter_map(named)
    }

    /// These names, and those of the others where nothing is said.
    #[must_use]
    pub(super) fn or(&self, others: &Self) -> Self {
        Self(Role::ALL.map(|role| self.get(role).or(others.get(role)).map(str::to_owned)))
    }
}

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (role, name)) in self.iter().enumerate() {
            let comma = if number > 0 { "," } else { "" };
            write!(f, "{comma}{}={name}", role.name())?;
        }
        Ok(())
    }
}

/// A text that does not say which property has which role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NamesError {
    /// A part is not a role and a name.
    #[error("{0:?} is not a role and a name, such as hash=digest")]
    NotAPair(String),
    /// There is no such role.
    #[error(
        "{0:?} is no role; the roles are hash, previous_hash, nonce, index, timestamp and data"
    )]
    UnknownRole(String),
    /// A role or a name comes twice.
    #[error("{0:?} comes twice; each property has one role")]
    Twice(String),
}

impl FromStr for Names {
    type Err = NamesError;

    fn from_str(text: &str) -> Result<Self, NamesError> {
        let mut names = Self::default();
        for pair in text.split(',') {
            let not_a_pair = || NamesError::NotAPair(pair.to_owned());
            let (role, name) = pair.split_once('=').ok_or_else(not_a_pair)?;
            let known = Role::ALL.into_iter().find(|known| known.name() == role);
            let known = known.ok_or_else(|| NamesError::UnknownRole(role.to_owned()))?;
            if name.is_empty() && matches!(known, Role::Hash | Role::PreviousHash) {
                return Err(not_a_pair());
            }
            if names.get(known).is_some() {
                return Err(NamesError::Twice(role.to_owned()));
            }
            if !name.is_empty() && names.role_of(name).is_some() {
                return Err(NamesError::Twice(name.to_owned()));
            }
            names.set(known, name);
        }
        Ok(names)
    }
}

/// A chain's dialect, as far as its blocks tell or the caller says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// Which properties have which roles.
    pub names: Names,
    /// How the bytes that are hashed are spelled.
    pub spelling: JsonSpelling,
    /// The index of the first block, where blocks have one: 0 or 1.
    pub first_index: Option<u64>,
}

impl Dialect {
    /// The dialect of a new chain.
    #[must_use]
    pub fn tutorial() -> Self {
        Self { names: Names::tutorial(), spelling: JsonSpelling::PYTHON, first_index: Some(0) }
    }
}

impl fmt::Display for Dialect {
    /// As one line for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; spelled {}", self.names, self.spelling)?;
        match self.first_index {
            Some(first) => write!(f, "; index from {first}"),
            None => Ok(()),
        }
    }
}

/// What a caller says about a chain's dialect; by default nothing, and all of it is detected. Take
/// the default and change its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DialectHints {
    /// Which properties have which roles, as far as it is said.
    pub names: Names,
    /// How the bytes that are hashed are spelled.
    pub spelling: Option<JsonSpelling>,
}

impl DialectHints {
    /// Whether nothing is said that the dialect `tutorial` does not say as well.
    pub(super) fn allow_tutorial(&self) -> bool {
        let tutorial = Names::tutorial();
        let is_usual =
            |role| self.names.get(role).is_none_or(|name| tutorial.get(role) == Some(name));
        Role::ALL.into_iter().all(is_usual)
            && self.spelling.is_none_or(|it| it == JsonSpelling::PYTHON)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        let text = "hash=digest,nonce=proof,index=";
        let names: Names = text.parse().unwrap();
        assert_eq!((names.get(Role::Hash), names.get(Role::Index)), (Some("digest"), Some("")));
        assert_eq!(names.get(Role::Data), None);
        assert_eq!(names.to_string(), "hash=digest,nonce=proof");
        assert_eq!(names.role_of("proof"), Some(Role::Nonce));
    }

    #[test]
    fn names_that_are_no_names_are_told() {
        let error = |text: &str| text.parse::<Names>().unwrap_err();
        assert_eq!(error("hash="), NamesError::NotAPair("hash=".to_owned()));
        assert_eq!(error("hash"), NamesError::NotAPair("hash".to_owned()));
        assert_eq!(error("sum=hash"), NamesError::UnknownRole("sum".to_owned()));
        assert_eq!(error("hash=a,hash=b"), NamesError::Twice("hash".to_owned()));
        assert_eq!(error("hash=a,nonce=a"), NamesError::Twice("a".to_owned()));
    }
}
