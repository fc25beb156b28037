//! Text that is not plain UTF-8: byte order marks, UTF-16 and UTF-32.

/// What some Windows programs write before UTF-8 text.
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Bytes of a text that are looked at.
const START_LEN: usize = 64;

/// The encoding of a text with this beginning, where it is one that readers of UTF-8 cannot read.
/// Its byte order mark tells, or zeros beside every letter, which no UTF-8 text has.
pub(crate) fn foreign_encoding(start: &[u8]) -> Option<&'static str> {
    let start = &start[..start.len().min(START_LEN)];
    let marked = |marks: [&[u8]; 2]| marks.iter().any(|mark| start.starts_with(mark));
    // In this order: the mark of UTF-32 begins with that of UTF-16.
    if marked([b"\xff\xfe\0\0", b"\0\0\xfe\xff"]) || has_one_letter_in(4, start) {
        Some("UTF-32")
    } else if marked([b"\xff\xfe", b"\xfe\xff"]) || has_one_letter_in(2, start) {
        Some("UTF-16")
    } else {
        None
    }
}

/// Whether, in every group of this many bytes, the same one and no other is not zero. At least two
/// groups are needed.
fn has_one_letter_in(width: usize, text: &[u8]) -> bool {
    let letter = text.iter().take(width).position(|byte| *byte != 0);
    let Some(letter) = letter else { return false };
    let is_right = |(at, byte): (usize, &u8)| (*byte != 0) == (at == letter);
    let mut units = text.chunks_exact(width);
    units.len() >= 2 && units.all(|unit| unit.iter().enumerate().all(is_right))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: &str, unit: impl Fn(u16) -> Vec<u8>) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    #[test]
    fn utf_16_and_utf_32_are_known_with_and_without_a_mark() {
        for text in ["{\"data\": 1}\n", "\u{feff}{\"a\"", "\u{feff}é", "[{", "Ann"] {
            let little = encoded(text, |unit| unit.to_le_bytes().into());
            let big = encoded(text, |unit| unit.to_be_bytes().into());
            assert_eq!(
                [&little, &big].map(|it| foreign_encoding(it)),
                [Some("UTF-16"); 2],
                "{text}"
            );
            let little = encoded(text, |unit| u32::from(unit).to_le_bytes().into());
            let big = encoded(text, |unit| u32::from(unit).to_be_bytes().into());
            assert_eq!(
                [&little, &big].map(|it| foreign_encoding(it)),
                [Some("UTF-32"); 2],
                "{text}"
            );
        }
    }

    /// What follows the newline of a line in little-endian UTF-16.
    #[test]
    fn a_line_of_utf_16_is_known_that_was_cut_at_a_newline() {
        assert_eq!(foreign_encoding(b"\0{\0\"\0d"), Some("UTF-16"));
    }

    #[test]
    fn utf_8_is_not_called_otherwise() {
        for text in ["", "{\"data\": 1}\n", "\u{feff}{", "é", "\0\0\0\0\0\0", "a\0", "ab\0cd\0"] {
            assert_eq!(foreign_encoding(text.as_bytes()), None, "{text:?}");
        }
    }

    /// A power loss leaves pages of NULs, with a line's last bytes after them.
    #[test]
    fn nuls_are_not_called_an_encoding() {
        for nuls in 0..100 {
            for rest in ["", "}", "}}", "}\n}", "{\"a\": 1}"] {
                let text = format!("{}{rest}", "\0".repeat(nuls));
                assert_eq!(foreign_encoding(text.as_bytes()), None, "{text:?}");
                let text = format!("{rest}{}", "\0".repeat(nuls));
                assert_eq!(foreign_encoding(text.as_bytes()), None, "{text:?}");
            }
        }
    }
}
