//! Every CPU alone: one pinned worker on each in turn, and which CPUs are alike.

use serde::{Deserialize, Serialize};

use super::bounds::Positive;
use super::points::{PlainSample, Point, Sample, rate};
use crate::bench::statistics::{Interval, median};

/// CPUs are alike where their rates differ by less than this share of the fastest one's, or their
/// intervals overlap.
const ALIKE: f64 = 0.05;

/// What every CPU does alone, by one pinned worker.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct EachCpu {
    /// The kernel's name.
    pub kernel: String,
    /// The CPUs that the process may use, in the order in which pinned workers fill them.
    pub cpus: Vec<MeasuredCpu>,
    /// The CPUs again, those together that are alike; the fastest first.
    #[serde(default)]
    pub clusters: Vec<CpuCluster>,
}

/// What one CPU does alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct MeasuredCpu {
    /// The operating system's number of the CPU.
    pub cpu: u16,
    /// The lowest allowed CPU of its core. CPUs that have it in common are siblings.
    pub core: u16,
    /// Its kind of core, where cores differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Its memory domain, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numa_node: Option<u16>,
    /// Hashes per second: the median of the samples.
    #[cfg_attr(test, schemars(with = "super::bounds::PositiveInterval"))]
    pub hashes_per_s: Interval,
    /// The samples, in the order of the rounds.
    pub samples: Vec<PlainSample>,
}

/// CPUs that are alike.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CpuCluster {
    /// Its name: that of their kind of core or memory domain, or how fast they are.
    pub name: String,
    /// Their numbers, ascending.
    pub cpus: Vec<u16>,
    /// Hashes per second of one of them: the median of their medians.
    #[serde(with = "Positive::<f64>")]
    pub hashes_per_s: f64,
}

impl EachCpu {
    /// Computes rates and clusters from the samples.
    pub(super) fn compute(&mut self) {
        for cpu in &mut self.cpus {
            for sample in &mut cpu.samples {
                sample.hashes_per_s = rate(sample.hashes, sample.elapsed_s);
            }
            let rates: Vec<f64> = cpu.samples.iter().map(|sample| sample.hashes_per_s).collect();
            cpu.hashes_per_s = Interval::of_median(&rates).unwrap_or_default();
        }
        self.clusters = self.alike().iter().map(|cpus| self.cluster(cpus)).collect();
    }

    /// The CPUs of each core; cores, and CPUs within a core, ascending.
    #[must_use]
    pub fn by_core(&self) -> Vec<Vec<&MeasuredCpu>> {
        let mut cpus: Vec<&MeasuredCpu> = self.cpus.iter().collect();
        cpus.sort_by_key(|cpu| (cpu.core, cpu.cpu));
        cpus.chunk_by(|a, b| a.core == b.core).map(<[_]>::to_vec).collect()
    }

    /// The cluster that a CPU is in.
    #[must_use]
    pub fn cluster_of(&self, cpu: u16) -> Option<&CpuCluster> {
        self.clusters.iter().find(|cluster| cluster.cpus.contains(&cpu))
    }

    /// The CPUs, those together that are alike; the fastest first.
    fn alike(&self) -> Vec<Vec<&MeasuredCpu>> {
        let mut fastest_first: Vec<&MeasuredCpu> = self.cpus.iter().collect();
        fastest_first.sort_by(|a, b| {
            b.hashes_per_s.median.total_cmp(&a.hashes_per_s.median).then(a.cpu.cmp(&b.cpu))
        });
        let mut alike: Vec<Vec<&MeasuredCpu>> = Vec::new();
        for cpu in fastest_first {
            let rate = &cpu.hashes_per_s;
            match alike.last_mut() {
                Some(cluster)
                    if rate.median > (1.0 - ALIKE) * cluster[0].hashes_per_s.median
                        || cluster.iter().all(|it| it.hashes_per_s.low <= rate.high) =>
                {
                    cluster.push(cpu);
                }
                _ => alike.push(vec![cpu]),
            }
        }
        alike
    }

    fn cluster(&self, alike: &[&MeasuredCpu]) -> CpuCluster {
        let rates: Vec<f64> = alike.iter().map(|cpu| cpu.hashes_per_s.median).collect();
        let mut cpus: Vec<u16> = alike.iter().map(|cpu| cpu.cpu).collect();
        cpus.sort_unstable();
        let (name, hashes_per_s) = (self.name(alike), median(&rates).unwrap_or_default());
        CpuCluster { name, cpus, hashes_per_s }
    }

    /// A name for CPUs that are alike, after what they have in common and no other CPU has.
    fn name(&self, alike: &[&MeasuredCpu]) -> String {
        let [first, ..] = alike else { return String::new() };
        if alike.len() == self.cpus.len() {
            return "all alike".to_owned();
        }
        let others = || self.cpus.iter().filter(|cpu| alike.iter().all(|it| it.cpu != cpu.cpu));
        let sets_apart = |has: &dyn Fn(&MeasuredCpu) -> bool| {
            alike.iter().all(|cpu| has(cpu)) && !others().any(has)
        };
        if let Some(kind) = &first.kind
            && sets_apart(&|cpu| cpu.kind.as_ref() == Some(kind))
        {
            return kind.clone();
        }
        if let Some(node) = first.numa_node
            && sets_apart(&|cpu| cpu.numa_node == Some(node))
        {
            return format!("NUMA node {node}");
        }
        let is_slower = others().any(|it| it.hashes_per_s.median > first.hashes_per_s.median);
        let speed = if is_slower { "slower" } else { "faster" };
        let is_core = sets_apart(&|cpu| cpu.core == first.core);
        format!("{speed} {}", if is_core { "core" } else { "CPUs" })
    }

