//! The JSON documents of `verify`.

use serde::Serialize;

use crate::chain::{Names, Role, Verification};

/// What a chain is whose last block is whole and lacks its newline.
pub(super) const UNFINISHED: &str =
    "all blocks are whole, and the last line does not end with a newline";

/// Which file a document is about.
#[derive(Serialize)]
pub(super) struct Named {
    pub(super) path: String,
}

/// The fields of a document about a valid chain.
#[derive(Serialize)]
pub(super) struct Valid {
    #[serde(flatten)]
    named: Named,
    blocks: u64,
    least_work_bits: Option<u32>,
    names: NamesDocument,
    spelling: String,
    first_index: Option<u64>,
    note: Option<&'static str>,
}

impl Valid {
    pub(super) fn new(named: Named, verification: &Verification) -> Self {
        let dialect = &verification.dialect;
        Self {
            named,
            blocks: verification.blocks,
            least_work_bits: verification.least_work_bits,
            names: NamesDocument::new(&dialect.names),
            spelling: dialect.spelling.to_string(),
            first_index: dialect.first_index,
            note: verification.lacks_newline.then_some(UNFINISHED),
        }
    }
}

/// The names of properties, by their roles.
#[derive(Serialize)]
struct NamesDocument {
    hash: Option<String>,
    previous_hash: Option<String>,
    nonce: Option<String>,
    index: Option<String>,
    timestamp: Option<String>,
    data: Option<String>,
}

impl NamesDocument {
    fn new(names: &Names) -> Self {
        let name = |role| names.get(role).filter(|name| !name.is_empty()).map(str::to_owned);
        Self {
            hash: name(Role::Hash),
            previous_hash: name(Role::PreviousHash),
            nonce: name(Role::Nonce),
            index: name(Role::Index),
            timestamp: name(Role::Timestamp),
            data: name(Role::Data),
        }
    }
}

/// The fields of a document about a chain that is not valid, or whose dialect is undecided.
#[derive(Serialize)]
pub(super) struct Invalid {
    #[serde(flatten)]
    pub(super) named: Named,
    pub(super) block: u64,
    pub(super) index: Option<u64>,
    pub(super) line: u64,
    pub(super) reason: String,
}
