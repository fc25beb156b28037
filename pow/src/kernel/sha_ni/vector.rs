//! Four words in one register, and the operations of the SHA extensions on them.
//!
//! As with lanes, the operations are safe because a first value takes a token, and they are inlined
//! into functions that enable the instructions. Those functions enable no AVX, so everything beside
//! the SHA instructions has legacy encodings, as these have: some cores take hundreds of cycles to
//! change between the encodings while upper halves of registers are in use.

#![allow(unsafe_code, reason = "instructions that a token proves the CPU to have")]

#[allow(clippy::wildcard_imports, reason = "intrinsics have names of their own")]
use core::arch::x86_64::*;

use crate::lanes::x86::operations;

/// Hashes that are computed side by side.
pub(crate) const STREAMS: usize = 4;

/// Proof that this CPU has the SHA extensions, and the vector instructions that go with them.
#[derive(Clone, Copy)]
pub(crate) struct Token(());

impl Token {
    /// The token, if this CPU has the instructions.
    pub(crate) fn detect() -> Option<Self> {
        let has_all = is_x86_feature_detected!("sha")
            && is_x86_feature_detected!("ssse3")
            && is_x86_feature_detected!("sse4.1");
        has_all.then_some(Self(()))
    }
}

/// Four words, the first at the bottom.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Vector(pub(crate) __m128i);

impl Vector {
    #[inline(always)]
    pub(crate) fn load(_: Token, words: &[u32; 4]) -> Self {
        // SAFETY: the token proves that the CPU has SSE2; the array has the 16 bytes that are read,
        // unaligned.
        Self(unsafe { _mm_loadu_si128(words.as_ptr().cast()) })
    }

    /// Two words, at the bottom.
    #[inline(always)]
    pub(crate) fn load_two(_: Token, words: &[u32; 2]) -> Self {
        // SAFETY: the token proves that the CPU has SSE2; the array has the 8 bytes that are read,
        // unaligned.
        Self(unsafe { _mm_loadl_epi64(words.as_ptr().cast()) })
    }

    #[inline(always)]
    pub(crate) fn splat(_: Token, word: u32) -> Self {
        // SAFETY: the token proves that the CPU has SSE2.
        Self(unsafe { _mm_set1_epi32(word.cast_signed()) })
    }

    #[inline(always)]
    pub(crate) fn store(self) -> [u32; 4] {
        let mut words = [0; 4];
        // SAFETY: a value exists, so the CPU has SSE2; the array has room for the 16 bytes written,
        // unaligned.
        unsafe { _mm_storeu_si128(words.as_mut_ptr().cast(), self.0) };
        words
    }

    operations! {
        pub(crate) fn add(x, other) = _mm_add_epi32(x, other);
        /// The bytes with the numbers in `places`, counted from the bottom; zero where a number is
        /// above 127.
        pub(crate) fn bytes_at(x, places) = _mm_shuffle_epi8(x, places);
        /// The words in another order: word i is number `ORDER >> 2 * i & 3`.
        pub(crate) fn reordered<const ORDER>(x) = _mm_shuffle_epi32::<ORDER>(x);
        /// Four of the eight words of this vector and the one that follows it, from word
        /// `BYTES / 4` on.
        pub(crate) fn followed_by<const BYTES>(x, next) = _mm_alignr_epi8::<BYTES>(next, x);
        /// The lower two words of this vector, and the upper two of the other.
        pub(crate) fn with_upper_of(x, other) = _mm_blend_epi16::<0xf0>(x, other);
        /// The upper words of two vectors: this one's third, the other's third, and both fourths.
        pub(crate) fn upper_words(x, other) = _mm_unpackhi_epi32(x, other);
        /// The lower words of two vectors: this one's first, the other's first, and both seconds.
        pub(crate) fn lower_words(x, other) = _mm_unpacklo_epi32(x, other);
        /// The lower halves of two vectors.
        pub(crate) fn lower_halves(x, other) = _mm_unpacklo_epi64(x, other);
        /// The upper halves of two vectors.
        pub(crate) fn upper_halves(x, other) = _mm_unpackhi_epi64(x, other);
        /// All ones in each word that has no bit in common with `mask`, zeros in the others.
        pub(crate) fn clear_of(x, mask) =
            _mm_cmpeq_epi32(_mm_and_si128(x, mask), _mm_setzero_si128());
        pub(crate) fn or(x, other) = _mm_or_si128(x, other);
    }

