//! The baseline in Python: the reference's loop in a `python3` process.

use std::io;
use std::ops::RangeInclusive;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use serde::Deserialize;

use super::loops::Looped;
use crate::bench::workload::{Workload, hex};
use crate::sync::CancelToken;

const PROGRAM: &str = "python3";

/// The loop. It times itself, so that the start of Python is not counted.
const SCRIPT: &str = include_str!("loop.py");

/// Time between two looks at the process.
const POLL: Duration = Duration::from_millis(5);

/// A `python3` that works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Python {
    version: String,
}

/// Why Python cannot be used as a baseline.
#[derive(Debug, thiserror::Error)]
pub enum PythonError {
    /// It could not be started.
    #[error("cannot run {PROGRAM}; install it, or leave the baseline python out")]
    Start(#[source] io::Error),
    /// It ended with an error.
    #[error("{PROGRAM} failed ({status}): {message}; leave the baseline python out")]
    Failed {
        /// How it ended.
        status: ExitStatus,
        /// The last line of its standard error.
        message: String,
    },
    /// It printed something unexpected.
    #[error("{PROGRAM} answered something unexpected; leave the baseline python out")]
    Answer(#[source] serde_json::Error),
}

#[derive(Deserialize)]
struct Answer {
    elapsed_ns: u64,
    finds: Vec<u64>,
}

impl Python {
    /// The `python3` that the shell would find.
    ///
    /// # Errors
    /// When there is none, or it does not work.
    pub fn find() -> Result<Self, PythonError> {
        let output = Command::new(PROGRAM)
            .arg("--version")
            .stdin(Stdio::null())
            .output()
            .map_err(PythonError::Start)?;
        if !output.status.success() {
            return Err(failed(output.status, &output.stderr));
        }
        Ok(Self { version: String::from_utf8_lossy(&output.stdout).trim().to_owned() })
    }

    /// Its name and version, as it prints them.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }
}

/// Tests all nonces of the range; `None` when it was cancelled.
pub(super) fn test_all(
    workload: Workload,
    hex_zeros: u8,
    nonces: &RangeInclusive<u64>,
    cancel: &CancelToken,
) -> Result<Option<Looped>, PythonError> {
    let mut child = Command::new(PROGRAM)
        // Isolated: environment variables and local files do not change what the script does.
        .args(["-I", "-c", SCRIPT])
        .args(arguments(workload, hex_zeros, nonces))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(PythonError::Start)?;
    let Some(status) = wait(&mut child, cancel).map_err(PythonError::Start)? else {
        return Ok(None);
    };
    if !status.success() {
        return Err(failed(status, &read(child.stderr)));
    }
    let answer: Answer =
        serde_json::from_slice(&read(child.stdout)).map_err(PythonError::Answer)?;
    Ok(Some(Looped { elapsed: Duration::from_nanos(answer.elapsed_ns), finds: answer.finds }))
}

fn arguments(workload: Workload, hex_zeros: u8, nonces: &RangeInclusive<u64>) -> [String; 6] {
    let template = workload.template();
    let (first, last) = (*nonces.start(), *nonces.end());
    [
        workload.name().to_owned(),
        hex(template.prefix()),
        hex(template.suffix()),
        first.to_string(),
        (u128::from(last - first) + 1).to_string(),
        hex_zeros.to_string(),
    ]
}

/// Waits for the process to end; kills it when the flag is raised.
fn wait(child: &mut Child, cancel: &CancelToken) -> io::Result<Option<ExitStatus>> {
    loop {
        if let Some(status) = child.try_wait()? {
            // Ctrl-C also reaches the process, which may then end before it is killed here.
            let is_cancelled = cancel.is_cancelled() && !status.success();
            return Ok((!is_cancelled).then_some(status));
        }
        if cancel.is_cancelled() {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(POLL);
    }
}

fn read(pipe: Option<impl io::Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    // If reading fails, the answer is incomplete and is refused as unexpected.
    let _ = pipe.map(|mut pipe| pipe.read_to_end(&mut bytes));
    bytes
}

fn failed(status: ExitStatus, stderr: &[u8]) -> PythonError {
    let text = String::from_utf8_lossy(stderr);
    let message = text.lines().last().unwrap_or("it did not say why").to_owned();
    PythonError::Failed { status, message }
}
