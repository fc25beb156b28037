//! What the machine is built of, beyond CPUs and cores: sockets, memory domains, SMT.
//!
//! Of the whole machine, whoever may use it; and in a virtual one, as its host describes it. What
//! this process may use is in [`Topology`](super::Topology).

use super::cpu::CpuId;
use super::topology::{online_cpus, read_cpu_list, siblings};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// CPU packages with a CPU online.
///
/// `None` where the package of a CPU is not known: outside Linux, without `/sys`, and on some ARM
/// machines. Linux before 5.19 takes the clusters of ARM CPUs for packages, where firmware
/// describes them by device tree.
#[must_use]
pub fn sockets() -> Option<usize> {
    sockets_below(Path::new("/"))
}

/// As [`sockets`], with every file looked up below `root`.
fn sockets_below(root: &Path) -> Option<usize> {
    let sysfs = cpus_below(root);
    let packages: Option<BTreeSet<u32>> =
        online_cpus(&sysfs)?.into_iter().map(|cpu| package(&sysfs, cpu)).collect();
    packages.map(|packages| packages.len())
}

/// The package of `cpu`; where the kernel does not know, it writes -1.
fn package(sysfs: &Path, cpu: CpuId) -> Option<u32> {
    let path = sysfs.join(format!("cpu{cpu}/topology/physical_package_id"));
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

/// Memory domains online (NUMA nodes), those without CPUs included.
///
/// `None` outside Linux, without `/sys`, and on kernels that know no such domains.
#[must_use]
pub fn numa_nodes() -> Option<usize> {
    numa_nodes_below(Path::new("/"))
}

/// As [`numa_nodes`], with every file looked up below `root`.
fn numa_nodes_below(root: &Path) -> Option<usize> {
    // Nodes are listed as CPUs are.
    let nodes = read_cpu_list(&root.join("sys/devices/system/node/online"))?;
    Some(nodes.len()).filter(|&nodes| nodes > 0)
}

/// Logical CPUs online on a physical core: the most on any one, so 1 without SMT and 2 on a
/// hybrid machine some of whose cores have it.
///
/// `None` where the siblings of a CPU are not known.
#[must_use]
pub fn siblings_per_core() -> Option<usize> {
    siblings_per_core_below(Path::new("/"))
}

/// As [`siblings_per_core`], with every file looked up below `root`.
fn siblings_per_core_below(root: &Path) -> Option<usize> {
    let sysfs = cpus_below(root);
    let counts: Option<Vec<usize>> = online_cpus(&sysfs)?
        .into_iter()
        .map(|cpu| siblings(&sysfs, cpu).map(|siblings| siblings.len()))
        .collect();
    counts?.into_iter().max()
}

fn cpus_below(root: &Path) -> PathBuf {
    root.join("sys/devices/system/cpu")
}

#[cfg(test)]
mod tests {
    use super::super::fake_root::{root, root_of_cpus};
    use super::*;

    const PACKAGE: &str = "topology/physical_package_id";
    const SIBLINGS: &str = "topology/core_cpus_list";
    const OLD_SIBLINGS: &str = "topology/thread_siblings_list";

    fn sockets_of(online: &str, packages: &[&str]) -> Option<usize> {
        sockets_below(root_of_cpus(online, &[(PACKAGE, packages)]).path())
    }

    fn siblings_of(online: &str, lists: &[&str]) -> Option<usize> {
        siblings_per_core_below(root_of_cpus(online, &[(SIBLINGS, lists)]).path())
    }

    #[test]
    fn an_intel_desktop_with_two_kinds_of_cores() {
        // One core with hyper-threading, two without.
        let root = root_of_cpus(
            "0-3\n",
            &[(PACKAGE, &["0", "0", "0", "0"]), (SIBLINGS, &["0-1", "0-1", "2", "3"])],
        );
        assert_eq!(sockets_below(root.path()), Some(1));
        assert_eq!(siblings_per_core_below(root.path()), Some(2));
    }

    #[test]
    fn an_amd_server_with_two_sockets() {
        let root = root_of_cpus(
            "0-3\n",
            &[(PACKAGE, &["0", "1", "0", "1"]), (SIBLINGS, &["0,2", "1,3", "0,2", "1,3"])],
        );
        assert_eq!(sockets_below(root.path()), Some(2));
        assert_eq!(siblings_per_core_below(root.path()), Some(2));
    }

    #[test]
    fn an_arm_machine_whose_packages_are_not_known() {
        let root = root_of_cpus("0-1\n", &[(PACKAGE, &["-1", "-1"]), (SIBLINGS, &["0", "1"])]);
        assert_eq!(sockets_below(root.path()), None);
        assert_eq!(siblings_per_core_below(root.path()), Some(1));
        assert_eq!(numa_nodes_below(root.path()), None);
    }

    #[test]
    fn packages_count_once_whatever_their_numbers() {
        assert_eq!(sockets_of("0-2", &["36", "0", "36"]), Some(2));
    }

    #[test]
    fn cpus_that_are_offline_do_not_count() {
        assert_eq!(sockets_of("0,2\n", &["0", "1", "0"]), Some(1));
        assert_eq!(siblings_of("0,3\n", &["0", "1-2", "1-2", "3"]), Some(1));
    }

    #[test]
    fn half_an_answer_is_none() {
        assert_eq!(sockets_of("0-1", &["0"]), None);
        assert_eq!(siblings_of("0-1", &["0"]), None);
    }

    #[test]
    fn siblings_under_the_old_name() {
        let root = root_of_cpus("0-1", &[(OLD_SIBLINGS, &["0-1", "0-1"])]);
        assert_eq!(siblings_per_core_below(root.path()), Some(2));
    }

    #[test]
    fn a_container_that_is_shown_no_more_than_the_cpus_online() {
        assert_eq!(sockets_of("0-3\n", &[]), None);
        assert_eq!(siblings_of("0-3\n", &[]), None);
    }

    #[test]
    fn memory_domains() {
        for (online, nodes) in [
            ("0\n", Some(1)),
            ("0-1\n", Some(2)),
            ("0-3,8\n", Some(5)),
            ("\n", None),
            ("all", None),
        ] {
            let root = root(&[("sys/devices/system/node/online", online)]);
            assert_eq!(numa_nodes_below(root.path()), nodes, "{online:?}");
        }
    }

    #[test]
    fn without_sysfs_nothing_is_known() {
        let root = root(&[("proc/cpuinfo", "processor\t: 0\nphysical id\t: 0\n")]);
        assert_eq!(sockets_below(root.path()), None);
        assert_eq!(numa_nodes_below(root.path()), None);
        assert_eq!(siblings_per_core_below(root.path()), None);
    }

    #[test]
    fn odd_contents_are_none() {
        for text in ["zero", "0x0", "4294967296", "0 0", "\0"] {
            assert_eq!(sockets_of("0", &[text]), None, "{text:?}");
        }
        for text in ["two", "1-0", "0-99999", " \n "] {
            assert_eq!(siblings_of("0", &[text]), None, "{text:?}");
        }
        for online in ["", "none", "0-"] {
            assert_eq!(sockets_of(online, &["0"]), None, "{online:?}");
            assert_eq!(siblings_of(online, &["0"]), None, "{online:?}");
        }
    }
}
