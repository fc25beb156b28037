//! A walk along a chain, batch by batch: blocks are checked by themselves, on all cores where there
//! are many, and then their links in order.

use std::io::{self, Read};

use rayon::prelude::*;

use super::error::ChainFileError;
use super::flaw::{Flaw, Reason};
use super::options::VerifyOptions;
use super::reading::{Checked, Reading, Step};
use super::records::{Batch, Container, Records};
use super::rules::Chain;
use crate::sync::CancelToken;

/// A walk along a chain.
#[derive(Clone)]
pub(super) struct Walk<'a> {
    options: &'a VerifyOptions<'a>,
    pub(super) chain: Chain,
    pub(super) reading: Reading,
    pub(super) least_work_bits: Option<u32>,
    /// The line of the first block that is not written as its dialect writes it.
    pub(super) first_other_spelling: Option<u64>,
    /// How many such blocks there are.
    pub(super) other_spellings: u64,
    /// The text of the last block, where [blocks are to be added](Self::before_appending).
    pub(super) last: Option<Vec<u8>>,
}

/// The results for the blocks of a batch, from one of them on.
type CheckBatch =
    for<'b> fn(&Reading, &'b Batch, Option<Container>, usize) -> Vec<Result<Checked<'b>, Reason>>;

impl<'a> Walk<'a> {
    pub(super) fn new(options: &'a VerifyOptions<'a>) -> Self {
        Self {
            options,
            chain: options.target.map_or_else(Chain::new, Chain::requiring),
            reading: Reading::new(options.dialect),
            least_work_bits: None,
            first_other_spelling: None,
            other_spellings: 0,
            last: None,
        }
    }

    /// A walk along a file that blocks are to be added to: they must stand on lines, and the text
    /// of the last one is kept.
    pub(super) fn before_appending(options: &'a VerifyOptions<'a>) -> Self {
        Self { last: Some(Vec::new()), ..Self::new(options) }
    }

    /// Whether all blocks are lines of the dialect `tutorial`, to the byte.
    pub(super) fn is_canonical_tutorial(&self) -> bool {
        self.reading.is_tutorial() && self.other_spellings == 0
    }

    /// Walks along all whole lines, or elements of an array, to the end of the file. Starts threads
    /// only where there is more than one batch.
    pub(super) fn run<R: Read + Send>(
        &mut self,
        records: &mut Records<R>,
    ) -> Result<(), ChainFileError> {
        self.check_cancel(records)?;
        let first = records.next_batch();
        if self.options.strict || self.last.is_some() {
            self.check_container(records)?;
        }
        let Some(first) = first? else { return Ok(()) };
        let second = records.next_batch();
        if !matches!(second, Ok(Some(_))) {
            let checked = check_in_turn(&self.reading, &first, records.container(), 0);
            self.accept(&first, checked, records, check_in_turn)?;
            return second.map(drop);
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.options.threads).build();
        let pool = pool
            .map_err(io::Error::other)
            .map_err(records.about().io("start threads to check the file"))?;
        pool.install(|| self.run_in_parallel(first, second, records))
    }

