//! HTML of tables, definitions and folded parts.

use super::super::escape::xml;
use super::super::tables::TextTable;

/// A table that scrolls by itself if the page is too narrow.
pub(super) fn table(table: &TextTable) -> String {
    let cell = |element: &str, column: usize, text: &str| {
        let class = if column < table.text_columns { "" } else { " class=\"figure\"" };
        format!("<{element}{class}>{}</{element}>", xml(text))
    };
    let row = |element: &str, cells: &[String]| {
        let cells: String =
            cells.iter().enumerate().map(|(column, text)| cell(element, column, text)).collect();
        format!("<tr>{cells}</tr>\n")
    };
    let body: String = table.rows.iter().map(|cells| row("td", cells)).collect();
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"table\"><table>\n\
         <thead>\n{}</thead>\n<tbody>\n{body}</tbody>\n</table></div>\n",
        row("th scope=\"col\"", &table.headings).replace("</th scope=\"col\">", "</th>")
    )
}

/// A list of names and their texts.
pub(super) fn definitions<'a>(rows: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let row = |(name, text): (&str, String)| {
        format!("<div><dt>{}</dt><dd>{}</dd></div>\n", xml(name), xml(&text))
    };
    format!("<dl>\n{}</dl>\n", rows.into_iter().map(row).collect::<String>())
}

/// A part that is folded until the reader opens it.
pub(super) fn folded(summary: &str, content: &str) -> String {
    format!("<details>\n<summary>{}</summary>\n{content}</details>\n", xml(summary))
}
