//! Text tables whose rows are printed one by one, as they become known.

use unicode_width::UnicodeWidthStr as _;

use super::output::{HEADING, styled};

/// A column: its heading, its alignment and its least width.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) heading: &'static str,
    pub(super) is_right: bool,
    pub(super) width: usize,
    /// Whether the table has no room for it.
    is_left_out: bool,
}

/// Between two columns.
const GAP: &str = "  ";

impl Column {
    pub(super) const fn left(heading: &'static str, width: usize) -> Self {
        Self { heading, is_right: false, width, is_left_out: false }
    }

    pub(super) const fn right(heading: &'static str, width: usize) -> Self {
        Self { heading, is_right: true, width, is_left_out: false }
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

    /// The heading and these rows, under columns that are wide enough for all of them.
    pub(super) fn lines(self, rows: &[Vec<String>]) -> Vec<String> {
        let table = self.fitted(rows);
        std::iter::once(table.heading()).chain(rows.iter().map(|row| table.row(row))).collect()
    }

    /// Widens the column with this heading to at least this width.
    pub(super) fn widen(&mut self, heading: &str, width: usize) {
        for column in self.columns.iter_mut().filter(|column| column.heading == heading) {
            column.width = column.width.max(width);
        }
    }

    /// The same table without the first of these columns, as many of them as it takes to be at most
    /// this wide.
    pub(super) fn narrowed(mut self, columns: usize, dispensable: &[&str]) -> Self {
        for heading in dispensable {
            if self.heading_width() <= columns {
                break;
            }
            for column in self.columns.iter_mut().filter(|column| column.heading == *heading) {
                column.is_left_out = true;
            }
        }
        self
    }

    fn heading_width(&self) -> usize {
        let shown = self.columns.iter().filter(|column| !column.is_left_out);
        let widths = shown.map(|column| column.width.max(column.heading.width()) + GAP.len());
        widths.sum::<usize>().saturating_sub(GAP.len())
    }

    pub(super) fn heading(&self) -> String {
        let headings = self.columns.iter().map(|column| column.heading.to_owned());
        styled(HEADING, &self.row(&headings.collect::<Vec<_>>()))
    }

    pub(super) fn row(&self, cells: &[String]) -> String {
        let shown = self.columns.iter().zip(cells).filter(|(column, _)| !column.is_left_out);
        let cells = shown.map(|(column, cell)| {
            let width = column.width.max(column.heading.width());
            let padding = " ".repeat(width.saturating_sub(cell.width()));
            if column.is_right { padding + cell } else { cell.to_owned() + &padding }
        });
        cells.collect::<Vec<_>>().join(GAP).trim_end().to_owned()
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
    fn columns_are_left_out_in_turn_until_the_rest_fits() {
        let columns =
            [Column::right("block", 0), Column::left("hash", 8), Column::right("MH/s", 0)];
        let shown = |width| {
            let table = TextTable::new(columns).narrowed(width, &["MH/s", "block"]);
            table.row(&["1".to_owned(), "00ab".to_owned(), "42".to_owned()])
        };
        assert_eq!(shown(21), "    1  00ab        42");
        assert_eq!(shown(20), "    1  00ab");
        assert_eq!(shown(14), "00ab");
        assert_eq!(shown(1), "00ab", "the others stay");
    }

    #[test]
    fn wide_characters_count_for_two() {
        let table = TextTable::new([Column::left("a", 6), Column::left("b", 1)]);
        assert_eq!(table.row(&["世界".to_owned(), "x".to_owned()]), "世界    x");
    }
}
