//! Lanes in the vector registers of x86-64.

#![allow(unsafe_code, reason = "instructions that a token proves the CPU to have")]

use super::Lanes;
#[allow(clippy::wildcard_imports, reason = "intrinsics have names of their own")]
use core::arch::x86_64::*;

/// Defines operations on vectors, whose operands and result are registers. Only a token makes a
/// first value of the type.
macro_rules! operations {
    ($(
        $(#[$doc:meta])*
        $vis:vis fn $name:ident $(<$(const $n:ident),+>)? ($x:ident $(, $y:ident)*) = $result:expr;
    )*) => {$(
        $(#[$doc])*
        #[inline(always)]
        $vis fn $name $(<$(const $n: i32),+>)? (self $(, $y: Self)*) -> Self {
            let ($x, $($y),*) = (self.0, $($y.0),*);
            // SAFETY: a value exists, so the CPU has the instructions of its type.
            Self(unsafe { $result })
        }
    )*};
}
pub(crate) use operations;

/// Defines lanes, and the token that proves the CPU to have their instructions.
macro_rules! lanes {
    (
        $(#[$doc:meta])*
        $module:ident: $lanes:ident($register:ident of $count:literal words) with $feature:tt,
        $splat:ident, $load:ident, $store:ident;
        fn clear_of($word:ident, $mask:ident) = $clear:expr;
        $($operations:tt)*
    ) => {
        $(#[$doc])*
        pub(crate) mod $module {
            #[allow(clippy::wildcard_imports, reason = "the macro is part of that module")]
            use super::*;

            #[doc = concat!("Proof that this CPU has the instructions of `", $feature, "`.")]
            #[derive(Clone, Copy)]
            pub(crate) struct Token(());

            impl Token {
                /// The token, if this CPU has the instructions.
                pub(crate) fn detect() -> Option<Self> {
                    is_x86_feature_detected!($feature).then_some(Self(()))
                }
            }

            /// The words of one register.
            #[derive(Clone, Copy)]
            pub(crate) struct $lanes(pub(super) $register);

            impl Lanes for $lanes {
                type Token = Token;
                type Words = [u32; $count];
                const COUNT: usize = $count;

                #[inline(always)]
                fn splat(_: Token, word: u32) -> Self {
                    // SAFETY: the token proves that the CPU has the instructions.
                    Self(unsafe { $splat(word.cast_signed()) })
                }

                #[inline(always)]
                fn load(_: Token, words: &[u32]) -> Self {
                    let words: &[u32; $count] = words.first_chunk().expect("a vector of words");
                    // SAFETY: the token proves that the CPU has the instructions; the array is as
                    // long as the register that is read, unaligned.
                    Self(unsafe { $load(words.as_ptr().cast()) })
                }

                #[inline(always)]
                fn store(self) -> [u32; $count] {
                    let mut words = [0; $count];
                    // SAFETY: a value exists, so the CPU has the instructions; the array is as long
                    // as the register that is written, unaligned.
                    unsafe { $store(words.as_mut_ptr().cast(), self.0) };
                    words
                }

                #[inline(always)]
                fn clear_of(self, mask: Self) -> u32 {
                    let ($word, $mask) = (self.0, mask.0);
                    // SAFETY: a value exists, so the CPU has the instructions.
                    unsafe { $clear }
                }

                operations!($($operations)*);
            }
        }
    };
}

lanes! {
    /// Four lanes with SSE4.1: a rotation is two shifts and an or.
    sse41: Sse41(__m128i of 4 words) with "sse4.1",
    _mm_set1_epi32, _mm_loadu_si128, _mm_storeu_si128;
    fn clear_of(word, mask) = {
        let clear = _mm_cmpeq_epi32(_mm_and_si128(word, mask), _mm_setzero_si128());
        _mm_movemask_ps(_mm_castsi128_ps(clear)).cast_unsigned()
    };
    fn add(x, y) = _mm_add_epi32(x, y);
    fn rotate_right<const N, const L>(x) =
        _mm_or_si128(_mm_srli_epi32::<N>(x), _mm_slli_epi32::<L>(x));
    fn shift_right<const N>(x) = _mm_srli_epi32::<N>(x);
    fn xor3(x, y, z) = _mm_xor_si128(_mm_xor_si128(x, y), z);
    fn choose(x, y, z) = _mm_xor_si128(_mm_and_si128(x, _mm_xor_si128(y, z)), z);
    /// The next round calls this with `x` and `y` as its `y` and `z`: the compiler keeps their
    /// exclusive or, so that each round computes one and not two.
    fn majority(x, y, z) =
        _mm_xor_si128(_mm_and_si128(_mm_xor_si128(x, y), _mm_xor_si128(y, z)), y);
}

lanes! {
    /// Eight lanes with AVX2: a rotation is two shifts and an or.
    avx2: Avx2(__m256i of 8 words) with "avx2",
    _mm256_set1_epi32, _mm256_loadu_si256, _mm256_storeu_si256;
    fn clear_of(word, mask) = {
        let clear = _mm256_cmpeq_epi32(_mm256_and_si256(word, mask), _mm256_setzero_si256());
        _mm256_movemask_ps(_mm256_castsi256_ps(clear)).cast_unsigned()
    };
    fn add(x, y) = _mm256_add_epi32(x, y);
    fn rotate_right<const N, const L>(x) =
        _mm256_or_si256(_mm256_srli_epi32::<N>(x), _mm256_slli_epi32::<L>(x));
    fn shift_right<const N>(x) = _mm256_srli_epi32::<N>(x);
    fn xor3(x, y, z) = _mm256_xor_si256(_mm256_xor_si256(x, y), z);
    fn choose(x, y, z) = _mm256_xor_si256(_mm256_and_si256(x, _mm256_xor_si256(y, z)), z);
    /// As with SSE4.1, each round computes one exclusive or and not two.
    fn majority(x, y, z) =
        _mm256_xor_si256(_mm256_and_si256(_mm256_xor_si256(x, y), _mm256_xor_si256(y, z)), y);
}

// `vpternlogd`'s truth tables: bit 4x + 2y + z is the result for the input bits x, y, z.
const XOR3: i32 = 0x96;
const CHOOSE: i32 = 0xca;
const MAJORITY: i32 = 0xe8;

lanes! {
    /// Sixteen lanes with AVX-512: a rotation is one instruction, and so is any function of three
    /// words.
    avx512: Avx512(__m512i of 16 words) with "avx512f",
    _mm512_set1_epi32, _mm512_loadu_si512, _mm512_storeu_si512;
    fn clear_of(word, mask) = u32::from(_mm512_testn_epi32_mask(word, mask));
    fn add(x, y) = _mm512_add_epi32(x, y);
    fn rotate_right<const N, const L>(x) = _mm512_ror_epi32::<N>(x);
    fn shift_right<const N>(x) = _mm512_srlv_epi32(x, _mm512_set1_epi32(N));
    fn xor3(x, y, z) = _mm512_ternarylogic_epi32::<XOR3>(x, y, z);
    fn choose(x, y, z) = _mm512_ternarylogic_epi32::<CHOOSE>(x, y, z);
    fn majority(x, y, z) = _mm512_ternarylogic_epi32::<MAJORITY>(x, y, z);
}

impl avx512::Avx512 {
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
