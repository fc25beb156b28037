//! The machine's load, and the CPU time that a hypervisor gave to others.
//!
//! Both are of the whole machine, also when asked from a container.

use super::system::System;
use std::iter::zip;
use std::time::Duration;

impl System {
    /// The load average over the last minute: threads running, or waiting for a CPU or a disk.
    pub(crate) fn load_average(&self) -> Option<f64> {
        let load: f64 = self.read("proc/loadavg")?.split_whitespace().next()?.parse().ok()?;
        (load.is_finite() && load >= 0.0).then_some(load)
    }

    /// The CPU time of all CPUs since the machine started.
    pub(crate) fn cpu_times(&self) -> Option<CpuTimes> {
        let text = self.read("proc/stat")?;
        let ticks = text.lines().next()?.strip_prefix("cpu ")?.split_whitespace();
        let ticks: Option<Vec<u64>> = ticks.take(KINDS).map(|ticks| ticks.parse().ok()).collect();
        ticks?.try_into().map(CpuTimes).ok()
    }
}

/// The kinds of CPU time that make up all of it, in the order of `/proc/stat`: user, nice, system,
/// idle, iowait, irq, softirq, steal. Those after them, of guests, are in the first two.
const KINDS: usize = 8;

/// A tick: `USER_HZ` is 100 on every architecture that matters here (time(7)).
const TICK: Duration = Duration::from_millis(10);

/// The ticks of all CPUs since the machine started, by what they were spent on.
///
/// The default has no ticks, as at that start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct CpuTimes([u64; KINDS]);

impl CpuTimes {
    /// The part of all CPU time since `earlier` that a hypervisor gave to others, from 0 to 1.
    ///
    /// `None` when no time has passed (a tick is 10 ms on most kernels), and when the stolen time
    /// has gone down, as it may when a virtual machine moves to another host.
    pub(crate) fn steal_since(&self, earlier: &Self) -> Option<f64> {
        let stolen = self.0[KINDS - 1].checked_sub(earlier.0[KINDS - 1])? as f64;
        // Idle times are corrected downwards now and then; proc_stat(5) warns of iowait.
        let passed = zip(self.0, earlier.0).map(|(now, then)| now.saturating_sub(then) as f64);
        let all: f64 = passed.sum();
        (all > 0.0).then(|| stolen / all)
    }

