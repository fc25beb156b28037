//! The operations of a disk that the ledger needs. Tests put a disk here that fails.

use std::ffi::OsString;
use std::fmt::Debug;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use same_file::Handle;

use super::error::{About, ChainFileError};
use super::file::{is_unsupported, open_to_append};

/// Directories, and how files are opened and made in them.
pub(super) trait Disk {
    /// Opens a file to read and append; makes it where there is none. Returns whether it is new.
    fn open_to_append(&self, path: &Path) -> Result<(Box<dyn DiskFile>, bool), ChainFileError>;

    /// The path without symbolic links.
    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf>;

    /// Makes a file where there is none, with the permissions of another.
    fn create_new(&self, path: &Path, alike: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes the entry of a new file in its directory durable.
    fn sync_directory_of(&self, path: &Path) -> io::Result<()>;
}

/// An open file. It is read from its beginning, and written at its end.
pub(super) trait DiskFile: Read + Write + Debug + Send + Sync {
    /// Its length in bytes.
    fn len(&self) -> io::Result<u64>;

    /// Whether the path still leads to this file, and the file is this long.
    fn is_at_path(&self, path: &Path, len: u64) -> io::Result<bool>;

    /// Cuts the file off.
    fn set_len(&self, len: u64) -> io::Result<()>;

    /// Makes its bytes and its length durable.
    fn sync_data(&self) -> io::Result<()>;

    /// Makes its bytes, its length and all its metadata durable.
    fn sync_all(&self) -> io::Result<()>;

    /// Takes the writer's lock, without waiting. It is held until the file is closed or
    /// [unlocked](Self::unlock).
    fn try_lock(&self) -> Result<(), TryLockError>;

    /// Releases the writer's lock.
    fn unlock(&self) -> io::Result<()>;
}

/// The disks of this system.
#[derive(Clone, Copy, Debug)]
pub(super) struct SystemDisk;

impl Disk for SystemDisk {
    fn open_to_append(&self, path: &Path) -> Result<(Box<dyn DiskFile>, bool), ChainFileError> {
        open_to_append(path).map(|(file, is_new)| (Box::new(file) as Box<dyn DiskFile>, is_new))
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        fs::canonicalize(path)
    }

    fn create_new(&self, path: &Path, alike: &Path) -> io::Result<Box<dyn DiskFile>> {
        let permissions = fs::metadata(alike)?.permissions();
        let file = OpenOptions::new().write(true).create_new(true).open(path)?;
        if let Err(error) = file.set_permissions(permissions) {
            // This error matters more than one of removing.
            let _ = fs::remove_file(path);
            return Err(error);
        }
        Ok(Box::new(file))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn sync_directory_of(&self, path: &Path) -> io::Result<()> {
        let path = fs::canonicalize(path)?;
        // Only Unix opens directories as files; other systems make their entries durable
        // themselves.
        if cfg!(unix) { File::open(path.parent().unwrap_or(&path))?.sync_all() } else { Ok(()) }
    }
}

impl DiskFile for File {
    fn len(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn is_at_path(&self, path: &Path, len: u64) -> io::Result<bool> {
        let there = fs::metadata(path).and_then(|metadata| {
            // Opening a FIFO would wait, as in `open_to_read`.
            metadata.is_file().then(|| Handle::from_path(path)).transpose()
        });
        match there {
            Ok(None) => Ok(false),
            Ok(Some(there)) => {
                Ok(self.metadata()?.len() == len && there == Handle::from_file(self.try_clone()?)?)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn sync_all(&self) -> io::Result<()> {
        self.sync_all()
    }

    fn try_lock(&self) -> Result<(), TryLockError> {
        self.try_lock()
    }

    fn unlock(&self) -> io::Result<()> {
        self.unlock()
    }
}

/// Takes the writer's lock until the file is closed. Does not wait for another writer. Tries a few
/// times, since a reader that asks [for a writer](super::file::is_being_written) holds a lock for a
/// moment.
pub(super) fn lock(file: &dyn DiskFile, path: &Path) -> Result<(), ChainFileError> {
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
            Err(TryLockError::Error(source)) if is_unsupported(&source) => {
                return Err(ChainFileError::NoLocks { path: path.to_owned(), source });
            }
            Err(TryLockError::Error(error)) => return Err(About(path).io("lock the file")(error)),
        }
    }
}

/// Makes a file with the chain's name, this suffix, and a number where that name is taken.
pub(super) fn create_beside(
    disk: &dyn Disk,
    path: &Path,
    suffix: &str,
) -> io::Result<(PathBuf, Box<dyn DiskFile>)> {
    let path = disk.canonicalize(path)?;
    let mut number = 1_u32;
    loop {
        let mut name = OsString::from(&path);
        name.push(suffix);
        if number > 1 {
            name.push(format!("-{number}"));
        }
        let candidate = PathBuf::from(name);
        match disk.create_new(&candidate, &path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
            created => return created.map(|file| (candidate, file)),
        }
    }
}
