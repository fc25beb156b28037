//! Shapes: which words of a block vary from lane to lane, and which words of its schedule therefore
//! vary, too.

/// The words of a block that vary from lane to lane. Everything else about the block is the same in
/// all lanes.
pub(crate) trait Shape {
    /// A bit for each of the block's 16 words that varies.
    const WORDS: u16;
    /// A bit for each of the block's 16 words that is known to be zero.
    const ZEROS: u16 = 0;
    /// A bit for each of the schedule's 64 words that varies.
    const VARYING: u64 = varying(Self::WORDS);
    /// A bit for each of the schedule's 64 words that is known to be zero.
    const ZERO: u64 = zero(Self::WORDS, Self::ZEROS);
    /// The round that takes the first varying word; the rounds before it are the same in all lanes.
    const FIRST: usize = Self::WORDS.trailing_zeros() as usize;
    /// The last round.
    const LAST: usize = 63;
}

/// Word `I` varies.
#[cfg(target_arch = "x86_64")]
pub(crate) struct Word<const I: usize>;

#[cfg(target_arch = "x86_64")]
impl<const I: usize> Shape for Word<I> {
    const WORDS: u16 = 1 << I;
}

/// Any of words 4 `Q` to 4 `Q` + 3 varies: for kernels that do not have a shape for each word.
#[cfg(target_arch = "x86_64")]
pub(crate) struct Quarter<const Q: usize>;

#[cfg(target_arch = "x86_64")]
impl<const Q: usize> Shape for Quarter<Q> {
    const WORDS: u16 = 0xf << (4 * Q);
}

/// The second block of an 80-byte header: word 3, the nonce, varies; the padding's zeros are words
/// 5 to 14.
pub(crate) struct Bitcoin;

impl Shape for Bitcoin {
    const WORDS: u16 = 1 << 3;
    const ZEROS: u16 = 0x7fe0;
}

/// The block of the second hash, whose message is a digest: words 0 to 7 vary, the padding's zeros
/// are words 9 to 14. Only the last word of its digest is compared, which is e after round 60.
pub(crate) struct SecondHash;

impl Shape for SecondHash {
    const WORDS: u16 = 0x00ff;
    const ZEROS: u16 = 0x7e00;
    const LAST: usize = 60;
}

/// Any word varies: for a kernel that has one shape for all.
pub(crate) struct Any;

impl Shape for Any {
    const WORDS: u16 = u16::MAX;
}

/// A block with known schedule, after a state that varies.
pub(crate) struct Constant;

impl Shape for Constant {
    const WORDS: u16 = 0;
    const FIRST: usize = 0;
}

/// Bit `t` of a set.
pub(crate) const fn has(set: u64, t: usize) -> bool {
    set >> t & 1 == 1
}

/// The schedule words that vary when these words of the block do.
pub(crate) const fn varying(words: u16) -> u64 {
    let mut set = words as u64;
    let mut t = 16;
    while t < 64 {
        let any = has(set, t - 2) || has(set, t - 7) || has(set, t - 15) || has(set, t - 16);
        set |= (any as u64) << t;
        t += 1;
    }
    set
}

/// The schedule words known to be zero when these words of the block are.
pub(crate) const fn zero(words: u16, zeros: u16) -> u64 {
    let varying = varying(words);
    let mut set = zeros as u64;
    let mut t = 16;
    while t < 64 {
        let all = has(set, t - 2) && has(set, t - 7) && has(set, t - 15) && has(set, t - 16);
        set |= ((all && !has(varying, t)) as u64) << t;
        t += 1;
    }
    set
}

/// Whether a varying schedule word has terms that are the same in all lanes, and not known to be
/// zero.
pub(crate) const fn has_constant_part(varying: u64, zero: u64, t: usize) -> bool {
    let known = varying | zero;
    !(has(known, t - 2) && has(known, t - 7) && has(known, t - 15) && has(known, t - 16))
}
