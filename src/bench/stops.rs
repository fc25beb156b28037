//! How soon the workers stop after a find.

use std::time::{Duration, Instant};

use super::error::BenchError;
use super::event::{Event, Step};
use super::measured::Measured;
use super::series::{Headers, Method, Series};
use crate::miner::{Miner, Outcome, Search};
use crate::pow::Target;
use crate::sync::CancelToken;

/// The most searches whose stopping is timed.
const STOPS: usize = 200;

/// About how long each of them takes: long enough for stripes of their full length.
const STOP_SEARCH_TIME: Duration = Duration::from_millis(10);

impl Measured<'_> {
    /// Times how soon the workers of the first kernel's largest point stop after a find.
    pub(super) fn time_stops(
        &mut self,
        listener: &mut impl FnMut(Event<'_>),
    ) -> Result<(), BenchError> {
        let (headers, cancel) = (self.headers, self.cancel);
        let separate = |series: &&Series| matches!(series.method, Method::Separate(_));
        let Some(series) = self.series.iter().find(separate) else { return Ok(()) };
        let Some(miner) = series.miner() else { return Ok(()) };
        let left = self.benchmark.stops_time();
        listener(Event::Turn { step: Step::Stops, name: &series.name, left });
        let target = found_within(STOP_SEARCH_TIME, series.rate);
        let until = Instant::now() + left;
        let stride = headers.most_nonces() / STOPS as u64;
        for search in 0..STOPS as u64 {
            if cancel.is_cancelled() || Instant::now() > until {
                break;
            }
            let first = headers.first + search * stride;
            let pauses = self.watch.pauses();
            let time = headers.time_to_stop(miner, target, first, cancel)?;
            self.stops.extend(time.filter(|_| self.watch.pauses() == pauses));
        }
        Ok(())
    }
}

impl Headers {
    /// Searches nonces from `first` on until one is found; how long the workers took to stop then.
    fn time_to_stop(
        &self,
        miner: &Miner,
        target: Target,
        first: u64,
        cancel: &CancelToken,
    ) -> Result<Option<Duration>, BenchError> {
        let range = first..=self.first + (self.most_nonces() - 1);
        let search = Search::default().with_range(range).with_cancel(cancel.clone());
        match miner.search(&self.template, &target, search)? {
            Outcome::Found(solution) => Ok(Some(solution.stopped_after)),
            Outcome::Exhausted(_) | Outcome::Cancelled(_) => Ok(None),
        }
    }
}

/// A target that is met within this time on average, at this many hashes per second.
fn found_within(time: Duration, rate: f64) -> Target {
    let expected_hashes = (rate * time.as_secs_f64()).max(1.0);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "few bits")]
    let bits = expected_hashes.log2().round() as u32;
    Target::from_bits(bits.min(256)).unwrap_or(Target::ZERO)
}
