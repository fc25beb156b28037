//! What a saved benchmark says, in words and figures, for screens, tables and charts.
//!
//! Nothing here is escaped or laid out. Labels and texts are as the document has them: escape them
//! before they are written into a page or onto a terminal.

mod facts;
mod figures;
mod machine;

pub use facts::{Fact, baseline_name, facts};
pub use figures::{
    RateUnit, duration, grouped, percent, percent_with_interval, rate_with_interval,
    signed_percent, significant, times, times_with_interval,
};
pub use machine::{
    cores, date, environment_facts, extent, hardware, program, sampling, smt_begins, surroundings,
};
