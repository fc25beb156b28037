//! Every kernel against the naive oracle: the same suite for all of them.

#![allow(clippy::cast_possible_truncation, reason = "sizes and sampled nonces are small")]

use std::ops::RangeInclusive;

use crate::common::{bytes, kernels, oracle};
use fastrand::Rng;
use stripmine::pow::{Digest, Hashing, Job, Kernel, NonceEncoding, Target, Template};

const HASHINGS: [Hashing; 2] = [Hashing::Once, Hashing::Twice];

const INTEGERS: [NonceEncoding; 4] = [
    NonceEncoding::LittleEndian32,
    NonceEncoding::LittleEndian64,
    NonceEncoding::BigEndian32,
    NonceEncoding::BigEndian64,
];

/// Lengths up to two blocks, so that every alignment occurs with every number of blocks.
const MAX_PART_LEN: usize = 127;

/// Searches a range with every kernel and compares with the oracle, for targets that let
/// everything through, nothing, and exactly the digest of one nonce; and compares the sums of the
/// deciding words. Each kernel has one job for all of it, because to prepare one takes longer than
/// to search a few nonces.
fn agrees(template: &Template, range: RangeInclusive<u64>, random: &mut Rng) {
    let digests: Vec<Digest> = range.clone().map(|n| oracle::digest(template, n)).collect();
    let any = random.choice(&digests).unwrap().to_owned();
    let (lowest_at, lowest) = digests.iter().copied().enumerate().min_by_key(|it| it.1).unwrap();
    let word = u32::from_be_bytes(*lowest.as_be_bytes().first_chunk().unwrap());
    let targets = [
        Target::EVERYTHING,
        Target::ZERO,
        Target::from_be_bytes(*any.as_be_bytes()),
        Target::from_be_bytes(*lowest.as_be_bytes()),
        just_below(lowest),
    ];
    let words = digests.iter().map(|digest| oracle::deciding_word(template, digest));
    let sum = words.fold(0, u32::wrapping_add);
    let of_target = targets.map(|target| {
        let digests = digests.iter().copied();
        (target, range.clone().zip(digests).find(|(_, digest)| target.is_met_by(digest)))
    });
    for kernel in kernels() {
        let mut job = Job::new(template, Target::EVERYTHING, kernel);
        for (target, expected) in of_target {
            job = job.with_target(target);
            let found = job.search(range.clone()).map(|hit| (hit.nonce, hit.digest));
            assert_eq!(found, expected, "{kernel} {template:?} {range:?} {target}");
            let best = expected.or(Some((range.start() + lowest_at as u64, lowest)));
            for (word, best) in [(u32::MAX, best), (word, best), (word.wrapping_sub(1), expected)] {
                let searched = job.search_for_best(range.clone(), word);
                let found =
                    [searched.hit, searched.best].map(|it| it.map(|it| (it.nonce, it.digest)));
                assert_eq!(found, [expected, best], "{kernel} {template:?} {range:?} {target}");
            }
            let found = job.sum(range.clone());
            assert_eq!(found, sum, "{kernel} sums {template:?} {range:?} {target}");
        }
    }
}

/// The target that this digest misses by one.
fn just_below(digest: Digest) -> Target {
    let mut bytes = *digest.as_be_bytes();
    for byte in bytes.iter_mut().rev() {
        let (less, borrow) = byte.overflowing_sub(1);
        *byte = less;
        if !borrow {
            break;
        }
    }
    Target::from_be_bytes(bytes)
}

/// A few dozen nonces of this width, beginning and ending anywhere.
fn range_of_width(width: u32, random: &mut Rng) -> RangeInclusive<u64> {
    let first = if width == 1 { 0 } else { 10_u64.pow(width - 1) };
    let last = 10_u64.checked_pow(width).map_or(u64::MAX, |next| next - 1);
    let start = random.u64(first..=last);
    start..=last.min(start.saturating_add(random.u64(..40)))
}

#[test]
fn every_alignment_length_and_width_of_a_decimal_nonce() {
    let mut random = Rng::with_seed(1);
    for prefix_len in 0..=MAX_PART_LEN {
        for width in 1..=20 {
            let suffix_len = random.usize(..=MAX_PART_LEN);
            let hashing = random.choice(HASHINGS).unwrap();
            let template = Template::new(
                bytes(&mut random, prefix_len),
                NonceEncoding::Decimal,
                bytes(&mut random, suffix_len),
            );
            let range = range_of_width(width, &mut random);
            agrees(&template.with_hashing(hashing), range, &mut random);
        }
    }
}

