//! Markers: the shapes that tell curves apart without colour.

use super::picture::{Picture, Px};

/// Colours in `chart.css`. With seven shapes, 42 curves differ in colour or shape.
const COLOURS: usize = 6;

/// The class of a curve: its colour.
pub(super) fn colour(number: usize) -> String {
    format!("s{}", number % COLOURS)
}

/// Draws the marker of a curve.
pub(super) fn draw(picture: &mut Picture, number: usize, at: [f64; 2]) {
    const RADIUS: f64 = 4.5;
    match number % 7 {
        0 => picture.circle("dot", at, RADIUS),
        1 => picture.rectangle("dot", at.map(|it| it - 4.0), [8.0, 8.0]),
        2 => polygon(picture, at, &[(0.0, -5.5), (5.2, 4.0), (-5.2, 4.0)]),
        3 => polygon(picture, at, &[(0.0, -6.0), (6.0, 0.0), (0.0, 6.0), (-6.0, 0.0)]),
        4 => polygon(picture, at, &[(0.0, 5.5), (5.2, -4.0), (-5.2, -4.0)]),
        5 => picture.circle("dot hollow", at, RADIUS),
        _ => picture.rectangle("dot hollow", at.map(|it| it - 4.0), [8.0, 8.0]),
    }
}

fn polygon(picture: &mut Picture, [x, y]: [f64; 2], corners: &[(f64, f64)]) {
    let corners = corners.iter().map(|(dx, dy)| format!("{},{}", Px(x + dx), Px(y + dy)));
    let corners: Vec<_> = corners.collect();
    picture.path("dot", &format!("M{}Z", corners.join("L")));
}
