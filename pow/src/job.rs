//! One header, one target, one kernel: a search on one thread.

use std::ops::RangeInclusive;
use std::sync::OnceLock;

use super::digest::Digest;
use super::kernel::{Kernel, Prepared, Smallest};
use super::plan::cut_header::CutHeader;
use super::target::Target;
use super::template::{Hashing, NonceEncoding, Template};

/// Widths that a nonce can have: 1 to 20 decimal digits.
const WIDTHS: usize = 20;

/// A valid nonce, and the digest that makes it one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The nonce.
    pub nonce: u64,
    /// The digest of the header with this nonce; at most the target.
    pub digest: Digest,
}

/// What a search found that also keeps the lowest digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Searched {
    /// The lowest valid nonce.
    pub hit: Option<Hit>,
    /// The tested nonce with the lowest digest: the hit, if there is one.
    pub best: Option<Hit>,
}

/// A search that any number of threads can share: a template, a target, a kernel, and the values
/// computed from them beforehand.
///
/// ```
/// use stripmine_pow::{Job, Kernel, NonceEncoding, Target, Template};
///
/// let template = Template::new("hello ", NonceEncoding::Decimal, "");
/// let target = Target::from_hex_zeros(3)?;
/// let hit = Job::new(&template, target, Kernel::detect()).search(0..=100_000).expect("likely");
/// assert!(hit.digest.to_string().starts_with("000"));
/// # Ok::<(), stripmine_pow::TargetError>(())
/// ```
#[derive(Debug)]
pub struct Job<'a> {
    header: CutHeader<'a>,
    target: Target,
    kernel: Kernel,
    prepared: [OnceLock<Prepared>; WIDTHS],
}

impl<'a> Job<'a> {
    /// A job for this header, target and kernel.
    #[must_use]
    pub fn new(template: &'a Template, target: Target, kernel: Kernel) -> Self {
        Self {
            header: CutHeader::new(template),
            target,
            kernel,
            prepared: [const { OnceLock::new() }; WIDTHS],
        }
    }

    /// The same job for another target. What was computed beforehand is kept.
    #[must_use]
    pub fn with_target(self, target: Target) -> Self {
        Self { target, ..self }
    }

    /// The lowest valid nonce in the range, if there is one.
    ///
    /// # Panics
    /// When the header's nonce encoding cannot write the last nonce of the range, or this CPU
    /// cannot run the kernel.
    #[must_use]
    pub fn search(&self, range: RangeInclusive<u64>) -> Option<Hit> {
        self.search_noting(range, &mut Smallest::at_most(self.target.leading_word()))
    }

    /// As [`search`](Self::search), and keeps the tested nonce with the lowest digest, if the most
    /// significant 32 bits of that digest are at most `word`; with `u32::MAX` they always are.
    ///
    /// It costs next to nothing: of n nonces, about ln n have a lower digest than all before them.
    ///
    /// # Panics
    /// As [`search`](Self::search).
    #[must_use]
    pub fn search_for_best(&self, range: RangeInclusive<u64>, word: u32) -> Searched {
        let mut smallest = Smallest::at_most(word);
        let hit = self.search_noting(range, &mut smallest);
        let digest_of = |nonce| Hit { nonce, digest: self.header.digest(nonce) };
        let best = || smallest.nonces.iter().copied().map(digest_of).min_by_key(|it| it.digest);
        Searched { hit, best: hit.or_else(best) }
    }

    fn search_noting(&self, range: RangeInclusive<u64>, smallest: &mut Smallest) -> Option<Hit> {
        let mut ranges = self.one_width_at_a_time(range);
        ranges.find_map(|(first, last)| self.search_one_width(first, last, smallest))
    }

    /// The sum, modulo 2^32, of the [deciding words](Template::deciding_word) of all nonces in the
    /// range: a checksum of the work that a search of it does when it finds nothing.
    ///
    /// # Panics
    /// When the header's nonce encoding cannot write the last nonce of the range, or this CPU
    /// cannot run the kernel.
    #[must_use]
    pub fn sum(&self, range: RangeInclusive<u64>) -> u32 {
        let limit = self.target.leading_word();
        self.one_width_at_a_time(range).fold(0, |sum, (first, last)| {
            sum.wrapping_add(self.kernel.sum_words(self.prepared(first), first, last, limit))
        })
    }

    /// The range cut where the nonces become wider.
    fn one_width_at_a_time(
        &self,
        range: RangeInclusive<u64>,
    ) -> impl Iterator<Item = (u64, u64)> + use<'a> {
        let encoding = self.encoding();
        let (first, last) = range.into_inner();
        assert!(last <= encoding.max_nonce(), "nonce {last} does not fit the header");
        let mut next = Some(first);
        std::iter::from_fn(move || {
            let first = next.filter(|first| *first <= last)?;
            let end = last.min(encoding.last_of_width(first));
            next = end.checked_add(1);
            Some((first, end))
        })
    }

    /// Every candidate of the kernel is hashed again in full: a kernel can miss a nonce, but
    /// cannot return a wrong one.
    fn search_one_width(&self, mut first: u64, last: u64, smallest: &mut Smallest) -> Option<Hit> {
        let prepared = self.prepared(first);
        let limit = self.target.leading_word();
        loop {
            let nonce = self.kernel.lowest_candidate(prepared, first, last, limit, smallest)?;
            let digest = self.header.template.digest(nonce);
            if self.target.is_met_by(&digest) {
                return Some(Hit { nonce, digest });
            }
            if digest.leading_word() <= smallest.word {
                smallest.note(nonce, digest.leading_word());
            }
            if nonce == last {
                return None;
            }
            first = nonce + 1;
        }
    }

    /// Nonces that the kernel tests in a millisecond, within a factor of a few, when they are as
    /// wide as this one.
    #[must_use]
    pub fn nonces_per_ms(&self, nonce: u64) -> u64 {
        let blocks = self.header.blocks_left(self.encoding().width(nonce));
        let compressions = blocks + usize::from(self.header.template.hashing() == Hashing::Twice);
        (self.kernel.compressions_per_ms() / compressions as u64).max(1)
    }

    /// Nonces that are best searched together when they are as wide as this one: ranges that
    /// begin and end at multiples of it leave no lane idle.
    #[must_use]
    pub fn granule(&self, nonce: u64) -> u64 {
        self.kernel.granule(&self.header, self.encoding().width(nonce))
    }

    /// The target.
    #[must_use]
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// How a nonce is written in the header.
    #[must_use]
    pub const fn encoding(&self) -> NonceEncoding {
        self.header.template.encoding()
    }

    fn prepared(&self, nonce: u64) -> &Prepared {
        let width = self.encoding().width(nonce);
        let prepare = || self.kernel.prepare(&self.header, width);
        self.prepared[width - 1].get_or_init(prepare)
    }
}
