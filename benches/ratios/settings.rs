//! The arguments: the number of rounds, and the length of a sample.

use std::num::NonZeroUsize;
use std::time::Duration;

use clap::Parser;

/// How much to measure.
#[derive(Parser)]
pub(crate) struct Settings {
    /// Rounds, each with a sample of every subject.
    #[arg(long, default_value = "9")]
    pub(crate) rounds: NonZeroUsize,
    /// Milliseconds of a sample.
    #[arg(long = "ms", default_value = "200", value_parser = milliseconds)]
    pub(crate) sample: Duration,
    /// Cargo passes this to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

fn milliseconds(text: &str) -> Result<Duration, std::num::ParseIntError> {
    text.parse().map(Duration::from_millis)
}
