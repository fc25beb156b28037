//! A process that mines, verifies and benches for a long time stays as it was: it needs no more
//! memory and no more open files, and finds the same.
#![cfg(target_os = "linux")]

mod common;

use std::fs;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use common::process::Scratch;
use stripmine::bench::document::Ending;
use stripmine::bench::{Benchmark, Watch, Workload};
use stripmine::chain::python_json::Value;
use stripmine::chain::{Ledger, Timestamp, VerifyOptions, verify};
use stripmine::machine::Topology;
use stripmine::miner::{Miner, Outcome, Search};
use stripmine::pow::{Kernel, Target};

/// Twenty minutes in the long form.
const LONG: Duration = Duration::from_secs(20 * 60);
const SHORT: Duration = Duration::from_secs(4);

/// Loops until every number of threads has been seen, and allocators and pools have settled.
const SETTLED: usize = 7;

/// What a settled process may gain, in KiB: stacks of 64 threads come and go in each loop.
const SLACK_KIB: u64 = 24 * 1024;

/// The memory that is in use and the files that are open.
#[derive(Clone, Copy, Debug)]
struct Footprint {
    resident_kib: u64,
    open_files: usize,
}

impl Footprint {
    fn now() -> Self {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        Self {
            resident_kib: line.trim().trim_end_matches(" kB").parse().unwrap(),
            open_files: fs::read_dir("/proc/self/fd").unwrap().count(),
        }
    }
}

/// Mines three blocks onto a new chain and verifies it; what came out.
fn mine_and_verify(threads: usize, kernel: Kernel) -> Vec<String> {
    let scratch = Scratch::new();
    let miner = Miner::builder().threads(threads).kernel(kernel).build().unwrap();
    let target = Target::from_hex_zeros(4).unwrap();
    let mut ledger = Ledger::open(&scratch.chain(), threads, None).unwrap();
    for index in 1..=3_u64 {
        let timestamp = Timestamp::Integer(index.into());
        let candidate = ledger.chain().candidate(&timestamp, &Value::from("soak")).unwrap();
        let template = candidate.template();
        let Outcome::Found(solution) = miner.search(template, &target, Search::default()).unwrap()
        else {
            panic!("there is such a nonce, and nobody cancels");
        };
        ledger.append(&candidate.seal(solution.nonce)).unwrap();
    }
    let mut options = VerifyOptions::default();
    (options.strict, options.threads) = (true, threads);
    assert_eq!(verify(&scratch.chain(), &options).unwrap().blocks, 4);
    let chain = String::from_utf8(scratch.read(common::process::CHAIN)).unwrap();
    chain.lines().map(str::to_owned).collect()
}

/// Benches for a moment; the sum of the first segment.
fn bench(threads: usize, kernel: Kernel) -> (u64, u32) {
    let benchmark = Benchmark {
        label: "soak".to_owned(),
        workload: Workload::Chain,
        kernels: vec![kernel],
        auto: None,
        threads: vec![threads],
        baselines: Vec::new(),
        time: Duration::from_millis(10),
        samples: NonZeroUsize::MIN,
        warmup: Duration::ZERO,
        pins: None,
        each_cpu: Vec::new(),
        sustain: None,
    };
    let watch = Watch::start(&Topology::detect());
    let cancel = stripmine::miner::CancelToken::new();
    let document = stripmine::bench::measure(&benchmark, &watch, &cancel, |_| ()).unwrap();
    assert_eq!(document.outcome, Ending::Done, "{:?}", document.proof.mismatches);
    (document.proof.segment_len, document.proof.sums[0])
}

#[test]
fn hours_change_neither_the_results_nor_the_footprint() {
    let time = if std::env::var_os("STRIPMINE_LONG").is_some() { LONG } else { SHORT };
    let kernels: Vec<Kernel> = common::kernels();
    let expected = mine_and_verify(1, Kernel::Sha2);
    let mut sums = std::collections::BTreeMap::new();
    let mut footprints = Vec::new();
    let started = Instant::now();
    for turn in 0.. {
        let threads = 1 << (turn % SETTLED);
        let kernel = kernels[turn % kernels.len()];
        assert_eq!(mine_and_verify(threads, kernel), expected, "{kernel}, {threads} threads");
        let (segment_len, sum) = bench(threads, kernel);
        assert_eq!(*sums.entry(segment_len).or_insert(sum), sum, "{kernel}, {threads} threads");
        footprints.push(Footprint::now());
        if started.elapsed() > time && turn > 2 * SETTLED {
            break;
        }
    }
    let settled = footprints[SETTLED];
    let last = footprints[footprints.len() - SETTLED..].iter().map(|it| it.resident_kib).min();
    let last = last.unwrap();
    println!(
        "{} loops in {:.0} s; {} KiB resident after {SETTLED} loops, {last} KiB at the end; {} and \
         {} open files",
        footprints.len(),
        started.elapsed().as_secs_f64(),
        settled.resident_kib,
        settled.open_files,
        footprints[footprints.len() - 1].open_files
    );
    assert!(last <= settled.resident_kib + SLACK_KIB, "memory grew: {footprints:?}");
    assert!(
        footprints[SETTLED..].iter().all(|it| it.open_files <= settled.open_files),
        "files stay open: {footprints:?}"
    );
}
