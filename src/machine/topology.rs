//! How many CPUs and cores there are, and how many of them this process may use.
//!
//! On Linux the allowed CPUs are known one by one; elsewhere only counts are. The counts come
//! from different sources and are kept apart on purpose, since a scaling benchmark has to show
//! where they disagree. Cores of different speed (hybrid CPUs) are not told apart.

use super::cpu::{CpuId, parse_cpu_list};
use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, thread};

/// Where Linux describes its CPUs.
const SYSFS_CPUS: &str = "/sys/devices/system/cpu";

/// The CPUs of this machine, and those that this process may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topology {
    /// Logical CPUs online in the machine, whoever may use them.
    pub logical_cpus: usize,
    /// Physical cores in the machine, as `num_cpus` counts them; on Linux without core counts in
    /// `/proc/cpuinfo` (ARM) the same as `num_cpus_says`.
    pub physical_cores: usize,
    /// The CPUs that the affinity allows, ascending. `None` where they cannot be read: outside
    /// Linux, and on Linux with more than 1,024 CPUs.
    pub allowed: Option<Vec<CpuId>>,
    /// The allowed CPUs again, those of one physical core together; cores, and CPUs within a
    /// core, ascending. `None` where `allowed` is, or where the kernel does not say.
    pub allowed_cores: Option<Vec<Vec<CpuId>>>,
    /// Threads that affinity and CPU quota leave to this process:
    /// [`std::thread::available_parallelism`].
    pub usable_threads: usize,
    /// The same as `num_cpus` sees it, which rounds a quota such as 1.5 CPUs up, where the standard
    /// library rounds it down.
    pub num_cpus_says: usize,
}

impl Topology {
    /// Asks the operating system.
    ///
    /// Affinity belongs to a thread: call this before pinning, or on a thread that is not pinned,
    /// or one CPU will seem to be all there is.
    #[must_use]
    pub fn detect() -> Self {
        let num_cpus_says = num_cpus::get();
        let sysfs = Path::new(SYSFS_CPUS);
        let allowed = allowed_cpus();
        let allowed_cores = allowed.as_ref().and_then(|cpus| cores_among(sysfs, cpus));
        Self {
            logical_cpus: online_cpus(sysfs).map_or(num_cpus_says, |cpus| cpus.len()),
            physical_cores: num_cpus::get_physical(),
            allowed,
            allowed_cores,
            usable_threads: thread::available_parallelism().map_or(num_cpus_says, usize::from),
            num_cpus_says,
        }
    }

    /// As many threads as affinity and quota allow; the default number of workers.
    #[must_use]
    pub fn all_threads(&self) -> usize {
        self.usable_threads
    }

    /// One thread per physical core, but no more than affinity and quota allow.
    ///
    /// Counts only cores with an allowed CPU where these are known, else all the machine's cores.
    #[must_use]
    pub fn physical_threads(&self) -> usize {
        let cores = self.allowed_cores.as_ref().map_or(self.physical_cores, Vec::len);
        cores.min(self.all_threads())
    }
}

/// The CPUs that the calling thread may run on, ascending.
///
/// `None` outside Linux, and where the kernel's mask is longer than 1,024 CPUs.
#[must_use]
pub fn allowed_cpus() -> Option<Vec<CpuId>> {
    allowed_cpus_here()
}

#[cfg(target_os = "linux")]
fn allowed_cpus_here() -> Option<Vec<CpuId>> {
    use rustix::thread::{CpuSet, sched_getaffinity};

    let mask = sched_getaffinity(None).ok()?;
    let numbers = 0..u16::try_from(CpuSet::MAX_CPU).unwrap_or(u16::MAX);
    Some(numbers.map(CpuId).filter(|cpu| mask.is_set(cpu.index())).collect())
}

#[cfg(not(target_os = "linux"))]
fn allowed_cpus_here() -> Option<Vec<CpuId>> {
    None
}

/// The CPUs online, from a directory laid out as `/sys/devices/system/cpu`.
pub(super) fn online_cpus(sysfs: &Path) -> Option<Vec<CpuId>> {
    read_cpu_list(&sysfs.join("online")).filter(|cpus| !cpus.is_empty())
}

/// Groups `cpus` by physical core, from a directory laid out as `/sys/devices/system/cpu`.
///
/// `None` when the core of one of them is not known: half an answer would count wrong.
fn cores_among(sysfs: &Path, cpus: &[CpuId]) -> Option<Vec<Vec<CpuId>>> {
    let mut cores = BTreeMap::<CpuId, Vec<CpuId>>::new();
    for &cpu in cpus {
        cores.entry(lowest_sibling(sysfs, cpu)?).or_default().push(cpu);
    }
    let mut cores: Vec<_> = cores.into_values().collect();
    cores.sort_unstable();
    Some(cores)
}

/// The lowest CPU on the same physical core as `cpu`, which names the core.
fn lowest_sibling(sysfs: &Path, cpu: CpuId) -> Option<CpuId> {
    siblings(sysfs, cpu)?.first().copied()
}

/// The CPUs online on the same physical core as `cpu`, itself included.
///
/// Kernels before 5.3 have only the second of the two names.
pub(super) fn siblings(sysfs: &Path, cpu: CpuId) -> Option<Vec<CpuId>> {
    let topology = sysfs.join(format!("cpu{cpu}/topology"));
    ["core_cpus_list", "thread_siblings_list"]
        .iter()
        .find_map(|name| read_cpu_list(&topology.join(name)))
        .filter(|siblings| !siblings.is_empty())
}

