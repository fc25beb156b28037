//! Which of two kernels is faster on this CPU. The one place here with a clock.

use std::time::{Duration, Instant};

use super::Kernel;
use crate::pow::{Job, NonceEncoding, Target, Template};

/// Nonces in a heat: about a tenth of a millisecond of work.
const HEAT: u64 = 2_000;

/// Each kernel runs this often, in turn; its best time counts, since others only disturb.
const HEATS: u64 = 4;

/// No heat begins later than this.
const LONGEST: Duration = Duration::from_millis(1);

/// The faster of two kernels on a header as long as a chain's; the first when they are level.
pub(super) fn faster(first: Kernel, second: Kernel) -> Kernel {
    let header = Template::new([b'p'; 41], NonceEncoding::Decimal, [b's'; 115]);
    let jobs = [first, second].map(|kernel| Job::new(&header, Target::ZERO, kernel));
    let mut best = [Duration::MAX; 2];
    let started = Instant::now();
    for heat in 0..HEATS {
        for (job, best) in jobs.iter().zip(&mut best) {
            let start = 1_000_000 + heat * HEAT;
            let before = Instant::now();
            // Nothing is found: no digest is known to be zero.
            let _ = job.search(start..=start + HEAT - 1);
            *best = before.elapsed().min(*best);
        }
        if started.elapsed() > LONGEST {
            break;
        }
    }
    if best[1] < best[0] { second } else { first }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_winner_is_one_of_the_two() {
        for first in Kernel::available() {
            for second in Kernel::available() {
                assert!([first, second].contains(&faster(first, second)));
            }
        }
    }
}
