//! The kernel `sha2`: one nonce at a time, over the `sha2` crate's compression function.

use sha2::block_api::compress256;

use crate::pow::plan::message::Message;
use crate::pow::sha256::{Block, INITIAL, State, padded};
use crate::pow::{Hashing, NonceEncoding};

/// Bytes in a digest.
const DIGEST_LEN: usize = 32;

/// What does not depend on the nonce, for one template and one width of nonce.
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
    hashing: Hashing,
}

impl ScalarPlan {
    pub(crate) fn new(message: &Message<'_>, width: usize) -> Self {
        Self {
            midstate: message.midstate(),
            tail: message.blocks(width),
            nonce_at: message.nonce_at(),
            width,
            encoding: message.encoding(),
            hashing: message.hashing(),
        }
    }

    /// The lowest nonce in `first..=last` whose digest's leading word is at most `limit`.
    pub(crate) fn search(&self, first: u64, last: u64, limit: u32) -> Option<u64> {
        let mut words = self.deciding_words(first);
        (first..=last).find(|_| self.hashing.leading_word(words()) <= limit)
    }

    /// The sum, modulo 2^32, of the deciding words of all nonces in `first..=last`.
    pub(crate) fn sum(&self, first: u64, last: u64) -> u32 {
        let mut words = self.deciding_words(first);
        (first..=last).fold(0, |sum, _| sum.wrapping_add(words()))
    }

    /// Gives the deciding word of `first`, then of one nonce after the other. Digits are rewritten
    /// in place, and the blocks before the nonce are never hashed again.
    fn deciding_words(&self, first: u64) -> impl FnMut() -> u32 {
        let mut tail = self.tail.clone();
        let nonce_field = self.nonce_at..self.nonce_at + self.width;
        self.encoding.write(first, &mut tail.as_flattened_mut()[nonce_field.clone()]);
        let mut digest_block = padded(&[0; DIGEST_LEN], DIGEST_LEN);
        move || {
            let word = self.deciding_word(&tail, &mut digest_block);
            self.encoding.increment(&mut tail.as_flattened_mut()[nonce_field.clone()]);
            word
        }
    }

    /// The digest's word that decides: its first, or in a digest of a digest its last.
    #[inline]
    fn deciding_word(&self, tail: &[Block], digest_block: &mut [Block]) -> u32 {
        let mut state = self.midstate;
        compress256(&mut state, tail);
        if self.hashing == Hashing::Once {
            return state[0];
        }
        for (bytes, word) in
            digest_block.as_flattened_mut().as_chunks_mut::<4>().0.iter_mut().zip(state)
        {
            *bytes = word.to_be_bytes();
        }
        state = INITIAL;
        compress256(&mut state, digest_block);
        state[7]
    }
}
