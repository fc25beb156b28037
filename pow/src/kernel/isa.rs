//! The lanes' stages, compiled once for each instruction set with its target feature.

#![allow(unsafe_code, reason = "instructions that a token proves the CPU to have")]

use super::lane_stages;
use super::stages::{Out, Stages, Varying};
use crate::lanes::Lanes;
use crate::lanes::x86::{avx2, avx512, sse41};
use crate::plan::shape::{Bitcoin, Quarter, Shape, Word};
use crate::plan::uniform::Uniform;

/// Calls the function that is compiled for this word of a block. The call sees the word's number as
/// a constant with this name.
macro_rules! by_word {
    ($word:expr, $number:ident => $call:expr) => {
        by_word!($word, $number => $call, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
    };
    ($word:expr, $number:ident => $call:expr, $($i:literal)*) => {
        match $word {
            $($i => {
                const $number: usize = $i;
                // SAFETY: the token among the arguments proves that the CPU has the feature.
                unsafe { $call }
            })*
            _ => unreachable!("a block has 16 words"),
        }
    };
}
pub(super) use by_word;

/// Defines a method for each function of the same arguments, compiled with the token's feature. All
/// generic code is inlined into it.
macro_rules! with_feature {
    ($feature:literal, $token:ty;
        $(fn $method:ident($($argument:ident: $type:ty),*) -> $result:ty = $function:expr;)*
    ) => {$(
        fn $method(self, $($argument: $type),*) -> $result {
            #[target_feature(enable = $feature)]
            fn compiled(token: $token, $($argument: $type),*) -> $result {
                $function(token, $($argument),*)
            }
            // SAFETY: the token proves that the CPU has the feature.
            unsafe { compiled(self, $($argument),*) }
        }
    )*};
}

/// Implements [`Stages`] for a token that proves the feature: one function for each stage and
/// shape.
macro_rules! stages {
    ($token:ty, $lanes:ty, $feature:literal, $word:ident => $varying:ident, $shape:ty; $later:ident, $twice:ident) => {
        impl Stages for $token {
            const COUNT: usize = <$lanes>::COUNT;
            type State = [$lanes; 8];
            type Word = $lanes;

            fn zero(self) -> ([$lanes; 8], $lanes) {
                let zero = <$lanes>::splat(self, 0);
                ([zero; 8], zero)
            }

            fn store(self, word: $lanes) -> impl AsRef<[u32]> {
                word.store()
            }

            fn varying(self, block: Varying<'_>, out: Out<'_, [$lanes; 8], $lanes>) -> bool {
                #[target_feature(enable = $feature)]
                fn compiled<S: Shape>(
                    token: $token,
                    block: Varying<'_>,
                    out: Out<'_, [$lanes; 8], $lanes>,
                ) -> bool {
                    lane_stages::$varying::<$lanes, S>(token, block, out)
                }
                by_word!(block.word, $word => compiled::<$shape>(self, block, out))
            }

            with_feature! { $feature, $token;
                fn sum(words: &[$lanes]) -> u32 = lane_stages::sum;
                fn bitcoin(
                    block: Varying<'_>,
                    second: &Uniform,
                    digests: &mut [[$lanes; 8]],
                    words: &mut [$lanes],
                    bits: u32
                ) -> bool = lane_stages::$twice::<$lanes, Bitcoin>;
                fn later(
                    tails: &[[u32; 64]],
                    more: &[[u32; 64]],
                    states: &[[$lanes; 8]],
                    out: Out<'_, [$lanes; 8], $lanes>
                ) -> bool = lane_stages::$later;
                fn again(
                    digests: &[[$lanes; 8]],
                    second: &Uniform,
                    words: &mut [$lanes],
                    bits: u32
                ) -> bool = lane_stages::again;
            }
        }
    };
}

stages!(avx512::Token, avx512::Avx512, "avx512f",
    WORD => varying, Word<WORD>; later_paired, varying_twice);
stages!(avx2::Token, avx2::Avx2, "avx2",
    WORD => varying, Word<WORD>; later, varying_then_again);
stages!(sse41::Token, sse41::Sse41, "sse4.1",
    WORD => varying_among, Quarter<{ WORD / 4 }>; later, varying_then_again);
