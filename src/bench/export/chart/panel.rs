//! One panel: axes, reference lines, and every curve with its intervals.

use super::axis::{Axis, BOTTOM, LEFT, RIGHT};
use super::marker;
use super::model::{Model, describe_point};
use super::picture::{Anchor, Picture, focusable};
use super::scale::{TOP, drawn_baselines, efficiency_ticks, is_log, rate_axis, rate_ticks};
use super::text::{self, SIZE};
use crate::bench::curve::Curve;
use crate::bench::document::Point;
use crate::bench::statistics::Interval;
use crate::bench::wording::{percent_with_interval, rate_with_interval, times_with_interval};
use crate::text::{RateUnit, counted, hash_rate};

/// The least pixels between two labels of an axis.
const GAP: f64 = 8.0;

/// What a panel shows over threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Quantity {
    /// Hashes per second.
    Rate,
    /// Speedup per thread.
    Efficiency,
}

impl Quantity {
    fn name(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::Efficiency => "efficiency",
        }
    }

    fn value(self, point: &Point) -> Option<Interval> {
        match self {
            Self::Rate => Some(point.hashes_per_s),
            Self::Efficiency => point.efficiency,
        }
    }
}

/// A panel and its size.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Panel<'a> {
    pub(in super::super) model: &'a Model<'a>,
    pub(in super::super) quantity: Quantity,
    /// With its margins, in pixels.
    pub(in super::super) width: f64,
    /// With its margins, in pixels.
    pub(in super::super) height: f64,
    /// Whether its marks take the keyboard's focus. Otherwise they have titles.
    pub(in super::super) is_interactive: bool,
}

