//! The baseline in Python: the reference's loop in a `python3` process.

use std::io::{self, Read};
use std::ops::RangeInclusive;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::loops::Looped;
use crate::bench::workload::Workload;
use crate::sync::CancelToken;
use crate::text::cut;

const PROGRAM: &str = "python3";

/// The loop. It times itself, so that the start of Python is not counted.
const SCRIPT: &str = include_str!("loop.py");

/// Time between two looks at the process.
const POLL: Duration = Duration::from_millis(5);

/// The most time that Python may take to start, and to say its version.
const START_LIMIT: Duration = Duration::from_secs(5);

/// The time in which a Python that works usually says its version.
const USUAL_START: Duration = Duration::from_secs(1);

/// The most bytes that are read of what it says: more than any answer has.
const MOST_BYTES: u64 = 64 << 20;

/// Characters of its error message that are repeated.
const MOST_CHARACTERS: usize = 80;

/// Why Python cannot be used as a baseline.
#[derive(Debug, thiserror::Error)]
pub enum PythonError {
    /// It could not be started.
    #[error("cannot run {PROGRAM}; install it, or leave the baseline python out (--baselines)")]
    Start(#[source] io::Error),
    /// It ended with an error.
    #[error(
        "{PROGRAM} failed ({status}): {message}; mend it, or leave the baseline python out \
         (--baselines)"
    )]
    Failed {
        /// How it ended.
        status: ExitStatus,
        /// The last line of its standard error.
        message: String,
    },
    /// It did not answer in time, and was ended.
    #[error(
        "{PROGRAM} did not answer within {} s; try again when the machine is less busy, or leave \
         the baseline python out (--baselines)",
        .0.as_secs()
    )]
    TimedOut(Duration),
    /// It printed something unexpected.
    #[error(
        "{PROGRAM} answered something unexpected; check which program {PROGRAM} is, or leave the \
         baseline python out (--baselines)"
    )]
    Answer(#[source] serde_json::Error),
}

#[derive(Deserialize)]
struct Answer {
    elapsed_ns: u64,
    finds: Vec<u64>,
}

/// Whether there is a `python3`. One that says nothing for a second counts: who uses it finds out
/// whether it is slow or hangs.
#[must_use]
pub fn has_python() -> bool {
    matches!(version(USUAL_START), Ok(_) | Err(PythonError::TimedOut(_)))
}

/// Name and version of the `python3` that the shell would find, as it prints them.
pub(super) fn python_version() -> Result<String, PythonError> {
    version(START_LIMIT)
}

fn version(limit: Duration) -> Result<String, PythonError> {
    let mut command = Command::new(PROGRAM);
    let ended = run(command.arg("--version"), limit, &CancelToken::new())?;
    // Nothing cancels it.
    let stdout = ended.map(|ended| ended.stdout).unwrap_or_default();
    Ok(String::from_utf8_lossy(&stdout).trim().to_owned())
}

/// Tests all nonces of the range; `None` when it was cancelled. The loop should take about
/// `expected`, and may take ten times as long.
pub(super) fn test_all(
    workload: Workload,
    hex_zeros: u8,
    nonces: &RangeInclusive<u64>,
    expected: Duration,
    cancel: &CancelToken,
) -> Result<Option<Looped>, PythonError> {
    let mut command = Command::new(PROGRAM);
    // Isolated: environment variables and local files do not change what the script does.
    command.args(["-I", "-c", SCRIPT]).args(arguments(workload, hex_zeros, nonces));
    let limit = START_LIMIT.saturating_add(expected.saturating_mul(10));
    let Some(ended) = run(&mut command, limit, cancel)? else { return Ok(None) };
    let answer: Answer = serde_json::from_slice(&ended.stdout).map_err(PythonError::Answer)?;
    Ok(Some(Looped { elapsed: Duration::from_nanos(answer.elapsed_ns), finds: answer.finds }))
}

fn arguments(workload: Workload, hex_zeros: u8, nonces: &RangeInclusive<u64>) -> [String; 6] {
    let template = workload.template();
    let (first, last) = (*nonces.start(), *nonces.end());
    [
        workload.name().to_owned(),
        hex::encode(template.prefix()),
        hex::encode(template.suffix()),
        first.to_string(),
        (u128::from(last - first) + 1).to_string(),
        hex_zeros.to_string(),
    ]
}

