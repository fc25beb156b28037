//! Mines three blocks onto a chain file through the library:
//! `cargo run --release --example own_chain -- my.jsonl`.

use std::path::PathBuf;

use stripmine::chain::python_json::{Integer, Value};
use stripmine::chain::{Ledger, Timestamp, VerifyOptions, verify};
use stripmine::miner::{Miner, Search};
use stripmine::pow::Target;
use stripmine::{Mined, mine_block};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "my.jsonl".to_owned()));
    let target = Target::from_hex_zeros(5)?;
    let miner = Miner::builder().build()?;
    let mut ledger = Ledger::open(&path, miner.threads(), None)?;
    for number in 0..3_u64 {
        let timestamp = Timestamp::Integer(Integer::from(1_700_000_000 + number));
        let data = Value::from(format!("payment {number}"));
        let search = Search::default();
        match mine_block(&mut ledger, &miner, &timestamp, &data, &target, search)? {
            Mined::Appended { block, .. } => println!("{}", block.line()),
            Mined::Exhausted(_) | Mined::Cancelled(_) => println!("nothing found"),
        }
    }
    drop(ledger);
    let mut options = VerifyOptions::default();
    (options.target, options.strict) = (Some(target), true);
    println!("{} blocks are valid", verify(&path, &options)?.blocks);
    Ok(())
}
