//! The long run: all threads, second by second.

use std::time::{Duration, Instant};

use super::document::{Second, Sustained};
use super::error::BenchError;
use super::event::{Event, Step};
use super::measured::Measured;
use super::proof::Hasher;
use super::series::{Method, Series};

/// How long a part of the long run lasts. Each has a rate of its own.
const SECOND: Duration = Duration::from_secs(1);

/// The first kernel's point of this many threads.
fn point_of(all: &mut [Series], threads: usize) -> Option<&mut Series> {
    all.iter_mut().find(|series| match &series.method {
        Method::Point(miner) => miner.threads() == threads,
        _ => false,
    })
}

impl Measured<'_> {
    /// Runs the first kernel on the largest number of threads for the time that was asked for.
    /// Parts in which the process was stopped or the machine slept are left out.
    pub(super) fn sustain(
        &mut self,
        segment_len: u64,
        listener: &mut impl FnMut(Event<'_>),
    ) -> Result<(), BenchError> {
        let Some(length) = self.benchmark.sustain else { return Ok(()) };
        let (headers, most) = (self.headers, self.benchmark.most_threads());
        let Some(series) = point_of(&mut self.series, most) else { return Ok(()) };
        let Some(miner) = series.miner() else { return Ok(()) };
        let (kernel, threads) = (miner.kernel().name(), most);
        let mut seconds = Vec::new();
        let began = Instant::now();
        while !self.cancel.is_cancelled() {
            let left = length.saturating_sub(began.elapsed());
            // What is left of the last second would be too short to tell a rate.
            if left < SECOND / 2 {
                break;
            }
            listener(Event::Turn { step: Step::Sustain, name: &series.name, left });
            series.nonces = headers.nonces_in_segments(series.rate, SECOND, segment_len);
            let pauses = self.watch.pauses();
            let taken = series.take(headers, Some(segment_len), began, self.cancel)?;
            let Some(taken) = taken.filter(|_| self.watch.pauses() == pauses) else { continue };
            self.prover.add_sums(Hasher { kernel, threads }, &taken.sums);
            let sample = taken.sample;
            series.rate = sample.hashes_per_s;
            seconds.push(Second {
                at_s: sample.at_s,
                elapsed_s: sample.elapsed_s,
                hashes: sample.hashes,
                hashes_per_s: sample.hashes_per_s,
                clock_ghz: sample.clock_ghz(),
            });
        }
        if !seconds.is_empty() {
            let kernel = kernel.to_owned();
            self.sustained = Some(Sustained { kernel, threads, seconds, ..Sustained::default() });
        }
        Ok(())
    }
}
