//! The CPU's name, and the instruction sets that decide how fast SHA-256 can be computed.
//!
//! For reports. Code that is about to use an instruction set detects it itself.

use super::system::System;

impl System {
    /// The CPU's model as its maker names it, such as `AMD EPYC 9654 96-Core Processor`.
    ///
    /// `None` as well where `/proc/cpuinfo` has no model name, as on most ARM machines.
    #[must_use]
    pub fn cpu_model(&self) -> Option<String> {
        self.cpuinfo("model name").filter(|name| !name.is_empty())
    }
}

/// The instruction sets of this CPU that matter to SHA-256, from narrow to wide.
///
/// Those that the operating system does not let programs use are left out. Empty on architectures
/// other than x86-64 and `AArch64`.
pub(crate) fn instruction_sets() -> Vec<&'static str> {
    detected().into_iter().filter_map(|(name, present)| present.then_some(name)).collect()
}

#[cfg(target_arch = "x86_64")]
fn detected() -> [(&'static str, bool); 7] {
    use std::arch::is_x86_feature_detected as has;

    [
        ("SSSE3", has!("ssse3")),
        ("SSE4.1", has!("sse4.1")),
        ("SHA-NI", has!("sha")),
        ("AVX2", has!("avx2")),
        ("AVX-512F", has!("avx512f")),
        ("AVX-512BW", has!("avx512bw")),
        ("AVX-512VL", has!("avx512vl")),
    ]
}

#[cfg(target_arch = "aarch64")]
fn detected() -> [(&'static str, bool); 2] {
    use std::arch::is_aarch64_feature_detected as has;

    [("NEON", has!("neon")), ("SHA2", has!("sha2"))]
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn detected() -> [(&'static str, bool); 0] {
    []
}

#[cfg(test)]
mod tests {
    use super::super::fake_root::root;
    use super::*;

    fn model_name(cpuinfo: &str) -> Option<String> {
        System::at(root(&[("proc/cpuinfo", cpuinfo)]).path()).cpu_model()
    }

    #[test]
    fn the_first_model_name_counts() {
        let cpuinfo = "processor\t: 0\nmodel\t\t: 17\nmodel name\t: A CPU @ 2.00GHz: fast\n\n\
                       processor\t: 1\nmodel name\t: Another\n";
        assert_eq!(model_name(cpuinfo).as_deref(), Some("A CPU @ 2.00GHz: fast"));
    }

    #[test]
    fn no_model_name() {
        assert_eq!(model_name(""), None);
        assert_eq!(model_name("model name\t: \n"), None);
        assert_eq!(model_name("processor\t: 0\nCPU implementer\t: 0x41\n"), None);
    }

    #[test]
    fn a_wider_set_comes_with_the_narrower_ones() {
        let sets = instruction_sets();
        let has = |name| sets.contains(&name);
        assert!(!has("AVX-512F") || has("AVX2"));
        assert!(!has("SSE4.1") || has("SSSE3"));
    }

    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    #[test]
    fn detection_agrees_with_the_kernel() {
        let cpuinfo = System::of_this_machine().read("proc/cpuinfo").unwrap();
        let flags = cpuinfo.lines().find(|line| line.starts_with("flags")).unwrap();
        let kernel_has = |flag| flags.split_whitespace().any(|word| word == flag);
        let sets = instruction_sets();
        for (name, flag) in [
            ("SSSE3", "ssse3"),
            ("SSE4.1", "sse4_1"),
            ("SHA-NI", "sha_ni"),
            ("AVX2", "avx2"),
            ("AVX-512F", "avx512f"),
            ("AVX-512BW", "avx512bw"),
            ("AVX-512VL", "avx512vl"),
        ] {
            assert_eq!(sets.contains(&name), kernel_has(flag), "{name}");
        }
    }
}
