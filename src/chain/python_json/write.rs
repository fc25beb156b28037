//! Writing values as Python's `json.dumps(value, sort_keys=True)` does.
//!
//! There is one layout and no options. For text that people read, or for other spellings, use something else.

use super::value::Value;

/// Appends the value's canonical text.
pub fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Integer(integer) => out.push_str(integer.as_str()),
        Value::Float(float) => out.push_str(float.repr().as_str()),
        Value::String(text) => write_string(out, text),
        Value::Array(elements) => write_list(out, ['[', ']'], elements, write_value),
        Value::Object(members) => write_list(out, ['{', '}'], members, |out, (key, value)| {
            write_string(out, key);
            out.push_str(": ");
            write_value(out, value);
        }),
    }
}

fn write_list<T>(
    out: &mut String,
    [open, close]: [char; 2],
    items: impl IntoIterator<Item = T>,
    write_item: impl Fn(&mut String, T),
) {
    out.push(open);
    for (position, item) in items.into_iter().enumerate() {
        if position > 0 {
            out.push_str(", ");
        }
        write_item(out, item);
    }
    out.push(close);
}

/// Appends the text as a JSON string in ASCII: quoted, everything outside `' '..='~'` escaped, beyond U+FFFF as
/// surrogate pairs. DEL is `\u007f`.
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

/// How many bytes at the start stand for themselves in a canonical string: `' '..='~'` but for `"` and `\`.
#[inline]
pub(super) fn plain_prefix(bytes: &[u8]) -> usize {
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

/// Sets the top bit of the first byte that is not plain, and none before it. (A borrow or carry out of a byte that
/// is not plain can set bits after it.)
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

    fn canonical(value: impl Into<Value>) -> String {
        value.into().to_string()
    }

    #[test]
    fn strings_are_written_in_ascii() {
        assert_eq!(canonical("a\"b\\c/\n\r\t\u{8}\u{c}"), r#""a\"b\\c/\n\r\t\b\f""#);
        assert_eq!(
            canonical("\0\u{1f} ~\u{7f}é€😀"),
            r#""\u0000\u001f ~\u007f\u00e9\u20ac\ud83d\ude00""#
        );
        assert_eq!(
            canonical("plain text of more than eight bytes, é"),
            r#""plain text of more than eight bytes, \u00e9""#
        );
    }
}
