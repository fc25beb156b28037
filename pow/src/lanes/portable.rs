//! One lane, an ordinary word, for every CPU. The working variables of several hashes would not fit
//! in the 16 registers of x86-64.

use super::Lanes;

/// Proves nothing: every CPU has what it takes.
#[derive(Clone, Copy)]
pub(crate) struct Token;

/// A word.
#[derive(Clone, Copy)]
pub(crate) struct Portable(u32);

impl Lanes for Portable {
    type Token = Token;
    type Words = [u32; 1];
    const COUNT: usize = 1;

    #[inline(always)]
    fn splat(_: Token, word: u32) -> Self {
        Self(word)
    }

    #[inline(always)]
    fn load(_: Token, words: &[u32]) -> Self {
        Self(words[0])
    }

    #[inline(always)]
    fn store(self) -> [u32; 1] {
        [self.0]
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(self.0.wrapping_add(other.0))
    }

    #[inline(always)]
    fn rotate_right<const R: i32, const L: i32>(self) -> Self {
        Self(self.0 >> R | self.0 << L)
    }

    #[inline(always)]
    fn shift_right<const R: i32>(self) -> Self {
        Self(self.0 >> R)
    }

    #[inline(always)]
    fn xor3(self, y: Self, z: Self) -> Self {
        Self(self.0 ^ y.0 ^ z.0)
    }

    #[inline(always)]
    fn choose(self, y: Self, z: Self) -> Self {
        Self(self.0 & (y.0 ^ z.0) ^ z.0)
    }

    #[inline(always)]
    fn majority(self, y: Self, z: Self) -> Self {
        Self((self.0 ^ y.0) & (y.0 ^ z.0) ^ y.0)
    }

    #[inline(always)]
    fn clear_of(self, mask: Self) -> u32 {
        u32::from(self.0 & mask.0 == 0)
    }
}
