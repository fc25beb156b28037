//! The layout of a nonce: which of its digits are high, middle and low.
//!
//! A nonce is `(high × middle values + middle) × low values + low`:
//!
//! - The middle digits lie in one word. A group of lanes takes neighbouring values of them from a
//!   table, so that only that word varies within a pass.
//! - The low digits change once per pass. Where they begin a block, they run through all values for
//!   each group instead: the block before is then hashed once for all of them, and each low value
//!   has its own schedule, known before the search.
//! - The high digits change once per pass.

#![allow(clippy::cast_possible_truncation, reason = "digits and table indices are small")]

use super::cut_header::{CutHeader, Digit};
use crate::template::NonceEncoding;

/// Words in the widest vector.
pub(super) const WIDEST: usize = 16;

/// At most this many low digits begin a block. Their schedules take 1,000 rows of 256 bytes, and
/// two groups of 16 lanes hash 32,000 nonces, a small part of a stripe.
const TAIL_DIGITS: usize = 3;

/// The digits of a template's nonce of one width, cut into high, middle and low ones.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    digits: Vec<Digit>,
    /// The number of values that a digit has.
    pub(super) radix: u64,
    low: usize,
    middle: usize,
}

impl Layout {
    pub(crate) fn new(header: &CutHeader<'_>, width: usize) -> Self {
        let digits = header.digits(width);
        let (radix, (low, middle)) = match header.template.encoding() {
            NonceEncoding::Decimal => (10, decimal(&digits)),
            // A digit is half a byte.
            _ => (16, (0, 3.min(in_word_of(&digits, 0)))),
        };
        Self { digits, radix, low, middle }
    }

    /// How many values the low digits have.
    pub(crate) fn low_values(&self) -> u64 {
        self.radix.pow(self.low as u32)
    }

    /// How many values the middle digits have.
    pub(crate) fn middle_values(&self) -> u64 {
        self.radix.pow(self.middle as u32)
    }

    /// Nonces that are best searched together: all values of the low digits, for as many values
    /// of the middle ones as two of the widest vectors have lanes.
    pub(crate) fn granule(&self) -> u64 {
        2 * WIDEST as u64 * self.low_values()
    }

    pub(crate) fn low(&self) -> &[Digit] {
        &self.digits[..self.low]
    }

    pub(crate) fn middle(&self) -> &[Digit] {
        &self.digits[self.low..self.low + self.middle]
    }

    pub(crate) fn high(&self) -> &[Digit] {
        &self.digits[self.low + self.middle..]
    }

    /// A bit for each word of the varying block in which a digit of the nonce lies.
    pub(crate) fn words_of_varying_block(&self) -> u16 {
        let (varying, _) = self.varying();
        let places = self.digits.iter().map(|digit| digit.place());
        let words = places.filter(|(block, _)| *block == varying);
        words.fold(0, |set, (_, word)| set | 1 << word)
    }

    /// The block and word that vary within a pass.
    pub(crate) fn varying(&self) -> (usize, usize) {
        self.digits[self.low].place()
    }

    /// Whether the low digits begin the block after the varying word's.
    pub(crate) fn has_tails(&self) -> bool {
        self.low > 0 && self.digits[0].place().0 > self.varying().0
    }

    /// Writes the digits of a number, the lowest first, into words where they are zero.
    pub(crate) fn write(&self, digits: &[Digit], mut number: u64, blocks: &mut [[u32; 16]]) {
        for digit in digits {
            let (block, word) = digit.place();
            blocks[block][word] |= digit.in_word((number % self.radix) as u32);
            number /= self.radix;
        }
    }
}

/// How many digits, from `start` up, lie in the same word.
fn in_word_of(digits: &[Digit], start: usize) -> usize {
    digits[start..].iter().take_while(|digit| digit.place() == digits[start].place()).count()
}

/// How many digits are low and middle, for decimal digits.
fn decimal(digits: &[Digit]) -> (usize, usize) {
    let last = digits.iter().take_while(|digit| digit.place().0 == digits[0].place().0).count();
    let before = digits.len() - last;
    if before > 0 && last <= TAIL_DIGITS {
        return (last, before.min(4));
    }
    let end = in_word_of(digits, 0);
    let next = if end < digits.len() { in_word_of(digits, end) } else { 0 };
    if end < 3 && next > end { (end, next) } else { (0, end) }
}
