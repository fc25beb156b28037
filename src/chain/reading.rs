//! How the blocks of a chain are read: as `tutorial` until a block does not fit, then in the
//! dialect that fits.

use super::detect::{Detected, Detection, Seen};
use super::dialect::{DialectHints, Role};
use super::flaw::{Flaw, Reason, foreign_reason};
use super::layout::ORDER;
use super::line::{BlockError, BlockLine, Link};
use super::properties::Properties;
use super::python_json::{JsonKind, JsonSpelling, Spellings};
use super::rules::Chain;
use crate::pow::Digest;

/// Blocks that are looked at, at most, to find out which property is the hash.
const MOST_LOOKED_AT: u64 = 1_000;

/// What is known of how the blocks are read.
#[derive(Clone)]
pub(super) struct Reading {
    hints: DialectHints,
    known: Known,
}

#[derive(Clone)]
enum Known {
    /// They are read as `tutorial`. All so far fit these spellings, and their lines are written in
    /// these.
    Tutorial { spellings: Spellings, written: Spellings, tip: Option<Digest> },
    /// It is not known which property is the hash: in the first blocks, it is none of them.
    Nothing { first: Vec<u8>, line: u64, looked_at: u64 },
    /// They are read in this dialect, as far as it is known.
    Other(Box<Detection>),
}

/// What was found in a block by itself.
pub(super) enum Checked<'a> {
    Tutorial {
        link: Link,
        is_canonical: bool,
        spellings: Spellings,
    },
    Other(Seen<'a>),
    /// Nothing: the blocks are looked at in order.
    Unread,
}

/// What became of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It is part of the chain.
    Accepted { hash: Digest, is_canonical: bool },
    /// It is looked at, and more blocks are needed.
    LookedAt,
    /// It has changed how blocks are read, and has to be checked again.
    ReadAgain,
}

impl Reading {
    pub(super) fn new(hints: Option<&DialectHints>) -> Self {
        let hints = hints.cloned().unwrap_or_default();
        let known = if hints.allow_tutorial() {
            Known::Tutorial { spellings: Spellings::ALL, written: Spellings::ALL, tip: None }
        } else {
            Known::Other(Box::new(Detection::new(&hints)))
        };
        Self { hints, known }
    }

