//! What saved benchmarks say, in words and figures: one source for screens, tables and charts.
//!
//! Nothing here is escaped or laid out: labels and texts are as the document has them, and whoever
//! writes them into a page or onto a terminal makes them safe for it.

mod curve;
mod facts;
mod intervals;
mod machine;
mod overview;

pub use curve::{Choice, Curve, curves, fastest};
pub use facts::{Fact, baseline_name, facts};
pub use intervals::{percent_with_interval, rate_with_interval, times_with_interval};
pub use machine::{
    cores, date, environment_facts, extent, hardware, program, sampling, smt_begins, surroundings,
};
pub use overview::{OverviewRow, labels, overview};
