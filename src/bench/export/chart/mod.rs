//! The chart: hash rate and efficiency over threads, and where the threads went, one panel above
//! the other.
//!
//! The page embeds the same panels. Widths of text are estimated, so that nothing overlaps in any
//! common font. Colours follow the reader's preference, and shapes tell curves apart as well.

mod axis;
mod cpus;
mod legend;
mod long_run;
mod marker;
mod model;
mod panel;
mod part;
mod picture;
mod rates;
mod scale;
mod stacks;
mod text;

pub(super) use legend::Entry;
pub(super) use model::Model;
pub(super) use panel::{Panel, Quantity};
pub(super) use scale::caption;
pub(super) use stacks::Stacks;

use picture::{Anchor, Picture};

use super::escape::xml;
use crate::bench::curve::labels;
use crate::bench::document::{Document, EachCpu, Sustained};

/// The style of the chart. The page includes it as well.
pub(super) const STYLE: &str = include_str!("chart.css");

/// The width of the chart, the margin around all of it, and the width within, in pixels.
const WIDTH: f64 = 760.0;
const MARGIN: f64 = 24.0;
const INNER: f64 = WIDTH - 2.0 * MARGIN;

/// The heights of the panels, in pixels.
const RATE_HEIGHT: f64 = 350.0;
const EFFICIENCY_HEIGHT: f64 = 250.0;
const STACKS_HEIGHT: f64 = 250.0;

/// Pixels from one line of a text to the next.
const LINE: f64 = 18.0;

/// The chart as a file of its own.
pub(super) fn render(documents: &[Document], kernel: Option<&str>) -> String {
    let labels = labels(documents);
    let model = Model::of(documents, &labels, kernel);
    let mut picture = Picture::default();
    let below_heading = draw_heading(&mut picture, &model);
    let below_legend = legend::draw(&mut picture, &model.legend(), [MARGIN, below_heading], INNER);
    let below_panels = draw_panels(&mut picture, &model, below_legend);
    let below_panels = match documents {
        [only] => draw_further_panels(&mut picture, only, below_panels + 14.0),
        _ => below_panels,
    };
    let height = draw_lines(&mut picture, "caption", &caption(&model), below_panels) + MARGIN;
    framed(&model, height, &picture.into_svg())
}

/// Draws title and subtitle, and returns where they end.
fn draw_heading(picture: &mut Picture, model: &Model<'_>) -> f64 {
    let title = text::cut(&model.title, 18.0 * 1.08, INNER);
    picture.text("title", [MARGIN, 36.0], Anchor::Start, &title);
    draw_lines(picture, "subtitle", &model.subtitle, 36.0 + 4.0) + LINE
}

/// Draws the panels of the points, and returns where they end.
fn draw_panels(picture: &mut Picture, model: &Model<'_>, mut top: f64) -> f64 {
    for (quantity, height) in
        [(Quantity::Rate, RATE_HEIGHT), (Quantity::Efficiency, EFFICIENCY_HEIGHT)]
    {
        let panel = Panel { model, quantity, width: INNER, height, is_interactive: false };
        draw_at(picture, top, |picture| panel.draw(picture));
        top += height + 10.0;
    }
    if model.has_accounts() {
        let stacks = Stacks { model, width: INNER, height: STACKS_HEIGHT, is_interactive: false };
        draw_at(picture, top, |picture| top += stacks.draw(picture) + 10.0);
    }
    top - 14.0
}

/// Draws what a single machine may have besides points, and returns where it ends.
fn draw_further_panels(picture: &mut Picture, document: &Document, mut top: f64) -> f64 {
    let size = [INNER, STACKS_HEIGHT];
    let mut panel = |draw: &dyn Fn(&mut Picture)| {
        draw_at(picture, top, |picture| draw(picture));
        top += STACKS_HEIGHT + 10.0;
    };
    if let Some(each) = &document.each_cpu {
        panel(&|picture| cpus::draw(picture, each, size, false));
    }
    if let Some(run) = &document.sustained {
        panel(&|picture| long_run::draw(picture, run, size));
    }
    top - 14.0
}

/// Draws a panel that begins at this height, within the margin.
fn draw_at(picture: &mut Picture, top: f64, draw: impl FnOnce(&mut Picture)) {
    let place = format!("translate({MARGIN} {})", picture::Px(top));
    picture.group(&[("transform", place)], draw);
}

/// The rate of each CPU as a picture of its own, for the page.
pub(super) fn each_cpu(each: &EachCpu, size: [f64; 2]) -> String {
    let mut picture = Picture::default();
    cpus::draw(&mut picture, each, size, true);
    picture.into_panel("each CPU alone", size)
}

/// The long run as a picture of its own, for the page.
pub(super) fn sustained(run: &Sustained, size: [f64; 2]) -> String {
    let mut picture = Picture::default();
    long_run::draw(&mut picture, run, size);
    picture.into_panel("sustained rate", size)
}

/// Draws a text in as many lines as it takes, and returns where it ends.
fn draw_lines(picture: &mut Picture, class: &str, text: &str, top: f64) -> f64 {
    let mut baseline = top;
    for line in text::wrapped(text, text::SIZE, INNER) {
        baseline += LINE;
        picture.text(class, [MARGIN, baseline], Anchor::Start, &line);
    }
    baseline
}

/// The file: the drawing in its `svg` element, with the style and a description.
fn framed(model: &Model<'_>, height: f64, content: &str) -> String {
    let [width, height] = [WIDTH, height].map(picture::Px);
    let (title, description) = (xml(&model.title), xml(&model.description()));
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" class="chart" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" aria-labelledby="title description">
<title id="title">{title}</title>
<desc id="description">{description}</desc>
<style>
{STYLE}</style>
<rect class="paper" width="{width}" height="{height}"/>
{content}</svg>
"#
    )
}
