//! What the program runs on: the operating system's kernel, and whether the machine is a real one.

use std::fs;
use std::path::Path;

/// The release of the operating system's kernel, as `uname -r` prints it.
///
/// From `/proc`, so `None` outside Linux.
#[must_use]
pub fn os_release() -> Option<String> {
    os_release_below(Path::new("/"))
}

/// As [`os_release`], with every file looked up below `root`.
fn os_release_below(root: &Path) -> Option<String> {
    printable_line(&root.join("proc/sys/kernel/osrelease"))
}

/// What the machine is called, as `uname -n` prints it.
///
/// From `/proc`, so `None` outside Linux.
#[must_use]
pub fn host_name() -> Option<String> {
    host_name_below(Path::new("/"))
}

/// As [`host_name`], with every file looked up below `root`.
fn host_name_below(root: &Path) -> Option<String> {
    printable_line(&root.join("proc/sys/kernel/hostname"))
}

fn printable_line(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.trim();
    let is_printable = !line.is_empty() && !line.contains(char::is_control);
    is_printable.then(|| line.to_owned())
}

/// Whether the machine is a virtual one, by the flag that x86 keeps for hypervisors.
///
/// A hypervisor can hide, so `Some(false)` is its word too. A container is no virtual machine.
/// `None` outside Linux, and on other architectures, which have no such flag.
#[must_use]
pub fn is_virtual() -> Option<bool> {
    is_virtual_below(Path::new("/"))
}

/// As [`is_virtual`], with every file looked up below `root`.
fn is_virtual_below(root: &Path) -> Option<bool> {
    let cpuinfo = fs::read_to_string(root.join("proc/cpuinfo")).ok()?;
    // Only x86 calls them flags.
    let (_, flags) = cpuinfo
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.trim() == "flags")?;
    Some(flags.split_whitespace().any(|flag| flag == "hypervisor"))
}

#[cfg(test)]
mod tests {
    use super::super::fake_root::root;
    use super::*;

    fn release_of(text: &str) -> Option<String> {
        os_release_below(root(&[("proc/sys/kernel/osrelease", text)]).path())
    }

    fn is_virtual_by(cpuinfo: &str) -> Option<bool> {
        is_virtual_below(root(&[("proc/cpuinfo", cpuinfo)]).path())
    }

    #[test]
    fn names() {
        let name_of =
            |text: &str| host_name_below(root(&[("proc/sys/kernel/hostname", text)]).path());
        assert_eq!(name_of("desk\n").as_deref(), Some("desk"));
        assert_eq!(name_of("\n"), None);
        assert_eq!(name_of("a\x1b[31mb\n"), None);
    }

    #[test]
    fn releases() {
        for release in ["6.8.0-45-generic", "5.15.153.1-microsoft-standard-WSL2", "6.6.31+rpt"] {
            assert_eq!(release_of(&format!("{release}\n")).unwrap(), release);
        }
    }

    #[test]
    fn odd_releases_are_none() {
        for text in ["", "\n", "6.1\u{1b}[2J", "6.1\n6.2\n"] {
            assert_eq!(release_of(text), None, "{text:?}");
        }
    }

    #[test]
    fn an_intel_machine_and_an_amd_guest() {
        let intel = "processor\t: 0\nvendor_id\t: GenuineIntel\n\
                     flags\t\t: fpu vme sse2 ht vmx\nvmx flags\t: vnmi hypervisor_timer\n";
        assert_eq!(is_virtual_by(intel), Some(false));
        let amd = "processor\t: 0\nvendor_id\t: AuthenticAMD\n\
                   flags\t\t: fpu vme rdrand hypervisor lahf_lm\n";
        assert_eq!(is_virtual_by(amd), Some(true));
    }

    #[test]
    fn the_flag_is_a_whole_word() {
        assert_eq!(is_virtual_by("flags : hypervisors no-hypervisor\n"), Some(false));
        assert_eq!(is_virtual_by("flags : hypervisor"), Some(true));
    }

    #[test]
    fn arm_has_no_such_flag() {
        let arm = "processor\t: 0\nFeatures\t: fp asimd sha1 sha2\nCPU implementer\t: 0x41\n";
        assert_eq!(is_virtual_by(arm), None);
    }

    #[test]
    fn odd_contents_are_none() {
        for text in ["", "flags", "hypervisor\n", "vmx flags: hypervisor", "\0\0"] {
            assert_eq!(is_virtual_by(text), None, "{text:?}");
        }
    }

    #[test]
    fn without_proc_nothing_is_known() {
        let root = root(&[]);
        assert_eq!(os_release_below(root.path()), None);
        assert_eq!(is_virtual_below(root.path()), None);
    }
}
