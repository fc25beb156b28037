//! What a hash costs a kernel.

use std::cmp::Ordering;
use std::fmt;

/// SHA instructions beside lanes that hash a block of another group take, each, as long as this many vector
/// instructions. From kernel `avx512-sha` on Zen 4 (`docs/kernels.md`): lanes do a vector instruction in 0.604 cycles;
/// where one block with known schedule goes beside the varying one, headers take 77.1 cycles for 84 vector and 32 SHA
/// instructions, and 104.7 for 80 and 64, of which 32 are [`ALONE`].
const BESIDE_LANES: f64 = 1.3;

/// The same, where lanes have nothing to do meanwhile: 32.8 cycles for 32 SHA instructions, 66.1 for 64.
const ALONE: f64 = 1.7;

/// What one hash costs a kernel: counted from what the kernel does, not measured.
///
/// Costs in the same [unit](Self::unit) compare; others do not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cost {
    /// Vector instructions, for a kernel that hashes in lanes: those for all lanes, divided among the hashes in them.
    Lanes(f64),
    /// SHA instructions (`sha256rnds2`, `sha256msg1`, `sha256msg2`), for a kernel that hashes in streams.
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
    /// Blocks that are hashed in full, for a kernel that takes one nonce after the other.
    Blocks(f64),
}

impl Cost {
    /// The cost as one number of [units](Self::unit). Where lanes and streams work at once, an SHA instruction counts as
    /// 1.3 vector instructions beside lanes and as 1.7 alone, as measured on Zen 4.
    #[must_use]
    pub fn value(self) -> f64 {
        match self {
            Self::Lanes(value) | Self::Streams(value) | Self::Blocks(value) => value,
            Self::LanesAndStreams { lanes, beside, alone } => {
                lanes + BESIDE_LANES * beside + ALONE * alone
            }
        }
    }

    /// What [`Self::value`] counts.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Lanes(_) | Self::LanesAndStreams { .. } => "vector instructions",
            Self::Streams(_) => "SHA instructions",
            Self::Blocks(_) => "compressions",
        }
    }

    /// Vector instructions, where they are counted.
    #[must_use]
    pub const fn vector_instructions(self) -> Option<f64> {
        match self {
            Self::Lanes(lanes) | Self::LanesAndStreams { lanes, .. } => Some(lanes),
            Self::Streams(_) | Self::Blocks(_) => None,
        }
    }

    /// SHA instructions, where they are counted.
    #[must_use]
    pub const fn sha_instructions(self) -> Option<f64> {
        match self {
            Self::Streams(streams) => Some(streams),
            Self::LanesAndStreams { beside, alone, .. } => Some(beside + alone),
            Self::Lanes(_) | Self::Blocks(_) => None,
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
            Self::Lanes(value) | Self::Streams(value) => write!(f, "{value:.1} {}", self.unit()),
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
        assert_eq!(Cost::Blocks(1.0).to_string(), "1 compression");
        assert_eq!(Cost::Blocks(3.0).to_string(), "3 compressions");
    }
}
