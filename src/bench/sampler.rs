//! Samples of several subjects, taken in turn.
//!
//! Subjects that are compared are measured side by side: every round samples each of them once,
//! and each round begins one subject further on, so that heat, a busy neighbour or a falling
//! clock rate meets all of them alike. Ratios are taken within a round, where the conditions are
//! closest, and only then summed up.
//!
//! Not for code that takes microseconds: a sample is timed as a whole, and a subject should do
//! enough work for it to last some milliseconds at least.

use super::statistics::{Spread, median};
use std::error::Error;
use std::fmt;
use std::iter::zip;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

/// How often each subject is sampled and counted; the warm-up round comes on top.
pub type Rounds = NonZeroUsize;

/// Work that was done, and the time that it took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// Work done, in the subject's unit: hashes, for a miner.
    pub work: f64,
    /// Wall-clock time that the work took.
    pub elapsed: Duration,
}

impl Sample {
    /// Units of work per second.
    ///
    /// Not finite when no time has passed; a [`Sampler`] lets no such sample through.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.work / self.elapsed.as_secs_f64()
    }
}

/// Does some work and times it. `work` returns how much it has done, in units of work.
pub fn timed(work: impl FnOnce() -> f64) -> Sample {
    let start = Instant::now();
    let work = work();
    Sample { work, elapsed: start.elapsed() }
}

type Measure<'a, E> = Box<dyn FnMut() -> Result<Sample, E> + 'a>;

struct Subject<'a, E> {
    name: String,
    measure: Measure<'a, E>,
}

/// Subjects to be sampled in turn.
///
/// A subject may borrow from its surroundings for `'a`, and fail with an `E`.
///
/// ```
/// # use std::convert::Infallible;
/// # use stripmine::bench::{Rounds, Sampler, timed};
/// let numbers: Vec<u64> = (0..100_000).collect();
/// let samples = Sampler::<Infallible>::new()
///     .subject("sum", || Ok(timed(|| { std::hint::black_box(numbers.iter().sum::<u64>()); 1e5 })))
///     .subject("max", || Ok(timed(|| { std::hint::black_box(numbers.iter().max()); 1e5 })))
///     .run(Rounds::MIN, |_| ())?;
/// assert!(samples.median_rate("sum") > Some(0.0));
/// assert!(samples.ratio("sum", "max").is_some());
/// # Ok::<(), stripmine::bench::Interrupted<Infallible>>(())
/// ```
pub struct Sampler<'a, E> {
    subjects: Vec<Subject<'a, E>>,
}

impl<E> Default for Sampler<'_, E> {
    fn default() -> Self {
        Self { subjects: Vec::new() }
    }
}

impl<'a, E> Sampler<'a, E> {
    /// A sampler without subjects.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a subject. Each call of `measure` takes one sample.
    ///
    /// # Panics
    ///
    /// When there is a subject of that name already.
    #[must_use]
    pub fn subject(
        mut self,
        name: impl Into<String>,
        measure: impl FnMut() -> Result<Sample, E> + 'a,
    ) -> Self {
        let name = name.into();
        let taken = self.subjects.iter().any(|subject| subject.name == name);
        assert!(!taken, "two subjects are named {name:?}");
        self.subjects.push(Subject { name, measure: Box::new(measure) });
        self
    }

