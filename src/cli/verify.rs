//! `stripmine verify`: checks a chain file.

use serde::Serialize;

use super::arguments::chain::VerifyArguments;
use super::arguments::shared::OutputForm;
use super::arguments::values::Difficulty;
use super::failure::{Failure, Result};
use super::json;
use super::output::{BAD, GOOD, Output, styled};
use super::signals::Signals;
use crate::chain::{ChainFileError, Flaw, Spelling, Verification, VerifyOptions, verify};
use crate::machine::Topology;
use crate::text::{counted, escaped_line, shown_path};

/// The fields of a document about a valid chain.
#[derive(Serialize)]
struct Valid {
    blocks: u64,
    least_work_bits: Option<u32>,
}

/// The fields of a document about a chain that is not valid.
#[derive(Serialize)]
struct Invalid {
    block: u64,
    line: u64,
    reason: String,
}

pub(super) fn verify_chain(arguments: &VerifyArguments, output: &mut Output) -> Result<()> {
    let signals = Signals::take_over()?;
    let options = VerifyOptions {
        target: arguments.difficulty.given().map(Difficulty::target),
        strict: arguments.strict,
        threads: Topology::detect().all_threads(),
        cancel: Some(signals.cancel_token()),
    };
    match verify(arguments.chain.path(), &options) {
        Ok(verification) => report_valid(arguments, &verification, output),
        Err(ChainFileError::Refused { flaw, .. }) => {
            let reported = report_invalid(arguments, &flaw, output);
            Err(Failure::AnsweredNo.after_report(reported))
        }
        Err(ChainFileError::Cancelled { .. }) => {
            let reported = report_interrupted(arguments, output);
            let failure = signals.failure().unwrap_or(Failure::AnsweredNo);
            Err(failure.after_report(reported))
        }
        Err(error) => Err(error.into()),
    }
}

fn report_valid(
    arguments: &VerifyArguments,
    verification: &Verification,
    output: &mut Output,
) -> Result<()> {
    let Verification { blocks, least_work_bits, spelling, is_being_written } = *verification;
    let path = shown_path(arguments.chain.path());
    match spelling {
        Spelling::Canonical => {}
        Spelling::Other { first_line } => output.note(&format!(
            "{path}: read by meaning; line {first_line} is the first not spelled as \
             json.dumps(…, sort_keys=True) does"
        )),
        Spelling::Array => output
            .note(&format!("{path}: read by meaning; it is a JSON array, not one block a line")),
    }
    if is_being_written {
        output.note(&format!("{path}: a writer is at work; its unfinished last line was left out"));
    }
    if arguments.output.format == OutputForm::Json {
        return json::print_outcome("valid", &Valid { blocks, least_work_bits }, output);
    }
    let valid = styled(GOOD, "valid");
    let count = counted(blocks, "block");
    let work = least_work_bits.map_or_else(String::new, |bits| {
        format!(", every hash but the first has at least {bits} zero bits")
    });
    output.line(&format!("{path}: {valid}, {count}{work}"))
}

fn report_invalid(arguments: &VerifyArguments, flaw: &Flaw, output: &mut Output) -> Result<()> {
    let Flaw { block, line, reason } = flaw;
    let reason = reason.to_string();
    if arguments.output.format == OutputForm::Json {
        let fields = Invalid { block: *block, line: *line, reason };
        return json::print_outcome("invalid", &fields, output);
    }
    let (path, invalid) = (shown_path(arguments.chain.path()), styled(BAD, "invalid"));
    let reason = escaped_line(&reason);
    output.line(&format!("{path}: {invalid} at block {block}, line {line}: {reason}"))
}

fn report_interrupted(arguments: &VerifyArguments, output: &mut Output) -> Result<()> {
    if arguments.output.format == OutputForm::Json {
        return json::print_outcome("interrupted", &(), output);
    }
    output.line(&format!(
        "{}: interrupted, not checked to its end",
        shown_path(arguments.chain.path())
    ))
}
