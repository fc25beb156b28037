//! The CPU quota of Linux control groups, as containers have it, and how long it has stopped them.
//!
//! A quota is CPU time per wall time, not a set of CPUs: a process with a quota of 1.5 may run on
//! every CPU at once, and is stopped when its time is used up. For the number of threads worth
//! starting see [`Topology`](super::Topology); this is the exact figure behind it, for people.

use super::system::System;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

impl System {
    /// The CPU quota of this process, in CPUs: 1.5 is one and a half CPUs' time.
    ///
    /// The lowest of those that its control group and the groups above set (cgroup v1 and v2).
    /// `None` where none is set or none can be read.
    pub(crate) fn cpu_quota(&self) -> Option<f64> {
        self.binding_group().map(|group| group.quota)
    }

    /// The time for which the group with that quota has been throttled, of all its CPUs together:
    /// two threads that are stopped for a second are two seconds.
    ///
    /// It is counted when the group may run again. `None` where there is no quota, and where the
    /// time cannot be read.
    pub(crate) fn time_throttled(&self) -> Option<Duration> {
        let group = self.binding_group()?;
        group.version.throttled_in(&group.directory)
    }

    /// The group with the lowest quota: this process's, or one above it.
    fn binding_group(&self) -> Option<Group> {
        let (groups, mounts) = (self.read("proc/self/cgroup")?, self.read("proc/self/mountinfo")?);
        mounts
            .lines()
            .filter_map(Mount::parse)
            .filter_map(|mount| {
                let top = self.path(mount.directory);
                mount.lowest_quota(&top, group_path(&groups, mount.version)?)
            })
            .min_by(|a, b| a.quota.total_cmp(&b.quota))
    }
}

/// A control group that sets a quota, in CPUs.
struct Group {
    version: Version,
    directory: PathBuf,
    quota: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    V1,
    V2,
}

impl Version {
    /// The quota that the group in `directory` itself sets, in CPUs.
    fn quota_in(self, directory: &Path) -> Option<f64> {
        let read = |name| fs::read_to_string(directory.join(name)).ok();
        match self {
            Self::V1 => parse_quota(&read("cpu.cfs_quota_us")?, &read("cpu.cfs_period_us")?),
            Self::V2 => {
                let text = read("cpu.max")?;
                let (quota, period) = text.trim().split_once(' ')?;
                parse_quota(quota, period)
            }
        }
    }

    /// The time for which the group in `directory` has been throttled.
    fn throttled_in(self, directory: &Path) -> Option<Duration> {
        let text = fs::read_to_string(directory.join("cpu.stat")).ok()?;
        let (name, in_units): (_, fn(u64) -> Duration) = match self {
            Self::V1 => ("throttled_time", Duration::from_nanos),
            Self::V2 => ("throttled_usec", Duration::from_micros),
        };
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
        value.trim().parse().ok().map(in_units)
    }
}

/// One mounted hierarchy that can set CPU quotas.
#[derive(Debug, PartialEq, Eq)]
struct Mount<'a> {
    version: Version,
    /// The group that the mount point shows.
    shown: &'a str,
    /// The mount point.
    directory: &'a str,
}

impl<'a> Mount<'a> {
    /// Reads a line of `/proc/self/mountinfo`; `None` for other file systems and controllers.
    fn parse(line: &'a str) -> Option<Self> {
        let (place, kind) = line.split_once(" - ")?;
        let mut place = place.split(' ').skip(3);
        let (shown, directory) = (place.next()?, place.next()?);
        let mut kind = kind.split(' ');
        let (file_system, options) = (kind.next()?, kind.nth(1)?);
        let version = match file_system {
            "cgroup2" => Version::V2,
            "cgroup" if options.split(',').any(|option| option == "cpu") => Version::V1,
            _ => return None,
        };
        Some(Self { version, shown, directory })
    }

    /// The group with the lowest quota, from the group at `path` up to the mount point, `top`.
    fn lowest_quota(&self, top: &Path, path: &str) -> Option<Group> {
        let version = self.version;
        let group = top.join(self.relative(path).trim_start_matches('/'));
        group
            .ancestors()
            .take_while(|group| group.starts_with(top))
            .filter_map(|group| {
                let quota = version.quota_in(group)?;
                Some(Group { version, directory: group.to_owned(), quota })
            })
            .min_by(|a, b| a.quota.total_cmp(&b.quota))
    }

    /// `path` as seen from the mount point.
    ///
    /// A group that the mount does not show (another namespace's) is taken for the mount point.
    fn relative<'p>(&self, path: &'p str) -> &'p str {
        let inside = path.strip_prefix(self.shown.trim_end_matches('/'));
        let inside = inside.filter(|rest| rest.is_empty() || rest.starts_with('/'));
        inside.filter(|path| !path.split('/').any(|name| name == "..")).unwrap_or("")
    }
}

