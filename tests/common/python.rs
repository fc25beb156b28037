//! Python, run as a process.

use std::io::Write as _;
use std::process::{Child, Command, Stdio};

use super::process::skipped;

/// Mines and verifies with nothing but `hashlib` and `json`.
const REFERENCE: &str = include_str!("reference.py");

/// Starts `python3` with its standard streams piped. `None`, said loudly, where there is none;
/// where `CI` is set that is a failure.
pub fn python(arguments: &[&str]) -> Option<Child> {
    let mut command = Command::new("python3");
    command.args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    match command.spawn() {
        Ok(child) => Some(child),
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "python3 is required here: {error}");
            skipped("what is compared with Python; there is no python3");
            None
        }
    }
}

/// Makes and checks chains in any dialect, with nothing but `hashlib` and `json`.
const DIALECTS: &str = include_str!("dialects.py");

/// Runs the reference with these arguments and this standard input, and returns what it prints.
pub fn reference(arguments: &[&str], input: &str) -> Option<String> {
    run(REFERENCE, arguments, input)
}

/// The same with the maker and checker of dialects.
pub fn dialects(arguments: &[&str], input: &str) -> Option<String> {
    run(DIALECTS, arguments, input)
}

fn run(program: &str, arguments: &[&str], input: &str) -> Option<String> {
    let mut child = python(&[&["-c", program], arguments].concat())?;
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the reference failed: {told}");
    Some(String::from_utf8(output.stdout).unwrap())
}
