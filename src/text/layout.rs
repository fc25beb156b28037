//! Text cut to a width, or wrapped into lines.
//!
//! Widths are sums over characters: of terminal columns, or of whatever unit the caller's `advance`
//! gives.

use unicode_width::UnicodeWidthChar as _;

/// The text cut to this many terminal columns; where something was cut off, it ends with `…`.
///
/// `abcd` cut to three columns is `ab…`.
pub(crate) fn cut(text: &str, columns: usize) -> String {
    cut_to(text, columns, columns_of)
}

/// The text in lines of at most this many terminal columns, broken at spaces; a word that is longer
/// than a line is broken within.
pub(crate) fn wrapped(text: &str, columns: usize) -> Vec<String> {
    wrapped_to(text, columns, columns_of)
}

/// A hash by its beginning and its end, `000000a4…91`; other text is cut to the same width.
pub(crate) fn short_hash(hash: &str) -> String {
    let is_hash = hash.len() == 64 && hash.is_ascii();
    if is_hash { format!("{}…{}", &hash[..8], &hash[62..]) } else { cut(hash, 11) }
}

/// As [`cut`], in the units of `advance`.
pub(crate) fn cut_to(text: &str, widest: usize, advance: impl Fn(char) -> usize) -> String {
    if prefix_len(text, widest, &advance) == text.len() {
        return text.to_owned();
    }
    let kept = prefix_len(text, widest.saturating_sub(advance('…')), &advance);
    format!("{}…", &text[..kept])
}

/// As [`wrapped`], in the units of `advance`. Text that fits stays as it is; broken text has single
/// spaces. Empty text has no lines.
pub(crate) fn wrapped_to(
    text: &str,
    widest: usize,
    advance: impl Fn(char) -> usize,
) -> Vec<String> {
    if !text.is_empty() && prefix_len(text, widest, &advance) == text.len() {
        return vec![text.to_owned()];
    }
    let mut lines = Vec::<String>::new();
    let mut used = 0;
    for mut word in text.split(' ').filter(|word| !word.is_empty()) {
        let width: usize = word.chars().map(&advance).sum();
        if let Some(line) = lines.last_mut()
            && used + advance(' ') + width <= widest
        {
            line.push(' ');
            line.push_str(word);
            used += advance(' ') + width;
            continue;
        }
        while !word.is_empty() {
            let first = word.chars().next().map_or(0, char::len_utf8);
            let (line, rest) = word.split_at(prefix_len(word, widest, &advance).max(first));
            lines.push(line.to_owned());
            used = line.chars().map(&advance).sum();
            word = rest;
        }
    }
    lines
}

/// The length in bytes of the longest beginning of the text that is at most this wide.
fn prefix_len(text: &str, widest: usize, advance: impl Fn(char) -> usize) -> usize {
    let mut used = 0;
    let too_wide = text.char_indices().find(|(_, character)| {
        used += advance(*character);
        used > widest
    });
    too_wide.map_or(text.len(), |(at, _)| at)
}

/// Columns that a character takes on a terminal. The variation selector for emoji counts as one,
/// since it widens the character before it.
fn columns_of(character: char) -> usize {
    const EMOJI_SELECTOR: char = '\u{fe0f}';
    if character == EMOJI_SELECTOR { 1 } else { character.width().unwrap_or(1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cut_text_says_that_it_was_cut() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "ab…");
        assert_eq!(cut("世界世界", 5), "世界…", "wide characters count for two");
        assert_eq!(cut("❤\u{fe0f}❤\u{fe0f}❤\u{fe0f}", 5), "❤\u{fe0f}❤\u{fe0f}…");
        assert_eq!(cut("abcd", 0), "…");
    }

    #[test]
    fn lines_break_between_words_and_within_long_ones() {
        assert_eq!(wrapped("one two three four five six", 20), ["one two three four", "five six"]);
        let lines = wrapped(&format!("a {} b", "x".repeat(30)), 20);
        assert_eq!(lines, ["a", &"x".repeat(20), "xxxxxxxxxx b"]);
        assert_eq!(wrapped("世界", 1), ["世", "界"], "a line holds one character at least");
        assert!(wrapped("", 20).is_empty());
        assert_eq!(wrapped("one   two", 20), ["one   two"], "what fits stays as it is");
    }

    #[test]
    fn the_unit_is_the_callers() {
        assert_eq!(cut_to("abcd", 35, |_| 10), "ab…");
        assert_eq!(wrapped_to("ab cd", 25, |_| 10), ["ab", "cd"]);
    }

    #[test]
    fn hashes_are_known_by_both_ends() {
        assert_eq!(short_hash(&"0123456789abcdef".repeat(4)), "01234567…ef");
        assert_eq!(short_hash("a hash of another kind"), "a hash of …");
    }
}
