//! The times and clocks of a sample's workers.

use serde::{Deserialize, Serialize};

/// The times and clocks of a sample's workers. Arrays are in the order of the workers. What the
/// system does not tell is left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct WorkerTimes {
    /// Seconds from the barrier to each worker's stop.
    #[cfg_attr(test, schemars(inner(range(min = 0))))]
    pub stopped_after_s: Vec<f64>,
    /// Seconds that each worker spent on a CPU, by its thread's CPU clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(inner(inner(range(min = 0)))))]
    pub on_cpu_s: Option<Vec<f64>>,
    /// Seconds that each worker could have run, but had to wait for a CPU, throttled or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(inner(inner(range(min = 0)))))]
    pub waited_s: Option<Vec<f64>>,
    /// The clock of each worker's core in Hz, the mean of the readings after every 50th stripe.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(inner(inner(range(min = 0)))))]
    pub clock_hz: Option<Vec<f64>>,
    /// Seconds for which the control group with the quota was throttled, of all its CPUs together.
    /// 0 without a quota.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(range(min = 0)))]
    pub throttled_s: Option<f64>,
    /// Seconds of CPU time that a hypervisor gave to others, of all the machine's CPUs together.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(range(min = 0)))]
    pub stolen_s: Option<f64>,
}

impl WorkerTimes {
    /// The CPU cycles of all workers, and the seconds on a CPU that they took; `None` where either
    /// is not known.
    pub(in crate::bench) fn cycles(&self) -> Option<(f64, f64)> {
        let (on_cpu_s, clock_hz) = (self.on_cpu_s.as_ref()?, self.clock_hz.as_ref()?);
        let cycles = on_cpu_s.iter().zip(clock_hz).map(|(seconds, hz)| seconds * hz).sum();
        Some((cycles, on_cpu_s.iter().sum()))
    }
}
