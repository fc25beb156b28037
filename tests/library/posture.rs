//! Rules for the sources as a whole: where `unsafe` is used, that building runs none of our code,
//! that scripts name tests that exist, what is compiled twice, and which files depend on features.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The directories of the two crates. The package `stripmine` holds only its own.
pub(crate) fn crates() -> impl Iterator<Item = &'static str> {
    ["", "pow/"].into_iter().filter(|directory| root().join(directory).is_dir())
}

/// All files of Rust below a directory, as paths from the root.
pub(crate) fn rust_files(directory: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path.strip_prefix(root()).unwrap().to_owned());
        }
    }
}

/// Whether a line of code, its comment and text in quotes left out, has the word `unsafe`.
fn is_unsafe(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    let unquoted: String = code.split('"').step_by(2).collect();
    unquoted.split(|character| !is_word(character)).any(|word| word == "unsafe")
}

#[test]
fn every_file_with_unsafe_stands_in_the_inventory_and_no_other() {
    let mut files = Vec::new();
    for directory in ["src", "pow/src", "tests", "benches", "examples", "fuzz/fuzz_targets"] {
        rust_files(&root().join(directory), &mut files);
    }
    assert!(files.len() > 50, "{files:?}");
    let has_unsafe =
        |path: &PathBuf| fs::read_to_string(root().join(path)).unwrap().lines().any(is_unsafe);
    let found: BTreeSet<String> = files
        .iter()
        .filter(|path| has_unsafe(path))
        .map(|path| path.display().to_string())
        .collect();
    let inventory = fs::read_to_string(root().join("docs/unsafe.md")).unwrap();
    let rows = inventory.lines().filter_map(|line| line.strip_prefix("| `"));
    let files = rows.filter_map(|row| row.split('`').next());
    let listed: BTreeSet<String> =
        files.filter(|file| is_in_a_crate(file)).map(str::to_owned).collect();
    assert_eq!(found, listed, "the sources, and docs/unsafe.md");
}

/// Whether the crate that a file belongs to is here.
fn is_in_a_crate(file: &str) -> bool {
    !file.starts_with("pow/") || crates().any(|it| it == "pow/")
}

#[test]
fn unsafe_code_is_told_from_mentions_of_the_word() {
    assert!(is_unsafe("    let x = unsafe { y() }; // SAFETY: none"));
    assert!(is_unsafe("pub unsafe fn f() {}"));
    for mention in ["#![allow(unsafe_code)]", "// unsafe", "panic!(\"unsafe\")", "unsafe_op = 1"] {
        assert!(!is_unsafe(mention), "{mention}");
    }
}

#[test]
fn building_runs_no_code_of_ours() {
    for directory in crates().map(|it| root().join(it)) {
        assert!(!directory.join("build.rs").exists());
        let manifest = fs::read_to_string(directory.join("Cargo.toml")).unwrap();
        let mut tables = manifest.split("\n[").map(|table| table.trim_start_matches('['));
        let package = tables.find(|table| table.starts_with("package]")).unwrap();
        assert!(package.contains("\nbuild = false\n"), "{package}");
        for kind in ["proc-macro = true", "[build-dependencies]"] {
            assert!(!manifest.contains(kind), "{}: {kind}", directory.display());
        }
    }
}

/// A test program that searches has to compile the kernels, which takes a minute.
#[test]
fn unit_tests_beside_the_kernels_do_not_search() {
    let mut files = Vec::new();
    rust_files(&root().join("pow/src"), &mut files);
    for path in files {
        let text = fs::read_to_string(root().join(&path)).unwrap();
        let tests = text.split_once("#[cfg(test)]").map_or("", |it| it.1);
        for searching in ["Job", "detect()", "self_test()"] {
            let is_called = tests.contains(searching);
            assert!(!is_called, "{}: a unit test has {searching}", path.display());
        }
    }
}

/// A filter that matches no test would pass without a word.
#[test]
fn scripts_name_files_of_tests_that_exist() {
    for script in
        [".ci/run", ".github/workflows/ci.yml", "tests/long.sh", "tests/platforms/aarch64.sh"]
    {
        // The package holds no `.ci` and no `.github`.
        let Ok(text) = fs::read_to_string(root().join(script)) else { continue };
        let filters = text.split_whitespace().filter_map(|word| word.strip_suffix("::"));
        for filter in filters {
            let is_file = ["library", "program"].iter().any(|program| {
                let path = root().join("tests").join(program).join(filter);
                path.is_dir() || path.with_extension("rs").is_file()
            });
            assert!(is_file, "{script}: no test is called {filter}");
        }
    }
}

/// What is compiled without features is then the same code as with them: `.ci/run` relies on it.
/// The program chooses between a cluster and its absence in one file of its own.
#[test]
fn features_choose_whole_modules_in_one_file_each_of_library_and_program() {
    let mut files = Vec::new();
    rust_files(&root().join("src"), &mut files);
    let word = ["feature", " = "].concat();
    files.retain(|path| fs::read_to_string(root().join(path)).unwrap().contains(&word));
    files.sort();
    assert_eq!(files, ["src/cli/cluster/mod.rs", "src/lib.rs"].map(Path::new));
}
