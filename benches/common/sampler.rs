//! Takes samples of several subjects in turn, for the benchmarks in this directory.
//!
//! Every round samples each subject once, and each round begins one subject further on, so that
//! heat, other programs or a falling clock affect all of them alike. Ratios are taken within a
//! round, where the conditions are most alike.
//!
//! Not for code that takes microseconds: a sample is timed as a whole and should last some
//! milliseconds at least.
#![allow(dead_code, reason = "each benchmark uses a part of it")]

use std::iter::zip;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use stripmine::bench::statistics::{Spread, median};

/// Work that was done, and the time that it took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sample {
    /// Work done, in the subject's unit: hashes, for a miner.
    pub(crate) work: f64,
    /// Wall-clock time that the work took.
    pub(crate) elapsed: Duration,
}

impl Sample {
    /// Units of work per second.
    pub(crate) fn rate(&self) -> f64 {
        self.work / self.elapsed.as_secs_f64()
    }
}

/// Does some work and times it. `work` returns how much it has done, in units of work.
pub(crate) fn timed(work: impl FnOnce() -> f64) -> Sample {
    let start = Instant::now();
    let work = work();
    Sample { work, elapsed: start.elapsed() }
}

/// Takes one sample.
type Measure<'a> = Box<dyn FnMut() -> Result<Sample> + 'a>;

/// Subjects to be sampled in turn, by name.
#[derive(Default)]
pub(crate) struct Sampler<'a> {
    subjects: Vec<(String, Measure<'a>)>,
}

impl<'a> Sampler<'a> {
    /// Adds a subject.
    ///
    /// # Panics
    /// When there is a subject of that name already.
    pub(crate) fn subject(
        mut self,
        name: impl Into<String>,
        measure: impl FnMut() -> Result<Sample> + 'a,
    ) -> Self {
        let name = name.into();
        let taken = self.subjects.iter().any(|(other, _)| *other == name);
        assert!(!taken, "two subjects are named {name:?}");
        self.subjects.push((name, Box::new(measure)));
        self
    }

    /// Samples every subject once to warm up, then once in each round.
    ///
    /// Round r, from 0, begins with subject r mod n of n and goes on in the order in which they
    /// were added. The warm-up runs like round 0 and is not counted.
    ///
    /// # Errors
    /// When a subject fails, or its sample has no rate (no work, or no time).
    pub(crate) fn run(mut self, rounds: NonZeroUsize) -> Result<Samples> {
        self.sample_round(0)?;
        let rounds = (0..rounds.get()).map(|round| self.sample_round(round)).collect::<Result<_>>();
        Ok(Samples { rounds: rounds?, names: self.subjects.into_iter().map(|it| it.0).collect() })
    }

    /// One sample of every subject, in the order in which the subjects were added.
    fn sample_round(&mut self, round: usize) -> Result<Vec<Sample>> {
        let count = self.subjects.len();
        let mut row = vec![Sample { work: 0.0, elapsed: Duration::ZERO }; count];
        for turn in 0..count {
            let index = (round + turn) % count;
            let (name, measure) = &mut self.subjects[index];
            let sample = measure().with_context(|| format!("sampling {name:?} failed"))?;
            let Sample { work, elapsed } = sample;
            ensure!(
                sample.rate().is_finite() && sample.rate() > 0.0,
                "sampling {name:?} gave no rate: {work} units of work in {elapsed:?}; \
                 let each sample do more work"
            );
            row[index] = sample;
        }
        Ok(row)
    }
}

/// What was measured: for every subject one sample a round.
#[derive(Debug)]
pub(crate) struct Samples {
    names: Vec<String>,
    /// Per round, a sample per name.
    rounds: Vec<Vec<Sample>>,
}

impl Samples {
    /// The subjects' names, in the order in which they were added.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The rates of a subject in units of work per second, round by round; `None` when there is no
    /// such subject.
    fn rates(&self, name: &str) -> Option<Vec<f64>> {
        let column = self.names.iter().position(|other| other == name)?;
        Some(self.rounds.iter().map(|row| row[column].rate()).collect())
    }

    /// The median of a subject's rates; `None` when there is no such subject.
    pub(crate) fn median_rate(&self, name: &str) -> Option<f64> {
        median(&self.rates(name)?)
    }

    /// The rate of `a` over the rate of `b` in each round; `None` when either is no subject.
    pub(crate) fn round_ratios(&self, a: &str, b: &str) -> Option<Vec<f64>> {
        let (a, b) = (self.rates(a)?, self.rates(b)?);
        Some(zip(a, b).map(|(a, b)| a / b).collect())
    }

    /// How many times as fast `a` is as `b`: the median, the lowest and the highest of the ratios
    /// within a round. `None` when either is no subject.
    pub(crate) fn ratio(&self, a: &str, b: &str) -> Option<Spread> {
        Spread::of(&self.round_ratios(a, b)?)
    }
}

