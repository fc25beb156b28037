//! The answer is that of one machine, whatever the number of hosts and workers.

use std::time::{Duration, Instant};

use super::server::Server;
use super::{Header, KERNEL, PATIENCE, Process, host, hosts};
use crate::common::process::{Scratch, member, number, stripmine, text, wait_until};
use crate::common::times;
use stripmine::chain::python_json::Value;

/// What one machine finds.
fn alone(prefix: &str, bits: u32) -> Value {
    let arguments = ["solve", "--output", "json", "--prefix", prefix, "--bits", &bits.to_string()];
    let ran = Scratch::new().run(&[&arguments[..], &KERNEL].concat()).ends_with_code(0);
    ran.documents().remove(0)
}

fn array<'a>(object: &'a Value, key: &str) -> &'a [Value] {
    match member(object, key) {
        Value::Array(elements) => elements,
        other => panic!("{key:?} is no array: {other}"),
    }
}

#[test]
fn any_number_of_hosts_finds_what_one_machine_finds() {
    let Some(server) = Server::start() else { return };
    for (count, threads) in [(1, 3), (2, 1), (5, 2)] {
        let _hosts = hosts(&server, count, threads);
        for round in 0..times(3, 30) {
            let bits = 16 + 2 * u32::try_from(round % 4).unwrap();
            let prefix = format!("{count} hosts, {round}: ");
            let expected = alone(&prefix, bits);
            let mut command = stripmine();
            command.args(["solve", "--cluster", &server.url(), "--output", "json"]).args(KERNEL);
            command.args(["--prefix", &prefix, "--bits", &bits.to_string()]);
            let ran = Process::start(&mut command).finish(PATIENCE).ends_with_code(0);
            let document = ran.documents().remove(0);
            for key in ["nonce", "hash", "best"] {
                assert_eq!(member(&document, key), member(&expected, key), "{ran}");
            }
            adds_up(&document);
        }
    }
}

/// Hosts and workers add up to the report.
#[track_caller]
fn adds_up(document: &Value) {
    let report = member(document, "report");
    let sum = |elements: &[Value]| elements.iter().map(|it| number(it, "hashes")).sum::<u64>();
    let hashes = number(report, "hashes");
    assert_eq!(sum(array(report, "workers")), hashes);
    let hosts = array(document, "hosts");
    assert_eq!(sum(hosts), hashes);
    for host in hosts {
        assert_eq!(sum(array(host, "workers")), number(host, "hashes"));
        assert!(text(host, "host").starts_with("anyone/h"));
    }
    assert!(hashes > number(document, "nonce"), "all below the nonce were tested");
}

#[test]
fn a_range_without_a_valid_nonce_is_exhausted_by_hosts_too() {
    let Some(server) = Server::start() else { return };
    let _hosts = hosts(&server, 2, 1);
    let range = ["--bits", "70", "--start-nonce", "5", "--end-nonce", "300000"];
    let solve = ["solve", "--cluster", &server.url(), "--output", "json", "--prefix", "none "];
    let arguments = [&solve[..], &range, &KERNEL].concat();
    let ran = Scratch::new().run_untouched(&arguments).ends_with_code(1);
    let document = ran.documents().remove(0);
    assert_eq!(text(&document, "outcome"), "exhausted");
    assert_eq!(number(&document, "tested_below"), 300_001);
    let without = ["solve", "--output", "json", "--prefix", "none "];
    let expected = Scratch::new().run(&[&without[..], &range, &KERNEL].concat()).ends_with_code(1);
    assert_eq!(member(&document, "best"), member(&expected.documents()[0], "best"));
    // The verdict stands: the same command is answered without a search.
    let again = Scratch::new().run_untouched(&arguments).ends_with_code(1);
    assert_eq!(number(member(&again.documents()[0], "report"), "hashes"), 0);
}

#[test]
fn a_standing_verdict_answers_the_same_command_at_once() {
    let Some(server) = Server::start() else { return };
    let header = Header { prefix: "standing ", bits: 16, lowest: 26_992 };
    let first = host(&server, "h0", 1);
    header.is_answered_by(Process::start(&mut header.solve(&server)).finish(PATIENCE));
    first.kill();
    // There is no host any more.
    header.is_answered_by(Process::start(&mut header.solve(&server)).finish(PATIENCE));
}

#[test]
fn hosts_may_come_before_the_coordinator_and_after_it_and_leave_at_ctrl_c() {
    let Some(server) = Server::start() else { return };
    let header = Header { prefix: "early and late ", bits: 23, lowest: 3_830_582 };
    let early = host(&server, "h0", 1);
    let searching = Process::start(&mut header.solve(&server));
    server.wait_for_reports(1);
    let late = host(&server, "h1", 1);
    early.signal("INT");
    let left = early.finish(Duration::from_secs(20));
    left.ends_with_code(130);
    header.is_answered_by(searching.finish(PATIENCE));
    drop(late);
}

#[test]
fn a_second_coordinator_is_refused_and_ctrl_c_withdraws_the_search() {
    let Some(server) = Server::start() else { return };
    let endless = Header { prefix: "endless ", bits: 30, lowest: u64::MAX };
    let mut waiting = host(&server, "h0", 1);
    let searching = Process::start(&mut endless.solve(&server));
    server.wait_for_reports(2);
    let second = Process::start(&mut endless.solve(&server)).finish(PATIENCE);
    second.ends_with_code(1).prints_nothing().says(&["another process coordinates this search"]);
    searching.signal("INT");
    let stopped = searching.finish(PATIENCE).ends_with_code(130);
    let document = stopped.documents().remove(0);
    assert_eq!(text(&document, "outcome"), "interrupted");
    let below = number(&document, "tested_below");
    assert!(below > 0, "{stopped}");
    assert!(!waiting.has_ended(), "a host goes on waiting");
    // The same command goes on from there, and the host serves it.
    let mut again = endless.solve(&server);
    let again = Process::start(again.args(["--time-limit", "12"]));
    let ended = again.finish(PATIENCE).ends_with_code(1);
    assert!(number(&ended.documents()[0], "tested_below") > below, "{ended}");
}

#[test]
fn the_older_search_comes_first() {
    let Some(server) = Server::start() else { return };
    let _host = host(&server, "h0", 1);
    let endless = Header { prefix: "older ", bits: 30, lowest: u64::MAX };
    let quick = Header { prefix: "standing ", bits: 16, lowest: 26_992 };
    let older = Process::start(&mut endless.solve(&server));
    server.wait_for_reports(1);
    let mut younger = Process::start(&mut quick.solve(&server));
    let started = Instant::now();
    let is_early = wait_until(|| started.elapsed() > Duration::from_secs(3) || younger.has_ended());
    assert!(is_early && !younger.has_ended(), "it did not wait for its turn");
    older.signal("INT");
    older.finish(PATIENCE).ends_with_code(130);
    quick.is_answered_by(younger.finish(PATIENCE));
}
