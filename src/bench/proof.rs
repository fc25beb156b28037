//! The proof that every counted nonce was hashed.
//!
//! The range is cut into segments, and the measured kernel sums the deciding words of each segment.
//! Every other sample of a segment, by any kernel and number of threads, must give the same sum. If
//! two differ, and for segments and nonces chosen at random, the naive path decides: the `sha2`
//! crate over the whole header, nonce by nonce.

use std::ops::RangeInclusive;
use std::thread;

use super::document;
use crate::pow::{Job, Template};

/// Single nonces that are hashed again for each point.
const NONCES_AGAIN: u64 = 256;

/// The most mismatches that are kept.
const MOST_MISMATCHES: usize = 20;

/// What computed a sum: a kernel at a number of threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hasher {
    pub(super) kernel: &'static str,
    pub(super) threads: usize,
}

/// Collects sums, compares them, and hashes some nonces again.
pub(super) struct Prover<'a> {
    template: &'a Template,
    first_nonce: u64,
    /// What computed each segment's sum first.
    hashers: Vec<Hasher>,
    proof: document::Proof,
}

impl<'a> Prover<'a> {
    /// Without any sums. Segments are counted from the first nonce on.
    pub(super) fn new(template: &'a Template, first_nonce: u64, segment_len: u64) -> Self {
        let proof = document::Proof { segment_len, ..document::Proof::default() };
        Self { template, first_nonce, hashers: Vec::new(), proof }
    }

    /// Adds a sample's sums of the segments from the first on; where a sum is known, compares it.
    pub(super) fn add_sums(&mut self, hasher: Hasher, sums: &[u32]) {
        for (segment, &sum) in sums.iter().enumerate() {
            let Some(&known) = self.proof.sums.get(segment) else {
                self.proof.sums.push(sum);
                self.hashers.push(hasher);
                continue;
            };
            self.proof.sums_compared += 1;
            if known != sum {
                self.find_wrong_sum(segment, hasher, sum);
            }
        }
    }

    /// Finds out which of two sums of a segment is wrong, or whether both are.
    fn find_wrong_sum(&mut self, segment: usize, hasher: Hasher, sum: u32) {
        if self.proof.mismatches.len() >= MOST_MISMATCHES {
            return;
        }
        self.hash_segment_again(segment);
        let right = self.proof.sums[segment];
        if sum != right {
            self.add_mismatch(hasher, segment, None, sum, right);
        }
    }

    /// Hashes a segment again by the naive path. Its sum replaces a wrong one.
    fn hash_segment_again(&mut self, segment: usize) {
        let right = naive_sum(self.template, self.nonces(segment));
        self.proof.nonces_hashed_again += self.proof.segment_len;
        let sum = std::mem::replace(&mut self.proof.sums[segment], right);
        if sum != right {
            self.add_mismatch(self.hashers[segment], segment, None, sum, right);
        }
    }

    /// Hashes a random one of the first segments again, and random nonces of them.
    pub(super) fn hash_again(&mut self, hasher: Hasher, job: &Job<'_>, segments: usize) {
        let segments = segments.min(self.proof.sums.len());
        if segments == 0 {
            return;
        }
        self.hash_segment_again(fastrand::usize(..segments));
        for _ in 0..NONCES_AGAIN {
            let segment = fastrand::usize(..segments);
            let nonce = fastrand::u64(self.nonces(segment));
            let (found, right) = (job.sum(nonce..=nonce), self.template.deciding_word(nonce));
            self.proof.nonces_hashed_again += 1;
            if found != right {
                self.add_mismatch(hasher, segment, Some(nonce), found, right);
            }
        }
    }

    /// Compares a baseline's finds with those of a kernel in the same range.
    pub(super) fn compare_finds(
        &mut self,
        baseline: &'static str,
        finds: &[u64],
        expected: &[u64],
    ) {
        if finds == expected {
            return;
        }
        let differs = |(a, b): (&u64, &u64)| (a != b).then_some((*a).min(*b));
        let first = finds.iter().zip(expected).find_map(differs);
        let beyond = || finds.get(expected.len()).or_else(|| expected.get(finds.len())).copied();
        let Some(nonce) = first.or_else(beyond) else { return };
        let hasher = Hasher { kernel: baseline, threads: 1 };
        let count = |finds: &[u64]| u32::try_from(finds.len()).unwrap_or(u32::MAX);
        let (found, expected) = (count(finds), count(expected));
        self.add_mismatch(hasher, self.segment_of(nonce), Some(nonce), found, expected);
    }

    fn add_mismatch(
        &mut self,
        hasher: Hasher,
        segment: usize,
        nonce: Option<u64>,
        found: u32,
        expected: u32,
    ) {
        if self.proof.mismatches.len() < MOST_MISMATCHES {
            let (kernel, threads) = (hasher.kernel.to_owned(), hasher.threads);
            let against = "the sha2 crate, nonce by nonce".to_owned();
            let mismatch =
                document::Mismatch { kernel, threads, segment, nonce, found, expected, against };
            self.proof.mismatches.push(mismatch);
        }
    }

