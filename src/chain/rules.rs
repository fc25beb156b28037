//! Chain rules: index, previous hash, work.

use std::borrow::Cow;
use std::sync::Arc;

use super::block::Timestamp;
use super::candidate::{Candidate, CandidateError, SealedBlock};
use super::dialect::{Dialect, Role};
use super::form::{BlockValues, Form, FormError};
use super::line::Link;
use super::python_json::{JsonText, Value};
use crate::pow::{Digest, Target};

/// What the next block of a chain depends on: how many blocks there are, and the hash of the last
/// one. The blocks themselves are not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chain {
    len: u64,
    tip: Option<Digest>,
    required: Option<Target>,
    /// The form of the blocks, where it is not that of the dialect `tutorial`.
    form: Option<Arc<Form>>,
}

/// Why a block cannot be the next one of a chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// A block is missing, doubled or out of order.
    #[error(
        "the block's index is {found}, expected {expected}; blocks are missing or out of order"
    )]
    Index {
        /// The index of the next block.
        expected: u64,
        /// What the block says.
        found: u64,
    },
    /// The block names another hash than that of the last block.
    #[error("the block's {name} is not {expected}, the hash of the block before it")]
    PreviousHash {
        /// The name of the property that names the hash of the block before.
        name: Cow<'static, str>,
        /// The hash of the last block of the chain.
        expected: Digest,
    },
    /// No property of the block names the hash of the last block.
    #[error("none of the block's properties is {expected}, the hash of the block before it")]
    Unlinked {
        /// The hash of the last block of the chain.
        expected: Digest,
    },
    /// Too little work went into the block.
    #[error("the block's hash {hash} is above the target {target}; less work than asked for")]
    Work {
        /// The block's hash.
        hash: Digest,
        /// The most that it may be.
        target: Target,
    },
}

impl Chain {
    /// A chain without blocks. The first block it accepts is its genesis block.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A chain without blocks. Every block but the first must meet this target.
    #[must_use]
    pub fn requiring(target: Target) -> Self {
        Self { required: Some(target), ..Self::default() }
    }

