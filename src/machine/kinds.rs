//! The kinds of cores on a machine whose cores differ (hybrid CPUs).

use std::cmp::Reverse;

use super::cpu::{CpuId, parse_cpu_list};
use super::system::System;

/// CPUs whose cores are of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoreKind {
    /// Its name for people, in the plural: `performance cores`.
    pub name: String,
    /// Its CPUs, ascending.
    pub cpus: Vec<CpuId>,
}

/// The kinds of cores of x86 CPUs, the fastest first: the names of their performance counters, and
/// what the maker calls them.
const X86: [(&str, &str); 3] = [
    ("cpu_core", "performance cores"),
    ("cpu_atom", "efficiency cores"),
    ("cpu_lowpower", "low-power cores"),
];

/// The part of their capacity by which cores of one kind may differ.
const ALIKE: f64 = 0.1;

impl System {
    /// Groups `cpus` by kind of core, the fastest first. Empty where all are of one kind, or the
    /// kernel does not tell kinds apart.
    pub(super) fn kinds_among(&self, cpus: &[CpuId]) -> Vec<CoreKind> {
        let mut kinds = self.x86_kinds();
        if kinds.is_empty() {
            kinds = self.kinds_by_capacity(cpus);
        }
        for kind in &mut kinds {
            kind.cpus.retain(|cpu| cpus.contains(cpu));
        }
        kinds.retain(|kind| !kind.cpus.is_empty());
        let are_told_apart = kinds.iter().map(|kind| kind.cpus.len()).sum::<usize>() == cpus.len();
        if kinds.len() > 1 && are_told_apart { kinds } else { Vec::new() }
    }

    /// The kinds by their performance counters, which hybrid x86 CPUs have apart.
    fn x86_kinds(&self) -> Vec<CoreKind> {
        let kind = |(counter, name): (&str, &str)| {
            let cpus = parse_cpu_list(&self.read(&format!("sys/devices/{counter}/cpus"))?)?;
            Some(CoreKind { name: name.to_owned(), cpus })
        };
        X86.into_iter().filter_map(kind).collect()
    }

    /// The kinds by `cpu_capacity`, about a thousandth of what the fastest core does: what ARM and
    /// RISC-V machines tell. Cores of one kind may differ a little.
    fn kinds_by_capacity(&self, cpus: &[CpuId]) -> Vec<CoreKind> {
        let capacity = |cpu: CpuId| -> Option<u32> {
            self.read_of_cpus(&format!("cpu{cpu}/cpu_capacity"))?.trim().parse().ok()
        };
        let known = cpus.iter().map(|&cpu| Some((capacity(cpu)?, cpu)));
        let Some(mut known) = known.collect::<Option<Vec<_>>>() else { return Vec::new() };
        known.sort_by_key(|&(capacity, cpu)| (Reverse(capacity), cpu));
        let mut kinds = Vec::new();
        let mut rest = known.as_slice();
        while let Some(&(fastest, _)) = rest.first() {
            let slowest = f64::from(fastest) * (1.0 - ALIKE);
            let count = rest.partition_point(|&(capacity, _)| f64::from(capacity) >= slowest);
            let (kind, others) = rest.split_at(count);
            kinds.push(of_capacity(kind));
            rest = others;
        }
        kinds
    }
}

/// The kind of these CPUs, whose capacities come first, the highest first.
fn of_capacity(cpus: &[(u32, CpuId)]) -> CoreKind {
    let capacities = cpus.first().zip(cpus.last()).map(|((high, _), (low, _))| (*low, *high));
    let name = match capacities {
        Some((low, high)) if low < high => format!("cores of capacity {low} to {high}"),
        _ => format!("cores of capacity {}", capacities.unwrap_or_default().0),
    };
    let mut cpus: Vec<_> = cpus.iter().map(|(_, cpu)| *cpu).collect();
    cpus.sort_unstable();
    CoreKind { name, cpus }
}
