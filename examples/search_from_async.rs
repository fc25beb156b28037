//! Searches from async code, and gives up after a second:
//! `cargo run --release --example search_from_async`.
//!
//! A search blocks its thread, so it belongs on one of the runtime's blocking threads. The token
//! ends it: dropping the task's handle would not.

use std::sync::Arc;
use std::time::Duration;

use stripmine::miner::{CancelToken, Miner, Outcome, Search, SearchError};
use stripmine::pow::{NonceEncoding, Target, Template};

/// The most time to search for.
const PATIENCE: Duration = Duration::from_secs(1);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    runtime.block_on(search_for_a_while())
}

async fn search_for_a_while() -> Result<(), Box<dyn std::error::Error>> {
    let miner = Arc::new(Miner::builder().build()?);
    let template = Template::new("hello ", NonceEncoding::Decimal, "");
    let target = Target::from_hex_zeros(5)?;
    let cancel = CancelToken::new();
    let searched = search(miner, template, target, cancel.clone());
    tokio::pin!(searched);
    let outcome = if let Ok(outcome) = tokio::time::timeout(PATIENCE, &mut searched).await {
        outcome
    } else {
        cancel.cancel();
        searched.await
    };
    match outcome? {
        Outcome::Found(solution) => println!("hello {} -> {}", solution.nonce, solution.digest),
        Outcome::Exhausted(report) | Outcome::Cancelled(report) => {
            println!("nothing found in {} hashes", report.hashes());
        }
    }
    Ok(())
}

async fn search(
    miner: Arc<Miner>,
    template: Template,
    target: Target,
    cancel: CancelToken,
) -> Result<Outcome, SearchError> {
    let search = move || miner.search(&template, &target, Search::default().with_cancel(cancel));
    tokio::task::spawn_blocking(search).await.expect("the search does not panic")
}
