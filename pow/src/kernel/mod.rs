//! The kernels: the code that searches one stripe on one thread.
//!
//! [`Kernel`] is the list of all kernels, and the only place that chooses between instruction sets.
//! Callers ask for [`Kernel::detect`] or for a kernel by name.

#[cfg(target_arch = "x86_64")]
mod avx512_sha;
mod driver;
#[cfg(target_arch = "x86_64")]
mod isa;
mod lane_stages;
mod portable;
mod rounds;
mod scalar;
#[cfg(target_arch = "x86_64")]
mod sha_ni;
mod sink;
mod stages;
pub(super) mod upper_halves;

use std::fmt;
use std::str::FromStr;

use super::lanes;
use super::plan::Plan;
use super::plan::cut_header::CutHeader;
use super::plan::layout::Layout;
use super::template::Hashing;
use driver::Driver;
use scalar::ScalarPlan;
pub(super) use sink::Smallest;
use sink::{Lowest, Sink, Sum};

/// A way to search nonces. All of them give the same answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kernel {
    /// Sixteen lanes in AVX-512 registers and, at the same time, the CPU's SHA instructions for
    /// blocks whose words are the same in all lanes. Headers that are hashed twice use lanes alone.
    Avx512Sha,
    /// Sixteen lanes in AVX-512 registers.
    Avx512,
    /// Four streams, side by side, through the CPU's SHA instructions.
    ShaNi,
    /// Eight lanes in AVX2 registers.
    Avx2,
    /// Four lanes in SSE registers, with the instructions up to SSE4.1.
    Sse41,
    /// The compression function of the `sha2` crate, one nonce at a time; it uses the CPU's SHA
    /// instructions (SHA-NI, `ARMv8`) where it has them.
    Sha2,
    /// One nonce at a time in plain Rust; runs everywhere.
    Portable,
}

/// A name that no kernel has, cut to 40 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownKernel {
    name: String,
}

impl fmt::Display for UnknownKernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no kernel {:?}; choose from {}", self.name, names(Kernel::ALL))
    }
}

impl std::error::Error for UnknownKernel {}

impl Kernel {
    /// Every kernel, the one to prefer first.
    pub const ALL: &[Self] = &[
        Self::Avx512Sha,
        Self::Avx512,
        Self::ShaNi,
        Self::Avx2,
        Self::Sse41,
        Self::Sha2,
        Self::Portable,
    ];