    /// Samples every subject once to warm up, then once in each of `rounds` rounds.
    ///
    /// Round r, from 0, begins with subject r mod n of n and goes on in the order in which they
    /// were added; the warm-up is as round 0. `progress` is called after every sample, between
    /// the measurements: what takes long there lets the machine cool down.
    ///
    /// # Errors
    ///
    /// When a subject fails, or its sample has no rate (no work, or no time). The samples of the
    /// rounds completed so far come with the error.
    pub fn run(
        mut self,
        rounds: Rounds,
        mut progress: impl FnMut(Progress<'_>),
    ) -> Result<Samples, Interrupted<E>> {
        let names = self.subjects.iter().map(|subject| subject.name.clone()).collect();
        let mut samples = Samples { names, rounds: Vec::new() };
        let warm_up_and_counted = std::iter::once(None).chain((0..rounds.get()).map(Some));
        for round in warm_up_and_counted {
            match self.sample_round(round, rounds, &mut progress) {
                Ok(row) if round.is_some() => samples.rounds.push(row),
                Ok(_) => {}
                Err((subject, cause)) => {
                    return Err(Interrupted { subject, cause, completed: samples });
                }
            }
        }
        Ok(samples)
    }

    /// One sample of every subject, in the order in which the subjects were added.
    fn sample_round(
        &mut self,
        round: Option<usize>,
        rounds: Rounds,
        progress: &mut impl FnMut(Progress<'_>),
    ) -> Result<Vec<Sample>, (String, Cause<E>)> {
        let count = self.subjects.len();
        let done_before = round.map_or(0, |round| (round + 1) * count);
        let total = (rounds.get() + 1) * count;
        let mut row = vec![Sample { work: 0.0, elapsed: Duration::ZERO }; count];
        for (turn, index) in turns(round.unwrap_or(0), count).enumerate() {
            let Subject { name, measure } = &mut self.subjects[index];
            let sample = sample_with_rate(measure).map_err(|cause| (name.clone(), cause))?;
            row[index] = sample;
            let done = done_before + turn + 1;
            progress(Progress { subject: name, round, sample, done, total });
        }
        Ok(row)
    }
}

/// The order in which a round, from 0, takes its subjects: each begins one further on.
pub(super) fn turns(round: usize, subjects: usize) -> impl Iterator<Item = usize> {
    (0..subjects).map(move |turn| (round + turn) % subjects)
}

/// Takes a sample and refuses one that would spoil a median or a ratio.
fn sample_with_rate<E>(measure: &mut Measure<'_, E>) -> Result<Sample, Cause<E>> {
    let sample = measure().map_err(Cause::Failed)?;
    let rate = sample.rate();
    if rate.is_finite() && rate > 0.0 { Ok(sample) } else { Err(Cause::NoRate(sample)) }
}

/// A sample that was just taken, and how far the run has come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress<'a> {
    /// The subject's name.
    pub subject: &'a str,
    /// The round, from 0; `None` in the warm-up, which does not count.
    pub round: Option<usize>,
    /// The sample.
    pub sample: Sample,
    /// Samples taken so far, this one and the warm-up's included.
    pub done: usize,
    /// Samples that the whole run takes, the warm-up's included.
    pub total: usize,
}

/// What a run has measured: as many samples of every subject as there were rounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples {
    names: Vec<String>,
    /// Per round, a sample per name.
    rounds: Vec<Vec<Sample>>,
}

impl Samples {
    /// The subjects' names, in the order in which they were added.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The samples of the subject `name`, round by round; `None` when there is no such subject.
    #[must_use]
    pub fn of(&self, name: &str) -> Option<Vec<Sample>> {
        let column = self.names.iter().position(|other| other == name)?;
        Some(self.rounds.iter().map(|row| row[column]).collect())
    }

    /// The rates of the subject `name` in units of work per second, round by round; `None` when
    /// there is no such subject.
    #[must_use]
    pub fn rates(&self, name: &str) -> Option<Vec<f64>> {
        Some(self.of(name)?.iter().map(Sample::rate).collect())
    }

    /// The median of the rates of the subject `name`, in units of work per second; `None` when
    /// there is no such subject or no round was completed.
    #[must_use]
    pub fn median_rate(&self, name: &str) -> Option<f64> {
        median(&self.rates(name)?)
    }

    /// The rate of `a` over the rate of `b` in each round; `None` when either is no subject.
    #[must_use]
    pub fn round_ratios(&self, a: &str, b: &str) -> Option<Vec<f64>> {
        let (a, b) = (self.rates(a)?, self.rates(b)?);
        Some(zip(a, b).map(|(a, b)| a / b).collect())
    }

