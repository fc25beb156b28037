//! The account of a benchmark with losses made on purpose: `cargo bench --bench account`.
//!
//! Three disturbances are made, and beside each stands what the account says of it: a busy loop
//! that is pinned to one CPU, twice as many threads as CPUs, and a control group whose quota is
//! half of the CPUs (as root, where control groups can be made). Nothing is asserted: other
//! programs cost time as well.

use std::num::NonZeroUsize;
use std::time::Duration;

use anyhow::{Context as _, Result};
use stripmine::bench::account::Account;
use stripmine::bench::document::{Document, Point};
use stripmine::bench::statistics::median;
use stripmine::bench::{Benchmark, Watch, Workload, measure};
use stripmine::machine::{CpuId, Topology};
use stripmine::miner::CancelToken;
use stripmine::pow::Kernel;

/// Samples of each point, and their length.
const SAMPLES: usize = 9;
const SAMPLE: Duration = Duration::from_millis(400);

fn main() -> Result<()> {
    let topology = Topology::detect();
    let cpus = topology.all_threads();
    println!("{cpus} CPUs, {SAMPLES} samples of {SAMPLE:?}; threads' worth, medians\n");
    print("nothing else", &measured(&[1, cpus], None)?, cpus)?;
    let beside_loop = {
        let _busy = disturbance::busy_loop(cpus - 1)?;
        measured(&[1, cpus], None)?
    };
    print("a busy loop on the last CPU", &beside_loop, cpus)?;
    print("twice as many threads as CPUs", &measured(&[1, 2 * cpus], None)?, 2 * cpus)?;
    match disturbance::group_with_quota(cpus as f64 / 2.0) {
        Ok(_group) => {
            // The group counts by CPU: two workers that are stopped on the same one count once.
            let document = measured(&[1, cpus], topology.allowed)?;
            print("a quota of half of the CPUs", &document, cpus)
        }
        Err(error) => {
            println!("SKIPPED: a quota of half of the CPUs: {error:#}");
            Ok(())
        }
    }
}

/// Measures these numbers of threads, each worker on its CPU where these are given.
fn measured(threads: &[usize], pins: Option<Vec<CpuId>>) -> Result<Document> {
    let benchmark = Benchmark {
        label: "account".to_owned(),
        workload: Workload::Chain,
        kernels: vec![Kernel::detect()],
        auto: None,
        threads: threads.to_vec(),
        baselines: Vec::new(),
        time: SAMPLE,
        samples: NonZeroUsize::new(SAMPLES).context("some samples")?,
        warmup: Duration::from_millis(200),
        pins,
        each_cpu: Vec::new(),
        sustain: None,
    };
    let watch = Watch::start(&Topology::detect());
    Ok(measure(&benchmark, &watch, &CancelToken::new(), |_| ())?)
}

/// Prints the account of the point with this many threads, and how fast it is while on a CPU.
fn print(name: &str, document: &Document, threads: usize) -> Result<()> {
    let kernel = &document.points.first().context("a point")?.kernel;
    let point = |threads| document.point(kernel, threads).context("it was measured");
    let (one, all) = (point(1)?, point(threads)?);
    println!("{name}: {threads} threads");
    let accounts: Vec<Account<f64>> = all.samples.iter().filter_map(|it| it.account).collect();
    let of = |part: &dyn Fn(&Account<f64>) -> Option<f64>| {
        let parts: Vec<f64> = accounts.iter().filter_map(part).collect();
        median(&parts)
    };
    let parts = [
        ("reached", of(&|it| Some(it.reached))),
        ("waiting for a CPU", of(&|it| it.waiting_for_cpu)),
        ("throttled", of(&|it| it.throttled)),
        ("off the CPU", of(&|it| it.off_cpu)),
        ("idle", of(&|it| Some(it.idle))),
        ("lower clock", of(&|it| it.lower_clock)),
        ("less per cycle", of(&|it| Some(it.less_per_cycle))),
    ];
    for (part, worth) in parts {
        println!("  {part:20} {}", worth.map_or("unknown".to_owned(), |it| format!("{it:6.3}")));
    }
    let named = of(&|it| {
        let lost = threads as f64 - it.reached - it.off_cpu.unwrap_or(0.0);
        Some((it.waiting_for_cpu? + it.throttled.unwrap_or(0.0) + it.idle) / lost)
    });
    if let Some(named) = named {
        println!(
            "  waiting, throttled and idle, of all losses except off the CPU: {:.1} %",
            named * 100.0
        );
    }
    let ratio = rate_on_cpu(all).zip(rate_on_cpu(one)).map(|(all, one)| all / one);
    if let Some(ratio) = ratio {
        println!("  hashes per second on a CPU, against one thread: {ratio:.3}\n");
    }
    Ok(())
}

