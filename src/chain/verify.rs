//! Checks a chain: the blocks by themselves on all cores, then their links in order.

use std::io::{self, Read};
use std::path::Path;

use rayon::prelude::*;

use super::error::{About, ChainFileError};
use super::file::{is_being_written, open_to_read};
use super::flaw::{Reason, foreign_reason};
use super::line::{BlockLine, Link};
use super::records::{Batch, Form, Records};
use super::rules::Chain;
use super::tail::classify;
use crate::pow::Target;
use crate::sync::CancelToken;

/// How to check a chain. Take the default and change its fields.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct VerifyOptions<'a> {
    /// The target that every block except the first must meet; none by default.
    pub target: Option<Target>,
    /// Whether every byte must be as Python's `json.dumps(…, sort_keys=True)` writes it, one block
    /// a line. By default other spellings, and a JSON array of blocks, are valid as well.
    pub strict: bool,
    /// Threads to check on, 1 by default. Small files are checked on the caller's thread alone.
    pub threads: usize,
    /// Ends the check once it is cancelled.
    pub cancel: Option<&'a CancelToken>,
}

impl Default for VerifyOptions<'_> {
    fn default() -> Self {
        Self { target: None, strict: false, threads: 1, cancel: None }
    }
}

/// How the blocks of a valid chain are spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// Byte for byte as Python's `json.dumps(…, sort_keys=True)` writes them, one block a line.
    Canonical,
    /// One block a line, but not all of them as Python writes them.
    Other {
        /// The line of the first block that is spelled in another way, from 1.
        first_line: u64,
    },
    /// As one JSON array.
    Array,
}

/// A chain that was found valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verification {
    /// Blocks, the genesis block included.
    pub blocks: u64,
    /// The fewest leading zero bits of a hash; the genesis block's is not counted.
    pub least_work_bits: Option<u32>,
    /// How the blocks are spelled.
    pub spelling: Spelling,
    /// Whether an unfinished last line was left out, because a writer holds the lock.
    pub is_being_written: bool,
}

/// Checks the chain in a file: every hash, index and previous hash, and the work if a target is
/// given. Reads in bounded memory and changes nothing.
///
/// # Errors
/// [`ChainFileError::Refused`] with the first flaw, or why the file could not be read.
pub fn verify(path: &Path, options: &VerifyOptions<'_>) -> Result<Verification, ChainFileError> {
    let file = open_to_read(path)?;
    let mut records = Records::new(path, &file);
    let mut walk = Walk::new(options);
    walk.run(&mut records)?;
    let mut is_left_out = false;
    // A new chain is empty until its writer has written the genesis block.
    if records.tail().is_some() || walk.chain.is_empty() {
        is_left_out = is_being_written(&file).map_err(About(path).io("look at the lock"))?;
        if !is_left_out {
            // The writer may have finished the line and gone since it was read.
            walk.run(&mut records)?;
            if let Some(tail) = records.tail() {
                let unfinished = classify(&tail.bytes, Some(&mut walk.chain.clone()));
                let reason = unfinished.err().unwrap_or(Reason::Unfinished);
                return Err(records.refused(walk.chain.len(), tail.line, reason));
            }
        }
    }
    walk.conclude(&records, is_left_out)
}

