//! The arguments of `report`, and the export files that `bench` takes as well.

use std::path::PathBuf;

use clap::Args;

use super::shared::OutputArguments;
use crate::bench::export::{FileFormat, UnknownSuffix};

#[derive(Debug, Args)]
pub(crate) struct ReportArguments {
    /// Saved benchmarks, as --export FILE.json and --output json write them; - is standard input.
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,

    /// Only this kernel, or auto: the one that auto chose in each run [default: every kernel of one
    /// benchmark, the fastest of each of several].
    #[arg(long, value_name = "NAME")]
    pub(crate) kernel: Option<String>,

    #[command(flatten)]
    pub(crate) exports: ExportArguments,

    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

/// The files that results are saved in.
#[derive(Debug, Args)]
pub(crate) struct ExportArguments {
    /// Also write this file. Its suffix chooses the format: .json has everything, .csv every
    /// sample, .md tables, .svg the chart, .html a page with both. May be given several times.
    #[arg(id = "export", long, value_name = "FILE", value_parser = export_file)]
    pub(crate) files: Vec<ExportFile>,
}

/// A file to write, and its format.
#[derive(Clone, Debug)]
pub(crate) struct ExportFile {
    pub(crate) path: PathBuf,
    pub(crate) format: FileFormat,
}

fn export_file(text: &str) -> Result<ExportFile, UnknownSuffix> {
    let path = PathBuf::from(text);
    FileFormat::from_path(&path).map(|format| ExportFile { path, format })
}
