//! Atomic writing of files: a reader sees the old content or the new one, never a part.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use thiserror::Error;

/// The most symbolic links that are followed: as many as Linux follows.
const MAX_LINKS: usize = 40;

/// Why a file cannot be written.
#[derive(Debug, Error)]
pub enum ExportError {
    /// At the path is something that is not a file.
    #[error("{path}: is {what}, not a file; name a file")]
    NoFile {
        /// The path, as given.
        path: String,
        /// What it is.
        what: &'static str,
    },
    /// The directory does not exist.
    #[error("{path}: there is no directory {directory}; make it, or name another path")]
    NoDirectory {
        /// The path, as given.
        path: String,
        /// The directory.
        directory: String,
    },
    /// The system refused. Its error is the source.
    #[error(
        "{path}: nothing was written: cannot {action}; check the permissions and the free space \
         there, or name another path"
    )]
    Refused {
        /// The path, as given.
        path: String,
        /// What was tried.
        action: &'static str,
        /// Why not.
        source: io::Error,
    },
}

/// How surely a file that was written is kept.
#[derive(Debug)]
pub enum Written {
    /// It survives a crash of the system.
    Synced,
    /// The file is there, but its directory cannot be synced: a crash of the system may undo it.
    DirectoryNotSynced(io::Error),
}

/// Checks whether [`write_atomically`] can write this path. Changes nothing.
///
/// # Errors
///
/// When the path is not a file, its directory is missing or not writable, or the file that is there
/// is not writable.
pub fn check_writable(path: &Path) -> Result<(), ExportError> {
    let target = target_of(path)?;
    if target.exists() {
        let opened = OpenOptions::new().append(true).open(&target);
        opened.map_err(refused(path, "write the file"))?;
    }
    // The temporary file is removed when it is dropped.
    temporary_beside(path, &target).map(drop)
}

/// Writes a file in one step: readers find the old content or the new one, also after a crash. A
/// symbolic link stays, and its target is written. The file gets the mode of a new file.
///
/// # Errors
///
/// As [`check_writable`], and when the disk is full. Then the path is as before.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<Written, ExportError> {
    write_and_sync(path, bytes, sync_directory)
}

fn write_and_sync(
    path: &Path,
    bytes: &[u8],
    sync_directory: impl FnOnce(&Path) -> io::Result<()>,
) -> Result<Written, ExportError> {
    let target = target_of(path)?;
    let mut temporary = temporary_beside(path, &target)?;
    let written = temporary.write_all(bytes).and_then(|()| temporary.as_file().sync_all());
    written.map_err(refused(path, "write"))?;
    let renamed = temporary.persist(&target).map_err(|error| error.error);
    renamed.map_err(refused(path, "rename the temporary file"))?;
    let synced = sync_directory(&directory_of(&target));
    Ok(synced.map_or_else(Written::DirectoryNotSynced, |()| Written::Synced))
}

/// The path at the end of a chain of symbolic links: that of a file, or where one can be made.
fn target_of(path: &Path) -> Result<PathBuf, ExportError> {
    let mut target = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&target) {
            Ok(next) => target = directory_of(&target).join(next),
            Err(_) => return is_file_or_free(path, &target).map(|()| target),
        }
    }
    Err(refused(path, "follow the links")(io::Error::other("there are too many of them")))
}

fn is_file_or_free(path: &Path, target: &Path) -> Result<(), ExportError> {
    let ends_like_a_directory = path.as_os_str().to_string_lossy().ends_with(['/', '\\']);
    let what = match fs::metadata(target) {
        Ok(metadata) if metadata.is_file() => None,
        Ok(metadata) if metadata.is_dir() => Some("a directory"),
        Ok(_) => Some("a device, a FIFO or a socket"),
        Err(_) if ends_like_a_directory => Some("a directory by its name"),
        Err(_) => None,
    };
    let path = path.display().to_string();
    what.map_or(Ok(()), |what| Err(ExportError::NoFile { path, what }))
}

/// A new file in the same directory, with the mode of any new file.
fn temporary_beside(path: &Path, target: &Path) -> Result<NamedTempFile, ExportError> {
    let directory = directory_of(target);
    if !directory.is_dir() {
        let directory = directory.display().to_string();
        return Err(ExportError::NoDirectory { path: path.display().to_string(), directory });
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".stripmine-").suffix(".tmp");
    // The process's mask removes bits from this, as for every new file.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(directory).map_err(refused(path, "make a file in its directory"))
}

fn directory_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => PathBuf::from("."),
        Some(parent) => parent.to_owned(),
        None => path.to_owned(),
    }
}

/// Only Unix can open directories as files. Other systems sync directory entries themselves.
fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(unix) { fs::File::open(directory)?.sync_all() } else { Ok(()) }
}

fn refused(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> ExportError {
    let path = path.display().to_string();
    move |source| ExportError::Refused { path, action, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_cannot_be_synced_does_not_unwrite_the_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("r.json");
        let unsupported = |_: &Path| Err(io::Error::from(io::ErrorKind::InvalidInput));
        let written = write_and_sync(&path, b"one", unsupported).unwrap();
        assert!(matches!(written, Written::DirectoryNotSynced(_)), "{written:?}");
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert!(matches!(write_atomically(&path, b"two").unwrap(), Written::Synced));
    }
}
