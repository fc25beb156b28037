//! Reads a chain file that is to be mined onto, and starts new chains.

use std::io::Read;
use std::path::Path;

use super::candidate::{CandidateError, SealedBlock};
use super::continuation::form_after;
use super::detect::Detected;
use super::dialect::{Dialect, DialectHints, Names, Role};
use super::error::ChainFileError;
use super::flaw::Reason;
use super::form::{Form, FormError};
use super::options::VerifyOptions;
use super::python_json::{JsonSpelling, JsonText};
use super::records::{Records, Tail};
use super::rules::{Chain, ChainError};
use super::tail::{Unfinished, classify, is_object};
use super::walk::Walk;
use crate::sync::CancelToken;

/// How to open a chain that is to be mined onto. Take the default and change its fields.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct LedgerOptions<'a> {
    /// Threads to check the chain on, 1 by default.
    pub threads: usize,
    /// Ends the reading once it is cancelled.
    pub cancel: Option<&'a CancelToken>,
    /// Whether the file must be locked, as it is by default. Where it need not be, and the file
    /// system has no locks, the caller has to keep other writers out; the file's length and
    /// identity are checked before and after each append. A lock that another writer holds is
    /// refused all the same.
    pub needs_lock: bool,
    /// What is known of the chain's dialect. Of an existing chain, what is not said is detected; a
    /// new chain takes it from the dialect `tutorial`.
    pub dialect: Option<&'a DialectHints>,
    /// The index of the first block, which counts for a new chain: 0 or 1.
    pub first_index: Option<u64>,
    /// Further properties of the blocks of a new chain, with the values that its first one has.
    pub further: &'a [(String, JsonText)],
}

impl Default for LedgerOptions<'_> {
    fn default() -> Self {
        Self {
            threads: 1,
            cancel: None,
            needs_lock: true,
            dialect: None,
            first_index: None,
            further: &[],
        }
    }
}

/// A chain file whose lines were checked.
pub(super) struct Walked {
    pub(super) chain: Chain,
    /// Bytes of its whole lines.
    pub(super) len: u64,
    /// What follows them. A whole block is part of the chain.
    pub(super) tail: Option<(Tail, Unfinished)>,
}

/// Checks all lines and changes nothing.
pub(super) fn walk(
    file: &mut (impl Read + Send + ?Sized),
    path: &Path,
    options: &LedgerOptions<'_>,
) -> Result<Walked, ChainFileError> {
    let LedgerOptions { threads, cancel, dialect, .. } = *options;
    let verify = VerifyOptions { dialect, threads, cancel, ..VerifyOptions::default() };
    let mut records = Records::new(path, file);
    let mut walk = Walk::before_appending(&verify);
    walk.run(&mut records)?;
    if let Some(flaw) = walk.reading.undecided() {
        return Err(records.refused(flaw.block, flaw.line, flaw.reason));
    }
    let tail = match records.tail() {
        Some(tail) => Some(classify_tail(tail, &mut walk, &records)?),
        None => None,
    };
    if let Some(form) = form_of(&walk, options, &records)? {
        walk.chain = walk.chain.with_form(form);
    }
    Ok(Walked { chain: walk.chain, len: records.offset(), tail })
}

/// Classifies the last line, which has no newline. Only a chain of the dialect `tutorial` is
/// repaired.
fn classify_tail<R: Read>(
    tail: Tail,
    walk: &mut Walk<'_>,
    records: &Records<R>,
) -> Result<(Tail, Unfinished), ChainFileError> {
    let blocks = walk.chain.len();
    let reason = if walk.is_canonical_tutorial() {
        match classify(&tail.bytes, Some(&mut walk.chain)) {
            Ok(unfinished) => return Ok((tail, unfinished)),
            Err(reason) => reason,
        }
    } else {
        Reason::ForeignTail
    };
    if reason == Reason::ForeignTail && is_object(&tail.bytes) {
        walk.accept_tail(&tail.bytes, tail.line, records)?;
        return Err(records.refused(blocks, tail.line, Reason::NoNewline));
    }
    Err(records.refused(blocks, tail.line, reason))
}

/// The form of the next block, if it is not that of the dialect `tutorial`.
fn form_of<R: Read>(
    walk: &Walk<'_>,
    options: &LedgerOptions<'_>,
    records: &Records<R>,
) -> Result<Option<Form>, ChainFileError> {
    let blocks = walk.chain.len();
    if blocks == 0 {
        return Ok(None);
    }
    let refused = |reason| records.refused(blocks.saturating_sub(1), blocks.max(1), reason);
    let detected = if walk.reading.is_tutorial() {
        check_first_index(Some(0), options).map_err(refused)?;
        match walk.first_other_spelling {
            None => return Ok(None),
            Some(line) if walk.other_spellings < blocks => {
                return Err(records.refused(line - 1, line, Reason::Spelling));
            }
            Some(_) => Detected::tutorial(),
        }
    } else {
        walk.reading.conclude().map_err(refused)?
    };
    check_first_index(detected.dialect.first_index, options).map_err(refused)?;
    let hints = options.dialect.cloned().unwrap_or_default();
    let last = walk.last.as_deref().unwrap_or_default();
    let form = form_after(last, detected, blocks, &hints);
    form.map(Some).map_err(|reason| match reason {
        Reason::CarriageReturn => records.refused(0, 1, reason),
        _ => refused(reason),
    })
}

fn check_first_index(found: Option<u64>, options: &LedgerOptions<'_>) -> Result<(), Reason> {
    match (options.first_index, found) {
        (Some(expected), Some(found)) if expected != found => {
            Err(ChainError::Index { expected, found }.into())
        }
        _ => Ok(()),
    }
}

/// A chain without blocks in the dialect that the options say, and its first block.
pub(super) fn new_chain(
    options: &LedgerOptions<'_>,
) -> Result<(Chain, SealedBlock), CandidateError> {
    let hints = options.dialect.cloned().unwrap_or_default();
    let first_index = options.first_index.unwrap_or(0);
    if hints.allow_tutorial() && first_index == 0 && options.further.is_empty() {
        return Ok((Chain::new(), SealedBlock::genesis()));
    }
    let names = hints.names.or(&Names::tutorial());
    for (role, name) in names.iter() {
        if names.role_of(name) != Some(role) {
            return Err(FormError::Twice(name.to_owned()).into());
        }
    }
    let has_index = names.get(Role::Index).is_some_and(|name| !name.is_empty());
    let spelling = hints.spelling.unwrap_or(JsonSpelling::PYTHON);
    let dialect = Dialect { names, spelling, first_index: has_index.then_some(first_index) };
    let form = Form::new(dialect, options.further);
    let genesis = Chain::genesis(&form, options.further)?.seal(0);
    Ok((Chain::new().with_form(form), genesis))
}
