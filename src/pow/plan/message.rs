//! A header as the blocks of words that SHA-256 takes, and where the nonce's digits lie in them.

#![allow(clippy::cast_possible_truncation, reason = "digits and table indices are small")]

use crate::pow::sha256::{self, Words};
use crate::pow::{NonceEncoding, Template};

/// One digit of a nonce: the low bits of `byte` hold it, moved left by `shift`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Digit {
    byte: usize,
    shift: u32,
}

impl Digit {
    /// The block and the word in it that the digit lies in.
    pub(crate) fn place(self) -> (usize, usize) {
        (self.byte / 64, self.byte % 64 / 4)
    }

    /// The digit, where it lies in its big-endian word.
    pub(crate) fn in_word(self, digit: u32) -> u32 {
        digit << (self.shift + 8 * (3 - (self.byte % 4) as u32))
    }
}

/// What a digit counts to: a decimal digit, or half a byte.
pub(crate) const fn radix(encoding: NonceEncoding) -> u64 {
    match encoding {
        NonceEncoding::Decimal => 10,
        NonceEncoding::LittleEndian32 => 16,
    }
}

/// The nonce's digits in the message, the lowest first; `width` is the nonce's in bytes.
pub(crate) fn digits(template: &Template, width: usize) -> Vec<Digit> {
    let start = template.prefix().len();
    match template.encoding() {
        NonceEncoding::Decimal => {
            (start..start + width).rev().map(|byte| Digit { byte, shift: 0 }).collect()
        }
        NonceEncoding::LittleEndian32 => (start..start + width)
            .flat_map(|byte| [Digit { byte, shift: 0 }, Digit { byte, shift: 4 }])
            .collect(),
    }
}

/// The padded header with every digit of the nonce zero, as blocks of words.
pub(crate) fn blocks(template: &Template, width: usize) -> Vec<Words> {
    let zero = match template.encoding() {
        NonceEncoding::Decimal => b'0',
        NonceEncoding::LittleEndian32 => 0,
    };
    let header = [template.prefix(), &vec![zero; width], template.suffix()].concat();
    sha256::padded(&header, header.len()).iter().map(sha256::words).collect()
}
