//! Settings that decide the CPUs' clock: the governor, the driver behind it, and turbo.
//!
//! Not the clock itself, which changes by the millisecond. Most virtual machines show none of these
//! settings.

use super::system::System;
use std::collections::BTreeSet;

impl System {
    /// The frequency governor of the CPUs online, such as `performance`.
    ///
    /// Where CPUs differ, all names, ascending, with commas between. `None` where that of a CPU is
    /// not known. What `powersave` means depends on the [driver](Self::frequency_driver).
    pub(crate) fn governor(&self) -> Option<String> {
        self.frequency_setting("scaling_governor")
    }

    /// The driver that carries out what the governor decides, such as `acpi-cpufreq`.
    ///
    /// Names as for the [governor](Self::governor). `intel_pstate` and `amd-pstate-epp` govern by
    /// themselves: under them `powersave` raises the clock with the load; under all others it is
    /// the lowest clock there is.
    pub(crate) fn frequency_driver(&self) -> Option<String> {
        self.frequency_setting("scaling_driver")
    }

    /// The different texts of the file `name` of all CPUs online.
    fn frequency_setting(&self, name: &str) -> Option<String> {
        let name_of = |cpu| name_in(&self.read_of_cpus(&format!("cpu{cpu}/cpufreq/{name}"))?);
        let names: BTreeSet<String> = self.of_online_cpus(name_of)?;
        Some(names.into_iter().collect::<Vec<_>>().join(", "))
    }

    /// Whether the CPUs may run above their base frequency (turbo, boost).
    ///
    /// `None` as well where the frequency driver has no such switch.
    pub(crate) fn turbo(&self) -> Option<bool> {
        let switch = |path| match self.read_of_cpus(path)?.trim() {
            "0" => Some(false),
            "1" => Some(true),
            _ => None,
        };
        let denied = switch("intel_pstate/no_turbo");
        denied.map(|denied| !denied).or_else(|| switch("cpufreq/boost"))
    }
}

/// The only word of a text; `None` for anything that is not a name.
fn name_in(text: &str) -> Option<String> {
    let name = text.trim();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    (!name.is_empty() && name.bytes().all(is_name)).then(|| name.to_owned())
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
        System::at(root.path()).governor()
    }

    fn turbo_of(files: &[(&str, &str)]) -> Option<bool> {
        System::at(root(files).path()).turbo()
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
        assert_eq!(System::at(root.path()).frequency_driver().unwrap(), "amd-pstate-epp");
        assert_eq!(System::at(root.path()).governor().unwrap(), "powersave");
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
        assert_eq!(System::at(root.path()).governor(), None);
        assert_eq!(System::at(root.path()).turbo(), None);
    }
}
