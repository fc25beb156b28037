//! The panel of stacks: where the threads of each point went.
//!
//! A stack is as high as all threads of its point: what was reached at its foot, and every loss
//! above it. Unlike the other panels it has no axis of threads: stacks stand side by side.

use super::axis::{Axis, BOTTOM, LEFT, RIGHT};
use super::legend::{self, Entry, Mark};
use super::marker;
use super::model::Model;
use super::part::Part;
use super::picture::{Anchor, Picture, focusable};
use super::text::{self, SIZE};
use crate::bench::curve::Curve;
use crate::bench::document::{Point, Sample};
use crate::bench::wording::{account_rows, threads_worth};
use crate::text::{counted, rounded_percent};

/// Pixels below the stacks for the markers that tell curves apart.
const MARKERS: f64 = 16.0;

/// The share of a group of stacks that is empty.
const MARGIN: f64 = 0.2;

/// The widest stack, in pixels.
const WIDEST: f64 = 56.0;

/// The panel and its size.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Stacks<'a> {
    pub(in super::super) model: &'a Model<'a>,
    /// With its margins, in pixels.
    pub(in super::super) width: f64,
    /// With its margins but without the legend, in pixels.
    pub(in super::super) height: f64,
    /// Whether its marks take the keyboard's focus. Otherwise they have titles.
    pub(in super::super) is_interactive: bool,
}

/// A point whose account is known, with the sample that is drawn.
struct Stack<'a> {
    curve: &'a Curve<'a>,
    point: &'a Point,
    sample: &'a Sample,
}

impl<'a> Stacks<'a> {
    /// The panel as a picture of its own, for the page.
    pub(in super::super) fn to_svg(self) -> String {
        let mut picture = Picture::default();
        let height = self.draw(&mut picture);
        picture.into_panel(TITLE, [self.width, height])
    }

    /// Draws the panel, and returns its height.
    pub(super) fn draw(self, picture: &mut Picture) -> f64 {
        picture.text("panel-title", [0.0, 14.0], Anchor::Start, TITLE);
        let stacks = self.stacks();
        let top = legend::draw(picture, &self.entries(&stacks), [0.0, 34.0], self.width);
        let height = top + self.height - BOTTOM;
        let y = self.draw_values(picture, &stacks, [height - self.below(), top]);
        let threads = self.threads(&stacks);
        let group = (self.width - LEFT - RIGHT) / threads.len() as f64;
        let starts = |place: usize| LEFT + group * place as f64;
        self.draw_siblings(picture, &threads, [top, y.at(0.0)], group);
        for (place, count) in threads.iter().enumerate() {
            let middle = starts(place) + group / 2.0;
            let of_group = stacks.iter().filter(|stack| stack.point.threads == *count);
            self.draw_group(picture, &y, &of_group.collect::<Vec<_>>(), [middle, group]);
        }
        draw_counts(picture, &threads, [group, y.at(0.0) + self.below() - BOTTOM + 19.0]);
        let middle = f64::midpoint(LEFT, self.width - RIGHT);
        picture.text("axis-title", [middle, height - 8.0], Anchor::Middle, "threads");
        height
    }

