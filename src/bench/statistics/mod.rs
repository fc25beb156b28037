//! Medians, quantiles and spreads of a few numbers.
//!
//! Descriptions of what was measured, nothing inferred: a [`Spread`] is not a confidence interval.
//! Values are sorted anew in each call, which is nothing for the handful of samples of a benchmark
//! and wasteful for millions.

mod interval;
mod quantile;
mod spread;

pub use interval::Interval;
pub use quantile::{median, quantile};
pub use spread::Spread;
