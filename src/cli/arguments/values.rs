//! The values of arguments: their types, and how they are read from text.
//!
//! Reading asks nothing of the machine: which CPUs and kernels it has is looked up when the command
//! runs.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use clap::builder::{OsStringValueParser, TypedValueParser};

use crate::chain::Timestamp;
use crate::chain::python_json::{JsonText, Value, parse};
use crate::machine::{CpuId, parse_cpu_list};
use crate::miner::MAX_THREADS;
use crate::pow::{Digest, Kernel, NonceLimit, Target};

/// The chain file that is used where none is named.
pub(crate) const DEFAULT_CHAIN: &str = "chain.jsonl";

/// A difficulty as it was typed, checked to be within its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Difficulty {
    HexZeros(u32),
    Bits(u32),
}

impl Difficulty {
    pub(crate) fn target(self) -> Target {
        let target = match self {
            Self::HexZeros(zeros) => Target::from_hex_zeros(zeros),
            Self::Bits(bits) => Target::from_bits(bits),
        };
        target.expect("the limits were checked when the arguments were read")
    }

    /// The flag that asks for it, as a further argument.
    pub(crate) fn flag(self) -> String {
        match self {
            Self::HexZeros(zeros) => format!(" --difficulty {zeros}"),
            Self::Bits(bits) => format!(" --bits {bits}"),
        }
    }
}

impl fmt::Display for Difficulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HexZeros(zeros) => write!(f, "{zeros} hex zeros ({} bits)", 4 * zeros),
            Self::Bits(bits) => write!(f, "{bits} bits"),
        }
    }
}

/// JSON as an argument, or the file that holds it. Whether a file can be read, and holds JSON, is
/// found when the command runs.
#[derive(Clone, Debug)]
pub(crate) enum JsonArgument {
    Text(JsonText),
    /// The file of `@PATH`, or standard input, which is `-`.
    In(PathBuf),
}

impl JsonArgument {
    /// The file that it leads to, if any.
    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Self::Text(_) => None,
            Self::In(path) => Some(path),
        }
    }
}

/// Bytes that were typed as hex digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HexBytes(pub(crate) Vec<u8>);

/// Where a search starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StartNonce {
    At(u64),
    /// Where a hash costs least, within this limit.
    Cheapest(NonceLimit),
}

impl StartNonce {
    /// Digits of the longest nonce that is likely, without the fixed digits of a wide one.
    pub(crate) fn most_digits(self, target: &Target) -> usize {
        let tested = (16.0 * target.expected_hashes()).log10().ceil();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let counted = (tested as usize).min(20);
        match self {
            Self::At(first) => counted.max(first.to_string().len()),
            Self::Cheapest(NonceLimit::Digits(digits)) => counted.max(digits),
            Self::Cheapest(NonceLimit::Wide) => counted,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Threads {
    Count(usize),
    All,
    Physical,
    /// This many hundredths of all.
    Percent(usize),
}

/// CPUs, ascending, at least one, whether or not this machine has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CpuList(pub(crate) Vec<CpuId>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KernelChoice {
    Auto,
    Named(Kernel),
}

impl FromStr for KernelChoice {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        if name == "auto" {
            return Ok(Self::Auto);
        }
        name.parse().map(Self::Named).map_err(|error| format!("{error}, auto"))
    }
}

impl fmt::Display for KernelChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Named(kernel) => kernel.fmt(f),
        }
    }
}

pub(super) fn cpu_list(text: &str) -> Result<CpuList, String> {
    let cpus = parse_cpu_list(text).filter(|cpus| !cpus.is_empty());
    cpus.map(CpuList)
        .ok_or_else(|| "numbers of CPUs are needed, and ranges of them: 0-3,8,10-15:2".to_owned())
}

pub(super) fn at_least_one(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err("a whole number from 1 is needed".to_owned()),
    }
}

pub(super) fn hex_zeros(text: &str) -> Result<u32, String> {
    const WANTED: &str = "a whole number from 0 to 64 is needed; for steps in between take --bits, \
                          or, to solve, --target";
    let number = text.parse().map_err(|_| WANTED.to_owned())?;
    Target::from_hex_zeros(number).map(|_| number).map_err(|error| error.to_string())
}

