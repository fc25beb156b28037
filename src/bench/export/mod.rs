//! Saved benchmarks as files: JSON, CSV, Markdown, SVG and HTML.
//!
//! [`render`] returns bytes and touches no file; [`write_atomically`] writes a file and knows
//! nothing of what is in it. For the words and figures themselves see [`report`](super::report).

mod chart;
mod csv;
mod escape;
mod file;
mod format;
mod html;
mod markdown;
mod tables;

pub use super::report::Choice;
pub use file::{ExportError, check_writable, write_atomically};
pub use format::{Format, UnknownSuffix};

use super::document::Document;

/// The documents in this format.
///
/// JSON has what was measured, whatever the choice: the document itself, or an array of several,
/// which [`Document::list_from_json`] reads back. CSV has the samples of the chosen kernel, and of
/// every kernel without a choice. The others draw and list one document with every kernel, and
/// several with one curve each; labels that come again are numbered. Documents of different
/// workloads should not be mixed: their rates are of different hashes.
#[must_use]
pub fn render(format: Format, documents: &[Document], choice: &Choice) -> Vec<u8> {
    match (format, documents) {
        (Format::Json, [only]) => only.to_json().into_bytes(),
        (Format::Json, several) => Document::array_to_json(several).into_bytes(),
        (Format::Csv, _) => csv::render(documents, choice),
        (Format::Markdown, _) => markdown::render(documents, choice).into_bytes(),
        (Format::Svg, _) => chart::render(documents, choice).into_bytes(),
        (Format::Html, _) => html::render(documents, choice).into_bytes(),
    }
}