    /// The kernels that this CPU can run, the one to prefer first.
    pub fn available() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|kernel| kernel.is_available())
    }

    /// Whether this CPU can run the kernel.
    #[must_use]
    pub fn is_available(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Sha => avx512_sha::Token::detect().is_some(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => lanes::x86::avx512::Token::detect().is_some(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => lanes::x86::avx2::Token::detect().is_some(),
            #[cfg(target_arch = "x86_64")]
            Self::Sse41 => lanes::x86::sse41::Token::detect().is_some(),
            #[cfg(target_arch = "x86_64")]
            Self::ShaNi => sha_ni::Token::detect().is_some(),
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx512Sha | Self::Avx512 | Self::Avx2 | Self::Sse41 | Self::ShaNi => false,
            Self::Sha2 | Self::Portable => true,
        }
    }

    /// The name by which users choose it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.properties().0
    }

    /// Nonces that the kernel hashes side by side.
    #[must_use]
    pub const fn lanes(self) -> usize {
        self.properties().1
    }

    /// Blocks that the kernel compresses in a millisecond, within a factor of a few. The length of
    /// a stripe is computed from it.
    pub(super) const fn compressions_per_ms(self) -> u64 {
        self.properties().2
    }

    /// Its name, lanes, and compressions in a millisecond.
    const fn properties(self) -> (&'static str, usize, u64) {
        match self {
            Self::Avx512Sha => ("avx512-sha", 16, 65_536),
            Self::Avx512 => ("avx512", 16, 65_536),
            Self::ShaNi => ("sha-ni", 4, 65_536),
            Self::Avx2 => ("avx2", 8, 32_768),
            Self::Sse41 => ("sse4.1", 4, 16_384),
            Self::Sha2 => ("sha2", 1, 16_384),
            Self::Portable => ("portable", 1, 8_192),
        }
    }

    /// Computes what does not depend on the nonce, for nonces that take `width` bytes.
    pub(super) fn prepare(self, header: &CutHeader<'_>, width: usize) -> Prepared {
        match self {
            Self::Sha2 => Prepared::Scalar(ScalarPlan::new(header, width)),
            _ => Prepared::Lanes(Box::new(Plan::new(header, width))),
        }
    }

    /// Nonces of `width` bytes that are best searched together: ranges that begin and end at
    /// multiples of it leave no lane idle.
    pub(super) fn granule(self, header: &CutHeader<'_>, width: usize) -> u64 {
        match self {
            Self::Sha2 => 1,
            _ => Layout::new(header, width).granule(),
        }
    }

    /// The lowest nonce in `first..=last` whose digest's leading word is at most `limit`. Both
    /// ends must be as wide as the nonces that were prepared for. Where no word is, `smallest`
    /// takes the nonces with the smallest one.
    ///
    /// # Panics
    /// When this CPU cannot run the kernel.
    pub(super) fn lowest_candidate(
        self,
        prepared: &Prepared,
        first: u64,
        last: u64,
        limit: u32,
        smallest: &mut Smallest,
    ) -> Option<u64> {
        let hashing = prepared.hashing();
        let mut lowest = Lowest { hashing, limit, first, last, found: None, smallest };
        match prepared {
            Prepared::Scalar(plan) => {
                upper_halves::clear();
                plan.search_into(&mut lowest);
            }
            Prepared::Lanes(plan) => self.hash_into(plan, first, last, &mut lowest),
        }
        lowest.found
    }

    /// The sum, modulo 2^32, of the deciding words of all nonces in `first..=last`. Both ends must
    /// be as wide as the nonces that were prepared for. The search is the same as for a digest
    /// whose leading word is at most `limit`.
    ///
    /// # Panics
    /// When this CPU cannot run the kernel.
    pub(super) fn sum_words(self, prepared: &Prepared, first: u64, last: u64, limit: u32) -> u32 {
        match prepared {
            Prepared::Scalar(plan) => {
                upper_halves::clear();
                plan.sum_words(first, last)
            }
            Prepared::Lanes(plan) => {
                let mut sum = Sum { first, last, limit, total: 0 };
                self.hash_into(plan, first, last, &mut sum);
                sum.total
            }
        }
    }

    /// Hashes in lanes or streams, and hands the deciding words to the sink.
    fn hash_into(self, plan: &Plan, first: u64, last: u64, sink: &mut impl Sink) {
        macro_rules! hash_with {
            ($token:expr) => {{
                let token = $token.unwrap_or_else(|| panic!("this CPU cannot run kernel {self}"));
                Driver::new(token, plan, sink).hash_range(first, last);
            }};
        }
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Sha => hash_with!(avx512_sha::Token::detect()),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => hash_with!(lanes::x86::avx512::Token::detect()),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => hash_with!(lanes::x86::avx2::Token::detect()),
            #[cfg(target_arch = "x86_64")]
            Self::Sse41 => {
                upper_halves::clear();
                hash_with!(lanes::x86::sse41::Token::detect());
            }
            #[cfg(target_arch = "x86_64")]
            Self::ShaNi => {
                upper_halves::clear();
                hash_with!(sha_ni::Token::detect());
            }
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx512Sha | Self::Avx512 | Self::Avx2 | Self::Sse41 | Self::ShaNi => {
                hash_with!(None::<lanes::portable::Token>);
            }
            Self::Portable => hash_with!(Some(lanes::portable::Token)),
            Self::Sha2 => unreachable!("this kernel has its own plan"),
        }
    }
}

/// The values that do not depend on the nonce, for one template and one width of nonce.
#[derive(Clone, Debug)]
pub(super) enum Prepared {
    /// For the kernels that hash in lanes or streams.
    Lanes(Box<Plan>),
    /// For the kernel that hashes nonces one by one.
    Scalar(ScalarPlan),
}

impl Prepared {
    const fn hashing(&self) -> Hashing {
        match self {
            Self::Lanes(plan) => plan.hashing,
            Self::Scalar(plan) => plan.hashing,
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
        assert_eq!(
            error.to_string(),
            "there is no kernel \"gpu\"; choose from avx512-sha, avx512, sha-ni, avx2, sse4.1, sha2, portable"
        );
    }
}
