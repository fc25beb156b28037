//! The answer is that of one machine, whatever the number of hosts and workers.

use std::time::{Duration, Instant};

use super::server::Server;
use super::{Header, KERNEL, PATIENCE, Process, host, hosts};
use crate::common::process::{CHAIN, Scratch, member, number, text, wait_until};
use crate::common::times;
use stripmine::chain::python_json::Value;

/// A candidate block, the same wherever it is mined.
struct CandidateBlock {
    data: String,
    difficulty: String,
}

impl CandidateBlock {
    /// The candidate with this number: difficulty 4, 5 and 6 in turn.
    fn new(number: u64) -> Self {
        let data = format!("candidate {number}");
        Self { data, difficulty: (4 + number % 3).to_string() }
    }

    /// The chain that it is mined onto, and what is said about it.
    fn mined(&self, more: &[&str]) -> (Vec<u8>, Value) {
        let scratch = Scratch::new();
        let mine = ["mine", "--output", "json", "--timestamp", "7", "--data", &self.data];
        let mine = [&mine[..], &["--difficulty", &self.difficulty], &KERNEL, more].concat();
        let ran = Process::start(&mut scratch.stripmine(&mine)).finish(PATIENCE).ends_with_code(0);
        (scratch.read(CHAIN), ran.documents().remove(0))
    }
}

fn array<'a>(object: &'a Value, key: &str) -> &'a [Value] {
    match member(object, key) {
        Value::Array(elements) => elements,
        other => panic!("{key:?} is no array: {other}"),
    }
}

#[test]
fn any_number_of_hosts_and_workers_mines_the_block_that_one_machine_mines() {
    let candidates: Vec<_> = (0..times(3, 30)).map(CandidateBlock::new).collect();
    let alone: Vec<_> = candidates.iter().map(|candidate| candidate.mined(&[]).0).collect();
    let threads = if times(0, 1) == 0 { 2..=2 } else { 1..=3 };
    for (count, threads) in
        [1, 2, 5].into_iter().flat_map(|it| threads.clone().map(move |threads| (it, threads)))
    {
        let Some(server) = Server::start() else { return };
        let _hosts = hosts(&server, count, threads);
        for (candidate, alone) in candidates.iter().zip(&alone) {
            let (chain, document) = candidate.mined(&["--cluster", &server.url()]);
            assert_eq!(chain, *alone, "{} by {count} hosts of {threads}", candidate.data);
            adds_up(&document);
        }
        println!("{} candidates by {count} hosts of {threads} workers", candidates.len());
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
    let nonce = number(member(document, "block"), "nonce");
    assert!(hashes > nonce, "all below the nonce were tested");
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
