//! A file for each input, in memory where the system has such a place.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use stripmine::chain::python_json::{Value, parse};
use stripmine::pow::Digest;
use tempfile::TempDir;

/// A directory of this thread's own.
pub(crate) struct Directory(TempDir);

impl Directory {
    pub(crate) fn new() -> Self {
        let in_memory = Path::new("/dev/shm");
        let made =
            if in_memory.is_dir() { tempfile::tempdir_in(in_memory) } else { tempfile::tempdir() };
        Self(made.expect("a directory for temporary files"))
    }

    /// A chain file that holds this, and nothing else beside it.
    pub(crate) fn chain_of(&self, content: &[u8]) -> PathBuf {
        for other in self.entries() {
            fs::remove_file(other).expect("a file can be removed");
        }
        let path = self.0.path().join("chain.jsonl");
        fs::write(&path, content).expect("a file can be written");
        path
    }

    pub(crate) fn entries(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.0.path()).expect("a directory can be read");
        entries.map(|entry| entry.expect("an entry can be read").path()).collect()
    }
}

/// The same text, where every block of it that stands on a line of its own has the hash that it
/// ought to have and follows the block before it. Everything else stays as it is spelled: bytes
/// that were changed at random get past the hashes so.
pub(crate) fn resealed(text: &[u8]) -> Vec<u8> {
    let mut tip = None;
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    lines.flat_map(|line| resealed_line(line, &mut tip).unwrap_or_else(|| line.to_vec())).collect()
}

fn resealed_line(line: &[u8], tip: &mut Option<String>) -> Option<Vec<u8>> {
    let mut text = str::from_utf8(line).ok()?.to_owned();
    let around = |character: char| character.is_ascii_whitespace() || "[],".contains(character);
    let block = text.trim_matches(around).to_owned();
    let Ok(Value::Object(mut members)) = parse(block.as_bytes()) else { return None };
    let Some(Value::String(hash)) = members.remove("hash") else { return None };
    if let (Some(tip), Some(Value::String(previous))) = (&*tip, members.get("previous_hash")) {
        text = text.replace(&quoted(previous), &quoted(tip));
        members.insert("previous_hash".to_owned(), Value::from(tip.as_str()));
    }
    let digest = Sha256::digest(Value::Object(members).to_string());
    let digest = Digest::from_be_bytes(digest.into()).to_string();
    text = text.replace(&quoted(&hash), &quoted(&digest));
    *tip = Some(digest);
    Some(text.into_bytes())
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}
