//! Reads what a saved benchmark says of the machine and the program.
//!
//! Start a [`Watch`] before the first sample and ask it after the last: the load has to be read
//! before the run, which changes it, and the time that a hypervisor took away spans the run.

use super::account::clock_beside_sibling;
use super::document::{CoreCount, Environment};
use crate::machine::{CpuId, CpuTimes, System, Topology, instruction_sets, time_asleep};
use crate::pow::Kernel;
use std::env::consts::{ARCH, OS};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// The machine has slept where its two clocks have parted by more than this.
const LEAST_SLEEP: Duration = Duration::from_millis(100);

/// The machine before a run, and its CPU times then.
#[derive(Debug, Clone)]
pub struct Watch {
    environment: Environment,
    times: Option<CpuTimes>,
    /// Two allowed CPUs of one core, if there are any.
    siblings: Option<[CpuId; 2]>,
    /// Raised when the process goes on after it was suspended.
    continued: Arc<AtomicBool>,
    /// How often the process was suspended so far.
    suspensions: Arc<AtomicUsize>,
}

/// How often the process was suspended so far, and how long the machine slept. Two that differ were
/// read before and after a pause.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pauses {
    suspensions: usize,
    asleep: Duration,
}

impl PartialEq for Pauses {
    fn eq(&self, other: &Self) -> bool {
        self.suspensions == other.suspensions && self.asleep.abs_diff(other.asleep) < LEAST_SLEEP
    }
}

impl Watch {
    /// Reads everything from the operating system.
    ///
    /// Call it before the benchmark does any work, which would show in the load.
    #[must_use]
    pub fn start(topology: &Topology) -> Self {
        Self {
            environment: before_the_run(topology),
            times: System::of_this_machine().cpu_times(),
            siblings: siblings(topology),
            continued: Arc::default(),
            suspensions: Arc::default(),
        }
    }

    /// With a flag that the program raises when the process goes on after it was suspended
    /// (SIGCONT): samples in which that happens are left out.
    #[must_use]
    pub fn with_continued(self, continued: Arc<AtomicBool>) -> Self {
        Self { continued, ..self }
    }

    /// The pauses of the process and the machine so far.
    pub(super) fn pauses(&self) -> Pauses {
        let another = usize::from(self.continued.swap(false, Ordering::Relaxed));
        let suspensions = another + self.suspensions.fetch_add(another, Ordering::Relaxed);
        Pauses { suspensions, asleep: time_asleep().unwrap_or_default() }
    }

    /// Measures whether clocks of threads that share a core can be compared.
    pub(super) fn clock_beside_sibling(&self, kernel: Kernel) -> Option<f64> {
        clock_beside_sibling(self.siblings?, kernel)
    }

    /// The environment, with what happened between the start and now.
    #[must_use]
    pub fn environment(&self) -> Environment {
        let now = System::of_this_machine().cpu_times();
        let steal = now.zip(self.times).and_then(|(now, start)| now.steal_since(&start));
        Environment { steal, ..self.environment.clone() }
    }
}

/// Two allowed CPUs of one core, if there are any.
fn siblings(topology: &Topology) -> Option<[CpuId; 2]> {
    let first_two = |core: &Vec<CpuId>| core.first_chunk().copied();
    topology.allowed_cores.iter().flatten().find_map(first_two)
}

fn before_the_run(topology: &Topology) -> Environment {
    let system = System::of_this_machine();
    Environment {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        build_profile: build_profile().to_owned(),
        os: OS.to_owned(),
        arch: ARCH.to_owned(),
        os_release: system.os_release(),
        cpu_model: system.cpu_model(),
        instruction_sets: instruction_sets().into_iter().map(str::to_owned).collect(),
        is_virtual: system.is_virtual(),
        sockets: system.sockets(),
        numa_nodes: system.numa_nodes(),
        siblings_per_core: system.siblings_per_core(),
        cpu_quota: system.cpu_quota(),
        governor: system.governor(),
        frequency_driver: system.frequency_driver(),
        turbo: system.turbo(),
        load_before: system.load_average(),
        ..counts(topology)
    }
}

