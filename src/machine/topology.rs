//! The CPUs and cores of the machine, and those that this process may use.
//!
//! On Linux the allowed CPUs are known one by one; elsewhere only their number is. The counts come
//! from different sources and are kept apart, since a scaling benchmark has to show where they
//! disagree.

use super::cpu::{CpuId, parse_cpu_list};
use super::kinds::CoreKind;
use super::system::System;
use std::collections::BTreeMap;
use std::thread;

/// The CPUs of this machine, and those that this process may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topology {
    /// Logical CPUs online in the machine, whoever may use them.
    pub logical_cpus: usize,
    /// Physical cores in the machine, as `num_cpus` counts them; on Linux without core counts in
    /// `/proc/cpuinfo` (ARM) the same as `num_cpus`.
    pub physical_cores: usize,
    /// The CPUs that the affinity allows, ascending. `None` where they cannot be read: outside
    /// Linux, and on Linux with more than 1,024 CPUs.
    pub allowed: Option<Vec<CpuId>>,
    /// The allowed CPUs again, those of one physical core together; cores, and CPUs within a
    /// core, ascending. `None` where `allowed` is, or where the kernel does not say.
    pub allowed_cores: Option<Vec<Vec<CpuId>>>,
    /// The allowed CPUs again, by kind of core, the fastest first. Empty where all are of one kind,
    /// or the kernel does not say.
    pub core_kinds: Vec<CoreKind>,
    /// Threads that affinity and CPU quota leave to this process:
    /// [`std::thread::available_parallelism`].
    pub usable_threads: usize,
    /// The same by the crate `num_cpus`, which rounds a quota such as 1.5 CPUs up, where the
    /// standard library rounds it down.
    pub num_cpus: usize,
}

impl Topology {
    /// Asks the operating system.
    ///
    /// Affinity belongs to a thread: call this before pinning, or on a thread that is not pinned,
    /// or one CPU will seem to be all there is.
    #[must_use]
    pub fn detect() -> Self {
        let num_cpus = num_cpus::get();
        let usable_threads = thread::available_parallelism().map_or(num_cpus, usize::from);
        Self {
            physical_cores: num_cpus::get_physical(),
            num_cpus,
            ..Self::of(&System::of_this_machine(), allowed_cpus(), usable_threads)
        }
    }

    /// A machine on which affinity allows these CPUs, and affinity and quota this many threads.
    fn of(system: &System, allowed: Option<Vec<CpuId>>, usable_threads: usize) -> Self {
        let allowed_cores = allowed.as_ref().and_then(|cpus| system.cores_among(cpus));
        Self {
            logical_cpus: system.online_cpus().map_or_else(num_cpus::get, |cpus| cpus.len()),
            physical_cores: allowed_cores.as_ref().map_or(usable_threads, Vec::len),
            core_kinds: system.kinds_among(allowed.as_deref().unwrap_or_default()),
            allowed,
            allowed_cores,
            usable_threads,
            num_cpus: usable_threads,
        }
    }

    /// As many threads as affinity and quota allow; the default number of workers.
    #[must_use]
    pub fn all_threads(&self) -> usize {
        self.usable_threads
    }

    /// One thread per physical core, but no more than affinity and quota allow.
    ///
    /// Counts the cores with an allowed CPU, of every kind; where these are not known, all the
    /// machine's cores.
    pub(crate) fn physical_threads(&self) -> usize {
        let cores = self.allowed_cores.as_ref().map_or(self.physical_cores, Vec::len);
        cores.min(self.all_threads())
    }

    /// The cores with an allowed CPU, the fastest kind first; `None` where they are not known.
    pub(crate) fn cores_by_kind(&self) -> Option<Vec<&[CpuId]>> {
        let mut cores: Vec<_> = self.allowed_cores.as_ref()?.iter().map(Vec::as_slice).collect();
        cores.sort_by_key(|core| {
            self.core_kinds.iter().position(|kind| core.iter().any(|it| kind.cpus.contains(it)))
        });
        Some(cores)
    }

    /// The lowest allowed CPU of a CPU's core; itself where cores are not known.
    pub(crate) fn core_of(&self, cpu: CpuId) -> CpuId {
        let core = self.allowed_cores.iter().flatten().find(|core| core.contains(&cpu));
        core.and_then(|core| core.first().copied()).unwrap_or(cpu)
    }

