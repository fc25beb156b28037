//! Kernels that are broken on purpose, to see that a proof catches them. Their faults are too rare
//! for the self-test to meet.

use std::cell::Cell;

use super::Kernel;
use super::sink::Sink;
use crate::pow::plan::Plan;

/// What is wrong with a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// It leaves out one nonce in [`SKIPPED_OF`].
    SkipsANonce,
    /// In one round of a stripe, one lane has a wrong bit.
    WrongLane,
}

const SKIPPED_OF: u64 = 50_000;
const SKIPPED: u64 = 12_345;

/// Rounds from the beginning of a stripe to the wrong one.
const ROUNDS_UNTIL_FAULT: u32 = 30_011;

thread_local! {
    static ROUNDS_LEFT: Cell<u32> = const { Cell::new(0) };
}

impl Fault {
    pub(super) fn run(self, plan: &Plan, first: u64, last: u64, sink: &mut impl Sink) {
        match self {
            Self::SkipsANonce => {
                let mut next = first;
                for skipped in (first..=last).filter(|nonce| nonce % SKIPPED_OF == SKIPPED) {
                    if skipped > next {
                        Kernel::Portable.run(plan, next, skipped - 1, sink);
                    }
                    next = skipped + 1;
                }
                if next <= last {
                    Kernel::Portable.run(plan, next, last, sink);
                }
            }
            Self::WrongLane => {
                ROUNDS_LEFT.set(ROUNDS_UNTIL_FAULT);
                Kernel::Portable.run(plan, first, last, sink);
                ROUNDS_LEFT.set(0);
            }
        }
    }
}

/// The lanes after a round's step, with a wrong bit when it is the round for it. Not inlined: it stands in every
/// round of an unrolled loop.
#[inline(never)]
pub(crate) fn strike<const N: usize>(mut lanes: [u32; N]) -> [u32; N] {
    let left = ROUNDS_LEFT.get();
    if left > 0 {
        ROUNDS_LEFT.set(left - 1);
        lanes[N / 2] ^= u32::from(left == 1) << 7;
    }
    lanes
}
