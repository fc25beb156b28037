//! What a cluster costs, on this machine: `cargo bench --features cluster --bench cluster`.
//!
//! It starts a `nats-server` on a free port, and prints
//!
//! - the time from a find to the stop of the last host on 16 connections (on Linux): where each
//!   host has a CPU, and where 16 hosts share the CPUs,
//! - the rate of two hosts of one worker each as a part of that of one miner with two workers, from
//!   start to answer, in turn (`-- --rounds N`, five by default).

#[path = "../../tests/program/cluster/client.rs"]
mod client;

use std::collections::BTreeSet;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use async_nats::{ConnectOptions, Subscriber};
use clap::Parser;
use client::{Lease, Liar};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use stripmine::bench::statistics::median;
use stripmine::machine::Topology;

const PROGRAM: &str = env!("CARGO_BIN_EXE_stripmine");

/// Connections that hear of a find.
const CONNECTIONS: usize = 16;

/// How long anything is waited for.
const WAIT: Duration = Duration::from_secs(20);

/// A text whose lowest valid nonce is 16,599,714,034. Two cores that test 118 million nonces a
/// second each find it in 70 s.
const HEADER: (&str, u32) = ("compared: ", 34);

/// Its next valid nonce. The 6 billion after this one are not valid.
const FIND: u64 = 17_257_689_829;

#[derive(Parser)]
struct Settings {
    /// Rounds of each measurement.
    #[arg(long, default_value = "5")]
    rounds: usize,
    /// The text's bits in the comparison: one less takes half as long.
    #[arg(long, default_value_t = HEADER.1)]
    bits: u32,
    /// Cargo passes this to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<()> {
    let settings = Settings::parse();
    let server = Server::start()?;
    let cpus = Topology::detect().all_threads().min(CONNECTIONS);
    for hosts in [cpus, CONNECTIONS] {
        let stops = (0..settings.rounds).map(|_| time_of_stop(&server, hosts));
        let stops = stops.map(|stop| Ok(stop?.as_secs_f64() * 1e3)).collect::<Result<Vec<_>>>()?;
        println!(
            "from a find to the stop of {hosts} hosts on {cpus} CPUs, of {CONNECTIONS} connections: \
             median {:.1} ms, longest {:.1} ms",
            median(&stops).context("no rounds")?,
            stops.iter().copied().fold(0.0, f64::max)
        );
    }
    let rounds = (0..settings.rounds).map(|_| compare(&server, settings.bits));
    let ratios = rounds.collect::<Result<Vec<_>>>()?;
    let ratio = median(&ratios).context("no rounds")?;
    println!("two hosts of one worker against one miner of two: median {ratio:.3}");
    Ok(())
}

/// Ends a process with the benchmark.
struct Process(Child);

impl Process {
    fn start(command: &mut Command) -> Result<Self> {
        command.stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Self(command.spawn().with_context(|| format!("{command:?}"))?))
    }

    /// Whether one of its threads is on a CPU or waits for one (Linux: its state is `R`).
    fn is_running(&self) -> bool {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.0.id()));
        let stats = tasks.into_iter().flatten().flatten().map(|task| task.path().join("stat"));
        let mut stats = stats.filter_map(|path| std::fs::read_to_string(path).ok());
        stats.any(|stat| stat.rsplit_once(") ").is_some_and(|(_, state)| state.starts_with('R')))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Server {
    _process: Process,
    _data: tempfile::TempDir,
    url: String,
}

impl Server {
    fn start() -> Result<Self> {
        let data = tempfile::tempdir()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = Command::new("nats-server");
        command.args(["-js", "-a", "127.0.0.1", "-p", &port.to_string(), "-sd"]).arg(data.path());
        let process = Process::start(&mut command)?;
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            ensure!(started.elapsed() < Duration::from_secs(10), "nats-server does not start");
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(Self { _process: process, _data: data, url: format!("nats://127.0.0.1:{port}") })
    }

    fn host(&self, name: &str) -> Result<Process> {
        let mut command = Command::new(PROGRAM);
        Process::start(command.args(["join", &self.url, "--threads", "1", "--name", name]))
    }
}

fn solve(prefix: &str, bits: u32, more: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(["solve", "--quiet", "--prefix", prefix, "--bits", &bits.to_string()]);
    command.args(more);
    command
}

