//! Text from files and arguments, made safe to show.

use std::fmt::Write as _;
use std::path::Path;

/// The text with every dangerous character written as `\u{…}`, except for newlines.
///
/// `"\x1b[2Jhi"` becomes `\u{1b}[2Jhi`.
pub(crate) fn escaped(text: &str) -> String {
    text.split('\n').map(escaped_line).collect::<Vec<_>>().join("\n")
}

/// The text on one line: as [`escaped`], with newlines written as `\u{a}`.
pub(crate) fn escaped_line(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    text.chars().for_each(|character| push_escaped(&mut safe, character));
    safe
}

/// JSON with every dangerous character in its texts written as `\uXXXX`. It means the same.
pub(crate) fn escaped_json(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for character in json.chars() {
        // Within texts, JSON itself has no newlines. All others lie below U+10000.
        if is_dangerous(character) && character != '\n' {
            let _ = write!(safe, "\\u{:04x}", u32::from(character));
        } else {
            safe.push(character);
        }
    }
    safe
}

/// A path on one line.
pub(crate) fn shown_path(path: &Path) -> String {
    escaped_line(&path.display().to_string())
}

/// Adds a character to a text: as it is, or as `\u{…}` where it is dangerous.
pub(crate) fn push_escaped(safe: &mut String, character: char) {
    if is_dangerous(character) {
        let _ = write!(safe, "\\u{{{:x}}}", u32::from(character));
    } else {
        safe.push(character);
    }
}

/// Whether a character can give a terminal a command, change the order of the text around it, break
/// a line, hide, or make XML ill-formed. All of them lie below U+10000.
pub(crate) fn is_dangerous(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{061c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{fffe}'
                | '\u{ffff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dangerous_characters_are_written_by_number() {
        assert_eq!(escaped("\x1b[2Jhi\x07"), "\\u{1b}[2Jhi\\u{7}");
        assert_eq!(escaped("\u{9b}31m"), "\\u{9b}31m", "a C1 control");
        assert_eq!(escaped("a\u{202e}b"), "a\\u{202e}b", "right-to-left override");
        assert_eq!(escaped("a\u{200b}b\u{ffff}"), "a\\u{200b}b\\u{ffff}");
    }

    #[test]
    fn json_means_the_same_afterwards() {
        let json = "{\n\"a\u{202e}\": \"b\u{200b}\u{feff}\"\n}";
        let safe = escaped_json(json);
        assert_eq!(safe, "{\n\"a\\u202e\": \"b\\u200b\\ufeff\"\n}");
        let [a, b] = [json, &safe].map(|it| serde_json::from_str::<serde_json::Value>(it).unwrap());
        assert_eq!(a, b);
    }

    #[test]
    fn ordinary_text_stays_as_it_is() {
        assert_eq!(escaped("Grüße, 世界 😀\nbye"), "Grüße, 世界 😀\nbye");
        assert_eq!(escaped_line("a\nb"), "a\\u{a}b");
    }
}
