//! What can be typed after `report`, and where any benchmark is saved.

#![allow(clippy::doc_markdown, reason = "these comments are the help texts, not Markdown")]

use std::path::PathBuf;

use clap::Args;

use super::argument_parsers::export_file;
use super::arguments::OutputArguments;
use crate::bench::export::FileFormat;

#[derive(Debug, Args)]
pub(super) struct ReportArguments {
    /// Saved benchmarks, as --export FILE.json and --output json write them; - is standard input.
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<PathBuf>,

    /// Only this kernel [default: every kernel of one benchmark, the fastest of each of several].
    #[arg(long, value_name = "NAME")]
    pub(super) kernel: Option<String>,

    #[command(flatten)]
    pub(super) exports: ExportArguments,

    #[command(flatten)]
    pub(super) output: OutputArguments,
}

/// Where results are saved.
#[derive(Debug, Args)]
pub(super) struct ExportArguments {
    /// Also write this file: its suffix says what, .json everything, .csv every sample, .md
    /// tables, .svg the chart, .html a page with both. May be given several times.
    #[arg(id = "export", long, value_name = "FILE", value_parser = export_file)]
    pub(super) files: Vec<ExportFile>,
}

/// A file to write, of a format that is known.
#[derive(Clone, Debug)]
pub(super) struct ExportFile {
    pub(super) path: PathBuf,
    pub(super) format: FileFormat,
}
