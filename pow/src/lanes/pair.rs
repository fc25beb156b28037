//! Two vectors side by side: while one waits for a result, the CPU runs the other's instructions.

use super::Lanes;

/// The lanes of two vectors.
#[derive(Clone, Copy)]
pub(crate) struct Pair<L>(pub(crate) L, pub(crate) L);

impl<L: Lanes> Lanes for Pair<L> {
    type Token = L::Token;
    type Words = Vec<u32>;
    const COUNT: usize = 2 * L::COUNT;

    #[inline(always)]
    fn splat(token: L::Token, word: u32) -> Self {
        let lanes = L::splat(token, word);
        Self(lanes, lanes)
    }

    #[inline(always)]
    fn load(token: L::Token, words: &[u32]) -> Self {
        Self(L::load(token, words), L::load(token, &words[L::COUNT..]))
    }

    fn store(self) -> Vec<u32> {
        [self.0.store().as_ref(), self.1.store().as_ref()].concat()
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(self.0.add(other.0), self.1.add(other.1))
    }

    #[inline(always)]
    fn rotate_right<const N: i32, const R: i32>(self) -> Self {
        Self(self.0.rotate_right::<N, R>(), self.1.rotate_right::<N, R>())
    }

    #[inline(always)]
    fn shift_right<const N: i32>(self) -> Self {
        Self(self.0.shift_right::<N>(), self.1.shift_right::<N>())
    }

    #[inline(always)]
    fn xor3(self, y: Self, z: Self) -> Self {
        Self(self.0.xor3(y.0, z.0), self.1.xor3(y.1, z.1))
    }

    #[inline(always)]
    fn choose(self, y: Self, z: Self) -> Self {
        Self(self.0.choose(y.0, z.0), self.1.choose(y.1, z.1))
    }

    #[inline(always)]
    fn majority(self, y: Self, z: Self) -> Self {
        Self(self.0.majority(y.0, z.0), self.1.majority(y.1, z.1))
    }

    #[inline(always)]
    fn clear_of(self, mask: Self) -> u32 {
        self.0.clear_of(mask.0) | self.1.clear_of(mask.1)
    }
}
