//! The chart: hash rate and efficiency over threads, and where the threads went, one panel above the
//! other.
//!
//! The page embeds the same panels. Widths of text are estimated, so that nothing overlaps in any
//! common font. Colours follow the reader's preference, and shapes tell curves apart as well.

mod axis;
mod legend;
mod marker;
mod model;
mod panel;
mod part;
mod picture;
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
use crate::bench::document::Document;

/// The style of the chart. The page includes it as well.
pub(super) const STYLE: &str = include_str!("chart.css");

const WIDTH: f64 = 760.0;
const MARGIN: f64 = 24.0;
const INNER: f64 = WIDTH - 2.0 * MARGIN;
const RATE_HEIGHT: f64 = 350.0;
const EFFICIENCY_HEIGHT: f64 = 250.0;
const STACKS_HEIGHT: f64 = 250.0;
const LINE: f64 = 18.0;
const TEXT: f64 = 12.0;

/// The chart as a file of its own.
pub(super) fn render(documents: &[Document], kernel: Option<&str>) -> String {
    let labels = labels(documents);
    let model = Model::of(documents, &labels, kernel);
    let mut picture = Picture::default();
    let below_heading = heading(&mut picture, &model);
    let below_legend = legend::draw(&mut picture, &model.legend(), [MARGIN, below_heading], INNER);
    let below_panels = panels(&mut picture, &model, below_legend);
    let height = draw_lines(&mut picture, "caption", &caption(&model), below_panels) + MARGIN;
    framed(&model, height, &picture.into_svg())
}

/// Draws title and subtitle, and returns where they end.
fn heading(picture: &mut Picture, model: &Model<'_>) -> f64 {
    let title = text::cut(&model.title, 18.0 * 1.08, INNER);
    picture.text("title", [MARGIN, 36.0], Anchor::Start, &title);
    draw_lines(picture, "subtitle", &model.subtitle, 36.0 + 4.0) + LINE
}

fn panels(picture: &mut Picture, model: &Model<'_>, top: f64) -> f64 {
    let mut top = top;
    for (quantity, height) in
        [(Quantity::Rate, RATE_HEIGHT), (Quantity::Efficiency, EFFICIENCY_HEIGHT)]
    {
        let panel = Panel { model, quantity, width: INNER, height, is_interactive: false };
        let place = format!("translate({MARGIN} {})", picture::Px(top));
        picture.group(&[("transform", place)], |picture| panel.draw(picture));
        top += height + 10.0;
    }
    if model.has_accounts() {
        let stacks = Stacks { model, width: INNER, height: STACKS_HEIGHT, is_interactive: false };
        let place = format!("translate({MARGIN} {})", picture::Px(top));
        picture.group(&[("transform", place)], |picture| top += stacks.draw(picture) + 10.0);
    }
    top - 14.0
}

/// Draws a text in as many lines as it takes, and returns where it ends.
fn draw_lines(picture: &mut Picture, class: &str, text: &str, top: f64) -> f64 {
    let mut baseline = top;
    for line in text::wrapped(text, TEXT, INNER) {
        baseline += LINE;
        picture.text(class, [MARGIN, baseline], Anchor::Start, &line);
    }
    baseline
}

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
