//! The cost of a hash, in instructions or compressions.

use std::cmp::Ordering;
use std::fmt;

/// Vector instructions that take as long as one SHA instruction, while lanes hash a block of
/// another group. From kernel `avx512-sha` on Zen 4 (`docs/kernels.md`): lanes do a vector
/// instruction in 0.604 cycles. Where one block with known schedule is hashed beside the varying
/// one, a header with 84 vector and 32 SHA instructions takes 77.1 cycles; one with 80 and 64, 32
/// of them [`ALONE`], takes 104.7.
const BESIDE_LANES: f64 = 1.3;

/// The same, while the lanes wait: 32.8 cycles for 32 SHA instructions, 66.1 for 64.
const ALONE: f64 = 1.7;

/// A kernel's cost of one hash, counted from the kernel's work, not measured.
///
/// Costs compare when they have the same [unit](Self::unit).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cost {
    /// Vector instructions, for a kernel that hashes in lanes: those of all lanes, divided by the
    /// number of hashes in them.
    Lanes(f64),
    /// SHA instructions (`sha256rnds2`, `sha256msg1`, `sha256msg2`), for a kernel that hashes in
    /// streams.
    Streams(f64),
    /// For a kernel that does both at once.
    LanesAndStreams {
        /// Vector instructions.
        lanes: f64,
        /// SHA instructions beside them.
        beside: f64,
        /// SHA instructions while the lanes wait.
        alone: f64,
    },
    /// Instructions on single words, for a kernel that has no vectors.
    Words(f64),
    /// Blocks that are hashed in full, for a kernel that takes one nonce after the other.
    Blocks(f64),
}

impl Cost {
    /// The cost as a number of [units](Self::unit). Where lanes and streams work at once, an SHA
    /// instruction counts as 1.3 vector instructions beside lanes and as 1.7 alone, as measured on
    /// Zen 4.
    #[must_use]
    pub fn value(self) -> f64 {
        match self {
            Self::Lanes(value)
            | Self::Streams(value)
            | Self::Words(value)
            | Self::Blocks(value) => value,
            Self::LanesAndStreams { lanes, beside, alone } => {
                lanes + BESIDE_LANES * beside + ALONE * alone
            }
        }
    }

    /// The unit of [`Self::value`].
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Lanes(_) | Self::LanesAndStreams { .. } => "vector instructions",
            Self::Streams(_) => "SHA instructions",
            Self::Words(_) => "instructions",
            Self::Blocks(_) => "compressions",
        }
    }

    /// Vector instructions, where they are counted.
    #[must_use]
    pub const fn vector_instructions(self) -> Option<f64> {
        match self {
            Self::Lanes(lanes) | Self::LanesAndStreams { lanes, .. } => Some(lanes),
            Self::Streams(_) | Self::Words(_) | Self::Blocks(_) => None,
        }
    }

    /// SHA instructions, where they are counted.
    #[must_use]
    pub const fn sha_instructions(self) -> Option<f64> {
        match self {
            Self::Streams(streams) => Some(streams),
            Self::LanesAndStreams { beside, alone, .. } => Some(beside + alone),
            Self::Lanes(_) | Self::Words(_) | Self::Blocks(_) => None,
        }
    }
}

impl PartialOrd for Cost {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        if self.unit() == other.unit() { self.value().partial_cmp(&other.value()) } else { None }
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::LanesAndStreams { lanes, beside, alone } => {
                write!(f, "{lanes:.1} vector and {:.1} SHA instructions", beside + alone)
            }
            Self::Blocks(1.0) => f.write_str("1 compression"),
            Self::Blocks(blocks) => write!(f, "{blocks} compressions"),
            Self::Lanes(value) | Self::Streams(value) | Self::Words(value) => {
                write!(f, "{value:.1} {}", self.unit())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_compare_within_a_unit_alone() {
        let both = Cost::LanesAndStreams { lanes: 80.0, beside: 32.0, alone: 32.0 };
        assert!(both < Cost::Lanes(200.0));
        assert!(both > Cost::LanesAndStreams { lanes: 80.0, beside: 32.0, alone: 0.0 });
        assert_eq!(both.partial_cmp(&Cost::Streams(100.0)), None);
        assert_eq!(Cost::Blocks(3.0).partial_cmp(&Cost::Streams(100.0)), None);
    }

    #[test]
    fn a_cost_says_what_it_counts() {
        let both = Cost::LanesAndStreams { lanes: 80.0, beside: 32.0, alone: 32.0 };
        assert_eq!(both.to_string(), "80.0 vector and 64.0 SHA instructions");
        assert_eq!(Cost::Streams(86.0).to_string(), "86.0 SHA instructions");
        assert_eq!(Cost::Words(3215.0).to_string(), "3215.0 instructions");
        assert_eq!(Cost::Blocks(1.0).to_string(), "1 compression");
        assert_eq!(Cost::Blocks(3.0).to_string(), "3 compressions");
    }
}
