//! Files to read, or standard input by the name `-`.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The path that stands for standard input.
pub(super) const STDIN: &str = "-";

pub(super) fn open_input(path: &Path) -> io::Result<Box<dyn Read + Send>> {
    if path == Path::new(STDIN) {
        return Ok(Box::new(io::stdin()));
    }
    Ok(Box::new(File::open(path)?))
}
