//! Plans: the values of a search that do not depend on each nonce, computed before it or before a
//! pass.

#![allow(clippy::cast_possible_truncation, reason = "digits and table indices are small")]

pub(crate) mod cut_header;
pub(crate) mod layout;
pub(crate) mod shape;
pub(crate) mod uniform;

use std::sync::LazyLock;

use cut_header::CutHeader;
use layout::{Layout, WIDEST};
use shape::{Bitcoin, SecondHash, Shape};
use uniform::Uniform;

use crate::sha256::{self, INITIAL};
use crate::template::Hashing;

/// The values that do not depend on the nonce, for one template and one width of nonce.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) layout: Layout,
    pub(crate) hashing: Hashing,
    /// The rounds of the second hash.
    pub(crate) second: &'static Uniform,
    /// The middle digits' values, in their place in the word; then zeros, to fill the last group.
    pub(crate) table: Vec<u32>,
    /// Blocks of the header that were hashed before the plan was made.
    pub(super) hashed_blocks: usize,
    /// How many blocks come after those.
    pub(super) blocks_left: usize,
    /// The blocks that are left, up to the one after the varying block, with every digit of the
    /// nonce zero.
    blocks: Vec<[u32; 16]>,
    /// The state before block `start`, the first that holds high digits or the varying word.
    midstate: [u32; 8],
    pub(super) start: usize,
    /// K + W of the block after the varying one, for each value of the low digits.
    tails: Vec<[u32; 64]>,
    /// K + W of the blocks after that.
    pub(crate) more: Vec<[u32; 64]>,
    /// Whether the varying block has the shape of an 80-byte header's second.
    pub(crate) is_bitcoin: bool,
}

impl Plan {
    /// A plan for nonces of `width` bytes.
    pub(crate) fn new(header: &CutHeader<'_>, width: usize) -> Self {
        let layout = Layout::new(header, width);
        let mut blocks = header.words(width);
        let (block, word) = layout.varying();
        let start = layout.high().last().map_or(block, |digit| digit.place().0.min(block));
        let midstate = blocks[..start].iter().fold(header.midstate, sha256::compress);
        let blocks_left = blocks.len();
        let more = blocks.split_off((block + 2).min(blocks_left));
        let mut plan = Self {
            hashing: header.template.hashing(),
            second: &SECOND_HASH,
            table: table(&layout),
            tails: Vec::new(),
            more: more.iter().map(sha256::keyed_schedule).collect(),
            is_bitcoin: word == 3
                && Bitcoin::ZEROS & !zero_words(&blocks[block]) == 0
                && Bitcoin::ZEROS & layout.words_of_varying_block() == 0,
            layout,
            hashed_blocks: header.hashed_blocks(),
            blocks_left,
            blocks,
            midstate,
            start,
        };
        plan.tails = plan.tails_of(&plan.blocks);
        plan
    }

    /// K + W of the block after the varying one, for each value of the low digits, with the other
    /// digits as in `blocks`.
    fn tails_of(&self, blocks: &[[u32; 16]]) -> Vec<[u32; 64]> {
        let next = self.layout.varying().0 + 1;
        let Some(block) = blocks.get(next) else { return Vec::new() };
        if !self.layout.has_tails() {
            return vec![sha256::keyed_schedule(block)];
        }
        let mut written = blocks.to_vec();
        let with_low_digits = |value| {
            written[next] = *block;
            self.layout.write(self.layout.low(), value, &mut written);
            sha256::keyed_schedule(&written[next])
        };
        (0..self.layout.low_values()).map(with_low_digits).collect()
    }

    /// How many blocks come after the varying one.
    pub(crate) fn blocks_after(&self) -> usize {
        self.blocks_left - 1 - self.layout.varying().0
    }

    /// The values of one pass over the middle digits, with these high and low digits (`low` is 0
    /// where the low digits have tails).
    pub(crate) fn pass(&self, high: u64, low: u64) -> Pass {
        let (block, word) = self.layout.varying();
        let mut blocks = self.blocks.clone();
        self.layout.write(self.layout.high(), high, &mut blocks);
        if !self.layout.has_tails() {
            self.layout.write(self.layout.low(), low, &mut blocks);
        }
        let midstate = blocks[self.start..block].iter().fold(self.midstate, sha256::compress);
        let mut first = Uniform::new(midstate, &blocks[block], 1 << word);
        first.keyed[63] = first.keyed[63].wrapping_add(midstate[0]);
        // The last constant adds the state's first word to both a and e; e has to lose it again.
        let mut feed = midstate;
        feed[4] = midstate[4].wrapping_sub(midstate[0]);
        let tails = if self.tails_vary() { self.tails_of(&blocks) } else { Vec::new() };
        Pass {
            #[cfg(target_arch = "x86_64")]
            word: blocks[block][word],
            first,
            feed,
            tails,
        }
    }

    /// Whether high digits lie in the block after the varying one, as the last bytes of a
    /// little-endian nonce can.
    fn tails_vary(&self) -> bool {
        let block = self.layout.varying().0;
        self.layout.high().iter().any(|digit| digit.place().0 > block)
    }

    /// K + W of the block after the varying one: a row for each value of the low digits where these
    /// begin it, and otherwise one row.
    pub(crate) fn tails<'a>(&'a self, pass: &'a Pass) -> &'a [[u32; 64]] {
        if self.tails_vary() { &pass.tails } else { &self.tails }
    }
}

/// The values that do not vary in one pass over the middle digits.
#[derive(Clone, Debug)]
pub(crate) struct Pass {
    /// The varying word, for middle digits of zero. Only vector instruction sets use it.
    #[cfg(target_arch = "x86_64")]
    pub(crate) word: u32,
    /// The varying block's rounds. Their last constant includes the state's first word: the
    /// feed-forward of a.
    pub(crate) first: Uniform,
    /// The rest of the feed-forward (FIPS 180-4, section 6.2.2, step 4), for all words except a.
    pub(crate) feed: [u32; 8],
    tails: Vec<[u32; 64]>,
}

/// A bit for each word that is zero.
fn zero_words(block: &[u32; 16]) -> u16 {
    block.iter().enumerate().fold(0, |set, (i, word)| set | u16::from(*word == 0) << i)
}

/// The middle digits' values, in their place in the word.
fn table(layout: &Layout) -> Vec<u32> {
    let mut table = Vec::with_capacity(layout.middle_values() as usize + WIDEST);
    table.push(0);
    for digit in layout.middle() {
        let lower = table.len();
        for value in 1..layout.radix as u32 {
            table.extend_from_within(..lower);
            let copied = table.len() - lower;
            table[copied..].iter_mut().for_each(|word| *word |= digit.in_word(value));
        }
    }
    table.resize(table.len() + WIDEST, 0);
    table
}

/// The second of two hashes: the digest's words vary, the padding does not. The last constant
/// includes the initial h, so that e after the last round is the digest's last word.
static SECOND_HASH: LazyLock<Uniform> = LazyLock::new(|| {
    let mut block = [0; 16];
    block[8] = 0x8000_0000;
    block[15] = 256;
    let mut uniform = Uniform::new(INITIAL, &block, SecondHash::WORDS);
    uniform.keyed[SecondHash::LAST] = uniform.keyed[SecondHash::LAST].wrapping_add(INITIAL[7]);
    uniform
});