/// The path of this process's group, from the text of `/proc/self/cgroup`.
///
/// Version 2 is the hierarchy with number 0, version 1 the one with the controller `cpu`.
fn group_path(groups: &str, version: Version) -> Option<&str> {
    groups.lines().find_map(|line| {
        let mut fields = line.splitn(3, ':');
        let (number, controllers, path) = (fields.next()?, fields.next()?, fields.next()?);
        let matches = match version {
            Version::V1 => controllers.split(',').any(|controller| controller == "cpu"),
            Version::V2 => number == "0",
        };
        matches.then_some(path)
    })
}

/// Microseconds of CPU time per period of microseconds, in CPUs.
///
/// `None` for "no quota" (`max`, `-1`), and for text that is not a quota.
fn parse_quota(quota: &str, period: &str) -> Option<f64> {
    let microseconds = |text: &str| text.trim().parse().ok().map(Duration::from_micros);
    let (quota, period) = (microseconds(quota)?, microseconds(period)?);
    (!quota.is_zero() && !period.is_zero()).then(|| quota.div_duration_f64(period))
}

#[cfg(test)]
mod tests {
    use super::super::fake_root::root;
    use super::*;

    const V2_MOUNT: &str = "31 23 0:28 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw";
    const V1_MOUNT: &str =
        "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct";

    fn quota(files: &[(&str, &str)]) -> Option<f64> {
        System::at(root(files).path()).cpu_quota()
    }

    #[test]
    fn quotas_are_time_over_period() {
        assert_eq!(parse_quota("150000", "100000"), Some(1.5));
        assert_eq!(parse_quota("5000\n", "10000\n"), Some(0.5));
        assert_eq!(parse_quota("6400000", "100000"), Some(64.0));
    }

    #[test]
    fn no_quota_and_nonsense() {
        for (quota, period) in [
            ("max", "100000"),
            ("-1", "100000"),
            ("100000", "0"),
            ("0", "100000"),
            ("inf", "100000"),
            ("", ""),
            ("1.5", "1"),
        ] {
            assert_eq!(parse_quota(quota, period), None, "{quota:?} {period:?}");
        }
    }

    #[test]
    fn version_2() {
        let files = [
            ("proc/self/cgroup", "0::/\n"),
            ("proc/self/mountinfo", V2_MOUNT),
            ("sys/fs/cgroup/cpu.max", "250000 100000\n"),
        ];
        assert_eq!(quota(&files), Some(2.5));
    }

    #[test]
    fn version_2_without_a_quota() {
        let files = [
            ("proc/self/cgroup", "0::/user.slice\n"),
            ("proc/self/mountinfo", V2_MOUNT),
            ("sys/fs/cgroup/user.slice/cpu.max", "max 100000\n"),
        ];
        assert_eq!(quota(&files), None);
    }

    #[test]
    fn the_lowest_quota_on_the_way_up_binds() {
        let files = [
            ("proc/self/cgroup", "0::/a/b/c\n"),
            ("proc/self/mountinfo", V2_MOUNT),
            ("sys/fs/cgroup/a/b/c/cpu.max", "400000 100000\n"),
            ("sys/fs/cgroup/a/b/cpu.max", "max 100000\n"),
            ("sys/fs/cgroup/a/cpu.max", "50000 25000\n"),
            ("sys/fs/cpu.max", "1 100000\n"),
        ];
        assert_eq!(quota(&files), Some(2.0));
    }

    #[test]
    fn version_1() {
        let files = [
            ("proc/self/cgroup", "5:memory:/m\n4:cpu,cpuacct:/jobs/7\n0::/\n"),
            ("proc/self/mountinfo", V1_MOUNT),
            ("sys/fs/cgroup/cpu,cpuacct/jobs/7/cpu.cfs_quota_us", "75000\n"),
            ("sys/fs/cgroup/cpu,cpuacct/jobs/7/cpu.cfs_period_us", "100000\n"),
            ("sys/fs/cgroup/cpu,cpuacct/jobs/cpu.cfs_quota_us", "-1\n"),
            ("sys/fs/cgroup/cpu,cpuacct/jobs/cpu.cfs_period_us", "100000\n"),
        ];
        assert_eq!(quota(&files), Some(0.75));
    }

