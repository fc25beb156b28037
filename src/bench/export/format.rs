//! The formats of exported files, by the suffix of the path.

use std::path::Path;

use thiserror::Error;

/// The format of an exported file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// Everything, every sample.
    Json,
    /// A row for every sample.
    Csv,
    /// Tables, as GitHub shows them.
    Markdown,
    /// The chart.
    Svg,
    /// One page: the chart with tooltips, and the tables.
    Html,
}

/// The suffix of a path names no format.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{problem}; name a file that ends in .json, .csv, .md, .svg or .html")]
pub struct UnknownSuffix {
    problem: String,
}

impl FileFormat {
    /// The format that the path's suffix names, in any case.
    ///
    /// # Errors
    ///
    /// When the suffix names none, or there is none.
    pub fn from_path(path: &Path) -> Result<Self, UnknownSuffix> {
        let suffix = path.extension().map(|it| it.to_string_lossy().to_lowercase());
        let problem = match suffix.as_deref() {
            Some("json") => return Ok(Self::Json),
            Some("csv") => return Ok(Self::Csv),
            Some("md") => return Ok(Self::Markdown),
            Some("svg") => return Ok(Self::Svg),
            Some("html") => return Ok(Self::Html),
            Some(other) => format!("the suffix .{other} is not known"),
            None => "a suffix says what to write, and this path has none".to_owned(),
        };
        Err(UnknownSuffix { problem })
    }
}
