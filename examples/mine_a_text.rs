//! Finds a nonce for a text: `cargo run --release --example mine_a_text -- "hello "`.

use stripmine::miner::{Miner, Outcome, Search};
use stripmine::pow::{NonceEncoding, Target, Template};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let text = std::env::args().nth(1).unwrap_or_else(|| "hello ".to_owned());
    let template = Template::new(text.clone(), NonceEncoding::Decimal, "");
    let target = Target::from_hex_zeros(6)?;
    let miner = Miner::builder().build()?;
    let search = Search::default().with_listener(|progress| {
        eprintln!("{:?}: {} hashes", progress.elapsed, progress.hashes.iter().sum::<u64>());
    });
    match miner.search(&template, &target, search)? {
        Outcome::Found(solution) => println!("{text}{} -> {}", solution.nonce, solution.digest),
        Outcome::Exhausted(_) | Outcome::Cancelled(_) => println!("nothing found"),
    }
    Ok(())
}
