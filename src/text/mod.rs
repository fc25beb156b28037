//! How text is written for people, in every output: figures, durations, plurals, escapes, cutting
//! and wrapping.
//!
//! There is one function for each, so that a figure looks the same on the terminal, in a chart and
//! on a page. A figure that only one table or axis shows is written there. Nothing here knows what
//! the figures are about; `bench::wording` does.

mod durations;
mod escape;
mod figures;
mod layout;
mod rate;
mod shell;

pub(crate) use durations::{duration, seconds};
pub(crate) use escape::{escaped, escaped_json, escaped_line, push_escaped, shown_path};
pub(crate) use figures::{
    counted, grouped, percent, percent_figure, plain, plural, rounded_percent, significant, times,
};
pub(crate) use layout::{cut, cut_to, short_hash, wrapped, wrapped_to};
pub(crate) use rate::{RateUnit, hash_rate, mega, prefixed};
pub(crate) use shell::shell_word;
