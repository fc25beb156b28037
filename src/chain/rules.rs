//! Chain rules: index, previous hash, work.

use std::borrow::Cow;

use super::block::Timestamp;
use super::candidate::{Candidate, CandidateError, SealedBlock};
use super::dialect::Role;
use super::line::Link;
use super::python_json::Value;
use crate::pow::{Digest, Target};

/// What the next block of a chain depends on: how many blocks there are, and the hash of the last
/// one. The blocks themselves are not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chain {
    len: u64,
    tip: Option<Digest>,
    required: Option<Target>,
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

    /// The next block to be mined, without its nonce.
    ///
    /// # Errors
    /// When the data is too long or nested too deep for a block.
    ///
    /// # Panics
    /// When the chain has no genesis block yet.
    pub fn candidate(
        &self,
        timestamp: &Timestamp,
        data: &Value,
    ) -> Result<Candidate, CandidateError> {
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