    /// Checks what can be checked of a block without its neighbours.
    pub(super) fn check<'a>(&self, text: &'a [u8]) -> Result<Checked<'a>, Reason> {
        match &self.known {
            Known::Tutorial { .. } => check_tutorial(text),
            Known::Other(detection) if !detection.lacks_hash() => {
                detection.check(&properties(text)?).map(Checked::Other)
            }
            Known::Other(_) | Known::Nothing { .. } => Ok(Checked::Unread),
        }
    }

    /// Whether blocks that were checked before this step are to be checked again after it: the
    /// first block tells roles.
    pub(super) fn has_learned(&self, chain: &Chain) -> bool {
        chain.len() == 1 && matches!(self.known, Known::Other(_))
    }

    /// Adds a block to the chain, or finds another way of reading it.
    pub(super) fn accept(
        &mut self,
        chain: &mut Chain,
        checked: Result<Checked<'_>, Reason>,
        text: &[u8],
        line: u64,
    ) -> Result<Step, Box<Flaw>> {
        let flaw = |block, reason| Box::new(Flaw { block, line, index: None, reason });
        let block = chain.len();
        match checked {
            _ if matches!(self.known, Known::Nothing { .. }) => self.look_at(text, line),
            Ok(Checked::Unread) => self.look_at(text, line),
            Ok(Checked::Other(seen)) => {
                self.accept_other(chain, text, &seen).map_err(|reason| flaw(block, reason))
            }
            Ok(Checked::Tutorial { link, is_canonical, spellings }) => {
                match chain.accept_link(&link) {
                    Ok(()) => {
                        self.note_tutorial(spellings, is_canonical, link.hash);
                        Ok(Step::Accepted { hash: link.hash, is_canonical })
                    }
                    Err(reason) => self.switch_dialect(block, text, line, reason.into()),
                }
            }
            Err(reason) => self.switch_dialect(block, text, line, reason),
        }
    }

    fn accept_other(
        &mut self,
        chain: &mut Chain,
        text: &[u8],
        seen: &Seen<'_>,
    ) -> Result<Step, Reason> {
        let Known::Other(detection) = &mut self.known else { return Ok(Step::ReadAgain) };
        let link = detection.accept(text, seen)?;
        chain.accept_link(&link)?;
        Ok(Step::Accepted { hash: link.hash, is_canonical: detection.is_canonical() })
    }

    fn note_tutorial(&mut self, fits: Spellings, is_canonical: bool, hash: Digest) {
        if let Known::Tutorial { spellings, written, tip } = &mut self.known {
            *spellings = spellings.and(fits);
            *written = if is_canonical { written.and(fits) } else { Spellings::NONE };
            *tip = Some(hash);
        }
    }

    /// Looks for the hash in a block, before it is known which property it is.
    fn look_at(&mut self, text: &[u8], line: u64) -> Result<Step, Box<Flaw>> {
        let mut detection = Detection::new(&self.hints);
        let (number, is_first) = match &self.known {
            Known::Nothing { looked_at, .. } => (*looked_at, false),
            _ => (0, true),
        };
        let flaw = |reason| Box::new(Flaw { block: number, line, index: None, reason });
        let block = properties(text).map_err(flaw)?;
        let is_found = detection.find_hash(&block);
        match &mut self.known {
            _ if is_first && is_found => {
                self.known = Known::Other(Box::new(detection));
                Ok(Step::ReadAgain)
            }
            Known::Nothing { first, line, .. } if is_found => {
                // This block has a right hash, and the first one does not.
                let (first, line) = (std::mem::take(first), *line);
                let wrong = properties(&first).and_then(|first| detection.check(&first));
                let reason = wrong.err().unwrap_or(Reason::NoBlocks);
                Err(Box::new(Flaw { block: 0, line, index: None, reason }))
            }
            Known::Nothing { looked_at, .. } if *looked_at < MOST_LOOKED_AT => {
                *looked_at += 1;
                Ok(Step::LookedAt)
            }
            Known::Nothing { .. } => {
                Err(self.undecided().unwrap_or_else(|| flaw(Reason::NoBlocks)))
            }
            _ if !Detection::has_hashes(&block) => {
                Err(flaw(Detection::without_hash(&block).into()))
            }
            _ => {
                self.known = Known::Nothing { first: text.to_vec(), line, looked_at: 1 };
                Ok(Step::LookedAt)
            }
        }
    }

    /// The flaw, at the end of the chain, that no block has told which property is the hash.
    pub(super) fn undecided(&self) -> Option<Box<Flaw>> {
        let Known::Nothing { first, line, .. } = &self.known else { return None };
        let reason = match properties(first) {
            Ok(first) => Detection::undecided(&first).into(),
            Err(reason) => reason,
        };
        Some(Box::new(Flaw { block: 0, line: *line, index: None, reason }))
    }

    /// The index of the first block, where blocks have one and it is known.
    pub(super) fn first_index(&self) -> Option<u64> {
        match &self.known {
            Known::Tutorial { .. } => Some(0),
            Known::Nothing { .. } => None,
            Known::Other(detection) => detection.first_index(),
        }
    }

    /// What the blocks have told.
    pub(super) fn conclude(&self) -> Result<Detected, Reason> {
        match &self.known {
            Known::Other(detection) => detection.conclude(),
            _ => Ok(Detected::tutorial()),
        }
    }

    /// Whether the blocks are read as `tutorial`.
    pub(super) fn is_tutorial(&self) -> bool {
        matches!(self.known, Known::Tutorial { .. })
    }

    /// Switches from `tutorial` to another dialect, for a block that fits only that.
    fn switch_dialect(
        &mut self,
        block: u64,
        text: &[u8],
        line: u64,
        reason: Reason,
    ) -> Result<Step, Box<Flaw>> {
        let flaw = |reason| Box::new(Flaw { block, line, index: None, reason });
        let Known::Tutorial { spellings, written, tip } = self.known else {
            return Err(flaw(reason));
        };
        let Ok(properties) = properties(text) else { return Err(flaw(reason)) };
        let mut detection = match tip {
            Some(tip) => Detection::after_tutorial(block, tip, spellings, written),
            None => Detection::new(&self.hints),
        };
        if detection.lacks_hash() && !detection.find_hash(&properties) {
            return match reason {
                Reason::Block(BlockError::Missing(_)) if !Detection::has_hashes(&properties) => {
                    Err(flaw(reason))
                }
                _ => self.look_at(text, line),
            };
        }
        let mut tried = detection.clone();
        let result = tried.check(&properties).and_then(|seen| tried.accept(text, &seen));
        match result {
            Ok(_) => {
                self.known = Known::Other(Box::new(detection));
                Ok(Step::ReadAgain)
            }
            Err(other) => Err(flaw(more_telling(reason, other))),
        }
    }
}