    /// The rate of a point ÷ the sum of what the CPUs that it used give alone, within a round.
    /// `None` where it is not known which CPUs these are.
    pub(super) fn efficiency(&self, point: &Point) -> Option<Interval> {
        let is_known = point.pinned || point.threads >= self.cpus.len();
        if point.kernel != self.kernel || self.cpus.is_empty() || !is_known {
            return None;
        }
        let used = &self.cpus[..point.threads.min(self.cpus.len())];
        let alone = |cpu: &MeasuredCpu, round: usize| {
            let sample = cpu.samples.iter().find(|sample| sample.round == round);
            sample.map(|sample| sample.hashes_per_s)
        };
        let in_round = |sample: &Sample| {
            let alone = used.iter().map(|cpu| alone(cpu, sample.round)).sum::<Option<f64>>()?;
            Some(sample.hashes_per_s / alone)
        };
        Interval::of_median(&point.samples.iter().filter_map(in_round).collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A CPU on the core `core`, with six samples about a rate.
    fn cpu(cpu: u16, core: u16, rate: u64) -> MeasuredCpu {
        let sample = |round: usize| PlainSample {
            round,
            elapsed_s: 1.0,
            hashes: rate * 1_000 + round as u64,
            hashes_per_s: 0.0,
        };
        let samples = (0..6).map(sample).collect();
        MeasuredCpu { cpu, core, samples, ..MeasuredCpu::default() }
    }

    fn clusters(cpus: Vec<MeasuredCpu>) -> Vec<(String, Vec<u16>)> {
        let mut each = EachCpu { cpus, ..EachCpu::default() };
        each.compute();
        each.clusters.into_iter().map(|cluster| (cluster.name, cluster.cpus)).collect()
    }

    #[test]
    fn cpus_that_differ_by_little_are_alike() {
        let cpus = vec![cpu(1, 1, 101), cpu(0, 0, 100), cpu(2, 2, 104)];
        assert_eq!(clusters(cpus), [("all alike".to_owned(), vec![0, 1, 2])]);
    }

    #[test]
    fn noise_does_not_part_cpus() {
        let mut noisy = cpu(1, 1, 80);
        noisy.samples[0].hashes = 101_000;
        let cpus = vec![cpu(0, 0, 100), noisy];
        assert_eq!(clusters(cpus), [("all alike".to_owned(), vec![0, 1])]);
    }

    #[test]
    fn a_weak_core_is_named_with_its_sibling() {
        let cpus = vec![cpu(0, 0, 100), cpu(1, 0, 100), cpu(2, 2, 80), cpu(3, 2, 81)];
        let expected = [("faster core", vec![0, 1]), ("slower core", vec![2, 3])];
        assert_eq!(clusters(cpus), expected.map(|(name, cpus)| (name.to_owned(), cpus)));
        let cpus = [0, 1, 2, 3].map(|it| cpu(it, it, if it == 2 { 70 } else { 100 }));
        let expected = [("faster CPUs", vec![0, 1, 3]), ("slower core", vec![2])];
        assert_eq!(clusters(cpus.into()), expected.map(|(name, cpus)| (name.to_owned(), cpus)));
    }

    #[test]
    fn kinds_of_cores_and_memory_domains_name_their_cpus() {
        let of_kind = |it: MeasuredCpu, kind: &str| {
            let kind = Some(kind.to_owned());
            MeasuredCpu { kind, ..it }
        };
        let hybrid = vec![
            of_kind(cpu(0, 0, 100), "performance cores"),
            of_kind(cpu(1, 1, 50), "efficiency cores"),
            of_kind(cpu(2, 2, 51), "efficiency cores"),
        ];
        let expected = [("performance cores", vec![0]), ("efficiency cores", vec![1, 2])];
        assert_eq!(clusters(hybrid), expected.map(|(name, cpus)| (name.to_owned(), cpus)));
        let on = |it: MeasuredCpu, node| MeasuredCpu { numa_node: Some(node), ..it };
        let nodes = vec![on(cpu(0, 0, 80), 0), on(cpu(1, 1, 80), 0), on(cpu(2, 2, 100), 1)];
        let expected = [("NUMA node 1", vec![2]), ("NUMA node 0", vec![0, 1])];
        assert_eq!(clusters(nodes), expected.map(|(name, cpus)| (name.to_owned(), cpus)));
    }

    #[test]
    fn efficiency_is_against_the_cpus_that_were_used() {
        let mut each = EachCpu {
            kernel: "sha2".to_owned(),
            cpus: vec![cpu(0, 0, 100), cpu(1, 1, 100), cpu(2, 2, 50)],
            clusters: Vec::new(),
        };
        each.compute();
        let point = |threads, pinned, rate: f64| Point {
            kernel: "sha2".to_owned(),
            threads,
            pinned,
            samples: (0..6)
                .map(|round| Sample { round, hashes_per_s: rate, ..Sample::default() })
                .collect(),
            ..Point::default()
        };
        let efficiency = |point: &Point| {
            each.efficiency(point).map(|interval| (interval.median * 1e4).round() / 1e4)
        };
        assert_eq!(efficiency(&point(2, true, 180_000.0)), Some(0.9));
        assert_eq!(efficiency(&point(3, true, 250_000.0)), Some(1.0));
        assert_eq!(efficiency(&point(3, false, 200_000.0)), Some(0.8), "all CPUs are used");
        assert_eq!(efficiency(&point(2, false, 180_000.0)), None, "which two, nobody knows");
        let other = Point { kernel: "avx2".to_owned(), ..point(2, true, 1.0) };
        assert_eq!(efficiency(&other), None);
    }
}
