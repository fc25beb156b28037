//! `stripmine verify`: checks chain files.

use std::path::{Path, PathBuf};

use super::arguments::chain::VerifyArguments;
use super::arguments::shared::OutputForm;
use super::arguments::values::Difficulty;
use super::failure::{Failure, Result};
use super::input::{check_is_not_output, check_is_read_once, open_stream, source};
use super::json;
use super::output::{BAD, DIM, GOOD, Output, styled};
use super::signals::Signals;
use super::verify_document::{Invalid, Named, UNFINISHED, Valid};
use crate::chain::{
    ChainFileError, Dialect, FileForm, Flaw, Reason, Verification, VerifyOptions, verify,
    verify_from,
};
use crate::machine::Topology;
use crate::text::{counted, escaped_line};

/// The answer about a file. Of several files, the greatest decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Answer {
    Valid,
    Undecided,
    Unreadable,
    Invalid,
}

pub(super) fn verify_chains(arguments: &VerifyArguments, output: &mut Output) -> Result<()> {
    let signals = Signals::take_over()?;
    let paths = arguments.paths();
    check_is_read_once(paths.iter().map(PathBuf::as_path))?;
    let mut worst = Answer::Valid;
    for path in &paths {
        let answer = match verify_chain(path, arguments, &signals, output) {
            // The command ends with the message of its only file.
            Err(failure @ Failure::System(_)) if paths.len() > 1 => {
                failure.message().iter().for_each(|message| output.error(message));
                Answer::Unreadable
            }
            answer => answer?,
        };
        worst = worst.max(answer);
    }
    match worst {
        Answer::Valid => Ok(()),
        Answer::Undecided => Err(Failure::AnsweredUndecided),
        Answer::Unreadable => Err(Failure::AnsweredUnreadable),
        Answer::Invalid => Err(Failure::AnsweredNo),
    }
}

fn verify_chain(
    path: &Path,
    arguments: &VerifyArguments,
    signals: &Signals,
    output: &mut Output,
) -> Result<Answer> {
    let named = Named { path: path.display().to_string() };
    let (name, form) = (source(path), arguments.output.format);
    match verify_unless_interrupted(path, arguments, signals)? {
        Ok(verification) => {
            let reported = report_valid(&name, named, &verification, form, output);
            reported.map(|()| Answer::Valid)
        }
        Err(ChainFileError::Refused { flaw, .. }) => {
            let (outcome, answer) = match flaw.reason {
                Reason::Undecided(_) => ("undecided", Answer::Undecided),
                _ => ("invalid", Answer::Invalid),
            };
            // The answer stands whether or not it could be printed.
            drop(report_flaw(&name, named, *flaw, outcome, form, output));
            Ok(answer)
        }
        Err(ChainFileError::Cancelled { .. }) => {
            let text = format!("{name}: interrupted, not checked to its end");
            let reported = json::print_either(form, "interrupted", &named, &text, output);
            let failure = signals.failure().unwrap_or(Failure::AnsweredNo);
            Err(failure.after_report(reported))
        }
        Err(error) => Err(error.into()),
    }
}

fn verify_unless_interrupted(
    path: &Path,
    arguments: &VerifyArguments,
    signals: &Signals,
) -> Result<Result<Verification, ChainFileError>> {
    let target = arguments.difficulty.given().map(Difficulty::target);
    let (strict, hints) = (arguments.strict, arguments.dialect.hints());
    let verified = signals.wait_for_cancellable({
        let path = path.to_owned();
        move |cancel| {
            check_is_not_output(&path)?;
            let mut options = VerifyOptions::default();
            (options.target, options.strict) = (target, strict);
            options.threads = Topology::detect().all_threads();
            (options.dialect, options.cancel) = (Some(&hints), Some(cancel));
            Ok(verify_any(&path, &options))
        }
    });
    let path = path.to_owned();
    verified.unwrap_or(Ok(Err(ChainFileError::Cancelled { path })))
}

/// Checks a file, or what comes through a pipe that is open already.
fn verify_any(path: &Path, options: &VerifyOptions<'_>) -> Result<Verification, ChainFileError> {
    match open_stream(path) {
        None => verify(path, options),
        Some(Ok(stream)) => verify_from(path, stream, options),
        Some(Err(source)) => {
            Err(ChainFileError::Io { path: path.to_owned(), action: "read the file", source })
        }
    }
}

fn report_flaw(
    name: &str,
    named: Named,
    flaw: Flaw,
    outcome: &str,
    form: OutputForm,
    output: &mut Output,
) -> Result<()> {
    let Flaw { block, line, index, reason } = flaw;
    let reason = reason.to_string();
    let (styled, shown) = (styled(BAD, outcome), escaped_line(&reason));
    let place = match index {
        Some(index) if index != block => format!("block {block} (index {index}), line {line}"),
        _ => format!("block {block}, line {line}"),
    };
    let text = format!("{name}: {styled} at {place}: {shown}");
    json::print_either(form, outcome, &Invalid { named, block, index, line, reason }, &text, output)
}

fn report_valid(
    name: &str,
    named: Named,
    verification: &Verification,
    form: OutputForm,
    output: &mut Output,
) -> Result<()> {
    let is_tutorial = verification.dialect == Dialect::tutorial();
    for note in notes(verification, is_tutorial) {
        output.note(&format!("{name}: {note}"));
    }
    let (valid, count) = (styled(GOOD, "valid"), counted(verification.blocks, "block"));
    let work = verification.least_work_bits.map_or_else(String::new, |bits| {
        format!(", every hash but the first has at least {bits} zero bits")
    });
    let dialect = if is_tutorial {
        String::new()
    } else {
        let detected = escaped_line(&verification.dialect.to_string());
        format!("\n{}", styled(DIM, &format!("  {detected}")))
    };
    let text = format!("{name}: {valid}, {count}{work}{dialect}");
    json::print_either(form, "valid", &Valid::new(named, verification), &text, output)
}

/// What is worth knowing of a valid chain, beside that it is valid.
fn notes(verification: &Verification, is_tutorial: bool) -> Vec<String> {
    let mut notes = Vec::new();
    match verification.form {
        FileForm::Other { first_line } if is_tutorial => notes.push(format!(
            "spelled in another way: line {first_line} is the first that \
             json.dumps(…, sort_keys=True) would write differently"
        )),
        FileForm::Canonical | FileForm::Other { .. } => {}
        FileForm::Array => {
            notes.push("spelled in another way: a JSON array, not one block a line".to_owned());
        }
        FileForm::Wrapped => {
            notes.push(
                "spelled in another way: an object that holds a JSON array, not one block a line"
                    .to_owned(),
            );
        }
    }
    if verification.is_being_written {
        notes.push("a writer is at work; its unfinished last line was left out".to_owned());
    }
    if verification.lacks_newline {
        notes.push(format!(
            "{UNFINISHED}; `stripmine show --output json` writes it so, to a new file"
        ));
    }
    notes
}
