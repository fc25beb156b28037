//! Samples timed by the CPU time of this thread, where the system reports it: other programs then
//! lengthen no sample. Not for work on several threads or work that waits.

#[cfg(not(target_os = "linux"))]
pub(crate) use super::sampler::timed;

/// Does some work and times it. `work` returns how much it has done, in units of work.
#[cfg(target_os = "linux")]
pub(crate) fn timed(work: impl FnOnce() -> f64) -> super::sampler::Sample {
    use rustix::time::{ClockId, clock_gettime};

    let on_cpu = || {
        let now = clock_gettime(ClockId::ThreadCPUTime);
        let nanoseconds = u32::try_from(now.tv_nsec).unwrap_or_default();
        std::time::Duration::new(now.tv_sec.unsigned_abs(), nanoseconds)
    };
    let start = on_cpu();
    let work = work();
    super::sampler::Sample { work, elapsed: on_cpu().saturating_sub(start) }
}