    fn nonces(&self, segment: usize) -> RangeInclusive<u64> {
        let first = self.first_nonce + segment as u64 * self.proof.segment_len;
        first..=first + self.proof.segment_len - 1
    }

    #[allow(clippy::cast_possible_truncation, reason = "there are sums of them")]
    fn segment_of(&self, nonce: u64) -> usize {
        ((nonce - self.first_nonce) / self.proof.segment_len) as usize
    }

    /// The proof as it is saved, without its cost.
    pub(super) fn into_document(self) -> document::Proof {
        document::Proof { ok: self.proof.mismatches.is_empty(), ..self.proof }
    }
}

/// The sum of the deciding words, each from a header built anew, on all CPUs.
fn naive_sum(template: &Template, nonces: RangeInclusive<u64>) -> u32 {
    let (first, last) = nonces.into_inner();
    let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
    let len = (last - first + 1).div_ceil(threads);
    let sum_of = |part: u64| {
        let first = first + part * len;
        let nonces = first..=last.min(first.saturating_add(len - 1));
        nonces.fold(0, |sum: u32, nonce| sum.wrapping_add(template.deciding_word(nonce)))
    };
    thread::scope(|scope| {
        let parts: Vec<_> = (0..threads).map(|part| scope.spawn(move || sum_of(part))).collect();
        let sums = parts.into_iter().map(|part| part.join().expect("hashing does not panic"));
        sums.fold(0, u32::wrapping_add)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pow::{Kernel, NonceEncoding, Target};

    const FIRST: u64 = 1_000_000;
    const LEN: u64 = 100;

    fn template() -> Template {
        Template::new("ore ", NonceEncoding::Decimal, "")
    }

    fn hasher(kernel: &'static str, threads: usize) -> Hasher {
        Hasher { kernel, threads }
    }

    fn sums(template: &Template, segments: u64) -> Vec<u32> {
        let segment = |k: u64| naive_sum(template, FIRST + k * LEN..=FIRST + (k + 1) * LEN - 1);
        (0..segments).map(segment).collect()
    }

    #[test]
    fn the_naive_sum_is_that_of_all_words() {
        let template = template();
        let words = (FIRST..FIRST + 101).map(|nonce| template.deciding_word(nonce));
        assert_eq!(naive_sum(&template, FIRST..=FIRST + 100), words.fold(0, u32::wrapping_add));
        assert_eq!(naive_sum(&template, FIRST..=FIRST), template.deciding_word(FIRST));
    }

    #[test]
    fn right_sums_agree_and_are_counted() {
        let template = template();
        let sums = sums(&template, 5);
        let mut proof = Prover::new(&template, FIRST, LEN);
        proof.add_sums(hasher("a", 1), &sums[..3]);
        proof.add_sums(hasher("a", 2), &sums);
        proof.add_sums(hasher("b", 1), &sums[..2]);
        let job = Job::new(&template, Target::ZERO, Kernel::Sha2);
        proof.hash_again(hasher("a", 1), &job, 5);
        let proof = proof.into_document();
        assert!(proof.ok);
        assert_eq!((proof.sums, proof.sums_compared), (sums, 5));
        assert_eq!(proof.nonces_hashed_again, LEN + NONCES_AGAIN);
    }

    #[test]
    fn whoever_is_wrong_is_named_though_it_came_first() {
        let template = template();
        let right = sums(&template, 3);
        let mut wrong = right.clone();
        wrong[1] ^= 1;
        for (first, second) in [(&right, &wrong), (&wrong, &right)] {
            let mut proof = Prover::new(&template, FIRST, LEN);
            let names = if first == &right { ["right", "wrong"] } else { ["wrong", "right"] };
            proof.add_sums(hasher(names[0], 1), first);
            proof.add_sums(hasher(names[1], 2), second);
            let proof = proof.into_document();
            assert!(!proof.ok);
            let [mismatch] = &proof.mismatches[..] else { panic!("{:?}", proof.mismatches) };
            assert_eq!((mismatch.kernel.as_str(), mismatch.segment), ("wrong", 1));
            assert_eq!((mismatch.found, mismatch.expected), (wrong[1], right[1]));
            assert_eq!(proof.sums, right, "the naive sum stands");
        }
    }

    #[test]
    fn finds_that_differ_name_the_baseline_and_the_nonce() {
        let template = template();
        for (finds, nonce) in [
            (vec![FIRST + 250], FIRST + 150),
            (vec![FIRST + 150], FIRST + 250),
            (vec![FIRST + 150, FIRST + 250, FIRST + 399], FIRST + 399),
        ] {
            let mut prover = Prover::new(&template, FIRST, LEN);
            prover.compare_finds("python", &finds, &[FIRST + 150, FIRST + 250]);
            let [mismatch] = &prover.proof.mismatches[..] else { panic!("{finds:?}") };
            assert_eq!((mismatch.kernel.as_str(), mismatch.nonce), ("python", Some(nonce)));
        }
        let mut prover = Prover::new(&template, FIRST, LEN);
        prover.compare_finds("python", &[FIRST + 150], &[FIRST + 150]);
        assert!(prover.proof.mismatches.is_empty());
    }
}
