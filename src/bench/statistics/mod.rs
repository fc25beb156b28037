//! Statistics of a few samples: medians, quantiles, intervals, and the law of scalability.
//!
//! A [`Spread`] describes what was measured; an [`Interval`] is inferred from it. Values are sorted
//! anew in each call: cheap for the few samples of a benchmark, wasteful for millions.

mod interval;
mod order;
mod quantile;
mod spread;
pub mod usl;

pub use interval::Interval;
pub use order::coverage;
pub use quantile::{median, quantile};
pub use spread::Spread;
