//! The operating system's files that describe the machine, below a root directory.

use std::fs;
use std::path::{Path, PathBuf};

/// What the files in `/proc` and `/sys` say of a machine: of this one, or of one whose files were
/// recorded below another directory.
///
/// Every answer is read when it is asked for. It is `None` where a file is missing or holds
/// something unexpected, and so always outside Linux.
#[derive(Clone, Debug)]
pub struct System {
    root: PathBuf,
}

impl System {
    /// The machine that the program runs on.
    #[must_use]
    pub fn of_this_machine() -> Self {
        Self::at(Path::new("/"))
    }

    /// A machine whose `/proc` and `/sys` lie below `root`.
    pub(crate) fn at(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// A path as that machine writes it, absolute or not, below the root.
    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    /// The text of a file, by its path without the leading `/`.
    pub(super) fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.path(path)).ok()
    }

    /// The first value of a key in `/proc/cpuinfo`.
    pub(super) fn cpuinfo(&self, wanted: &str) -> Option<String> {
        let cpuinfo = self.read("proc/cpuinfo")?;
        let mut lines = cpuinfo.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(key, _)| key.trim() == wanted).map(|(_, value)| value.trim().to_owned())
    }

    /// The text of a file about CPUs, by its path below `/sys/devices/system/cpu`.
    pub(super) fn read_of_cpus(&self, path: &str) -> Option<String> {
        self.read(&format!("sys/devices/system/cpu/{path}"))
    }
}
