//! `mine --cluster` leaves the same guarantees as `mine`.

use std::time::Duration;

use super::server::Server;
use super::{KERNEL, PATIENCE, Process, host};
use crate::common::process::{CHAIN, Scratch, member, number, text, wait_until};
use crate::common::{seeded, times};

fn lines(scratch: &Scratch) -> usize {
    std::fs::read(scratch.chain()).unwrap_or_default().iter().filter(|it| **it == b'\n').count()
}

#[test]
fn blocks_mined_by_hosts_are_those_that_one_machine_mines() {
    let Some(server) = Server::start() else { return };
    let _hosts = [host(&server, "h0", 1), host(&server, "h1", 2)];
    let (scratch, alone) = (Scratch::new(), Scratch::new());
    let mine = ["mine", "--blocks", "8", "--difficulty", "4", "--timestamp", "7"];
    let mine = [&mine[..], &KERNEL].concat();
    alone.run(&mine).ends_with_code(0);
    let url = server.url();
    let ran = scratch.run(&[&mine[..], &["--cluster", &url]].concat()).ends_with_code(0);
    ran.prints(&["host", "anyone/h", "leases", "given again", "9 blocks, synced"]);
    assert_eq!(scratch.read(CHAIN), alone.read(CHAIN));
}

#[test]
fn a_miner_that_is_killed_anywhere_loses_nothing_that_it_reported() {
    let Some(server) = Server::start() else { return };
    let _host = host(&server, "h0", 2);
    let mut random = seeded();
    for _ in 0..times(4, 50) {
        let scratch = Scratch::new();
        let url = server.url();
        let mine = ["mine", "--blocks", "20", "--difficulty", "4", "--output", "json"];
        let mine = [&mine[..], &KERNEL, &["--cluster", &url]].concat();
        let mut command = scratch.stripmine(&mine);
        let output = std::fs::File::create(scratch.path("output")).expect("a file");
        let miner = Process::start(command.stdout(output));
        assert!(wait_until(|| lines(&scratch) > 1), "nothing is mined");
        std::thread::sleep(Duration::from_millis(random.u64(..400)));
        miner.kill();
        let reported = scratch.read("output").iter().filter(|byte| **byte == b'\n').count();
        assert!(lines(&scratch) > reported, "{reported} were reported, beside the genesis block");
        // The same command finishes the block that was under way, if there was one.
        let rest = scratch
            .stripmine(&["mine", "--difficulty", "4", "--cluster", &url])
            .args(KERNEL)
            .output();
        assert!(rest.expect("it starts").status.success());
        scratch.run(&["verify", "--difficulty", "4"]).ends_with_code(0);
    }
}

#[test]
fn a_restarted_command_goes_on_with_the_block_as_it_was_begun() {
    let Some(server) = Server::start() else { return };
    let host = host(&server, "h0", 1);
    let scratch = Scratch::new();
    let url = server.url();
    let mine = ["mine", "--bits", "30", "--output", "json", "--cluster", &url];
    let mine = [&mine[..], &KERNEL].concat();
    let interrupted = || {
        let reports = server.reports();
        let mut first = Process::start(&mut scratch.stripmine(&mine));
        while !first.has_ended() {
            if server.reports() >= reports + 2 {
                first.signal("INT");
                break;
            }
        }
        first.finish(PATIENCE)
    };
    let mut first = interrupted();
    // A lucky search is over by then.
    while first.code == Some(0) {
        first = interrupted();
    }
    let first = first.ends_with_code(130).documents().remove(0);
    let second = Process::start(scratch.stripmine(&mine).args(["--time-limit", "2"]));
    let second = second.finish(PATIENCE).documents().remove(0);
    if text(&second, "outcome") == "found" {
        let block = member(&second, "block");
        assert_eq!(member(block, "timestamp"), member(&first, "timestamp"));
    } else {
        assert_eq!(member(&second, "timestamp"), member(&first, "timestamp"));
        assert!(number(&second, "tested_below") >= number(&first, "tested_below"));
    }
    drop(host);
}

#[test]
fn a_chain_that_moves_on_withdraws_the_search() {
    let Some(server) = Server::start() else { return };
    let _host = host(&server, "h0", 1);
    let scratch = Scratch::with_chain(2);
    let url = server.url();
    let mine = ["mine", "--bits", "28", "--timestamp", "5", "--cluster", &url];
    let miner = Process::start(&mut scratch.stripmine(&[&mine[..], &KERNEL].concat()));
    server.wait_for_reports(1);
    // Somebody who asks for no lock.
    let mut chain = scratch.read(CHAIN);
    chain.push(b'\n');
    scratch.write(CHAIN, chain);
    miner.finish(PATIENCE).ends_with_code(1).says(&["the chain has moved on"]);
}
