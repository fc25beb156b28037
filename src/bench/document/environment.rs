use serde::{Deserialize, Serialize};

/// The machine and the program that measured; what could not be read is left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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
    /// Its instruction sets that matter to SHA-256.
    pub instruction_sets: Vec<String>,
    /// Whether the machine is a virtual one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_virtual: Option<bool>,
    /// CPU packages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sockets: Option<usize>,
    /// Memory domains.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numa_nodes: Option<usize>,
    /// Physical cores in the machine.
    pub physical_cores: usize,
    /// Logical CPUs in the machine.
    pub logical_cpus: usize,
    /// Logical CPUs on a physical core, at most: 1 without SMT.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub siblings_per_core: Option<usize>,
    /// Logical CPUs that the affinity allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_cpus: Option<usize>,
    /// Physical cores that they lie on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_cores: Option<usize>,
    /// The CPU quota of the process's control group, in CPUs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_quota: Option<f64>,
    /// Threads that affinity and quota leave, by the standard library.
    pub usable_threads: usize,
    /// The same by the `num_cpus` crate, which rounds a quota up.
    pub num_cpus: usize,
    /// The CPUs' frequency governor, where all have the same; else all their names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub governor: Option<String>,
    /// The driver that carries out what the governor decides, on which the meaning of `powersave`
    /// depends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frequency_driver: Option<String>,
    /// Whether the CPUs may run above their base frequency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turbo: Option<bool>,
    /// The load average over one minute before the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_before: Option<f64>,
    /// The part of the machine's CPU time during the run that a hypervisor gave to others, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steal: Option<f64>,
}
