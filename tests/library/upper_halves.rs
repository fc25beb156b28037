//! When a kernel returns, the upper halves of the vector registers are clear.

#![allow(unsafe_code, reason = "instructions that detection proves the CPU to have")]

use core::arch::x86_64::{__m256i, _mm256_set1_epi8, _mm256_zeroupper};
use std::arch::asm;

use crate::common::kernels;
use stripmine::pow::{Hashing, Job, Kernel, NonceEncoding, Target, Template};

/// The bits of the registers' upper halves among the components of the CPU's state (Intel's
/// manual, volume 1, section 13.1): bits 128 to 255 of all registers, and 256 to 511.
const UPPER_HALVES: u32 = 1 << 2 | 1 << 6;

/// Whether any upper half is in use, as far as the CPU keeps track of it (XGETBV with ECX = 1).
#[target_feature(enable = "xsave")]
fn are_in_use() -> bool {
    let components: u32;
    // SAFETY: the callers have checked that the CPU has the instruction in this form; it
    // changes two registers.
    unsafe {
        asm!("xgetbv", in("ecx") 1, out("eax") components, out("edx") _, options(nomem, nostack));
    }
    components & UPPER_HALVES != 0
}

/// Sets an upper half, reads whether the CPU reports it, and clears it.
#[target_feature(enable = "avx,xsave")]
fn are_noticed() -> bool {
    let ones: __m256i = _mm256_set1_epi8(-1);
    // SAFETY: there is no instruction; the vector has to be in a register here.
    unsafe { asm!("/* {} */", in(ymm_reg) ones, options(nomem, nostack)) };
    let is_noticed = are_in_use();
    _mm256_zeroupper();
    is_noticed && !are_in_use()
}

/// Whether this CPU reports correctly which registers are in use.
fn are_tracked() -> bool {
    let has_xgetbv = is_x86_feature_detected!("avx") && is_x86_feature_detected!("xsavec");
    // SAFETY: CPUs with XSAVEC have XGETBV with ECX = 1 (both came with the same extension).
    has_xgetbv && unsafe { are_noticed() }
}

fn assert_clean(kernel: Kernel, what: &str) {
    // SAFETY: the callers have checked that the CPU has the instruction.
    assert!(!unsafe { are_in_use() }, "{kernel}: {what}");
}

#[test]
fn every_kernel_returns_with_clean_upper_halves() {
    if !are_tracked() {
        eprintln!("SKIPPED: this CPU does not say whether upper halves are in use");
        return;
    }
    for kernel in kernels() {
        for (suffix, hashing) in [(0, Hashing::Once), (60, Hashing::Once), (0, Hashing::Twice)] {
            let template = Template::new("header ", NonceEncoding::Decimal, vec![b's'; suffix]);
            let template = template.with_hashing(hashing);
            let job = Job::new(&template, Target::ZERO, kernel);
            assert_eq!(job.search(0..=2_000), None);
            assert_clean(kernel, &format!("a search, {suffix} bytes after the nonce, {hashing:?}"));
            let _ = job.sum(0..=2_000);
            assert_clean(kernel, "a sum");
        }
    }
}
