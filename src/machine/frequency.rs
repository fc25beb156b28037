//! What decides the CPUs' clock: the governor, the driver behind it, and turbo.
//!
//! Settings, not clock rates: what a CPU runs at changes by the millisecond. Most virtual machines
//! show none of them.

use super::topology::online_cpus;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The frequency governor of the CPUs online, such as `performance`.
///
/// Where they differ, all names, ascending, with commas between. `None` where that of a CPU is not
/// known. What `powersave` means depends on [`frequency_driver`].
#[must_use]
pub fn governor() -> Option<String> {
    setting_below(Path::new("/"), "scaling_governor")
}

/// The driver that carries out what the governor decides, such as `acpi-cpufreq`.
///
/// Names as in [`governor`]. `intel_pstate` and `amd-pstate-epp` govern by themselves: under them
/// `powersave` raises the clock with the load, under all others it is the lowest clock there is.
#[must_use]
pub fn frequency_driver() -> Option<String> {
    setting_below(Path::new("/"), "scaling_driver")
}

/// The different texts of the file `name` of all CPUs online, looked up below `root`.
fn setting_below(root: &Path, name: &str) -> Option<String> {
    let sysfs = root.join("sys/devices/system/cpu");
    let names: Option<BTreeSet<String>> = online_cpus(&sysfs)?
        .into_iter()
        .map(|cpu| read_name(&sysfs.join(format!("cpu{cpu}/cpufreq/{name}"))))
        .collect();
    Some(names?.into_iter().collect::<Vec<_>>().join(", "))
}

/// The one word of a file; `None` for anything that is not a name.
fn read_name(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let name = text.trim();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    (!name.is_empty() && name.bytes().all(is_name)).then(|| name.to_owned())
}

/// Whether the CPUs may run above their base frequency (turbo, boost).
///
/// `None` outside Linux, and where the frequency driver has no such switch.
#[must_use]
pub fn turbo() -> Option<bool> {
    turbo_below(Path::new("/"))
}

/// As [`turbo`], with every file looked up below `root`.
fn turbo_below(root: &Path) -> Option<bool> {
    let sysfs = root.join("sys/devices/system/cpu");
    let denied = read_switch(&sysfs.join("intel_pstate/no_turbo"));
    denied.map(|denied| !denied).or_else(|| read_switch(&sysfs.join("cpufreq/boost")))
}

fn read_switch(path: &Path) -> Option<bool> {
    match fs::read_to_string(path).ok()?.trim() {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::fake_root::{root, root_of_cpus};
    use super::*;

    const GOVERNOR: &str = "cpufreq/scaling_governor";
    const NO_TURBO: &str = "sys/devices/system/cpu/intel_pstate/no_turbo";
    const BOOST: &str = "sys/devices/system/cpu/cpufreq/boost";

    fn governor_of(online: &str, names: &[&str]) -> Option<String> {
        let root = root_of_cpus(online, &[(GOVERNOR, names)]);
        setting_below(root.path(), "scaling_governor")
    }

    fn turbo_of(files: &[(&str, &str)]) -> Option<bool> {
        turbo_below(root(files).path())
    }

    #[test]
    fn one_name_where_all_have_the_same() {
        assert_eq!(governor_of("0-1\n", &["schedutil", "schedutil"]).unwrap(), "schedutil");
    }

    #[test]
    fn all_names_where_they_differ() {
        let names = ["powersave", "performance", "powersave"];
        assert_eq!(governor_of("0-2\n", &names).unwrap(), "performance, powersave");
    }

    #[test]
    fn cpus_that_are_offline_do_not_count() {
        assert_eq!(governor_of("0,2", &["ondemand", "powersave", "ondemand"]).unwrap(), "ondemand");
    }

    #[test]
    fn half_an_answer_is_none() {
        assert_eq!(governor_of("0-1", &["performance"]), None);
    }

    #[test]
    fn names_are_words() {
        for text in ["two words", "\u{1b}[31m", "a,b", "\u{fc}", "<unknown>"] {
            assert_eq!(governor_of("0", &[text]), None, "{text:?}");
        }
        assert_eq!(governor_of("0", &[" \n"]), None);
    }

    #[test]
    fn the_driver_is_another_file() {
        let root = root_of_cpus(
            "0\n",
            &[(GOVERNOR, &["powersave"]), ("cpufreq/scaling_driver", &["amd-pstate-epp"])],
        );
        assert_eq!(setting_below(root.path(), "scaling_driver").unwrap(), "amd-pstate-epp");
        assert_eq!(setting_below(root.path(), "scaling_governor").unwrap(), "powersave");
    }

    #[test]
    fn intel_says_no_turbo() {
        assert_eq!(turbo_of(&[(NO_TURBO, "0\n")]), Some(true));
        assert_eq!(turbo_of(&[(NO_TURBO, "1\n")]), Some(false));
        assert_eq!(turbo_of(&[(NO_TURBO, "1\n"), (BOOST, "1\n")]), Some(false));
    }

    #[test]
    fn others_say_boost() {
        assert_eq!(turbo_of(&[(BOOST, "1\n")]), Some(true));
        assert_eq!(turbo_of(&[(BOOST, "0\n")]), Some(false));
    }

    #[test]
    fn odd_switches_are_none() {
        for text in ["", "2\n", "-1\n", "yes\n", "on"] {
            assert_eq!(turbo_of(&[(NO_TURBO, text)]), None, "{text:?}");
            assert_eq!(turbo_of(&[(BOOST, text)]), None, "{text:?}");
        }
    }

    #[test]
    fn a_virtual_machine_without_frequencies() {
        assert_eq!(governor_of("0-1\n", &[]), None);
        assert_eq!(turbo_of(&[("sys/devices/system/cpu/online", "0-1\n")]), None);
    }

    #[test]
    fn without_sysfs_nothing_is_known() {
        let root = root(&[]);
        assert_eq!(setting_below(root.path(), "scaling_governor"), None);
        assert_eq!(turbo_below(root.path()), None);
    }
}