    /// Blocks so far; the index of the next one.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Whether there is no block yet.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The dialect of the blocks that are mined onto the chain.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.form.as_ref().map_or_else(Dialect::tutorial, |form| form.dialect.clone())
    }

    /// Whether the time, in Unix seconds, can be the timestamp of the next block: whether those so
    /// far have that form.
    #[must_use]
    pub fn takes_time(&self) -> bool {
        self.form.as_ref().is_none_or(|form| form.is_clock)
    }

    /// Whether a text can be the data of the next block: whether that of the last one is a text.
    #[must_use]
    pub fn takes_text(&self) -> bool {
        self.form.as_ref().is_none_or(|form| form.is_text)
    }

    /// Gives the blocks another form than that of the dialect `tutorial`.
    pub(super) fn with_form(self, form: Form) -> Self {
        Self { form: Some(Arc::new(form)), ..self }
    }

    /// The first block of a chain in another dialect, without its nonce.
    pub(super) fn genesis(
        form: &Form,
        further: &[(String, JsonText)],
    ) -> Result<Candidate, CandidateError> {
        Candidate::framed(0, None, form.genesis(further)?)
    }

    /// The next block to be mined, without its nonce, with values for all its properties.
    ///
    /// # Errors
    /// When a property of the chain's blocks is left without a value, or one is given that they do
    /// not have; when the block is too long, or its data nested too deep.
    ///
    /// # Panics
    /// When the chain has no genesis block yet.
    pub fn candidate_with(&self, values: &BlockValues) -> Result<Candidate, CandidateError> {
        let tip = self.tip.expect("a chain starts with its genesis block");
        if let Some(form) = &self.form {
            return Candidate::framed(self.len, Some(tip), form.next(self.len, tip, values)?);
        }
        let BlockValues { timestamp, data, further } = values;
        let missing = |role: Role, flag| FormError::NoValue { name: role.name().to_owned(), flag };
        if let Some((name, _)) = further.first() {
            return Err(FormError::NoProperty(name.clone()).into());
        }
        let timestamp = timestamp.as_ref().ok_or(missing(Role::Timestamp, "--timestamp"))?;
        let data = data.as_ref().ok_or(missing(Role::Data, "--data"))?;
        Candidate::of_text(self.len, timestamp, data, &tip.to_string())
    }

    /// The next block to be mined, without its nonce.
    ///
    /// # Errors
    /// When the data is too long or nested too deep for a block; in other dialects than `tutorial`,
    /// when a property is left without a value.
    ///
    /// # Panics
    /// When the chain has no genesis block yet.
    pub fn candidate(
        &self,
        timestamp: &Timestamp,
        data: &Value,
    ) -> Result<Candidate, CandidateError> {
        if self.form.is_some() {
            return self.candidate_with(&BlockValues {
                timestamp: Some(timestamp.clone()),
                data: Some(data.into()),
                further: Vec::new(),
            });
        }
        let tip = self.tip.expect("a chain starts with its genesis block");
        Candidate::new(self.len, timestamp, data, &tip.to_string())
    }

    /// Adds a block.
    ///
    /// # Errors
    /// When its index or its previous hash is wrong, or too little work went into it. Then nothing
    /// has changed.
    pub fn accept(&mut self, block: &SealedBlock) -> Result<(), ChainError> {
        self.accept_link(&block.link)
    }

    /// Adds a block whose own hash is right.
    pub(super) fn accept_link(&mut self, link: &Link) -> Result<(), ChainError> {
        if link.index != self.len {
            return Err(ChainError::Index { expected: self.len, found: link.index });
        }
        if let Some(tip) = self.tip {
            if link.previous_hash != Some(tip) {
                let name = Role::PreviousHash.name().into();
                return Err(ChainError::PreviousHash { name, expected: tip });
            }
            if let Some(target) = self.required.filter(|target| !target.is_met_by(&link.hash)) {
                return Err(ChainError::Work { hash: link.hash, target });
            }
        }
        self.len += 1;
        self.tip = Some(link.hash);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::python_json::Integer;

    fn started() -> Chain {
        let mut chain = Chain::new();
        chain.accept(&SealedBlock::genesis()).unwrap();
        chain
    }

    fn next(chain: &Chain) -> SealedBlock {
        let timestamp = Timestamp::Integer(Integer::from(1_u64));
        chain.candidate(&timestamp, &Value::from("x")).unwrap().seal(0)
    }

    #[test]
    fn blocks_follow_by_index_and_previous_hash() {
        let mut chain = started();
        let first = next(&chain);
        chain.accept(&first).unwrap();
        let second = next(&chain);
        assert!(matches!(chain.accept(&first), Err(ChainError::Index { expected: 2, found: 1 })));
        chain.accept(&second).unwrap();
        assert_eq!(chain.len(), 3);
    }

    #[test]
    fn a_block_of_another_chain_does_not_fit() {
        let mut chain = started();
        let text = Timestamp::Text(String::new());
        let stranger = Candidate::new(1, &text, &Value::Null, &"0".repeat(64));
        let result = chain.accept(&stranger.unwrap().seal(0));
        assert!(matches!(result, Err(ChainError::PreviousHash { .. })));
        assert_eq!(chain.len(), 1, "a refused block changes nothing");
    }

    #[test]
    fn any_genesis_block_with_a_right_hash_will_do() {
        let candidate = Candidate::new(
            0,
            &Timestamp::Text("2009-01-03".to_owned()),
            &Value::Null,
            "nothing before",
        );
        Chain::requiring(Target::ZERO).accept(&candidate.unwrap().seal(77)).unwrap();
    }

    #[test]
    fn work_is_asked_of_every_block_but_the_first() {
        let mut chain = Chain::requiring(Target::ZERO);
        chain.accept(&SealedBlock::genesis()).unwrap();
        let block = next(&chain);
        assert!(matches!(chain.accept(&block), Err(ChainError::Work { .. })));
    }
}
