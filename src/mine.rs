//! Mines one block onto a chain file: [`chain`](crate::chain) and [`miner`](crate::miner) together.

use crate::chain::python_json::Value;
use crate::chain::{CandidateError, ChainFileError, Ledger, SealedBlock, Timestamp};
use crate::miner::{Miner, Outcome, Report, Search, SearchError};
use crate::pow::Target;

/// How [`mine_block`] ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Mined {
    /// A block was found and appended.
    Appended {
        /// The block.
        block: SealedBlock,
        /// The work of the search.
        report: Report,
    },
    /// No nonce in the search's range is valid; nothing was appended.
    Exhausted(Report),
    /// The search was cancelled; nothing was appended.
    Cancelled(Report),
}

/// Why a block could not be mined.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MineError {
    /// The data does not fit a block.
    #[error(transparent)]
    Candidate(#[from] CandidateError),
    /// The search failed.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// The block could not be appended.
    #[error(transparent)]
    Ledger(#[from] ChainFileError),
}

/// Mines the next block of a chain, with this timestamp and data, and appends it.
///
/// ```
/// use stripmine::chain::{Ledger, Timestamp};
/// use stripmine::miner::{Miner, Search};
/// use stripmine::pow::Target;
/// use stripmine::{Mined, mine_block};
///
/// let directory = tempfile::tempdir()?;
/// let mut ledger = Ledger::open(&directory.path().join("chain.jsonl"), 1, None)?;
/// let miner = Miner::builder().threads(2).build()?;
/// let target = Target::from_hex_zeros(3)?;
/// let timestamp = Timestamp::Text("noon".to_owned());
/// let data = "pay 5 to Ann".into();
/// let mined = mine_block(&mut ledger, &miner, &timestamp, &data, &target, Search::default())?;
/// let Mined::Appended { block, .. } = mined else { panic!("nobody cancels") };
/// assert!(block.hash().to_string().starts_with("000"));
/// assert_eq!(ledger.chain().len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When the data does not fit a block, the search fails, or the block cannot be appended.
pub fn mine_block(
    ledger: &mut Ledger,
    miner: &Miner,
    timestamp: &Timestamp,
    data: &Value,
    target: &Target,
    search: Search<'_>,
) -> Result<Mined, MineError> {
    let candidate = ledger.chain().candidate(timestamp, data)?;
    match miner.search(candidate.template(), target, search)? {
        Outcome::Found(solution) => {
            let block = candidate.seal(solution.nonce);
            ledger.append(&block)?;
            Ok(Mined::Appended { block, report: solution.report })
        }
        Outcome::Exhausted(report) => Ok(Mined::Exhausted(report)),
        Outcome::Cancelled(report) => Ok(Mined::Cancelled(report)),
    }
}
