//! The host: its name, the release of its operating system, and whether it is a virtual machine.

use super::system::System;

impl System {
    /// The release of the operating system's kernel, as `uname -r` prints it.
    pub(crate) fn os_release(&self) -> Option<String> {
        self.read_name("proc/sys/kernel/osrelease")
    }

    /// The machine's name in its network, as `uname -n` prints it.
    pub(crate) fn host_name(&self) -> Option<String> {
        self.read_name("proc/sys/kernel/hostname")
    }

    /// The only line of a file; `None` where it is empty or has control characters.
    fn read_name(&self, path: &str) -> Option<String> {
        let text = self.read(path)?;
        let line = text.trim();
        let is_printable = !line.is_empty() && !line.contains(char::is_control);
        is_printable.then(|| line.to_owned())
    }

    /// Whether the machine is a virtual one, by the flag that x86 reserves for hypervisors.
    ///
    /// A hypervisor can hide, so `Some(false)` is no proof. A container is not a virtual machine.
    /// `None` as well on other architectures, which have no such flag.
    pub(crate) fn is_virtual(&self) -> Option<bool> {
        // Only x86 calls them flags.
        Some(self.cpuinfo("flags")?.split_whitespace().any(|flag| flag == "hypervisor"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::fake_root::root;
    use super::*;

    fn release_of(text: &str) -> Option<String> {
        System::at(root(&[("proc/sys/kernel/osrelease", text)]).path()).os_release()
    }

    fn is_virtual_by(cpuinfo: &str) -> Option<bool> {
        System::at(root(&[("proc/cpuinfo", cpuinfo)]).path()).is_virtual()
    }

    #[test]
    fn names() {
        let name_of =
            |text: &str| System::at(root(&[("proc/sys/kernel/hostname", text)]).path()).host_name();
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
        assert_eq!(System::at(root.path()).os_release(), None);
        assert_eq!(System::at(root.path()).is_virtual(), None);
    }
}
