//! SHA-256 as FIPS 180-4 writes it, one word at a time: for the computations before a kernel runs.
//!
//! To hash a message, use the `sha2` crate.

/// The eight working words between two blocks; before the first block, [`INITIAL`].
pub(super) type State = [u32; 8];

/// A block as its 16 big-endian words.
pub(super) type Words = [u32; 16];

/// Bytes in a block.
pub(super) const BLOCK_LEN: usize = 64;

/// One block of a padded message.
pub(super) type Block = [u8; BLOCK_LEN];

/// The state before the first block (FIPS 180-4, section 5.3.3).
pub(super) const INITIAL: State = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// The round constants (FIPS 180-4, section 4.2.2).
#[rustfmt::skip]
pub(super) const K: [u32; 64] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
];

/// The schedule's σ0 (FIPS 180-4, equation 4.6).
pub(super) const fn small_sigma0(x: u32) -> u32 {
    x.rotate_right(7) ^ x.rotate_right(18) ^ (x >> 3)
}

/// The schedule's σ1 (FIPS 180-4, equation 4.7).
pub(super) const fn small_sigma1(x: u32) -> u32 {
    x.rotate_right(17) ^ x.rotate_right(19) ^ (x >> 10)
}

/// One round (FIPS 180-4, section 6.2.2, step 3); `keyed` is the round constant plus the schedule
/// word.
#[expect(clippy::many_single_char_names, reason = "the standard's names")]
pub(super) const fn round([a, b, c, d, e, f, g, h]: State, keyed: u32) -> State {
    let sigma1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
    let sigma0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
    let choose = (e & f) ^ (!e & g);
    let majority = (a & b) ^ (a & c) ^ (b & c);
    let t1 = h.wrapping_add(sigma1).wrapping_add(choose).wrapping_add(keyed);
    [t1.wrapping_add(sigma0).wrapping_add(majority), a, b, c, d.wrapping_add(t1), e, f, g]
}

/// The schedule of a block with the round constants added, as the rounds use it
/// (FIPS 180-4, section 6.2.2, step 1).
pub(super) fn keyed_schedule(block: &Words) -> [u32; 64] {
    let mut w = [0_u32; 64];
    w[..16].copy_from_slice(block);
    for t in 16..64 {
        w[t] = small_sigma1(w[t - 2])
            .wrapping_add(w[t - 7])
            .wrapping_add(small_sigma0(w[t - 15]))
            .wrapping_add(w[t - 16]);
    }
    std::array::from_fn(|t| w[t].wrapping_add(K[t]))
}

/// One block's compression (FIPS 180-4, section 6.2.2).
pub(super) fn compress(state: State, block: &Words) -> State {
    let worked = keyed_schedule(block).into_iter().fold(state, round);
    std::array::from_fn(|i| worked[i].wrapping_add(state[i]))
}

/// A block's bytes as its words.
pub(super) fn words(block: &Block) -> Words {
    let (words, _) = block.as_chunks::<4>();
    std::array::from_fn(|i| u32::from_be_bytes(words[i]))
}

/// The blocks that end a message of `message_len` bytes: its last bytes, `rest`, then a one bit,
/// zeros, and the length in bits (FIPS 180-4, section 5.1.1).
pub(super) fn padded(rest: &[u8], message_len: usize) -> Vec<Block> {
    let mut padded = vec![[0; BLOCK_LEN]; padded_blocks(rest.len())];
    let bytes = padded.as_flattened_mut();
    bytes[..rest.len()].copy_from_slice(rest);
    bytes[rest.len()] = 0x80;
    let length_at = bytes.len() - LENGTH_LEN;
    bytes[length_at..].copy_from_slice(&(message_len as u64 * 8).to_be_bytes());
    padded
}

/// Blocks that this many bytes take with their padding.
pub(super) const fn padded_blocks(len: usize) -> usize {
    (len + 1 + LENGTH_LEN).div_ceil(BLOCK_LEN)
}

/// Bytes of the length at the end of the padding.
const LENGTH_LEN: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(message: &[u8]) -> State {
        let blocks = padded(message, message.len());
        blocks.iter().map(words).fold(INITIAL, |state, block| compress(state, &block))
    }

    fn hex(words: State) -> String {
        words.map(|word| format!("{word:08x}")).concat()
    }

    /// NIST's example values for SHA-256, one and two blocks, and the empty message.
    #[test]
    fn published_vectors_hold() {
        for (message, expected) in [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            ),
        ] {
            assert_eq!(hex(digest(message.as_bytes())), expected);
        }
    }

    #[test]
    fn every_length_of_message_is_padded_as_the_sha2_crate_does() {
        use sha2::Digest as _;
        for len in 0..=200 {
            let message: Vec<u8> = (0..len).collect();
            let expected = sha2::Sha256::digest(&message);
            let (expected, _) = expected.as_chunks::<4>();
            let expected = std::array::from_fn(|i| u32::from_be_bytes(expected[i]));
            assert_eq!(digest(&message), expected, "{len} bytes");
        }
    }
}
