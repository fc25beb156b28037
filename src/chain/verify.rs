//! Checks a chain: every hash, index and previous hash, and the work if a target is given.

use std::io::Read;
use std::path::Path;

use super::dialect::Dialect;
use super::error::{About, ChainFileError};
use super::file::{is_being_written, open_to_read};
use super::flaw::{Reason, foreign_reason};
use super::options::VerifyOptions;
use super::records::{Container, Records, Tail};
use super::tail::{Unfinished, classify, is_object};
use super::walk::Walk;

/// How the blocks of a valid chain stand in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileForm {
    /// Byte for byte as their dialect writes them, one block a line: for the dialect `tutorial`, as
    /// Python's `json.dumps(…, sort_keys=True)` does.
    Canonical,
    /// One block a line, but not all of them as their dialect writes them.
    Other {
        /// The line of the first block that is spelled in another way, from 1.
        first_line: u64,
    },
    /// As one JSON array.
    Array,
    /// As a JSON array in an object.
    Wrapped,
}

/// A chain that was found valid.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verification {
    /// Blocks, the genesis block included.
    pub blocks: u64,
    /// The fewest leading zero bits of a hash; the genesis block's is not counted.
    pub least_work_bits: Option<u32>,
    /// How the blocks stand in the file.
    pub form: FileForm,
    /// The names of the properties, and how blocks are spelled when they are hashed.
    pub dialect: Dialect,
    /// Whether an unfinished last line was left out, because a writer holds the lock.
    pub is_being_written: bool,
    /// Whether the last block, which is whole, lacks the newline that ends its line.
    pub lacks_newline: bool,
}

/// Checks the chain in a file: every hash, index and previous hash, and the work if a target is
/// given. Reads in bounded memory and changes nothing.
///
/// # Errors
/// [`ChainFileError::Refused`] with the first flaw, or why the file could not be read.
pub fn verify(path: &Path, options: &VerifyOptions<'_>) -> Result<Verification, ChainFileError> {
    let file = open_to_read(path)?;
    let is_written = || is_being_written(&file).map_err(About(path).io("look at the lock"));
    verify_records(Records::new(path, &file), options, is_written)
}

/// Checks the chain that a reader gives, in one pass, as [`verify`] does. Errors name the path.
///
/// ```
/// use std::path::Path;
/// use stripmine::chain::{SealedBlock, VerifyOptions, verify_from};
///
/// let text = format!("[{}]", SealedBlock::genesis().line());
/// let verified = verify_from(Path::new("-"), text.as_bytes(), &VerifyOptions::default())?;
/// assert_eq!(verified.blocks, 1);
/// # Ok::<(), stripmine::chain::ChainFileError>(())
/// ```
///
/// # Errors
/// As for [`verify`].
pub fn verify_from(
    name: &Path,
    source: impl Read + Send,
    options: &VerifyOptions<'_>,
) -> Result<Verification, ChainFileError> {
    verify_records(Records::new(name, source), options, || Ok(false))
}

fn verify_records<R: Read + Send>(
    mut records: Records<R>,
    options: &VerifyOptions<'_>,
    is_being_written: impl Fn() -> Result<bool, ChainFileError>,
) -> Result<Verification, ChainFileError> {
    let mut walk = Walk::new(options);
    walk.run(&mut records)?;
    let (mut is_left_out, mut lacks_newline) = (false, false);
    // A new chain is empty until its writer has written the genesis block.
    if records.tail().is_some() || walk.chain.is_empty() {
        is_left_out = is_being_written()?;
        if !is_left_out {
            // The writer may have finished the line and gone since it was read.
            walk.run(&mut records)?;
            if let Some(tail) = records.tail() {
                accept_tail(&mut walk, &tail, &records, options.strict)?;
                lacks_newline = true;
            }
        }
    }
    conclude(&walk, &records, is_left_out, lacks_newline)
}

/// Adds the last line, which has no newline, if it is a whole block.
fn accept_tail<R: Read>(
    walk: &mut Walk<'_>,
    tail: &Tail,
    records: &Records<R>,
    strict: bool,
) -> Result<(), ChainFileError> {
    let refused = |block, reason| Err(records.refused(block, tail.line, reason));
    let blocks = walk.chain.len();
    match classify(&tail.bytes, None) {
        Ok(Unfinished::Torn) if walk.reading.is_tutorial() => refused(blocks, Reason::Unfinished),
        _ if !is_object(&tail.bytes) => {
            refused(blocks, foreign_reason(&tail.bytes).unwrap_or(Reason::ForeignTail))
        }
        _ => {
            walk.accept_tail(&tail.bytes, tail.line, records)?;
            if strict { refused(blocks, Reason::NoNewline) } else { Ok(()) }
        }
    }
}

fn conclude<R: Read>(
    walk: &Walk<'_>,
    records: &Records<R>,
    is_being_written: bool,
    lacks_newline: bool,
) -> Result<Verification, ChainFileError> {
    if let Some(flaw) = walk.reading.undecided() {
        return Err(records.refused(flaw.block, flaw.line, flaw.reason));
    }
    if walk.chain.is_empty() && !is_being_written {
        return Err(records.refused(0, 1, Reason::NoBlocks));
    }
    let form = match (records.container(), walk.first_other_spelling) {
        (Some(Container::Array), _) => FileForm::Array,
        (Some(Container::Wrapped), _) => FileForm::Wrapped,
        (_, _) if records.has_byte_order_mark() => FileForm::Other { first_line: 1 },
        (_, Some(first_line)) => FileForm::Other { first_line },
        (_, None) => FileForm::Canonical,
    };
    let detected = walk.reading.conclude().map_err(|reason| records.refused(0, 1, reason))?;
    Ok(Verification {
        blocks: walk.chain.len(),
        least_work_bits: walk.least_work_bits,
        form,
        dialect: detected.dialect,
        is_being_written,
        lacks_newline,
    })
}
