//! Proof of work on one thread: headers, targets, and the kernels that search.
//!
//! [`Template`] is the header with a hole for the nonce, [`Target`] the number that a [`Digest`]
//! must not exceed, and [`Kernel`] the code that hashes. [`Job`] joins the three and searches a
//! range of nonces. For all cores at once, see [`crate::miner`].

mod anatomy;
mod digest;
#[cfg(test)]
pub(crate) mod fault;
mod job;
pub(crate) mod kernel;
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
