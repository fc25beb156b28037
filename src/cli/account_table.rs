//! The table of where the threads went, below the points of `bench` and `report`.

use unicode_width::UnicodeWidthStr as _;

use super::failure::Result;
use super::output::{DIM, HEADING, Output, stdout_width, styled};
use super::table::{Column, TextTable};
use crate::bench::curve::Curve;
use crate::bench::wording::{AccountRow, account_hint, account_notes, account_rows};
use crate::text::{cut, escaped_line, wrapped};

const TITLE: &str = "where the threads went";

/// Columns of a machine's name, at most.
const LABEL: usize = 24;

/// Prints where the threads of one kernel went, if that is known.
pub(super) fn print(curve: &Curve<'_>, output: &mut Output) -> Result<()> {
    let rows: Vec<_> = account_rows(curve).into_iter().map(|row| (Vec::new(), row)).collect();
    print_rows(&[], &rows, output)?;
    account_notes(curve).iter().try_for_each(|note| print_note(note, output))
}

/// Prints where the threads of several machines went, as far as that is known.
pub(super) fn print_machines(curves: &[Curve<'_>], output: &mut Output) -> Result<()> {
    let named = |curve: &Curve<'_>| {
        let names = vec![cut(&escaped_line(curve.label), LABEL)];
        account_rows(curve).into_iter().map(move |row| (names.clone(), row))
    };
    let mut rows: Vec<_> = curves.iter().flat_map(named).collect();
    rows.sort_by_key(|(_, row)| row.threads);
    print_rows(&[Column::left("machine", 0)], &rows, output)?;
    let mut notes: Vec<String> = curves.iter().flat_map(account_notes).collect();
    notes.dedup();
    notes.iter().try_for_each(|note| print_note(note, output))
}

/// Prints what is missing for an account, if only that is missing.
pub(super) fn print_hint(curves: &[Curve<'_>], output: &mut Output) -> Result<()> {
    let Some(hint) = account_hint(curves) else { return Ok(()) };
    output.line("")?;
    output.line(&styled(HEADING, TITLE))?;
    print_note(hint, output)
}

/// Prints the rows, each behind its names.
fn print_rows(
    names: &[Column],
    rows: &[(Vec<String>, AccountRow)],
    output: &mut Output,
) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let cells = |(names, row): &(Vec<String>, AccountRow)| {
        [names.as_slice(), &[row.threads.to_string(), row.reached.clone()]].concat()
    };
    let cells: Vec<_> = rows.iter().map(cells).collect();
    let figures = [Column::right("threads", 0), Column::right("reached", 0)];
    let columns = names.iter().copied().chain(figures).collect::<Vec<_>>();
    let table = TextTable::new(columns).fitted(&cells);
    output.line("")?;
    output.line(&styled(HEADING, TITLE))?;
    output.line(&format!("{}  {}", table.heading(), styled(HEADING, "lost")))?;
    for (cells, (_, row)) in cells.iter().zip(rows) {
        let figures = table.row(cells);
        let indent = figures.width() + 2;
        for (number, words) in lines(&row.lost, indent).iter().enumerate() {
            match number {
                0 => output.line(&format!("{figures}  {words}"))?,
                _ => output.line(&format!("{:indent$}{words}", ""))?,
            }
        }
    }
    Ok(())
}

fn print_note(note: &str, output: &mut Output) -> Result<()> {
    lines(note, 0).iter().try_for_each(|line| output.line(&styled(DIM, line)))
}

/// A text in lines that fit beside an indent.
fn lines(text: &str, indent: usize) -> Vec<String> {
    wrapped(text, stdout_width().saturating_sub(indent).max(20))
}
