//! Messages about the command line itself: usage errors, help and version, as clap writes them.

use std::ffi::OsStr;
use std::io::{self, Write as _};

use clap::builder::{StyledStr, TypedValueParser as _};
use clap::error::ContextValue;
use clap::{Arg, CommandFactory as _};

use super::arguments::Arguments;
use super::failure::{Failure, Result};
use crate::text::{cut, escaped_line};

/// Prints clap's message: help and version to standard output, errors to standard error.
pub(super) fn print_usage(error: &mut clap::Error) -> Result<()> {
    make_printable(error);
    let printed = error.print().and_then(|()| io::stdout().flush());
    if error.use_stderr() { Ok(()) } else { printed.map_err(Failure::stdout) }
}

/// The same as text without colours.
pub(super) fn usage_message(mut error: clap::Error) -> String {
    make_printable(&mut error);
    error.to_string()
}

/// The error that clap's parsing would give for an option's value, for a reason that was found
/// after parsing.
pub(super) fn refused_value(
    option: &'static str,
    value_name: &'static str,
    value: &str,
    reason: String,
) -> Failure {
    let argument = Arg::new(option).long(option).value_name(value_name).num_args(1);
    let refuse = move |_: &str| Err::<(), _>(reason.clone());
    let parsed = refuse.parse_ref(&Arguments::command(), Some(&argument), OsStr::new(value));
    Failure::CommandLine(parsed.expect_err("the parser refuses every value"))
}

/// Escapes and shortens the arguments that the message repeats.
fn make_printable(error: &mut clap::Error) {
    const LONGEST: usize = 200;
    let safe = |text: &String| cut(&escaped_line(text), LONGEST);
    let safe_plain = |text: &StyledStr| StyledStr::from(safe(&text.to_string()));
    let safe_value = |value: &ContextValue| match value {
        ContextValue::String(text) => ContextValue::String(safe(text)),
        ContextValue::Strings(texts) => ContextValue::Strings(texts.iter().map(safe).collect()),
        // Tips: their own colours look like colours that were typed.
        ContextValue::StyledStr(text) => ContextValue::StyledStr(safe_plain(text)),
        ContextValue::StyledStrs(texts) => {
            ContextValue::StyledStrs(texts.iter().map(safe_plain).collect())
        }
        other => other.clone(),
    };
    let context: Vec<_> = error.context().map(|(kind, value)| (kind, safe_value(value))).collect();
    for (kind, value) in context {
        error.insert(kind, value);
    }
}
