//! The title and the axis of rates, for the pictures of single CPUs and of the long run.

use super::axis::{Axis, BOTTOM, LEFT, RIGHT};
use super::picture::{Anchor, Picture};
use crate::text::RateUnit;

/// Pixels above the axes.
const TOP: f64 = 30.0;

/// Draws the title, and lines at these rates. The first of them is 0. Returns their axis.
pub(super) fn draw_rates(
    picture: &mut Picture,
    title: &str,
    ticks: &[f64],
    [width, height]: [f64; 2],
) -> Axis {
    let highest = ticks.last().copied().unwrap_or(1.0);
    let y = Axis::linear([0.0, highest], [height - BOTTOM, TOP]);
    let unit = RateUnit::fitting(highest);
    picture.text("panel-title", [0.0, 14.0], Anchor::Start, &format!("{title}: {}", unit.name));
    for tick in ticks {
        let at = y.at(*tick);
        picture.line("grid", [LEFT, at], [width - RIGHT, at]);
        let label = format!("{}", (tick / unit.hashes_per_s * 1e6).round() / 1e6);
        picture.text("tick", [LEFT - 8.0, at + 4.0], Anchor::End, &label);
    }
    picture.line("axis", [LEFT, y.at(0.0)], [width - RIGHT, y.at(0.0)]);
    y
}