    /// The name of a CPU's kind of core, where cores differ.
    pub(crate) fn kind_of(&self, cpu: CpuId) -> Option<&str> {
        let kind = self.core_kinds.iter().find(|kind| kind.cpus.contains(&cpu));
        kind.map(|kind| &*kind.name)
    }

    /// How many cores there are of each kind, by its name, the fastest first: `8 performance
    /// cores`. Empty where all are alike.
    pub(crate) fn kinds_of_cores(&self) -> Vec<(&str, usize)> {
        let cores = self.allowed_cores.iter().flatten();
        let is_of = |core: &&Vec<CpuId>, kind: &CoreKind| {
            core.first().is_some_and(|cpu| kind.cpus.contains(cpu))
        };
        let count = |kind| cores.clone().filter(|core| is_of(core, kind)).count();
        self.core_kinds.iter().map(|kind| (&*kind.name, count(kind))).collect()
    }

    /// The same machine where only these CPUs may be used, whatever their quota. The error is one
    /// of them that may not be used even now.
    pub(crate) fn limited_to(&self, cpus: &[CpuId]) -> Result<Self, CpuId> {
        let allowed = self.allowed.as_deref().unwrap_or_default();
        if let Some(forbidden) = cpus.iter().find(|cpu| !allowed.contains(cpu)) {
            return Err(*forbidden);
        }
        let chosen = |all: &[CpuId]| -> Vec<CpuId> {
            all.iter().copied().filter(|cpu| cpus.contains(cpu)).collect()
        };
        let cores = |all: &Vec<Vec<CpuId>>| {
            let cores = all.iter().map(|core| chosen(core));
            cores.filter(|core| !core.is_empty()).collect()
        };
        let kinds = self.core_kinds.iter().map(|kind| {
            let cpus = chosen(&kind.cpus);
            CoreKind { cpus, ..kind.clone() }
        });
        let kinds: Vec<_> = kinds.filter(|kind| !kind.cpus.is_empty()).collect();
        Ok(Self {
            allowed: Some(chosen(allowed)),
            allowed_cores: self.allowed_cores.as_ref().map(cores),
            core_kinds: if kinds.len() > 1 { kinds } else { Vec::new() },
            usable_threads: cpus.len(),
            num_cpus: cpus.len(),
            ..self.clone()
        })
    }
}

/// The CPUs that the calling thread may run on, ascending.
///
/// `None` outside Linux, and where the kernel's mask is longer than 1,024 CPUs.
#[cfg(target_os = "linux")]
pub(super) fn allowed_cpus() -> Option<Vec<CpuId>> {
    use rustix::thread::{CpuSet, sched_getaffinity};

    let mask = sched_getaffinity(None).ok()?;
    let numbers = 0..u16::try_from(CpuSet::MAX_CPU).unwrap_or(u16::MAX);
    Some(numbers.map(CpuId).filter(|cpu| mask.is_set(cpu.0.into())).collect())
}

#[cfg(not(target_os = "linux"))]
pub(super) fn allowed_cpus() -> Option<Vec<CpuId>> {
    None
}

impl System {
    /// The CPUs online.
    fn online_cpus(&self) -> Option<Vec<CpuId>> {
        parse_cpu_list(&self.read_of_cpus("online")?).filter(|cpus| !cpus.is_empty())
    }

    /// Asks the same of every CPU online; `None` where one of the answers is not known.
    pub(super) fn of_online_cpus<T, All: FromIterator<T>>(
        &self,
        answer: impl FnMut(CpuId) -> Option<T>,
    ) -> Option<All> {
        self.online_cpus()?.into_iter().map(answer).collect()
    }

    /// Groups `cpus` by physical core.
    ///
    /// `None` when the core of one of them is not known: half an answer would count wrong.
    fn cores_among(&self, cpus: &[CpuId]) -> Option<Vec<Vec<CpuId>>> {
        // The lowest sibling names the core.
        let mut cores = BTreeMap::<CpuId, Vec<CpuId>>::new();
        for &cpu in cpus {
            let lowest = *self.siblings(cpu)?.first()?;
            cores.entry(lowest).or_default().push(cpu);
        }
        let mut cores: Vec<_> = cores.into_values().collect();
        cores.sort_unstable();
        Some(cores)
    }

