//! How wide text will be, without the font at hand.

use unicode_width::UnicodeWidthChar as _;

/// Pixels that the text takes at most, in any common sans-serif font of this size. After
/// `DejaVu Sans`, the widest of them.
pub(super) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(advance).sum::<f64>() * size
}

/// The advance of a character, in ems.
fn advance(character: char) -> f64 {
    match character {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' => 0.34,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '-' | '/' => 0.43,
        'm' | 'M' | 'W' | 'w' | '%' | '@' | '+' | '=' | '<' | '>' | '~' => 1.0,
        'A'..='Z' | '&' => 0.79,
        other => match other.width() {
            Some(2..) => 1.12,
            _ => 0.65,
        },
    }
}

/// The text cut to this width, an ellipsis at its end where it was cut.
pub(super) fn cut(text: &str, size: f64, widest: f64) -> String {
    if width(text, size) <= widest {
        return text.to_owned();
    }
    let mut kept = String::new();
    for character in text.chars() {
        kept.push(character);
        if width(&kept, size) > widest - size {
            kept.pop();
            break;
        }
    }
    kept.push('…');
    kept
}

/// The text in lines of this width at most, broken between words.
pub(super) fn wrapped(text: &str, size: f64, widest: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let word = cut(word, size, widest);
        let longer = lines.last().map(|line| format!("{line} {word}"));
        match (longer, lines.last_mut()) {
            (Some(longer), Some(line)) if width(&longer, size) <= widest => *line = longer,
            _ => lines.push(word),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cut_text_fits() {
        let label = "a label of more than twenty characters";
        let short = cut(label, 12.0, 100.0);
        assert!(short.ends_with('…') && width(&short, 12.0) <= 100.0, "{short}");
        assert_eq!(cut("desk", 12.0, 100.0), "desk");
    }

    #[test]
    fn lines_hold_every_word() {
        let text = "one two three four five six seven";
        let lines = wrapped(text, 12.0, 80.0);
        assert!(lines.len() > 1 && lines.iter().all(|line| width(line, 12.0) <= 80.0), "{lines:?}");
        assert_eq!(lines.join(" "), text);
    }
}
