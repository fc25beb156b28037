//! One nonce at a time, over any compression function.

use super::super::Hashing;
use super::super::plan::Plan;
use super::super::sha256::{Block, INITIAL_STATE, State, padded};

/// Bytes in a digest.
const DIGEST_LEN: usize = 32;

/// The lowest nonce in `first..=last` whose digest's leading word is at most `limit`: digits are
/// rewritten in place, and the blocks before the nonce are never hashed again.
pub(super) fn search(
    compress: impl Fn(&mut State, &[Block]),
    plan: &Plan,
    first: u64,
    last: u64,
    limit: u32,
) -> Option<u64> {
    let mut tail = plan.tail(first);
    let mut digest_block = padded(&[0; DIGEST_LEN], DIGEST_LEN);
    for nonce in first..=last {
        let mut state = plan.midstate;
        compress(&mut state, &tail);
        if plan.hashing == Hashing::Twice {
            write_state(&state, &mut digest_block[0]);
            state = INITIAL_STATE;
            compress(&mut state, &digest_block);
        }
        if plan.deciding_word(&state) <= limit {
            return Some(nonce);
        }
        plan.encoding.increment(plan.nonce_field(&mut tail));
    }
    None
}

fn write_state(state: &State, block: &mut Block) {
    for (bytes, word) in block.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
}
