//! The table of `bench --compare`.

use super::failure::Result;
use super::output::{BAD, GOOD, HEADING, Output, styled};
use super::table::{Column, TextTable};
use crate::bench::document::{ComparedPoint, Comparison, Verdict};
use crate::bench::wording::{date, ratio_to_earlier};
use crate::text::{counted, escaped_line, significant};

/// Prints the ratio of every point that both runs have.
pub(super) fn print(comparison: &Comparison, output: &mut Output) -> Result<()> {
    let label = escaped_line(&comparison.label);
    output.line("")?;
    let heading = format!(
        "against {label} of {}; at most {} % slower is allowed; brackets are 95 % bootstrap \
         intervals of the ratio",
        date(comparison.started_unix_s),
        significant(comparison.max_slowdown * 100.0, 3)
    );
    output.line(&styled(HEADING, &heading))?;
    let rows: Vec<Vec<String>> = comparison.points.iter().map(row).collect();
    let lines = TextTable::new([
        Column::left("kernel", 0),
        Column::right("threads", 0),
        Column::right("ratio", 0),
        Column::left("[interval]", 0),
        Column::left("verdict", 0),
    ])
    .lines(&rows);
    lines.iter().try_for_each(|line| output.line(line))?;
    for warning in &comparison.warnings {
        output.line(&format!("warning: {}", escaped_line(&warning.text)))?;
    }
    output.line("")
}

fn row(point: &ComparedPoint) -> Vec<String> {
    let verdict = match point.verdict {
        Verdict::Faster => styled(GOOD, "faster"),
        Verdict::Slower => styled(BAD, "slower"),
        Verdict::NoDifference => "no difference".to_owned(),
    };
    let [ratio, interval] = ratio_to_earlier(&point.ratio);
    vec![escaped_line(&point.kernels()), point.threads.to_string(), ratio, interval, verdict]
}

/// The error about a point that is slower than allowed.
pub(super) fn too_slow(point: &ComparedPoint) -> String {
    format!(
        "{} at {} is slower than allowed: {:.3} times the earlier rate, at most {:.3}",
        escaped_line(&point.kernels()),
        counted(point.threads, "thread"),
        point.ratio.median,
        point.ratio.high
    )
}
