//! The machine and the program that measured.

use serde::{Deserialize, Serialize};

use super::bounds::{NotNegative, OneOrMore, Positive, Share};

/// The machine and the program that measured. What could not be read is left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Environment {
    /// The program's version.
    pub version: String,
    /// `release` or `debug`.
    pub build_profile: String,
    /// The operating system, as Rust names it.
    pub os: String,
    /// The architecture, as Rust names it.
    pub arch: String,
    /// The operating system's kernel release.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub os_release: Option<String>,
    /// The CPU's model, as its maker names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_model: Option<String>,
    /// The instruction sets that matter to SHA-256.
    pub instruction_sets: Vec<String>,
    /// Whether the machine is a virtual one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_virtual: Option<bool>,
    /// CPU packages.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "OneOrMore::<Option<usize>>")]
    pub sockets: Option<usize>,
    /// Memory domains.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "OneOrMore::<Option<usize>>")]
    pub numa_nodes: Option<usize>,
    /// Physical cores in the machine.
    #[serde(with = "OneOrMore::<usize>")]
    pub physical_cores: usize,
    /// Logical CPUs in the machine.
    #[serde(with = "OneOrMore::<usize>")]
    pub logical_cpus: usize,
    /// The most logical CPUs on a physical core: 1 without SMT.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "OneOrMore::<Option<usize>>")]
    pub siblings_per_core: Option<usize>,
    /// The clock that is measured beside a busy sibling, as a part of the clock that is measured
    /// alone. Where they differ, clocks of threads that share cores cannot be compared.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "Positive::<Option<f64>>")]
    pub clock_beside_sibling: Option<f64>,
    /// Logical CPUs that the process may run on.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "OneOrMore::<Option<usize>>")]
    pub allowed_cpus: Option<usize>,
    /// Physical cores that those CPUs belong to.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "OneOrMore::<Option<usize>>")]
    pub allowed_cores: Option<usize>,
    /// The kinds of cores among them where cores differ (hybrid CPUs), the fastest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub core_kinds: Vec<CoreCount>,
    /// The CPU quota of the process's control group, in CPUs.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "Positive::<Option<f64>>")]
    pub cpu_quota: Option<f64>,
    /// Threads that affinity and quota allow, by the standard library.
    #[serde(with = "OneOrMore::<usize>")]
    pub usable_threads: usize,
    /// The same by the `num_cpus` crate, which rounds a quota up.
    #[serde(with = "OneOrMore::<usize>")]
    pub num_cpus: usize,
    /// The CPUs' frequency governor, or several names if they differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub governor: Option<String>,
    /// The driver that carries out what the governor decides. The meaning of `powersave` depends on
    /// it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frequency_driver: Option<String>,
    /// Whether the CPUs may run above their base frequency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turbo: Option<bool>,
    /// The load average over one minute before the run.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "NotNegative::<Option<f64>>")]
    pub load_before: Option<f64>,
    /// The part of the machine's CPU time during the run that a hypervisor gave to others, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "Share::<Option<f64>>")]
    pub steal: Option<f64>,
}

impl Environment {
    /// Physical cores that the process may use; all of the machine's, where these are not known.
    #[must_use]
    pub fn usable_cores(&self) -> usize {
        self.allowed_cores.unwrap_or(self.physical_cores)
    }

    /// The number of threads above which siblings share cores; `None` on a machine without
    /// siblings.
    #[must_use]
    pub fn cores_before_siblings(&self) -> Option<usize> {
        let siblings = self.siblings_per_core?;
        (siblings > 1).then(|| self.usable_cores())
    }

    /// Whether some of this many threads share a core.
    #[must_use]
    pub fn shares_cores(&self, threads: usize) -> bool {
        self.cores_before_siblings().is_some_and(|cores| threads > cores)
    }
}

/// Cores of one kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CoreCount {
    /// Its name, in the plural: `performance cores`.
    pub name: String,
    /// How many cores the process may use.
    pub cores: usize,
}
