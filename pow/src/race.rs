//! A race that finds the fastest kernel on this CPU. Only this file of `pow` reads a clock.
//!
//! Kernels run short heats in turn, and the best time of each counts, because other programs can
//! only make a heat slower. Heats are so short that most of them are not interrupted by the
//! scheduler, even where every core has other work. A best time is trusted once a second heat
//! confirms it: a kernel that was interrupted in all its heats runs more of them.

use std::time::{Duration, Instant};

use super::job::Job;
use super::kernel::Kernel;
use super::target::Target;
use super::template::{NonceEncoding, Template};

/// Nonces in a heat: 0.04 to 0.2 ms of work for kernels that race first, 0.2 to 1 ms for others.
const HEAT: u64 = 2_000;

/// The fewest heats of a kernel when others are about as fast. The best time is then within 1 % of
/// that of many heats.
const FEWEST_HEATS: u64 = 6;

/// The most heats of a kernel.
const MOST_HEATS: u64 = 40;

/// No heat begins after the heats have taken this long together, even on a busy machine.
const LONGEST_RACE: Duration = Duration::from_millis(50);

/// Two heats within this ratio confirm each other.
const CONFIRMED: f64 = 1.02;

/// A kernel that takes this many times as long as another drops out: it cannot win.
const OUT_OF_REACH: f64 = 1.2;

/// A preferred kernel wins unless the best time of another is less than this share of its own.
const NOTABLY_SHORTER: f64 = 0.95;

impl Kernel {
    /// The kernel to use on this CPU: the fastest of those that pass their
    /// [self-test](Self::self_test).
    ///
    /// Whether SHA instructions, lanes or both at once are fastest depends on the CPU:
    /// `avx512-sha`, `avx512`, `sha-ni` and `avx2` race for a few milliseconds, at most 50 where
    /// other programs take the cores. The most preferred of those that are at most 5 % slower than
    /// the fastest wins. Where the CPU can run none of these, `sse4.1`, `sha2` and `portable` race:
    /// `sha2` is fast where its crate uses SHA instructions, and may be slower than `portable`
    /// elsewhere. If no kernel passes its self-test, it is `portable`.
    #[must_use]
    pub fn detect() -> Self {
        let (first, others): (Vec<_>, Vec<_>) = Self::available().partition(|it| it.races_first());
        fastest(&first).or_else(|| fastest(&others)).unwrap_or(Self::Portable)
    }

    /// Whether it races first. On a CPU that can run one of these, no other is the fastest.
    const fn races_first(self) -> bool {
        matches!(self, Self::Avx512Sha | Self::Avx512 | Self::ShaNi | Self::Avx2)
    }
}

/// The winner of a race among these kernels, most preferred first, that passes its self-test. All
/// of them must be available.
fn fastest(kernels: &[Kernel]) -> Option<Kernel> {
    let mut times = times(kernels);
    while let Some(winner) = winner(&times) {
        if winner.self_test().is_ok() {
            return Some(winner);
        }
        times.retain(|(kernel, _)| *kernel != winner);
    }
    None
}

/// The two shortest heats of a kernel.
#[derive(Clone, Copy, Debug)]
struct Times {
    best: Duration,
    second: Duration,
}

impl Times {
    const NONE: Self = Self { best: Duration::MAX, second: Duration::MAX };

    fn add(&mut self, time: Duration) {
        self.second = self.second.min(time.max(self.best));
        self.best = self.best.min(time);
    }

    fn is_confirmed(&self) -> bool {
        self.second.as_secs_f64() <= CONFIRMED * self.best.as_secs_f64()
    }
}

/// The best time of each of these kernels, in the same order, on a header as long as a chain's. All
/// of them must be available.
fn times(kernels: &[Kernel]) -> Vec<(Kernel, Duration)> {
    let header = Template::new([b'p'; 41], NonceEncoding::Decimal, [b's'; 115]);
    let jobs: Vec<_> = kernels.iter().map(|k| Job::new(&header, Target::ZERO, *k)).collect();
    let best = best_times(jobs.len(), |racer, heat| time_of_heat(&jobs[racer], heat));
    kernels.iter().copied().zip(best).collect()
}

/// Runs the heats of a race between `racers`, and gives the best time of each. `run` runs a racer's
/// part in a heat and says how long it took.
fn best_times(racers: usize, mut run: impl FnMut(usize, u64) -> Duration) -> Vec<Duration> {
    let mut times = vec![Times::NONE; racers];
    let mut elapsed = Duration::ZERO;
    for heat in 0..MOST_HEATS {
        let running = running(&times, heat);
        if running.len() < 2 || elapsed > LONGEST_RACE {
            break;
        }
        for racer in running {
            let time = run(racer, heat);
            elapsed += time;
            // The first warms up: plans are made, and wide vectors may first run slowly.
            if heat > 0 {
                times[racer].add(time);
            }
        }
    }
    times.iter().map(|times| times.best).collect()
}

