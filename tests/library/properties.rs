//! What holds for all blocks, targets and samples, tried on thousands of seeded ones.

#![allow(clippy::cast_possible_truncation, reason = "sampled numbers are small")]

use std::collections::BTreeMap;

use crate::common::Random;
use crate::common::process::{CHAIN, Scratch};
use stripmine::chain::python_json::{Float, Integer, Value, parse};
use stripmine::chain::{BlockReader, Candidate, Timestamp, VerifyOptions, verify};
use stripmine::pow::{Digest, Target};

fn text(random: &mut Random) -> String {
    let scalar = |random: &mut Random| {
        let limit = [0x20, 0x80, 0x800, 0x1_0000, 0x11_0000][random.below(5) as usize];
        char::from_u32(random.below(limit) as u32).unwrap_or('\u{fffd}')
    };
    (0..random.below(9)).map(|_| scalar(random)).collect()
}

fn float(random: &mut Random) -> Float {
    Float::new(f64::from_bits(random.next())).unwrap_or(Float::new(-0.0).unwrap())
}

fn value(random: &mut Random, depth: u32) -> Value {
    match random.below(if depth == 0 { 6 } else { 9 }) {
        0 => Value::Null,
        1 => Value::Bool(random.below(2) == 0),
        2 => Value::from(random.next().cast_signed()),
        3 => Value::from(float(random)),
        4 | 5 => Value::from(text(random)),
        6 | 7 => (0..random.below(4)).map(|_| value(random, depth - 1)).collect::<Vec<_>>().into(),
        _ => {
            let member = |_| (text(random), value(random, depth - 1));
            (0..3).map(member).collect::<BTreeMap<_, _>>().into()
        }
    }
}

fn candidate(random: &mut Random, index: u64, previous_hash: String) -> Candidate {
    let time = match random.below(3) {
        0 => Timestamp::Integer(Integer::from(random.next().cast_signed())),
        1 => Timestamp::Float(float(random)),
        _ => Timestamp::Text(text(random)),
    };
    Candidate::new(index, time, value(random, 3), previous_hash).unwrap()
}

#[test]
fn blocks_that_were_written_are_read_back_and_written_the_same() {
    let mut random = Random(21);
    let mut previous_hash = text(&mut random);
    let mut blocks = Vec::new();
    for index in 0..3_000 {
        let block = candidate(&mut random, index, previous_hash).seal(random.next());
        previous_hash = block.hash.clone();
        blocks.push(block);
    }
    let file: String = blocks.iter().map(|block| block.line() + "\n").collect();
    let scratch = Scratch::with(&file);
    let path = scratch.path(CHAIN);
    let strict = VerifyOptions { strict: true, ..VerifyOptions::default() };
    assert_eq!(verify(&path, &strict).unwrap().blocks, 3_000);
    let read: Result<Vec<_>, _> = BlockReader::open(&path).unwrap().collect();
    let read = read.unwrap();
    assert!(read.iter().all(|read| read.is_canonical));
    assert!(read.iter().map(|read| &read.block).eq(&blocks), "read back");
    let written: String = read.iter().map(|read| read.block.line() + "\n").collect();
    assert!(written == file, "and written the same");
}

#[test]
fn values_that_were_written_are_read_back() {
    let mut random = Random(22);
    for _ in 0..20_000 {
        let value = value(&mut random, 4);
        assert_eq!(parse(value.to_string().as_bytes()), Ok(value));
    }
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
    (size as u32) << 24 | byte(0) << 16 | byte(1) << 8 | byte(2)
}

#[test]
fn compact_targets_are_what_they_say() {
    let mut random = Random(23);
    let edges = (0..=255_u32).flat_map(|exponent| {
        [0, 1, 0xff, 0x100, 0xffff, 0x1_0000, 0x7f_ffff, 0x80_0000, 0xff_ffff]
            .map(|mantissa| exponent << 24 | mantissa)
    });
    let any = std::iter::repeat_with(|| random.next() as u32).take(200_000);
    for compact in edges.chain(any) {
        let target = Target::from_compact(compact).ok();
        assert_eq!(target.map(|it| *it.as_be_bytes()), expanded(compact), "{compact:#010x}");
        if let Some(target) = target {
            let again = Target::from_compact(compacted(target.as_be_bytes()));
            assert_eq!(again, Ok(target), "{compact:#010x}");
        }
    }
}

#[test]
fn a_target_is_met_by_no_larger_digest() {
    let mut random = Random(24);
    for _ in 0..20_000 {
        let bytes: [[u8; 32]; 2] = [0; 2].map(|_: u8| random.bytes(32).try_into().unwrap());
        let (target, digest) = (Target::from_be_bytes(bytes[0]), Digest::from_be_bytes(bytes[1]));
        assert_eq!(target.is_met_by(&digest), bytes[1] <= bytes[0]);
        assert!(target.is_met_by(&Digest::from_be_bytes(bytes[0])), "its own number meets it");
        assert_eq!(Digest::from_hex(&digest.to_string()), Some(digest));
    }
}
