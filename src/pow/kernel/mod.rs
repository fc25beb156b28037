//! The kernels: the code that searches one stripe on one thread.
//!
//! [`Kernel`] is the closed list of them and the only place that chooses. Which instructions one
//! uses is its own affair: callers ask for [`Kernel::detect`] or for one by name.

mod scalar;
mod self_test;

use std::fmt;
use std::str::FromStr;

use sha2::block_api::compress256;

pub use self_test::SelfTestError;

use super::plan::Plan;
use super::sha256::compress;

/// A way to search nonces. All of them give the same answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kernel {
    /// The compression function of the `sha2` crate, which uses the CPU's SHA instructions
    /// (SHA-NI, `ARMv8`) where it has them.
    Sha2,
    /// Plain Rust; runs everywhere.
    Portable,
}

/// A name that no kernel has, cut to 40 characters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no kernel {name:?}; choose from {}", names(Kernel::ALL))]
pub struct UnknownKernel {
    name: String,
}

impl Kernel {
    /// Every kernel, the one to prefer first.
    pub const ALL: &[Self] = &[Self::Sha2, Self::Portable];

    /// The kernel to use on this CPU: the most preferred one that it can run and that passes its
    /// [self-test](Self::self_test).
    #[must_use]
    pub fn detect() -> Self {
        let mut trusted = Self::available().filter(|kernel| kernel.self_test().is_ok());
        trusted.next().unwrap_or(Self::Portable)
    }

    /// The kernels that this CPU can run, the one to prefer first.
    pub fn available() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|kernel| kernel.is_available())
    }

    /// Whether this CPU can run the kernel.
    #[must_use]
    pub const fn is_available(self) -> bool {
        match self {
            Self::Sha2 | Self::Portable => true,
        }
    }

    /// The name by which users choose it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha2 => "sha2",
            Self::Portable => "portable",
        }
    }

    /// Nonces that the kernel hashes side by side.
    #[must_use]
    pub const fn lanes(self) -> usize {
        match self {
            Self::Sha2 | Self::Portable => 1,
        }
    }

    /// Checks the kernel against published hashes and the `sha2` crate. Takes well under a
    /// millisecond; run it before a kernel is first trusted.
    ///
    /// # Errors
    /// The first search that went wrong.
    pub fn self_test(self) -> Result<(), SelfTestError> {
        self_test::run(self)
    }

    /// Blocks that the kernel compresses in a millisecond, within a factor of a few: what the
    /// length of a stripe is reckoned with.
    pub(crate) const fn compressions_per_ms(self) -> u64 {
        match self {
            Self::Sha2 => 16_384,
            Self::Portable => 4_096,
        }
    }

    /// The lowest nonce in `first..=last` whose digest's leading word is at most `limit`. Both
    /// ends must be as wide as the plan's nonces.
    pub(super) fn search(self, plan: &Plan, first: u64, last: u64, limit: u32) -> Option<u64> {
        match self {
            Self::Sha2 => scalar::search(compress256, plan, first, last, limit),
            Self::Portable => scalar::search(compress, plan, first, last, limit),
        }
    }
}

impl fmt::Display for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Kernel {
    type Err = UnknownKernel;

    fn from_str(name: &str) -> Result<Self, UnknownKernel> {
        let kernel = Self::ALL.iter().find(|kernel| kernel.name() == name);
        kernel.copied().ok_or_else(|| UnknownKernel { name: name.chars().take(40).collect() })
    }
}

fn names(kernels: &[Kernel]) -> String {
    kernels.iter().map(|kernel| kernel.name()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kernel_is_known_by_its_name() {
        for kernel in Kernel::ALL {
            assert_eq!(kernel.name().parse(), Ok(*kernel));
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_names_there_are() {
        let error = "gpu".parse::<Kernel>().unwrap_err();
        assert_eq!(error.to_string(), "there is no kernel \"gpu\"; choose from sha2, portable");
    }

    #[test]
    fn the_detected_kernel_runs_here_and_passes_its_self_test() {
        let kernel = Kernel::detect();
        assert!(kernel.is_available());
        kernel.self_test().unwrap();
    }
}
