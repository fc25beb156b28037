//! What a cluster costs, on this machine: `cargo bench --features cluster --bench cluster`.
//!
//! It starts a `nats-server` on a free port, and prints
//!
//! - the time from a find to the stop of the last of 16 hosts (median of the rounds),
//! - the rate of two hosts of one worker each as a part of that of one miner with two workers, from
//!   start to answer, in turn (`-- --rounds N`, five by default).

#[path = "../../tests/program/cluster/client.rs"]
mod client;

use std::collections::BTreeSet;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use async_nats::ConnectOptions;
use clap::Parser;
use client::{Lease, Liar};
use futures_util::StreamExt as _;
use serde_json::json;
use stripmine::bench::statistics::median;

const PROGRAM: &str = env!("CARGO_BIN_EXE_stripmine");

/// Hosts that hear of a find.
const HOSTS: usize = 16;

/// A text whose lowest valid nonce from here on is the second number.
const STOPPED: (&str, u32, u64) = ("failure 112: ", 26, 115_170_505);

/// A search of about a minute on two cores that make 50 million hashes a second.
const COMPARED: (&str, u32) = ("compared ", 31);

#[derive(Parser)]
struct Settings {
    /// Rounds of each measurement.
    #[arg(long, default_value = "5")]
    rounds: usize,
    /// The text's bits in the comparison: one less takes half as long.
    #[arg(long, default_value_t = COMPARED.1)]
    bits: u32,
    /// Cargo passes this to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<()> {
    let settings = Settings::parse();
    let server = Server::start()?;
    let stops = (0..settings.rounds).map(|_| time_of_stop(&server)).collect::<Result<Vec<_>>>()?;
    let ms: Vec<f64> = stops.iter().map(|stop| stop.as_secs_f64() * 1e3).collect();
    println!(
        "from a find to the stop of the last of {HOSTS} hosts: median {:.1} ms, longest {:.1} ms",
        median(&ms).context("no rounds")?,
        ms.iter().copied().fold(0.0, f64::max)
    );
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

/// Says that it is at work on the lease, for this long.
async fn hold_for(finder: &Liar, lease: &Lease, time: Duration) -> Result<()> {
    let until = Instant::now() + time;
    while Instant::now() < until {
        finder.client.publish(lease.reply.clone(), "+WPI".into()).await?;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Ok(())
}

/// One client holds the first lease and reports the find when all hosts are at work above it; each
/// host acknowledges its lease when it has stopped.
fn time_of_stop(server: &Server) -> Result<Duration> {
    let (prefix, bits, nonce) = STOPPED;
    let (first, last) = ((nonce - 10).to_string(), u32::MAX.to_string());
    let range = ["--start-nonce", &first, "--end-nonce", &last, "--cluster", &server.url];
    let mut search = solve(prefix, bits, &range);
    let search = Process::start(&mut search)?;
    let finder = Liar::new(ConnectOptions::new(), &server.url, "anyone", "finder");
    let lease = loop {
        finder.hello();
        if let Some(lease) = finder.lease_within(Duration::from_millis(200)) {
            break lease;
        }
    };
    let hosts = (0..HOSTS).map(|number| server.host(&format!("h{number}")));
    let _hosts = hosts.collect::<Result<Vec<_>>>()?;
    let mut report = finder.report(&lease, prefix);
    report["span"]["last"] = json!(nonce);
    report["is_find"] = json!(true);
    report["best"] = json!({"nonce": nonce, "hash": client::hash(prefix, nonce)});
    let stop = finder.run(async {
        let client = &finder.client;
        let mut acks = client.subscribe("$JS.ACK.STRIPMINE_LEASE.hosts.>").await?;
        hold_for(&finder, &lease, Duration::from_secs(3)).await?;
        let mut working = BTreeSet::new();
        while let Ok(Some(ack)) = tokio::time::timeout(Duration::from_millis(1), acks.next()).await
        {
            if &ack.payload[..] == b"+WPI" {
                working.insert(ack.subject.to_string());
            }
        }
        let reported = Instant::now();
        finder.send(&lease, &report).await;
        let mut last = reported;
        let mut stopped = BTreeSet::new();
        while stopped.len() < working.len().min(HOSTS) {
            match tokio::time::timeout(Duration::from_secs(5), acks.next()).await {
                Ok(Some(ack)) if &ack.payload[..] == b"+ACK" => {
                    if working.contains(ack.subject.as_str()) {
                        stopped.insert(ack.subject.to_string());
                        last = Instant::now();
                    }
                }
                Ok(Some(_)) => {}
                _ => bail!("only {} of {} hosts have stopped", stopped.len(), working.len()),
            }
        }
        Ok(last - reported)
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
    let alone = answered(&mut solve(COMPARED.0, bits, &["--threads", "2"]))?;
    let _hosts = [server.host("a")?, server.host("b")?];
    // They are there before the search begins, as the miner's threads are.
    std::thread::sleep(Duration::from_secs(1));
    let together = answered(&mut solve(COMPARED.0, bits, &["--cluster", &server.url]))?;
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
