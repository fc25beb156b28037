//! Derives the form of the next block from the blocks of a chain in another dialect than
//! `tutorial`.

use super::detect::Detected;
use super::dialect::{DialectHints, Names, Role};
use super::flaw::{Reason, Undecided};
use super::form::Form;
use super::properties::Properties;
use super::python_json::{JsonKind, JsonSpelling};

/// A Unix time below this is in seconds (until the year 5138), one above it in milliseconds (from
/// 1973 on).
const MOST_SECONDS: f64 = 1e11;

/// The form of a chain that ends with this line. Nothing is guessed: what the blocks do not
/// tell has to be in the hints.
pub(super) fn form_after(
    last: &[u8],
    detected: Detected,
    blocks: u64,
    hints: &DialectHints,
) -> Result<Form, Reason> {
    let Detected { dialect, spellings, index_choices, .. } = detected;
    check_roles(&dialect.names, index_choices, blocks, hints)?;
    if last.ends_with(b"\r") {
        return Err(Reason::CarriageReturn);
    }
    let block = Properties::parse(last)?;
    let written = block.written();
    let is_usual = |spelling: &JsonSpelling| spelling.is_ascii == dialect.spelling.is_ascii;
    let in_order = |spelling: &JsonSpelling| spelling.is_sorted == dialect.spelling.is_sorted;
    let line = written.iter().find(|spelling| in_order(spelling) && is_usual(spelling));
    let line = line.or(written.iter().find(is_usual)).or(written.first());
    let line = line.ok_or(Reason::Spelling)?;
    let timestamp = dialect.names.get(Role::Timestamp).and_then(|name| block.get(name));
    let is_clock = timestamp.is_some_and(|member| is_clock(block.value(member)));
    let data = dialect.names.get(Role::Data).and_then(|name| block.get(name));
    let is_text = data.is_some_and(|member| member.kind == JsonKind::String);
    let properties = block.members().iter().map(|member| member.name.to_string()).collect();
    Ok(Form { dialect, properties, spellings, line, is_clock, is_text })
}

/// Checks that every role that a new block needs is known, by the blocks or by the hints.
fn check_roles(
    names: &Names,
    index_choices: Vec<String>,
    blocks: u64,
    hints: &DialectHints,
) -> Result<(), Undecided> {
    let is_said = |role| hints.names.get(role).is_some();
    let needed = [Role::Hash, Role::PreviousHash, Role::Nonce];
    if blocks == 1 && !(needed.into_iter().all(is_said) && hints.spelling.is_some()) {
        return Err(Undecided::OneBlock);
    }
    if names.get(Role::Nonce).is_none_or(str::is_empty) {
        return Err(Undecided::Nonce);
    }
    if index_choices.len() > 1 || blocks == 1 && !index_choices.is_empty() {
        return Err(Undecided::Index { names: index_choices });
    }
    Ok(())
}

/// Whether a timestamp is Unix time in seconds with a fraction. Whether an integer counts seconds
/// or milliseconds is not guessed; that of a genesis block that was made here is 0.
fn is_clock(json: &str) -> bool {
    json == "0" || json.contains('.') && json.parse::<f64>().is_ok_and(|it| it.abs() < MOST_SECONDS)
}