/// The median of hashes per second on a CPU.
fn rate_on_cpu(point: &Point) -> Option<f64> {
    let rates: Option<Vec<f64>> = point
        .samples
        .iter()
        .map(|sample| {
            let on_cpu_s: f64 = sample.times.as_ref()?.on_cpu_s.as_ref()?.iter().sum();
            Some(sample.hashes as f64 / on_cpu_s)
        })
        .collect();
    median(&rates?)
}

#[cfg(not(target_os = "linux"))]
mod disturbance {
    use anyhow::{Result, bail};

    /// Stands for a disturbance where none can be made.
    pub(super) struct Disturbance;

    pub(super) fn busy_loop(_: usize) -> Result<Disturbance> {
        bail!("a loop can be pinned to a CPU on Linux alone")
    }

    pub(super) fn group_with_quota(_: f64) -> Result<Disturbance> {
        bail!("control groups are Linux's")
    }
}

#[cfg(target_os = "linux")]
mod disturbance {
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread::JoinHandle;

    use anyhow::{Context as _, Result};
    use rustix::thread::{CpuSet, sched_setaffinity};

    /// Ends its loop when it is dropped.
    pub(super) struct BusyLoop(Arc<AtomicBool>, Option<JoinHandle<()>>);

    impl Drop for BusyLoop {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
            self.1.take().map(JoinHandle::join);
        }
    }

    /// A thread that does nothing on this CPU, without a pause.
    pub(super) fn busy_loop(cpu: usize) -> Result<BusyLoop> {
        let is_over = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&is_over);
        let (pinned, is_pinned) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let mut set = CpuSet::new();
            set.set(cpu);
            let _ = pinned.send(sched_setaffinity(None, &set));
            while !seen.load(Ordering::Relaxed) {
                std::hint::spin_loop();
            }
        });
        let busy = BusyLoop(is_over, Some(thread));
        is_pinned.recv()?.with_context(|| format!("CPU {cpu} cannot be chosen"))?;
        Ok(busy)
    }

    /// Leaves its group, and removes it, when it is dropped.
    pub(super) struct Group {
        directory: PathBuf,
        before: PathBuf,
    }

    impl Drop for Group {
        fn drop(&mut self) {
            let left = enter(&self.before).and_then(|()| Ok(fs::remove_dir(&self.directory)?));
            if let Err(error) = left {
                eprintln!("{} is left behind: {error:#}", self.directory.display());
            }
        }
    }

    /// Puts this process into a new control group with this quota, in CPUs.
    pub(super) fn group_with_quota(cpus: f64) -> Result<Group> {
        const PERIOD_US: f64 = 100_000.0;
        let quota = format!("{:.0}", cpus * PERIOD_US);
        let (before, is_v1) = own_group().context("no control groups are mounted")?;
        let directory = before.join(format!("stripmine-{}", std::process::id()));
        fs::create_dir(&directory).with_context(|| format!("{}", directory.display()))?;
        let group = Group { directory, before };
        let write = |name: &str, text: &str| fs::write(group.directory.join(name), text);
        if is_v1 {
            write("cpu.cfs_period_us", &format!("{PERIOD_US}"))?;
            write("cpu.cfs_quota_us", &quota)?;
        } else {
            write("cpu.max", &format!("{quota} {PERIOD_US}"))?;
        }
        enter(&group.directory)?;
        Ok(group)
    }

    /// The control group of this process that can have a quota, and whether it is one of version 1.
    fn own_group() -> Option<(PathBuf, bool)> {
        let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
        let directory = |top: &str, line: &str| {
            let path = line.rsplit(':').next()?.trim_start_matches('/');
            Some(Path::new(top).join(path)).filter(|path| path.join("cgroup.procs").exists())
        };
        let is_cpu = |line: &&str| line.contains(":cpu:") || line.contains(":cpu,cpuacct:");
        let v1 = groups.lines().find(is_cpu).and_then(|line| directory("/sys/fs/cgroup/cpu", line));
        let v2 = || {
            let line = groups.lines().find(|line| line.starts_with("0:"))?;
            directory("/sys/fs/cgroup", line)
        };
        v1.map(|path| (path, true)).or_else(|| Some((v2()?, false)))
    }

    fn enter(directory: &Path) -> Result<()> {
        let path = directory.join("cgroup.procs");
        fs::write(&path, std::process::id().to_string())
            .with_context(|| format!("{} cannot be written", path.display()))
    }
}
