//! The values of a block to be mined: from what was typed, and from what the chain's blocks are.

use std::time::{SystemTime, UNIX_EPOCH};

use super::arguments::mine::MineArguments;
use super::arguments::values::json_members;
use super::failure::{Failure, Result};
use super::input::read_json;
use super::output::Output;
use super::signals::Signals;
use crate::chain::python_json::{Float, JsonText};
use crate::chain::{BlockValues, Chain, Role, Timestamp};

/// The members of the object that `--block-json` gives.
pub(super) fn further(
    arguments: &mut MineArguments,
    signals: &Signals,
    output: &mut Output,
) -> Result<Vec<(String, JsonText)>> {
    let Some(argument) = arguments.block_json.take() else { return Ok(Vec::new()) };
    let object = read_json(argument, signals, output)?;
    json_members(&object).map_err(|error| Failure::usage(format!("--block-json: {error}")))
}

/// What is known of the next block, beside what follows from the chain and the time. Without data,
/// it is "Block" and a number, where a text can be the data.
pub(super) fn block_values(
    chain: &Chain,
    arguments: &MineArguments,
    data: Option<JsonText>,
    further: &[(String, JsonText)],
) -> BlockValues {
    let timestamp = arguments.timestamp.clone();
    let mut values = BlockValues { timestamp, data, further: further.to_vec() };
    if values.data.is_none() && is_free(chain, Role::Data, &values) && chain.takes_text() {
        values.data = Some(JsonText::string(&format!("Block {}", chain.len())));
    }
    values
}

/// Whether the time is to be the block's timestamp.
pub(super) fn needs_time(chain: &Chain, values: &BlockValues) -> bool {
    values.timestamp.is_none() && is_free(chain, Role::Timestamp, values) && chain.takes_time()
}

/// Whether the chain's blocks have a property of this role, and nothing else gives it.
fn is_free(chain: &Chain, role: Role, values: &BlockValues) -> bool {
    match chain.dialect().names.get(role) {
        None | Some("") => false,
        Some(name) => values.further.iter().all(|(other, _)| other != name),
    }
}

/// The time, in Unix seconds to the millisecond.
pub(super) fn now() -> Result<Timestamp> {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|error| {
        let problem = "the clock says it is before 1970; set it, or give --timestamp";
        Failure::system(format!("{problem}: {error}"))
    })?;
    let float = Float::new(since_epoch.as_millis() as f64 / 1000.0);
    Ok(Timestamp::Float(float.expect("an integer of 128 bits is a finite float")))
}
