//! Properties of the command line, tried on any arguments.

use stripmine::chain::python_json::{Value, parse};
use stripmine::miner::MAX_THREADS;

/// A message is for a screen, whatever was typed.
const SCREENFUL: usize = 4_000;

/// The first byte says which flag the rest is the value of, or that it is a whole command line,
/// its arguments separated by newlines.
pub(crate) fn check(typed: &[u8]) {
    let Some((first, rest)) = typed.split_first() else { return };
    let Ok(text) = str::from_utf8(rest) else { return };
    if text.contains('\0') {
        return;
    }
    let (flags, is_right): (&[&str], fn(&str) -> bool) = match first {
        b'b' => (&["solve", "--bitcoin"], is_bitcoin_header),
        b'd' => (&["mine", "--difficulty"], |text| is_at_most(text, 64)),
        b'i' => (&["mine", "--bits"], |text| is_at_most(text, 256)),
        b'j' => (&["mine", "--data-json"], is_json_argument),
        b'n' => (&["mine", "--start-nonce"], is_start_nonce),
        b't' => (&["mine", "--threads"], are_threads),
        b's' => (&["mine", "--timestamp"], is_timestamp),
        _ => return check_line(text.split('\n')),
    };
    // Attached, so that a value that looks like a flag is a value.
    let attached = format!("{}={text}", flags[1]);
    let message = usage_error([flags[0], &attached]);
    assert_eq!(message.is_none(), is_right(text), "{attached:?}: {message:?}");
}

fn check_line<'a>(arguments: impl Iterator<Item = &'a str>) {
    usage_error(arguments);
}

/// What is said of these arguments: harmless to a terminal, and not at any length.
fn usage_error<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let arguments = std::iter::once("stripmine").chain(arguments);
    let message = stripmine::cli::usage_error(arguments)?;
    let is_harmless = |character: char| !character.is_control() || character == '\n';
    assert!(message.chars().all(is_harmless), "{message:?}");
    assert!(!message.contains(['\u{202e}', '\u{2066}', '\u{200f}', '\u{2028}']), "{message:?}");
    let is_help = message.contains("Usage: stripmine") && message.contains("Options:");
    assert!(is_help || message.len() < SCREENFUL, "{} bytes: {message}", message.len());
    Some(message)
}

fn is_at_most(text: &str, limit: u64) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) && {
        let digits = digits.trim_start_matches('0');
        digits.len() <= 3 && digits.bytes().fold(0, tens) <= limit
    }
}

fn tens(sum: u64, digit: u8) -> u64 {
    sum * 10 + u64::from(digit - b'0')
}

fn are_threads(text: &str) -> bool {
    let most = MAX_THREADS as u64;
    matches!(text, "all" | "physical")
        || text.parse::<u64>().is_ok_and(|threads| (1..=most).contains(&threads))
}

fn is_start_nonce(text: &str) -> bool {
    match text.strip_prefix("auto") {
        None => text.parse::<u64>().is_ok(),
        Some("" | ":wide") => true,
        Some(digits) => digits
            .strip_prefix(':')
            .is_some_and(|digits| digits.parse::<u8>().is_ok_and(|it| (1..=20).contains(&it))),
    }
}

/// JSON, or where it is to be read.
fn is_json_argument(text: &str) -> bool {
    let is_path = text.strip_prefix('@').is_some_and(|path| !path.is_empty());
    text == "-" || is_path || parse(text.as_bytes()).is_ok()
}

fn is_timestamp(text: &str) -> bool {
    matches!(parse(text.as_bytes()), Ok(Value::Integer(_) | Value::Float(_)))
}

/// 80 bytes, of which the four that state the target (Bitcoin Core, `SetCompact`) are neither
/// negative, nor zero, nor beyond 256 bits.
fn is_bitcoin_header(text: &str) -> bool {
    if text.len() != 160 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return false;
    }
    let byte = |at: usize| u32::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap_or(0);
    let (exponent, mantissa) = (byte(75), byte(74) << 16 | byte(73) << 8 | byte(72));
    let word = if exponent <= 3 { mantissa >> (8 * (3 - exponent)) } else { mantissa };
    let is_negative = mantissa & 0x80_0000 != 0;
    let is_beyond = word != 0
        && (exponent > 34 || word > 0xff && exponent > 33 || word > 0xffff && exponent > 32);
    word != 0 && !is_negative && !is_beyond
}