/// A ratio for people: the median, and in brackets the lowest and the highest.
pub(crate) fn bracketed(ratio: &Spread) -> String {
    format!("{:.2} [{:.2}, {:.2}]", ratio.median, ratio.low, ratio.high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounds(count: usize) -> NonZeroUsize {
        NonZeroUsize::new(count).unwrap()
    }

    /// A sample with a rate of `rate` units per second.
    fn at_rate(rate: f64) -> Sample {
        Sample { work: rate / 2.0, elapsed: Duration::from_millis(500) }
    }

    /// A subject that has these rates in the counted rounds, and another in the warm-up.
    fn scripted<const N: usize>(rates: [f64; N]) -> impl FnMut() -> Result<Sample> {
        let mut script = std::iter::once(1e9).chain(rates);
        move || Ok(at_rate(script.next().unwrap()))
    }

    #[test]
    fn a_rate_is_work_per_second() {
        let sample = Sample { work: 300.0, elapsed: Duration::from_millis(1500) };
        assert_eq!(sample.rate().to_bits(), 200_f64.to_bits());
    }

    #[test]
    fn timing_covers_the_work() {
        let nap = Duration::from_millis(20);
        let sample = timed(|| {
            std::thread::sleep(nap);
            3.0
        });
        assert!(sample.elapsed >= nap);
        assert_eq!(sample.work.to_bits(), 3_f64.to_bits());
    }

    #[test]
    fn every_round_begins_one_subject_further_on() {
        let order = std::cell::RefCell::new(String::new());
        let subject = |name: char| {
            let order = &order;
            move || {
                order.borrow_mut().push(name);
                Ok(at_rate(1.0))
            }
        };
        let sampler = Sampler::default().subject("a", subject('a')).subject("b", subject('b'));
        sampler.subject("c", subject('c')).run(rounds(4)).unwrap();
        // The warm-up, and four rounds.
        assert_eq!(order.into_inner(), ["abc", "abc", "bca", "cab", "abc"].concat());
    }

    #[test]
    fn samples_go_to_their_subject_whatever_the_order() {
        let samples = Sampler::default()
            .subject("a", scripted([1.0, 2.0, 3.0, 4.0]))
            .subject("b", scripted([10.0, 20.0, 30.0, 40.0]))
            .subject("c", scripted([100.0, 200.0, 300.0, 400.0]))
            .run(rounds(4))
            .unwrap();
        assert_eq!(samples.names().collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(samples.rates("a"), Some(vec![1.0, 2.0, 3.0, 4.0]));
        assert_eq!(samples.rates("b"), Some(vec![10.0, 20.0, 30.0, 40.0]));
        assert_eq!(samples.rates("c"), Some(vec![100.0, 200.0, 300.0, 400.0]));
    }

    #[test]
    fn the_warm_up_does_not_count() {
        let samples = Sampler::default().subject("a", scripted([5.0, 7.0])).run(rounds(2)).unwrap();
        assert_eq!(samples.median_rate("a"), Some(6.0));
    }

    #[test]
    fn ratios_are_taken_within_a_round() {
        // The machine slows down from round to round, and a is twice as fast as b throughout,
        // except for one disturbed sample in the first round.
        let samples = Sampler::default()
            .subject("a", scripted([1.0, 16.0, 8.0, 4.0, 2.0]))
            .subject("b", scripted([16.0, 8.0, 4.0, 2.0, 1.0]))
            .run(rounds(5))
            .unwrap();
        // By their medians, the two would be equally fast.
        assert_eq!(samples.median_rate("a"), samples.median_rate("b"));
        let expected = Spread { median: 2.0, low: 0.0625, high: 2.0 };
        assert_eq!(samples.ratio("a", "b"), Some(expected));
        let inverse = Spread { median: 0.5, low: 0.5, high: 16.0 };
        assert_eq!(samples.ratio("b", "a"), Some(inverse));
    }

    #[test]
    fn subjects_borrow_and_change_what_is_around_them() {
        let mut calls = 0;
        let count = || {
            calls += 1;
            Ok(at_rate(1.0))
        };
        Sampler::default().subject("counter", count).run(rounds(3)).unwrap();
        assert_eq!(calls, 4);
    }

    #[test]
    fn a_failure_ends_the_run_and_names_the_subject_and_the_cause() {
        let mut calls = 0;
        let failing = || {
            calls += 1;
            if calls == 4 { Err(anyhow::anyhow!("out of ore")) } else { Ok(at_rate(4.0)) }
        };
        let sampler = Sampler::default().subject("steady", || Ok(at_rate(8.0)));
        let error = sampler.subject("failing", failing).run(rounds(9)).unwrap_err();
        assert_eq!(format!("{error:#}"), "sampling \"failing\" failed: out of ore");
        assert_eq!(calls, 4);
    }

    #[test]
    fn samples_without_a_rate_are_refused() {
        let second = Duration::from_secs(1);
        for (work, elapsed) in [
            (1.0, Duration::ZERO),
            (0.0, Duration::ZERO),
            (0.0, second),
            (-1.0, second),
            (f64::NAN, second),
            (f64::INFINITY, second),
        ] {
            let sampler = Sampler::default().subject("a", || Ok(Sample { work, elapsed }));
            let error = sampler.run(rounds(1)).unwrap_err().to_string();
            assert!(
                error.starts_with("sampling \"a\" gave no rate"),
                "{work} {elapsed:?}: {error}"
            );
            assert!(error.ends_with("let each sample do more work"));
        }
    }

    #[test]
    fn unknown_names_have_no_rates() {
        let samples = Sampler::default().subject("a", scripted([1.0])).run(rounds(1)).unwrap();
        assert_eq!(samples.rates("b"), None);
        assert_eq!(samples.median_rate("b"), None);
        assert_eq!(samples.ratio("a", "b"), None);
        assert_eq!(samples.ratio("b", "a"), None);
    }

    #[test]
    fn no_subjects_no_samples() {
        assert_eq!(Sampler::default().run(rounds(3)).unwrap().names().count(), 0);
    }

    #[test]
    #[should_panic(expected = "two subjects are named \"a\"")]
    fn names_are_taken_once() {
        let _ = Sampler::default().subject("a", scripted([1.0])).subject("a", scripted([1.0]));
    }
}
