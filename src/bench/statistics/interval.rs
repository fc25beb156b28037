use serde::{Deserialize, Serialize};

/// A median and the ends of its 95 % bootstrap interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The median, in the unit of the values.
    pub median: f64,
    /// The low end, in the unit of the values.
    pub low: f64,
    /// The high end, in the unit of the values.
    pub high: f64,
}
