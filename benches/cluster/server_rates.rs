//! How many leases NATS servers move in a second, searched in no time:
//! `cargo bench --features cluster --bench server_rates`.
//!
//! It starts one `nats-server`, then three that keep everything three times, has the program make
//! its streams there, and plays a coordinator and 16 hosts, each on a connection of its own. A
//! lease costs what it costs the program: it is stored, pulled, reported as in progress, and
//! acknowledged; its report is stored, pulled and acknowledged.

use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use async_nats::jetstream::{self, consumer::pull, message::PublishMessage};
use async_nats::{Client, ConnectOptions};
use clap::Parser;
use futures_util::StreamExt as _;
use serde_json::json;
use tempfile::TempDir;

const HOSTS: usize = 16;

/// Leases that are given out at a time: as many for each host as the program gives.
const LEASES: usize = 3 * HOSTS;

/// About as long as the program's lease and report.
const LEASE: [u8; 240] = [b'x'; 240];
const REPORT: [u8; 560] = [b'x'; 560];

#[derive(Parser)]
struct Settings {
    /// Seconds that are measured.
    #[arg(long, default_value = "10")]
    seconds: u64,
    /// Cargo passes this to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<()> {
    let time = Duration::from_secs(Settings::parse().seconds);
    for count in [1, 3] {
        let servers = Servers::start(count)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let rate = runtime.block_on(leases_per_s(&servers, time))?;
        println!("{count} server(s): {rate:.0} leases a second");
    }
    Ok(())
}

/// Servers that know each other; they end with the benchmark.
struct Servers {
    processes: Vec<Child>,
    url: String,
    data: TempDir,
}

impl Servers {
    fn start(count: usize) -> Result<Self> {
        // All are bound at once, so that they differ.
        let bound = (0..2 * count).map(|_| TcpListener::bind("127.0.0.1:0"));
        let bound = bound.collect::<std::io::Result<Vec<_>>>()?;
        let addresses = bound.iter().map(TcpListener::local_addr);
        let addresses = addresses.collect::<std::io::Result<Vec<_>>>()?;
        drop(bound);
        let (clients, routes) = addresses.split_at(count);
        let list = |them: &[SocketAddr]| {
            let urls: Vec<_> = them.iter().map(|it| format!("nats://{it}")).collect();
            urls.join(",")
        };
        let (url, data) = (list(clients), TempDir::new()?);
        let mut servers = Self { processes: Vec::new(), url, data };
        for (number, (client, route)) in clients.iter().zip(routes).enumerate() {
            let directory = servers.data.path().join(number.to_string());
            let mut command = Command::new("nats-server");
            command.args(["-js", "-a", "127.0.0.1", "-p", &client.port().to_string()]);
            command.args(["-n", &format!("s{number}"), "-sd"]).arg(directory);
            if count > 1 {
                let cluster = format!("nats://{route}");
                command.args(["--cluster_name", "rates", "--cluster", &cluster]);
                command.args(["--routes", &list(routes)]);
            }
            let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
            servers.processes.push(process.context("nats-server")?);
        }
        // Three need some time to find each other.
        std::thread::sleep(Duration::from_secs(10));
        Ok(servers)
    }

    /// A search that nobody serves leaves its streams behind.
    fn make_streams(&self) -> Result<()> {
        let mut search = Command::new(env!("CARGO_BIN_EXE_stripmine"));
        search.args(["solve", "--quiet", "--prefix", "x", "--bits", "70", "--time-limit", "1"]);
        let output = search.args(["--cluster", &self.url]).output()?;
        ensure!(output.status.code() == Some(1), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    async fn connect(&self) -> Result<Client> {
        Ok(ConnectOptions::new().connect(self.url.split(',').collect::<Vec<_>>()).await?)
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        for process in &mut self.processes {
            // It may have ended by itself.
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

async fn leases_per_s(servers: &Servers, time: Duration) -> Result<f64> {
    servers.make_streams()?;
    let leases = jetstream::new(servers.connect().await?).get_stream("STRIPMINE_LEASE").await?;
    let (replicas, count) = (leases.cached_info().config.num_replicas, servers.processes.len());
    ensure!(replicas == count, "{count} servers keep {replicas} replicas");
    let reported = Arc::new(AtomicU64::new(0));
    let mut tasks = vec![tokio::spawn(coordinate(servers.connect().await?, Arc::clone(&reported)))];
    for _ in 0..HOSTS {
        tasks.push(tokio::spawn(serve(servers.connect().await?)));
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (before, started) = (reported.load(Ordering::Relaxed), Instant::now());
    tokio::time::sleep(time).await;
    let leases = reported.load(Ordering::Relaxed) - before;
    let rate = leases as f64 / started.elapsed().as_secs_f64();
    for task in tasks {
        // They have no end of their own but an error.
        if task.is_finished() {
            task.await??;
        }
    }
    Ok(rate)
}

/// Gives out as many leases as hosts hold at a time, and one more for each report.
async fn coordinate(client: Client, reported: Arc<AtomicU64>) -> Result<()> {
    let context = jetstream::new(client);
    let config = pull::Config {
        durable_name: Some("rates".to_owned()),
        filter_subject: "stripmine.done.*.rates".to_owned(),
        max_ack_pending: 65_536,
        ..pull::Config::default()
    };
    let consumer = context.create_consumer_on_stream(config, "STRIPMINE_DONE").await?;
    for _ in 0..LEASES {
        store(&context, "stripmine.lease.rates", &LEASE).await?;
    }
    let mut reports = consumer.messages().await?;
    while let Some(report) = reports.next().await {
        report?.ack().await.map_err(|error| anyhow::anyhow!(error))?;
        reported.fetch_add(1, Ordering::Relaxed);
        let context = context.clone();
        tokio::spawn(async move { store(&context, "stripmine.lease.rates", &LEASE).await });
    }
    Ok(())
}

/// Takes one lease after the other, and reports it.
async fn serve(client: Client) -> Result<()> {
    let context = jetstream::new(client.clone());
    let inbox = client.new_inbox();
    let mut leases = client.subscribe(inbox.clone()).await?;
    let pull = json!({"batch": 1, "expires": 20_000_000_000_u64}).to_string();
    loop {
        let subject = "$JS.API.CONSUMER.MSG.NEXT.STRIPMINE_LEASE.hosts";
        client.publish_with_reply(subject, inbox.clone(), pull.clone().into()).await?;
        let lease = leases.next().await.context("the subscription ended")?;
        let Some(reply) = lease.reply.filter(|_| lease.status.is_none()) else { continue };
        client.publish(reply.clone(), "+WPI".into()).await?;
        store(&context, "stripmine.done.anyone.rates", &REPORT).await?;
        client.publish(reply, "+ACK".into()).await?;
    }
}

/// Stores a message, and waits until the servers say so.
async fn store(
    context: &jetstream::Context,
    subject: &'static str,
    payload: &'static [u8],
) -> Result<()> {
    let message = PublishMessage::build().payload(payload.into());
    context.send_publish(subject, message).await?.await?;
    Ok(())
}
