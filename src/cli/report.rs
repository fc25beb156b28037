//! `stripmine report`: tables and charts from saved benchmarks.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::arguments::report::ReportArguments;
use super::arguments::shared::OutputForm;
use super::failure::{Failure, Result};
use super::input::{check_is_read_once, not_utf_8, read_bytes, source};
use super::output::Output;
use super::{bench_table, exports, json};
use crate::bench::curve::labels;
use crate::bench::document::{Document, MAX_BYTES};
use crate::chain::encoding::foreign_encoding;
use crate::text::escaped_line;

/// A document, and where it comes from.
struct Saved {
    source: String,
    document: Document,
}

pub(super) fn report_files(arguments: &ReportArguments, output: &mut Output) -> Result<()> {
    exports::check(&arguments.exports.files, &arguments.files)?;
    let saved = read_all(&arguments.files)?;
    check_comparable(&saved)?;
    let kernel = arguments.kernel.as_deref();
    check_kernel(&saved, kernel)?;
    let documents: Vec<_> = saved.iter().map(|saved| saved.document.clone()).collect();
    let written = exports::write(&arguments.exports.files, &documents, kernel);
    note_numbered(&saved, &documents, output);
    let printed = match arguments.output.format {
        OutputForm::Json => documents.iter().try_for_each(|document| json::print(document, output)),
        OutputForm::Text => {
            let table = match &documents[..] {
                [only] => bench_table::print(&chosen(only, kernel), output),
                several => bench_table::print_overview(several, kernel, output),
            };
            table.and_then(|()| bench_table::print_saved(&written, output))
        }
    };
    let written = exports::conclude(written, output);
    printed.and(written)
}

/// The document with the points of the chosen kernel alone.
fn chosen(document: &Document, kernel: Option<&str>) -> Document {
    let mut document = document.clone();
    if let Some(kernel) = kernel {
        document.points.retain(|point| point.is_of(kernel));
    }
    document
}

fn read_all(paths: &[PathBuf]) -> Result<Vec<Saved>> {
    check_is_read_once(paths.iter().map(PathBuf::as_path))?;
    let mut saved = Vec::new();
    for path in paths {
        let source = source(path);
        let documents = read(path)?.into_iter();
        saved.extend(documents.map(|document| Saved { source: source.clone(), document }));
    }
    Ok(saved)
}

/// The documents in a file, or in standard input.
pub(super) fn read(path: &Path) -> Result<Vec<Document>> {
    let source = source(path);
    // One byte more than a document may have, so that a longer one is refused.
    let bytes = read_bytes(path, MAX_BYTES + 1)?;
    if let Some(encoding) = foreign_encoding(&bytes) {
        return Err(Failure::refused(not_utf_8(&source, encoding)));
    }
    Document::list_from_json(&bytes).map_err(|error| Failure::refused(format!("{source}: {error}")))
}

/// Checks that all documents measured the same header.
fn check_comparable(saved: &[Saved]) -> Result<()> {
    let Some((first, others)) = saved.split_first() else { return Ok(()) };
    let same = &first.document.workload;
    let different = others.iter().find(|it| !it.document.workload.is_comparable(same));
    let Some(other) = different else { return Ok(()) };
    Err(Failure::usage(format!(
        "{} and {} measured different headers, {} and {}: their rates cannot be compared; report \
         each on its own",
        first.source,
        other.source,
        escaped_line(&same.one_hash),
        escaped_line(&other.document.workload.one_hash)
    )))
}

fn check_kernel(saved: &[Saved], kernel: Option<&str>) -> Result<()> {
    let Some(kernel) = kernel else { return Ok(()) };
    for Saved { source, document } in saved {
        let kernels: BTreeSet<_> = document.points.iter().map(|it| it.kernel.as_str()).collect();
        if !document.points.iter().any(|point| point.is_of(kernel)) {
            let kernels = escaped_line(&Vec::from_iter(kernels).join(", "));
            let error = format!("{source}: has no kernel {kernel:?}; it has: {kernels}");
            return Err(Failure::usage(error));
        }
    }
    Ok(())
}

/// Notes which labels were numbered, since several machines had them.
fn note_numbered(saved: &[Saved], documents: &[Document], output: &mut Output) {
    for (Saved { source, document }, label) in saved.iter().zip(labels(documents)) {
        if document.label != label {
            let [old, new] = [&document.label, &label].map(|label| escaped_line(label));
            output.note(&format!("{source}: a second machine is called {old}; here it is {new}"));
        }
    }
}
