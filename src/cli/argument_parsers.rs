//! What the values of arguments may be, and what is said of those that may not.

use std::path::PathBuf;

use hex::FromHexError;

use super::arguments::{BitcoinHeader, KernelChoice, StartNonce, Threads};
use super::report_arguments::ExportFile;
use crate::bench::export::{Format, UnknownSuffix};
use crate::chain::Timestamp;
use crate::chain::python_json::{Value, parse};
use crate::miner::MAX_THREADS;
use crate::pow::{NonceLimit, Target};

pub(super) fn at_least_one(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err("a whole number from 1 is needed".to_owned()),
    }
}

pub(super) fn hex_zeros(text: &str) -> Result<u32, String> {
    let number = text.parse().map_err(|_| "a whole number from 0 to 64 is needed".to_owned())?;
    Target::from_hex_zeros(number).map(|_| number).map_err(|error| error.to_string())
}

pub(super) fn bits(text: &str) -> Result<u32, String> {
    let number = text.parse().map_err(|_| "a whole number from 0 to 256 is needed".to_owned())?;
    Target::from_bits(number).map(|_| number).map_err(|error| error.to_string())
}

pub(super) fn threads(text: &str) -> Result<Threads, String> {
    match text {
        "all" => Ok(Threads::All),
        "physical" => Ok(Threads::Physical),
        _ => match text.parse() {
            Ok(count) if (1..=MAX_THREADS).contains(&count) => Ok(Threads::Count(count)),
            _ => Err(format!("a number from 1 to {MAX_THREADS}, all or physical is needed")),
        },
    }
}

pub(super) fn export_file(text: &str) -> Result<ExportFile, UnknownSuffix> {
    let path = PathBuf::from(text);
    Format::from_path(&path).map(|format| ExportFile { path, format })
}

/// The environment variable that names a kernel where `--kernel` does not.
pub(super) const KERNEL_VARIABLE: &str = "STRIPMINE_KERNEL";

/// Where a kernel's name can come from.
const KERNEL_SOURCE: &str = "set by --kernel or STRIPMINE_KERNEL";

/// A kernel that this CPU can run.
pub(super) fn kernel(text: &str) -> Result<KernelChoice, String> {
    let choice = any_kernel(text)?;
    match choice {
        KernelChoice::Named(kernel) if !kernel.is_available() => Err(format!(
            "this CPU cannot run kernel {kernel}; `stripmine kernels` lists those that it can ({KERNEL_SOURCE})"
        )),
        _ => Ok(choice),
    }
}

/// A kernel, also one that this CPU cannot run.
pub(super) fn any_kernel(text: &str) -> Result<KernelChoice, String> {
    if text == "auto" {
        return Ok(KernelChoice::Auto);
    }
    let kernel = text.parse().map_err(|error| format!("{error}, auto ({KERNEL_SOURCE})"))?;
    Ok(KernelChoice::Named(kernel))
}

pub(super) fn bitcoin_header(text: &str) -> Result<BitcoinHeader, String> {
    /// Where the compact target stands in a header.
    const COMPACT_TARGET: std::ops::Range<usize> = 72..76;
    let needed = || format!("160 hex digits are needed, there are {}", text.chars().count());
    let mut bytes = [0; 80];
    hex::decode_to_slice(text, &mut bytes).map_err(|error| match error {
        FromHexError::InvalidHexCharacter { index, .. } => {
            format!("byte {} is not two hex digits", index / 2)
        }
        _ => needed(),
    })?;
    let compact = bytes[COMPACT_TARGET].try_into().map(u32::from_le_bytes);
    let compact = compact.map_err(|_| needed())?;
    let target = Target::from_compact(compact).map_err(|error| error.to_string())?;
    Ok(BitcoinHeader { bytes, target })
}

pub(super) fn start_nonce(text: &str) -> Result<StartNonce, String> {
    const WANTED: &str = "a number from 0 to 18446744073709551615, auto, auto:1 to auto:20, or \
                          auto:wide is needed";
    let limit = match text.strip_prefix("auto") {
        None => return text.parse().map(StartNonce::At).map_err(|_| WANTED.to_owned()),
        Some("") => NonceLimit::Digits(15),
        Some(":wide") => NonceLimit::Wide,
        Some(rest) => match rest.strip_prefix(':').map(str::parse) {
            Some(Ok(digits @ 1..=20)) => NonceLimit::Digits(digits),
            _ => return Err(WANTED.to_owned()),
        },
    };
    Ok(StartNonce::Cheapest(limit))
}

pub(super) fn json(text: &str) -> Result<Value, String> {
    parse(text.as_bytes()).map_err(|error| format!("this is not JSON: {error}"))
}

pub(super) fn timestamp(text: &str) -> Result<Timestamp, String> {
    match json(text)? {
        Value::Integer(integer) => Ok(Timestamp::Integer(integer)),
        Value::Float(float) => Ok(Timestamp::Float(float)),
        _ => Err("a JSON number is needed, such as 1700000000 or 1700000000.5".to_owned()),
    }
}
