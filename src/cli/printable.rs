//! Text from files and arguments, made safe for a terminal.

use std::fmt::Write as _;
use std::path::Path;

/// The text with every character that could move the cursor, change colours, ring or reorder
/// (control characters, bidirectional overrides, line separators) written as `\u{…}`. Newlines
/// stay.
pub(super) fn printable(text: &str) -> String {
    escaped(text, |character| character == '\n')
}

/// The same on one line: newlines are escaped, too.
pub(super) fn printable_line(text: &str) -> String {
    escaped(text, |_| false)
}

/// A path, for people.
pub(super) fn shown_path(path: &Path) -> String {
    printable_line(&path.display().to_string())
}

fn escaped(text: &str, may_stay: impl Fn(char) -> bool) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if is_dangerous(character) && !may_stay(character) {
            let _ = write!(safe, "\\u{{{:x}}}", u32::from(character));
        } else {
            safe.push(character);
        }
    }
    safe
}

/// Whether a character could do something to a terminal, or to the order of what it shows.
pub(super) fn is_dangerous(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{061c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_lose_their_teeth() {
        assert_eq!(printable("\x1b[2Jhi\x07"), "\\u{1b}[2Jhi\\u{7}");
        assert_eq!(printable("\u{9b}31m"), "\\u{9b}31m", "C1 controls, too");
        assert_eq!(printable("a\u{202e}b"), "a\\u{202e}b", "and right-to-left override");
    }

    #[test]
    fn ordinary_text_stays_as_it_is() {
        assert_eq!(printable("Grüße, 世界 😀\nbye"), "Grüße, 世界 😀\nbye");
        assert_eq!(printable_line("a\nb"), "a\\u{a}b");
    }
}