    #[test]
    fn a_container_that_sees_the_path_from_outside() {
        let mount = "32 31 0:29 /docker/ab /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu";
        let files = [
            ("proc/self/cgroup", "4:cpu:/docker/ab\n"),
            ("proc/self/mountinfo", mount),
            ("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "200000"),
            ("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000"),
        ];
        assert_eq!(quota(&files), Some(2.0));
    }

    #[test]
    fn a_group_that_the_mount_does_not_show_is_the_mount_point() {
        let mount = Mount { version: Version::V2, shown: "/docker/ab", directory: "/m" };
        assert_eq!(mount.relative("/docker/ab"), "");
        assert_eq!(mount.relative("/docker/ab/c"), "/c");
        assert_eq!(mount.relative("/docker/abc"), "");
        assert_eq!(mount.relative("/elsewhere"), "");
        let mount = Mount { shown: "/", ..mount };
        assert_eq!(mount.relative("/../outside"), "");
    }

    #[test]
    fn both_versions_mounted() {
        let mounts = format!("{V1_MOUNT}\n{V2_MOUNT}\n");
        let files = [
            ("proc/self/cgroup", "4:cpu,cpuacct:/\n0::/\n"),
            ("proc/self/mountinfo", mounts.as_str()),
            ("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "300000"),
            ("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000"),
            ("sys/fs/cgroup/cpu.max", "100000 100000"),
        ];
        assert_eq!(quota(&files), Some(1.0));
    }

    #[test]
    fn other_mounts_are_passed_over() {
        for line in [
            "",
            "22 1 8:1 / / rw - ext4 /dev/sda1 rw",
            "33 31 0:30 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset",
            "31 23 0:28 / /sys/fs/cgroup rw cgroup2 cgroup2 rw",
        ] {
            assert_eq!(Mount::parse(line), None, "{line:?}");
        }
    }

    fn throttled(files: &[(&str, &str)]) -> Option<Duration> {
        System::at(root(files).path()).time_throttled()
    }

    #[test]
    fn the_throttled_time_is_that_of_the_group_with_the_quota() {
        let files = [
            ("proc/self/cgroup", "0::/a/b\n"),
            ("proc/self/mountinfo", V2_MOUNT),
            ("sys/fs/cgroup/a/b/cpu.max", "max 100000\n"),
            ("sys/fs/cgroup/a/b/cpu.stat", "usage_usec 5\nthrottled_usec 0\n"),
            ("sys/fs/cgroup/a/cpu.max", "50000 25000\n"),
            ("sys/fs/cgroup/a/cpu.stat", "usage_usec 9\nnr_throttled 3\nthrottled_usec 1500\n"),
        ];
        assert_eq!(throttled(&files), Some(Duration::from_micros(1_500)));
    }

    #[test]
    fn version_1_counts_nanoseconds() {
        let files = [
            ("proc/self/cgroup", "4:cpu,cpuacct:/jobs\n"),
            ("proc/self/mountinfo", V1_MOUNT),
            ("sys/fs/cgroup/cpu,cpuacct/jobs/cpu.cfs_quota_us", "75000\n"),
            ("sys/fs/cgroup/cpu,cpuacct/jobs/cpu.cfs_period_us", "100000\n"),
            (
                "sys/fs/cgroup/cpu,cpuacct/jobs/cpu.stat",
                "nr_periods 8\nnr_throttled 2\nthrottled_time 61234567\n",
            ),
        ];
        assert_eq!(throttled(&files), Some(Duration::from_nanos(61_234_567)));
    }

    #[test]
    fn without_a_quota_nothing_is_throttled_and_odd_files_say_nothing() {
        let unlimited = [
            ("proc/self/cgroup", "0::/\n"),
            ("proc/self/mountinfo", V2_MOUNT),
            ("sys/fs/cgroup/cpu.max", "max 100000\n"),
            ("sys/fs/cgroup/cpu.stat", "throttled_usec 7\n"),
        ];
        assert_eq!(throttled(&unlimited), None);
        for text in ["", "throttled_usec\n", "throttled_usecs 5\n", "throttled_usec -5\n"] {
            let files = [
                ("proc/self/cgroup", "0::/\n"),
                ("proc/self/mountinfo", V2_MOUNT),
                ("sys/fs/cgroup/cpu.max", "50000 100000\n"),
                ("sys/fs/cgroup/cpu.stat", text),
            ];
            assert_eq!(throttled(&files), None, "{text:?}");
        }
    }

    #[test]
    fn no_files_no_quota() {
        assert_eq!(quota(&[]), None);
        assert_eq!(quota(&[("proc/self/cgroup", "0::/\n")]), None);
    }

    #[test]
    fn a_quota_here_is_positive() {
        assert!(
            System::of_this_machine().cpu_quota().is_none_or(|cpus| cpus.is_finite() && cpus > 0.0)
        );
    }
}