/// A few dozen nonces that this encoding can write, beginning and ending anywhere.
fn range_of_integers(encoding: NonceEncoding, random: &mut Rng) -> RangeInclusive<u64> {
    let start = random.u64(..) & encoding.max_nonce();
    start..=encoding.max_nonce().min(start.saturating_add(random.u64(..40)))
}

#[test]
fn every_alignment_and_length_around_an_integer() {
    let mut random = Rng::with_seed(2);
    for prefix_len in 0..=MAX_PART_LEN {
        for suffix_len in [0, 1, 47, 48, 50, 51, 52, 55, 56, 63, 64, prefix_len] {
            let encoding = INTEGERS[random.usize(..4)];
            let hashing = HASHINGS[random.usize(..2)];
            let template = Template::new(
                bytes(&mut random, prefix_len),
                encoding,
                bytes(&mut random, suffix_len),
            );
            let range = range_of_integers(encoding, &mut random);
            agrees(&template.with_hashing(hashing), range, &mut random);
        }
    }
}

/// Every place of each encoding in a block, so that it lies in one block, in two, or begins one.
#[test]
fn every_place_of_every_integer_in_a_block() {
    let mut random = Rng::with_seed(8);
    for encoding in INTEGERS {
        for (prefix_len, hashing) in (64..128).flat_map(|len| HASHINGS.map(|h| (len, h))) {
            let suffix_len = random.usize(..=MAX_PART_LEN);
            let template = Template::new(
                bytes(&mut random, prefix_len),
                encoding,
                bytes(&mut random, suffix_len),
            );
            let range = range_of_integers(encoding, &mut random);
            agrees(&template.with_hashing(hashing), range, &mut random);
        }
    }
}

/// Where zeros follow the nonce, words look like the padding of Bitcoin's second block; a long
/// nonce lies in some of them.
#[test]
fn zeros_around_an_integer_are_not_taken_for_padding() {
    let mut random = Rng::with_seed(9);
    for encoding in INTEGERS {
        for (prefix_len, hashing) in (64..84).flat_map(|len| HASHINGS.map(|h| (len, h))) {
            let template = Template::new(bytes(&mut random, prefix_len), encoding, [0; 40]);
            let range = range_of_integers(encoding, &mut random);
            agrees(&template.with_hashing(hashing), range, &mut random);
        }
    }
}

#[test]
fn every_length_of_suffix() {
    let mut random = Rng::with_seed(3);
    for suffix_len in 0..=MAX_PART_LEN {
        for hashing in HASHINGS {
            let prefix_len = random.usize(..=MAX_PART_LEN);
            let prefix = bytes(&mut random, prefix_len);
            let template =
                Template::new(prefix, NonceEncoding::Decimal, bytes(&mut random, suffix_len));
            let width = random.u32(1..=20);
            let range = range_of_width(width, &mut random);
            agrees(&template.with_hashing(hashing), range, &mut random);
        }
    }
}

#[test]
fn ranges_across_every_change_of_width() {
    let mut random = Rng::with_seed(4);
    for power in 1..20 {
        let first_wide = 10_u64.pow(power);
        let template =
            Template::new(bytes(&mut random, 41), NonceEncoding::Decimal, bytes(&mut random, 70));
        let start = first_wide.saturating_sub(1 + random.u64(..20));
        agrees(&template, start..=first_wide + random.u64(..20), &mut random);
    }
}

#[test]
fn the_last_nonces_that_can_be_written() {
    let mut random = Rng::with_seed(5);
    for start in [u64::MAX, u64::MAX - 1, u64::MAX - 99] {
        let template =
            Template::new(bytes(&mut random, 50), NonceEncoding::Decimal, bytes(&mut random, 9));
        agrees(&template, start..=u64::MAX, &mut random);
    }
    for encoding in INTEGERS {
        let last = encoding.max_nonce();
        for start in [last, last - 1, last - 99] {
            let template = Template::new(bytes(&mut random, 76), encoding, []);
            agrees(&template.with_hashing(Hashing::Twice), start..=last, &mut random);
        }
    }
}

#[test]
fn long_ranges_miss_nothing() {
    let mut random = Rng::with_seed(6);
    for encoding in NonceEncoding::ALL {
        let template = Template::new(bytes(&mut random, 42), encoding, bytes(&mut random, 113));
        for start in [0, 999, 12_345_678] {
            agrees(&template, start..=start + 9_999, &mut random);
        }
    }
}

