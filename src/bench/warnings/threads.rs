//! Warnings about how many threads a machine can be judged by.

use super::super::document::{Environment, Point};
use super::samples::is_spread;
use super::surroundings;
use crate::text::counted;

/// The efficiency that is expected in a virtual machine of threads on cores of their own.
const EFFICIENCY_ON_CORES: f64 = 0.75;

pub(super) fn more_than_cpus(environment: &Environment, points: &[Point]) -> Option<String> {
    let allowed = environment.allowed_cpus?;
    let most = most_threads(points).filter(|&most| most > allowed)?;
    Some(format!(
        "{} take turns on {}: judge scaling at {allowed}, or allow more CPUs",
        counted(most, "thread"),
        counted(allowed, "allowed CPU"),
    ))
}

pub(super) fn quota(environment: &Environment, points: &[Point]) -> Option<String> {
    let quota = environment.cpu_quota?;
    let most = most_threads(points).filter(|&most| most as f64 > quota)?;
    let judge = match quota.floor() {
        0.0 => String::new(),
        whole => format!("judge scaling at {whole}, or "),
    };
    Some(format!(
        "the control group's quota of {quota:.2} CPUs holds {} up: {judge}raise the quota",
        counted(most, "thread"),
    ))
}

/// Warns if siblings share cores.
pub(super) fn siblings(environment: &Environment, points: &[Point]) -> Option<String> {
    let (cpus, cores) = (environment.allowed_cpus?, environment.allowed_cores?);
    let most = most_threads(points)?;
    if cpus <= cores || most <= cores {
        return None;
    }
    Some(format!(
        "above {} siblings share cores: judge scaling at {cores}",
        counted(cores, "thread"),
    ))
}

/// Warns if there are more threads than fast cores on a hybrid CPU, unless the points are compared
/// with what their CPUs do alone.
pub(super) fn slow_cores(environment: &Environment, points: &[Point]) -> Option<String> {
    let [fast, slower @ ..] = environment.core_kinds.as_slice() else { return None };
    let are_compared = points.iter().any(|point| point.efficiency_of_cpus.is_some());
    if slower.is_empty() || are_compared || most_threads(points)? <= fast.cores {
        return None;
    }
    let slower: Vec<_> =
        slower.iter().map(|kind| format!("{} {}", kind.cores, kind.name)).collect();
    Some(format!(
        "more threads than the {} {} run on slower ones too ({}): judge them with --pin --each-cpu",
        fast.cores,
        fast.name,
        slower.join(", ")
    ))
}

/// Warns if threads on the cores of a virtual machine are less efficient than on real cores.
///
/// A host may show the siblings of a core as cores. There is no warning if the low efficiency has a
/// known cause: more threads than the cores or the quota, other load, stolen time.
pub(super) fn virtual_cores(environment: &Environment, points: &[Point]) -> Option<String> {
    let cores = environment.allowed_cores.filter(|_| environment.is_virtual == Some(true))?;
    if surroundings::load(environment).is_some() || surroundings::steal(environment).is_some() {
        return None;
    }
    let quota = environment.cpu_quota.unwrap_or(f64::INFINITY);
    let on_cores = |point: &&Point| point.threads <= cores && point.threads as f64 <= quota;
    let (threads, efficiency) = points
        .iter()
        .filter(on_cores)
        .filter_map(|point| Some((point.threads, point.efficiency?)))
        .filter(|(_, efficiency)| efficiency.high < EFFICIENCY_ON_CORES)
        .max_by_key(|&(threads, _)| threads)?;
    Some(format!(
        "{} are {:.0} % efficient in a virtual machine: its cores may be siblings on the host; \
         measure on whole cores",
        counted(threads, "thread"),
        efficiency.median * 100.0,
    ))
}

/// Warns if threads may move between sockets or memory domains, and the samples differ.
///
/// Searching needs hardly any memory, so a distant domain costs little: samples that agree give no
/// warning.
pub(super) fn unpinned(environment: &Environment, points: &[Point]) -> Option<String> {
    let (parts, name) = [(environment.sockets, "socket"), (environment.numa_nodes, "NUMA node")]
        .into_iter()
        .find_map(|(parts, name)| Some((parts.filter(|&parts| parts > 1)?, name)))?;
    let differs = |point: &Point| !point.pinned && point.threads > 1 && is_spread(point);
    if !points.iter().any(differs) {
        return None;
    }
    Some(format!(
        "threads may move between {}, and their samples differ: keep them in place with --pin",
        counted(parts, name),
    ))
}

fn most_threads(points: &[Point]) -> Option<usize> {
    points.iter().map(|point| point.threads).max()
}

#[cfg(test)]
mod tests {
    use super::super::super::document::CoreCount;
    use super::super::super::statistics::Interval;
    use super::super::tests::{point, unknown};
    use super::*;

    const STEADY: [f64; 7] = [100.0; 7];
    const UNSTEADY: [f64; 7] = [100.0, 90.0, 100.0, 100.0, 90.0, 100.0, 100.0];

    /// Points with up to `most` threads.
    fn up_to(most: usize) -> Vec<Point> {
        vec![point(1, &STEADY), point(most, &STEADY), point(1, &STEADY)]
    }

    fn efficient(threads: usize, median: f64, high: f64) -> Point {
        let efficiency = Some(Interval { median, low: 0.0, high });
        Point { efficiency, ..point(threads, &STEADY) }
    }

    #[test]
    fn more_threads_than_cpus() {
        let four = Environment { allowed_cpus: Some(4), ..unknown() };
        assert_eq!(more_than_cpus(&four, &up_to(4)), None);
        assert_eq!(
            more_than_cpus(&four, &up_to(5)).unwrap(),
            "5 threads take turns on 4 allowed CPUs: judge scaling at 4, or allow more CPUs"
        );
        let one = Environment { allowed_cpus: Some(1), ..unknown() };
        let text = more_than_cpus(&one, &up_to(2)).unwrap();
        assert!(text.contains("on 1 allowed CPU:"), "{text}");
        assert_eq!(more_than_cpus(&unknown(), &up_to(99)), None);
    }

