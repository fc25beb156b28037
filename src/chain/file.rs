//! Opens, locks and identifies chain files.

use std::fs::{self, File, FileType, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::Duration;

use super::error::{About, ChainFileError};

/// Opens a file to read. What is not a regular file is refused before it is opened: opening a FIFO
/// would wait for a writer, and a device may never end.
pub(super) fn open_to_read(path: &Path) -> Result<File, ChainFileError> {
    let file_type = fs::metadata(path).map_err(About(path).io("read the file"))?.file_type();
    check_file_type(path, file_type)?;
    File::open(path).map_err(About(path).io("open the file to read"))
}

/// Opens a file to read and append, makes it where there is none, and takes the writer's lock.
pub(super) fn open_locked(path: &Path) -> Result<File, ChainFileError> {
    match fs::metadata(path) {
        Ok(metadata) => check_file_type(path, metadata.file_type())?,
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(About(path).io("read the file")(error)),
    }
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    let file = options.open(path).map_err(About(path).io("open the file to write"))?;
    lock(&file, path)?;
    Ok(file)
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

/// Takes the writer's lock until the file is closed. Does not wait for another writer. Tries a few
/// times, since a reader that [asks for a writer](is_being_written) holds a lock for a moment.
fn lock(file: &File, path: &Path) -> Result<(), ChainFileError> {
    const TRIES: u32 = 5;
    const PAUSE: Duration = Duration::from_millis(2);
    let mut tries_left = TRIES;
    loop {
        tries_left -= 1;
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if tries_left > 0 => std::thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => {
                return Err(ChainFileError::Locked { path: path.to_owned() });
            }
            Err(TryLockError::Error(error)) => return Err(About(path).io("lock the file")(error)),
        }
    }
}

/// Whether a writer holds the lock. Finds out by taking it for a moment; readers ask only when they
/// have met an unfinished line.
pub(super) fn is_being_written(file: &File) -> io::Result<bool> {
    match file.try_lock_shared() {
        Ok(()) => file.unlock().map(|()| false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}
