//! The winner of a search: stop flag and answer in one atomic word.

use crate::sync::{AtomicU64, Ordering};

/// Which valid nonce ends a search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The lowest one of the range: the same on any number of threads.
    #[default]
    Lowest,
    /// The one that is found first: stops a little sooner, differs from run to run.
    First,
}

/// The offset of the best find so far, counted in nonces from the start of the range.
///
/// Offsets only ever go down. A stripe that begins above the winner cannot hold a better nonce,
/// so its taker stops. Because stripes are handed out in increasing order, every stripe below the
/// winner has been taken, and its taker searches it to its end (or to a still lower find): once
/// all workers have stopped, the winner is the lowest.
#[derive(Debug)]
pub(super) struct Winner {
    offset: AtomicU64,
    order: Order,
}

impl Winner {
    /// No find yet. Ranges are at most 2^64 − 1 nonces long, so no nonce has this offset.
    const NONE: u64 = u64::MAX;

    pub(super) fn new(order: Order) -> Self {
        Self { offset: AtomicU64::new(Self::NONE), order }
    }

    /// Proposes a find.
    pub(super) fn propose(&self, offset: u64) {
        // Relaxed: the digest travels through a channel, which orders it.
        match self.order {
            Order::Lowest => {
                self.offset.fetch_min(offset, Ordering::Relaxed);
            }
            Order::First => {
                let (none, relaxed) = (Self::NONE, Ordering::Relaxed);
                // An error means that another find was first.
                let _ = self.offset.compare_exchange(none, offset, relaxed, relaxed);
            }
        }
    }

    /// Whether a stripe that begins at this offset can no longer win.
    pub(super) fn beats(&self, offset: u64) -> bool {
        let winner = self.offset.load(Ordering::Relaxed);
        match self.order {
            Order::Lowest => winner < offset,
            Order::First => winner != Self::NONE,
        }
    }

    /// The offset of the winner, final once all workers have stopped.
    pub(super) fn offset(&self) -> Option<u64> {
        Some(self.offset.load(Ordering::Relaxed)).filter(|offset| *offset != Self::NONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_find_wins_whatever_the_order_of_finds() {
        let winner = Winner::new(Order::Lowest);
        assert_eq!(winner.offset(), None);
        assert!(!winner.beats(u64::MAX - 1));
        for offset in [50, 70, 20, 90] {
            winner.propose(offset);
        }
        assert_eq!(winner.offset(), Some(20));
        assert!(winner.beats(21));
        assert!(!winner.beats(20));
        assert!(!winner.beats(0), "stripes below the winner are still to be searched");
    }

    #[test]
    fn the_first_find_stops_everything_when_any_find_will_do() {
        let winner = Winner::new(Order::First);
        assert!(!winner.beats(0));
        winner.propose(50);
        winner.propose(20);
        assert_eq!(winner.offset(), Some(50));
        assert!(winner.beats(0));
    }
}