/// A walk along a chain.
pub(super) struct Walk<'a> {
    options: &'a VerifyOptions<'a>,
    pub(super) chain: Chain,
    least_work_bits: Option<u32>,
    first_other_spelling: Option<u64>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(options: &'a VerifyOptions<'a>) -> Self {
        let chain = options.target.map_or_else(Chain::new, Chain::requiring);
        Self { options, chain, least_work_bits: None, first_other_spelling: None }
    }

    /// Walks along all whole lines, or elements of an array, to the end of the file. Starts threads
    /// only where there is more than one batch.
    pub(super) fn run<R: Read + Send>(
        &mut self,
        records: &mut Records<R>,
    ) -> Result<(), ChainFileError> {
        self.check_cancel(records)?;
        let first = records.next_batch();
        if self.options.strict && records.form() == Some(Form::Array) {
            return Err(records.refused(self.chain.len(), 1, Reason::Array));
        }
        let Some(first) = first? else { return Ok(()) };
        let second = records.next_batch();
        if !matches!(second, Ok(Some(_))) {
            let checked = (0..first.len()).map(|at| check(first.get(at).0)).collect();
            self.accept(&first, checked, records)?;
            return second.map(drop);
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.options.threads).build();
        let pool = pool.map_err(io::Error::other).map_err(records.about().io("read the file"))?;
        pool.install(|| self.run_in_parallel(first, second, records))
    }

    /// Checks one batch while the one after the next is being read. An error in reading is reported
    /// only when all batches before it have been added to the chain.
    fn run_in_parallel<R: Read + Send>(
        &mut self,
        mut batch: Batch,
        mut next: Result<Option<Batch>, ChainFileError>,
        records: &mut Records<R>,
    ) -> Result<(), ChainFileError> {
        loop {
            self.check_cancel(records)?;
            let read_on = matches!(next, Ok(Some(_)));
            let (checked, after) = rayon::join(
                || (0..batch.len()).into_par_iter().map(|at| check(batch.get(at).0)).collect(),
                || if read_on { records.next_batch() } else { Ok(None) },
            );
            self.accept(&batch, checked, records)?;
            let Some(following) = next? else { return Ok(()) };
            (batch, next) = (following, after);
        }
    }

    fn check_cancel<R: Read>(&self, records: &Records<R>) -> Result<(), ChainFileError> {
        let is_cancelled = self.options.cancel.is_some_and(CancelToken::is_cancelled);
        if is_cancelled { Err(records.about().cancelled()) } else { Ok(()) }
    }

    /// Adds a batch of checked blocks to the chain, in order.
    fn accept<R: Read>(
        &mut self,
        batch: &Batch,
        checked: Vec<Result<(Link, bool), Reason>>,
        records: &Records<R>,
    ) -> Result<(), ChainFileError> {
        for (at, checked) in checked.into_iter().enumerate() {
            let (_, line) = batch.get(at);
            let accepted = self.accept_one(checked, line);
            accepted.map_err(|reason| records.refused(self.chain.len(), line, reason))?;
        }
        Ok(())
    }

    fn accept_one(
        &mut self,
        checked: Result<(Link, bool), Reason>,
        line: u64,
    ) -> Result<(), Reason> {
        let (block, is_canonical) = checked?;
        if !is_canonical {
            if self.options.strict {
                return Err(Reason::Spelling);
            }
            self.first_other_spelling.get_or_insert(line);
        }
        self.chain.accept_link(&block)?;
        if self.chain.len() > 1 {
            let bits = block.hash.leading_zero_bits();
            self.least_work_bits = Some(self.least_work_bits.map_or(bits, |least| least.min(bits)));
        }
        Ok(())
    }

    fn conclude<R: Read>(
        &self,
        records: &Records<R>,
        is_being_written: bool,
    ) -> Result<Verification, ChainFileError> {
        if self.chain.is_empty() && !is_being_written {
            return Err(records.refused(0, 1, Reason::NoBlocks));
        }
        let spelling = match (records.form(), self.first_other_spelling) {
            (Some(Form::Array), _) => Spelling::Array,
            (_, Some(first_line)) => Spelling::Other { first_line },
            (_, None) => Spelling::Canonical,
        };
        Ok(Verification {
            blocks: self.chain.len(),
            least_work_bits: self.least_work_bits,
            spelling,
            is_being_written,
        })
    }
}

/// Checks what can be checked of a block without its neighbours. Returns what the rules of a chain
/// check, and whether the line is canonical.
fn check(text: &[u8]) -> Result<(Link, bool), Reason> {
    let line = read_line(text)?;
    Ok((line.link()?, line.is_canonical()))
}

/// Reads a block.
pub(super) fn read_line(text: &[u8]) -> Result<BlockLine<'_>, Reason> {
    if text.trim_ascii().is_empty() {
        return Err(Reason::EmptyLine);
    }
    BlockLine::parse(text).map_err(|error| foreign_reason(text).unwrap_or_else(|| error.into()))
}
