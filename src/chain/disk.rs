//! The operations of a disk that the ledger needs. Tests put a disk here that fails.

use std::fmt::Debug;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use same_file::Handle;

use super::error::ChainFileError;
use super::file::open_locked;

/// Directories, and how files are opened and made in them.
pub(super) trait Disk {
    /// Opens a file to read and append, makes it where there is none, and takes the writer's lock.
    /// The lock is held until the file is closed or [unlocked](DiskFile::unlock).
    fn open_locked(&self, path: &Path) -> Result<Box<dyn DiskFile>, ChainFileError>;

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

    /// Releases the writer's lock.
    fn unlock(&self) -> io::Result<()>;
}

/// The disks of this system.
#[derive(Clone, Copy, Debug)]
pub(super) struct SystemDisk;

impl Disk for SystemDisk {
    fn open_locked(&self, path: &Path) -> Result<Box<dyn DiskFile>, ChainFileError> {
        Ok(Box::new(open_locked(path)?))
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
        // Only Unix opens directories as files; other systems make their entries durable themselves.
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

    fn unlock(&self) -> io::Result<()> {
        self.unlock()
    }
}
