//! A host that lies is caught and named, and the answer stays the lowest nonce.

use std::time::Duration;

use serde_json::{Value, json};

use super::client::{Lease, Liar, hash};
use super::server::Server;
use super::{Header, PATIENCE, Process, host};
use crate::common::process::wait_until;

const HEADER: Header = Header { prefix: "early and late ", bits: 23, lowest: 3_830_582 };

/// A liar takes the first lease and tells this of it; an honest host does the rest.
fn is_named(lie: impl FnOnce(&Lease, &mut Value), words: &str) {
    let Some(server) = Server::start() else { return };
    let search = Process::start(&mut HEADER.solve(&server));
    let liar = Liar::new(async_nats::ConnectOptions::new(), &server.url(), "anyone", "liar");
    // It says that it is there until it gets a lease.
    let lease = loop {
        liar.hello();
        if let Some(lease) = liar.lease_within(Duration::from_millis(200)) {
            break lease;
        }
    };
    let mut report = liar.report(&lease, HEADER.prefix);
    lie(&lease, &mut report);
    liar.run(liar.send(&lease, &report));
    let _honest = host(&server, "honest", 2);
    let ran = search.finish(PATIENCE);
    let said = ran.err().to_owned();
    HEADER.is_answered_by(ran);
    assert!(said.contains("anyone/liar gets no more leases"), "{said}");
    assert!(said.contains(words), "{words:?} is missing: {said}");
}

#[test]
fn a_find_that_is_not_valid_is_named() {
    is_named(|_, report| report["is_find"] = json!(true), "is valid, which it is not");
}

#[test]
fn a_best_hash_that_its_nonce_does_not_have_is_named() {
    is_named(|_, report| report["best"]["hash"] = json!("0".repeat(64)), "which has");
}

#[test]
fn a_range_that_was_not_given_is_named() {
    is_named(
        |_, report| {
            report["span"]["last"] = json!(50_000_000);
            report["workers"][0]["hashes"] = json!(50_000_001);
        },
        "which it was not given",
    );
    is_named(|_, report| report["lease"] = json!(u64::MAX >> 2), "which it was not given");
}

#[test]
fn fewer_hashes_than_nonces_are_named() {
    is_named(|_, report| report["workers"] = json!([]), "0 hashes");
}

/// Hashes per second of hosts whose leases are searched in the tests themselves.
const SLOW: f64 = 1e3;

/// What a host says that has tested all of a lease, or its first nonce alone.
fn searched(host: &Liar, lease: &Lease, is_whole: bool) -> Value {
    let mut report = host.report(lease, ENDLESS.prefix);
    let [first, last] = ["first", "last"].map(|end| report["span"][end].as_u64().expect("a nonce"));
    report["seconds"] = json!((last - first + 1) as f64 / SLOW);
    if is_whole {
        let best = (first..=last).map(|nonce| (hash(ENDLESS.prefix, nonce), nonce)).min();
        let (hash, nonce) = best.expect("a lease holds a nonce");
        report["best"] = json!({"nonce": nonce, "hash": hash});
    }
    report
}

/// A search without an end.
const ENDLESS: Header = Header { prefix: "endless ", bits: 70, lowest: u64::MAX };

/// The first host searches all leases but those that repeat its own; the second searches those. One
/// of them skips most of its work, and the coordinator names it.
fn is_named_by_a_repeat(skips: &str) {
    let Some(server) = Server::start() else { return };
    let search = Process::start(&mut ENDLESS.solve(&server));
    let [first, second] = ["first", "second"]
        .map(|name| Liar::new(async_nats::ConnectOptions::new(), &server.url(), "anyone", name));
    let report = |host: &Liar, lease: &Lease, name| {
        let report = searched(host, lease, name != skips);
        host.run(host.send(lease, &report));
    };
    let is_refused = wait_until(|| {
        first.hello_at(SLOW);
        second.hello_at(SLOW);
        let Some(lease) = first.lease_within(Duration::from_millis(200)) else { return false };
        if lease.message["repeats"].is_null() {
            report(&first, &lease, "first");
            return false;
        }
        assert_eq!(lease.message["repeats"], "anyone/first");
        report(&second, &lease, "second");
        let job = lease.message["job"].as_str().expect("a name");
        wait_until(|| server.state(job)["refused"] == json!([format!("anyone/{skips}")]))
    });
    assert!(is_refused, "nothing is repeated, or nobody is refused");
    search.signal("INT");
    let ran = search.finish(PATIENCE).ends_with_code(130);
    ran.says(&[&format!("anyone/{skips} gets no more leases: it missed")]);
}

#[test]
fn a_host_that_skips_is_named_when_a_repeat_disagrees() {
    is_named_by_a_repeat("first");
}

#[test]
fn a_host_that_skips_in_a_repeat_is_named() {
    is_named_by_a_repeat("second");
}

#[test]
fn another_version_is_refused_with_both_numbers() {
    let Some(server) = Server::start() else { return };
    let search = Process::start(&mut HEADER.solve(&server));
    let newer = Liar::new(async_nats::ConnectOptions::new(), &server.url(), "anyone", "newer");
    while !server.has_search() {
        std::thread::sleep(Duration::from_millis(20));
    }
    newer.say("stripmine.hello.anyone", &json!({"protocol": 99, "name": "newer"}));
    let _honest = host(&server, "honest", 2);
    let ran = search.finish(PATIENCE);
    assert!(ran.err().contains("version 99 of the cluster's protocol, this program version 1"));
    HEADER.is_answered_by(ran);
    let mut waiting = host(&server, "waiting", 1);
    let is_refused = wait_until(|| {
        newer.say("stripmine.call", &json!({"protocol": 99}));
        waiting.has_ended()
    });
    assert!(is_refused, "a host does not refuse the other version");
    waiting.finish(PATIENCE).ends_with_code(1);
}
