//! The nonce to start from so that a hash costs least.
//!
//! The cost depends on the kernel and on the place of the nonce's last digits in SHA-256's blocks.
//! A chain accepts any integer as a nonce, so a search may start from a larger one whose digits
//! have a better place. `docs/kernels.md` explains why.

use super::anatomy::Cost;
use super::kernel::Kernel;
use super::plan::Plan;
use super::plan::cut_header::CutHeader;
use super::sha256::BLOCK_LEN;
use super::target::Target;
use super::template::{NonceEncoding, Template};

/// How many digits nonces may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NonceLimit {
    /// At most this many, 1 to 20.
    Digits(usize),
    /// As many as it takes to reach the next block: integers beyond 64 bits, which Python and
    /// this project read exactly, and many other readers do not.
    Wide,
}

/// The start of a search: leading digits that are fixed, and the first nonce after them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NonceStart {
    /// Leading digits, all of them 1, that become part of the template.
    pub fixed_digits: usize,
    /// The first nonce to search; the fixed digits come before it.
    pub first: u64,
    /// Digits that most of the nonces to be searched have, the fixed ones not counted.
    pub counted_digits: usize,
    /// The kernel's cost of a hash with a nonce of that many digits.
    pub cost: Cost,
}

/// Digits that are counted when others are fixed: any reader of JSON reads 15 digits exactly.
const COUNTED_BESIDE_FIXED: usize = 15;

/// A choice of nonces must hold this many times the expected hashes. One search in e^16 needs more,
/// and continues in the next width.
const ROOM: f64 = 16.0;

/// A longer nonce must cost less than this part of a short one.
const WORTHWHILE: f64 = 0.98;

impl NonceStart {
    /// Counting from 0.
    #[must_use]
    pub fn zero(template: &Template, target: &Target, kernel: Kernel) -> Self {
        // Nine in ten of the nonces up to the expected one have as many digits as that one.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let typical = (target.expected_hashes() as u64).min(template.encoding().max_nonce());
        let counted_digits = template.encoding().width(typical);
        let plan = Plan::new(&CutHeader::new(&without_whole_blocks(template)), counted_digits);
        Self { fixed_digits: 0, first: 0, counted_digits, cost: plan.cost(kernel) }
    }

    /// The start within a limit that is cheapest for a kernel and leaves room for the search. It is
    /// 0 where nothing is notably cheaper, or where nonces are not decimal.
    #[must_use]
    pub fn cheapest(
        template: &Template,
        target: &Target,
        kernel: Kernel,
        limit: NonceLimit,
    ) -> Self {
        let aligned = without_whole_blocks(template);
        let zero = Self::zero(&aligned, target, kernel);
        if template.encoding() != NonceEncoding::Decimal {
            return zero;
        }
        let choices = Self::choices(&aligned, target, kernel, limit);
        let cost = |start: &Self| start.cost.value();
        let cheapest = choices.into_iter().min_by(|a, b| cost(a).total_cmp(&cost(b)));
        cheapest.filter(|start| cost(start) < WORTHWHILE * cost(&zero)).unwrap_or(zero)
    }

    /// All starts within a limit that leave room for the search, those with fewer digits first.
    #[must_use]
    pub fn choices(
        template: &Template,
        target: &Target,
        kernel: Kernel,
        limit: NonceLimit,
    ) -> Vec<Self> {
        let (longest, fixed) = match limit {
            NonceLimit::Digits(digits) => (digits.min(20), 0),
            NonceLimit::Wide => (COUNTED_BESIDE_FIXED, BLOCK_LEN),
        };
        let counted = (1..=longest).map(|digits| (0, digits));
        let with_fixed = (1..=fixed).map(|fixed| (fixed, COUNTED_BESIDE_FIXED));
        let with_room =
            |(fixed, counted)| Self::with_room(template, target, kernel, fixed, counted);
        counted.chain(with_fixed).filter_map(with_room).collect()
    }

    fn with_room(
        template: &Template,
        target: &Target,
        kernel: Kernel,
        fixed: usize,
        counted: usize,
    ) -> Option<Self> {
        let first = 10_u64.pow(u32::try_from(counted - 1).ok()?);
        let nonces = (template.encoding().last_of_width(first) - first) as f64;
        let fixed_template = with_fixed_digits(template, fixed);
        let header = CutHeader::new(&fixed_template);
        let expected = target.expected_hashes();
        let granule = kernel.granule(&header, counted) as f64;
        let has_room = ROOM * expected <= nonces && ROOM * granule <= expected;
        has_room.then(|| Self {
            fixed_digits: fixed,
            first,
            counted_digits: counted,
            cost: Plan::new(&header, counted).cost(kernel),
        })
    }

    /// The template with the fixed digits in place.
    #[must_use]
    pub fn template(&self, template: &Template) -> Template {
        with_fixed_digits(template, self.fixed_digits)
    }

