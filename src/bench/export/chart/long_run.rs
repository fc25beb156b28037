//! The picture of the long run: the rate of all threads, second by second.

use super::axis::{Axis, BOTTOM, LEFT, RIGHT, linear_ticks};
use super::picture::{Anchor, Picture};
use super::rates::draw_rates;
use crate::bench::document::{Second, Sustained};
use crate::bench::wording::sustained;
use crate::text::{counted, hash_rate};

/// Draws the rates in a panel of this width and height.
pub(super) fn draw(picture: &mut Picture, run: &Sustained, [width, height]: [f64; 2]) {
    let title = format!("Sustained by {}, {}", counted(run.threads, "thread"), run.kernel);
    let highest = run.seconds.iter().map(|second| second.hashes_per_s).fold(0.0, f64::max);
    let y = draw_rates(picture, &title, &linear_ticks(highest), [width, height]);
    let end = run.seconds.last().map_or(1.0, |last| last.at_s + last.elapsed_s);
    let x = Axis::linear([0.0, end], [LEFT, width - RIGHT]);
    draw_seconds(picture, &x, end, height);
    let settled = y.at(run.settled_hashes_per_s);
    picture.line("reference", [LEFT, settled], [width - RIGHT, settled]);
    if let Some(after) = run.settled_after_s.filter(|after| *after > 0.0) {
        picture.line("cores", [x.at(after), y.at(0.0)], [x.at(after), settled]);
    }
    let middle = |second: &Second| second.at_s + second.elapsed_s / 2.0;
    let places: Vec<_> =
        run.seconds.iter().map(|it| [x.at(middle(it)), y.at(it.hashes_per_s)]).collect();
    let attributes = [
        ("class", "long-run s0".to_owned()),
        ("data-threads", run.threads.to_string()),
        ("data-start-hashes-per-s", run.start_hashes_per_s.to_string()),
        ("data-settled-hashes-per-s", run.settled_hashes_per_s.to_string()),
    ];
    picture.group(&attributes, |picture| {
        picture.polyline("curve", &places);
        picture.title(&sustained(run));
    });
    let label = format!("settles at {}", hash_rate(run.settled_hashes_per_s, 3));
    picture.text("note", [width - RIGHT - 4.0, settled + 18.0], Anchor::End, &label);
}

fn draw_seconds(picture: &mut Picture, x: &Axis, end: f64, height: f64) {
    for tick in linear_ticks(end).into_iter().filter(|tick| x.contains(*tick)) {
        let at = x.at(tick);
        picture.text("tick", [at, height - BOTTOM + 19.0], Anchor::Middle, &format!("{tick}"));
    }
    let middle = f64::midpoint(x.at(0.0), x.at(end));
    picture.text("axis-title", [middle, height - 8.0], Anchor::Middle, "seconds");
}
