//! Proof of work on one thread: headers, targets, and the kernels that search.
//!
//! [`Template`] is the header with a hole for the nonce, [`Target`] the number that a [`Digest`]
//! must not exceed, and [`Kernel`] the code that hashes. [`Job`] joins the three and searches a
//! range of nonces. For all cores at once, see [`crate::miner`].
//!
//! All of it is the crate `stripmine-pow` (`pow/src/lib.rs`).

#[doc(inline)]
pub use stripmine_pow::*;
