//! What holds for all blocks, targets and samples, tried on thousands of seeded ones.

#![allow(clippy::cast_possible_truncation, reason = "sampled numbers are small")]

mod common;

use std::collections::BTreeMap;

use common::Random;
use common::process::{CHAIN, Scratch};
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

fn candidate(random: &mut Random, index: u64, previous_hash: &str) -> Candidate {
    let time = match random.below(3) {
        0 => Timestamp::Integer(Integer::from(random.next().cast_signed())),
        1 => Timestamp::Float(float(random)),
        _ => Timestamp::Text(text(random)),
    };
    Candidate::new(index, &time, &value(random, 3), previous_hash).unwrap()
}

#[test]
fn blocks_that_were_written_are_read_back_and_written_the_same() {
    let mut random = Random(21);
    let mut previous_hash = text(&mut random);
    let mut blocks = Vec::new();
    for index in 0..3_000 {
        let block = candidate(&mut random, index, &previous_hash).seal(random.next());
        previous_hash = block.hash().to_string();
        blocks.push(block);
    }
    let file: String = blocks.iter().flat_map(|block| [block.line(), "\n"]).collect();
    let scratch = Scratch::with(&file);
    let path = scratch.path(CHAIN);
    let mut options = VerifyOptions::default();
    options.strict = true;
    assert_eq!(verify(&path, &options).unwrap().blocks, 3_000);
    let read: Result<Vec<_>, _> = BlockReader::open(&path).unwrap().collect();
    let read = read.unwrap();
    assert!(read.iter().all(|read| read.is_canonical));
    assert!(read.iter().zip(&blocks).all(|(read, block)| read.block == block.to_block()));
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

#[cfg(feature = "cli")]
mod samples {
    use super::Random;
    use stripmine::bench::statistics::{Interval, Spread, median, quantile};

    fn values(random: &mut Random) -> Vec<f64> {
        let len = 1 + random.below(40);
        (0..len).map(|_| random.below(1_000_000) as f64 / 64.0 + 1.0).collect()
    }

    fn shuffled(values: &[f64], random: &mut Random) -> Vec<f64> {
        let mut left = values.to_vec();
        let mut shuffled = Vec::new();
        while !left.is_empty() {
            shuffled.push(left.swap_remove(random.below(left.len() as u64) as usize));
        }
        shuffled
    }

    #[test]
    fn quantiles_rise_from_the_lowest_value_to_the_highest() {
        let mut random = Random(31);
        for _ in 0..2_000 {
            let values = values(&mut random);
            let shares: Vec<f64> = (0..=50).map(|part| f64::from(part) / 50.0).collect();
            let all: Vec<f64> = shares.iter().map(|it| quantile(&values, *it).unwrap()).collect();
            assert!(all.is_sorted(), "{values:?}: {all:?}");
            let spread = Spread::of(&values).unwrap();
            assert_eq!((all[0], all[25], all[50]), (spread.low, spread.median, spread.high));
            assert!(values.contains(&spread.low) && values.contains(&spread.high));
            let below = values.iter().filter(|value| **value < spread.median).count();
            let above = values.iter().filter(|value| **value > spread.median).count();
            assert!(below.max(above) <= values.len() / 2, "as many below as above: {values:?}");
        }
    }

    #[test]
    fn the_order_of_samples_does_not_matter_and_their_unit_is_the_figure_s() {
        let mut random = Random(32);
        for _ in 0..300 {
            let values = values(&mut random);
            let other = shuffled(&values, &mut random);
            assert_eq!(median(&other), median(&values));
            assert_eq!(Interval::of_median(&other), Interval::of_median(&values));
            // Powers of two are exact.
            let scaled: Vec<f64> = values.iter().map(|value| value * 1024.0).collect();
            let interval = Interval::of_median(&values).unwrap();
            let expected = Interval {
                median: interval.median * 1024.0,
                low: interval.low * 1024.0,
                high: interval.high * 1024.0,
            };
            assert_eq!(Interval::of_median(&scaled), Some(expected));
        }
    }

    #[test]
    fn an_interval_holds_its_median_and_lies_among_the_samples() {
        let mut random = Random(33);
        for _ in 0..1_000 {
            let values = values(&mut random);
            let Interval { median: middle, low, high } = Interval::of_median(&values).unwrap();
            let spread = Spread::of(&values).unwrap();
            assert_eq!(Some(middle), median(&values));
            assert!(spread.low <= low && low <= middle && middle <= high && high <= spread.high);
            let same = vec![values[0]; values.len()];
            let certain = Interval::of_median(&same).unwrap();
            assert_eq!((certain.low, certain.high), (values[0], values[0]));
        }
    }

    #[test]
    fn a_thing_is_as_fast_as_itself_and_nothing_comes_of_nothing() {
        let mut random = Random(34);
        for _ in 0..300 {
            let values = values(&mut random);
            let ratio = Interval::of_median_ratio(&values, &values).unwrap();
            assert!(ratio.low <= 1.0 && ratio.high >= 1.0, "{ratio:?}");
        }
        assert_eq!((median(&[]), Interval::of_median(&[])), (None, None));
        assert_eq!(Interval::of_median(&[1.0, f64::NAN]), None);
        assert_eq!(Interval::of_median(&[1.0, f64::INFINITY]), None);
    }
}
