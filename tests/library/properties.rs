//! What holds for all blocks, values and targets, tried on thousands.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::common::cases;
use crate::common::process::{CHAIN, Scratch};
use crate::values::{float, text, value};
use stripmine::chain::python_json::{Integer, Value, parse};
use stripmine::chain::{BlockReader, Candidate, SealedBlock, Timestamp, VerifyOptions, verify};
use stripmine::pow::{Digest, Target};

fn timestamp() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        any::<i64>().prop_map(|number| Timestamp::Integer(Integer::from(number))),
        float().prop_map(Timestamp::Float),
        text().prop_map(Timestamp::Text),
    ]
}

/// A chain of these blocks, whose first one has this previous hash.
fn chain_of(blocks: &[(Timestamp, Value, u64)], mut previous_hash: String) -> Vec<SealedBlock> {
    let seal = |(index, (timestamp, data, nonce)): (u64, &(Timestamp, Value, u64))| {
        let candidate = Candidate::new(index, timestamp, data, &previous_hash).unwrap();
        let block = candidate.seal(*nonce);
        previous_hash = block.hash().to_string();
        block
    };
    (0..).zip(blocks).map(seal).collect()
}

#[test]
fn blocks_that_were_written_are_read_back_and_written_the_same() {
    // Many short chains, and one that is read in several batches.
    for (count, lens) in [(100, 1..=60), (1, 3_000..=3_000)] {
        let blocks = vec((timestamp(), value(), any::<u64>()), lens);
        proptest!(cases(count), |(blocks in blocks, first in text())| {
            let blocks = chain_of(&blocks, first);
            let file: String = blocks.iter().flat_map(|block| [block.line(), "\n"]).collect();
            let scratch = Scratch::with(&file);
            let path = scratch.path(CHAIN);
            let mut options = VerifyOptions::default();
            options.strict = true;
            prop_assert_eq!(verify(&path, &options).unwrap().blocks, blocks.len() as u64);
            let read: Result<Vec<_>, _> = BlockReader::open(&path).unwrap().collect();
            let read = read.unwrap();
            prop_assert!(read.iter().all(|read| read.is_canonical));
            prop_assert!(read.iter().zip(&blocks).all(|(read, block)| read.to_block() == Some(block.to_block())));
            let written: String = read.iter().map(|read| read.canonical() + "\n").collect();
            prop_assert_eq!(written, file, "and written the same");
        });
    }
}

#[test]
fn values_that_were_written_are_read_back() {
    proptest!(cases(20_000), |(value in value())| {
        prop_assert_eq!(parse(value.to_string().as_bytes()), Ok(value));
    });
}

/// The target of this many zero bits, from its definition, 2^(256 − bits) − 1.
fn from_definition(bits: u32) -> [u8; 32] {
    std::array::from_fn(|byte| {
        (0..8).fold(0, |sum, bit| sum << 1 | u8::from(8 * byte + bit >= bits as usize))
    })
}

#[test]
fn difficulties_are_targets_and_targets_difficulties() {
    for bits in 0..=256 {
        let target = Target::from_bits(bits).unwrap();
        assert_eq!(target.as_be_bytes(), &from_definition(bits), "{bits} bits");
        assert_eq!(target.leading_zero_bits(), bits);
        assert_eq!(Target::from_be_bytes(*target.as_be_bytes()), target);
        assert_eq!(
            target.to_string().chars().take_while(|digit| *digit == '0').count(),
            bits as usize / 4
        );
        let expected = 2_f64.powi(bits.cast_signed());
        assert!((target.expected_hashes() / expected - 1.0).abs() < 1e-12, "{bits} bits");
        if bits % 4 == 0 {
            assert_eq!(Target::from_hex_zeros(bits / 4), Ok(target));
        }
    }
    assert!(Target::from_bits(257).is_err() && Target::from_hex_zeros(65).is_err());
}

/// A compact target from its definition: mantissa × 256^(exponent − 3), rounded down; `None` where
/// it is negative, zero, or beyond 256 bits.
fn expanded(compact: u32) -> Option<[u8; 32]> {
    let (exponent, mantissa) = ((compact >> 24) as usize, compact & 0x7f_ffff);
    // 256 bytes before the point, 3 after it.
    let mut number = [0_u8; 259];
    number[256 - exponent..][..3].copy_from_slice(&mantissa.to_be_bytes()[1..]);
    let whole = &number[..256];
    let fits = whole[..224].iter().all(|byte| *byte == 0);
    let target: [u8; 32] = whole[224..].try_into().unwrap();
    (fits && target != [0; 32] && compact & 0x80_0000 == 0).then_some(target)
}

/// The other way, as Bitcoin Core's `GetCompact`: three bytes, fewer where the first would be
/// taken for a sign.
fn compacted(target: &[u8; 32]) -> u32 {
    let bits = 256 - target.iter().take_while(|byte| **byte == 0).count() * 8;
    let mut size = bits / 8;
    if target[32 - size] & 0x80 != 0 {
        size += 1;
    }
    let byte = |place: usize| {
        let from_end = size.checked_sub(place + 1);
        from_end.map_or(0, |at| if at < 32 { u32::from(target[31 - at]) } else { 0 })
    };
    u32::try_from(size).unwrap() << 24 | byte(0) << 16 | byte(1) << 8 | byte(2)
}

#[track_caller]
fn is_what_it_says(compact: u32) {
    let target = Target::from_compact(compact).ok();
    assert_eq!(target.map(|it| *it.as_be_bytes()), expanded(compact), "{compact:#010x}");
    if let Some(target) = target {
        let again = Target::from_compact(compacted(target.as_be_bytes()));
        assert_eq!(again, Ok(target), "{compact:#010x}");
    }
}

#[test]
fn compact_targets_are_what_they_say() {
    for exponent in 0..=255_u32 {
        for mantissa in [0, 1, 0xff, 0x100, 0xffff, 0x1_0000, 0x7f_ffff, 0x80_0000, 0xff_ffff] {
            is_what_it_says(exponent << 24 | mantissa);
        }
    }
    proptest!(cases(200_000), |(compact: u32)| is_what_it_says(compact));
}

#[test]
fn a_target_is_met_by_no_larger_digest() {
    proptest!(cases(20_000), |(number: [u8; 32], other: [u8; 32])| {
        let (target, digest) = (Target::from_be_bytes(number), Digest::from_be_bytes(other));
        prop_assert_eq!(target.is_met_by(&digest), other <= number);
        prop_assert!(target.is_met_by(&Digest::from_be_bytes(number)), "its own number meets it");
        prop_assert_eq!(Digest::from_hex(&digest.to_string()), Some(digest));
    });
}
