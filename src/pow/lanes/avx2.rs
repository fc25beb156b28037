//! Eight lanes with AVX2: a rotation is two shifts and an or.

#![allow(unsafe_code, reason = "instructions that a token proves the CPU to have")]

use super::Lanes;
#[allow(clippy::wildcard_imports, reason = "intrinsics have names of their own")]
use core::arch::x86_64::*;

/// Proof that this CPU has AVX2.
#[derive(Clone, Copy)]
pub(crate) struct Token(());

impl Token {
    /// The token, if this CPU has the instructions.
    pub(crate) fn detect() -> Option<Self> {
        is_x86_feature_detected!("avx2").then_some(Self(()))
    }
}

/// Eight words in one 256-bit register.
#[derive(Clone, Copy)]
pub(crate) struct Avx2(__m256i);

impl Avx2 {
    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        // SAFETY: a value exists, so the CPU has AVX2.
        Self(unsafe { _mm256_xor_si256(self.0, other.0) })
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        // SAFETY: a value exists, so the CPU has AVX2.
        Self(unsafe { _mm256_and_si256(self.0, other.0) })
    }
}

impl Lanes for Avx2 {
    type Token = Token;
    type Words = [u32; 8];
    const COUNT: usize = 8;

    #[inline(always)]
    fn splat(_: Token, word: u32) -> Self {
        // SAFETY: the token proves that the CPU has AVX2.
        Self(unsafe { _mm256_set1_epi32(word.cast_signed()) })
    }

    #[inline(always)]
    fn load(_: Token, words: &[u32]) -> Self {
        let words: &[u32; 8] = words.first_chunk().expect("a vector of words");
        // SAFETY: the token proves that the CPU has AVX2; the array has the 32 bytes that are read,
        // unaligned.
        Self(unsafe { _mm256_loadu_si256(words.as_ptr().cast()) })
    }

    #[inline(always)]
    fn store(self) -> [u32; 8] {
        let mut words = [0; 8];
        // SAFETY: a value exists, so the CPU has AVX2; the array has room for the 32 bytes written,
        // unaligned.
        unsafe { _mm256_storeu_si256(words.as_mut_ptr().cast(), self.0) };
        words
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: a value exists, so the CPU has AVX2.
        Self(unsafe { _mm256_add_epi32(self.0, other.0) })
    }

    #[inline(always)]
    fn rotate_right<const N: i32, const L: i32>(self) -> Self {
        // SAFETY: a value exists, so the CPU has AVX2.
        Self(unsafe {
            _mm256_or_si256(_mm256_srli_epi32::<N>(self.0), _mm256_slli_epi32::<L>(self.0))
        })
    }

    #[inline(always)]
    fn shift_right<const N: i32>(self) -> Self {
        // SAFETY: a value exists, so the CPU has AVX2.
        Self(unsafe { _mm256_srli_epi32::<N>(self.0) })
    }

    #[inline(always)]
    fn xor3(self, y: Self, z: Self) -> Self {
        self.xor(y).xor(z)
    }

    #[inline(always)]
    fn choose(self, y: Self, z: Self) -> Self {
        self.and(y.xor(z)).xor(z)
    }

    /// The next round calls this with `self` and `y` as its `y` and `z`: the compiler keeps their
    /// exclusive or, so that each round computes one and not two.
    #[inline(always)]
    fn majority(self, y: Self, z: Self) -> Self {
        self.xor(y).and(y.xor(z)).xor(y)
    }

    #[inline(always)]
    fn clear_of(self, mask: Self) -> u32 {
        // SAFETY: a value exists, so the CPU has AVX2.
        let lanes = unsafe {
            let clear =
                _mm256_cmpeq_epi32(_mm256_and_si256(self.0, mask.0), _mm256_setzero_si256());
            _mm256_movemask_ps(_mm256_castsi256_ps(clear))
        };
        lanes.cast_unsigned()
    }
}
