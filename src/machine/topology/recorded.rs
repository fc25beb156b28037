//! Topologies of real machines, from what their `/sys` showed.

use super::super::affinity::pin_order;
use super::super::cpu::cpu_list;
use super::super::fake_root::recorded;
use super::*;

const TWO_SOCKETS: &str = include_str!("recorded/two_sockets_smt.txt");
const HYBRID: &str = include_str!("recorded/hybrid_x86.txt");
const ARM: &str = include_str!("recorded/arm_capacity.txt");
const OFFLINE: &str = include_str!("recorded/cpus_offline.txt");
const ONE_OFFLINE: &str = include_str!("recorded/one_offline_old_kernel.txt");

/// The machine where these CPUs are allowed.
fn machine(lines: &str, allowed: &str) -> (System, Topology, tempfile::TempDir) {
    let root = recorded(lines);
    let system = System::at(root.path());
    let allowed = parse_cpu_list(allowed).unwrap();
    let topology = Topology::of(&system, Some(allowed.clone()), allowed.len());
    (system, topology, root)
}

fn topology(lines: &str, allowed: &str) -> Topology {
    machine(lines, allowed).1
}

/// The order in which workers are pinned, in runs.
fn pinned(topology: &Topology) -> Vec<String> {
    let order = pin_order(topology);
    order.chunk_by(|a, b| a < b).map(cpu_list).collect()
}

#[test]
fn two_sockets_whose_cores_have_two_threads() {
    let (system, topology, _root) = machine(TWO_SOCKETS, "0-31");
    assert_eq!((system.sockets(), system.numa_nodes()), (Some(2), Some(2)));
    assert_eq!(system.siblings_per_core(), Some(2));
    assert_eq!((topology.logical_cpus, topology.physical_threads()), (32, 16));
    assert_eq!(pinned(&topology), ["0-31"], "16 to 31 are the siblings of 0 to 15");
    assert_eq!(topology.kinds_of_cores(), []);
}

#[test]
fn a_container_that_may_use_a_few_cpus_of_it() {
    let masked = topology(TWO_SOCKETS, "2,3,5,18,21");
    assert_eq!(masked.logical_cpus, 32);
    assert_eq!(masked.allowed_cores.as_ref().unwrap().len(), 3);
    assert_eq!(masked.physical_threads(), 3);
    assert_eq!(pinned(&masked), ["2,3,5,18,21"]);
    let quota = Topology { usable_threads: 2, ..masked };
    assert_eq!((quota.all_threads(), quota.physical_threads()), (2, 2));
}

#[test]
fn fast_and_slow_cores_of_x86() {
    let hybrid = topology(HYBRID, "0-19");
    let kinds = [("performance cores", 6), ("efficiency cores", 8)];
    assert_eq!(hybrid.kinds_of_cores(), kinds);
    assert_eq!(hybrid.physical_threads(), 14, "one thread a core, whatever its kind");
    // A thread on each fast core, on each slow core, then the second ones of the fast cores.
    assert_eq!(pinned(&hybrid), ["0,2,4,6,8,10,12-19", "1,3,5,7,9,11"]);
    for alike in ["0-11", "12-19", "7"] {
        assert_eq!(topology(HYBRID, alike).kinds_of_cores(), [], "{alike}");
    }
}

#[test]
fn fast_and_slow_cores_of_arm() {
    let arm = topology(ARM, "0-19");
    let kinds = [("cores of capacity 997 to 1024", 10), ("cores of capacity 718 to 731", 10)];
    assert_eq!(arm.kinds_of_cores(), kinds);
    assert_eq!(pinned(&arm), ["5-9,15-19", "0-4,10-14"]);
    assert_eq!(topology(ARM, "0-4,10-14").kinds_of_cores(), [], "they differ by 2 %");
    let unknown = ARM.replace("1017 1024", "1017 .");
    assert_eq!(topology(&unknown, "0-19").kinds_of_cores(), [], "half an answer is none");
}

#[test]
fn cpus_that_are_offline() {
    let (system, offline, _root) = machine(OFFLINE, "4-20");
    assert_eq!((offline.logical_cpus, offline.physical_threads()), (17, 17));
    assert_eq!((system.sockets(), system.siblings_per_core()), (Some(2), Some(1)));
    assert_eq!(pinned(&offline), ["4-20"]);
    let one = topology(ONE_OFFLINE, "0-3,5-15");
    assert_eq!((one.logical_cpus, one.physical_threads()), (15, 15));
    assert_eq!(pinned(&one), ["0-3,5-15"]);
}

#[test]
fn a_machine_is_limited_to_some_of_its_cpus() {
    let hybrid = topology(HYBRID, "0-19");
    let limited = |list| hybrid.limited_to(&parse_cpu_list(list).unwrap());
    let few = limited("1,10-13").unwrap();
    assert_eq!((few.all_threads(), few.physical_threads()), (5, 4));
    assert_eq!(few.kinds_of_cores(), [("performance cores", 2), ("efficiency cores", 2)]);
    assert_eq!(pinned(&few), ["1,10,12,13", "11"]);
    assert_eq!(limited("12-19").unwrap().kinds_of_cores(), []);
    assert_eq!(limited("18-21"), Err(CpuId(20)));
}
