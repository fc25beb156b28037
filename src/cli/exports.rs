//! `--export FILE`: checked before the work, written after it, each file by itself.

use std::fs;
use std::path::{Path, PathBuf};

use super::arguments::report::ExportFile;
use super::failure::{Failure, Result};
use super::output::Output;
use crate::bench::document::Document;
use crate::bench::export::{ExportError, Written, check_writable, render, write_atomically};
use crate::text::shown_path;

/// Checks that every file can be written and is not one of `inputs`. Changes nothing.
pub(super) fn check(exports: &[ExportFile], inputs: &[PathBuf]) -> Result<()> {
    for (number, export) in exports.iter().enumerate() {
        let others = exports[..number].iter().map(|export| &export.path);
        if let Some(same) = others.chain(inputs).find(|path| is_same(path, &export.path)) {
            let (path, same) = (shown_path(&export.path), shown_path(same));
            let error =
                format!("{path}: would overwrite {same}, named before it; export to another file");
            return Err(Failure::usage(error));
        }
        check_writable(&export.path).map_err(Failure::system)?;
    }
    Ok(())
}

/// A file, and whether it was written.
pub(super) type Export<'a> = (&'a ExportFile, std::result::Result<Written, ExportError>);

/// Writes every file that can be written.
pub(super) fn write<'a>(
    exports: &'a [ExportFile],
    documents: &[Document],
    kernel: Option<&str>,
) -> Vec<Export<'a>> {
    let write = |export: &'a ExportFile| {
        let bytes = render(export.format, documents, kernel);
        (export, write_atomically(&export.path, &bytes))
    };
    exports.iter().map(write).collect()
}

/// Reports what was not written, or may not last. Fails with the last file that was not written.
pub(super) fn conclude(exports: Vec<Export<'_>>, output: &mut Output) -> Result<()> {
    let mut failed = None;
    for (export, written) in exports {
        match written {
            Ok(Written::Synced) => {}
            Ok(Written::DirectoryNotSynced(error)) => output.note(&format!(
                "{}: written, but its directory cannot be synced, so a crash of the system may \
                 undo it: {error}",
                shown_path(&export.path)
            )),
            Err(error) => {
                let earlier = failed.replace(Failure::system(error));
                if let Some(message) = earlier.and_then(|failure| failure.message()) {
                    output.error(&message);
                }
            }
        }
    }
    failed.map_or(Ok(()), Err)
}

/// Whether two paths lead to the same file. It need not exist.
fn is_same(a: &Path, b: &Path) -> bool {
    a == b || fs::canonicalize(a).is_ok_and(|a| fs::canonicalize(b).is_ok_and(|b| a == b))
}
