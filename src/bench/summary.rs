//! From samples to figures: medians, ratios, and their intervals.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::document::{
    Baseline, BaselineSample, BaselineSpeedup, Coordinator, Document, Environment, Fairness,
    Outcome, Point, SCHEMA, Sample, Scalability, Settings, Stop, Worker,
};
use super::measured::Measured;
use super::statistics::usl::Fitted;
use super::statistics::{Interval, median, quantile};
use super::subject::{Shot, Subject, Task};
use super::{Plan, warnings};
use crate::miner::{Miner, WorkerReport};

/// Fewer numbers of threads say too little of a law with three parameters.
const LEAST_COUNTS_FOR_A_LAW: usize = 6;

/// The saved form of what was measured. Points without a sample are left out.
pub(super) fn document(
    measured: Measured<'_>,
    environment: Environment,
    outcome: Outcome,
) -> Document {
    let Measured { plan, subjects, proof, started, stops } = measured;
    let figures = Figures { subjects: &subjects, started };
    let points = figures.points(plan);
    let baselines = figures.baselines(plan);
    let mut proof = proof.into_document();
    (proof.cost, proof.unproved) = figures.cost_of_proof();
    let settings = Settings {
        time_s: plan.time.as_secs_f64(),
        samples: plan.samples.get(),
        warmup_s: plan.warmup.as_secs_f64(),
    };
    let mut document = Document {
        schema: SCHEMA,
        outcome,
        label: plan.label.clone(),
        started_unix_s: unix_seconds(started),
        settings,
        workload: plan.workload.document(),
        coordinator: figures.coordinator(),
        stop: figures.stop(&stops),
        scalability: figures.scalability(plan, &environment),
        environment,
        points,
        baselines,
        proof,
        warnings: Vec::new(),
        comparison: None,
    };
    document.warnings = warnings::of(&document.environment, &document.settings, &document.points);
    document
}

/// When an instant was, in seconds since 1970.
fn unix_seconds(instant: Instant) -> f64 {
    let then = SystemTime::now().checked_sub(instant.elapsed());
    let since = then.and_then(|then| then.duration_since(UNIX_EPOCH).ok());
    since.map_or(0.0, |since| since.as_secs_f64())
}

/// All samples, to be looked up.
struct Figures<'a> {
    subjects: &'a [Subject],
    started: Instant,
}

