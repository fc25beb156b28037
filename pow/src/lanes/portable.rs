//! Lanes as an array, for every CPU. The compiler uses vector instructions where it can.

use super::Lanes;

/// Proves nothing: every CPU has what it takes.
#[derive(Clone, Copy)]
pub(crate) struct Token;

/// Four words in an array.
#[derive(Clone, Copy)]
pub(crate) struct Portable([u32; 4]);

/// Evaluates an expression for each lane. Written out: the rounds would hold thousands of loops.
macro_rules! each {
    ($i:ident => $word:expr) => {
        each!($i => $word, 0 1 2 3)
    };
    ($i:ident => $word:expr, $($number:literal)*) => {
        Portable([$({
            const $i: usize = $number;
            $word
        }),*])
    };
}

impl Lanes for Portable {
    type Token = Token;
    type Words = [u32; 4];
    const COUNT: usize = 4;

    #[inline(always)]
    fn splat(_: Token, word: u32) -> Self {
        Self([word; 4])
    }

    #[inline(always)]
    fn load(_: Token, words: &[u32]) -> Self {
        Self(*words.first_chunk().expect("a vector of words"))
    }

    #[inline(always)]
    fn store(self) -> [u32; 4] {
        self.0
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        each!(I => self.0[I].wrapping_add(other.0[I]))
    }

    #[inline(always)]
    fn rotate_right<const R: i32, const L: i32>(self) -> Self {
        each!(I => self.0[I] >> R | self.0[I] << L)
    }

    #[inline(always)]
    fn shift_right<const R: i32>(self) -> Self {
        each!(I => self.0[I] >> R)
    }

    #[inline(always)]
    fn xor3(self, y: Self, z: Self) -> Self {
        each!(I => self.0[I] ^ y.0[I] ^ z.0[I])
    }

    #[inline(always)]
    fn choose(self, y: Self, z: Self) -> Self {
        each!(I => self.0[I] & (y.0[I] ^ z.0[I]) ^ z.0[I])
    }

    #[inline(always)]
    fn majority(self, y: Self, z: Self) -> Self {
        each!(I => (self.0[I] ^ y.0[I]) & (y.0[I] ^ z.0[I]) ^ y.0[I])
    }

    #[inline(always)]
    fn clear_of(self, mask: Self) -> u32 {
        self.0
            .iter()
            .zip(mask.0)
            .rev()
            .fold(0, |lanes, (word, mask)| lanes << 1 | u32::from(word & mask == 0))
    }
}