    /// Whether blocks stand on lines of their own, as the bytes of a chain file do.
    fn check_container<R: Read>(&self, records: &Records<R>) -> Result<(), ChainFileError> {
        let reason = match records.container() {
            _ if records.has_byte_order_mark() => Reason::ByteOrderMark,
            Some(Container::Array | Container::Wrapped) => Reason::Array,
            _ => return Ok(()),
        };
        Err(records.refused(self.chain.len(), 1, reason))
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
            let (reading, container) = (&self.reading, records.container());
            let (checked, after) = rayon::join(
                || check_in_parallel(reading, &batch, container, 0),
                || if read_on { records.next_batch() } else { Ok(None) },
            );
            self.accept(&batch, checked, records, check_in_parallel)?;
            let Some(following) = next? else { return Ok(()) };
            records.reuse(std::mem::replace(&mut batch, following));
            next = after;
        }
    }

    fn check_cancel<R: Read>(&self, records: &Records<R>) -> Result<(), ChainFileError> {
        let is_cancelled = self.options.cancel.is_some_and(CancelToken::is_cancelled);
        if is_cancelled { Err(records.about().cancelled()) } else { Ok(()) }
    }

    /// Adds a batch of checked blocks to the chain, in order. Where a block changes how the others
    /// are read, the rest is checked again.
    fn accept<R: Read>(
        &mut self,
        batch: &Batch,
        checked: Vec<Result<Checked<'_>, Reason>>,
        records: &Records<R>,
        check: CheckBatch,
    ) -> Result<(), ChainFileError> {
        let container = records.container();
        let mut checked = checked.into_iter();
        let mut at = 0;
        while let Some(block) = checked.next() {
            let (text, line) = piece(batch, at, container);
            let again = self.accept_one(block, text, line, records)?;
            at += usize::from(again != Some(Again::This));
            if again.is_some() {
                checked = check(&self.reading, batch, container, at).into_iter();
            }
        }
        if let (Some(last), Some(end)) = (&mut self.last, batch.len().checked_sub(1)) {
            *last = piece(batch, end, container).0.to_vec();
        }
        Ok(())
    }

    /// Adds the bytes after the last newline to the chain, if they are a whole block.
    pub(super) fn accept_tail<R: Read>(
        &mut self,
        text: &[u8],
        line: u64,
        records: &Records<R>,
    ) -> Result<(), ChainFileError> {
        while self.accept_one(self.reading.check(text), text, line, records)? == Some(Again::This) {
        }
        Ok(())
    }

    /// Adds a block to the chain. Returns what is to be checked again, if anything is.
    fn accept_one<R: Read>(
        &mut self,
        checked: Result<Checked<'_>, Reason>,
        text: &[u8],
        line: u64,
        records: &Records<R>,
    ) -> Result<Option<Again>, ChainFileError> {
        let step = self.reading.accept(&mut self.chain, checked, text, line);
        let step = step.and_then(|step| match step {
            Step::Accepted { is_canonical: false, .. } if self.options.strict => {
                let block = self.chain.len() - 1;
                Err(Box::new(Flaw { block, line, index: None, reason: Reason::Spelling }))
            }
            step => Ok(step),
        });
        let step = step.map_err(|flaw| {
            let index = self.reading.first_index().map(|first| first + flaw.block);
            records.refused(flaw.block, flaw.line, flaw.reason).with_index(index)
        })?;
        let Step::Accepted { hash, is_canonical } = step else {
            return Ok((step == Step::ReadAgain).then_some(Again::This));
        };
        if !is_canonical {
            self.first_other_spelling.get_or_insert(line);
            self.other_spellings += 1;
        }
        if self.chain.len() > 1 {
            let bits = hash.leading_zero_bits();
            self.least_work_bits = Some(self.least_work_bits.map_or(bits, |least| least.min(bits)));
        }
        Ok(self.reading.has_learned(&self.chain).then_some(Again::Others))
    }
}

/// Which blocks are to be checked again after one was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Again {
    /// This one and those after it.
    This,
    /// Those after it.
    Others,
}

/// The text of a block, and the line on which it starts.
fn piece(batch: &Batch, at: usize, container: Option<Container>) -> (&[u8], u64) {
    let (text, line) = batch.get(at);
    match container {
        // White space around elements is not part of a block.
        Some(Container::Array | Container::Wrapped) => (text.trim_ascii(), line),
        _ => (text, line),
    }
}

fn check<'b>(
    reading: &Reading,
    batch: &'b Batch,
    container: Option<Container>,
    at: usize,
) -> Result<Checked<'b>, Reason> {
    let checked = reading.check(piece(batch, at, container).0);
    checked.map_err(|reason| match (reason, container) {
        (Reason::EmptyLine, Some(Container::Array | Container::Wrapped)) => Reason::EmptyElement,
        (reason, _) => reason,
    })
}

fn check_in_turn<'b>(
    reading: &Reading,
    batch: &'b Batch,
    container: Option<Container>,
    from: usize,
) -> Vec<Result<Checked<'b>, Reason>> {
    (from..batch.len()).map(|at| check(reading, batch, container, at)).collect()
}

fn check_in_parallel<'b>(
    reading: &Reading,
    batch: &'b Batch,
    container: Option<Container>,
    from: usize,
) -> Vec<Result<Checked<'b>, Reason>> {
    (from..batch.len()).into_par_iter().map(|at| check(reading, batch, container, at)).collect()
}
