//! Port utilisation of the `avx512` kernel: the cycles that the vector instructions of a hash would
//! take if they were independent, against the cycles that the hash takes.

use std::iter::zip;

use stripmine::bench::statistics::Spread;
use stripmine::pow::{Anatomy, BlockRole};

use super::clock::CLOCK;
use super::ports::{ROUNDS, Stream, WITH_SCHEDULE};
use super::sampler::{Samples, bracketed};

/// Vector instructions of a round, alone and with a word of the schedule.
const ROUND: f64 = 16.0;
const ROUND_WITH_SCHEDULE: f64 = 28.0;

/// Vector instructions for one hash, by the kind of round that they belong to.
struct Mix {
    rounds: f64,
    with_schedule: f64,
}

impl Mix {
    fn of(anatomy: &Anatomy) -> Self {
        let parts = anatomy.blocks.iter().map(instructions_of);
        let sum = parts.fold((0.0, 0.0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
        let scale = anatomy.cost.value() / (sum.0 + sum.1);
        Self { rounds: sum.0 * scale, with_schedule: sum.1 * scale }
    }
}

/// About how many instructions a block takes in rounds alone, and in rounds with schedule.
fn instructions_of(role: &BlockRole) -> (f64, f64) {
    let instructions = |rounds: f64, words: f64| {
        let words = words.min(rounds);
        ((rounds - words) * ROUND, words * ROUND_WITH_SCHEDULE)
    };
    match *role {
        BlockRole::Midstate | BlockRole::HigherDigits => (0.0, 0.0),
        BlockRole::Varying { rounds, schedule_words, shared_by, .. } => {
            let (alone, with) = instructions(rounds as f64, f64::from(schedule_words));
            (alone / shared_by as f64, with / shared_by as f64)
        }
        BlockRole::LowestDigits { .. } | BlockRole::Constant => instructions(64.0, 0.0),
        // No kernel in lanes has such a block; it would be rounds and all of the schedule.
        BlockRole::Whole => instructions(64.0, 48.0),
        // The message is the digest; the last three rounds are not needed.
        BlockRole::SecondHash { .. } => instructions(61.0, 45.0),
    }
}

/// Prints the utilisation of the ports by `kernel`, from streams sampled in the same rounds.
pub(crate) fn print(samples: &Samples, anatomy: &Anatomy, kernel: &str, streams: &[Stream]) {
    let mix = Mix::of(anatomy);
    let Some([needed, taken, used]) = cycles(samples, &mix, kernel) else { return };
    println!(
        "{kernel}: {:.1} vector instructions a hash ({:.0} % in rounds with schedule) want {:.1} \
         cycles of the ports and take {:.1}: utilisation {}",
        anatomy.cost.value(),
        100.0 * mix.with_schedule / anatomy.cost.value(),
        needed.median,
        taken.median,
        bracketed(&used)
    );
    let rates = streams.iter().filter_map(|stream| {
        let rate = samples.ratio(stream.name(), CLOCK)?;
        Some(format!("{} {:.2}", stream.name(), rate.median))
    });
    println!("vector instructions a cycle: {}", rates.collect::<Vec<_>>().join("; "));
}

/// The cycles of the ports that a hash needs, the cycles that it takes, and the ratio of the two.
fn cycles(samples: &Samples, mix: &Mix, kernel: &str) -> Option<[Spread; 3]> {
    let taken = samples.round_ratios(CLOCK, kernel)?;
    let rounds = samples.round_ratios(ROUNDS, CLOCK)?;
    let with_schedule = samples.round_ratios(WITH_SCHEDULE, CLOCK)?;
    let need = |(rounds, with)| mix.rounds / rounds + mix.with_schedule / with;
    let needed: Vec<f64> = zip(rounds, with_schedule).map(need).collect();
    let used: Vec<f64> = zip(&needed, &taken).map(|(needed, taken)| needed / taken).collect();
    Some([Spread::of(&needed)?, Spread::of(&taken)?, Spread::of(&used)?])
}
