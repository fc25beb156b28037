//! Strings, written as Python's `json.dumps` does: in ASCII, or with `ensure_ascii=False`.

/// Appends the text as a JSON string in ASCII: quoted, with everything outside `' '..='~'` escaped,
/// and characters beyond U+FFFF as surrogate pairs.
pub fn write_string(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    loop {
        let (plain, other) = rest.split_at(plain_prefix(rest.as_bytes()));
        out.push_str(plain);
        let mut characters = other.chars();
        let Some(character) = characters.next() else {
            break;
        };
        write_escape(out, character);
        rest = characters.as_str();
    }
    out.push('"');
}

/// Appends the text as a JSON string with its characters as they are: quoted, with only `"`, `\\`
/// and what is below a space escaped. So do Python's `ensure_ascii=False` and JavaScript.
pub(super) fn write_raw_string(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.find(|it: char| it < ' ' || matches!(it, '"' | '\\')) {
        let (plain, other) = rest.split_at(at);
        out.push_str(plain);
        let mut characters = other.chars();
        characters.next().into_iter().for_each(|character| write_escape(out, character));
        rest = characters.as_str();
    }
    out.extend([rest, "\""]);
}

fn write_escape(out: &mut String, character: char) {
    match character {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        other => other.encode_utf16(&mut [0; 2]).iter().for_each(|unit| write_unit(out, *unit)),
    }
}

fn write_unit(out: &mut String, unit: u16) {
    out.push_str("\\u");
    for shift in [12, 8, 4, 0] {
        let digit = usize::from(unit >> shift & 0xf);
        out.push(char::from(b"0123456789abcdef"[digit]));
    }
}

/// How many bytes at the start are written as they are: `' '..='~'` except `"` and `\`.
#[inline]
pub(crate) fn plain_prefix(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    while let Some((word, after)) = rest.split_first_chunk() {
        let special = special_bytes(u64::from_le_bytes(*word));
        if special != 0 {
            return bytes.len() - rest.len() + special.trailing_zeros() as usize / 8;
        }
        rest = after;
    }
    let special =
        rest.iter().position(|byte| !matches!(byte, b' '..=b'~') || matches!(byte, b'"' | b'\\'));
    bytes.len() - rest.len() + special.unwrap_or(rest.len())
}

/// Sets the top bit of the first byte that is not plain, and none before it. (A borrow or carry out
/// of a byte that is not plain can set bits after it.)
#[inline]
fn special_bytes(word: u64) -> u64 {
    const EACH: u64 = u64::from_le_bytes([1; 8]);
    let below_space_or_quote = (word ^ (EACH * 2)).wrapping_sub(EACH * 0x21); // b'"' ^ 2 is b' '
    let backslash = (word ^ (EACH * 0x5c)).wrapping_sub(EACH);
    let beyond_tilde = word | word.wrapping_add(EACH);
    (below_space_or_quote | backslash | beyond_tilde) & (EACH * 0x80)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let mut out = String::new();
        write_string(&mut out, text);
        out
    }

    #[test]
    fn strings_are_written_in_ascii() {
        assert_eq!(written("a\"b\\c/\n\r\t\u{8}\u{c}"), r#""a\"b\\c/\n\r\t\b\f""#);
        assert_eq!(
            written("\0\u{1f} ~\u{7f}é€😀"),
            r#""\u0000\u001f ~\u007f\u00e9\u20ac\ud83d\ude00""#
        );
        assert_eq!(
            written("plain text of more than eight bytes, é"),
            r#""plain text of more than eight bytes, \u00e9""#
        );
    }
}