    /// The CPUs online on the same physical core as `cpu`, itself included.
    ///
    /// Kernels before 5.3 have only the second of the two names.
    pub(super) fn siblings(&self, cpu: CpuId) -> Option<Vec<CpuId>> {
        let list = |name| parse_cpu_list(&self.read_of_cpus(&format!("cpu{cpu}/topology/{name}"))?);
        let siblings = list("core_cpus_list").or_else(|| list("thread_siblings_list"));
        siblings.filter(|siblings| !siblings.is_empty())
    }
}

#[cfg(test)]
mod recorded;

#[cfg(test)]
mod tests {
    use super::super::fake_root::{root, root_of_cpus};
    use super::*;

    fn cpus(numbers: &[u16]) -> Vec<CpuId> {
        numbers.iter().copied().map(CpuId).collect()
    }

    /// The cores of `among` on a machine where CPU k has `siblings[k]` in the file `name`.
    fn cores(name: &str, siblings: &[&str], among: &[u16]) -> Option<Vec<Vec<CpuId>>> {
        let root = root_of_cpus("", &[(&format!("topology/{name}"), siblings)]);
        System::at(root.path()).cores_among(&cpus(among))
    }

    /// A machine of eight CPUs on four cores, with `usable_threads` of them to use.
    fn topology(allowed_cores: Option<Vec<Vec<CpuId>>>, usable_threads: usize) -> Topology {
        Topology {
            logical_cpus: 8,
            physical_cores: 4,
            allowed: allowed_cores.as_ref().map(|cores| cores.concat()),
            allowed_cores,
            core_kinds: Vec::new(),
            usable_threads,
            num_cpus: usable_threads,
        }
    }

    const NEW: &str = "core_cpus_list";
    const OLD: &str = "thread_siblings_list";

    #[test]
    fn siblings_next_to_each_other() {
        let siblings = ["0-1", "0-1", "2-3", "2-3"];
        assert_eq!(cores(NEW, &siblings, &[0, 1, 2, 3]), Some(vec![cpus(&[0, 1]), cpus(&[2, 3])]));
    }

    #[test]
    fn siblings_half_the_machine_apart_under_the_old_name() {
        let siblings = ["0,2", "1,3", "0,2", "1,3"];
        assert_eq!(cores(OLD, &siblings, &[0, 1, 2, 3]), Some(vec![cpus(&[0, 2]), cpus(&[1, 3])]));
    }

    #[test]
    fn only_allowed_cpus_are_listed() {
        let siblings = ["0,2", "1,3", "0,2", "1,3"];
        assert_eq!(cores(NEW, &siblings, &[2, 3]), Some(vec![cpus(&[2]), cpus(&[3])]));
        assert_eq!(cores(NEW, &siblings, &[0, 2]), Some(vec![cpus(&[0, 2])]));
        assert_eq!(cores(NEW, &siblings, &[]), Some(vec![]));
    }

    #[test]
    fn cores_come_in_the_order_of_their_lowest_allowed_cpu() {
        let siblings = ["0,3", "1,2", "1,2", "0,3"];
        assert_eq!(cores(NEW, &siblings, &[2, 3]), Some(vec![cpus(&[2]), cpus(&[3])]));
    }

    #[test]
    fn one_unknown_core_makes_all_unknown() {
        assert_eq!(cores(NEW, &["0", "1"], &[0, 1, 2]), None);
        assert_eq!(cores(NEW, &["0", "one"], &[0, 1]), None);
        assert_eq!(cores(NEW, &["0", "\n"], &[0, 1]), None);
    }

    #[test]
    fn online_needs_a_list_with_cpus_in_it() {
        let online = |files: &[(&str, &str)]| System::at(root(files).path()).online_cpus();
        assert_eq!(online(&[]), None);
        let path = "sys/devices/system/cpu/online";
        assert_eq!(online(&[(path, "\n")]), None);
        assert_eq!(online(&[(path, "0-1,4\n")]), Some(cpus(&[0, 1, 4])));
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
        assert!(here.num_cpus >= 1);
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
