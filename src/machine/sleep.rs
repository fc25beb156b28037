//! How long the machine has slept.

use std::time::Duration;

/// The time since the start of the machine in which it slept; `None` outside Linux.
///
/// The boot-time clock runs on in it, and the monotonic clock stands still.
#[cfg(target_os = "linux")]
pub(crate) fn time_asleep() -> Option<Duration> {
    use rustix::time::{ClockId, clock_gettime};

    const READINGS: usize = 5;
    let read = |clock| {
        let time = clock_gettime(clock);
        Some(Duration::new(time.tv_sec.try_into().ok()?, time.tv_nsec.try_into().ok()?))
    };
    // Whatever comes between the two readings makes the difference larger, so the least counts.
    let difference = |_| {
        let awake = read(ClockId::Monotonic)?;
        Some(read(ClockId::Boottime)?.saturating_sub(awake))
    };
    (0..READINGS).filter_map(difference).min()
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn time_asleep() -> Option<Duration> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_sleeps_is_no_machine_that_sleeps() {
        let before = time_asleep().unwrap();
        std::thread::sleep(Duration::from_millis(30));
        let grown = time_asleep().unwrap().abs_diff(before);
        assert!(grown < Duration::from_millis(30), "{grown:?}");
    }
}