    fn stacks(self) -> Vec<Stack<'a>> {
        let of_curve = |curve: &'a Curve<'a>| {
            let stack = move |point: &&'a Point| {
                Some(Stack { curve, point, sample: point.typical_sample()? })
            };
            curve.points.iter().filter_map(stack)
        };
        self.model.curves.iter().flat_map(of_curve).collect()
    }

    /// The numbers of threads that have stacks, ascending.
    fn threads(self, stacks: &[Stack<'_>]) -> Vec<usize> {
        let has_stack = |count: &usize| stacks.iter().any(|stack| stack.point.threads == *count);
        self.model.threads().into_iter().filter(has_stack).collect()
    }

    /// The legend of the parts that are seen.
    fn entries(self, stacks: &[Stack<'_>]) -> Vec<Entry> {
        let is_seen = |part: &Part| {
            stacks.iter().any(|stack| stack.parts().any(|(it, size)| it == *part && size > 0.001))
        };
        let shares_cores = !self.model.cores.is_empty();
        let name = |part: Part| match part.name() {
            name if part.is_per_cycle() && shares_cores => format!("{name}, or a core shared"),
            name => name.to_owned(),
        };
        let entry = |part: Part| Entry { name: name(part), mark: Mark::Part(part) };
        Part::all().filter(is_seen).map(entry).collect()
    }

    fn has_markers(self) -> bool {
        self.model.curves.len() > 1
    }

    /// Pixels below the stacks.
    fn below(self) -> f64 {
        if self.has_markers() { BOTTOM + MARKERS } else { BOTTOM }
    }

    /// Draws the lines of the values, in shares of the threads, and returns their axis.
    fn draw_values(self, picture: &mut Picture, stacks: &[Stack<'_>], pixels: [f64; 2]) -> Axis {
        let heights = stacks.iter().map(|stack| stack.parts().map(|(_, size)| size).sum::<f64>());
        let highest = heights.fold(1.0, f64::max);
        let y = Axis::linear([0.0, highest], pixels);
        for tick in [0.0, 0.25, 0.5, 0.75, 1.0] {
            let at = y.at(tick);
            picture.line("grid", [LEFT, at], [self.width - RIGHT, at]);
            picture.text("tick", [LEFT - 8.0, at + 4.0], Anchor::End, &rounded_percent(tick));
        }
        picture.line("axis", [LEFT, y.at(0.0)], [self.width - RIGHT, y.at(0.0)]);
        y
    }

    /// Shades the groups with more threads than cores, as the other panels do.
    fn draw_siblings(
        self,
        picture: &mut Picture,
        threads: &[usize],
        [top, bottom]: [f64; 2],
        group: f64,
    ) {
        let ([cores], true) = (self.model.cores.as_slice(), self.model.is_one_machine) else {
            return;
        };
        let first = threads.iter().position(|count| count > cores);
        if let Some(first) = first.filter(|first| *first > 0) {
            let from = LEFT + group * first as f64;
            let size = [self.width - RIGHT - from, bottom - top];
            picture.rectangle("siblings", [from, top], size);
            picture.line("cores", [from, top], [from, bottom]);
        }
    }

    /// Draws the stacks of one number of threads around the middle of their group.
    fn draw_group(
        self,
        picture: &mut Picture,
        y: &Axis,
        stacks: &[&Stack<'_>],
        [middle, group]: [f64; 2],
    ) {
        let width = (group * (1.0 - MARGIN) / stacks.len() as f64).min(WIDEST);
        let first = middle - width * stacks.len() as f64 / 2.0;
        for (place, stack) in stacks.iter().enumerate() {
            let left = first + width * place as f64;
            picture.group(&self.attributes(stack), |picture| {
                stack.draw(picture, y, [left, (width - 1.0).max(1.0)]);
                if !self.is_interactive {
                    picture.title(&self.label(stack));
                }
            });
            if self.has_markers() && width >= 8.0 {
                self.draw_marker(picture, stack, [left + width / 2.0, y.at(0.0) + 10.0]);
            }
        }
    }

    fn draw_marker(self, picture: &mut Picture, stack: &Stack<'_>, at: [f64; 2]) {
        let is_same = |curve: &Curve<'_>| std::ptr::eq(curve, stack.curve);
        let Some(number) = self.model.curves.iter().position(is_same) else { return };
        picture.group(&[("class", marker::colour(number))], |picture| {
            marker::draw(picture, number, at);
        });
    }

    /// A stack in words.
    fn label(self, stack: &Stack<'_>) -> String {
        let name = self.model.name(stack.curve);
        let threads = counted(stack.point.threads, "thread");
        let rows = account_rows(stack.curve);
        let row = rows.iter().find(|row| row.threads == stack.point.threads);
        let went =
            row.map_or_else(String::new, |row| format!(": {} reached; {}", row.reached, row.lost));
        format!("{name}: {threads}{went}")
    }

    /// The figures, for scripts and for the page's tooltips.
    fn attributes(self, stack: &Stack<'_>) -> Vec<(&'static str, String)> {
        let point = stack.point;
        let mut attributes = vec![
            ("class", "mark".to_owned()),
            ("data-panel", "account".to_owned()),
            ("data-label", stack.curve.label.to_owned()),
            ("data-kernel", point.kernel.clone()),
            ("data-pinned", point.pinned.to_string()),
            ("data-threads", point.threads.to_string()),
        ];
        let figures = Part::all().filter_map(|part| {
            let figure = part.figure(stack.sample.account.as_ref()?)?;
            Some((part.attribute(), figure.to_string()))
        });
        attributes.extend(figures);
        if self.is_interactive {
            attributes.extend(focusable(self.label(stack), self.model.name(stack.curve)));
            attributes.push(("data-rows", stack.rows()));
        }
        attributes
    }
}

const TITLE: &str = "Where the threads went: parts of all threads";

impl Stack<'_> {
    /// The parts, from the lowest to the highest, each with its share of the threads.
    fn parts(&self) -> impl Iterator<Item = (Part, f64)> {
        let account = self.sample.account.unwrap_or_default();
        let threads = self.point.threads as f64;
        Part::all().map(move |part| (part, part.drawn(&account) / threads))
    }

    fn draw(&self, picture: &mut Picture, y: &Axis, [left, width]: [f64; 2]) {
        let mut foot = 0.0;
        for (part, size) in self.parts() {
            let (from, to) = (y.at(foot), y.at(foot + size));
            foot += size;
            if from > to {
                part.draw(picture, [left, to], [width, from - to]);
            }
        }
        picture.rectangle("hit outline", [left, y.at(foot)], [width, y.at(0.0) - y.at(foot)]);
    }

    /// Each part that is known, the highest first: its name, and its figure with the interval of
    /// all samples.
    fn rows(&self) -> String {
        let row = |part: Part| {
            let figure = part.figure(self.sample.account.as_ref()?)?;
            let interval = part.figure(self.point.account.as_ref()?)?;
            let [figure, low, high] = [figure, interval.low, interval.high].map(threads_worth);
            Some(format!("{}: {figure} [{low}, {high}]", part.name()))
        };
        let mut rows: Vec<_> = Part::all().filter_map(row).collect();
        rows.reverse();
        rows.join("; ")
    }
}

/// Labels the groups with their numbers of threads, as many as have room.
fn draw_counts(picture: &mut Picture, threads: &[usize], [group, baseline]: [f64; 2]) {
    let widest = threads.iter().map(|count| text::width(&count.to_string(), SIZE));
    let widest = widest.fold(0.0, f64::max) + 8.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few groups")]
    let every = (widest / group).ceil().max(1.0) as usize;
    for (place, count) in threads.iter().enumerate() {
        // Counted from the largest number, which always has its label.
        if (threads.len() - 1 - place).is_multiple_of(every) {
            let middle = LEFT + group * (place as f64 + 0.5);
            picture.text("tick", [middle, baseline], Anchor::Middle, &count.to_string());
        }
    }
}
