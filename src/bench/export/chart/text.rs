//! The width of text in a picture, estimated without the font.

use unicode_width::UnicodeWidthChar as _;

use crate::text;

/// The size of text in pixels, where `chart.css` gives it no other.
pub(super) const SIZE: f64 = 12.0;

/// Pixels that the text takes at most, in any common sans-serif font of this size. After
/// `DejaVu Sans`, the widest of them.
pub(super) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(advance).sum::<usize>() as f64 * size / EM
}

/// The text cut to this many pixels; where something was cut off, it ends with `…`.
pub(super) fn cut(text: &str, size: f64, widest: f64) -> String {
    text::cut_to(text, advances(size, widest), advance)
}

/// The text in lines of at most this many pixels.
pub(super) fn wrapped(text: &str, size: f64, widest: f64) -> Vec<String> {
    text::wrapped_to(text, advances(size, widest), advance)
}

/// Units of [`advance`] in an em.
const EM: f64 = 100.0;

/// Pixels in units of [`advance`], rounded down.
fn advances(size: f64, pixels: f64) -> usize {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded down")]
    let units = (pixels / size * EM) as usize;
    units
}

/// The advance of a character, in hundredths of an em.
fn advance(character: char) -> usize {
    match character {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' => 34,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '-' | '/' => 43,
        'm' | 'M' | 'W' | 'w' | '%' | '@' | '+' | '=' | '<' | '>' | '~' | '…' => 100,
        'A'..='Z' | '&' => 79,
        other => match other.width() {
            Some(2..) => 112,
            _ => 65,
        },
    }
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