impl Figures<'_> {
    fn points(&self, plan: &Plan) -> Vec<Point> {
        let point = |subject: &Subject| match &subject.task {
            Task::Point(miner) => self.point(plan, subject, miner),
            _ => None,
        };
        self.subjects.iter().filter_map(point).collect()
    }

    fn point(&self, plan: &Plan, subject: &Subject, miner: &Miner) -> Option<Point> {
        let rates: Vec<f64> = subject.shots.iter().map(|shot| shot.rate).collect();
        let alone = self.point_at(miner.kernel().name(), 1);
        let speedup = alone.and_then(|alone| ratio(subject, alone));
        let elapsed: Duration = subject.shots.iter().map(|shot| shot.elapsed).sum();
        let workers = workers(&subject.shots, elapsed);
        let shares = workers.iter().map(|worker| worker.share);
        Some(Point {
            kernel: miner.kernel().name().to_owned(),
            threads: miner.threads(),
            pinned: plan.pins.is_some(),
            hashes_per_s: Interval::of_median(&rates)?,
            speedup,
            efficiency: speedup.map(|speedup| scaled(speedup, 1.0 / miner.threads() as f64)),
            fairness: Fairness {
                lowest_share: shares.clone().fold(f64::INFINITY, f64::min),
                highest_share: shares.fold(0.0, f64::max),
            },
            hashes: subject.shots.iter().map(|shot| shot.hashes).sum(),
            elapsed_s: elapsed.as_secs_f64(),
            workers,
            samples: subject.shots.iter().map(|shot| self.sample(shot)).collect(),
        })
    }

    fn sample(&self, shot: &Shot) -> Sample {
        Sample {
            round: shot.round,
            at_s: shot.started.saturating_duration_since(self.started).as_secs_f64(),
            elapsed_s: shot.elapsed.as_secs_f64(),
            hashes: shot.hashes,
            hashes_per_s: shot.rate,
            segments: shot.sums.len(),
            sum: shot.sums.iter().copied().fold(0, u32::wrapping_add),
            workers: shot.workers.iter().map(|worker| worker.hashes).collect(),
        }
    }

    fn baselines(&self, plan: &Plan) -> Vec<Baseline> {
        let baseline = |subject: &Subject| match &subject.task {
            Task::Baseline(one) => {
                let rates: Vec<f64> = subject.shots.iter().map(|shot| shot.rate).collect();
                let speedups = self.speedups(plan, subject);
                Some(Baseline {
                    name: one.baseline.name().to_owned(),
                    what: one.what.clone(),
                    hashes_per_s: Interval::of_median(&rates)?,
                    speedup: speedups.first().map(|first| first.speedup),
                    speedups,
                    samples: samples(subject),
                })
            }
            _ => None,
        };
        self.subjects.iter().filter_map(baseline).collect()
    }

    /// How many times as fast as this one thread of every kernel is.
    fn speedups(&self, plan: &Plan, baseline: &Subject) -> Vec<BaselineSpeedup> {
        let speedup = |name: &str| ratio(self.point_at(name, 1)?, baseline);
        let names = plan.kernels.iter().map(|kernel| kernel.name());
        names
            .filter_map(|name| {
                Some(BaselineSpeedup { kernel: name.to_owned(), speedup: speedup(name)? })
            })
            .collect()
    }

    fn coordinator(&self) -> Option<Coordinator> {
        let (separate, miner) = self.separate()?;
        let shared = self.point_at(miner.kernel().name(), miner.threads())?;
        Some(Coordinator {
            kernel: miner.kernel().name().to_owned(),
            threads: miner.threads(),
            overhead: ratio(shared, separate).map(missing)?,
            separate: samples(separate),
        })
    }

    fn stop(&self, stops: &[Duration]) -> Option<Stop> {
        let (_, miner) = self.separate()?;
        let times_s: Vec<f64> = stops.iter().map(Duration::as_secs_f64).collect();
        Some(Stop {
            kernel: miner.kernel().name().to_owned(),
            threads: miner.threads(),
            median_s: median(&times_s)?,
            p99_s: quantile(&times_s, 0.99)?,
            times_s,
        })
    }

    /// The Universal Scalability Law, fitted to the first kernel's points that have a physical core
    /// for every thread.
    fn scalability(&self, plan: &Plan, environment: &Environment) -> Option<Scalability> {
        let cores = environment.allowed_cores.unwrap_or(environment.physical_cores);
        let kernel = plan.kernels.first()?.name();
        let threads: Vec<usize> = plan.threads.iter().copied().filter(|n| *n <= cores).collect();
        if threads.len() < LEAST_COUNTS_FOR_A_LAW {
            return None;
        }
        let points = threads.iter().map(|threads| self.point_at(kernel, *threads));
        let points: Vec<&Subject> = points.collect::<Option<_>>()?;
        let rounds = points.iter().map(|point| point.shots.len()).min()?;
        let rates = |point: &Subject| point.shots[..rounds].iter().map(|shot| shot.rate).collect();
        let samples: Vec<(f64, Vec<f64>)> =
            threads.iter().zip(points).map(|(n, point)| (*n as f64, rates(point))).collect();
        let Fitted { lambda, sigma, kappa, peak } = Fitted::of(&samples)?;
        let kernel = kernel.to_owned();
        Some(Scalability { kernel, threads, lambda, sigma, kappa, peak_threads: peak })
    }

    /// The part of the first point's rate that summing costs, and the samples without it.
    fn cost_of_proof(&self) -> (Option<Interval>, Vec<BaselineSample>) {
        let unproved = self.subjects.iter().find_map(|subject| match &subject.task {
            Task::Unproved(miner) => Some((subject, miner)),
            _ => None,
        });
        let Some((unproved, miner)) = unproved else { return (None, Vec::new()) };
        let proved = self.point_at(miner.kernel().name(), miner.threads());
        let cost = proved.and_then(|proved| ratio(proved, unproved)).map(missing);
        (cost, samples(unproved))
    }

    fn separate(&self) -> Option<(&Subject, &Miner)> {
        self.subjects.iter().find_map(|subject| match &subject.task {
            Task::Separate(miner) => Some((subject, miner)),
            _ => None,
        })
    }

    fn point_at(&self, kernel: &str, threads: usize) -> Option<&Subject> {
        self.subjects.iter().find(|subject| match &subject.task {
            Task::Point(miner) => miner.kernel().name() == kernel && miner.threads() == threads,
            _ => false,
        })
    }
}

/// How many times as fast as `b` `a` is: the median of the ratios within a round.
fn ratio(a: &Subject, b: &Subject) -> Option<Interval> {
    let in_round = |shot: &Shot| Some(shot.rate / b.rate_in(shot.round)?);
    Interval::of_median(&a.shots.iter().filter_map(in_round).collect::<Vec<_>>())
}

/// What a ratio lacks to 1.
fn missing(ratio: Interval) -> Interval {
    Interval { median: 1.0 - ratio.median, low: 1.0 - ratio.high, high: 1.0 - ratio.low }
}

fn scaled(Interval { median, low, high }: Interval, factor: f64) -> Interval {
    Interval { median: median * factor, low: low * factor, high: high * factor }
}

fn samples(subject: &Subject) -> Vec<BaselineSample> {
    let sample = |shot: &Shot| BaselineSample {
        round: shot.round,
        elapsed_s: shot.elapsed.as_secs_f64(),
        hashes: shot.hashes,
        hashes_per_s: shot.rate,
    };
    subject.shots.iter().map(sample).collect()
}

/// Each worker's part in all samples, which took this long together.
fn workers(shots: &[Shot], elapsed: Duration) -> Vec<Worker> {
    let hashes: u64 = shots.iter().map(|shot| shot.hashes).sum();
    let count = shots.first().map_or(0, |shot| shot.workers.len());
    let worker = |number: usize| {
        let mut sum = WorkerReport::default();
        for worker in shots.iter().map(|shot| &shot.workers[number]) {
            sum.stripes += worker.stripes;
            sum.hashes += worker.hashes;
            sum.busy += worker.busy;
        }
        Worker {
            worker: number,
            stripes: sum.stripes,
            hashes: sum.hashes,
            share: sum.hashes as f64 / hashes as f64,
            hashes_per_s: sum.hashes as f64 / elapsed.as_secs_f64(),
            busy_s: sum.busy.as_secs_f64(),
        }
    };
    (0..count).map(worker).collect()
}
