//! Writes SVG elements.

use std::fmt::{self, Display, Write as _};

use super::super::escape::xml;

/// Pixels, to a hundredth and without trailing zeros.
#[derive(Clone, Copy, Debug)]
pub(super) struct Px(pub(super) f64);

impl Display for Px {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:.2}", self.0);
        let text = text.trim_end_matches('0').trim_end_matches('.');
        f.write_str(if text == "-0" { "0" } else { text })
    }
}

/// Which point of a text is put at the place that is given: its start, middle or end.
#[derive(Clone, Copy, Debug)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// Attributes of a mark that takes the keyboard's focus: what it is read out as, and the name that
/// its tooltip has.
pub(super) fn focusable(label: String, name: String) -> [(&'static str, String); 4] {
    [
        ("tabindex", "0".to_owned()),
        ("role", "img".to_owned()),
        ("aria-label", label),
        ("data-name", name),
    ]
}

/// SVG under construction. Texts and attribute values are escaped. Classes and attribute names are
/// the program's own and are not.
#[derive(Debug, Default)]
pub(super) struct Picture {
    svg: String,
}

impl Picture {
    /// The elements, without an `svg` element around them.
    pub(super) fn into_svg(self) -> String {
        self.svg
    }

    /// A picture of its own for the page: a panel of this title, width and height.
    pub(super) fn into_panel(self, title: &str, [width, height]: [f64; 2]) -> String {
        format!(
            r#"<svg class="chart" viewBox="0 0 {width} {height}" role="group" aria-label="{title}">
{}</svg>"#,
            self.svg
        )
    }

    pub(super) fn line(&mut self, class: &str, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2]) {
        let [x1, y1, x2, y2] = [x1, y1, x2, y2].map(Px);
        self.push(format_args!(
            r#"<line class="{class}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>"#
        ));
    }

    pub(super) fn polyline(&mut self, class: &str, places: &[[f64; 2]]) {
        let places: Vec<_> = places.iter().map(|[x, y]| format!("{},{}", Px(*x), Px(*y))).collect();
        self.push(format_args!(r#"<polyline class="{class}" points="{}"/>"#, places.join(" ")));
    }

    pub(super) fn rectangle(&mut self, class: &str, [x, y]: [f64; 2], [width, height]: [f64; 2]) {
        let [x, y, width, height] = [x, y, width, height].map(Px);
        self.push(format_args!(
            r#"<rect class="{class}" x="{x}" y="{y}" width="{width}" height="{height}"/>"#
        ));
    }

    pub(super) fn circle(&mut self, class: &str, [x, y]: [f64; 2], radius: f64) {
        let [x, y, radius] = [x, y, radius].map(Px);
        self.push(format_args!(r#"<circle class="{class}" cx="{x}" cy="{y}" r="{radius}"/>"#));
    }

    pub(super) fn path(&mut self, class: &str, path: &str) {
        self.push(format_args!(r#"<path class="{class}" d="{path}"/>"#));
    }

    pub(super) fn text(&mut self, class: &str, [x, y]: [f64; 2], anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let ([x, y], text) = ([x, y].map(Px), xml(text));
        self.push(format_args!(
            r#"<text class="{class}" x="{x}" y="{y}" text-anchor="{anchor}">{text}</text>"#
        ));
    }

    /// Slanted lines over a rectangle. No pattern: a page that asks for nothing has no `url()`.
    pub(super) fn hatching(&mut self, [x, y]: [f64; 2], [width, height]: [f64; 2]) {
        const STEP: f64 = 7.0;
        let distances = (1..).map(|number| f64::from(number) * STEP);
        let lines = distances.take_while(|distance| *distance < width + height).map(|distance| {
            let from = [x + distance.min(width), y + (distance - width).max(0.0)];
            let to = [x + (distance - height).max(0.0), y + distance.min(height)];
            let [[from_x, from_y], [to_x, to_y]] = [from, to].map(|place| place.map(Px));
            format!("M{from_x},{from_y}L{to_x},{to_y}")
        });
        let lines: String = lines.collect();
        if !lines.is_empty() {
            self.path("hatching", &lines);
        }
    }

    /// The title of the group that is being drawn, which browsers show beside the pointer.
    pub(super) fn title(&mut self, text: &str) {
        let text = xml(text);
        self.push(format_args!("<title>{text}</title>"));
    }

    /// A group with these attributes, and what is drawn in it.
    pub(super) fn group(&mut self, attributes: &[(&str, String)], draw: impl FnOnce(&mut Self)) {
        self.svg.push_str("<g");
        for (name, value) in attributes {
            let _ = write!(self.svg, " {name}=\"{}\"", xml(value));
        }
        self.svg.push_str(">\n");
        draw(self);
        self.push(format_args!("</g>"));
    }

    fn push(&mut self, element: fmt::Arguments<'_>) {
        let _ = writeln!(self.svg, "{element}");
    }
}
