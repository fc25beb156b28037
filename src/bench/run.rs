//! One benchmark from start to end: warm up, sample in turn, time the stops, prove the work.

use std::time::{Duration, Instant};

use super::baselines::proof_target;
use super::document::{Document, Outcome};
use super::error::BenchError;
use super::measured::Measured;
use super::plan::BASELINE_TIME;
use super::proof::{Hasher, Proof};
use super::subject::{Headers, Subject, Task};
use super::{Plan, Watch, summary};
use crate::miner::Miner;
use crate::pow::{Job, Target};
use crate::sync::CancelToken;

/// Lengths that a segment can have, in nonces: the longest of which the slowest point has
/// [`LEAST_SEGMENTS`] in a sample.
const SEGMENT_LENS: [u64; 7] = [1_000_000, 500_000, 200_000, 100_000, 50_000, 20_000, 10_000];

const LEAST_SEGMENTS: f64 = 2.0;

/// Searches whose stopping is timed, at most, and how long one takes, about: long enough for
/// stripes of their full length.
const STOPS: usize = 200;
const STOP_SEARCH_TIME: Duration = Duration::from_millis(10);

/// What a running benchmark is about to do, or has just done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event<'a> {
    /// It turns to a subject.
    Turn {
        /// What it does with it.
        step: Step,
        /// The subject's name.
        subject: &'a str,
        /// The time that the rest takes, about; what the proof takes at the end is not in it.
        left: Duration,
    },
    /// A sample was taken.
    Sampled {
        /// The subject's name.
        subject: &'a str,
        /// The round, from 0.
        round: usize,
        /// Hashes per second.
        hashes_per_s: f64,
    },
}

/// What a benchmark does with a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Warms it up, and learns how much is a sample.
    WarmUp,
    /// Takes the sample of this round, from 0.
    Sample(usize),
    /// Times how soon its workers stop.
    Stops,
    /// Hashes some of its nonces again.
    Proof,
}

