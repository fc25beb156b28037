//! Sixteen lanes with AVX-512: a rotation is one instruction, and so is any function of three
//! words.

#![allow(unsafe_code, reason = "instructions that a token proves the CPU to have")]

use super::Lanes;
#[allow(clippy::wildcard_imports, reason = "intrinsics have names of their own")]
use core::arch::x86_64::*;

/// Proof that this CPU has AVX-512F.
#[derive(Clone, Copy)]
pub(crate) struct Token(());

impl Token {
    /// The token, if this CPU has the instructions.
    pub(crate) fn detect() -> Option<Self> {
        is_x86_feature_detected!("avx512f").then_some(Self(()))
    }
}

/// Sixteen words in one 512-bit register.
#[derive(Clone, Copy)]
pub(crate) struct Avx512(__m512i);

impl Avx512 {
    /// Transposes four words of every lane: vector j has those of lanes j, 4 + j, 8 + j and 12 + j.
    #[inline(always)]
    pub(crate) fn interleave([w, x, y, z]: [Self; 4]) -> [Self; 4] {
        // SAFETY: values exist, so the CPU has AVX-512F.
        unsafe {
            let wx = [_mm512_unpacklo_epi32(w.0, x.0), _mm512_unpackhi_epi32(w.0, x.0)];
            let yz = [_mm512_unpacklo_epi32(y.0, z.0), _mm512_unpackhi_epi32(y.0, z.0)];
            [
                Self(_mm512_unpacklo_epi64(wx[0], yz[0])),
                Self(_mm512_unpackhi_epi64(wx[0], yz[0])),
                Self(_mm512_unpacklo_epi64(wx[1], yz[1])),
                Self(_mm512_unpackhi_epi64(wx[1], yz[1])),
            ]
        }
    }

    /// A scheduling barrier: stops LLVM from grouping the SHA instructions apart from the vector
    /// ones. It emits no instruction and changes no value, but makes each of these vectors depend
    /// on all of them.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn in_step_with(mut self, vectors: [[&mut __m128i; 2]; 4]) -> Self {
        let [s, t, u, v] = vectors;
        // SAFETY: the assembly is a comment, so the operands keep their values.
        unsafe {
            core::arch::asm!(
                "/* {} {} {} {} {} {} {} {} {} */",
                inout(zmm_reg) self.0,
                inout(xmm_reg) *s[0], inout(xmm_reg) *s[1], inout(xmm_reg) *t[0], inout(xmm_reg) *t[1],
                inout(xmm_reg) *u[0], inout(xmm_reg) *u[1], inout(xmm_reg) *v[0], inout(xmm_reg) *v[1],
                options(pure, nomem, nostack, preserves_flags)
            );
        }
        self
    }
}

// `vpternlogd`'s truth tables: bit 4x + 2y + z is the result for the input bits x, y, z.
const XOR3: i32 = 0x96;
const CHOOSE: i32 = 0xca;
const MAJORITY: i32 = 0xe8;

impl Lanes for Avx512 {
    type Token = Token;
    type Words = [u32; 16];
    const COUNT: usize = 16;

    #[inline(always)]
    fn splat(_: Token, word: u32) -> Self {
        // SAFETY: the token proves that the CPU has AVX-512F.
        Self(unsafe { _mm512_set1_epi32(word.cast_signed()) })
    }

    #[inline(always)]
    fn load(_: Token, words: &[u32]) -> Self {
        let words: &[u32; 16] = words.first_chunk().expect("a vector of words");
        // SAFETY: the token proves that the CPU has AVX-512F; the array has the 64 bytes that are
        // read, unaligned.
        Self(unsafe { _mm512_loadu_si512(words.as_ptr().cast()) })
    }

    #[inline(always)]
    fn store(self) -> [u32; 16] {
        let mut words = [0; 16];
        // SAFETY: a value exists, so the CPU has AVX-512F; the array has room for the 64 bytes
        // written, unaligned.
        unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), self.0) };
        words
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: a value exists, so the CPU has AVX-512F.
        Self(unsafe { _mm512_add_epi32(self.0, other.0) })
    }

    #[inline(always)]
    fn rotate_right<const N: i32, const L: i32>(self) -> Self {
        // SAFETY: a value exists, so the CPU has AVX-512F.
        Self(unsafe { _mm512_ror_epi32::<N>(self.0) })
    }

    #[inline(always)]
    fn shift_right<const N: i32>(self) -> Self {
        // SAFETY: a value exists, so the CPU has AVX-512F.
        Self(unsafe { _mm512_srlv_epi32(self.0, _mm512_set1_epi32(N)) })
    }

    #[inline(always)]
    fn xor3(self, y: Self, z: Self) -> Self {
        // SAFETY: a value exists, so the CPU has AVX-512F.
        Self(unsafe { _mm512_ternarylogic_epi32::<XOR3>(self.0, y.0, z.0) })
    }

    #[inline(always)]
    fn choose(self, y: Self, z: Self) -> Self {
        // SAFETY: a value exists, so the CPU has AVX-512F.
        Self(unsafe { _mm512_ternarylogic_epi32::<CHOOSE>(self.0, y.0, z.0) })
    }

    #[inline(always)]
    fn majority(self, y: Self, z: Self) -> Self {
        // SAFETY: a value exists, so the CPU has AVX-512F.
        Self(unsafe { _mm512_ternarylogic_epi32::<MAJORITY>(self.0, y.0, z.0) })
    }

    #[inline(always)]
    fn clear_of(self, mask: Self) -> u32 {
        // SAFETY: a value exists, so the CPU has AVX-512F.
        u32::from(unsafe { _mm512_testn_epi32_mask(self.0, mask.0) })
    }
}