pub(super) fn bits(text: &str) -> Result<u32, String> {
    let number = text.parse().map_err(|_| "a whole number from 0 to 256 is needed".to_owned())?;
    Target::from_bits(number).map(|_| number).map_err(|error| error.to_string())
}

pub(super) fn target(text: &str) -> Result<Target, String> {
    const DIGITS: usize = 64;
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let padded = format!("{digits:0>DIGITS$}").to_ascii_lowercase();
    let digest = Digest::from_hex(&padded).filter(|_| !digits.is_empty());
    let digest =
        digest.ok_or("a number of 1 to 64 hex digits is needed, the largest valid hash")?;
    Ok(Target::from_be_bytes(*digest.as_be_bytes()))
}

pub(super) fn hex_bytes(text: &str) -> Result<HexBytes, String> {
    let wrong = |error| format!("two hex digits are needed for each byte: {error}");
    hex::decode(text).map(HexBytes).map_err(wrong)
}

pub(super) fn threads(text: &str) -> Result<Threads, String> {
    match text {
        "all" => Ok(Threads::All),
        "physical" => Ok(Threads::Physical),
        _ => match (text.parse(), percent_of_cpus(text)) {
            (Ok(count), _) if (1..=MAX_THREADS).contains(&count) => Ok(Threads::Count(count)),
            (_, Some(percent)) => Ok(Threads::Percent(percent)),
            _ => Err(format!(
                "a number from 1 to {MAX_THREADS}, 1% to 100%, all or physical is needed"
            )),
        },
    }
}

/// `1%` to `100%`.
pub(super) fn percent_of_cpus(text: &str) -> Option<usize> {
    let percent = text.strip_suffix('%')?.parse().ok()?;
    (1..=100).contains(&percent).then_some(percent)
}

/// The environment variable that names a kernel where `--kernel` does not.
pub(crate) const KERNEL_VARIABLE: &str = "STRIPMINE_KERNEL";

/// Where a kernel's name was set, for messages.
pub(crate) const KERNEL_SOURCE: &str = "set by --kernel or STRIPMINE_KERNEL";

/// The name of a kernel, whether or not this CPU can run it. No name, as in a variable that is set
/// to nothing, is the default.
pub(crate) fn kernel(text: &str) -> Result<KernelChoice, String> {
    if text.is_empty() {
        return Ok(KernelChoice::Auto);
    }
    text.parse().map_err(|error| format!("{error} ({KERNEL_SOURCE})"))
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

pub(super) fn time_limit(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds: &f64| *seconds > 0.0);
    let limit = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    limit.ok_or_else(|| "a number of seconds above 0 is needed".to_owned())
}

/// For `@PATH`, `-` and JSON.
pub(super) fn json_argument() -> impl TypedValueParser<Value = JsonArgument> {
    OsStringValueParser::new().try_map(|text: OsString| match text.to_str() {
        None => Err("this is not UTF-8 text".to_owned()),
        Some("-") => Ok(JsonArgument::In(PathBuf::from("-"))),
        Some(text) => match text.strip_prefix('@') {
            Some("") => Err("a file's name is missing after the @".to_owned()),
            Some(path) => Ok(JsonArgument::In(PathBuf::from(path))),
            None => json(text).map(JsonArgument::Text),
        },
    })
}

pub(crate) fn json(text: &str) -> Result<JsonText, String> {
    JsonText::parse(text).map_err(|error| format!("this is not JSON: {error}"))
}

/// The members of a JSON object.
pub(crate) fn json_members(object: &JsonText) -> Result<Vec<(String, JsonText)>, String> {
    object
        .members()
        .ok_or_else(|| "a JSON object is needed, such as {\"miner\": \"Ann\"}".to_owned())
}

pub(crate) fn timestamp(text: &str) -> Result<Timestamp, String> {
    let value = parse(text.as_bytes()).map_err(|error| format!("this is not JSON: {error}"))?;
    match value {
        Value::Integer(integer) => Ok(Timestamp::Integer(integer)),
        Value::Float(float) => Ok(Timestamp::Float(float)),
        _ => Err("a JSON number is needed, such as 1700000000 or 1700000000.5".to_owned()),
    }
}
