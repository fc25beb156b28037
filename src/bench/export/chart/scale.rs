//! Scales of the panels: which values their axes are marked at, and which baselines have room.

use super::axis::{Axis, BOTTOM, linear_ticks, log_ticks};
use super::model::Model;
use crate::text::hash_rate;

/// From this number of threads up, both axes of the rate are logarithmic.
const LOG_FROM: usize = 16;

/// A baseline is far below the rates where it is this many times lower.
const FAR: f64 = 20.0;

/// Pixels above the axes of a panel.
pub(super) const TOP: f64 = 46.0;

/// Pixels between two lines of small text.
const LINE: f64 = 17.0;

/// Whether each doubling of threads is equally long on the axis, and each doubling of the rate.
pub(super) fn is_log(model: &Model<'_>) -> bool {
    model.points().any(|point| point.threads >= LOG_FROM)
}

/// The axis of the rate between these values.
pub(super) fn rate_axis(model: &Model<'_>, values: [f64; 2], pixels: [f64; 2]) -> Axis {
    if is_log(model) { Axis::log(values, pixels) } else { Axis::linear(values, pixels) }
}

/// The values at which the axis of the rate is marked.
pub(super) fn rate_ticks(model: &Model<'_>) -> Vec<f64> {
    let rates = || model.points().map(|point| &point.hashes_per_s);
    let highest = rates().map(|rate| rate.high).fold(0.0, f64::max);
    if !is_log(model) {
        return linear_ticks(highest);
    }
    let lowest = rates().map(|rate| rate.low).fold(highest, f64::min);
    // Baselines that are not far below the lowest rate are drawn as well.
    let near = model.baselines.iter().map(|(_, rate)| *rate).filter(|rate| *rate * FAR > lowest);
    log_ticks(near.fold(lowest, f64::min), highest)
}

/// The values at which the axis of the efficiency is marked.
pub(super) fn efficiency_ticks(model: &Model<'_>) -> Vec<f64> {
    let highest = model.points().filter_map(|point| point.efficiency).map(|it| it.high);
    let highest = highest.fold(1.0, f64::max);
    // A little more than 1 is within the margin above the axis.
    if highest < 1.05 { vec![0.0, 0.25, 0.5, 0.75, 1.0] } else { linear_ticks(highest) }
}

/// The baselines that the rate panel has room for, the highest first: none that would be cut off
/// or lie on another one's label.
pub(super) fn drawn_baselines<'m>(model: &'m Model<'_>) -> &'m [(&'m str, f64)] {
    let ticks = if model.curves.is_empty() { Vec::new() } else { rate_ticks(model) };
    let (Some(lowest), Some(highest)) = (ticks.first(), ticks.last()) else { return &[] };
    // The lower of the two heights in which the panel is drawn.
    let pixels = [300.0 - BOTTOM, TOP];
    let y = rate_axis(model, [*lowest, *highest], pixels);
    let mut free_from = TOP;
    let has_room = |rate: f64| {
        let at = if y.contains(rate) { y.at(rate) } else { f64::INFINITY };
        let fits = at >= free_from + LINE && at <= pixels[0];
        free_from = at;
        fits
    };
    let rates = model.baselines.iter().map(|(_, rate)| *rate);
    let drawn = rates.map(has_room).take_while(|fits| *fits).count();
    &model.baselines[..drawn]
}

/// What the stacks show.
const STACKS_NOTE: &str = " Stacks show one sample of each point, that with the median of what was \
                           reached; 100 % are all threads, each with a CPU to itself.";

/// The text below the chart: what was measured, what the bars are, and which baselines are missing.
pub(in super::super) fn caption(model: &Model<'_>) -> String {
    let missing: Vec<_> = model.baselines[drawn_baselines(model).len()..]
        .iter()
        .map(|(name, rate)| format!("{name} {}", hash_rate(*rate, 3)))
        .collect();
    let not_drawn = match missing.as_slice() {
        [] => String::new(),
        missing => format!(" Too low to draw: {} (one thread).", missing.join(", ")),
    };
    let stacks = if model.has_accounts() { STACKS_NOTE } else { "" };
    format!("{} Bars are {}.{not_drawn}{stacks}", model.measured, model.intervals)
}
