//! Bitcoin headers as they are pasted: right, or in one of the forms that other programs show.

use crate::pow::Target;

/// Bytes of a header.
const LEN: usize = 80;

/// Bytes of getwork's data: a header, padded to two blocks of SHA-256.
const GETWORK_LEN: usize = 128;

/// The time of Bitcoin's first block, in Unix seconds.
const FIRST_TIME: u32 = 1_231_006_505;

/// The 80 bytes of a Bitcoin block header, and the target they state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BitcoinHeader {
    pub(crate) bytes: [u8; LEN],
    pub(crate) target: Target,
}

pub(super) fn bitcoin_header(text: &str) -> Result<BitcoinHeader, String> {
    check_is_hex(text)?;
    let bytes = hex::decode(text).map_err(|_| wrong_length(text))?;
    if let Ok(bytes) = bytes.as_slice().try_into() {
        return header_of(bytes);
    }
    let getwork = bytes.first_chunk::<LEN>().map(reversed_words);
    match getwork.filter(|it| bytes.len() == GETWORK_LEN && is_plausible(it)) {
        Some(header) => Err(format!(
            "this looks like getwork's data, 128 bytes in words of reversed bytes; its header is {}",
            hex::encode(header)
        )),
        None => Err(wrong_length(text)),
    }
}

/// Checks that there are only hex digits, and says what else there is.
fn check_is_hex(text: &str) -> Result<(), String> {
    if text.trim() != text {
        return Err("there is a space or a newline around the digits; leave it out, as \
                    \"$(cat FILE)\" does"
            .to_owned());
    }
    if text.starts_with("0x") || text.starts_with("0X") {
        return Err("the digits are needed alone; leave out 0x".to_owned());
    }
    match text.chars().position(|character| !character.is_ascii_hexdigit()) {
        Some(place) => Err(format!("character {} is not a hex digit", place + 1)),
        None => Ok(()),
    }
}

fn wrong_length(text: &str) -> String {
    format!("160 hex digits are needed, there are {}", text.len())
}

fn header_of(bytes: [u8; LEN]) -> Result<BitcoinHeader, String> {
    if !is_plausible(&bytes)
        && let Some((form, header)) = other_reading(&bytes)
    {
        return Err(format!("this looks like a header {form}; give it as {}", hex::encode(header)));
    }
    let target = Target::from_compact(compact(&bytes)).map_err(|error| error.to_string())?;
    Ok(BitcoinHeader { bytes, target })
}

/// A plausible header that these bytes are in another order, and what that order is.
fn other_reading(bytes: &[u8; LEN]) -> Option<(&'static str, [u8; LEN])> {
    let mut backwards = *bytes;
    backwards.reverse();
    let fields =
        ("whose fields are turned round, as block explorers show them", reversed_fields(bytes));
    let words = ("in getwork's order, in words of reversed bytes", reversed_words(bytes));
    // A hash is small, so its last bytes are zeros. That tells fields from words.
    let [.., a, b, c, d] = bytes[4..36] else { return None };
    let [likely, other] = if [a, b, c, d] == [0; 4] { [words, fields] } else { [fields, words] };
    let backwards = ("that is turned round as a whole", backwards);
    [likely, other, backwards].into_iter().find(|(_, header)| is_plausible(header))
}

/// Whether time and target can be those of a block: later than the first one, and at most as easy.
fn is_plausible(header: &[u8; LEN]) -> bool {
    let time = u32::from_le_bytes([header[68], header[69], header[70], header[71]]);
    let target = Target::from_compact(compact(header));
    time >= FIRST_TIME
        && target.is_ok_and(|target| (32..=128).contains(&target.leading_zero_bits()))
}

/// The compact target: it stands before the nonce, which is the last four bytes.
fn compact(header: &[u8; LEN]) -> u32 {
    let [.., a, b, c, d, _, _, _, _] = *header;
    u32::from_le_bytes([a, b, c, d])
}

/// Every four bytes turned round.
fn reversed_words(header: &[u8; LEN]) -> [u8; LEN] {
    let mut turned = *header;
    turned.as_chunks_mut::<4>().0.iter_mut().for_each(|word| word.reverse());
    turned
}

/// Version, previous hash, Merkle root, time, target and nonce turned round, each on its own.
fn reversed_fields(header: &[u8; LEN]) -> [u8; LEN] {
    let mut turned = *header;
    let mut rest = turned.as_mut_slice();
    for len in [4, 32, 32, 4, 4, 4] {
        let (field, after) = std::mem::take(&mut rest).split_at_mut(len);
        field.reverse();
        rest = after;
    }
    turned
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Block 125,552, whose previous hash is not zero.
    const HEADER: &str = concat!(
        "0100000081cd02ab7e569e8bcd9317e2fe99f2de44d49ab2b8851ba4a308000000000000",
        "e320b6c2fffc8d750423db8b1eb942ae710e951ed797f7affc8892b0f1fc122b",
        "c7f5d74df2b9441a42a14695"
    );

    fn bytes() -> [u8; LEN] {
        bitcoin_header(HEADER).unwrap().bytes
    }

    #[track_caller]
    fn is_answered_with_the_header(text: &str, word: &str) {
        let error = bitcoin_header(text).unwrap_err();
        assert!(error.contains(word) && error.contains(HEADER), "{error}");
    }

    #[test]
    fn a_header_states_its_target() {
        let target = bitcoin_header(HEADER).unwrap().target;
        assert_eq!(target, Target::from_compact(0x1a44_b9f2).unwrap());
    }

    #[test]
    fn headers_in_another_order_are_answered_with_the_right_one() {
        let words = hex::encode(reversed_words(&bytes()));
        is_answered_with_the_header(&words, "getwork");
        is_answered_with_the_header(&hex::encode(reversed_fields(&bytes())), "explorer");
        let backwards: Vec<_> = bytes().into_iter().rev().collect();
        is_answered_with_the_header(&hex::encode(backwards), "as a whole");
        let padding = format!("{:08x}{}{:08x}", 0x8000_0000_u32, "0".repeat(80), 640);
        is_answered_with_the_header(&format!("{words}{padding}"), "getwork");
    }

    #[test]
    fn what_is_around_the_digits_is_named() {
        for (text, word) in [
            (format!("0x{HEADER}"), "0x"),
            (format!("{HEADER}\n"), "newline"),
            (format!(" {HEADER}"), "space"),
            (HEADER.replace('e', "g"), "character 18 is not a hex digit"),
            (HEADER[1..].to_owned(), "160 hex digits are needed, there are 159"),
            (HEADER[2..].to_owned(), "158"),
            (format!("{HEADER}{}", "0".repeat(96)), "256"),
        ] {
            let error = bitcoin_header(&text).unwrap_err();
            assert!(error.contains(word), "{text:?}: {error}");
        }
    }

    #[test]
    fn a_strange_header_that_is_strange_in_every_order_is_taken() {
        let easy = format!("{}ffff7f20{}", "11".repeat(72), "0".repeat(8));
        assert!(bitcoin_header(&easy).is_ok());
    }
}
