//! Faults that tests inject into the sums of a kernel, to see that a benchmark's proof catches them.

use std::cell::Cell;
use std::ops::RangeInclusive;

use crate::pow::Kernel;

/// What is wrong with a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It leaves out one nonce in [`SKIPPED_OF`].
    SkipsANonce,
    /// In one vector of a stripe, two lanes hold the same nonce, and no lane holds the one after
    /// it.
    WrongLane,
}

/// Of this many neighbouring nonces, one is left out.
const SKIPPED_OF: u64 = 50_000;

/// The remainder of the nonces that are left out.
const SKIPPED: u64 = 12_345;

/// Nonces from the beginning of a stripe to the wrong lane.
const WRONG_LANE_AT: u64 = 1_907;

thread_local! {
    static INJECTED: Cell<Option<(Kernel, Fault)>> = const { Cell::new(None) };
}

/// Takes the fault out again when it is dropped.
pub(crate) struct Injected(());

impl Drop for Injected {
    fn drop(&mut self) {
        INJECTED.set(None);
    }
}

impl Fault {
    /// Makes a kernel faulty in all sweeps that this thread begins.
    pub(crate) fn inject_into(self, kernel: Kernel) -> Injected {
        INJECTED.set(Some((kernel, self)));
        Injected(())
    }

    /// The ranges that the faulty kernel hashes in place of this one.
    fn ranges(self, first: u64, last: u64) -> Vec<(u64, u64)> {
        let ranges: Vec<_> = match self {
            Self::SkipsANonce => {
                let skipped = (first..=last).filter(|nonce| nonce % SKIPPED_OF == SKIPPED);
                let ends = skipped.clone().map(|nonce| nonce - 1).chain([last]);
                let starts = [first].into_iter().chain(skipped.map(|nonce| nonce + 1));
                starts.zip(ends).collect()
            }
            Self::WrongLane => match first + WRONG_LANE_AT {
                nonce if nonce < last => vec![(first, nonce), (nonce, nonce), (nonce + 2, last)],
                _ => vec![(first, last)],
            },
        };
        ranges.into_iter().filter(|(start, end)| start <= end).collect()
    }
}

/// Sums as a kernel with the fault that was injected into it on this thread, if one was.
pub(super) fn sum_with_fault(
    kernel: Kernel,
    sum: impl Fn(RangeInclusive<u64>) -> u32,
) -> impl Fn(RangeInclusive<u64>) -> u32 {
    let fault = INJECTED.get().filter(|(faulty, _)| *faulty == kernel).map(|(_, fault)| fault);
    move |range| {
        let (first, last) = range.into_inner();
        let ranges = fault.map_or_else(|| vec![(first, last)], |fault| fault.ranges(first, last));
        let sums = ranges.into_iter().map(|(first, last)| sum(first..=last));
        sums.fold(0, u32::wrapping_add)
    }
}
