//! The legend: marks with their names beside them, in as many rows as needed.

use super::marker;
use super::part::Part;
use super::picture::{Anchor, Picture};
use super::text::{self, SIZE};

/// The height of a row, the width of a mark, the gap before the next entry, and the widest name, in
/// pixels.
const ROW: f64 = 22.0;
const MARK: f64 = 26.0;
const GAP: f64 = 22.0;
const WIDEST_NAME: f64 = 300.0;

/// One mark and its meaning.
#[derive(Debug)]
pub(in super::super) struct Entry {
    pub(in super::super) name: String,
    pub(super) mark: Mark,
}

/// What stands beside a name.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mark {
    /// The curve of this number, which gives colour and shape.
    Curve(usize),
    /// The dashed line of the ideal.
    Ideal,
    /// A part of a stack.
    Part(Part),
}

impl Entry {
    /// Draws the mark, the middle of its left side at this place.
    fn draw_mark(&self, picture: &mut Picture, [x, y]: [f64; 2]) {
        let number = match self.mark {
            Mark::Curve(number) => number,
            Mark::Ideal => return picture.line("reference", [x, y], [x + MARK, y]),
            Mark::Part(part) => return part.draw(picture, [x, y - 6.0], [MARK, 12.0]),
        };
        picture.group(&[("class", marker::colour(number))], |picture| {
            picture.line("curve", [x, y], [x + MARK, y]);
            marker::draw(picture, number, [x + MARK / 2.0, y]);
        });
    }

    /// The mark as a picture of its own, for the page.
    pub(in super::super) fn to_svg(&self) -> String {
        let mut picture = Picture::default();
        self.draw_mark(&mut picture, [0.0, 7.0]);
        format!(
            r#"<svg class="chart" width="{MARK}" height="14" viewBox="0 0 {MARK} 14" aria-hidden="true">{}</svg>"#,
            picture.into_svg()
        )
    }
}

/// Draws the entries, and returns where they end.
pub(super) fn draw(
    picture: &mut Picture,
    entries: &[Entry],
    [left, top]: [f64; 2],
    width: f64,
) -> f64 {
    let (mut x, mut y) = (left, top);
    for entry in entries {
        let name = text::cut(&entry.name, SIZE, WIDEST_NAME);
        let wide = MARK + 8.0 + text::width(&name, SIZE);
        if x > left && x + wide > left + width {
            (x, y) = (left, y + ROW);
        }
        entry.draw_mark(picture, [x, y]);
        picture.text("legend", [x + MARK + 8.0, y + 4.0], Anchor::Start, &name);
        x += wide + GAP;
    }
    y + ROW
}
