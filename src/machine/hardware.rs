//! The machine's sockets, memory domains and SMT.
//!
//! They are those of the whole machine; in a virtual machine, as its host describes it. For the
//! CPUs that this process may use see [`Topology`](super::Topology).

use super::cpu::{CpuId, parse_cpu_list};
use super::system::System;
use std::collections::BTreeSet;

impl System {
    /// CPU packages with a CPU online.
    ///
    /// `None` where the package of a CPU is not known, as on some ARM machines. Linux before 5.19
    /// takes the clusters of ARM CPUs for packages, where firmware describes them by device tree.
    pub(crate) fn sockets(&self) -> Option<usize> {
        // Where the kernel does not know the package, it writes -1.
        let package = |cpu| {
            let text = self.read_of_cpus(&format!("cpu{cpu}/topology/physical_package_id"))?;
            text.trim().parse().ok()
        };
        self.of_online_cpus(package).map(|packages: BTreeSet<u32>| packages.len())
    }

    /// Memory domains online (NUMA nodes), those without CPUs included.
    ///
    /// `None` as well on kernels that know no such domains.
    pub(crate) fn numa_nodes(&self) -> Option<usize> {
        // Nodes are listed as CPUs are.
        let nodes = parse_cpu_list(&self.read("sys/devices/system/node/online")?)?;
        Some(nodes.len()).filter(|&nodes| nodes > 0)
    }

    /// The memory domain of each CPU that is in one, where there are several.
    pub(crate) fn numa_node_of(&self, cpu: CpuId) -> Option<u16> {
        let nodes = parse_cpu_list(&self.read("sys/devices/system/node/online")?)?;
        let is_on = |node: &&CpuId| {
            let cpus = self.read(&format!("sys/devices/system/node/node{node}/cpulist"));
            cpus.and_then(|list| parse_cpu_list(&list)).is_some_and(|cpus| cpus.contains(&cpu))
        };
        let node = nodes.iter().find(is_on).map(|node| node.0);
        node.filter(|_| nodes.len() > 1)
    }

    /// Logical CPUs online on a physical core: the most on any core, so 1 without SMT, and 2 on a
    /// hybrid machine where only some cores have it.
    ///
    /// `None` where the siblings of a CPU are not known.
    pub(crate) fn siblings_per_core(&self) -> Option<usize> {
        let counts: Vec<usize> = self.of_online_cpus(|cpu| Some(self.siblings(cpu)?.len()))?;
        counts.into_iter().max()
    }
}

#[cfg(test)]
mod tests {
    use super::super::fake_root::{root, root_of_cpus};
    use super::*;

    const PACKAGE: &str = "topology/physical_package_id";
    const SIBLINGS: &str = "topology/core_cpus_list";
    const OLD_SIBLINGS: &str = "topology/thread_siblings_list";

    fn sockets_of(online: &str, packages: &[&str]) -> Option<usize> {
        System::at(root_of_cpus(online, &[(PACKAGE, packages)]).path()).sockets()
    }

    fn siblings_of(online: &str, lists: &[&str]) -> Option<usize> {
        System::at(root_of_cpus(online, &[(SIBLINGS, lists)]).path()).siblings_per_core()
    }

    #[test]
    fn memory_domains_are_told_where_there_are_several() {
        let node = |number| format!("sys/devices/system/node/{number}");
        let [online, first, second] = ["online", "node0/cpulist", "node1/cpulist"].map(node);
        let files = [(&*online, "0-1\n"), (&*first, "0-3\n"), (&*second, "4-5,8\n")];
        let of =
            |files: &[(&str, &str)], cpu| System::at(root(files).path()).numa_node_of(CpuId(cpu));
        assert_eq!([0, 3, 8, 6].map(|cpu| of(&files, cpu)), [Some(0), Some(0), Some(1), None]);
        assert_eq!(of(&[(&online, "0\n"), (&first, "0-3\n")], 0), None);
        assert_eq!(of(&[], 0), None);
    }

    #[test]
    fn an_intel_desktop_with_two_kinds_of_cores() {
        // One core with hyper-threading, two without.
        let root = root_of_cpus(
            "0-3\n",
            &[(PACKAGE, &["0", "0", "0", "0"]), (SIBLINGS, &["0-1", "0-1", "2", "3"])],
        );
        assert_eq!(System::at(root.path()).sockets(), Some(1));
        assert_eq!(System::at(root.path()).siblings_per_core(), Some(2));
    }

    #[test]
    fn an_amd_server_with_two_sockets() {
        let root = root_of_cpus(
            "0-3\n",
            &[(PACKAGE, &["0", "1", "0", "1"]), (SIBLINGS, &["0,2", "1,3", "0,2", "1,3"])],
        );
        assert_eq!(System::at(root.path()).sockets(), Some(2));
        assert_eq!(System::at(root.path()).siblings_per_core(), Some(2));
    }

    #[test]
    fn an_arm_machine_whose_packages_are_not_known() {
        let root = root_of_cpus("0-1\n", &[(PACKAGE, &["-1", "-1"]), (SIBLINGS, &["0", "1"])]);
        assert_eq!(System::at(root.path()).sockets(), None);
        assert_eq!(System::at(root.path()).siblings_per_core(), Some(1));
        assert_eq!(System::at(root.path()).numa_nodes(), None);
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
        assert_eq!(System::at(root.path()).siblings_per_core(), Some(2));
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
            assert_eq!(System::at(root.path()).numa_nodes(), nodes, "{online:?}");
        }
    }

    #[test]
    fn without_sysfs_nothing_is_known() {
        let root = root(&[("proc/cpuinfo", "processor\t: 0\nphysical id\t: 0\n")]);
        assert_eq!(System::at(root.path()).sockets(), None);
        assert_eq!(System::at(root.path()).numa_nodes(), None);
        assert_eq!(System::at(root.path()).siblings_per_core(), None);
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
