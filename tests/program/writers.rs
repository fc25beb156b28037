//! Two miners that are started on one chain at the same instant.

use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::common::process::{CHAIN, Ran, Scratch, finish, member, number, program, text};
use crate::common::{rounds, times};

const SYSTEM: i32 = 3;

/// Two miners that wait for their standard input to end, and then mine this many blocks each.
fn start_two(scratch: &Scratch, blocks: u64) -> [Child; 2] {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    let start = || {
        let mut command = program("sh");
        command.args(["-c", "read -r _; exec \"$0\" \"$@\" </dev/null"]);
        command.args([env!("CARGO_BIN_EXE_stripmine"), "mine", "--difficulty", "1"]);
        // This kernel needs no time to start, however it was compiled.
        command.args(["--kernel", "sha2"]);
        command.args(["--threads", "1", "--output", "json", "--blocks", &blocks.to_string()]);
        let stdin = Stdio::from(reader.try_clone().expect("a pipe"));
        command.stdin(stdin).current_dir(scratch.directory()).spawn().expect("sh starts")
    };
    let children = [start(), start()];
    drop(writer);
    children
}

/// The indices of the blocks that were reported.
fn indices(ran: &Ran) -> Vec<u64> {
    let found = ran.documents().into_iter().inspect(|it| assert_eq!(text(it, "outcome"), "found"));
    found.map(|document| number(member(&document, "block"), "index")).collect()
}

#[test]
fn of_two_miners_on_one_chain_one_mines_and_the_other_says_why_it_does_not() {
    let pairs = times(30, 1_000);
    let refused = AtomicU64::new(0);
    rounds(pairs, |round, random| {
        let scratch = if round % 2 == 0 { Scratch::new() } else { Scratch::with_chain(3) };
        let before = if round % 2 == 0 { 1 } else { 3 };
        // Long enough that the two meet even on a busy machine.
        let blocks = 200 + random.u64(..200);
        let rans = start_two(&scratch, blocks).map(finish);
        let mut mined = Vec::new();
        for ran in &rans {
            match ran.code {
                Some(0) => mined.push(indices(ran)),
                Some(SYSTEM) => {
                    refused.fetch_add(1, Ordering::Relaxed);
                    let said = ran.err().split_whitespace().collect::<Vec<_>>().join(" ");
                    assert!(ran.stdout.is_empty(), "{ran}");
                    assert!(said.contains(CHAIN) && said.contains("another process"), "{ran}");
                }
                _ => panic!("{ran}"),
            }
        }
        // Where the first had ended before the second began, both may have mined: in turn.
        mined.sort();
        assert!(!mined.is_empty(), "each kept the other out: {rans:?}");
        let expected = before..before + blocks * mined.len() as u64;
        assert!(mined.concat().into_iter().eq(expected), "they took turns: {mined:?}");
        scratch.holds_blocks(usize::try_from(before).unwrap() + mined.concat().len());
    });
    let refused = refused.into_inner();
    println!("{pairs} pairs, {refused} miners refused");
    assert!(refused > 0, "no two miners ever met");
}
