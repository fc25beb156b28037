//! The tables of `bench` and `report`: one machine with all its figures, or several machines.

use std::slice::from_ref;

use unicode_width::UnicodeWidthStr as _;

use super::exports::Export;
use super::failure::Result;
use super::output::{BAD, DIM, HEADING, Output, stdout_width, styled};
use super::table::{Column, TextTable};
use super::{account_table, comparison_table};
use crate::bench::curve::{Curve, by_threads, curves, fastest_of_each, labels};
use crate::bench::document::{Document, Point};
use crate::bench::export::FileFormat;
use crate::bench::statistics::Interval;
use crate::bench::wording::{
    Fact, facts, hardware, kind_of_intervals, percent_with_interval, program, sampling,
    surroundings, times_with_interval,
};
use crate::text::{
    RateUnit, cut, escaped_line, percent, plural, shown_path, significant, times, wrapped,
};

/// Columns from which speedup and efficiency are shown with their intervals.
const WIDE: usize = 110;

/// Columns from which cycles and clock are shown, and the least that they leave for the bars.
const WIDE_FOR_CLOCK: usize = 100;
const LEAST_BAR: usize = 12;

/// Columns of a label, at most.
const LABEL: usize = 24;

/// Columns of the names above and below a table.
const NAME: usize = 20;

/// Columns of a bar that stands for 100 %, where there is room.
const BAR: usize = 20;

/// Prints everything about one machine except for its workers.
pub(super) fn print(document: &Document, output: &mut Output) -> Result<()> {
    let curves = curves(document, &document.label, None);
    print_header(document, &curves, output)?;
    let rates = curves.iter().flat_map(|it| &it.points).map(|it| it.hashes_per_s.median);
    let unit = RateUnit::for_all(rates);
    for curve in &curves {
        output.line("")?;
        if curves.len() > 1 {
            output.line(&styled(HEADING, &escaped_line(&format!("kernel {}", curve.name()))))?;
        }
        let rows = curve.points.iter().map(|point| Row { names: vec![], point, document });
        print_rows(&[], unit, &rows.collect::<Vec<_>>(), output)?;
        account_table::print(curve, output)?;
    }
    account_table::print_hint(&curves, output)?;
    output.line("")?;
    facts(document).iter().try_for_each(|fact| print_fact(fact, "", output))?;
    let comparison = document.comparison.as_ref();
    comparison.map_or(Ok(()), |comparison| comparison_table::print(comparison, output))
}

/// Prints the chosen curves of several machines, by threads.
pub(super) fn print_overview(
    documents: &[Document],
    kernel: Option<&str>,
    output: &mut Output,
) -> Result<()> {
    let labels = labels(documents);
    for (document, label) in documents.iter().zip(&labels) {
        let text = [
            format!("{}, {}", hardware(&document.environment), program(&document.environment)),
            surroundings(document),
            sampling(document),
        ];
        print_entry(&styled(HEADING, &shown_label(label)), &text.join("; "), output)?;
    }
    let curves = fastest_of_each(documents, &labels, kernel);
    let rows = by_threads(&curves);
    let mut kernels: Vec<_> = rows.iter().map(|(curve, _)| curve.name()).collect();
    kernels.sort_unstable();
    kernels.dedup();
    let one_hash = documents.first().map_or("", |document| &document.workload.one_hash);
    let hashed = format!(
        "1 hash = {one_hash}; {}; brackets are {}",
        named_kernels(&kernels),
        kind_of_intervals(documents)
    );
    print_wrapped(&hashed, output)?;
    output.line("")?;
    print_machines(&rows, kernels.len() > 1, output)?;
    account_table::print_machines(&curves, output)?;
    output.line("")?;
    for (document, label) in documents.iter().zip(&labels) {
        for fact in facts(document).iter().filter(|fact| fact.is_warning) {
            print_fact(fact, &format!("{label}: "), output)?;
        }
    }
    Ok(())
}