/// The numbers of CPUs and cores. Everything else is left unknown.
fn counts(topology: &Topology) -> Environment {
    Environment {
        physical_cores: topology.physical_cores,
        logical_cpus: topology.logical_cpus,
        allowed_cpus: topology.allowed.as_ref().map(Vec::len),
        allowed_cores: topology.allowed_cores.as_ref().map(Vec::len),
        core_kinds: topology.kinds_of_cores().into_iter().map(kind).collect(),
        usable_threads: topology.usable_threads,
        num_cpus: topology.num_cpus,
        ..Environment::default()
    }
}

fn kind((name, cores): (&str, usize)) -> CoreCount {
    CoreCount { name: name.to_owned(), cores }
}

/// Decided by the checks that are compiled in, since they cost time: a development build of this
/// crate is optimised, but still a debug build.
fn build_profile() -> &'static str {
    if cfg!(debug_assertions) { "debug" } else { "release" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here() -> Environment {
        Watch::start(&Topology::detect()).environment()
    }

    #[test]
    fn counts_are_the_topologys() {
        let core = |cpus: [u16; 2]| cpus.map(CpuId).to_vec();
        let topology = Topology {
            logical_cpus: 64,
            physical_cores: 32,
            allowed: Some([0, 1, 32, 33].map(CpuId).to_vec()),
            allowed_cores: Some(vec![core([0, 32]), core([1, 33])]),
            core_kinds: Vec::new(),
            usable_threads: 3,
            num_cpus: 4,
        };
        let expected = Environment {
            logical_cpus: 64,
            physical_cores: 32,
            allowed_cpus: Some(4),
            allowed_cores: Some(2),
            usable_threads: 3,
            num_cpus: 4,
            ..Environment::default()
        };
        assert_eq!(counts(&topology), expected);
        let unknown = Topology { allowed: None, allowed_cores: None, ..topology };
        let expected = Environment { allowed_cpus: None, allowed_cores: None, ..expected };
        assert_eq!(counts(&unknown), expected);
    }

    #[test]
    fn the_program_is_named() {
        let here = here();
        let manifest = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
        assert!(manifest.contains(&format!("\nversion = \"{}\"\n", here.version)));
        assert_eq!((here.os.as_str(), here.arch.as_str()), (OS, ARCH));
    }

    #[test]
    fn a_debug_build_is_one_that_checks() {
        let mut checks = false;
        debug_assert!({
            checks = true;
            checks
        });
        assert_eq!(here().build_profile, if checks { "debug" } else { "release" });
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_kernel_is_the_one_that_uname_names() {
        let uname = std::process::Command::new("uname").arg("-r").output().unwrap();
        let release = String::from_utf8(uname.stdout).unwrap();
        assert_eq!(here().os_release.as_deref(), Some(release.trim()));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn stolen_time_is_told_since_the_start_of_the_watch() {
        let environment = here();
        assert!(environment.load_before.is_some());
        let after_boot = Watch {
            environment: environment.clone(),
            times: Some(CpuTimes::default()),
            ..Watch::start(&Topology::detect())
        };
        let after = after_boot.environment();
        let steal = after.steal;
        assert!(steal.is_some_and(|steal| (0.0..=1.0).contains(&steal)), "{steal:?}");
        assert_eq!(after, Environment { steal, ..environment.clone() });
        let unknown = Watch { environment, times: None, ..after_boot };
        assert_eq!(unknown.environment().steal, None);
    }

    #[test]
    fn being_suspended_is_a_pause_and_running_on_is_none() {
        let continued = Arc::new(AtomicBool::new(false));
        let watch = Watch::start(&Topology::detect()).with_continued(Arc::clone(&continued));
        let before = watch.pauses();
        assert_eq!(watch.pauses(), before);
        continued.store(true, Ordering::Relaxed);
        let after = watch.pauses();
        assert_ne!(after, before);
        assert_eq!(watch.pauses(), after, "one suspension is one pause");
        let slept = Pauses { asleep: after.asleep + LEAST_SLEEP, ..after };
        assert_ne!(slept, after);
    }

    #[test]
    fn what_is_not_known_is_left_out_of_the_json() {
        let json = serde_json::to_value(counts(&Topology::detect())).unwrap();
        for field in ["steal", "load_before", "governor", "frequency_driver", "sockets", "turbo"] {
            assert!(json.get(field).is_none(), "{field}");
        }
    }
}
