//! What arguments mean on this machine: its kernels, its threads and its CPUs.

use std::fmt::Write as _;

use super::arguments::shared::{CpuArguments, WorkerArguments};
use super::arguments::values::{CpuList, KERNEL_SOURCE, KernelChoice, Threads};
use super::failure::{Failure, Result};
use super::output::{Output, ProgressForm};
use super::usage::refused_value;
use crate::machine::{CpuId, Topology, cpu_list, pin_current_thread, pin_order, pin_worker};
use crate::miner::{MAX_THREADS, Miner, MinerBuilder};
use crate::pow::Kernel;
use crate::text::counted;

/// The workers that were asked for.
pub(super) fn workers(
    arguments: &WorkerArguments,
    topology: &Topology,
    output: &mut Output,
) -> Result<MinerBuilder> {
    let cpus = Cpus::resolve(&arguments.cpus, topology)?;
    if let Some(explained) = physical_explained(arguments.threads, &cpus.topology)
        && output.progress != ProgressForm::Nothing
    {
        output.note(&explained);
    }
    let threads = thread_count(arguments.threads, &cpus.topology);
    let kernel = kernel(arguments.kernel).map_err(refused_kernel)?;
    let builder = Miner::builder().threads(threads).kernel(kernel);
    Ok(match cpus.pins {
        Some(order) => builder.on_worker_start(move |worker| pin_worker(&order, worker)),
        None => builder,
    })
}

/// The CPUs that workers run on.
pub(super) struct Cpus {
    /// The machine, limited to the CPUs that were listed.
    pub(super) topology: Topology,
    /// The CPU of each worker, wrapping, if workers are pinned.
    pub(super) pins: Option<Vec<CpuId>>,
}

impl Cpus {
    pub(super) fn resolve(arguments: &CpuArguments, machine: &Topology) -> Result<Self> {
        let topology = match &arguments.cpu_list {
            None => machine.clone(),
            Some(list) => limited(machine, list)?,
        };
        let is_pinned = arguments.pin || arguments.cpu_list.is_some();
        let pins = is_pinned.then(|| tried_pin_order(&topology, "--pin")).transpose()?;
        Ok(Self { topology, pins })
    }
}

/// The machine where only the listed CPUs may be used.
fn limited(machine: &Topology, CpuList(cpus): &CpuList) -> Result<Topology> {
    if !cfg!(target_os = "linux") {
        return Err(Failure::usage("--cpu-list works on Linux alone; leave it out"));
    }
    machine.limited_to(cpus).map_err(|forbidden| {
        let allowed = cpu_list(machine.allowed.as_deref().unwrap_or_default());
        let reason = format!(
            "CPU {forbidden} may not be used here; the affinity of this process allows {allowed}"
        );
        refused_value("cpu-list", "LIST", &cpu_list(cpus), reason)
    })
}

fn thread_count(threads: Threads, topology: &Topology) -> usize {
    let count = match threads {
        Threads::Count(count) => count,
        Threads::All => topology.all_threads(),
        Threads::Physical => topology.physical_threads(),
        Threads::Percent(percent) => percent_of_all(percent, topology),
    };
    count.min(MAX_THREADS)
}

/// This many hundredths of the CPUs that may be used, rounded up.
pub(super) fn percent_of_all(percent: usize, topology: &Topology) -> usize {
    (topology.all_threads() * percent).div_ceil(100)
}

/// What `physical` counts, where cores differ, or have more than one CPU.
pub(super) fn physical_explained(threads: Threads, topology: &Topology) -> Option<String> {
    let cores = topology.allowed_cores.as_ref().filter(|_| threads == Threads::Physical)?;
    let kinds = topology.kinds_of_cores();
    let (cpus, most) =
        cores.iter().map(Vec::len).fold((0, 1), |(sum, most), len| (sum + len, most.max(len)));
    if kinds.is_empty() && most == 1 {
        return None;
    }
    let workers = topology.physical_threads();
    let mut text = format!("physical: {}, one for each core", counted(workers, "worker"));
    if workers < cores.len() {
        let _ = write!(text, ", as far as the CPU quota goes");
    }
    if !kinds.is_empty() {
        let kinds: Vec<_> = kinds.iter().map(|(name, cores)| format!("{cores} {name}")).collect();
        let _ = write!(text, " ({})", kinds.join(", "));
    }
    if most > 1 {
        let _ = write!(text, "; all takes the {cpus} CPUs, up to {most} on one core");
    }
    Some(text)
}

