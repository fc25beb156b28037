//! A long run of all threads, second by second.

use serde::{Deserialize, Serialize};

use super::bounds::{NotNegative, OneOrMore, Positive, Threads};
use super::points::rate;
use crate::bench::statistics::median;

/// Seconds whose median has to have settled.
const WINDOW: usize = 5;

/// The share of the settled rate by which these medians may differ from it.
const SETTLED: f64 = 0.02;

/// The rate of all threads over a long time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Sustained {
    /// The kernel's name.
    pub kernel: String,
    /// Worker threads.
    #[serde(with = "Threads::<usize>")]
    pub threads: usize,
    /// Hashes per second in the first second.
    pub start_hashes_per_s: f64,
    /// Hashes per second at which the rate settles: the median of the last third.
    pub settled_hashes_per_s: f64,
    /// Seconds until it has settled: from then on, every median of five seconds is within 2 % of
    /// it. Left out where that is not so for all of the last third.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_after_s: Option<f64>,
    /// The clock of the workers' cores in GHz in the first second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_clock_ghz: Option<f64>,
    /// The median clock of the last third, in GHz.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_clock_ghz: Option<f64>,
    /// The seconds, in order.
    pub seconds: Vec<Second>,
}

/// About a second of a long run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Second {
    /// Seconds from the start of the long run to its start.
    #[serde(with = "NotNegative::<f64>")]
    pub at_s: f64,
    /// Seconds that it took.
    #[serde(with = "Positive::<f64>")]
    pub elapsed_s: f64,
    /// Nonces tested.
    #[serde(with = "OneOrMore::<u64>")]
    pub hashes: u64,
    /// `hashes` ÷ `elapsed_s`.
    pub hashes_per_s: f64,
    /// The clock of the workers' cores in GHz, each weighed by its time on a CPU.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "Positive::<Option<f64>>")]
    pub clock_ghz: Option<f64>,
}

impl Sustained {
    /// Computes the figures from the seconds.
    pub(super) fn compute(&mut self) {
        for second in &mut self.seconds {
            second.hashes_per_s = rate(second.hashes, second.elapsed_s);
        }
        let Some(first) = self.seconds.first().copied() else { return };
        let rates: Vec<f64> = self.seconds.iter().map(|second| second.hashes_per_s).collect();
        let last_third = self.seconds.len() - self.seconds.len().div_ceil(3);
        let settled = median(&rates[last_third..]).unwrap_or(first.hashes_per_s);
        let clocks = self.seconds[last_third..].iter().filter_map(|second| second.clock_ghz);
        self.start_hashes_per_s = first.hashes_per_s;
        self.settled_hashes_per_s = settled;
        let from = settled_from(&rates, settled).filter(|from| *from <= last_third);
        self.settled_after_s = from.map(|from| self.seconds[from].at_s);
        self.start_clock_ghz = first.clock_ghz;
        self.settled_clock_ghz = median(&clocks.collect::<Vec<_>>());
    }
}

/// The first second from which every median of five stays near the settled rate.
fn settled_from(rates: &[f64], settled: f64) -> Option<usize> {
    let is_near =
        |window: &[f64]| median(window).is_some_and(|rate| (rate / settled - 1.0).abs() <= SETTLED);
    let windows = rates.windows(WINDOW);
    let near = windows.len().checked_sub(windows.rev().take_while(|it| is_near(it)).count())?;
    (near + WINDOW <= rates.len()).then_some(near)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A long run at these rates, a second each.
    fn run(rates: &[u64]) -> Sustained {
        let second = |(at, rate): (usize, &u64)| Second {
            at_s: at as f64,
            elapsed_s: 1.0,
            hashes: *rate,
            hashes_per_s: 0.0,
            clock_ghz: Some(*rate as f64 / 100.0),
        };
        let seconds = rates.iter().enumerate().map(second).collect();
        let mut run = Sustained { seconds, ..Sustained::default() };
        run.compute();
        run
    }

    #[test]
    fn a_rate_that_falls_has_settled_when_it_stays() {
        // Ten seconds of turbo, ten seconds of falling, forty at the limit.
        let falling = (0..10).map(|second| 500 - 10 * second);
        let rates: Vec<u64> = [500; 10].into_iter().chain(falling).chain([400; 40]).collect();
        let run = run(&rates);
        assert_eq!((run.start_hashes_per_s, run.settled_hashes_per_s), (500.0, 400.0));
        assert_eq!((run.start_clock_ghz, run.settled_clock_ghz), (Some(5.0), Some(4.0)));
        // The median of 420, 410, 400, 400, 400 is the first within 2 %.
        assert_eq!(run.settled_after_s, Some(18.0));
    }

    #[test]
    fn single_slow_seconds_do_not_matter() {
        let mut rates = vec![400; 30];
        for at in [3, 4, 17, 26] {
            rates[at] = 200;
        }
        let run = run(&rates);
        assert_eq!((run.settled_hashes_per_s, run.settled_after_s), (400.0, Some(0.0)));
    }

    #[test]
    fn a_rate_that_swings_to_the_end_has_not_settled() {
        let swinging: Vec<u64> =
            (0..40).map(|at| if at / 5 % 2 == 0 { 400 } else { 300 }).collect();
        assert_eq!(run(&swinging).settled_after_s, None);
        assert_eq!(run(&[400; 4]).settled_after_s, None, "too short to tell");
        assert_eq!(run(&[400; 5]).settled_after_s, Some(0.0));
        let late: Vec<u64> = [500; 20].into_iter().chain([400; 5]).collect();
        assert_eq!(run(&late).settled_after_s, None, "it fell in the last third");
        assert_eq!(run(&[]).settled_after_s, None);
    }
}
