//! Every way in which a command can end but well, and its exit code.

use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::builder::StyledStr;
use clap::error::ContextValue;

use super::output::Output;
use crate::chain::ChainFileError;
use crate::text::{cut, escaped, escaped_line};

/// Why a command ends early. The exit codes are a contract with scripts.
#[derive(Debug)]
pub(super) enum Failure {
    /// Exit 1: a check said no.
    Refused(anyhow::Error),
    /// Exit 1, and the answer has been printed already.
    AnsweredNo,
    /// Exit 2: the command line asks for something that cannot be.
    Usage(anyhow::Error),
    /// Exit 3: a file or the system failed.
    System(anyhow::Error),
    /// Exit 130 or 143, and what was known has been printed.
    Interrupted {
        /// The signal's number.
        signal: i32,
    },
    /// Exit 0: the reader of standard output has gone.
    ReaderLeft,
}

impl Failure {
    pub(super) fn refused(error: impl Into<anyhow::Error>) -> Self {
        Self::Refused(error.into())
    }

    pub(super) fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self::Usage(error.into())
    }

    pub(super) fn system(error: impl Into<anyhow::Error>) -> Self {
        Self::System(error.into())
    }

    /// The failure that has just been reported, or could not be: it is the outcome of the command
    /// whether or not anybody read about it.
    pub(super) fn after_report(self, _reported: Result<(), Self>) -> Self {
        self
    }

    /// From writing to standard output.
    pub(super) fn stdout(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::ReaderLeft;
        }
        Self::system(anyhow::Error::new(error).context("cannot write to standard output"))
    }

    /// Says what went wrong on standard error, and gives the exit code.
    pub(super) fn report(self, output: &mut Output) -> ExitCode {
        match self {
            Self::ReaderLeft => ExitCode::SUCCESS,
            Self::AnsweredNo => ExitCode::from(1),
            Self::Refused(error) => say(&error, output, 1),
            Self::Usage(error) => say(&error, output, 2),
            Self::System(error) => say(&error, output, 3),
            Self::Interrupted { signal } => ExitCode::from(u8::try_from(128 + signal).unwrap_or(1)),
        }
    }
}

impl From<ChainFileError> for Failure {
    fn from(error: ChainFileError) -> Self {
        match error {
            ChainFileError::Refused { .. } | ChainFileError::Misfit { .. } => Self::refused(error),
            _ => Self::system(error),
        }
    }
}

fn say(error: &anyhow::Error, output: &mut Output, code: u8) -> ExitCode {
    output.error(&escaped(&chain_of(error)));
    ExitCode::from(code)
}

/// The error and its causes, each once: some errors already say what their cause says.
fn chain_of(error: &anyhow::Error) -> String {
    let causes = error.chain().skip(1).map(<dyn Error>::to_string);
    causes.fold(error.to_string(), |text, cause| {
        if text.ends_with(&cause) { text } else { format!("{text}: {cause}") }
    })
}

/// Prints what clap has to say: help and version to standard output, errors to standard error.
pub(super) fn report_usage(mut error: clap::Error) -> Result<ExitCode, Failure> {
    make_printable(&mut error);
    let printed = error.print().and_then(|()| io::stdout().flush());
    if !error.use_stderr() {
        printed.map_err(Failure::stdout)?;
    }
    Ok(ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2)))
}

/// What clap has to say, as it is printed where there are no colours.
pub(super) fn usage_message(mut error: clap::Error) -> String {
    make_printable(&mut error);
    error.to_string()
}

/// What was typed is repeated in the message: made safe for a terminal, and not at any length.
fn make_printable(error: &mut clap::Error) {
    const LONGEST: usize = 200;
    let safe = |text: &String| cut(&escaped_line(text), LONGEST);
    let safe_plain = |text: &StyledStr| StyledStr::from(safe(&text.to_string()));
    let safe_value = |value: &ContextValue| match value {
        ContextValue::String(text) => Some(ContextValue::String(safe(text))),
        ContextValue::Strings(texts) => {
            Some(ContextValue::Strings(texts.iter().map(safe).collect()))
        }
        // Tips: their own colours cannot be told from colours that were typed.
        ContextValue::StyledStr(text) => Some(ContextValue::StyledStr(safe_plain(text))),
        ContextValue::StyledStrs(texts) => {
            Some(ContextValue::StyledStrs(texts.iter().map(safe_plain).collect()))
        }
        _ => None,
    };
    let context: Vec<_> =
        error.context().filter_map(|(kind, value)| Some((kind, safe_value(value)?))).collect();
    for (kind, value) in context {
        error.insert(kind, value);
    }
}
