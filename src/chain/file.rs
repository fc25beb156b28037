//! Opens chain files, and finds out whether one is being written.

use std::fs::{self, File, FileType, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::Path;

use super::error::{About, ChainFileError};

/// Opens a file to read. What is not a regular file is refused before it is opened: opening a FIFO
/// would wait for a writer, and a device may never end.
pub(super) fn open_to_read(path: &Path) -> Result<File, ChainFileError> {
    let file_type = fs::metadata(path).map_err(About(path).io("read the file"))?.file_type();
    check_file_type(path, file_type)?;
    File::open(path).map_err(About(path).io("open the file to read"))
}

/// Opens a file to read and append; makes it where there is none. Returns whether it is new.
pub(super) fn open_to_append(path: &Path) -> Result<(File, bool), ChainFileError> {
    let is_new = match fs::metadata(path) {
        Ok(metadata) => check_file_type(path, metadata.file_type()).map(|()| false)?,
        Err(error) if error.kind() == ErrorKind::NotFound => true,
        Err(error) => return Err(About(path).io("read the file")(error)),
    };
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    let file = options.open(path).map_err(About(path).io("open the file to write"))?;
    Ok((file, is_new))
}

fn check_file_type(path: &Path, file_type: FileType) -> Result<(), ChainFileError> {
    if file_type.is_file() {
        return Ok(());
    }
    let what = if file_type.is_dir() { "a directory" } else { special_kind(file_type) };
    Err(ChainFileError::NotAFile { path: path.to_owned(), what })
}

#[cfg(unix)]
fn special_kind(file_type: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    if file_type.is_fifo() {
        "a FIFO"
    } else if file_type.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn special_kind(_: FileType) -> &'static str {
    "a special file"
}

/// Whether a writer holds the lock. Finds out by taking it for a moment; readers ask only when they
/// have met an unfinished line.
pub(super) fn is_being_written(file: &File) -> io::Result<bool> {
    match file.try_lock_shared() {
        Ok(()) => file.unlock().map(|()| false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) if is_unsupported(&error) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Whether an error says that a file system cannot do this at all.
pub(super) fn is_unsupported(error: &io::Error) -> bool {
    #[cfg(unix)]
    let is_number = |number| [libc::ENOLCK, libc::EOPNOTSUPP, libc::ENOTSUP].contains(&number);
    #[cfg(not(unix))]
    let is_number = |_| false;
    error.kind() == ErrorKind::Unsupported || error.raw_os_error().is_some_and(is_number)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_system_cannot_do_is_told_from_what_has_failed() {
        let is_unsupported = |number| is_unsupported(&io::Error::from_raw_os_error(number));
        let cannot = [libc::ENOLCK, libc::EOPNOTSUPP, libc::ENOTSUP, libc::ENOSYS];
        assert!(cannot.into_iter().all(is_unsupported));
        let failed = [libc::EIO, libc::EINTR, libc::EACCES, libc::EBADF, libc::ENOSPC];
        assert!(!failed.into_iter().any(is_unsupported));
    }
}