    /// The CPU time since `earlier` that a hypervisor gave to others, of all CPUs together, in
    /// ticks of 10 ms. `None` as for [`steal_since`](Self::steal_since).
    pub(crate) fn stolen_since(&self, earlier: &Self) -> Option<Duration> {
        self.steal_since(earlier)?;
        let ticks = self.0[KINDS - 1].checked_sub(earlier.0[KINDS - 1])?;
        Some(TICK * u32::try_from(ticks).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fake_root::root;
    use super::*;

    fn load_of(text: &str) -> Option<f64> {
        System::at(root(&[("proc/loadavg", text)]).path()).load_average()
    }

    fn times_of(stat: &str) -> Option<CpuTimes> {
        System::at(root(&[("proc/stat", stat)]).path()).cpu_times()
    }

    fn steal_between(earlier: &str, later: &str) -> Option<f64> {
        times_of(later).unwrap().steal_since(&times_of(earlier).unwrap())
    }

    #[test]
    fn the_first_load_average_is_the_last_minutes() {
        assert_eq!(load_of("0.42 1.50 2.25 3/512 12345\n"), Some(0.42));
        assert_eq!(load_of("0.00 0.00 0.00 1/80 7\n"), Some(0.0));
        assert_eq!(load_of("130.5"), Some(130.5));
    }

    #[test]
    fn odd_loads_are_none() {
        for text in ["", "\n", "low 0.1 0.1", "nan 0 0", "inf 0 0", "-0.5 0 0", "0,42 0 0"] {
            assert_eq!(load_of(text), None, "{text:?}");
        }
    }

    #[test]
    fn steal_is_a_part_of_all_cpu_time() {
        // 60 user, 10 system, 120 idle and 10 stolen of 200 ticks.
        let earlier = "cpu  1000 5 300 9000 20 0 7 40 0 0\ncpu0 500 5 150 4500 10 0 7 20 0 0\n";
        let later = "cpu  1060 5 310 9120 20 0 7 50 0 0\ncpu0 530 5 155 4560 10 0 7 25 0 0\n";
        assert_eq!(steal_between(earlier, later), Some(0.05));
    }

    #[test]
    fn stolen_time_is_counted_in_ticks() {
        let stolen = |earlier, later| times_of(later)?.stolen_since(&times_of(earlier)?);
        let (earlier, later) = ("cpu 10 0 0 10 0 0 0 40\n", "cpu 60 0 0 10 0 0 0 47\n");
        assert_eq!(stolen(earlier, later), Some(Duration::from_millis(70)));
        assert_eq!(stolen(later, earlier), None);
        assert_eq!(stolen(later, later), None);
    }

    #[test]
    fn every_kind_counts_and_guests_count_once() {
        let later = "cpu 1 2 3 4 5 6 7 4 1 2\n";
        assert_eq!(steal_between("cpu 0 0 0 0 0 0 0 0 0 0\n", later), Some(0.125));
    }

    #[test]
    fn kernels_that_do_not_count_guests() {
        assert_eq!(steal_between("cpu 0 0 0 0 0 0 0 0", "cpu 3 0 0 0 0 0 0 1"), Some(0.25));
    }

    #[test]
    fn no_time_passed() {
        let stat = "cpu  1000 5 300 9000 20 0 7 40 0 0\n";
        assert_eq!(steal_between(stat, stat), None);
        // A sandbox that shows no counters.
        let zeros = "cpu  0 0 0 0 0 0 0 0 0 0\n";
        assert_eq!(steal_between(zeros, zeros), None);
    }

    #[test]
    fn nothing_stolen_is_a_reading() {
        assert_eq!(steal_between("cpu 0 0 0 5 0 0 0 0", "cpu 9 0 0 5 0 0 0 0"), Some(0.0));
    }

    #[test]
    fn times_that_run_backwards() {
        let earlier = "cpu 10 0 0 10 5 0 0 10\n";
        assert_eq!(steal_between(earlier, "cpu 14 0 0 14 3 0 0 12\n"), Some(0.2));
        assert_eq!(steal_between(earlier, "cpu 20 0 0 20 5 0 0 9\n"), None);
    }

    #[test]
    fn the_largest_counts_do_no_harm() {
        let most = u64::MAX;
        let later = format!("cpu {most} {most} {most} {most} {most} {most} {most} {most}\n");
        assert_eq!(steal_between("cpu 0 0 0 0 0 0 0 0\n", &later), Some(0.125));
    }

    #[test]
    fn odd_times_are_none() {
        for stat in [
            "",
            "cpu\n",
            "cpu0 1 2 3 4 5 6 7 8\n",
            "cpu 1 2 3 4 5 6 7\n",
            "cpu 1 2 3 4 5 6 7 -8\n",
            "cpu 1 2 x 4 5 6 7 8\n",
            "cpu 1 2 3 4 5 6 7 18446744073709551616\n",
            "intr 1\ncpu 1 2 3 4 5 6 7 8\n",
        ] {
            assert_eq!(times_of(stat), None, "{stat:?}");
        }
    }

    #[test]
    fn without_proc_nothing_is_known() {
        let root = root(&[]);
        assert_eq!(System::at(root.path()).load_average(), None);
        assert_eq!(System::at(root.path()).cpu_times(), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_part_here_is_from_0_to_1() {
        let here = System::of_this_machine();
        let steal = here.cpu_times().unwrap().steal_since(&CpuTimes::default()).unwrap();
        assert!((0.0..=1.0).contains(&steal), "{steal}");
        assert!(here.load_average().is_some());
    }
}
