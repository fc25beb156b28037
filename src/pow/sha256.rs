//! SHA-256 in plain Rust: the constants and the compression function of FIPS 180-4.
//!
//! Not what to hash a message with (that is the `sha2` crate): there is no padding here.

/// The eight working words between two blocks; before the first block, [`INITIAL_STATE`].
pub(super) type State = [u32; 8];

/// Bytes in a block.
pub(super) const BLOCK_LEN: usize = 64;

/// One block of a padded message.
pub(super) type Block = [u8; BLOCK_LEN];

/// H(0), FIPS 180-4 section 5.3.3.
pub(super) const INITIAL_STATE: State = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// The round constants K, FIPS 180-4 section 4.2.2.
#[rustfmt::skip]
const ROUND_CONSTANTS: [u32; 64] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
];

/// Works these blocks into the state, FIPS 180-4 section 6.2.2.
pub(super) fn compress(state: &mut State, blocks: &[Block]) {
    for block in blocks {
        let worked = rounds(*state, &schedule(block));
        for (word, worked) in state.iter_mut().zip(worked) {
            *word = word.wrapping_add(worked);
        }
    }
}

/// The message schedule W, FIPS 180-4 section 6.2.2, step 1.
fn schedule(block: &Block) -> [u32; 64] {
    let mut w = [0; 64];
    for (word, bytes) in w.iter_mut().zip(block.as_chunks::<4>().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    for t in 16..64 {
        let (w15, w2) = (w[t - 15], w[t - 2]);
        let sigma0 = w15.rotate_right(7) ^ w15.rotate_right(18) ^ (w15 >> 3);
        let sigma1 = w2.rotate_right(17) ^ w2.rotate_right(19) ^ (w2 >> 10);
        w[t] = sigma1.wrapping_add(w[t - 7]).wrapping_add(sigma0).wrapping_add(w[t - 16]);
    }
    w
}

/// The 64 rounds, FIPS 180-4 section 6.2.2, step 3.
#[expect(clippy::many_single_char_names, reason = "the standard's names")]
fn rounds(state: State, w: &[u32; 64]) -> State {
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = state;
    for (k, w) in ROUND_CONSTANTS.iter().zip(w) {
        let sum1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let choose = g ^ (e & (f ^ g));
        let t1 = h.wrapping_add(sum1).wrapping_add(choose).wrapping_add(*k).wrapping_add(*w);
        let sum0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let majority = (a & b) | (c & (a | b));
        let t2 = sum0.wrapping_add(majority);
        (h, g, f, e) = (g, f, e, d.wrapping_add(t1));
        (d, c, b, a) = (c, b, a, t1.wrapping_add(t2));
    }
    [a, b, c, d, e, f, g, h]
}

/// The blocks that end a message of `message_len` bytes, of which `rest` are still to be hashed:
/// the rest, a one bit, zeros, and the length in bits (FIPS 180-4 section 5.1.1).
pub(super) fn padded(rest: &[u8], message_len: usize) -> Vec<Block> {
    const LENGTH_LEN: usize = 8;
    let blocks = (rest.len() + 1 + LENGTH_LEN).div_ceil(BLOCK_LEN);
    let mut padded = vec![[0; BLOCK_LEN]; blocks];
    let bytes = padded.as_flattened_mut();
    bytes[..rest.len()].copy_from_slice(rest);
    bytes[rest.len()] = 0x80;
    let length_at = bytes.len() - LENGTH_LEN;
    bytes[length_at..].copy_from_slice(&(message_len as u64 * 8).to_be_bytes());
    padded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(words: &State) -> String {
        words.map(|word| format!("{word:08x}")).concat()
    }

    fn digest_hex(message: &[u8]) -> String {
        let mut state = INITIAL_STATE;
        compress(&mut state, &padded(message, message.len()));
        hex(&state)
    }

    /// NIST's example values for SHA-256, one and two blocks, and the empty message.
    #[test]
    fn published_vectors_hold() {
        for (message, digest) in [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            ),
        ] {
            assert_eq!(digest_hex(message.as_bytes()), digest);
        }
    }

    #[test]
    fn every_length_of_message_is_padded_as_the_sha2_crate_does() {
        use sha2::Digest as _;
        for len in 0..=200 {
            let message: Vec<u8> = (0..len).collect();
            let mut expected = [0; 8];
            let digest = sha2::Sha256::digest(&message);
            for (word, bytes) in expected.iter_mut().zip(digest.as_chunks::<4>().0) {
                *word = u32::from_be_bytes(*bytes);
            }
            assert_eq!(digest_hex(&message), hex(&expected), "{len} bytes");
        }
    }
}
