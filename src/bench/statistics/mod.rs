//! What a few numbers say: their median and quantiles, where they lie, how far their median is
//! to be trusted, and how rates grow with threads.
//!
//! A [`Spread`] describes what was measured and infers nothing; an [`Interval`] is inferred. Values
//! are sorted anew in each call, which is nothing for the handful of samples of a benchmark and
//! wasteful for millions.

mod bootstrap;
mod interval;
mod quantile;
mod spread;
pub mod usl;

pub use interval::Interval;
pub use quantile::{median, quantile};
pub use spread::Spread;
