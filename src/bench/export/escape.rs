//! Escapes for XML, HTML, Markdown and CSV.
//!
//! Dangerous characters are written as everywhere, as `\u{…}`: see [`crate::text`].

use crate::text::{escaped_line, push_escaped};

/// For XML and HTML, in text and in attributes.
pub(super) fn xml(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            it => push_escaped(&mut safe, it),
        }
    }
    safe
}

/// For a line of GitHub flavoured Markdown, in a table or out of it.
pub(super) fn markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '@' => safe.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '|' | '~' | '#' | '$' => {
                safe.push('\\');
                safe.push(character);
            }
            // Brackets alone make no link.
            ']' if matches!(characters.peek(), Some('(' | '[' | ':')) => safe.push_str("\\]"),
            ':' if characters.peek() == Some(&'/') => safe.push_str("&#58;"),
            it => push_escaped(&mut safe, it),
        }
    }
    safe
}

/// For a cell of CSV. What a spreadsheet would run as a formula gets an apostrophe, after which a
/// spreadsheet takes everything for text (OWASP, CSV injection). Numbers stay numbers.
pub(super) fn csv(text: &str) -> String {
    const RUN: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    let is_run = text.starts_with(RUN) && text.parse::<f64>().is_err();
    format!("{}{}", if is_run { "'" } else { "" }, escaped_line(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_text() {
        assert_eq!(
            xml("<a href='x'>\"&\"</a>"),
            "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;&lt;/a&gt;"
        );
        assert_eq!(xml("a\u{1b}[2J\nb\u{ffff}"), "a\\u{1b}[2J\\u{a}b\\u{ffff}");
        assert_eq!(xml("Grüße 世界 😀"), "Grüße 世界 😀");
    }

    #[test]
    fn formulas_are_text_and_numbers_are_numbers() {
        for formula in ["=1+1", "+1+1", "-2+3", "@SUM(A1)", "＝1", "-", "--1", "=cmd|' /C x'!A0"] {
            assert_eq!(csv(formula), format!("'{formula}"));
        }
        for plain in ["-1.5", "+3", "1e9", "desk", "a=b", "", "7-8"] {
            assert_eq!(csv(plain), plain);
        }
        assert_eq!(csv("\t=1"), "\\u{9}=1");
    }

    #[test]
    fn tables_stay_tables() {
        assert_eq!(markdown("a|b\nc"), "a\\|b\\u{a}c");
        assert_eq!(markdown("<b>*x*</b>"), "&lt;b&gt;\\*x\\*&lt;/b&gt;");
        assert_eq!(markdown("![x](y) [1, 2]"), "![x\\](y) [1, 2]");
        assert_eq!(markdown("see https://a.b @c"), "see https&#58;//a.b &#64;c");
    }
}
