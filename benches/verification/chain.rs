//! Chains of any length, in two dialects, made without mining.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};
use stripmine::chain::python_json::{Float, JsonSpelling, Value, parse, respell};
use stripmine::chain::{Candidate, SealedBlock, Timestamp};

/// When the first block was made, in Unix seconds.
const FIRST_TIMESTAMP: f64 = 1_700_000_000.125;

/// Writes a valid chain of this many blocks, the genesis block included. Returns its bytes.
pub(crate) fn write(path: &Path, blocks: u64) -> Result<u64> {
    let file = File::create(path).with_context(|| format!("cannot make {}", path.display()))?;
    let mut out = BufWriter::new(file);
    let mut block = SealedBlock::genesis();
    for index in 0..blocks {
        if index > 0 {
            block = next(index, &block.hash().to_string())?;
        }
        writeln!(out, "{}", block.line())?;
    }
    Ok(out.into_inner()?.metadata()?.len())
}

/// Writes a valid chain of this many blocks with other names, spelled as JavaScript does.
pub(crate) fn write_other(path: &Path, blocks: u64) -> Result<()> {
    let style = JsonSpelling { is_sorted: false, is_spaced: false, is_ascii: false };
    let file = File::create(path).with_context(|| format!("cannot make {}", path.display()))?;
    let mut out = BufWriter::new(file);
    let mut hash = "0".to_owned();
    for index in 0..blocks {
        let data = respell(data(index)?.to_string().as_bytes(), style)?;
        let timestamp = FIRST_TIMESTAMP + index as f64 * 0.75;
        let nonce = index % 1_000_003;
        let members = format!(
            r#"{{"index":{index},"timestamp":{timestamp:?},"transactions":{data},"previousHash":"{hash}","proof":{nonce}"#
        );
        hash = hex::encode(Sha256::digest(format!("{members}}}")));
        writeln!(out, r#"{members},"hash":"{hash}"}}"#)?;
    }
    Ok(out.flush()?)
}

fn next(index: u64, previous_hash: &str) -> Result<SealedBlock> {
    let timestamp = Float::new(FIRST_TIMESTAMP + index as f64 * 0.75).context("finite")?;
    let candidate =
        Candidate::new(index, &Timestamp::Float(timestamp), &data(index)?, previous_hash)?;
    Ok(candidate.seal(index % 1_000_003))
}

/// Text, or an object: what blocks hold.
fn data(index: u64) -> Result<Value> {
    if !index.is_multiple_of(4) {
        return Ok(Value::from(format!("Block {index}")));
    }
    let amount = index as f64 / 100.0;
    let json = format!(r#"{{"amount": {amount:?}, "from": "Ann", "paid": true, "to": "Zoë"}}"#);
    Ok(parse(json.as_bytes())?)
}