pub(super) fn read_cpu_list(path: &Path) -> Option<Vec<CpuId>> {
    parse_cpu_list(&fs::read_to_string(path).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn cpus(numbers: &[u16]) -> Vec<CpuId> {
        numbers.iter().copied().map(CpuId).collect()
    }

    /// A sysfs tree in which CPU k has `siblings[k]` in the file `name`.
    fn sysfs(name: &str, siblings: &[&str]) -> TempDir {
        let tree = TempDir::new().unwrap();
        for (cpu, list) in siblings.iter().enumerate() {
            let topology = tree.path().join(format!("cpu{cpu}/topology"));
            fs::create_dir_all(&topology).unwrap();
            fs::write(topology.join(name), format!("{list}\n")).unwrap();
        }
        tree
    }

    /// A machine of eight CPUs on four cores, with `usable_threads` of them to use.
    fn topology(allowed_cores: Option<Vec<Vec<CpuId>>>, usable_threads: usize) -> Topology {
        Topology {
            logical_cpus: 8,
            physical_cores: 4,
            allowed: allowed_cores.as_ref().map(|cores| cores.concat()),
            allowed_cores,
            usable_threads,
            num_cpus_says: usable_threads,
        }
    }

    #[test]
    fn siblings_next_to_each_other() {
        let tree = sysfs("core_cpus_list", &["0-1", "0-1", "2-3", "2-3"]);
        assert_eq!(
            cores_among(tree.path(), &cpus(&[0, 1, 2, 3])),
            Some(vec![cpus(&[0, 1]), cpus(&[2, 3])])
        );
    }

    #[test]
    fn siblings_half_the_machine_apart_under_the_old_name() {
        let tree = sysfs("thread_siblings_list", &["0,2", "1,3", "0,2", "1,3"]);
        assert_eq!(
            cores_among(tree.path(), &cpus(&[0, 1, 2, 3])),
            Some(vec![cpus(&[0, 2]), cpus(&[1, 3])])
        );
    }

    #[test]
    fn only_allowed_cpus_are_listed() {
        let tree = sysfs("core_cpus_list", &["0,2", "1,3", "0,2", "1,3"]);
        assert_eq!(cores_among(tree.path(), &cpus(&[2, 3])), Some(vec![cpus(&[2]), cpus(&[3])]));
        assert_eq!(cores_among(tree.path(), &cpus(&[0, 2])), Some(vec![cpus(&[0, 2])]));
        assert_eq!(cores_among(tree.path(), &[]), Some(vec![]));
    }

    #[test]
    fn cores_come_in_the_order_of_their_lowest_allowed_cpu() {
        let tree = sysfs("core_cpus_list", &["0,3", "1,2", "1,2", "0,3"]);
        assert_eq!(cores_among(tree.path(), &cpus(&[2, 3])), Some(vec![cpus(&[2]), cpus(&[3])]));
    }

    #[test]
    fn one_unknown_core_makes_all_unknown() {
        let tree = sysfs("core_cpus_list", &["0", "1"]);
        assert_eq!(cores_among(tree.path(), &cpus(&[0, 1, 2])), None);
        let malformed = sysfs("core_cpus_list", &["0", "one"]);
        assert_eq!(cores_among(malformed.path(), &cpus(&[0, 1])), None);
        let empty = sysfs("core_cpus_list", &["0", ""]);
        assert_eq!(cores_among(empty.path(), &cpus(&[0, 1])), None);
    }

    #[test]
    fn online_needs_a_list_with_cpus_in_it() {
        let tree = TempDir::new().unwrap();
        assert_eq!(online_cpus(tree.path()), None);
        fs::write(tree.path().join("online"), "\n").unwrap();
        assert_eq!(online_cpus(tree.path()), None);
        fs::write(tree.path().join("online"), "0-1,4\n").unwrap();
        assert_eq!(online_cpus(tree.path()), Some(cpus(&[0, 1, 4])));
    }

    #[test]
    fn physical_threads_count_allowed_cores() {
        let two_cores = vec![cpus(&[0, 4]), cpus(&[1, 5])];
        assert_eq!(topology(Some(two_cores), 4).physical_threads(), 2);
        assert_eq!(topology(None, 8).physical_threads(), 4);
    }

    #[test]
    fn physical_threads_stay_within_the_quota() {
        let two_cores = vec![cpus(&[0, 4]), cpus(&[1, 5])];
        assert_eq!(topology(Some(two_cores), 1).physical_threads(), 1);
        assert_eq!(topology(None, 3).physical_threads(), 3);
    }

    #[test]
    fn this_machine_makes_sense() {
        let here = Topology::detect();
        assert!(here.logical_cpus >= 1);
        assert!(here.physical_cores >= 1);
        assert!(here.num_cpus_says >= 1);
        assert!(here.all_threads() >= 1);
        assert!((1..=here.all_threads()).contains(&here.physical_threads()));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_linux_knows_its_allowed_cpus() {
        let here = Topology::detect();
        let allowed = here.allowed.clone().unwrap();
        assert!(!allowed.is_empty());
        assert!(allowed.is_sorted());
        assert!(here.all_threads() <= allowed.len());
        if let Some(cores) = here.allowed_cores {
            let mut listed = cores.concat();
            listed.sort_unstable();
            assert_eq!(listed, allowed);
        }
    }
}
