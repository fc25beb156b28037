//! The anatomy of a header: what a search does with each of its blocks, and what a hash costs. It
//! explains why one header is faster than another.

mod cost;
mod count;
mod operations;
mod roles;

pub use cost::Cost;
pub use roles::BlockRole;

use super::kernel::Kernel;
use super::plan::Plan;
use super::plan::cut_header::CutHeader;
use super::template::Template;

/// A header with a nonce of one width, as a kernel sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Anatomy {
    /// Bytes that are hashed.
    pub header_len: usize,
    /// Bytes of the header before the nonce.
    pub nonce_at: usize,
    /// Bytes that the nonce takes.
    pub nonce_len: usize,
    /// The role of each block of 64 bytes, padding included; a second hash comes last.
    pub blocks: Vec<BlockRole>,
    /// The kernel's cost of one hash.
    pub cost: Cost,
}

impl Anatomy {
    /// The anatomy of this header with nonces as wide as this one, for a kernel. This CPU need not
    /// have the kernel.
    ///
    /// # Panics
    /// When the header's encoding cannot write the nonce.
    #[must_use]
    pub fn new(template: &Template, nonce: u64, kernel: Kernel) -> Self {
        let nonce_len = template.encoding().width(nonce);
        let plan = Plan::new(&CutHeader::new(template), nonce_len);
        Self {
            header_len: template.header(nonce).len(),
            nonce_at: template.prefix().len(),
            nonce_len,
            blocks: plan.block_roles(kernel),
            cost: plan.cost(kernel),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NonceEncoding;

    fn roles(prefix: usize, nonce: u64, suffix: usize) -> Vec<BlockRole> {
        let template =
            Template::new(vec![b'p'; prefix], NonceEncoding::Decimal, vec![b's'; suffix]);
        Anatomy::new(&template, nonce, Kernel::Avx512).blocks
    }

    #[test]
    fn a_chain_header_has_one_varying_block_and_constant_ones_after_it() {
        let roles = roles(42, 1_000_000, 115);
        let varying = BlockRole::Varying { word: 11, rounds: 52, schedule_words: 43, shared_by: 1 };
        assert_eq!(roles, [varying, BlockRole::Constant, BlockRole::Constant]);
    }

    #[test]
    fn blocks_before_the_nonce_are_the_midstate() {
        let roles = roles(128 + 42, 1_000_000, 0);
        assert_eq!(roles[..2], [BlockRole::Midstate; 2]);
        assert!(matches!(roles[2], BlockRole::Varying { .. }));
    }

    #[test]
    fn three_digits_that_begin_a_block_share_the_block_before() {
        let roles = roles(64 + 3 - 12, 100_000_000_000, 20);
        assert!(matches!(roles[0], BlockRole::Varying { word: 15, shared_by: 1_000, .. }));
        assert_eq!(roles[1], BlockRole::LowestDigits { values: 1_000 });
    }

    #[test]
    fn a_bitcoin_header_is_a_midstate_a_varying_block_and_a_second_hash() {
        let blocks = Anatomy::new(&Template::bitcoin(&[7; 80]), 0, Kernel::Avx512).blocks;
        assert_eq!(blocks[0], BlockRole::Midstate);
        assert!(matches!(blocks[1], BlockRole::Varying { word: 3, .. }));
        assert_eq!(blocks[2..], [BlockRole::SecondHash { rounds: 61 }]);
    }

    #[test]
    fn each_kernel_has_its_own_rounds() {
        let header = Template::bitcoin(&[7; 80]);
        let blocks = |kernel| Anatomy::new(&header, 0, kernel).blocks[1..].to_vec();
        let varying = |rounds, schedule_words| BlockRole::Varying {
            word: 3,
            rounds,
            schedule_words,
            shared_by: 1,
        };
        let second = |rounds| BlockRole::SecondHash { rounds };
        assert_eq!(blocks(Kernel::Avx2), [varying(60, 46), second(61)]);
        assert_eq!(blocks(Kernel::ShaNi), [varying(60, 48), second(62)]);
        assert_eq!(blocks(Kernel::Sse41), [varying(60, 46), second(61)]);
        assert_eq!(blocks(Kernel::Portable), [varying(63, 48), second(61)]);
        assert_eq!(blocks(Kernel::Sha2), [BlockRole::Whole, second(64)]);
    }

    #[test]
    fn each_kernel_begins_its_rounds_where_its_states_begin_to_differ() {
        let header = Template::new([b'p'; 42], NonceEncoding::Decimal, [b's'; 115]);
        let first = |kernel| Anatomy::new(&header, 1_000_000, kernel).blocks[0];
        let varying = |rounds, schedule_words| BlockRole::Varying {
            word: 11,
            rounds,
            schedule_words,
            shared_by: 1,
        };
        assert_eq!(first(Kernel::ShaNi), varying(52, 48));
        assert_eq!(first(Kernel::Sse41), varying(55, 48));
        assert_eq!(first(Kernel::Avx2), varying(52, 43));
    }
}
