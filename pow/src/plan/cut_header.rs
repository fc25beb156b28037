//! A header as SHA-256's blocks of words, and the places of the nonce's digits in them.

#![allow(clippy::cast_possible_truncation, reason = "digits and table indices are small")]

use sha2::block_api::compress256;

use crate::digest::Digest;
use crate::sha256::{self, BLOCK_LEN, Block, INITIAL, State, Words, padded, padded_blocks};
use crate::template::{NonceEncoding, Template};

/// One digit of a nonce: the low bits of `byte` hold it, moved left by `shift`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Digit {
    byte: usize,
    shift: u32,
}

impl Digit {
    /// The block and the word in it that the digit lies in.
    pub(crate) fn place(self) -> (usize, usize) {
        (self.byte / 64, self.byte % 64 / 4)
    }

    /// The digit, where it lies in its big-endian word.
    pub(crate) fn in_word(self, digit: u32) -> u32 {
        digit << (self.shift + 8 * (3 - (self.byte % 4) as u32))
    }
}

/// A header, cut before the block in which its nonce begins: the blocks before are hashed already.
#[derive(Clone, Debug)]
pub(crate) struct CutHeader<'a> {
    pub(crate) template: &'a Template,
    /// The state after the whole blocks that come before the nonce's first.
    pub(crate) midstate: State,
    /// Bytes in those blocks.
    hashed: usize,
}

impl<'a> CutHeader<'a> {
    pub(crate) fn new(template: &'a Template) -> Self {
        let (whole, _) = template.prefix().as_chunks::<BLOCK_LEN>();
        let mut midstate = INITIAL;
        compress256(&mut midstate, whole);
        Self { template, midstate, hashed: whole.len() * BLOCK_LEN }
    }

    /// Blocks that are hashed already.
    pub(crate) const fn hashed_blocks(&self) -> usize {
        self.hashed / BLOCK_LEN
    }

    /// Where the nonce begins, in bytes after those that are hashed already: 0 to 63.
    pub(crate) fn nonce_at(&self) -> usize {
        self.template.prefix().len() - self.hashed
    }

    /// The digits of a nonce of `width` bytes, the lowest first.
    pub(crate) fn digits(&self, width: usize) -> Vec<Digit> {
        let nonce = self.nonce_at()..self.nonce_at() + width;
        let halves = |byte| [Digit { byte, shift: 0 }, Digit { byte, shift: 4 }];
        match self.template.encoding() {
            NonceEncoding::Decimal => nonce.rev().map(|byte| Digit { byte, shift: 0 }).collect(),
            NonceEncoding::LittleEndian32 | NonceEncoding::LittleEndian64 => {
                nonce.flat_map(halves).collect()
            }
            NonceEncoding::BigEndian32 | NonceEncoding::BigEndian64 => {
                nonce.rev().flat_map(halves).collect()
            }
        }
    }

    /// The blocks that are left, padding included, with a nonce of `width` zero bytes.
    pub(crate) fn blocks(&self, width: usize) -> Vec<Block> {
        let begun = &self.template.prefix()[self.hashed..];
        let rest = [begun, &vec![0; width], self.template.suffix()].concat();
        padded(&rest, self.hashed + rest.len())
    }

    /// The digest of the header with this nonce, by the `sha2` crate over the blocks that are left.
    pub(crate) fn digest(&self, nonce: u64) -> Digest {
        let encoding = self.template.encoding();
        let width = encoding.width(nonce);
        let mut blocks = self.blocks(width);
        encoding.write(nonce, &mut blocks.as_flattened_mut()[self.nonce_at()..][..width]);
        let mut state = self.midstate;
        compress256(&mut state, &blocks);
        let mut bytes = [0; 32];
        bytes.copy_from_slice(state.map(u32::to_be_bytes).as_flattened());
        self.template.hashing().digest_after(bytes)
    }

    /// The [blocks](Self::blocks) that are left as words, with every digit of the nonce zero.
    pub(crate) fn words(&self, width: usize) -> Vec<Words> {
        let mut blocks = self.blocks(width);
        if self.template.encoding() == NonceEncoding::Decimal {
            let nonce = self.nonce_at()..self.nonce_at() + width;
            blocks.as_flattened_mut()[nonce].fill(b'0');
        }
        blocks.iter().map(sha256::words).collect()
    }

    /// How many blocks are left for a nonce of `width` bytes.
    pub(crate) fn blocks_left(&self, width: usize) -> usize {
        padded_blocks(self.nonce_at() + width + self.template.suffix().len())
    }
}