    /// The fixed digits.
    #[must_use]
    pub fn leading_digits(&self) -> String {
        "1".repeat(self.fixed_digits)
    }
}

fn with_fixed_digits(template: &Template, fixed: usize) -> Template {
    let prefix = [template.prefix(), &vec![b'1'; fixed]].concat();
    Template::new(prefix, template.encoding(), template.suffix()).with_hashing(template.hashing())
}

/// The same template without the blocks before the nonce's. They do not change the cost, and there
/// may be many.
fn without_whole_blocks(template: &Template) -> Template {
    let (_, begun) = template.prefix().as_chunks::<BLOCK_LEN>();
    Template::new(begun, template.encoding(), template.suffix()).with_hashing(template.hashing())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target() -> Target {
        Target::from_hex_zeros(8).unwrap()
    }

    fn cheapest(template: &Template, kernel: Kernel, limit: NonceLimit) -> NonceStart {
        NonceStart::cheapest(template, &target(), kernel, limit)
    }

    #[test]
    fn a_wide_nonce_reaches_the_next_block_where_a_short_one_cannot() {
        let template = Template::new([b'p'; 42], NonceEncoding::Decimal, [b's'; 115]);
        for kernel in Kernel::ALL.iter().copied().filter(|kernel| *kernel != Kernel::Sha2) {
            let zero = NonceStart::zero(&template, &target(), kernel);
            let short = cheapest(&template, kernel, NonceLimit::Digits(15));
            let wide = cheapest(&template, kernel, NonceLimit::Wide);
            assert!(short.cost <= zero.cost);
            assert!(wide.cost.value() < 0.7 * zero.cost.value(), "{wide:?}");
            let end = 42 + wide.fixed_digits + wide.counted_digits;
            assert!((65..=67).contains(&end), "its last digits begin the second block: {wide:?}");
        }
    }

    #[test]
    fn a_kernel_that_shares_nothing_begins_later_only_for_fewer_blocks() {
        let three_blocks = Template::new([b'p'; 42], NonceEncoding::Decimal, [b's'; 100]);
        let short = cheapest(&three_blocks, Kernel::Sha2, NonceLimit::Digits(20));
        assert_eq!((short.first, short.cost), (0, Cost::Blocks(3.0)));
        let wide = cheapest(&three_blocks, Kernel::Sha2, NonceLimit::Wide);
        assert_eq!((wide.fixed_digits, wide.cost), (22, Cost::Blocks(2.0)));
    }

    #[test]
    fn kernels_may_differ_in_the_cheapest_start() {
        // The last digit alone in its word: ten nonces fill a few lanes of sixteen, most streams of
        // four.
        let template = Template::new([b'p'; 20], NonceEncoding::Decimal, "");
        let starts = [Kernel::Avx512, Kernel::Sha2]
            .map(|kernel| cheapest(&template, kernel, NonceLimit::Digits(20)).first);
        assert!(starts[0] > 0 && starts[1] == 0, "{starts:?}");
    }

    #[test]
    fn every_choice_holds_many_times_the_expected_nonces() {
        let template = Template::new([b'p'; 50], NonceEncoding::Decimal, "");
        for choice in
            NonceStart::choices(&template, &target(), Kernel::Avx512, NonceLimit::Digits(20))
        {
            assert!(choice.counted_digits >= 11, "16 x 2^32 nonces: {choice:?}");
            assert_eq!(choice.first.to_string().len(), choice.counted_digits);
        }
    }

    #[test]
    fn easy_and_impossible_searches_count_from_zero() {
        let template = Template::new([b'p'; 42], NonceEncoding::Decimal, [b's'; 115]);
        for bits in [0, 8, 80, 256] {
            let target = Target::from_bits(bits).unwrap();
            let start =
                NonceStart::cheapest(&template, &target, Kernel::Avx512, NonceLimit::Digits(20));
            assert_eq!((start.first, start.fixed_digits), (0, 0), "{bits} bits");
        }
    }

    #[test]
    fn binary_nonces_have_no_choice() {
        let start = cheapest(&Template::bitcoin(&[7; 80]), Kernel::Avx512, NonceLimit::Wide);
        assert_eq!((start.first, start.fixed_digits), (0, 0));
    }

    #[test]
    fn what_comes_before_the_nonces_block_changes_no_cost() {
        let long = Template::new(vec![b'p'; 42 + 640], NonceEncoding::Decimal, [b's'; 115]);
        let short = Template::new([b'p'; 42], NonceEncoding::Decimal, [b's'; 115]);
        for kernel in Kernel::ALL {
            let wide = |template| cheapest(template, *kernel, NonceLimit::Wide);
            assert_eq!(wide(&long), wide(&short));
        }
    }
}
