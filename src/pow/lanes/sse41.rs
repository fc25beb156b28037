//! Four lanes with SSE4.1: a rotation is two shifts and an or.

#![allow(unsafe_code, reason = "instructions that a token proves the CPU to have")]

use super::Lanes;
#[allow(clippy::wildcard_imports, reason = "intrinsics have names of their own")]
use core::arch::x86_64::*;

/// Proof that this CPU has SSE4.1.
#[derive(Clone, Copy)]
pub(crate) struct Token(());

impl Token {
    /// The token, if this CPU has the instructions.
    pub(crate) fn detect() -> Option<Self> {
        is_x86_feature_detected!("sse4.1").then_some(Self(()))
    }
}

/// Four words in one 128-bit register.
#[derive(Clone, Copy)]
pub(crate) struct Sse41(__m128i);

impl Sse41 {
    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        // SAFETY: a value exists, so the CPU has SSE4.1.
        Self(unsafe { _mm_xor_si128(self.0, other.0) })
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        // SAFETY: a value exists, so the CPU has SSE4.1.
        Self(unsafe { _mm_and_si128(self.0, other.0) })
    }
}

impl Lanes for Sse41 {
    type Token = Token;
    type Words = [u32; 4];
    const COUNT: usize = 4;

    #[inline(always)]
    fn splat(_: Token, word: u32) -> Self {
        // SAFETY: the token proves that the CPU has SSE4.1.
        Self(unsafe { _mm_set1_epi32(word.cast_signed()) })
    }

    #[inline(always)]
    fn load(_: Token, words: &[u32]) -> Self {
        let words: &[u32; 4] = words.first_chunk().expect("a vector of words");
        // SAFETY: the token proves that the CPU has SSE4.1; the array has the 16 bytes that are
        // read, unaligned.
        Self(unsafe { _mm_loadu_si128(words.as_ptr().cast()) })
    }

    #[inline(always)]
    fn store(self) -> [u32; 4] {
        let mut words = [0; 4];
        // SAFETY: a value exists, so the CPU has SSE4.1; the array has room for the 16 bytes
        // written, unaligned.
        unsafe { _mm_storeu_si128(words.as_mut_ptr().cast(), self.0) };
        words
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: a value exists, so the CPU has SSE4.1.
        Self(unsafe { _mm_add_epi32(self.0, other.0) })
    }

    #[inline(always)]
    fn rotate_right<const N: i32, const L: i32>(self) -> Self {
        // SAFETY: a value exists, so the CPU has SSE4.1.
        Self(unsafe { _mm_or_si128(_mm_srli_epi32::<N>(self.0), _mm_slli_epi32::<L>(self.0)) })
    }

    #[inline(always)]
    fn shift_right<const N: i32>(self) -> Self {
        // SAFETY: a value exists, so the CPU has SSE4.1.
        Self(unsafe { _mm_srli_epi32::<N>(self.0) })
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
        // SAFETY: a value exists, so the CPU has SSE4.1.
        let lanes = unsafe {
            let clear = _mm_cmpeq_epi32(_mm_and_si128(self.0, mask.0), _mm_setzero_si128());
            _mm_movemask_ps(_mm_castsi128_ps(clear))
        };
        lanes.cast_unsigned()
    }
}
