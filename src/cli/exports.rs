//! `--export FILE`: checked before the work, written after it.

use std::fs;
use std::path::{Path, PathBuf};

use super::arguments::report::ExportFile;
use super::failure::{Failure, Result};
use crate::bench::document::Document;
use crate::bench::export::{check_writable, render, write_atomically};
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

/// Writes every file.
pub(super) fn write(
    exports: &[ExportFile],
    documents: &[Document],
    kernel: Option<&str>,
) -> Result<()> {
    exports.iter().try_for_each(|export| {
        let bytes = render(export.format, documents, kernel);
        write_atomically(&export.path, &bytes).map_err(Failure::system)
    })
}

/// Whether two paths lead to the same file. It need not exist.
fn is_same(a: &Path, b: &Path) -> bool {
    a == b || fs::canonicalize(a).is_ok_and(|a| fs::canonicalize(b).is_ok_and(|b| a == b))
}
