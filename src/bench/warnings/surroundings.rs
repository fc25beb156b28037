//! Warnings about the build and the machine, which affect every figure.

use super::super::document::Environment;

/// The tolerated load average, for each CPU of the machine.
///
/// All CPUs count, since the load average is that of the whole machine: if fewer CPUs are allowed,
/// the scheduler moves other programs to the rest. At this load a benchmark of all CPUs may lose a
/// tenth of its rate.
const LOAD_PER_CPU: f64 = 0.1;

/// The tolerated load average on machines with one or two CPUs, where background work shows.
const LOAD_AT_REST: f64 = 0.2;

/// The tolerated share of the CPU time that a hypervisor gives to others, 0 to 1.
const STEAL: f64 = 0.01;

/// Frequency drivers with a governor of their own: `intel_pstate` and `amd-pstate` in active mode,
/// as the kernel's admin guide describes them. Their `powersave` is the default and lets the clock
/// follow the load. Linux 6.3 wrote the latter with underscores.
const SELF_GOVERNING: [&str; 3] = ["intel_pstate", "amd-pstate-epp", "amd_pstate_epp"];

pub(super) fn debug_build(environment: &Environment) -> Option<String> {
    let is_debug = environment.build_profile == "debug";
    is_debug.then(|| {
        "a debug build checks what a release build does not: measure with cargo run --release"
            .into()
    })
}

pub(super) fn load(environment: &Environment) -> Option<String> {
    let load = environment.load_before?;
    let tolerated = LOAD_AT_REST.max(LOAD_PER_CPU * environment.logical_cpus as f64);
    if load <= tolerated {
        return None;
    }
    // Once nothing runs, the load average over one minute falls by a factor of e each minute.
    let minutes = (load / tolerated).ln().ceil();
    Some(format!(
        "load average {load:.2} before the start: stop what else is running, or wait {minutes:.0} \
         min if it has ended"
    ))
}

pub(super) fn steal(environment: &Environment) -> Option<String> {
    let steal = environment.steal.filter(|&steal| steal > STEAL)?;
    Some(format!(
        "the hypervisor gave {:.1} % of the CPU time to others: measure at a quieter hour, or on \
         dedicated cores",
        steal * 100.0
    ))
}

/// Warns of governors other than `performance`, except `userspace`: a clock that someone has set is
/// steady.
pub(super) fn governor(environment: &Environment) -> Option<String> {
    let governor = environment.governor.as_deref()?;
    let effect = governor.split(", ").find_map(|name| match name {
        "powersave" if is_lowest_clock(environment) => Some("holds CPUs at their lowest clock"),
        "ondemand" | "conservative" | "schedutil" => Some("lets the clock follow the load"),
        _ => None,
    })?;
    Some(format!(
        "frequency governor {governor} {effect}: set performance (cpupower frequency-set -g \
         performance, as root)"
    ))
}

/// Whether `powersave` means the lowest clock. Assumed not if the driver is unknown.
fn is_lowest_clock(environment: &Environment) -> bool {
    let governs = |driver: &str| driver.split(", ").any(|name| SELF_GOVERNING.contains(&name));
    environment.frequency_driver.as_deref().is_some_and(|driver| !governs(driver))
}

#[cfg(test)]
mod tests {
    use super::super::tests::unknown;
    use super::*;

    fn loaded(load: f64, logical_cpus: usize) -> Option<String> {
        super::load(&Environment { load_before: Some(load), logical_cpus, ..unknown() })
    }

    fn governed(governor: &str, driver: Option<&str>) -> Option<String> {
        super::governor(&Environment {
            governor: Some(governor.to_owned()),
            frequency_driver: driver.map(str::to_owned),
            ..unknown()
        })
    }

    #[test]
    fn builds() {
        assert_eq!(debug_build(&unknown()), None);
        let debug = Environment { build_profile: "debug".to_owned(), ..unknown() };
        assert!(debug_build(&debug).unwrap().ends_with("cargo run --release"));
    }

    #[test]
    fn loads_up_to_a_tenth_of_the_cpus_are_tolerated() {
        for (load, cpus, warns) in [
            (0.0, 1, false),
            (0.2, 1, false),
            (0.21, 1, true),
            (0.2, 2, false),
            (0.21, 2, true),
            (0.8, 8, false),
            (0.81, 8, true),
            (6.4, 64, false),
            (6.5, 64, true),
        ] {
            assert_eq!(loaded(load, cpus).is_some(), warns, "load {load} on {cpus} CPUs");
        }
        assert_eq!(super::load(&unknown()), None);
    }

    #[test]
    fn the_wait_is_as_long_as_the_load_takes_to_fall() {
        // 0.2 e = 0.544, 0.2 e^2 = 1.478, 0.2 e^3 = 4.017.
        for (load, minutes) in [(0.21, 1), (0.54, 1), (0.55, 2), (1.47, 2), (1.48, 3), (4.0, 3)] {
            let text = loaded(load, 2).unwrap();
            assert!(text.contains(&format!("wait {minutes} min")), "load {load}: {text}");
        }
        assert_eq!(
            loaded(1.0, 2).unwrap(),
            "load average 1.00 before the start: stop what else is running, or wait 2 min if it \
             has ended"
        );
    }

    #[test]
    fn steal_up_to_one_in_a_hundred_is_tolerated() {
        let stolen = |steal| super::steal(&Environment { steal, ..unknown() });
        for steal in [None, Some(0.0), Some(0.01)] {
            assert_eq!(stolen(steal), None, "{steal:?}");
        }
        assert_eq!(
            stolen(Some(0.032)).unwrap(),
            "the hypervisor gave 3.2 % of the CPU time to others: measure at a quieter hour, or \
             on dedicated cores"
        );
    }

    #[test]
    fn governors_that_change_the_clock() {
        for (governor, driver, effect) in [
            ("powersave", Some("acpi-cpufreq"), "lowest clock"),
            ("powersave", Some("intel_cpufreq"), "lowest clock"),
            ("powersave", Some("amd-pstate"), "lowest clock"),
            ("schedutil", Some("intel_cpufreq"), "follow the load"),
            ("ondemand", None, "follow the load"),
            ("conservative", Some("cppc_cpufreq"), "follow the load"),
            ("performance, schedutil", Some("acpi-cpufreq"), "follow the load"),
            ("performance, powersave", Some("acpi-cpufreq"), "lowest clock"),
        ] {
            let text = governed(governor, driver).unwrap();
            assert!(text.contains(governor) && text.contains(effect), "{text}");
        }
    }

    #[test]
    fn governors_that_do_not() {
        for (governor, driver) in [
            ("performance", Some("acpi-cpufreq")),
            ("performance", None),
            ("userspace", Some("acpi-cpufreq")),
            ("powersave", Some("intel_pstate")),
            ("powersave", Some("amd-pstate-epp")),
            ("performance, powersave", Some("intel_pstate")),
            ("powersave", None),
        ] {
            assert_eq!(governed(governor, driver), None, "{governor} {driver:?}");
        }
        assert_eq!(super::governor(&unknown()), None);
    }
}
