//! The machine, the program and the settings of a benchmark, in words.

use std::time::{Duration, UNIX_EPOCH};

use crate::bench::document::{Document, Environment};
use crate::text::{counted, percent, plain};

/// `32 cores, 64 threads, 1 socket`.
#[must_use]
pub fn extent(environment: &Environment) -> String {
    let mut parts = vec![
        counted(environment.physical_cores, "core"),
        counted(environment.logical_cpus, "thread"),
    ];
    parts.extend(kinds(environment));
    parts.extend(environment.sockets.map(|sockets| counted(sockets, "socket")));
    parts.extend(
        environment.numa_nodes.filter(|nodes| *nodes > 1).map(|nodes| counted(nodes, "NUMA node")),
    );
    parts.join(", ")
}

/// The extent, and the instruction sets that matter most.
#[must_use]
pub fn hardware(environment: &Environment) -> String {
    format!("{}, {}", extent(environment), instruction_sets(environment))
        .trim_end_matches([',', ' '])
        .to_owned()
}

/// The instruction sets without those that another one implies.
fn instruction_sets(environment: &Environment) -> String {
    let sets = &environment.instruction_sets;
    let has = |name: &str| sets.iter().any(|set| set == name);
    let is_implied = |name: &str| match name {
        "SSSE3" | "SSE4.1" => has("AVX2") || has("SHA-NI"),
        "AVX2" => has("AVX-512F"),
        "AVX-512BW" | "AVX-512VL" => true,
        _ => false,
    };
    let telling = sets.iter().map(String::as_str).filter(|set| !is_implied(set));
    let telling: Vec<_> =
        telling.map(|set| if set == "AVX-512F" { "AVX-512" } else { set }).collect();
    telling.join(" ")
}

/// `stripmine 1.0.0 release`.
#[must_use]
pub fn program(environment: &Environment) -> String {
    format!("stripmine {} {}", environment.version, environment.build_profile)
}

/// What the process was allowed, load, pinning and date: `allowed 64 CPUs; load 0.03; not pinned`.
#[must_use]
pub fn surroundings(document: &Document) -> String {
    let environment = &document.environment;
    let allowed = environment.allowed_cpus.map(|cpus| format!("allowed {}", counted(cpus, "CPU")));
    let quota = environment.cpu_quota.map(|quota| format!("quota {} CPUs", plain(quota)));
    let mut parts = vec![allowed.into_iter().chain(quota).collect::<Vec<_>>().join(", ")];
    parts.extend(environment.load_before.map(|load| format!("load {load:.2}")));
    parts.extend(environment.steal.map(|steal| format!("steal {}", percent(steal))));
    parts.extend(environment.governor.as_ref().map(|governor| format!("governor {governor}")));
    parts.push(pinning(document).to_owned());
    parts.push(date(document.started_unix_s));
    parts.retain(|part| !part.is_empty());
    parts.join("; ")
}

/// `2026-11-22 19:57 UTC`, of Unix seconds.
#[must_use]
pub fn date(unix_s: f64) -> String {
    /// The first second of the year 10,000, which cannot be written like this.
    const END: f64 = 253_402_300_800.0;
    let is_usual = (0.0..END).contains(&unix_s);
    let since = Duration::try_from_secs_f64(unix_s).ok().filter(|_| is_usual);
    since.map_or_else(String::new, |since| {
        let date = humantime::format_rfc3339_seconds(UNIX_EPOCH + since).to_string();
        format!("{} UTC", date[.."2026-11-22T19:57".len()].replace('T', " "))
    })
}

fn pinning(document: &Document) -> &'static str {
    let pinned = document.points.iter().filter(|point| point.pinned).count();
    match pinned {
        0 => "not pinned",
        all if all == document.points.len() => "pinned, cores before siblings",
        _ => "pinned and not pinned",
    }
}

/// `7 samples x 0.5 s a point`, or `3 of 7 samples …` if the run was stopped.
#[must_use]
pub fn sampling(document: &Document) -> String {
    let asked = document.settings.samples;
    let taken = document.points.iter().map(|point| point.samples.len()).max().unwrap_or(0);
    let samples = if taken == asked {
        counted(asked, "sample")
    } else {
        format!("{taken} of {}", counted(asked, "sample"))
    };
    format!("{samples} x {} s a point", plain(document.settings.time_s))
}

/// Everything known about the machine and the program, by name.
#[must_use]
pub fn environment_facts(environment: &Environment) -> Vec<(&'static str, String)> {
    let count = |count: Option<usize>| count.map(|count| count.to_string());
    let yes_or_no = |is: Option<bool>| is.map(|is| if is { "yes" } else { "no" }.to_owned());
    let system = environment
        .os_release
        .as_ref()
        .map_or_else(|| environment.os.clone(), |release| format!("{} {release}", environment.os));
    let facts = [
        ("CPU", environment.cpu_model.clone()),
        ("architecture", Some(environment.arch.clone())),
        ("instruction sets", Some(environment.instruction_sets.join(" "))),
        ("virtual machine", yes_or_no(environment.is_virtual)),
        ("sockets", count(environment.sockets)),
        ("NUMA nodes", count(environment.numa_nodes)),
        ("physical cores", count(Some(environment.physical_cores))),
        ("logical CPUs", count(Some(environment.logical_cpus))),
        ("CPUs per core", count(environment.siblings_per_core)),
        ("allowed CPUs", count(environment.allowed_cpus)),
        ("allowed cores", count(environment.allowed_cores)),
        ("kinds of cores", kinds(environment)),
        ("CPU quota", environment.cpu_quota.map(|quota| format!("{} CPUs", plain(quota)))),
        ("usable threads", Some(usable(environment))),
        ("governor", environment.governor.clone()),
        ("frequency driver", environment.frequency_driver.clone()),
        ("turbo", yes_or_no(environment.turbo)),
        ("load before", environment.load_before.map(|load| format!("{load:.2}"))),
        ("steal", environment.steal.map(percent)),
        ("system", Some(system)),
        ("program", Some(program(environment))),
    ];
    facts.into_iter().filter_map(|(name, text)| Some((name, text?))).collect()
}

/// `8 performance cores, 4 efficiency cores`.
fn kinds(environment: &Environment) -> Option<String> {
    let kinds = environment.core_kinds.iter().map(|kind| format!("{} {}", kind.cores, kind.name));
    let kinds = kinds.collect::<Vec<_>>().join(", ");
    (!kinds.is_empty()).then_some(kinds)
}

/// Usable threads, by the standard library and by `num_cpus` if they disagree.
fn usable(environment: &Environment) -> String {
    let (usable, num_cpus) = (environment.usable_threads, environment.num_cpus);
    if usable == num_cpus {
        usable.to_string()
    } else {
        format!("{usable} by the standard library, {num_cpus} by num_cpus")
    }
}
