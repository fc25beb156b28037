//! The kernel `sha2`: one nonce at a time, over the `sha2` crate's compression function.
//!
//! The function reads a block by loads of 16 bytes. Where a shorter store has just written some of
//! these bytes, the load waits until the store is in the cache, and so until the previous hash is
//! done. Hence a few nonces take turns, each with its own blocks: between a write to a block and
//! the next read of it lie the hashes of the others.

use std::array::from_fn;
use std::slice::from_ref;

use sha2::block_api::compress256;

use super::sink::Lowest;
use crate::plan::cut_header::CutHeader;
use crate::sha256::{Block, INITIAL, State, padded};
use crate::template::{Hashing, NonceEncoding};

/// Bytes in a digest.
const DIGEST_LEN: usize = 32;

/// Nonces that take turns. Two are enough on Zen 5; more cost nothing, and help CPUs that look
/// further ahead.
const TURNS: u8 = 4;

/// The values that do not depend on the nonce, for one template and one width of nonce.
#[derive(Clone, Debug)]
pub(crate) struct ScalarPlan {
    /// The state after the blocks that come before the one where the nonce begins.
    midstate: State,
    /// The blocks from there to the end, padding included, the nonce's bytes still zero.
    tail: Vec<Block>,
    /// Where the nonce begins, in bytes from the start of the tail: 0 to 63.
    nonce_at: usize,
    /// Bytes that the nonce takes.
    width: usize,
    encoding: NonceEncoding,
    pub(crate) hashing: Hashing,
}

/// The blocks of the nonces that take turns.
struct Buffers {
    tails: [Vec<Block>; TURNS as usize],
    /// The digests as padded messages, where they are hashed again.
    digests: [Block; TURNS as usize],
}

impl ScalarPlan {
    pub(crate) fn new(header: &CutHeader<'_>, width: usize) -> Self {
        Self {
            midstate: header.midstate,
            tail: header.blocks(width),
            nonce_at: header.nonce_at(),
            width,
            encoding: header.template.encoding(),
            hashing: header.template.hashing(),
        }
    }

    /// Hashes the nonces of this search one by one, up to a find.
    pub(crate) fn search_into(&self, lowest: &mut Lowest<'_>) {
        let nonces = (lowest.first..=lowest.last).zip(self.deciding_words(lowest.first));
        for (nonce, word) in nonces {
            if lowest.take_word(nonce, self.hashing.leading_word(word)) {
                return;
            }
        }
    }

    /// The sum, modulo 2^32, of the deciding words of all nonces in `first..=last`.
    pub(crate) fn sum_words(&self, first: u64, last: u64) -> u32 {
        let words = (first..=last).zip(self.deciding_words(first));
        words.fold(0, |sum, (_, word)| sum.wrapping_add(word))
    }

    /// The deciding word of `first`, then of each nonce after it. Digits are rewritten in place,
    /// and the blocks before the nonce are never hashed again.
    fn deciding_words(&self, first: u64) -> impl Iterator<Item = u32> {
        let mut buffers = self.buffers(first);
        std::iter::repeat_with(move || self.next_words(&mut buffers)).flatten()
    }

    /// The blocks of `first` and of the nonces after it.
    fn buffers(&self, first: u64) -> Buffers {
        let mut tail = self.tail.clone();
        self.encoding.write(first, self.nonce_field(&mut tail));
        let tails = from_fn(|_| {
            let this = tail.clone();
            self.encoding.advance(1, self.nonce_field(&mut tail));
            this
        });
        let digest = padded(&[0; DIGEST_LEN], DIGEST_LEN);
        Buffers { tails, digests: [digest[0]; TURNS as usize] }
    }

    /// The deciding words of the next [`TURNS`] nonces: a digest's first word, or the last of a
    /// digest's digest.
    fn next_words(&self, buffers: &mut Buffers) -> [u32; TURNS as usize] {
        let mut states = [self.midstate; TURNS as usize];
        let Buffers { tails, digests } = buffers;
        for ((state, tail), digest) in states.iter_mut().zip(tails).zip(&mut *digests) {
            compress256(state, tail);
            self.encoding.advance(TURNS, self.nonce_field(tail));
            if self.hashing == Hashing::Twice {
                let (bytes, _) = digest.as_chunks_mut::<4>();
                for (bytes, word) in bytes.iter_mut().zip(state) {
                    *bytes = word.to_be_bytes();
                }
            }
        }
        if self.hashing == Hashing::Once {
            return states.map(|state| state[0]);
        }
        digests.each_ref().map(|digest| {
            let mut state = INITIAL;
            compress256(&mut state, from_ref(digest));
            state[7]
        })
    }

    /// Where the nonce's bytes are in a tail.
    fn nonce_field<'a>(&self, tail: &'a mut [Block]) -> &'a mut [u8] {
        &mut tail.as_flattened_mut()[self.nonce_at..][..self.width]
    }
}
