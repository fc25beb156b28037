//! Samples timed by the CPU time of this thread, where the system reports it: other programs then
//! lengthen no sample. Not for work on several threads or work that waits.

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

    /// The CPU time of this thread so far.
    fn on_cpu() -> Duration {
        let now = clock_gettime(ClockId::ThreadCPUTime);
        Duration::new(now.tv_sec.unsigned_abs(), u32::try_from(now.tv_nsec).unwrap_or_default())
    }
}
