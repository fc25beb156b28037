//! Text tables whose rows are printed one by one, as they become known.

use unicode_width::UnicodeWidthStr as _;

use super::output::{HEADING, styled};

/// A column: its heading, its alignment and its least width.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) heading: &'static str,
    pub(super) is_right: bool,
    pub(super) width: usize,
}

impl Column {
    pub(super) const fn left(heading: &'static str, width: usize) -> Self {
        Self { heading, is_right: false, width }
    }

    pub(super) const fn right(heading: &'static str, width: usize) -> Self {
        Self { heading, is_right: true, width }
    }
}

/// Lays out rows under headings. A cell too wide for its column moves the rest of its row.
#[derive(Clone, Debug)]
pub(super) struct TextTable {
    columns: Vec<Column>,
}

impl TextTable {
    pub(super) fn new(columns: impl Into<Vec<Column>>) -> Self {
        Self { columns: columns.into() }
    }

    /// The same table, wide enough for all these rows.
    pub(super) fn fitted(mut self, rows: &[Vec<String>]) -> Self {
        for row in rows {
            for (column, cell) in self.columns.iter_mut().zip(row) {
                column.width = column.width.max(cell.width());
            }
        }
        self
    }

    /// Widens the column with this heading to at least this width.
    pub(super) fn widen(&mut self, heading: &str, width: usize) {
        for column in self.columns.iter_mut().filter(|column| column.heading == heading) {
            column.width = column.width.max(width);
        }
    }

    pub(super) fn heading(&self) -> String {
        let headings = self.columns.iter().map(|column| column.heading.to_owned());
        styled(HEADING, &self.row(&headings.collect::<Vec<_>>()))
    }

    pub(super) fn row(&self, cells: &[String]) -> String {
        let cells = self.columns.iter().zip(cells).map(|(column, cell)| {
            let width = column.width.max(column.heading.width());
            let padding = " ".repeat(width.saturating_sub(cell.width()));
            if column.is_right { padding + cell } else { cell.to_owned() + &padding }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stand_under_their_headings() {
        let table = TextTable::new([Column::right("block", 0), Column::left("hash", 8)]);
        assert_eq!(table.heading(), styled(HEADING, "block  hash"));
        assert_eq!(table.row(&["1".to_owned(), "00ab".to_owned()]), "    1  00ab");
    }

    #[test]
    fn wide_characters_count_for_two() {
        let table = TextTable::new([Column::left("a", 6), Column::left("b", 1)]);
        assert_eq!(table.row(&["世界".to_owned(), "x".to_owned()]), "世界    x");
    }
}