/// The CPUs that workers are pinned to, in turn. Pinning is tried on each, so that an error is
/// reported before any worker starts.
pub(super) fn tried_pin_order(topology: &Topology, flag: &str) -> Result<Vec<CpuId>> {
    if !cfg!(target_os = "linux") {
        return Err(Failure::usage(format!("{flag} works on Linux alone; leave it out")));
    }
    let order = pin_order(topology);
    if order.is_empty() {
        return Err(Failure::system("the system does not say which CPUs may be used"));
    }
    for cpu in order.clone() {
        let trial = std::thread::spawn(move || pin_current_thread(cpu)).join();
        let pinned = trial.unwrap_or_else(|_| Err(std::io::Error::other("the trial panicked")));
        pinned.map_err(|error| {
            Failure::system(format!("cannot pin a worker to CPU {cpu}: {error}"))
        })?;
    }
    Ok(order)
}

/// A kernel that this CPU can run; `auto` is the fastest. The error is a kernel that it lacks.
pub(super) fn kernel(choice: KernelChoice) -> Result<Kernel, Kernel> {
    match choice {
        KernelChoice::Auto => Ok(Kernel::detect()),
        KernelChoice::Named(kernel) if kernel.is_available() => Ok(kernel),
        KernelChoice::Named(kernel) => Err(kernel),
    }
}

/// The error that `--kernel` names a kernel that this CPU lacks.
fn refused_kernel(kernel: Kernel) -> Failure {
    let reason = format!("{} ({KERNEL_SOURCE})", lacks(kernel));
    refused_value("kernel", "NAME", kernel.name(), reason)
}

/// Why a kernel cannot be taken.
pub(super) fn lacks(kernel: Kernel) -> String {
    format!("this CPU cannot run kernel {kernel}; `stripmine kernels` lists those that it can")
}

#[cfg(test)]
mod tests {
    use super::super::usage::usage_message;
    use super::*;
    use crate::machine::CoreKind;

    fn topology(cores: &[&[u16]]) -> Topology {
        let cpus = |core: &&[u16]| core.iter().copied().map(CpuId).collect::<Vec<_>>();
        let cores: Vec<_> = cores.iter().map(cpus).collect();
        let count = cores.concat().len();
        Topology {
            logical_cpus: count,
            physical_cores: cores.len(),
            allowed: Some(cores.concat()),
            allowed_cores: Some(cores),
            core_kinds: Vec::new(),
            usable_threads: count,
            num_cpus: count,
        }
    }

    #[test]
    fn a_part_of_the_cpus_is_rounded_up() {
        let five = topology(&[&[0], &[1], &[2], &[3], &[4]]);
        let count = |percent| thread_count(Threads::Percent(percent), &five);
        assert_eq!([1, 20, 21, 50, 99, 100].map(count), [1, 1, 2, 3, 5, 5]);
    }

    #[test]
    fn physical_is_explained_where_cores_have_siblings() {
        let with = topology(&[&[0, 4], &[1, 5], &[2], &[3]]);
        let explained = physical_explained(Threads::Physical, &with).unwrap();
        assert_eq!(
            explained,
            "physical: 4 workers, one for each core; all takes the 6 CPUs, up to 2 on one core"
        );
        assert_eq!(physical_explained(Threads::All, &with), None);
        let kind = |name: &str, cpus: &[u16]| CoreKind {
            name: name.to_owned(),
            cpus: cpus.iter().copied().map(CpuId).collect(),
        };
        let core_kinds =
            vec![kind("performance cores", &[0, 1, 4, 5]), kind("efficiency cores", &[2, 3])];
        let hybrid = Topology { core_kinds, usable_threads: 3, ..with };
        assert_eq!(
            physical_explained(Threads::Physical, &hybrid).unwrap(),
            "physical: 3 workers, one for each core, as far as the CPU quota goes (2 performance \
             cores, 2 efficiency cores); all takes the 6 CPUs, up to 2 on one core"
        );
        let without = topology(&[&[0], &[1]]);
        assert_eq!(physical_explained(Threads::Physical, &without), None);
    }

    #[test]
    fn a_kernel_that_the_cpu_lacks_is_refused_as_clap_refuses_values() {
        let Failure::CommandLine(error) = refused_kernel(Kernel::Portable) else {
            panic!("not clap's");
        };
        assert_eq!(error.exit_code(), 2);
        assert_eq!(
            usage_message(error),
            "error: invalid value 'portable' for '--kernel <NAME>': this CPU cannot run kernel \
             portable; `stripmine kernels` lists those that it can (set by --kernel or \
             STRIPMINE_KERNEL)\n\nFor more information, try '--help'.\n"
        );
    }
}