/// Prints which files were written, and the command that draws them.
pub(super) fn print_saved(exports: &[Export<'_>], output: &mut Output) -> Result<()> {
    let name = styled(DIM, &format!("{:NAME$} ", "saved"));
    let saved = exports.iter().filter(|(_, written)| written.is_ok());
    saved.map(|(export, _)| export).try_for_each(|export| {
        let shown = shown_path(&export.path);
        let hint = match export.format {
            FileFormat::Json => format!("   (draw: stripmine report {shown})"),
            _ => String::new(),
        };
        output.line(&format!("{name}{shown}{hint}"))
    })
}

fn print_header(document: &Document, curves: &[Curve<'_>], output: &mut Output) -> Result<()> {
    let environment = &document.environment;
    let label = shown_label(&document.label);
    let machine = escaped_line(&format!("{}   {}", hardware(environment), program(environment)));
    let label_styled = styled(HEADING, &label);
    if label.width() + 3 + machine.width() <= stdout_width() {
        output.line(&format!("{label_styled}   {machine}"))?;
    } else {
        output.line(&label_styled)?;
        print_wrapped(&machine, output)?;
    }
    let kernels = named_kernels(&curves.iter().map(Curve::name).collect::<Vec<_>>());
    print_wrapped(&surroundings(document), output)?;
    print_wrapped(&format!("1 hash = {}; {kernels}", document.workload.one_hash), output)?;
    let brackets = kind_of_intervals(from_ref(document));
    print_wrapped(&format!("{}, in turn; brackets are {brackets}", sampling(document)), output)
}

fn named_kernels(names: &[String]) -> String {
    format!("{} {}", plural("kernel", names.len() == 1), names.join(", "))
}

/// Prints the rows of several machines, each with its kernel where kernels differ.
fn print_machines<'a>(
    rows: &[(&Curve<'a>, &'a Point)],
    with_kernels: bool,
    output: &mut Output,
) -> Result<()> {
    let unit = RateUnit::for_all(rows.iter().map(|(_, point)| point.hashes_per_s.median));
    let names = if with_kernels { &["machine", "kernel"][..] } else { &["machine"] };
    let row = |&(curve, point): &(&Curve<'a>, &'a Point)| Row {
        names: [curve.label, &curve.name()][..names.len()]
            .iter()
            .map(|it| shown_label(it))
            .collect(),
        point,
        document: curve.document,
    };
    print_rows(names, unit, &rows.iter().map(row).collect::<Vec<_>>(), output)
}

/// A point and its names.
struct Row<'a> {
    names: Vec<String>,
    point: &'a Point,
    document: &'a Document,
}

/// What a table of points shows besides rate, speedup and efficiency.
#[derive(Clone, Copy)]
struct Shown {
    /// Cycles a hash, and the clock.
    clock: bool,
    /// The intervals of speedup and efficiency.
    intervals: bool,
}

impl Row<'_> {
    fn cells(&self, unit: RateUnit, shown: Shown) -> Vec<String> {
        let rate = &self.point.hashes_per_s;
        let [median, low, high] = [rate.median, rate.low, rate.high].map(|it| unit.figure(it, 3));
        let speedup = |it: &Interval| {
            if shown.intervals {
                times_with_interval(it)
            } else {
                format!("{} x", times(it.median))
            }
        };
        let efficiency = |it: &Interval| {
            if shown.intervals { percent_with_interval(it) } else { percent(it.median) }
        };
        let median_of = |it: &Option<Interval>, digits| {
            it.map_or_else(String::new, |it| significant(it.median, digits))
        };
        let rate = [self.point.threads.to_string(), median, format!("[{low}, {high}]")];
        let clock =
            [median_of(&self.point.cycles_per_hash, 4), median_of(&self.point.clock_ghz, 3)];
        let gains = [
            self.point.speedup.as_ref().map_or_else(String::new, speedup),
            self.point.efficiency.as_ref().map_or_else(String::new, efficiency),
        ];
        let clock = clock.into_iter().filter(|_| shown.clock);
        self.names.iter().cloned().chain(rate).chain(clock).chain(gains).collect()
    }

    /// A bar as long as the efficiency, and a mark where siblings share cores.
    fn bar(&self, columns: usize) -> String {
        const MARK: &str = "  SMT";
        let efficiency = self.point.efficiency.map_or(0.0, |it| it.median);
        let shares_cores = self.document.environment.shares_cores(self.point.threads);
        match columns.checked_sub(MARK.len()) {
            Some(room) if shares_cores => format!("{}{MARK}", bar(efficiency, room.min(BAR))),
            Some(room) => bar(efficiency, room.min(BAR)),
            None => String::new(),
        }
    }
}

