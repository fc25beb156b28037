//! Root directories for tests, with `/proc` and `/sys` as some machine shows them.

use std::fs;
use tempfile::TempDir;

/// Where Linux describes its CPUs, below a root.
const CPUS: &str = "sys/devices/system/cpu";

/// A root directory with these files in it.
pub(super) fn root(files: &[(&str, &str)]) -> TempDir {
    let root = TempDir::new().unwrap();
    for (path, text) in files {
        write(&root, path, text);
    }
    root
}

/// A root directory of a machine with the CPUs `online`. In the directory of CPU k, each of `files`
/// has the k-th of its texts. An empty text stands for a file that is not there.
pub(super) fn root_of_cpus(online: &str, files: &[(&str, &[&str])]) -> TempDir {
    let root = root(&[(&format!("{CPUS}/online"), online)]);
    for (name, texts) in files {
        for (cpu, text) in texts.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
            write(&root, &format!("{CPUS}/cpu{cpu}/{name}"), &format!("{text}\n"));
        }
    }
    root
}

/// A root directory as it was recorded on a machine. Each line is a file and its text; a name
/// without a directory in front is a file of every CPU, followed by its text for CPU 0, 1, 2, …,
/// where `.` stands for a file that is not there.
pub(super) fn recorded(lines: &str) -> TempDir {
    let root = TempDir::new().unwrap();
    for line in lines.lines().filter(|line| !line.starts_with('#')) {
        let (name, texts) = line.split_once(' ').unwrap();
        if let Some(path) = name.strip_prefix('/') {
            write(&root, path, &format!("{texts}\n"));
            continue;
        }
        for (cpu, text) in texts.split(' ').enumerate().filter(|(_, text)| *text != ".") {
            write(&root, &format!("{CPUS}/cpu{cpu}/{name}"), &format!("{text}\n"));
        }
    }
    root
}

fn write(root: &TempDir, path: &str, text: &str) {
    let path = root.path().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