/// What a process that ended well has said.
struct Ended {
    stdout: Vec<u8>,
}

/// Runs a command to its end, for this long at most; `None` when it was cancelled. A command that
/// takes longer, or is cancelled, is killed.
fn run(
    command: &mut Command,
    limit: Duration,
    cancel: &CancelToken,
) -> Result<Option<Ended>, PythonError> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(PythonError::Start)?;
    // Read while it runs: a full pipe would stop it.
    let (stdout, stderr) = (reader(child.stdout.take()), reader(child.stderr.take()));
    let status = wait(&mut child, limit, cancel);
    if !matches!(status, Ok(Some(_))) {
        // It may have ended by itself in the meantime.
        let _ = child.kill().and_then(|()| child.wait());
    }
    let Some(status) = status? else { return Ok(None) };
    // What it started itself may hold the pipes open.
    let said = |pipe: Receiver<Vec<u8>>| {
        pipe.recv_timeout(START_LIMIT).map_err(|_| PythonError::TimedOut(START_LIMIT))
    };
    if !status.success() {
        return Err(failed(status, &said(stderr)?));
    }
    Ok(Some(Ended { stdout: said(stdout)? }))
}

/// Waits for the process to end; `None` when it was cancelled.
fn wait(
    child: &mut Child,
    limit: Duration,
    cancel: &CancelToken,
) -> Result<Option<ExitStatus>, PythonError> {
    let (mut waited, mut looked) = (Duration::ZERO, Instant::now());
    while waited < limit {
        if let Some(status) = child.try_wait().map_err(PythonError::Start)? {
            // Ctrl-C also reaches the process, which may then end before it is killed.
            let is_cancelled = cancel.is_cancelled() && !status.success();
            return Ok((!is_cancelled).then_some(status));
        }
        if cancel.is_cancelled() {
            return Ok(None);
        }
        thread::sleep(POLL);
        // A long pause is one in which this process was stopped; Python was then stopped as well.
        waited += looked.elapsed().min(10 * POLL);
        looked = Instant::now();
    }
    Err(PythonError::TimedOut(limit))
}

/// Reads a pipe to its end on a thread of its own.
fn reader(pipe: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = sync_channel(1);
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // If reading fails, the answer is incomplete and is refused as unexpected. If nobody wants
        // it any more, it is dropped.
        let _ = pipe.map(|pipe| pipe.take(MOST_BYTES).read_to_end(&mut bytes));
        let _ = sender.send(bytes);
    });
    receiver
}

fn failed(status: ExitStatus, stderr: &[u8]) -> PythonError {
    let text = String::from_utf8_lossy(stderr);
    let message = cut(text.lines().last().unwrap_or("it did not say why"), MOST_CHARACTERS);
    PythonError::Failed { status, message }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str, limit_ms: u64) -> Result<Option<Ended>, PythonError> {
        let mut command = Command::new("sh");
        let limit = Duration::from_millis(limit_ms);
        run(command.args(["-c", script]), limit, &CancelToken::new())
    }

    #[test]
    fn what_hangs_is_ended_after_its_time() {
        let hung = shell("exec sleep 1000", 50);
        assert!(matches!(hung, Err(PythonError::TimedOut(_))));
    }

    #[test]
    fn an_answer_may_be_longer_than_a_pipe_holds() {
        let script = "i=0; while [ $i -lt 9000 ]; do echo 0123456789012345; i=$((i+1)); done";
        assert_eq!(shell(script, 20_000).unwrap().unwrap().stdout.len(), 9_000 * 17);
    }

    #[test]
    fn the_last_line_of_an_error_is_told() {
        let Err(error) = shell("echo first >&2; echo last >&2; exit 3", 20_000) else {
            panic!("it failed")
        };
        assert_eq!(
            error.to_string(),
            "python3 failed (exit status: 3): last; mend it, or leave the baseline python out \
             (--baselines)"
        );
    }
}