/// Prints a table; `names` are the headings of the columns on its left.
fn print_rows(
    names: &[&'static str],
    unit: RateUnit,
    rows: &[Row<'_>],
    output: &mut Output,
) -> Result<()> {
    let width = stdout_width();
    let has_clock = rows.iter().any(|row| row.point.cycles_per_hash.is_some());
    let shown = Shown { clock: has_clock && width >= WIDE_FOR_CLOCK, intervals: width >= WIDE };
    let mut laid_out = lay_out(names, unit, rows, shown);
    if shown.clock && laid_out.1.iter().any(|line| line.width() + LEAST_BAR > width) {
        laid_out = lay_out(names, unit, rows, Shown { clock: false, ..shown });
    }
    let (heading, lines) = laid_out;
    output.line(&heading)?;
    let used = lines.iter().map(|line| line.width()).max().unwrap_or(0);
    let room = width.saturating_sub(used + 2);
    for (line, row) in lines.iter().zip(rows) {
        output.line(format!("{line}  {}", row.bar(room)).trim_end())?;
    }
    Ok(())
}

/// The heading and the lines of a table of points.
fn lay_out(
    names: &[&'static str],
    unit: RateUnit,
    rows: &[Row<'_>],
    shown: Shown,
) -> (String, Vec<String>) {
    let cells: Vec<_> = rows.iter().map(|row| row.cells(unit, shown)).collect();
    let rate =
        [Column::right("threads", 0), Column::right(unit.name, 5), Column::left("[interval]", 0)];
    let clock = [Column::right("cycles/hash", 0), Column::right("GHz", 4)];
    let gains = [Column::right("speedup", 0), Column::right("efficiency", 0)];
    let names = names.iter().map(|&name| Column::left(name, 0));
    let clock = clock.into_iter().filter(|_| shown.clock);
    let columns = names.chain(rate).chain(clock).chain(gains).collect::<Vec<_>>();
    let table = TextTable::new(columns).fitted(&cells);
    (table.heading(), cells.iter().map(|cells| table.row(cells)).collect())
}

/// A bar, exact to an eighth of a column; never longer than for 100 %.
fn bar(part: f64, columns: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is clamped")]
    let eighths = (part.clamp(0.0, 1.0) * columns as f64 * 8.0).round() as usize;
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

fn print_fact(fact: &Fact, machine: &str, output: &mut Output) -> Result<()> {
    let style = if fact.is_warning { BAD } else { DIM };
    print_entry(&styled(style, fact.name), &format!("{machine}{}", fact.text), output)
}

/// Prints a name, with a text wrapped beside it.
fn print_entry(name: &str, text: &str, output: &mut Output) -> Result<()> {
    let shown = console::measure_text_width(name).max(NAME);
    let padding = " ".repeat(shown - console::measure_text_width(name));
    let lines = lines_of(text, stdout_width().saturating_sub(shown + 1));
    for (number, line) in lines.iter().enumerate() {
        match number {
            0 => output.line(&format!("{name}{padding} {line}"))?,
            _ => output.line(&format!("{} {line}", " ".repeat(shown)))?,
        }
    }
    Ok(())
}

fn print_wrapped(text: &str, output: &mut Output) -> Result<()> {
    lines_of(text, stdout_width()).iter().try_for_each(|line| output.line(line))
}

/// The text wrapped into lines; `%` stays with its figure.
fn lines_of(text: &str, width: usize) -> Vec<String> {
    const BOUND: &str = "\u{a0}%";
    let lines = wrapped(&escaped_line(text).replace(" %", BOUND), width.max(20));
    lines.into_iter().map(|line| line.replace(BOUND, " %")).collect()
}

fn shown_label(label: &str) -> String {
    cut(&escaped_line(label), LABEL)
}
