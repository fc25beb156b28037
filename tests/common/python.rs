//! The reference in plain Python, run as a process.

use std::io::Write as _;
use std::process::{Command, Stdio};

/// Mines and verifies with nothing but `hashlib` and `json`.
const REFERENCE: &str = include_str!("reference.py");

/// Runs the reference with these arguments and this standard input, and returns what it prints.
/// `None`, said loudly, where there is no `python3`; where `CI` is set that is a failure.
pub fn reference(arguments: &[&str], input: &str) -> Option<String> {
    let mut command = Command::new("python3");
    command.arg("-c").arg(REFERENCE).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "python3 is required here: {error}");
            let warning = "SKIPPED: no python3, so nothing was compared with Python\n";
            // Written directly, because the test harness keeps what `eprintln!` says to itself.
            std::io::stderr().write_all(warning.as_bytes()).unwrap();
            return None;
        }
    };
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "the reference failed");
    Some(String::from_utf8(output.stdout).unwrap())
}
