//! What can be known before the search, for one template and one width of nonce.

use sha2::block_api::compress256;

use super::sha256::{BLOCK_LEN, Block, INITIAL_STATE, State, padded};
use super::{DigestOrder, Hashing, NonceEncoding, Template};

/// Everything about a search that does not depend on which nonce of one width is tried.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// The state after the blocks that come before the one where the nonce begins.
    pub(super) midstate: State,
    /// The blocks from there to the end, padding included, the nonce's bytes still zero.
    tail: Vec<Block>,
    /// Where the nonce begins, in bytes from the start of the tail: 0 to 63.
    nonce_at: usize,
    /// Bytes that the nonce takes.
    width: usize,
    pub(super) encoding: NonceEncoding,
    pub(super) hashing: Hashing,
    order: DigestOrder,
}

impl Plan {
    /// The plan for all nonces that take as many bytes as this one.
    pub(super) fn new(template: &Template, nonce: u64) -> Self {
        let prefix = template.prefix();
        let width = template.encoding().width(nonce);
        let (whole, begun) = prefix.as_chunks::<BLOCK_LEN>();
        let mut midstate = INITIAL_STATE;
        compress256(&mut midstate, whole);

        let rest = [begun, &vec![0; width], template.suffix()].concat();
        let message_len = prefix.len() + width + template.suffix().len();
        Self {
            midstate,
            tail: padded(&rest, message_len),
            nonce_at: begun.len(),
            width,
            encoding: template.encoding(),
            hashing: template.hashing(),
            order: template.order(),
        }
    }

    /// The blocks to hash after the midstate, with this nonce in place.
    pub(super) fn tail(&self, nonce: u64) -> Vec<Block> {
        let mut tail = self.tail.clone();
        self.encoding.write(nonce, self.nonce_field(&mut tail));
        tail
    }

    /// The bytes of a tail that hold the nonce.
    pub(super) fn nonce_field<'a>(&self, tail: &'a mut [Block]) -> &'a mut [u8] {
        &mut tail.as_flattened_mut()[self.nonce_at..self.nonce_at + self.width]
    }

    /// The most significant 32 bits of the digest that this state spells.
    #[inline]
    pub(super) fn deciding_word(&self, state: &State) -> u32 {
        match self.order {
            DigestOrder::BigEndian => state[0],
            DigestOrder::LittleEndian => state[7].swap_bytes(),
        }
    }

    /// Blocks to compress for each nonce.
    pub(super) fn compressions(&self) -> usize {
        self.tail.len() + usize::from(self.hashing == Hashing::Twice)
    }
}
