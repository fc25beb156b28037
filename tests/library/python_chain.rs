//! Chains made here verify in Python, chains made in Python verify here, and both find the same
//! nonces.

use std::fs;
use std::path::Path;

use crate::common::python::reference;
use stripmine::chain::python_json::{Value, parse};
use stripmine::chain::{FileForm, Ledger, Timestamp, VerifyOptions, verify};
use stripmine::miner::{Miner, Outcome, Search};
use stripmine::pow::{Kernel, NonceStart, Target};
use stripmine::{Mined, mine_block};

const DIFFICULTY: u32 = 3;

/// Timestamps and data that exercise the format: one block for each.
const SPECIFICATIONS: &str = r#"[1700000000, "Block 1"]
[1700000000.123, "Gr\u00fc\u00dfe, \u4e16\u754c \ud83d\ude00"]
[1e16, {"b": [1, 2.5, -0.0, 1e-05], "a": {"z": null, "A": true}, "": false}]
[-12.75, "quotes \" and \\ and \n and \t and \u0000 and \u007f"]
["noon", 123456789012345678901234567890]
[0.1, []]
[5e-324, {}]
[1.7976931348623157e+308, [[[[]]], {"\ud83d\ude00": 1, "\uffff": 2, "a": 3}]]
"#;

fn specifications() -> Vec<(Timestamp, Value)> {
    let specification = |line: &str| match parse(line.as_bytes()).unwrap() {
        Value::Array(mut pair) => {
            let data = pair.pop().unwrap();
            let timestamp = match pair.pop().unwrap() {
                Value::Integer(integer) => Timestamp::Integer(integer),
                Value::Float(float) => Timestamp::Float(float),
                Value::String(text) => Timestamp::Text(text),
                other => panic!("{other:?}"),
            };
            (timestamp, data)
        }
        other => panic!("{other:?}"),
    };
    SPECIFICATIONS.lines().map(specification).collect()
}

fn mine_here(path: &Path) {
    let miner = Miner::builder().threads(3).build().unwrap();
    let target = Target::from_hex_zeros(DIFFICULTY).unwrap();
    let mut ledger = Ledger::open(path, 1, None).unwrap();
    for (timestamp, data) in specifications() {
        let search = Search::default();
        let ended = mine_block(&mut ledger, &miner, &timestamp, &data, &target, search);
        assert!(matches!(ended, Ok(Mined::Appended { .. })), "{ended:?}");
    }
}

#[test]
fn a_chain_mined_here_verifies_in_python() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("chain.jsonl");
    mine_here(&path);
    let chain = fs::read_to_string(&path).unwrap();
    if let Some(verdict) = reference(&["verify", &DIFFICULTY.to_string()], &chain) {
        assert_eq!(verdict, "9 blocks\n");
    }
}

#[test]
fn a_chain_mined_in_python_verifies_here_byte_for_byte() {
    let Some(chain) = reference(&["mine", &DIFFICULTY.to_string()], SPECIFICATIONS) else { return };
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("chain.jsonl");
    fs::write(&path, chain).unwrap();
    let mut options = VerifyOptions::default();
    options.target = Some(Target::from_hex_zeros(DIFFICULTY).unwrap());
    options.strict = true;
    let verification = verify(&path, &options).unwrap();
    assert_eq!((verification.blocks, verification.form), (9, FileForm::Canonical));
}

/// `--start-nonce auto:wide` makes nonces that no 64-bit integer holds.
#[test]
fn nonces_beyond_64_bits_verify_here_and_in_python() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("chain.jsonl");
    let miner = Miner::builder().threads(2).build().unwrap();
    let target = Target::from_hex_zeros(DIFFICULTY).unwrap();
    let mut ledger = Ledger::open(&path, 1, None).unwrap();
    for (fixed_digits, (timestamp, data)) in (5..).zip(specifications()) {
        let candidate = ledger.chain().candidate(&timestamp, &data).unwrap();
        let zero = NonceStart::zero(candidate.template(), &target, Kernel::Portable);
        let start = NonceStart { fixed_digits, first: 10_u64.pow(14), ..zero };
        let candidate = candidate.starting_at(&start);
        let search = Search::default().with_first(start.first);
        match miner.search(candidate.template(), &target, search) {
            Ok(Outcome::Found(solution)) => ledger.append(&candidate.seal(solution.nonce)).unwrap(),
            other => panic!("{other:?}"),
        }
    }
    drop(ledger);
    let mut options = VerifyOptions::default();
    (options.target, options.strict) = (Some(target), true);
    assert_eq!(verify(&path, &options).unwrap().blocks, 9);
    let chain = fs::read_to_string(&path).unwrap();
    assert!(chain.contains("\"nonce\": 111111000"), "leading digits that were fixed");
    if let Some(verdict) = reference(&["verify", &DIFFICULTY.to_string()], &chain) {
        assert_eq!(verdict, "9 blocks\n");
    }
}

/// Same blocks, same timestamps: the same nonces and hashes, and so the same file.
#[test]
fn python_and_this_crate_mine_the_very_same_file() {
    let Some(expected) = reference(&["mine", &DIFFICULTY.to_string()], SPECIFICATIONS) else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("chain.jsonl");
    mine_here(&path);
    assert_eq!(fs::read_to_string(&path).unwrap(), expected);
}