/// Of the reasons why a block fits neither `tutorial` nor another dialect, the one to tell.
fn more_telling(tutorial: Reason, other: Reason) -> Reason {
    match (&tutorial, &other) {
        (
            Reason::Block(BlockError::WrongHash { stated, computed }),
            Reason::Block(BlockError::Altered { .. }),
        ) => BlockError::Altered { stated: stated.clone(), computed: *computed }.into(),
        (Reason::Chain(_), _)
        | (
            _,
            Reason::Block(
                BlockError::Altered { .. } | BlockError::Missing(_) | BlockError::WrongKind { .. },
            ),
        ) => tutorial,
        _ => other,
    }
}

/// Checks a block of the dialect `tutorial`, in whatever spelling it is.
fn check_tutorial(text: &[u8]) -> Result<Checked<'_>, Reason> {
    if let Some(block) = BlockLine::parse_canonical(text) {
        let (link, spellings) = (block.link()?, block.spellings);
        return Ok(Checked::Tutorial { link, is_canonical: true, spellings });
    }
    if let Some(respelled) = check_respelled(text) {
        return Ok(respelled);
    }
    let link = read_line(text)?.link()?;
    let fits = |it: Properties<'_>| it.fits(link.hash, Role::Hash.name(), Spellings::ALL);
    let spellings = Properties::parse(text).map_or(Spellings::NONE, fits);
    let spellings = spellings.or(Spellings::one(JsonSpelling::PYTHON));
    Ok(Checked::Tutorial { link, is_canonical: false, spellings })
}

/// The same in less time, for a block that differs from a canonical one in its spelling alone.
/// `None` for every other block.
fn check_respelled(text: &[u8]) -> Option<Checked<'_>> {
    let block = Properties::parse_plain(text)?;
    let get = |role: Role| block.get(role.name());
    let [data, hash, index, nonce, previous_hash, timestamp] = ORDER.map(get);
    let (nonce, previous_hash, timestamp) = (nonce?, previous_hash?, timestamp?);
    let previous_text = block.value(previous_hash);
    let is_tutorial = data.is_some()
        && block.members().len() == ORDER.len()
        && nonce.kind == JsonKind::Integer
        && !block.value(nonce).starts_with('-')
        && previous_hash.kind == JsonKind::String
        && !previous_text.contains('\\')
        && matches!(timestamp.kind, JsonKind::Integer | JsonKind::Float | JsonKind::String);
    if !is_tutorial {
        return None;
    }
    let (hash, index) = (block.digest(hash?)?, block.integer(index?)?);
    let spellings = block.fits(hash, Role::Hash.name(), Spellings::one(JsonSpelling::PYTHON));
    let link = Link { index, previous_hash: block.digest(previous_hash), hash };
    (!spellings.is_none()).then_some(Checked::Tutorial { link, is_canonical: false, spellings })
}

/// Reads a block of any dialect.
pub(super) fn properties(text: &[u8]) -> Result<Properties<'_>, Reason> {
    read(text, Properties::parse)
}

/// Reads a block of the dialect `tutorial`.
pub(super) fn read_line(text: &[u8]) -> Result<BlockLine<'_>, Reason> {
    read(text, BlockLine::parse)
}

fn read<'a, T>(
    text: &'a [u8],
    parse: impl FnOnce(&'a [u8]) -> Result<T, BlockError>,
) -> Result<T, Reason> {
    if text.trim_ascii().is_empty() {
        return Err(Reason::EmptyLine);
    }
    parse(text).map_err(|error| foreign_reason(text).unwrap_or_else(|| error.into()))
}

#[cfg(test)]
mod tests;
