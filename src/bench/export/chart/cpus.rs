//! The picture of single CPUs: a bar for the rate of each, those of one core side by side.

use super::axis::{Axis, LEFT, RIGHT, linear_ticks};
use super::picture::{Anchor, Picture, focusable};
use super::rates::draw_rates;
use super::text::{self, SIZE};
use crate::bench::document::{EachCpu, MeasuredCpu};
use crate::bench::wording::rate_with_interval;

/// The share of a CPU's place that is empty, and the gap between cores, in places of a CPU.
const GAP: f64 = 0.1;
const GAP_OF_CORES: f64 = 0.35;

/// The widest place of a CPU, in pixels.
const WIDEST: f64 = 64.0;

/// Draws the rate of each CPU in a panel of this width and height. Bars that are interactive take
/// the keyboard's focus; others have titles.
pub(super) fn draw(
    picture: &mut Picture,
    each: &EachCpu,
    [width, height]: [f64; 2],
    is_interactive: bool,
) {
    let cores = each.by_core();
    let title = format!("Each CPU alone, {}", each.kernel);
    let highest = each.cpus.iter().map(|cpu| cpu.hashes_per_s.high).fold(0.0, f64::max);
    let y = draw_rates(picture, &title, &linear_ticks(highest), [width, height]);
    let places = each.cpus.len() as f64 + cores.len() as f64 * GAP_OF_CORES;
    let place = ((width - LEFT - RIGHT) / places).min(WIDEST);
    let mut left = LEFT + place * GAP_OF_CORES / 2.0;
    for core in &cores {
        for cpu in core {
            draw_cpu(picture, (each, cpu), &y, [left, place], is_interactive);
            left += place;
        }
        left += place * GAP_OF_CORES;
    }
    let middle = f64::midpoint(LEFT, width - RIGHT);
    let what = if cores.len() < each.cpus.len() { "CPU, siblings side by side" } else { "CPU" };
    picture.text("axis-title", [middle, height - 8.0], Anchor::Middle, what);
}

fn draw_cpu(
    picture: &mut Picture,
    (each, cpu): (&EachCpu, &MeasuredCpu),
    y: &Axis,
    [left, place]: [f64; 2],
    is_interactive: bool,
) {
    let rate = &cpu.hashes_per_s;
    let (name, rate_shown) = (named(each, cpu), rate_with_interval(rate, 4));
    let label = format!("{name}: {rate_shown}");
    let mut attributes = attributes(each, cpu);
    if is_interactive {
        attributes.extend(focusable(label.clone(), name));
        attributes.push(("data-rows", format!("rate: {rate_shown}")));
    }
    let (width, middle) = (place * (1.0 - GAP), left + place / 2.0);
    picture.group(&attributes, |picture| {
        let foot = y.at(0.0);
        let from = left + place * GAP / 2.0;
        picture.rectangle(
            "bar-of-cpu",
            [from, y.at(rate.median)],
            [width, foot - y.at(rate.median)],
        );
        picture.line("interval", [middle, y.at(rate.low)], [middle, y.at(rate.high)]);
        if !is_interactive {
            picture.title(&label);
        }
    });
    let number = cpu.cpu.to_string();
    if text::width(&number, SIZE) <= place {
        picture.text("tick", [middle, y.at(0.0) + 19.0], Anchor::Middle, &number);
    }
}

/// The colour of a CPU's cluster, and its figures for scripts.
fn attributes(each: &EachCpu, cpu: &MeasuredCpu) -> Vec<(&'static str, String)> {
    let cluster = each.clusters.iter().position(|cluster| cluster.cpus.contains(&cpu.cpu));
    vec![
        ("class", format!("mark s{}", cluster.unwrap_or(0).min(5))),
        ("data-panel", "cpus".to_owned()),
        ("data-cpu", cpu.cpu.to_string()),
        ("data-core", cpu.core.to_string()),
        ("data-hashes-per-s", cpu.hashes_per_s.median.to_string()),
    ]
}

/// A CPU's number, its core and the cluster that it is in.
fn named(each: &EachCpu, cpu: &MeasuredCpu) -> String {
    let core =
        if cpu.core == cpu.cpu { String::new() } else { format!(", sibling of {}", cpu.core) };
    let name =
        each.cluster_of(cpu.cpu).map(|cluster| format!(", {}", cluster.name)).unwrap_or_default();
    format!("CPU {}{core}{name}", cpu.cpu)
}
