//! One header, one target, one kernel: a search on one thread.

use std::ops::RangeInclusive;
use std::sync::OnceLock;

use super::kernel::Prepared;
use super::plan::message::Message;
use super::{Digest, Hashing, Kernel, NonceEncoding, Target, Template};

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

/// A search that any number of threads can share: a template, a target, a kernel, and what could
/// be computed of them beforehand.
///
/// ```
/// use stripmine::pow::{Job, Kernel, NonceEncoding, Target, Template};
///
/// let template = Template::new("hello ", NonceEncoding::Decimal, "");
/// let target = Target::from_hex_zeros(3)?;
/// let hit = Job::new(&template, target, Kernel::detect()).search(0..=100_000).expect("likely");
/// assert!(hit.digest.to_string().starts_with("000"));
/// # Ok::<(), stripmine::pow::TargetError>(())
/// ```
#[derive(Debug)]
pub struct Job<'a> {
    template: &'a Template,
    message: Message<'a>,
    target: Target,
    kernel: Kernel,
    prepared: [OnceLock<Prepared>; WIDTHS],
}

impl<'a> Job<'a> {
    /// A job for this header, target and kernel.
    #[must_use]
    pub fn new(template: &'a Template, target: Target, kernel: Kernel) -> Self {
        let message = Message::new(template);
        Self { template, message, target, kernel, prepared: [const { OnceLock::new() }; WIDTHS] }
    }

    /// The lowest valid nonce in the range, if there is one.
    ///
    /// # Panics
    /// When the header's nonce encoding cannot write the last nonce of the range, or this CPU
    /// cannot run the kernel.
    #[must_use]
    pub fn search(&self, range: RangeInclusive<u64>) -> Option<Hit> {
        let (mut first, last) = range.into_inner();
        assert!(last <= self.encoding().max_nonce(), "nonce {last} does not fit the header");
        while first <= last {
            let end = last.min(self.encoding().last_of_width(first));
            if let Some(hit) = self.search_one_width(first, end) {
                return Some(hit);
            }
            first = end.checked_add(1)?;
        }
        None
    }

    /// What the kernel names is hashed again in full, so a kernel can miss but never lie.
    fn search_one_width(&self, mut first: u64, last: u64) -> Option<Hit> {
        let prepared = self.prepared(first);
        let limit = self.target.leading_word();
        loop {
            let nonce = self.kernel.search(prepared, first, last, limit)?;
            let digest = self.template.digest(nonce);
            if self.target.is_met_by(&digest) {
                return Some(Hit { nonce, digest });
            }
            if nonce == last {
                return None;
            }
            first = nonce + 1;
        }
    }

    /// Nonces that the kernel tests in a millisecond, within a factor of a few, when they are as
    /// wide as this one.
    pub(crate) fn nonces_per_ms(&self, nonce: u64) -> u64 {
        let blocks = self.message.blocks_left(self.encoding().width(nonce));
        let compressions = blocks + usize::from(self.message.hashing() == Hashing::Twice);
        (self.kernel.compressions_per_ms() / compressions as u64).max(1)
    }

    /// Nonces that are best searched together when they are as wide as this one: ranges that
    /// begin and end at multiples of it leave no lane idle.
    pub(crate) fn granule(&self, nonce: u64) -> u64 {
        self.kernel.granule(&self.message, self.encoding().width(nonce))
    }

    pub(crate) const fn encoding(&self) -> NonceEncoding {
        self.template.encoding()
    }

    fn prepared(&self, nonce: u64) -> &Prepared {
        let width = self.encoding().width(nonce);
        let prepare = || self.kernel.prepare(&self.message, width);
        self.prepared[width - 1].get_or_init(prepare)
    }
}