/// Where the last digits begin a block, the groups of lanes are of nonces that lie 10, 100 or 1,000 apart.
#[test]
fn ranges_of_many_groups_whose_last_digits_begin_a_block() {
    let mut random = Rng::with_seed(7);
    for (low_digits, len) in [(1, 900), (2, 5_000), (3, 40_000)] {
        for suffix_len in [20, 113] {
            let prefix = bytes(&mut random, 64 - 10 + low_digits);
            let template =
                Template::new(prefix, NonceEncoding::Decimal, bytes(&mut random, suffix_len));
            let start = 1_000_000_000 + random.u64(..1_000_000);
            agrees(&template, start..=start + len, &mut random);
        }
    }
}

/// Heights 0, 1, 2, 3, 170, 100,000 and 125,552 of Bitcoin's chain.
#[test]
fn bitcoin_headers_are_solved_by_their_published_nonces() {
    for (header, nonce, hash) in [
        (
            "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12\
             b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c",
            2_083_236_893,
            "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f",
        ),
        (
            "010000006fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000982051fd1e4ba7\
             44bbbe680e1fee14677ba1a3c3540bf7b1cdb606e857233e0e61bc6649ffff001d01e36299",
            2_573_394_689,
            "00000000839a8e6886ab5951d76f411475428afc90947ee320161bbf18eb6048",
        ),
        (
            "010000004860eb18bf1b1620e37e9490fc8a427514416fd75159ab86688e9a8300000000d5fdcc541e\
             25de1c7a5addedf24858b8bb665c9f36ef744ee42c316022c90f9bb0bc6649ffff001d08d2bd61",
            1_639_830_024,
            "000000006a625f06636b8bb6ac7b960a8d03705d1ace08b1a19da3fdcc99ddbd",
        ),
        (
            "01000000bddd99ccfda39da1b108ce1a5d70038d0a967bacb68b6b63065f626a0000000044f6722260\
             90d85db9a9f2fbfe5f0f9609b387af7be5b7fbb7a1767c831c9e995dbe6649ffff001d05e0ed6d",
            1_844_305_925,
            "0000000082b5015589a3fdf2d4baff403e6f0be035a5d9742c1cae6295464449",
        ),
        (
            "0100000055bd840a78798ad0da853f68974f3d183e2bd1db6a842c1feecf222a00000000ff104ccb05\
             421ab93e63f8c3ce5c2c2e9dbb37de2764b3a3175c8166562cac7d51b96a49ffff001d283e9e70",
            1_889_418_792,
            "00000000d1145790a8694403d4063f323d499e655c83426834d4ce2f8dd4a2ee",
        ),
        (
            "0100000050120119172a610421a6c3011dd330d9df07b63616c2cc1f1cd00200000000006657a9252a\
             acd5c0b2940996ecff952228c3067cc38d4885efb5a4ac4247e9f337221b4d4c86041b0f2b5710",
            274_148_111,
            "000000000003ba27aa200b1cecaad478d2b00432346c3f1f3986da1afd33e506",
        ),
        (
            "0100000081cd02ab7e569e8bcd9317e2fe99f2de44d49ab2b8851ba4a308000000000000e320b6c2fffc8d\
             750423db8b1eb942ae710e951ed797f7affc8892b0f1fc122bc7f5d74df2b9441a42a14695",
            2_504_433_986,
            "00000000000000001e8d6829a8a21adc5d38d0a473b144b6765798e61f98bd1d",
        ),
    ] {
        let bytes: Vec<u8> = (0..header.len() / 2)
            .map(|at| u8::from_str_radix(&header[2 * at..2 * at + 2], 16).unwrap())
            .collect();
        let template = Template::bitcoin(&bytes.try_into().unwrap());
        let target = Target::from_bits(32).unwrap();
        for kernel in kernels() {
            let hit = Job::new(&template, target, kernel).search(nonce - 500..=nonce + 500);
            let hit = hit.unwrap_or_else(|| panic!("{kernel} missed nonce {nonce}"));
            assert_eq!((hit.nonce, hit.digest.to_string().as_str()), (nonce, hash), "{kernel}");
        }
    }
}

#[test]
fn every_available_kernel_passes_its_self_test() {
    for kernel in kernels() {
        kernel.self_test().unwrap();
    }
    assert!(Kernel::available().count() >= 2, "sha2 and portable run everywhere");
}

#[test]
fn the_detected_kernel_runs_here_and_passes_its_self_test() {
    let kernel = Kernel::detect();
    assert!(kernel.is_available());
    kernel.self_test().unwrap();
}
