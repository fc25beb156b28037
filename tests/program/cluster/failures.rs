//! Parts of a cluster fail in the middle of a search: the answer stays the lowest nonce.

use std::net::Ipv4Addr;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::link::{Network, Relay};
use super::server::{Listener, Server};
use super::{Header, PATIENCE, Process, host, host_at, hosts};
use crate::common::times;

/// A search of some seconds, or in the long form of a longer one, on two cores.
fn header() -> Header {
    if times(0, 1) == 0 {
        Header { prefix: "failure 112: ", bits: 26, lowest: 115_170_505 }
    } else {
        Header { prefix: "failure 402: ", bits: 32, lowest: 4_133_720_061 }
    }
}

/// Rounds of each kind of failure.
fn rounds() -> u64 {
    times(1, 10)
}

/// Two hosts on one server.
fn pair() -> Option<(Server, Vec<Process>, ())> {
    let server = Server::start()?;
    let hosts = hosts(&server, 2, 1);
    Some((server, hosts, ()))
}

/// Seconds that the search takes on two hosts when nothing fails, as seen once; `None` where there
/// is no server.
fn quiet_s() -> Option<f64> {
    static QUIET: OnceLock<Option<f64>> = OnceLock::new();
    *QUIET.get_or_init(|| Some(Trial::begin(pair()?).end()))
}

/// Searches on one server and two hosts while parts of it fail.
fn search_while(what: &str, fail: impl FnMut(&mut Trial)) {
    search_in(what, pair, fail);
}

/// Searches in clusters of this sort while parts of them fail, and says how long each took.
fn search_in<L>(
    what: &str,
    cluster: impl Fn() -> Option<(Server, Vec<Process>, L)>,
    mut fail: impl FnMut(&mut Trial<L>),
) {
    for round in 0..rounds() {
        let Some(cluster) = cluster() else { return };
        let mut trial = Trial::begin(cluster);
        fail(&mut trial);
        let (seconds, quiet) = (trial.end(), quiet_s().expect("there is a server"));
        let lost = seconds - quiet;
        println!("{what}, round {round}: {seconds:.1} s, {lost:+.1} s beside a quiet run");
    }
}

struct Trial<L = ()> {
    server: Server,
    hosts: Vec<Process>,
    /// The way of one host to the server.
    link: L,
    search: Process,
    started: Instant,
}

impl<L> Trial<L> {
    /// Begins a search, and waits until its hosts are at work.
    fn begin((server, hosts, link): (Server, Vec<Process>, L)) -> Self {
        let mut solve = header().solve(&server);
        let started = Instant::now();
        let search = Process::start(&mut solve);
        server.wait_for_reports(2);
        Self { server, hosts, link, search, started }
    }

    /// Waits for the lowest nonce, and says how many seconds the search took.
    fn end(self) -> f64 {
        let patience = u32::try_from(times(1, 10)).unwrap() * PATIENCE;
        header().is_answered_by(self.search.finish(patience));
        self.started.elapsed().as_secs_f64()
    }

    /// Lets the search go on for this long; false when it has ended.
    fn goes_on(&mut self, seconds: f64) -> bool {
        let until = Instant::now() + Duration::from_secs_f64(seconds);
        while Instant::now() < until {
            if self.search.has_ended() {
                return false;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        true
    }
}

#[test]
fn a_search_without_failures_finds_the_lowest_nonce() {
    let Some(seconds) = quiet_s() else { return };
    println!("a quiet run: {seconds:.1} s");
}

#[test]
fn hosts_are_killed_every_second() {
    search_while("a host killed every second", |trial| {
        for number in 2.. {
            if !trial.goes_on(1.0) {
                return;
            }
            let next = host(&trial.server, &format!("h{number}"), 1);
            let killed = trial.hosts.remove(0);
            killed.kill();
            trial.hosts.push(next);
        }
    });
}

#[test]
fn the_coordinator_is_killed_three_times() {
    search_while("the coordinator killed three times", |trial| {
        for _ in 0..3 {
            if trial.goes_on(1.0) {
                let again = Process::start(&mut header().solve(&trial.server));
                std::mem::replace(&mut trial.search, again).kill();
                // The one that was killed may have been there still.
                trial.goes_on(0.5);
                if trial.search.has_ended() {
                    trial.search = Process::start(&mut header().solve(&trial.server));
                }
            }
        }
    });
}

#[test]
fn the_server_is_killed_and_comes_back_with_its_data() {
    search_while("the server killed", |trial| {
        trial.goes_on(0.5);
        trial.server.kill();
        trial.goes_on(1.0);
        trial.server.start_again();
    });
}

#[test]
fn the_server_is_killed_and_comes_back_with_nothing() {
    let mut listener = None;
    search_while("the server killed and its data lost", |trial| {
        trial.goes_on(0.5);
        trial.server.kill();
        trial.server.lose_data();
        trial.goes_on(1.0);
        // Somebody listens to the search's state before its coordinator is back, as hosts do. Then
        // the server does not say that nobody has stored it.
        trial.search.signal("STOP");
        trial.server.start_again();
        listener = Some(Listener::new(&trial.server, "stripmine.job.*.state"));
        trial.search.signal("CONT");
    });
    drop(listener);
}

#[test]
fn a_host_is_stopped_and_goes_on_later() {
    search_while("a host stopped for a while", |trial| {
        trial.hosts[0].signal("STOP");
        trial.goes_on(times(5, 10) as f64);
        trial.hosts[0].signal("CONT");
    });
}

/// How long a host is cut off, in seconds.
const CUT_S: f64 = 6.0;

#[test]
fn a_host_s_connection_passes_nothing_on_for_a_while() {
    let begin = || {
        let server = Server::start()?;
        let relay = Relay::start(Ipv4Addr::LOCALHOST, &server);
        let behind = host_at(&relay.url(), "behind", 1);
        let hosts = vec![host(&server, "h0", 1), behind];
        Some((server, hosts, relay))
    };
    search_in("a host's connection cut for 6 s", begin, |trial| {
        trial.link.set_cut(true);
        trial.goes_on(CUT_S);
        trial.link.set_cut(false);
    });
}

#[test]
fn a_host_s_network_is_cut_for_a_while() {
    let begin = || {
        let server = Server::start()?;
        let network = Network::new()?;
        let relay = Relay::start(network.near(), &server);
        let hosts = vec![host(&server, "h0", 1), network.host("behind", &relay)];
        Some((server, hosts, network))
    };
    search_in("a host's network cut for 6 s", begin, |trial| {
        trial.link.set_cut(true);
        trial.goes_on(CUT_S);
        trial.link.set_cut(false);
    });
}

#[test]
fn one_of_three_servers_is_killed() {
    let begin = || {
        let server = Server::three()?;
        let hosts = hosts(&server, 2, 1);
        Some((server, hosts, ()))
    };
    let streams = ["STRIPMINE_LEASE", "STRIPMINE_DONE", "STRIPMINE_JOB"];
    let mut leaders = streams.into_iter().cycle();
    search_in("one of three servers killed", begin, |trial| {
        trial.server.kill_leader(leaders.next().expect("it has no end"));
    });
}