/// Measures what the plan asks for, and proves it. When the flag is raised, what was measured
/// until then is returned. The watch was started before.
///
/// # Errors
/// When workers cannot be set up, or one of them or Python dies.
///
/// # Panics
/// When the plan has no kernels or no threads.
pub fn run(
    plan: &Plan,
    watch: &Watch,
    cancel: &CancelToken,
    mut listener: impl FnMut(Event<'_>),
) -> Result<Document, BenchError> {
    let headers = Headers::new(plan.workload);
    let mut subjects = Subject::all(plan)?;
    let mut left = plan.duration();
    for subject in &mut subjects {
        listener(Event::Turn { step: Step::WarmUp, subject: &subject.name, left });
        if subject.warm_up(&headers, plan.warmup, cancel)?.is_none() {
            break;
        }
        left = left.saturating_sub(plan.warmup);
    }
    let segment_len = segment_len(plan, &subjects);
    for subject in &mut subjects {
        subject.nonces = sample_len(plan, &headers, subject, segment_len);
    }
    let proof = Proof::new(&headers.template, headers.first, segment_len);
    let (started, stops) = (Instant::now(), Vec::new());
    let mut measured = Measured { plan, subjects, proof, started, stops };
    measured.sample(&headers, segment_len, cancel, left, &mut listener)?;
    measured.time_stops(&headers, cancel, &mut listener)?;
    measured.prove(&headers, cancel, &mut listener);
    let outcome = match (measured.proof.is_ok(), cancel.is_cancelled()) {
        (false, _) => Outcome::Failed,
        (true, true) => Outcome::Interrupted,
        (true, false) => Outcome::Done,
    };
    Ok(summary::document(measured, watch.environment(), outcome))
}

/// The order in which a round, from 0, takes the subjects: each round begins one further on.
fn turns(round: usize, subjects: usize) -> impl Iterator<Item = usize> {
    (0..subjects).map(move |turn| (round + turn) % subjects)
}

/// The length of a segment: the same for all, short enough for the slowest point.
fn segment_len(plan: &Plan, subjects: &[Subject]) -> u64 {
    let points = subjects.iter().filter(|subject| matches!(subject.task, Task::Point(_)));
    let slowest = points.map(|point| point.rate).fold(f64::INFINITY, f64::min);
    let nonces = slowest * plan.time.as_secs_f64() / LEAST_SEGMENTS;
    let [.., shortest] = SEGMENT_LENS;
    SEGMENT_LENS.into_iter().find(|len| *len as f64 <= nonces).unwrap_or(shortest)
}

/// Nonces in a subject's sample: a whole number of segments where these are summed.
fn sample_len(plan: &Plan, headers: &Headers, subject: &Subject, segment_len: u64) -> u64 {
    if let Task::Baseline(_) = subject.task {
        return headers.for_time(subject.rate, plan.time.mul_f64(BASELINE_TIME));
    }
    let nonces = headers.for_time(subject.rate, plan.time);
    let most = headers.most() / segment_len;
    let segments = ((nonces + segment_len / 2) / segment_len).clamp(1, most);
    segments * segment_len
}

impl Measured<'_> {
    /// All rounds, as far as the flag lets them.
    fn sample(
        &mut self,
        headers: &Headers,
        segment_len: u64,
        cancel: &CancelToken,
        mut left: Duration,
        listener: &mut impl FnMut(Event<'_>),
    ) -> Result<(), BenchError> {
        for round in 0..self.plan.samples.get() {
            for index in turns(round, self.subjects.len()) {
                if cancel.is_cancelled() {
                    return Ok(());
                }
                let subject = &mut self.subjects[index];
                let step = Step::Sample(round);
                listener(Event::Turn { step, subject: &subject.name, left });
                let Some(shot) = subject.shoot(headers, Some(segment_len), round, cancel)? else {
                    return Ok(());
                };
                left = left.saturating_sub(shot.elapsed);
                let (subject, hashes_per_s) = (&*subject.name, shot.rate);
                listener(Event::Sampled { subject, round, hashes_per_s });
                self.keep(index, shot);
            }
        }
        Ok(())
    }

    fn keep(&mut self, index: usize, shot: super::subject::Shot) {
        let subject = &mut self.subjects[index];
        if let Some(miner) = subject.miner() {
            self.proof.take(&hasher(miner), &shot.sums);
        }
        subject.shots.push(shot);
    }

    /// Times how soon the workers of the first kernel's largest point stop after a find.
    fn time_stops(
        &mut self,
        headers: &Headers,
        cancel: &CancelToken,
        listener: &mut impl FnMut(Event<'_>),
    ) -> Result<(), BenchError> {
        let separate = |subject: &&Subject| matches!(subject.task, Task::Separate(_));
        let Some(subject) = self.subjects.iter().find(separate) else { return Ok(()) };
        let Some(miner) = subject.miner() else { return Ok(()) };
        let left = self.plan.stops_time();
        listener(Event::Turn { step: Step::Stops, subject: &subject.name, left });
        let target = found_within(STOP_SEARCH_TIME, subject.rate);
        let until = Instant::now() + left;
        let stride = headers.most() / STOPS as u64;
        for search in 0..STOPS as u64 {
            if cancel.is_cancelled() || Instant::now() > until {
                break;
            }
            let first = headers.first + search * stride;
            self.stops.extend(headers.time_to_stop(miner, target, first, cancel)?);
        }
        Ok(())
    }

    /// Hashes again, by the naive path, some of what every point hashed.
    fn prove(
        &mut self,
        headers: &Headers,
        cancel: &CancelToken,
        listener: &mut impl FnMut(Event<'_>),
    ) {
        for subject in &self.subjects {
            if cancel.is_cancelled() {
                return;
            }
            let (step, left) = (Step::Proof, Duration::ZERO);
            listener(Event::Turn { step, subject: &subject.name, left });
            match (&subject.task, subject.shots.last()) {
                (Task::Point(miner), Some(shot)) => {
                    let job = Job::new(&headers.template, Target::ZERO, miner.kernel());
                    self.proof.hash_again(&hasher(miner), &job, shot.sums.len());
                }
                (Task::Baseline(one), Some(_)) => {
                    let expected = headers.finds(self.plan, subject.nonces);
                    for shot in &subject.shots {
                        let name = one.baseline.name();
                        self.proof.compare_finds(name, &shot.finds, &expected);
                    }
                }
                _ => {}
            }
        }
    }
}

impl Headers {
    /// A search of nonces from `first` on that finds one: how long its workers took to stop then.
    fn time_to_stop(
        &self,
        miner: &Miner,
        target: Target,
        first: u64,
        cancel: &CancelToken,
    ) -> Result<Option<Duration>, BenchError> {
        use crate::miner::{Outcome, Search};

        let range = first..=self.first + (self.most() - 1);
        let search = Search::default().with_range(range).with_cancel(cancel.clone());
        match miner.search(&self.template, &target, search)? {
            Outcome::Found(solution) => Ok(Some(solution.stopped_after)),
            Outcome::Exhausted(_) | Outcome::Cancelled(_) => Ok(None),
        }
    }

    /// What baselines find among this many nonces, by the plan's first kernel.
    fn finds(&self, plan: &Plan, nonces: u64) -> Vec<u64> {
        let job = Job::new(&self.template, proof_target(), plan.kernels[0]);
        let last = self.first + (nonces - 1);
        let next = |nonce: &u64| job.search(nonce + 1..=last).map(|hit| hit.nonce);
        let first = job.search(self.first..=last).map(|hit| hit.nonce);
        std::iter::successors(first, next).collect()
    }
}

/// A target that is met within this time on average, at this many hashes per second.
fn found_within(time: Duration, rate: f64) -> Target {
    let expected_hashes = (rate * time.as_secs_f64()).max(1.0);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "few bits")]
    let bits = expected_hashes.log2().round() as u32;
    Target::from_bits(bits.min(256)).unwrap_or(Target::ZERO)
}

fn hasher(miner: &Miner) -> Hasher {
    Hasher { kernel: miner.kernel().name().to_owned(), threads: miner.threads() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::document::Point;
    use crate::bench::{Baseline, Workload};
    use crate::machine::Topology;
    use crate::pow::Kernel;
    use crate::pow::fault::Fault;
    use std::num::NonZeroUsize;

    fn plan(kernels: &[Kernel], threads: &[usize]) -> Plan {
        Plan {
            label: "a test".to_owned(),
            workload: Workload::Text,
            kernels: kernels.to_vec(),
            threads: threads.to_vec(),
            baselines: Vec::new(),
            time: Duration::from_millis(20),
            samples: NonZeroUsize::new(2).unwrap(),
            warmup: Duration::ZERO,
            pins: None,
        }
    }

    fn document(plan: &Plan) -> Document {
        run(plan, &Watch::start(&Topology::detect()), &CancelToken::new(), |_| ()).unwrap()
    }

    #[test]
    fn a_kernel_that_skips_a_nonce_or_has_a_wrong_lane_once_is_caught_and_named() {
        for fault in [Fault::SkipsANonce, Fault::WrongLane] {
            let _injected = fault.inject_into(Kernel::Portable);
            Kernel::Portable.self_test().unwrap();
            for kernels in [[Kernel::Portable, Kernel::Sha2], [Kernel::Sha2, Kernel::Portable]] {
                let document = document(&plan(&kernels, &[1]));
                assert_eq!(document.outcome, Outcome::Failed, "{fault:?} {kernels:?}");
                let mismatches = &document.proof.mismatches;
                assert!(!mismatches.is_empty());
                for mismatch in mismatches {
                    assert_eq!(mismatch.kernel, "portable", "{fault:?} {kernels:?}");
                }
            }
        }
    }

    #[test]
    fn a_kernel_that_is_always_wrong_is_caught_though_nothing_contradicts_it() {
        // Every segment of 10,000 nonces has its wrong lane, in every sample alike.
        let _injected = Fault::WrongLane.inject_into(Kernel::Portable);
        let document = document(&plan(&[Kernel::Portable], &[1]));
        assert_eq!(document.outcome, Outcome::Failed);
        assert!(document.proof.nonces_hashed_again > 0);
    }

    fn adds_up(point: &Point) {
        assert_eq!(point.workers.len(), point.threads);
        assert_eq!(point.workers.iter().map(|worker| worker.hashes).sum::<u64>(), point.hashes);
        assert_eq!(point.samples.iter().map(|sample| sample.hashes).sum::<u64>(), point.hashes);
        let shares: f64 = point.workers.iter().map(|worker| worker.share).sum();
        let rates: f64 = point.workers.iter().map(|worker| worker.hashes_per_s).sum();
        assert!((shares - 1.0).abs() < 1e-9);
        assert!((rates / (point.hashes as f64 / point.elapsed_s) - 1.0).abs() < 1e-9);
        for sample in &point.samples {
            assert_eq!(sample.workers.iter().sum::<u64>(), sample.hashes);
            let rate = sample.hashes as f64 / sample.elapsed_s;
            assert!((sample.hashes_per_s / rate - 1.0).abs() < 1e-9);
        }
        assert!(point.fairness.lowest_share <= point.fairness.highest_share);
    }

    #[test]
    fn workers_samples_and_points_add_up_and_the_sums_agree() {
        let plan = Plan {
            baselines: vec![Baseline::Reference, Baseline::Sha2],
            ..plan(&[Kernel::Portable, Kernel::Sha2], &[1, 3])
        };
        let document = document(&plan);
        assert_eq!(document.outcome, Outcome::Done, "{:?}", document.proof.mismatches);
        assert_eq!(document.points.len(), 4);
        document.points.iter().for_each(adds_up);
        // Two samples of four points and of the separate searches cover the first segment.
        assert!(document.proof.sums_compared >= 9);
        assert!(document.proof.cost.is_some() && document.coordinator.is_some());
        assert_eq!(document.baselines.len(), 2);
        for baseline in &document.baselines {
            let kernels: Vec<&str> =
                baseline.speedups.iter().map(|speedup| speedup.kernel.as_str()).collect();
            assert_eq!(kernels, ["portable", "sha2"]);
        }
    }

    #[test]
    fn ratios_are_medians_of_the_ratios_within_a_round() {
        let plan =
            Plan { samples: NonZeroUsize::new(3).unwrap(), ..plan(&[Kernel::Portable], &[1, 2]) };
        let document = document(&plan);
        let [one, two] = &document.points[..] else { panic!("two points") };
        let mut ratios: Vec<f64> =
            two.rates().iter().zip(one.rates()).map(|(two, one)| two / one).collect();
        ratios.sort_by(f64::total_cmp);
        let (speedup, efficiency) = (two.speedup.unwrap(), two.efficiency.unwrap());
        assert!((speedup.median - ratios[1]).abs() < 1e-12);
        assert!((efficiency.median - ratios[1] / 2.0).abs() < 1e-12);
        assert!((one.speedup.unwrap().median - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_was_measured_before_the_flag_was_raised_is_kept() {
        let cancel = CancelToken::new();
        let plan =
            Plan { samples: NonZeroUsize::new(50).unwrap(), ..plan(&[Kernel::Portable], &[1, 2]) };
        let watch = Watch::start(&Topology::detect());
        let document = run(&plan, &watch, &cancel, |event| {
            if matches!(event, Event::Turn { step: Step::Sample(2), .. }) {
                cancel.cancel();
            }
        });
        let document = document.unwrap();
        assert_eq!(document.outcome, Outcome::Interrupted);
        for point in &document.points {
            assert_eq!(point.samples.len(), 2);
        }
        assert!(document.stop.is_none());
    }

    #[test]
    fn a_run_that_is_stopped_at_once_has_no_points() {
        let cancel = CancelToken::new();
        cancel.cancel();
        let watch = Watch::start(&Topology::detect());
        let plan = plan(&[Kernel::Portable], &[1, 2]);
        let document = run(&plan, &watch, &cancel, |_| ()).unwrap();
        assert_eq!(document.outcome, Outcome::Interrupted);
        assert!(document.points.is_empty() && document.baselines.is_empty());
    }
}
