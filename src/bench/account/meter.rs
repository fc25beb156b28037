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

/// What was read on one worker's thread. Times are counted from the start of the thread.
#[derive(Clone, Copy, Debug, Default)]
struct Readings {
    waited_when_ready: Option<Duration>,
    waited_when_started: Option<Duration>,
    waited_when_stopped: Option<Duration>,
    on_cpu_when_started: Option<Duration>,
    on_cpu_when_stopped: Option<Duration>,
    /// The sum of the clocks that were read, in Hz, and their number.
    sum_of_clocks_hz: f64,
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
            on_cpu_s: all(Readings::on_cpu_s),
            waited_s: zip(&workers, late).map(|(it, late)| it.waited_s(late)).collect(),
            clock_hz: all(Readings::mean_clock_hz),
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
    /// Seconds on a CPU from the start to the stop.
    fn on_cpu_s(&self) -> Option<f64> {
        let on_cpu = self.on_cpu_when_stopped?.checked_sub(self.on_cpu_when_started?)?;
        Some(on_cpu.as_secs_f64())
    }

    /// Seconds of waiting since the barrier fell, of a worker that passed it this much later. A
    /// wait between being ready and starting may have begun before the barrier fell.
    fn waited_s(&self, late: Duration) -> Option<f64> {
        let started = self.waited_when_started?;
        let to_start = started.checked_sub(self.waited_when_ready?)?;
        let since = self.waited_when_stopped?.checked_sub(started)?;
        Some((since + to_start.min(late)).as_secs_f64())
    }

    fn mean_clock_hz(&self) -> Option<f64> {
        (self.clocks > 0).then(|| self.sum_of_clocks_hz / f64::from(self.clocks))
    }

    fn read_clock(&mut self) {
        if let Some(hz) = clock_hz() {
            self.sum_of_clocks_hz += hz;
            self.clocks += 1;
        }
    }
}

impl Observer for Meter {
    fn observe(&self, worker: usize, moment: Moment) {
        let mut it = lock(&self.workers[worker]);
        match moment {
            // A worker that has no CPU when the barrier falls waits already.
            Moment::Ready => it.waited_when_ready = self.system.time_waited_for_cpu(),
            Moment::Started => {
                it.on_cpu_when_started = time_on_cpu();
                it.waited_when_started = self.system.time_waited_for_cpu();
                it.read_clock();
            }
            Moment::Underway => it.read_clock(),
            Moment::Stopped => {
                it.on_cpu_when_stopped = time_on_cpu();
                it.waited_when_stopped = self.system.time_waited_for_cpu();
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
        let readings = Readings {
            waited_when_ready: Some(ms(3)),
            waited_when_started: Some(ms(10)),
            waited_when_stopped: Some(ms(30)),
            ..Readings::default()
        };
        assert_eq!(readings.waited_s(ms(9)), Some(0.027));
        assert_eq!(readings.waited_s(ms(2)), Some(0.022));
        for unknown in [
            Readings { waited_when_ready: None, ..readings },
            Readings { waited_when_started: None, ..readings },
            Readings { waited_when_stopped: None, ..readings },
        ] {
            assert_eq!(unknown.waited_s(ms(2)), None);
        }
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
