//! Proof of work on one thread: headers, targets, and the kernels that search.
//!
//! [`Template`] is the header with a hole for the nonce, [`Target`] the number that a [`Digest`]
//! must not exceed, and [`Kernel`] the code that hashes. [`Job`] joins the three and searches a
//! range of nonces.
//!
//! This crate is the module `pow` of the crate `stripmine`. For all cores at once, see
//! `stripmine::miner`. It is a crate of its own because its kernels take longer to compile than
//! everything else: a change elsewhere does not compile them again.

#![warn(clippy::unwrap_used)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod anatomy;
mod digest;
mod job;
mod kernel;
mod lanes;
mod plan;
mod race;
mod self_test;
mod sha256;
mod start;
mod target;
mod template;

pub use anatomy::{Anatomy, BlockRole, Cost};
pub use digest::Digest;
pub use job::{Hit, Job, Searched};
pub use kernel::{Kernel, UnknownKernel};
pub use self_test::SelfTestError;
pub use start::{NonceLimit, NonceStart};
pub use target::{Target, TargetError};
pub use template::{Hashing, NonceEncoding, Template};
