//! Warnings, as they are saved.

use serde::{Deserialize, Serialize};

/// Something about the machine or the run that makes figures doubtful, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Warning {
    /// What it is about, for programs.
    pub kind: String,
    /// What is wrong and what to do, for people.
    pub text: String,
}
