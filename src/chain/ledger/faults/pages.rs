//! The pages of a file: what processes see, what is durable, and what a power loss leaves.
//!
//! Writing changes what is seen. Syncing brings what is durable up to it, page by page. When the
//! power fails, any of the pages that were not synced may have reached the disk or not, and the
//! file's length may be the new one or the old one: what it has beyond the pages that were written
//! is NULs. A page is written as a whole or not at all.

use std::collections::BTreeSet;

/// Bytes in a page: few, so that a block's line has several.
const PAGE: usize = 64;

/// What a power loss leaves of what was not synced.
#[derive(Clone, Copy, Debug)]
pub(super) enum Remains {
    Nothing,
    Everything,
    /// Lengths and entries, but no page: NULs.
    Lengths,
    /// A part that these random bits choose.
    Some(u64),
}

/// The contents of a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Contents {
    /// What processes see.
    pub(super) seen: Vec<u8>,
    durable: Vec<u8>,
    /// Pages that were changed since they were last synced.
    changed: BTreeSet<usize>,
}

/// Decides whether something that was not synced is there all the same.
pub(super) struct Chance(pub(super) Remains);

impl Chance {
    fn keeps_page(&mut self) -> bool {
        match self.0 {
            Remains::Nothing | Remains::Lengths => false,
            Remains::Everything => true,
            Remains::Some(_) => self.below(2) == 1,
        }
    }

    pub(super) fn keeps_length(&mut self) -> bool {
        matches!(self.0, Remains::Lengths) || self.keeps_page()
    }

    /// One step of Knuth's generator for MMIX, whose high bits are the better ones.
    fn below(&mut self, bound: usize) -> usize {
        let Remains::Some(state) = &mut self.0 else { return 0 };
        *state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(*state >> 33).unwrap() % bound
    }
}

impl Contents {
    /// Contents that are durable.
    pub(super) fn synced(content: Vec<u8>) -> Self {
        Self { seen: content.clone(), durable: content, changed: BTreeSet::new() }
    }

    /// Whether no power loss can change them.
    pub(super) fn is_durable(&self) -> bool {
        self.changed.is_empty() && self.durable == self.seen
    }

    fn change(&mut self, from: usize, to: usize) {
        self.changed.extend(from / PAGE..to.div_ceil(PAGE));
    }

    pub(super) fn write(&mut self, bytes: &[u8]) {
        let from = self.seen.len();
        self.seen.extend_from_slice(bytes);
        self.change(from, self.seen.len());
    }

    pub(super) fn set_len(&mut self, len: usize) {
        let from = self.seen.len().min(len);
        self.seen.resize(len, 0);
        self.change(from, from + 1);
    }

    /// Makes the first `pages` changed pages durable; the length as well if these are all.
    pub(super) fn sync(&mut self, pages: usize) {
        let synced: Vec<usize> = self.changed.iter().copied().take(pages).collect();
        let end = match synced.last() {
            Some(last) if pages < self.changed.len() => (last + 1) * PAGE,
            _ => usize::MAX,
        };
        if end == usize::MAX || end > self.durable.len() {
            self.durable.resize(end.min(self.seen.len()), 0);
        }
        for page in synced {
            copy_page(page, &self.seen, &mut self.durable);
            self.changed.remove(&page);
        }
    }

    /// Counts the changed pages as synced, though only the length is durable.
    pub(super) fn forget(&mut self) {
        self.durable.resize(self.seen.len(), 0);
        self.changed.clear();
    }

    /// Syncs the first half of the changed pages.
    pub(super) fn sync_half(&mut self) {
        self.sync(self.changed.len() / 2);
    }

    /// What a power loss leaves.
    pub(super) fn after_power_loss(&self, chance: &mut Chance) -> Vec<u8> {
        let mut content = self.durable.clone();
        if self.changed.is_empty() {
            return content;
        }
        let mut lengths = [self.durable.len(), self.seen.len()];
        lengths.sort_unstable();
        match chance.0 {
            Remains::Nothing => {}
            Remains::Some(_) => {
                let len = lengths[0] + chance.below(lengths[1] - lengths[0] + 1);
                content.resize(len, 0);
            }
            Remains::Everything | Remains::Lengths => content.resize(self.seen.len(), 0),
        }
        for page in &self.changed {
            if chance.keeps_page() {
                copy_page(*page, &self.seen, &mut content);
            }
        }
        content
    }
}

/// Copies as much of a page as both have.
fn copy_page(page: usize, from: &[u8], to: &mut [u8]) {
    let end = ((page + 1) * PAGE).min(from.len()).min(to.len());
    if let Some(target) = to.get_mut(page * PAGE..end) {
        target.copy_from_slice(&from[page * PAGE..end]);
    }
}
