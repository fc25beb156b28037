//! Samples by the time that this thread was on a CPU, where the system tells it: others who want
//! the CPU at the same time then lengthen no sample. Not for work on several threads, nor for work
//! that waits.

#[cfg(not(target_os = "linux"))]
pub(crate) use super::sampler::timed;
#[cfg(target_os = "linux")]
pub(crate) use linux::timed;

#[cfg(target_os = "linux")]
mod linux {
    use std::time::Duration;

    use rustix::time::{ClockId, clock_gettime};

    use super::super::sampler::Sample;

    /// Does some work and times it. `work` returns how much it has done, in units of work.
    pub(crate) fn timed(work: impl FnOnce() -> f64) -> Sample {
        let start = on_cpu();
        let work = work();
        Sample { work, elapsed: on_cpu().saturating_sub(start) }
    }

    /// For how long this thread has been on a CPU.
    fn on_cpu() -> Duration {
        let now = clock_gettime(ClockId::ThreadCPUTime);
        Duration::new(now.tv_sec.unsigned_abs(), u32::try_from(now.tv_nsec).unwrap_or_default())
    }
}
