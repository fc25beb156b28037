//! Reads, on every worker's thread, what the account is made of.

use std::iter::zip;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crossbeam_utils::CachePadded;

use super::times::WorkerTimes;
use crate::machine::{CpuTimes, System, clock_hz, time_on_cpu};
use crate::miner::{Moment, Observer, Swept};

/// Observes one sweep. Make it before the sweep, and ask it after.
#[derive(Debug)]
pub(in crate::bench) struct Meter {
    system: System,
    throttled_before: Option<Duration>,
    times_before: Option<CpuTimes>,
    /// Each written by its own worker alone.
    workers: Vec<CachePadded<Mutex<Readings>>>,
}

/// The readings of one worker so far.
#[derive(Clone, Copy, Debug, Default)]
struct Readings {
    /// The time on a CPU at the start; at the stop, that since then.
    on_cpu: Option<Duration>,
    /// The waits so far; at the stop, those since the start.
    waited: Option<Duration>,
    /// The waits between being ready and starting.
    waited_to_start: Option<Duration>,
    clocks_hz: f64,
    clocks: u32,
}

impl Meter {
    pub(in crate::bench) fn new(workers: usize) -> Self {
        let system = System::of_this_machine();
        let times_before = system.cpu_times();
        let workers = std::iter::repeat_with(CachePadded::default).take(workers).collect();
        Self { throttled_before: throttled(&system), times_before, workers, system }
    }

    /// What was read during the sweep.
    pub(in crate::bench) fn times(&self, swept: &Swept) -> WorkerTimes {
        let workers: Vec<Readings> = self.workers.iter().map(|it| *lock(it)).collect();
        let all = |figure: fn(&Readings) -> Option<f64>| workers.iter().map(figure).collect();
        let busy = swept.report.workers.iter().map(|worker| worker.busy);
        let late = zip(&swept.stopped_after, busy).map(|(after, busy)| after.saturating_sub(busy));
        let cpu_times = self.system.cpu_times().zip(self.times_before);
        let stolen = cpu_times.and_then(|(now, then)| now.stolen_since(&then));
        let throttled = throttled(&self.system).zip(self.throttled_before);
        WorkerTimes {
            stopped_after_s: swept.stopped_after.iter().map(Duration::as_secs_f64).collect(),
            on_cpu_s: all(|it| it.on_cpu.map(|time| time.as_secs_f64())),
            waited_s: zip(&workers, late).map(|(it, late)| it.waited_s(late)).collect(),
            clock_hz: all(|it| (it.clocks > 0).then(|| it.clocks_hz / f64::from(it.clocks))),
            throttled_s: throttled.map(|(now, then)| now.saturating_sub(then).as_secs_f64()),
            stolen_s: stolen.map(|time| time.as_secs_f64()),
        }
    }
}

/// The time for which this process's control group has been throttled; none without a quota.
fn throttled(system: &System) -> Option<Duration> {
    match system.cpu_quota() {
        Some(_) => system.time_throttled(),
        None => Some(Duration::ZERO),
    }
}

fn lock(readings: &Mutex<Readings>) -> MutexGuard<'_, Readings> {
    readings.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Readings {
    /// Seconds of waiting since the barrier fell, of a worker that passed it this much later. What
    /// it waited to start may have been before the barrier fell.
    fn waited_s(&self, late: Duration) -> Option<f64> {
        Some((self.waited? + self.waited_to_start?.min(late)).as_secs_f64())
    }

    fn read_clock(&mut self) {
        if let Some(hz) = clock_hz() {
            self.clocks_hz += hz;
            self.clocks += 1;
        }
    }
}

impl Observer for Meter {
    fn observe(&self, worker: usize, moment: Moment) {
        let mut it = lock(&self.workers[worker]);
        let since = |now: Option<Duration>, start: Option<Duration>| now?.checked_sub(start?);
        match moment {
            // A worker that has no CPU when the barrier falls waits already.
            Moment::Ready => it.waited = self.system.time_waited_for_cpu(),
            Moment::Started => {
                it.on_cpu = time_on_cpu();
                let waited = self.system.time_waited_for_cpu();
                it.waited_to_start = since(waited, it.waited);
                it.waited = waited;
                it.read_clock();
            }
            Moment::Underway => it.read_clock(),
            Moment::Stopped => {
                it.on_cpu = since(time_on_cpu(), it.on_cpu);
                it.waited = since(self.system.time_waited_for_cpu(), it.waited);
                it.read_clock();
            }
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::miner::{Miner, Sweep};
    use crate::pow::{NonceEncoding, Template};

    #[test]
    fn what_a_worker_waited_before_the_barrier_fell_is_not_counted() {
        let ms = Duration::from_millis;
        let (waited, waited_to_start) = (Some(ms(20)), Some(ms(7)));
        let readings = Readings { waited, waited_to_start, ..Readings::default() };
        assert_eq!(readings.waited_s(ms(9)), Some(0.027));
        assert_eq!(readings.waited_s(ms(2)), Some(0.022));
        assert_eq!(Readings { waited: None, ..readings }.waited_s(ms(2)), None);
    }

    #[test]
    fn every_worker_of_a_sweep_is_read() {
        let miner = Miner::builder().threads(3).build().unwrap();
        let template = Template::new("a header ", NonceEncoding::Decimal, "");
        let meter = Meter::new(3);
        let sweep = Sweep::new(0..=29_999).with_observer(&meter);
        let swept = miner.sweep(&template, &sweep).unwrap().unwrap();
        let times = meter.times(&swept);
        assert_eq!(times.stopped_after_s.len(), 3);
        assert_eq!(times.on_cpu_s.as_ref().map(Vec::len), Some(3));
        assert!(times.on_cpu_s.unwrap().iter().all(|seconds| *seconds > 0.0));
        if System::of_this_machine().time_waited_for_cpu().is_some() {
            assert_eq!(times.waited_s.map(|waits| waits.len()), Some(3));
        }
        if clock_hz().is_some() {
            assert!(times.clock_hz.unwrap().iter().all(|hz| hz.is_finite() && *hz > 0.0));
        }
    }
}
