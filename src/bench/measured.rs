//! The measurements of a running benchmark, and the document made from them.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::benchmark::{AloneCpu, Benchmark};
use super::document::{
    Coordinator, Document, EachCpu, Ending, Environment, MeasuredBaseline, MeasuredCpu,
    PlainSample, Point, SCHEMA, Settings, StopTimes, Sustained,
};
use super::environment::Watch;
use super::incidents::Incidents;
use super::proof::Prover;
use super::series::{Headers, Method, Series};
use super::warnings;
use crate::miner::Miner;
use crate::sync::CancelToken;

/// A running benchmark: its settings, and what was measured so far.
pub(super) struct Measured<'a> {
    pub(super) benchmark: &'a Benchmark,
    pub(super) headers: &'a Headers,
    pub(super) watch: &'a Watch,
    pub(super) cancel: &'a CancelToken,
    pub(super) series: Vec<Series>,
    pub(super) prover: Prover<'a>,
    /// When the first round began.
    pub(super) started: Instant,
    /// The time from a find to the last worker's stop, of each search.
    pub(super) stops: Vec<Duration>,
    pub(super) incidents: Incidents,
    pub(super) sustained: Option<Sustained>,
}

impl Measured<'_> {
    /// The document, with every figure. Points without a sample are left out.
    pub(super) fn into_document(self, environment: Environment, outcome: Ending) -> Document {
        let Self { benchmark, series, prover, started, stops, incidents, sustained, .. } = self;
        let settings = Settings {
            time_s: benchmark.time.as_secs_f64(),
            samples: benchmark.samples.get(),
            warmup_s: benchmark.warmup.as_secs_f64(),
        };
        let mut document = Document {
            schema: SCHEMA,
            outcome,
            label: benchmark.label.clone(),
            started_unix_s: unix_seconds(started),
            settings,
            environment,
            workload: benchmark.workload.searched_header(),
            proof: prover.into_document(),
            sustained,
            ..Document::default()
        };
        let measured = series.into_iter().filter(|series| !series.samples.is_empty());
        measured.for_each(|series| document.add(series, benchmark, &stops));
        document.compute_figures();
        let Document { environment, settings, points, .. } = &document;
        document.warnings = warnings::of(environment, settings, points);
        document.warnings.extend(incidents.warnings());
        document
    }
}

impl Document {
    /// Adds what was measured, without its figures.
    fn add(&mut self, series: Series, benchmark: &Benchmark, stops: &[Duration]) {
        let of = |miner: &Miner| (miner.kernel().name().to_owned(), miner.threads());
        match &series.method {
            Method::Point(miner) => {
                let (kernel, threads) = of(miner);
                self.points.push(Point {
                    kernel,
                    auto: benchmark.auto == Some(miner.kernel()),
                    threads,
                    pinned: benchmark.pins.is_some(),
                    workers: series.workers,
                    samples: series.samples,
                    ..Point::default()
                });
            }
            Method::Alone(miner, alone) => {
                let kernel = miner.kernel().name().to_owned();
                let new = || EachCpu { kernel, ..EachCpu::default() };
                let each = self.each_cpu.get_or_insert_with(new);
                each.cpus.push(measured_cpu(alone, series.plain_samples()));
            }
            Method::Unproved(_) => self.proof.unproved = series.plain_samples(),
            Method::Separate(miner) => {
                let (kernel, threads) = of(miner);
                let times_s = stops.iter().map(Duration::as_secs_f64).collect();
                self.stop = Some(StopTimes { kernel, threads, times_s, ..StopTimes::default() });
                let ((kernel, threads), separate) = (of(miner), series.plain_samples());
                let coordinator = Coordinator { kernel, threads, separate, ..Default::default() };
                self.coordinator = Some(coordinator);
            }
            Method::Baseline(one) => self.baselines.push(MeasuredBaseline {
                name: one.baseline.name().to_owned(),
                what: one.what.clone(),
                samples: series.plain_samples(),
                ..MeasuredBaseline::default()
            }),
        }
    }
}

/// A CPU with its samples, without its figures.
fn measured_cpu(alone: &AloneCpu, samples: Vec<PlainSample>) -> MeasuredCpu {
    MeasuredCpu {
        cpu: alone.cpu.0,
        core: alone.core.0,
        kind: alone.kind.clone(),
        numa_node: alone.numa_node,
        samples,
        ..MeasuredCpu::default()
    }
}

/// When an instant was, in seconds since 1970.
fn unix_seconds(instant: Instant) -> f64 {
    let then = SystemTime::now().checked_sub(instant.elapsed());
    let since = then.and_then(|then| then.duration_since(UNIX_EPOCH).ok());
    since.map_or(0.0, |since| since.as_secs_f64())
}