/// Holds the lease until all these hosts have said that they are searching, and are.
async fn hold_until_all_search(
    finder: &Liar,
    lease: &Lease,
    mut hellos: Subscriber,
    hosts: &[Process],
) -> Result<()> {
    let (started, mut searching) = (Instant::now(), BTreeSet::new());
    while searching.len() < hosts.len() || !hosts.iter().all(Process::is_running) {
        ensure!(started.elapsed() < WAIT, "{} of {} hosts search", searching.len(), hosts.len());
        finder.client.publish(lease.reply.clone(), "+WPI".into()).await?;
        let hello = tokio::time::timeout(Duration::from_millis(50), hellos.next()).await;
        if let Ok(Some(hello)) = hello {
            let hello: Value = serde_json::from_slice(&hello.payload)?;
            if hello["tested"].as_u64() > Some(0) {
                searching.insert(hello["host"].to_string());
            }
        }
    }
    Ok(())
}

/// Takes the lease that starts at this nonce, and gives others back.
fn first_lease(finder: &Liar, first: u64) -> Result<Lease> {
    let started = Instant::now();
    while started.elapsed() < WAIT {
        finder.hello();
        let Some(lease) = finder.lease_within(Duration::from_millis(200)) else { continue };
        if lease.message["span"]["first"] == json!(first) {
            return Ok(lease);
        }
        finder.run(finder.client.publish(lease.reply, "-NAK".into()))?;
    }
    bail!("no lease starts at {first}")
}

/// One client holds the first lease and reports the find when all hosts search above it. They have
/// stopped when none of their threads runs or wants to. The other connections only listen, so that
/// they take no CPU from the hosts.
fn time_of_stop(server: &Server, hosts: usize) -> Result<Duration> {
    let ((prefix, bits), nonce) = (HEADER, FIND);
    let (first, last) = ((nonce - 10).to_string(), (2 * nonce).to_string());
    let range = ["--start-nonce", &first, "--end-nonce", &last, "--cluster", &server.url];
    let mut search = solve(prefix, bits, &range);
    let search = Process::start(&mut search)?;
    let finder = Liar::new(ConnectOptions::new(), &server.url, "anyone", "finder");
    let lease = first_lease(&finder, nonce - 10)?;
    let listeners = CONNECTIONS - hosts;
    let hosts = (0..hosts).map(|number| server.host(&format!("h{number}")));
    let hosts = hosts.collect::<Result<Vec<_>>>()?;
    let mut report = finder.report(&lease, prefix);
    report["span"]["last"] = json!(nonce);
    report["is_find"] = json!(true);
    report["best"] = json!({"nonce": nonce, "hash": client::hash(prefix, nonce)});
    let stop = finder.run(async {
        let hellos = finder.client.subscribe("stripmine.hello.*").await?;
        let mut stops = Vec::new();
        for _ in 0..listeners {
            let client = async_nats::connect(&server.url).await?;
            stops.push(client.subscribe("stripmine.stop.*").await?);
            client.flush().await?;
        }
        hold_until_all_search(&finder, &lease, hellos, &hosts).await?;
        let reported = Instant::now();
        finder.send(&lease, &report).await;
        for stop in &mut stops {
            tokio::time::timeout(WAIT, stop.next()).await?;
        }
        let mut searching: Vec<&Process> = hosts.iter().collect();
        while !searching.is_empty() {
            searching.retain(|host| host.is_running());
            ensure!(reported.elapsed() < WAIT, "{} hosts do not stop", searching.len());
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        Ok(reported.elapsed())
    });
    drop(search);
    forget(&finder);
    stop
}

/// Removes the verdict, so that the next round is a search.
fn forget(client: &Liar) {
    for stream in ["JOB", "LEASE", "DONE"] {
        client.say(&format!("$JS.API.STREAM.PURGE.STRIPMINE_{stream}"), &json!({}));
    }
    std::thread::sleep(Duration::from_millis(200));
}

/// The time of one miner with two workers, divided by that of two hosts with one each.
fn compare(server: &Server, bits: u32) -> Result<f64> {
    let alone = answered(&mut solve(HEADER.0, bits, &["--threads", "2"]))?;
    let _hosts = [server.host("a")?, server.host("b")?];
    // They are there before the search begins, as the miner's threads are.
    std::thread::sleep(Duration::from_secs(1));
    let together = answered(&mut solve(HEADER.0, bits, &["--cluster", &server.url]))?;
    forget(&Liar::new(ConnectOptions::new(), &server.url, "anyone", "cleaner"));
    let ratio = alone.as_secs_f64() / together.as_secs_f64();
    println!(
        "  alone {:.2} s, two hosts {:.2} s: {ratio:.3}",
        alone.as_secs_f64(),
        together.as_secs_f64()
    );
    Ok(ratio)
}

fn answered(command: &mut Command) -> Result<Duration> {
    let started = Instant::now();
    let output = command.stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "no answer");
    Ok(started.elapsed())
}
