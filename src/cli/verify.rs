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
        dialect: None,
    };
    let (path, form) = (shown_path(arguments.chain.path()), arguments.output.format);
    match verify(arguments.chain.path(), &options) {
        Ok(verification) => report_valid(&path, &verification, form, output),
        Err(ChainFileError::Refused { flaw, .. }) => {
            let Flaw { block, line, reason } = *flaw;
            let reason = reason.to_string();
            let (invalid, shown) = (styled(BAD, "invalid"), escaped_line(&reason));
            let text = format!("{path}: {invalid} at block {block}, line {line}: {shown}");
            let fields = Invalid { block, line, reason };
            let reported = json::print_either(form, "invalid", &fields, &text, output);
            Err(Failure::AnsweredNo.after_report(reported))
        }
        Err(ChainFileError::Cancelled { .. }) => {
            let text = format!("{path}: interrupted, not checked to its end");
            let reported = json::print_either(form, "interrupted", &(), &text, output);
            let failure = signals.failure().unwrap_or(Failure::AnsweredNo);
            Err(failure.after_report(reported))
        }
        Err(error) => Err(error.into()),
    }
}

fn report_valid(
    path: &str,
    verification: &Verification,
    form: OutputForm,
    output: &mut Output,
) -> Result<()> {
    let Verification { blocks, least_work_bits, spelling, is_being_written, .. } = *verification;
    match spelling {
        Spelling::Canonical => {}
        Spelling::Other { first_line } => output.note(&format!(
            "{path}: read by meaning; line {first_line} is the first not spelled as \
             json.dumps(…, sort_keys=True) does"
        )),
        Spelling::Array | Spelling::Wrapped => output
            .note(&format!("{path}: read by meaning; it is a JSON array, not one block a line")),
    }
    if is_being_written {
        output.note(&format!("{path}: a writer is at work; its unfinished last line was left out"));
    }
    let (valid, count) = (styled(GOOD, "valid"), counted(blocks, "block"));
    let work = least_work_bits.map_or_else(String::new, |bits| {
        format!(", every hash but the first has at least {bits} zero bits")
    });
    let text = format!("{path}: {valid}, {count}{work}");
    json::print_either(form, "valid", &Valid { blocks, least_work_bits }, &text, output)
}
