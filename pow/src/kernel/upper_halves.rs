//! Clears the upper halves of the vector registers, for code in legacy encodings.
//!
//! SHA instructions have only legacy encodings. On some cores, such an instruction beside
//! VEX-encoded ones costs hundreds of cycles while the upper half of any vector register is in use
//! (340 a pair on Zen 3; llvm/llvm-project#142368). Kernels that use the upper halves clear them on
//! return, as compilers do. What is cleared here comes from the caller of the search.

#![allow(unsafe_code, reason = "an instruction that detection proves the CPU to have")]

/// Clears the upper halves of all vector registers, where they have any.
#[inline]
pub(crate) fn clear() {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx") {
        // SAFETY: the CPU has AVX.
        unsafe { clear_with_avx() }
    }
}

#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx")]
fn clear_with_avx() {
    core::arch::x86_64::_mm256_zeroupper();
}
