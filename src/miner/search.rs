//! The settings of a search, its outcomes and its errors.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::report::Report;
use super::winner::Order;
use crate::pow::{Digest, Hit, Template};
use crate::sync::CancelToken;

/// Settings of a search; by default it tries all nonces that the header can hold and returns the
/// lowest valid one.
///
/// ```
/// use stripmine::miner::{CancelToken, Order, Search};
///
/// let cancel = CancelToken::new();
/// let search = Search::default()
///     .with_range(1_000..=1_999_999)
///     .with_order(Order::First)
///     .with_cancel(cancel.clone())
///     .with_listener(|progress| println!("{:?}", progress.elapsed));
/// # let _ = search;
/// ```
#[derive(Default)]
#[non_exhaustive]
pub struct Search<'a> {
    /// The first nonce to try; 0 by default.
    pub first: u64,
    /// The last nonce to try. By default the largest that the header can hold, but a search
    /// covers at most 2^64 − 1 nonces: from 0 on, a 64-bit nonce ends at 2^64 − 2.
    pub last: Option<u64>,
    /// Which valid nonce to return.
    pub order: Order,
    /// Ends the search within about a millisecond once it is cancelled.
    pub cancel: CancelToken,
    /// Called on the caller's thread, ten times a second.
    pub listener: Option<Listener<'a>>,
}

/// A caller's function that hears of a search's progress.
pub type Listener<'a> = Box<dyn FnMut(&Progress) + 'a>;

impl<'a> Search<'a> {
    /// Tries the nonces of this range.
    #[must_use]
    pub fn with_range(self, range: RangeInclusive<u64>) -> Self {
        Self { first: *range.start(), last: Some(*range.end()), ..self }
    }

    /// Tries the nonces from this one on.
    #[must_use]
    pub fn with_first(self, first: u64) -> Self {
        Self { first, ..self }
    }

    /// Returns the valid nonce that this order prefers.
    #[must_use]
    pub fn with_order(self, order: Order) -> Self {
        Self { order, ..self }
    }

    /// Ends the search within about a millisecond once the token is cancelled.
    #[must_use]
    pub fn with_cancel(self, cancel: CancelToken) -> Self {
        Self { cancel, ..self }
    }

    /// Reports progress on the caller's thread, ten times a second.
    #[must_use]
    pub fn with_listener(self, listener: impl FnMut(&Progress) + 'a) -> Self {
        Self { listener: Some(Box::new(listener)), ..self }
    }

    /// The nonces to try with this header.
    pub(super) fn range(&self, template: &Template) -> Result<RangeInclusive<u64>, SearchError> {
        let last = self.last.unwrap_or(template.last_nonce_from(self.first).max(self.first));
        check_range(&(self.first..=last), template)?;
        Ok(self.first..=last)
    }
}

impl fmt::Debug for Search<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Search")
            .field("first", &self.first)
            .field("last", &self.last)
            .field("order", &self.order)
            .field("cancel", &self.cancel)
            .finish_non_exhaustive()
    }
}

/// Refuses nonces that the header cannot hold, ranges of 2^64 nonces, and those without any.
pub(super) fn check_range(
    range: &RangeInclusive<u64>,
    template: &Template,
) -> Result<(), SearchError> {
    let (first, last) = (*range.start(), *range.end());
    let max = template.encoding().max_nonce();
    if first > last {
        return Err(SearchError::EmptyRange { first, last });
    }
    if last > max {
        return Err(SearchError::NonceTooLarge { last, max });
    }
    if first == 0 && last == u64::MAX {
        return Err(SearchError::RangeTooLong);
    }
    Ok(())
}

/// How far a running search is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Wall clock since the start of the search.
    pub elapsed: Duration,
    /// Nonces tested so far, by worker.
    pub hashes: Vec<u64>,
    /// The nonce with the lowest digest so far; `None` before any nonce was tested.
    pub best: Option<Hit>,
}

/// How a search ended. Each way has its report.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// A valid nonce was found.
    Found(Solution),
    /// No nonce in the range is valid.
    Exhausted(Report),
    /// The caller cancelled the search before it was decided.
    Cancelled(Report),
}

impl Outcome {
    /// The work of the search.
    #[must_use]
    pub const fn report(&self) -> &Report {
        match self {
            Self::Found(Solution { report, .. })
            | Self::Exhausted(report)
            | Self::Cancelled(report) => report,
        }
    }

    /// The find, if there is one.
    #[must_use]
    pub const fn solution(&self) -> Option<&Solution> {
        match self {
            Self::Found(solution) => Some(solution),
            Self::Exhausted(_) | Self::Cancelled(_) => None,
        }
    }
}

/// A valid nonce and what it took to find it.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// The nonce.
    pub nonce: u64,
    /// The digest of the header with this nonce; at most the target.
    pub digest: Digest,
    /// From the find to the stop of the last worker.
    pub stopped_after: Duration,
    /// The work of the search.
    pub report: Report,
}

/// Why a search could not be run, or did not end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SearchError {
    /// The header's nonce encoding cannot write the end of the range.
    #[error("nonce {last} does not fit this header, whose largest is {max}; end the range there")]
    NonceTooLarge {
        /// The end of the range.
        last: u64,
        /// The largest nonce that can be written.
        max: u64,
    },
    /// The range holds no nonce.
    #[error("there are no nonces from {first} to {last}; give the lower one first")]
    EmptyRange {
        /// The beginning of the range.
        first: u64,
        /// The end of the range.
        last: u64,
    },
    /// The range holds 2^64 nonces, one too many.
    #[error("a search covers at most 2^64 - 1 nonces; end the range at 18446744073709551614")]
    RangeTooLong,
    /// A worker panicked; the others were stopped.
    #[error("worker {worker} panicked: {message}; the search was given up, please report this")]
    WorkerPanicked {
        /// The worker's number.
        worker: usize,
        /// Its panic message.
        message: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pow::NonceEncoding;

    #[test]
    fn a_search_covers_all_nonces_that_any_header_can_hold() {
        for encoding in NonceEncoding::ALL {
            let template = Template::new("x", encoding, "");
            assert_eq!(Search::default().range(&template), Ok(template.nonces()));
            let max = encoding.max_nonce();
            assert_eq!(Search::default().with_first(5).range(&template), Ok(5..=max));
            assert_eq!(Search::default().with_first(max).range(&template), Ok(max..=max));
            let range = Search::default().with_range(3..=9).range(&template);
            assert_eq!(range, Ok(3..=9));
        }
    }

    #[test]
    fn a_range_that_ends_before_it_begins_is_refused() {
        let template = Template::new("x", NonceEncoding::Decimal, "");
        let search = Search { first: 5, last: Some(4), ..Search::default() };
        assert_eq!(search.range(&template), Err(SearchError::EmptyRange { first: 5, last: 4 }));
    }

    #[test]
    fn a_start_that_the_header_cannot_hold_is_refused() {
        let template = Template::bitcoin(&[0; 80]);
        let max = u64::from(u32::MAX);
        let range = Search::default().with_first(max + 1).range(&template);
        assert_eq!(range, Err(SearchError::NonceTooLarge { last: max + 1, max }));
    }
}