    /// How many times as fast `a` is as `b`: the median over the rounds of the ratio within a
    /// round, and as low and high the smallest and the largest of these ratios.
    ///
    /// `None` when either is no subject or no round was completed.
    #[must_use]
    pub fn ratio(&self, a: &str, b: &str) -> Option<Spread> {
        Spread::of(&self.round_ratios(a, b)?)
    }
}

/// A run that ended early, and what it has measured until then.
#[derive(Debug)]
pub struct Interrupted<E> {
    /// The name of the subject that ended the run.
    pub subject: String,
    /// Why.
    pub cause: Cause<E>,
    /// The samples of the rounds that were completed; there may be none.
    pub completed: Samples,
}

/// Why a run ended early.
#[derive(Debug)]
pub enum Cause<E> {
    /// The subject failed.
    Failed(E),
    /// The sample's rate is not a positive finite number.
    NoRate(Sample),
}

impl<E> fmt::Display for Interrupted<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::Failed(_) => write!(f, "sampling {:?} failed", self.subject),
            Cause::NoRate(Sample { work, elapsed }) => write!(
                f,
                "sampling {:?} gave no rate: {work} units of work in {elapsed:?}; \
                 let each sample do more work",
                self.subject
            ),
        }
    }
}

impl<E: Error + 'static> Error for Interrupted<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.cause {
            Cause::Failed(error) => Some(error),
            Cause::NoRate(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::convert::Infallible;

    fn rounds(count: usize) -> Rounds {
        Rounds::new(count).unwrap()
    }

    /// A sample with a rate of `rate` units per second.
    fn at_rate(rate: f64) -> Sample {
        Sample { work: rate / 2.0, elapsed: Duration::from_millis(500) }
    }

    /// A subject that has these rates in the counted rounds, and another in the warm-up.
    fn scripted<const N: usize>(rates: [f64; N]) -> impl FnMut() -> Result<Sample, Infallible> {
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
        let order = RefCell::new(String::new());
        let subject = |name: char| {
            let order = &order;
            move || {
                order.borrow_mut().push(name);
                Ok::<_, Infallible>(at_rate(1.0))
            }
        };
        Sampler::new()
            .subject("a", subject('a'))
            .subject("b", subject('b'))
            .subject("c", subject('c'))
            .run(rounds(4), |progress| {
                if progress.done % 3 == 0 {
                    order.borrow_mut().push(' ');
                }
            })
            .unwrap();
        assert_eq!(order.into_inner(), "abc abc bca cab abc ");
    }

    #[test]
    fn samples_go_to_their_subject_whatever_the_order() {
        let samples = Sampler::new()
            .subject("a", scripted([1.0, 2.0, 3.0, 4.0]))
            .subject("b", scripted([10.0, 20.0, 30.0, 40.0]))
            .subject("c", scripted([100.0, 200.0, 300.0, 400.0]))
            .run(rounds(4), |_| ())
            .unwrap();
        assert_eq!(samples.names().collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(samples.rates("a"), Some(vec![1.0, 2.0, 3.0, 4.0]));
        assert_eq!(samples.rates("b"), Some(vec![10.0, 20.0, 30.0, 40.0]));
        assert_eq!(samples.rates("c"), Some(vec![100.0, 200.0, 300.0, 400.0]));
        assert_eq!(samples.of("a").unwrap()[1], at_rate(2.0));
    }

    #[test]
    fn the_warm_up_does_not_count() {
        let samples =
            Sampler::new().subject("a", scripted([5.0, 7.0])).run(rounds(2), |_| ()).unwrap();
        assert_eq!(samples.median_rate("a"), Some(6.0));
    }

    #[test]
    fn ratios_are_taken_within_a_round() {
        // The machine slows down from round to round, and a is twice as fast as b throughout, but
        // for one disturbed sample in the first round.
        let samples = Sampler::new()
            .subject("a", scripted([1.0, 16.0, 8.0, 4.0, 2.0]))
            .subject("b", scripted([16.0, 8.0, 4.0, 2.0, 1.0]))
            .run(rounds(5), |_| ())
            .unwrap();
        // By their medians, the two would be equally fast.
        assert_eq!(samples.median_rate("a"), samples.median_rate("b"));
        let expected = Spread { median: 2.0, low: 0.0625, high: 2.0 };
        assert_eq!(samples.ratio("a", "b"), Some(expected));
        let inverse = Spread { median: 0.5, low: 0.5, high: 16.0 };
        assert_eq!(samples.ratio("b", "a"), Some(inverse));
    }

    #[test]
    fn progress_tells_the_sample_and_the_way_to_go() {
        let mut seen = Vec::new();
        Sampler::new()
            .subject("a", scripted([1.0, 2.0]))
            .subject("b", scripted([3.0, 4.0]))
            .run(rounds(2), |progress| {
                assert_eq!(progress.total, 6);
                let rate = progress.sample.rate();
                seen.push((progress.done, progress.subject.to_owned(), progress.round, rate));
            })
            .unwrap();
        let expected = [
            (1, "a", None, 1e9),
            (2, "b", None, 1e9),
            (3, "a", Some(0), 1.0),
            (4, "b", Some(0), 3.0),
            (5, "b", Some(1), 4.0),
            (6, "a", Some(1), 2.0),
        ];
        assert_eq!(
            seen,
            expected.map(|(done, name, round, rate)| (done, name.into(), round, rate))
        );
    }

    #[test]
    fn subjects_borrow_and_change_what_is_around_them() {
        let mut calls = 0;
        Sampler::<Infallible>::new()
            .subject("counter", || {
                calls += 1;
                Ok(at_rate(1.0))
            })
            .run(rounds(3), |_| ())
            .unwrap();
        assert_eq!(calls, 4);
    }

    #[test]
    fn a_failure_leaves_the_completed_rounds() {
        let mut calls = 0;
        let interrupted = Sampler::new()
            .subject("steady", || Ok(at_rate(8.0)))
            .subject("failing", || {
                calls += 1;
                if calls == 4 { Err(fmt::Error) } else { Ok(at_rate(4.0)) }
            })
            .run(rounds(9), |_| ())
            .unwrap_err();
        assert_eq!(interrupted.to_string(), "sampling \"failing\" failed");
        assert!(interrupted.source().is_some());
        let completed = interrupted.completed;
        assert_eq!(completed.rates("steady"), Some(vec![8.0, 8.0]));
        assert_eq!(completed.median_rate("failing"), Some(4.0));
        assert_eq!(completed.ratio("steady", "failing").unwrap().median.to_bits(), 2_f64.to_bits());
    }

    #[test]
    fn a_failure_in_the_warm_up_leaves_nothing() {
        let interrupted =
            Sampler::new().subject("a", || Err(fmt::Error)).run(rounds(1), |_| ()).unwrap_err();
        let completed = interrupted.completed;
        assert_eq!(completed.rates("a"), Some(vec![]));
        assert_eq!(completed.median_rate("a"), None);
        assert_eq!(completed.ratio("a", "a"), None);
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
            let interrupted = Sampler::<Infallible>::new()
                .subject("a", || Ok(Sample { work, elapsed }))
                .run(rounds(1), |_| ())
                .unwrap_err();
            assert!(matches!(interrupted.cause, Cause::NoRate(_)), "{work} {elapsed:?}");
            assert!(interrupted.to_string().ends_with("let each sample do more work"));
        }
    }

    #[test]
    fn unknown_names_have_no_rates() {
        let samples = Sampler::new().subject("a", scripted([1.0])).run(rounds(1), |_| ()).unwrap();
        assert_eq!(samples.of("b"), None);
        assert_eq!(samples.median_rate("b"), None);
        assert_eq!(samples.ratio("a", "b"), None);
        assert_eq!(samples.ratio("b", "a"), None);
    }

    #[test]
    fn no_subjects_no_samples() {
        let samples = Sampler::<Infallible>::new().run(rounds(3), |_| ()).unwrap();
        assert_eq!(samples.names().count(), 0);
    }

    #[test]
    #[should_panic(expected = "two subjects are named \"a\"")]
    fn names_are_taken_once() {
        let _ = Sampler::new().subject("a", scripted([1.0])).subject("a", scripted([1.0]));
    }
}
