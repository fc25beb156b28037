//! The time that the calling thread had a CPU, and the time that it waited for one.

use std::time::Duration;

use super::system::System;

/// The time that the calling thread has spent on a CPU since it started; `None` outside Linux.
///
/// In a virtual machine, that includes what its host gave to others while the thread seemed to run,
/// unless the host tells how much that was.
#[cfg(target_os = "linux")]
pub(crate) fn time_on_cpu() -> Option<Duration> {
    use rustix::time::{ClockId, clock_gettime};

    let time = clock_gettime(ClockId::ThreadCPUTime);
    Some(Duration::new(time.tv_sec.try_into().ok()?, time.tv_nsec.try_into().ok()?))
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn time_on_cpu() -> Option<Duration> {
    None
}

impl System {
    /// The time since its start in which the calling thread could have run, but had to wait for a
    /// CPU: others ran, or its control group was throttled.
    ///
    /// `None` where the kernel does not count it, as in some sandboxes.
    pub(crate) fn time_waited_for_cpu(&self) -> Option<Duration> {
        let text = self.read("proc/thread-self/schedstat")?;
        // On a CPU and waiting, in nanoseconds, and how often it was put on a CPU. A thread that
        // asks was put on one at least once, so 0 means that nothing is counted.
        let mut figures = text.split_whitespace().map(|figure| figure.parse::<u64>().ok());
        let [on_cpu, waited, times] = std::array::from_fn(|_| figures.next().flatten());
        on_cpu.and(times).filter(|times| *times > 0)?;
        waited.map(Duration::from_nanos)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fake_root::root;
    use super::*;

    fn waited(schedstat: &str) -> Option<Duration> {
        let root = root(&[("proc/thread-self/schedstat", schedstat)]);
        System::at(root.path()).time_waited_for_cpu()
    }

    #[test]
    fn the_second_figure_is_the_wait() {
        assert_eq!(waited("3954226 2812692 2\n"), Some(Duration::from_nanos(2_812_692)));
        assert_eq!(waited("3954226 0 1\n"), Some(Duration::ZERO));
        // A thread that has just begun.
        assert_eq!(waited("0 71 1\n"), Some(Duration::from_nanos(71)));
    }

    #[test]
    fn a_kernel_that_counts_nothing_is_not_taken_for_a_thread_that_never_waits() {
        for text in ["0 0 0\n", "12 0 0\n", "", "1 2", "1 x 2", "1 -2 3", "a b c"] {
            assert_eq!(waited(text), None, "{text:?}");
        }
        assert_eq!(System::at(root(&[]).path()).time_waited_for_cpu(), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn time_on_a_cpu_grows_with_work_and_not_while_the_thread_sleeps() {
        let before = time_on_cpu().unwrap();
        let mut sum = 0_u64;
        while time_on_cpu().unwrap() < before + Duration::from_millis(2) {
            sum = std::hint::black_box(sum + 1);
        }
        let (worked, started) = (time_on_cpu().unwrap(), std::time::Instant::now());
        std::thread::sleep(Duration::from_millis(30));
        let slept = time_on_cpu().unwrap().saturating_sub(worked);
        assert!(slept < started.elapsed(), "{slept:?}");
    }
}