    #[test]
    fn quotas_below_the_most_threads() {
        let limited = |quota, most| {
            super::quota(&Environment { cpu_quota: Some(quota), ..unknown() }, &up_to(most))
        };
        for (quota, most) in [(4.0, 4), (4.5, 4), (64.0, 8)] {
            assert_eq!(limited(quota, most), None, "{quota} {most}");
        }
        assert_eq!(
            limited(2.5, 3).unwrap(),
            "the control group's quota of 2.50 CPUs holds 3 threads up: judge scaling at 2, or \
             raise the quota"
        );
        assert_eq!(
            limited(0.5, 1).unwrap(),
            "the control group's quota of 0.50 CPUs holds 1 thread up: raise the quota"
        );
        assert_eq!(super::quota(&unknown(), &up_to(99)), None);
    }

    #[test]
    fn siblings_that_share_cores() {
        let machine = |allowed_cpus, allowed_cores| Environment {
            allowed_cpus,
            allowed_cores,
            siblings_per_core: Some(2),
            ..unknown()
        };
        for (cpus, cores, most, warns) in [
            (Some(8), Some(4), 4, false),
            (Some(8), Some(4), 5, true),
            (Some(8), Some(4), 9, true),
            // One CPU is allowed of each core.
            (Some(4), Some(4), 9, false),
            (Some(6), Some(4), 5, true),
            (Some(8), None, 9, false),
            (None, Some(4), 9, false),
        ] {
            let warning = siblings(&machine(cpus, cores), &up_to(most));
            assert_eq!(warning.is_some(), warns, "{cpus:?} {cores:?} {most}");
        }
        assert_eq!(
            siblings(&machine(Some(64), Some(32)), &up_to(64)).unwrap(),
            "above 32 threads siblings share cores: judge scaling at 32"
        );
    }

    #[test]
    fn slow_cores_of_a_hybrid_cpu() {
        let kind = |name: &str, cores| CoreCount { name: name.to_owned(), cores };
        let hybrid = Environment {
            core_kinds: vec![kind("performance cores", 6), kind("efficiency cores", 8)],
            ..unknown()
        };
        assert_eq!(slow_cores(&hybrid, &up_to(6)), None);
        assert_eq!(
            slow_cores(&hybrid, &up_to(14)).unwrap(),
            "more threads than the 6 performance cores run on slower ones too (8 efficiency cores): \
             judge them with --pin --each-cpu"
        );
        let compared =
            Point { efficiency_of_cpus: Some(Interval::default()), ..point(14, &STEADY) };
        assert_eq!(slow_cores(&hybrid, &[compared]), None);
        assert_eq!(slow_cores(&unknown(), &up_to(14)), None);
    }

    #[test]
    fn virtual_cores_that_do_not_add_up() {
        let guest = Environment {
            is_virtual: Some(true),
            allowed_cores: Some(4),
            cpu_quota: Some(3.0),
            ..unknown()
        };
        for points in [vec![efficient(2, 0.74, 0.75)], vec![efficient(4, 0.5, 0.5)], up_to(2)] {
            assert_eq!(virtual_cores(&guest, &points), None);
        }
        let no_quota = Environment { cpu_quota: None, ..guest.clone() };
        assert_eq!(virtual_cores(&no_quota, &[efficient(5, 0.5, 0.5)]), None);
        assert!(virtual_cores(&no_quota, &[efficient(4, 0.5, 0.5)]).is_some());
        let points = [efficient(1, 1.0, 1.0), efficient(3, 0.61, 0.7), efficient(2, 0.7, 0.71)];
        assert_eq!(
            virtual_cores(&guest, &points).unwrap(),
            "3 threads are 61 % efficient in a virtual machine: its cores may be siblings on the \
             host; measure on whole cores"
        );
        for is_virtual in [Some(false), None] {
            assert_eq!(virtual_cores(&Environment { is_virtual, ..guest.clone() }, &points), None);
        }
        for explained in [
            Environment { allowed_cores: None, ..guest.clone() },
            Environment { load_before: Some(5.0), ..guest.clone() },
            Environment { steal: Some(0.1), ..guest },
        ] {
            assert_eq!(virtual_cores(&explained, &points), None);
        }
    }

    #[test]
    fn threads_that_move_between_sockets() {
        let machine = |sockets, numa_nodes| Environment { sockets, numa_nodes, ..unknown() };
        let moved = [point(1, &STEADY), point(8, &UNSTEADY)];
        for (sockets, nodes, named) in [
            (Some(2), Some(4), "between 2 sockets"),
            (Some(1), Some(4), "between 4 NUMA nodes"),
            (None, Some(2), "between 2 NUMA nodes"),
        ] {
            let text = unpinned(&machine(sockets, nodes), &moved).unwrap();
            assert!(text.contains(named) && text.ends_with("--pin"), "{text}");
        }
        for (sockets, nodes) in [(Some(1), Some(1)), (None, None), (Some(1), None)] {
            assert_eq!(unpinned(&machine(sockets, nodes), &moved), None);
        }
    }

    #[test]
    fn threads_that_stay_or_whose_samples_agree() {
        let two = Environment { sockets: Some(2), ..unknown() };
        let pinned = Point { pinned: true, ..point(8, &UNSTEADY) };
        let alone = point(1, &UNSTEADY);
        let steady = point(8, &STEADY);
        assert_eq!(unpinned(&two, &[pinned, alone, steady]), None);
    }
}