    /// Whether any bit is set.
    #[inline(always)]
    pub(crate) fn has_any(self) -> bool {
        // SAFETY: a value exists, so the CPU has SSE4.1.
        unsafe { _mm_testz_si128(self.0, self.0) == 0 }
    }

    /// The schedule's next four words, after the sixteen in `first`, `second`, `third` and
    /// `latest`.
    #[inline(always)]
    pub(crate) fn next_of_schedule([first, second, third, latest]: [Self; 4]) -> Self {
        let seven_back = third.followed_by::<4>(latest);
        // SAFETY: a value exists, so the CPU has the SHA extensions.
        let sum = Self(unsafe { _mm_sha256msg1_epu32(first.0, second.0) }).add(seven_back);
        // SAFETY: the same.
        Self(unsafe { _mm_sha256msg2_epu32(sum.0, latest.0) })
    }
}

/// One hash's working variables, as `sha256rnds2` wants them.
#[derive(Clone, Copy)]
pub(crate) struct State {
    /// f, e, b, a: a is at the top.
    pub(crate) abef: Vector,
    /// h, g, d, c.
    pub(crate) cdgh: Vector,
}

impl State {
    #[inline(always)]
    #[expect(clippy::many_single_char_names, reason = "the standard's names")]
    pub(crate) fn new(token: Token, [a, b, c, d, e, f, g, h]: [u32; 8]) -> Self {
        let abef = Vector::load(token, &[f, e, b, a]);
        Self { abef, cdgh: Vector::load(token, &[h, g, d, c]) }
    }

    #[inline(always)]
    pub(crate) fn add(self, other: Self) -> Self {
        Self { abef: self.abef.add(other.abef), cdgh: self.cdgh.add(other.cdgh) }
    }

    /// Does two rounds with the lower two words of `keyed`, K + W. The new a, b, e and f take the
    /// place of c, d, g and h, and the old ones become the new c, d, g and h: the vectors change
    /// places.
    #[inline(always)]
    pub(crate) fn two_rounds(&mut self, keyed: Vector) {
        let Self { abef, cdgh } = *self;
        // SAFETY: a value exists, so the CPU has the SHA extensions.
        let next = unsafe { _mm_sha256rnds2_epu32(cdgh.0, abef.0, keyed.0) };
        *self = Self { abef: Vector(next), cdgh: abef };
    }

    /// Both vectors.
    #[inline(always)]
    pub(crate) fn vectors(&mut self) -> [&mut __m128i; 2] {
        [&mut self.abef.0, &mut self.cdgh.0]
    }

    /// A scheduling barrier: stops LLVM from moving rounds across this place. It emits no
    /// instruction. Without it, LLVM finishes one stream before it begins the next, and nothing
    /// runs side by side.
    #[inline(always)]
    pub(crate) fn hold_in_step([s, t, u, v]: [&mut Self; 4]) {
        // SAFETY: the assembly is a comment, so the operands keep their values.
        unsafe {
            core::arch::asm!(
                "/* {} {} {} {} {} {} {} {} */",
                inout(xmm_reg) s.abef.0, inout(xmm_reg) s.cdgh.0,
                inout(xmm_reg) t.abef.0, inout(xmm_reg) t.cdgh.0,
                inout(xmm_reg) u.abef.0, inout(xmm_reg) u.cdgh.0,
                inout(xmm_reg) v.abef.0, inout(xmm_reg) v.cdgh.0,
                options(nomem, nostack, preserves_flags)
            );
        }
    }
}
