//! Errors that end a command, and their exit codes.

use std::error::Error;
use std::io;
use std::iter::successors;
use std::process::ExitCode;

use crate::chain::{ChainFileError, Reason};
use crate::text::escaped;

/// An error of any type; its message may be all that there is.
type BoxedError = Box<dyn Error + Send + Sync>;

pub(super) type Result<T, E = Failure> = std::result::Result<T, E>;

/// Why a command ends early. Scripts rely on the exit codes.
#[derive(Debug)]
pub(super) enum Failure {
    /// Exit 1: a check said no.
    Refused(BoxedError),
    /// Exit 1, after the answer has been printed.
    AnsweredNo,
    /// Exit 2, after it has been printed that there is no answer.
    AnsweredUndecided,
    /// Exit 3, after it has been printed which files could not be read.
    AnsweredUnreadable,
    /// Exit 2: the command line asks for something impossible.
    Usage(BoxedError),
    /// Exit 2, or 0 where help was asked for: a message that clap has laid out.
    CommandLine(clap::Error),
    /// Exit 3: a file or the system failed.
    System(BoxedError),
    /// Exit 130 or 143, or 1 after a time limit, after what was known has been printed.
    Stopped { stop: Stop, is_reported: bool },
    /// Exit 0: the reader of standard output has gone.
    ReaderLeft,
}

/// What stopped a command before its end.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stop {
    /// A signal, by its number.
    Signal(i32),
    /// The time that `--time-limit` gave.
    TimeLimit,
}

impl Stop {
    /// The outcome's name in JSON.
    pub(super) const fn outcome(self) -> &'static str {
        match self {
            Self::Signal(_) => "interrupted",
            Self::TimeLimit => "time_limit",
        }
    }

    /// What happened, in a word or two.
    pub(super) const fn in_words(self) -> &'static str {
        match self {
            Self::Signal(_) => "interrupted",
            Self::TimeLimit => "stopped by its time limit",
        }
    }
}

impl Failure {
    pub(super) fn refused(error: impl Into<BoxedError>) -> Self {
        Self::Refused(error.into())
    }

    pub(super) fn usage(error: impl Into<BoxedError>) -> Self {
        Self::Usage(error.into())
    }

    pub(super) fn system(error: impl Into<BoxedError>) -> Self {
        Self::System(error.into())
    }

    /// The failure itself, as one that was reported: the command ends with it whether or not its
    /// report could be printed.
    pub(super) fn after_report(mut self, _reported: Result<()>) -> Self {
        if let Self::Stopped { is_reported, .. } = &mut self {
            *is_reported = true;
        }
        self
    }

    /// An error of writing to standard output.
    #[allow(clippy::needless_pass_by_value, reason = "as map_err passes it")]
    pub(super) fn stdout(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::ReaderLeft;
        }
        Self::system(format!("cannot write to standard output: {error}"))
    }

    /// The message for standard error, if the command has not printed one already.
    pub(super) fn message(&self) -> Option<String> {
        match self {
            Self::Refused(error) | Self::Usage(error) | Self::System(error) => {
                Some(escaped(&with_causes(error)))
            }
            _ => None,
        }
    }

    pub(super) fn exit_code(&self) -> ExitCode {
        let code = match self {
            Self::ReaderLeft => 0,
            Self::Refused(_) | Self::AnsweredNo | Self::Stopped { stop: Stop::TimeLimit, .. } => 1,
            Self::Usage(_) | Self::AnsweredUndecided => 2,
            Self::CommandLine(error) => error.exit_code(),
            Self::System(_) | Self::AnsweredUnreadable => 3,
            Self::Stopped { stop: Stop::Signal(signal), .. } => 128 + signal,
        };
        ExitCode::from(u8::try_from(code).unwrap_or(1))
    }
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Self {
        Self::Stopped { stop, is_reported: false }
    }
}

impl From<ChainFileError> for Failure {
    fn from(error: ChainFileError) -> Self {
        match error {
            ChainFileError::Refused { flaw, .. } if matches!(flaw.reason, Reason::Undecided(_)) => {
                Self::usage(flaw)
            }
            ChainFileError::NewChain { .. } => Self::usage(error),
            ChainFileError::Refused { .. } | ChainFileError::Misfit { .. } => Self::refused(error),
            _ => Self::system(error),
        }
    }
}

/// The error and its causes; a cause that the error already repeats is left out.
fn with_causes(error: &BoxedError) -> String {
    let causes = successors(error.source(), |&cause| cause.source()).map(<dyn Error>::to_string);
    causes.fold(error.to_string(), |text, cause| {
        if text.ends_with(&cause) { text } else { format!("{text}: {cause}") }
    })
}