impl Panel<'_> {
    /// The panel as a picture of its own, for the page.
    pub(in super::super) fn to_svg(self) -> String {
        let mut picture = Picture::default();
        self.draw(&mut picture);
        picture.into_panel(&self.title(), [self.width, self.height])
    }

    pub(super) fn draw(self, picture: &mut Picture) {
        picture.text("panel-title", [0.0, 14.0], Anchor::Start, &self.title());
        let threads = self.model.threads();
        let (Some(first), Some(last)) = (threads.first(), threads.last()) else {
            let middle = [self.width / 2.0, self.height / 2.0];
            return picture.text("note", middle, Anchor::Middle, "no point was measured");
        };
        let x = self.threads_axis(*first, *last);
        let (y, ticks) = self.value_axis();
        self.draw_values(picture, &y, &ticks);
        self.draw_threads(picture, &x, &threads);
        self.draw_cores(picture, &x);
        self.draw_references(picture, &x, &y);
        for (number, curve) in self.model.curves.iter().enumerate() {
            self.draw_curve(picture, &x, &y, number, curve);
        }
        if self.model.points().all(|point| self.quantity.value(point).is_none()) {
            let middle = [f64::midpoint(LEFT, self.right()), f64::midpoint(TOP, self.bottom())];
            let why = "not known: one thread was not measured";
            picture.text("note", middle, Anchor::Middle, why);
        }
    }

    fn title(self) -> String {
        match (self.quantity, is_log(self.model)) {
            (Quantity::Rate, false) => "Hash rate".to_owned(),
            (Quantity::Rate, true) => "Hash rate (logarithmic)".to_owned(),
            (Quantity::Efficiency, _) => "Efficiency: speedup per thread".to_owned(),
        }
    }

    fn right(self) -> f64 {
        self.width - RIGHT
    }

    fn bottom(self) -> f64 {
        self.height - BOTTOM
    }

    fn threads_axis(self, first: usize, last: usize) -> Axis {
        let (first, last, pixels) = (first as f64, last as f64, [LEFT, self.right()]);
        if is_log(self.model) {
            // A margin of the twentieth part of the axis on both sides.
            let margin = (last / first).max(2.0).powf(0.05);
            Axis::log([first / margin, last * margin], pixels)
        } else {
            let margin = (last * 0.06).max(0.25);
            Axis::linear([(first - margin).max(0.0), last + margin], pixels)
        }
    }

    fn value_axis(self) -> (Axis, Vec<f64>) {
        let ticks = match self.quantity {
            Quantity::Rate => rate_ticks(self.model),
            Quantity::Efficiency => efficiency_ticks(self.model),
        };
        let (lowest, highest) = (ticks[0], ticks[ticks.len() - 1]);
        let pixels = [self.bottom(), TOP];
        let axis = match self.quantity {
            Quantity::Rate => rate_axis(self.model, [lowest, highest], pixels),
            // Room for the intervals of a perfect point.
            Quantity::Efficiency => Axis::linear([lowest, highest * 1.05], pixels),
        };
        (axis, ticks)
    }

    fn draw_values(self, picture: &mut Picture, y: &Axis, ticks: &[f64]) {
        for tick in ticks {
            let at = y.at(*tick);
            picture.line("grid", [LEFT, at], [self.right(), at]);
            let label = self.value_label(*tick);
            picture.text("tick", [LEFT - 8.0, at + 4.0], Anchor::End, &label);
        }
        picture.line("axis", [LEFT, self.bottom()], [self.right(), self.bottom()]);
    }

    fn value_label(self, value: f64) -> String {
        match self.quantity {
            Quantity::Efficiency => format!("{:.0} %", value * 100.0),
            Quantity::Rate if value == 0.0 => "0".to_owned(),
            Quantity::Rate => {
                let unit = RateUnit::fitting(value);
                let number = format!("{:.3}", value / unit.hashes_per_s);
                format!("{} {}", number.trim_end_matches('0').trim_end_matches('.'), unit.name)
            }
        }
    }

    /// Marks every measured number of threads, and labels those that have room.
    fn draw_threads(self, picture: &mut Picture, x: &Axis, threads: &[usize]) {
        let bottom = self.bottom();
        for count in threads {
            let at = x.at(*count as f64);
            picture.line("axis", [at, bottom], [at, bottom + 5.0]);
        }
        for (count, at) in self.named_threads(x, threads) {
            picture.text("tick", [at, bottom + 19.0], Anchor::Middle, &count.to_string());
        }
        let title = if x.is_log { "threads (logarithmic)" } else { "threads" };
        let middle = f64::midpoint(LEFT, self.right());
        picture.text("axis-title", [middle, bottom + 38.0], Anchor::Middle, title);
    }

    /// Numbers of threads with room for a label: the ends first, then cores, powers of two, others.
    fn named_threads(self, x: &Axis, threads: &[usize]) -> Vec<(usize, f64)> {
        let ends = [threads[0], threads[threads.len() - 1]];
        let rank = |count: &usize| match count {
            it if ends.contains(it) => 0,
            it if self.model.cores.contains(it) => 1,
            it if it.is_power_of_two() => 2,
            _ => 3,
        };
        let mut by_rank = threads.to_vec();
        by_rank.sort_by_key(rank);
        let mut named: Vec<(usize, f64)> = Vec::new();
        for count in by_rank {
            let (at, half) = (x.at(count as f64), half_width(count));
            let has_room = named
                .iter()
                .all(|(other, place)| (at - place).abs() > half + half_width(*other) + GAP);
            if has_room {
                named.push((count, at));
            }
        }
        named
    }

    /// Marks the number of threads above which siblings share cores.
    fn draw_cores(self, picture: &mut Picture, x: &Axis) {
        if let ([only], true) = (self.model.cores.as_slice(), self.model.is_one_machine) {
            let from = x.at(*only as f64);
            let size = [self.right() - from, self.bottom() - TOP];
            picture.rectangle("siblings", [from, TOP], size);
        }
        let mut free_from = LEFT;
        for cores in self.model.cores.iter().filter(|cores| x.contains(**cores as f64)) {
            let at = x.at(*cores as f64);
            picture.line("cores", [at, TOP - 4.0], [at, self.bottom()]);
            let label = self.cores_label(*cores, self.right() - at);
            let start = at - text::width(&label, SIZE) / 2.0;
            let start = start.min(self.right() - text::width(&label, SIZE));
            if start >= free_from {
                picture.text("note", [start, TOP - 9.0], Anchor::Start, &label);
                free_from = start + text::width(&label, SIZE) + GAP;
            }
        }
    }

    fn cores_label(self, cores: usize, room: f64) -> String {
        let short = counted(cores, "core");
        let long = format!("{short}, then SMT siblings");
        let fits = text::width(&long, SIZE) / 2.0 <= room.max(120.0);
        if self.model.is_one_machine && fits { long } else { short }
    }

    fn draw_references(self, picture: &mut Picture, x: &Axis, y: &Axis) {
        match self.quantity {
            Quantity::Efficiency => {
                picture.line("reference", [LEFT, y.at(1.0)], [self.right(), y.at(1.0)]);
            }
            Quantity::Rate => {
                for (number, curve) in self.model.curves.iter().enumerate() {
                    Self::draw_ideal(picture, x, y, number, curve);
                }
                self.draw_baselines(picture, y);
            }
        }
    }

    /// Draws n times the rate of one thread, as far as the panel reaches.
    fn draw_ideal(picture: &mut Picture, x: &Axis, y: &Axis, number: usize, curve: &Curve<'_>) {
        let (Some(one), Some(last)) = (curve.one_thread(), curve.points.last()) else { return };
        let one = one.hashes_per_s.median;
        let end = (last.threads as f64).min(y.high / one);
        if end <= 1.0 {
            return;
        }
        let places = [1.0, end].map(|threads| [x.at(threads), y.at(one * threads)]);
        picture.group(&[("class", marker::colour(number))], |picture| {
            picture.line("ideal", places[0], places[1]);
        });
    }

    fn draw_baselines(self, picture: &mut Picture, y: &Axis) {
        for (name, rate) in drawn_baselines(self.model) {
            let at = y.at(*rate);
            picture.line("baseline", [LEFT, at], [self.right(), at]);
            let label = format!("{name} {}, one thread", hash_rate(*rate, 3));
            picture.text("note", [self.right() - 4.0, at - 4.0], Anchor::End, &label);
        }
    }

    fn draw_curve(
        self,
        picture: &mut Picture,
        x: &Axis,
        y: &Axis,
        number: usize,
        curve: &Curve<'_>,
    ) {
        let marks = curve.points.iter().filter_map(|point| {
            let value = self.quantity.value(point)?;
            Some((point, value, [x.at(point.threads as f64), y.at(y.clamped(value.median))]))
        });
        let marks: Vec<_> = marks.collect();
        let places: Vec<_> = marks.iter().map(|(.., at)| *at).collect();
        picture.group(&[("class", marker::colour(number))], |picture| {
            if places.len() > 1 {
                picture.polyline("curve", &places);
            }
            for (point, value, at) in marks {
                picture.group(&self.attributes(curve, point), |picture| {
                    Self::draw_mark(picture, y, number, at, &value);
                    if !self.is_interactive {
                        picture.title(&self.mark_label(curve, point));
                    }
                });
            }
        });
    }

    /// Draws a marker on the bar of its interval, and a larger circle for the pointer.
    fn draw_mark(picture: &mut Picture, y: &Axis, number: usize, at: [f64; 2], it: &Interval) {
        const CAP: f64 = 4.0;
        let [x, _] = at;
        let [low, high] = [it.low, it.high].map(|end| y.at(y.clamped(end)));
        picture.line("bar", [x, low], [x, high]);
        for end in [low, high] {
            picture.line("bar", [x - CAP, end], [x + CAP, end]);
        }
        marker::draw(picture, number, at);
        picture.circle("hit", at, 12.0);
    }

    fn mark_label(self, curve: &Curve<'_>, point: &Point) -> String {
        format!("{}: {}", self.model.name(curve), describe_point(point))
    }

    /// The figures, for scripts and for the page's tooltips.
    fn attributes(self, curve: &Curve<'_>, point: &Point) -> Vec<(&'static str, String)> {
        let rate = &point.hashes_per_s;
        let mut attributes = vec![
            ("class", "mark".to_owned()),
            ("data-panel", self.quantity.name().to_owned()),
            ("data-label", curve.label.to_owned()),
            ("data-kernel", point.kernel.clone()),
            ("data-pinned", point.pinned.to_string()),
            ("data-threads", point.threads.to_string()),
            ("data-hashes-per-s", rate.median.to_string()),
            ("data-low", rate.low.to_string()),
            ("data-high", rate.high.to_string()),
        ];
        if self.is_interactive {
            attributes.extend(focusable(self.mark_label(curve, point), self.model.name(curve)));
            attributes.push(("data-rate", rate_with_interval(rate, 5)));
            attributes.extend(point.speedup.map(|it| ("data-speedup", times_with_interval(&it))));
            let efficiency = point.efficiency.map(|it| percent_with_interval(&it));
            attributes.extend(efficiency.map(|it| ("data-efficiency", it)));
        }
        attributes
    }
}

fn half_width(count: usize) -> f64 {
    text::width(&count.to_string(), SIZE) / 2.0
}
