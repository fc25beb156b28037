//! What a running benchmark tells its listener.

use std::time::Duration;

/// What a running benchmark is about to do, or has just done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event<'a> {
    /// The next point, baseline or other series is about to be worked on.
    Turn {
        /// What is done.
        step: Step,
        /// Its name.
        name: &'a str,
        /// About how long the rest takes, without the proof at the end.
        left: Duration,
    },
    /// A sample was taken.
    Sampled {
        /// The name of what was sampled.
        name: &'a str,
        /// The round, from 0.
        round: usize,
        /// Hashes per second.
        hashes_per_s: f64,
    },
}

/// What a benchmark does with each thing that it measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Warms it up, and learns how many nonces a sample takes.
    WarmUp,
    /// Takes the sample of this round, from 0.
    Sample(usize),
    /// Times how soon its workers stop.
    Stops,
    /// Runs it for a long time.
    Sustain,
    /// Hashes some of its nonces again.
    Proof,
}
