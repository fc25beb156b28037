//! Saved benchmarks as files: JSON, CSV, Markdown, SVG and HTML.
//!
//! [`render`] returns bytes and touches no file. [`write_atomically`] writes any bytes to a file.
//! For the words and figures themselves see [`wording`](super::wording).

mod chart;
mod csv;
mod escape;
mod file;
mod format;
mod html;
mod markdown;
mod tables;

pub use file::{ExportError, Written, check_writable, write_atomically};
pub use format::{FileFormat, UnknownSuffix};

use super::document::Document;

/// The documents in this format; of one kernel, or of all.
///
/// JSON has everything, whatever the kernel: the document itself, or an array of several, which
/// [`Document::list_from_json`] reads back. CSV has the samples. The others draw and list one
/// document with every kernel, and several with the fastest curve of each. Labels that come again
/// are numbered. Do not mix documents of different workloads: their rates are of different hashes.
#[must_use]
pub fn render(format: FileFormat, documents: &[Document], kernel: Option<&str>) -> Vec<u8> {
    match (format, documents) {
        (FileFormat::Json, [only]) => only.to_json().into_bytes(),
        (FileFormat::Json, several) => Document::array_to_json(several).into_bytes(),
        (FileFormat::Csv, _) => csv::render(documents, kernel),
        (FileFormat::Markdown, _) => markdown::render(documents, kernel).into_bytes(),
        (FileFormat::Svg, _) => chart::render(documents, kernel).into_bytes(),
        (FileFormat::Html, _) => html::render(documents, kernel).into_bytes(),
    }
}