fn time_of_heat(job: &Job<'_>, heat: u64) -> Duration {
    let first = 1_000_000 + heat * HEAT;
    let before = Instant::now();
    // Nothing is found: the target is 0, which no known digest meets.
    let _ = job.search(first..=first + HEAT - 1);
    before.elapsed()
}

/// The kernels that run heat number `heat`, by their places: none, once the times are good enough.
/// The first heat is not counted.
fn running(times: &[Times], heat: u64) -> Vec<usize> {
    let confirmed = times.iter().filter(|times| times.is_confirmed());
    let shortest = confirmed.map(|times| times.best).min().unwrap_or(Duration::MAX);
    let reach = |racer: &usize| {
        let times = &times[*racer];
        !times.is_confirmed() || times.best.as_secs_f64() < OUT_OF_REACH * shortest.as_secs_f64()
    };
    let running: Vec<_> = (0..times.len()).filter(reach).collect();
    let is_open = heat <= FEWEST_HEATS || running.iter().any(|racer| !times[*racer].is_confirmed());
    if is_open { running } else { Vec::new() }
}

/// The most preferred of the kernels that no other beats by 5 %, given the most preferred first.
fn winner(times: &[(Kernel, Duration)]) -> Option<Kernel> {
    let shortest = times.iter().map(|(_, time)| *time).min()?;
    let stays = |(_, time): &&(Kernel, Duration)| {
        shortest.as_secs_f64() >= NOTABLY_SHORTER * time.as_secs_f64()
    };
    times.iter().find(stays).map(|(kernel, _)| *kernel)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn winner_of(micros: &[u64]) -> Option<Kernel> {
        let times = micros.iter().map(|micros| Duration::from_micros(*micros));
        let kernels = [Kernel::Avx512Sha, Kernel::Avx512, Kernel::ShaNi, Kernel::Avx2];
        winner(&kernels.into_iter().zip(times).collect::<Vec<_>>())
    }

    fn heats(micros: &[u64]) -> Times {
        let mut times = Times::NONE;
        for micros in micros {
            times.add(Duration::from_micros(*micros));
        }
        times
    }

    #[test]
    fn the_preferred_kernel_stays_unless_another_is_five_percent_faster() {
        assert_eq!(winner_of(&[100, 100, 100, 100]), Some(Kernel::Avx512Sha));
        assert_eq!(winner_of(&[100, 96, 110, 300]), Some(Kernel::Avx512Sha));
        assert_eq!(winner_of(&[100, 94, 110, 300]), Some(Kernel::Avx512));
        assert_eq!(winner_of(&[100, 120, 88, 300]), Some(Kernel::ShaNi));
    }

    #[test]
    fn of_several_faster_ones_that_are_level_the_preferred_wins() {
        assert_eq!(winner_of(&[100, 81, 80, 79]), Some(Kernel::Avx512));
        assert_eq!(winner_of(&[100, 90, 80, 79]), Some(Kernel::ShaNi));
    }

    #[test]
    fn one_kernel_wins_and_none_does_not() {
        assert_eq!(winner_of(&[100]), Some(Kernel::Avx512Sha));
        assert_eq!(winner_of(&[]), None);
    }

    #[test]
    fn a_time_counts_once_a_second_heat_confirms_it() {
        assert!(!heats(&[100]).is_confirmed());
        assert!(!heats(&[100, 4_000, 110]).is_confirmed());
        assert!(heats(&[4_000, 101, 100]).is_confirmed());
    }

    #[test]
    fn a_kernel_that_was_interrupted_in_every_heat_runs_on() {
        let times = [heats(&[100, 101, 102, 100, 100, 100]), heats(&[4_000, 3_000, 2_000])];
        assert_eq!(running(&times, FEWEST_HEATS + 1), [0, 1]);
    }

    #[test]
    fn level_kernels_run_a_few_heats_and_slow_ones_only_until_confirmed() {
        let times = [heats(&[100, 100]), heats(&[103, 103]), heats(&[150, 150])];
        assert_eq!(running(&times, 3), [0, 1]);
        assert_eq!(running(&times, FEWEST_HEATS + 1), [0; 0]);
    }

    #[test]
    fn the_first_heat_does_not_count_and_a_slow_racer_drops_out_once_confirmed() {
        let mut heats = [0; 3];
        let best = best_times(3, |racer, heat| {
            heats[racer] += 1;
            Duration::from_micros(if heat == 0 { 1 } else { [100, 103, 150][racer] })
        });
        assert_eq!(best, [100, 103, 150].map(Duration::from_micros));
        assert_eq!(heats, [FEWEST_HEATS + 1, FEWEST_HEATS + 1, 3]);
    }

    #[test]
    fn no_heat_begins_after_the_longest_race() {
        let mut last = 0;
        let best = best_times(2, |_, heat| {
            last = heat;
            LONGEST_RACE / if heat == 0 { 2 } else { 4 }
        });
        assert_eq!((best, last), (vec![LONGEST_RACE / 4; 2], 1));
    }
}
