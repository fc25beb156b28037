//! Saved benchmarks in words and figures, for screens, tables and charts.
//!
//! Nothing here is escaped or laid out. Labels and texts are as the document has them: escape them
//! before they are written into a page or onto a terminal.

mod account;
mod cpus;
mod facts;
mod intervals;
mod machine;

pub use account::{
    AccountRow, account_hint, account_notes, account_rows, loss_name, threads_worth,
};
pub use cpus::sustained;
pub use facts::{Fact, baseline_name, even_shares, facts};
pub use intervals::{
    kind_of_intervals, percent_with_interval, rate_with_interval, ratio_to_earlier,
    times_with_interval,
};
pub use machine::{date, environment_facts, extent, hardware, program, sampling, surroundings};
