//! Tests of the library: all that it promises without the feature `cli`.

#[path = "../common/mod.rs"]
mod common;
mod values;

mod circles;
mod dialects;
mod flipped_bits;
mod kernels;
mod ledger;
mod posture;
mod properties;
mod python_chain;
mod python_json;
mod sha_encodings;
mod sweep;
mod threads;
#[cfg(target_arch = "x86_64")]
mod upper_halves;
