//! `stripmine bench`: measures, prints, saves and compares.

use std::slice::from_ref;

use super::arguments::bench::BenchArguments;
use super::arguments::shared::OutputForm;
use super::bench_plan::BenchPlan;
use super::bench_progress::BenchProgress;
use super::failure::{Failure, Result};
use super::output::Output;
use super::resolve::Cpus;
use super::signals::Signals;
use super::{bench_table, comparison_table, exports, json};
use crate::bench::document::{Document, Ending};
use crate::bench::{self, BenchError, Benchmark, Watch, compare};
use crate::machine::Topology;
use crate::miner::BuildError;

pub(super) fn run_benchmark(arguments: BenchArguments, output: &mut Output) -> Result<()> {
    let cpus = Cpus::resolve(&arguments.cpus, &Topology::detect())?;
    // Early, since all that follows adds to the machine's load.
    let watch = Watch::start(&cpus.topology);
    let signals = Signals::take_over()?;
    let watch = watch.with_continued(signals.continued());
    // A saved benchmark may be read from a FIFO.
    let plan = signals.wait_for(move || BenchPlan::resolve(arguments, cpus))??;
    let BenchPlan { benchmark, saved, max_slowdown, exports, form } = plan;
    let mut document = measure(&benchmark, &watch, &signals, output)?;
    document.comparison = saved.map(|saved| compare(&document, &saved, max_slowdown));
    let is_empty = document.points.is_empty();
    // Without a sample no file is overwritten.
    let exports = if is_empty { &[][..] } else { &exports };
    let written = exports::write(exports, from_ref(&document), None);
    let printed = match form {
        OutputForm::Json => json::print(&document, output),
        OutputForm::Text if is_empty => {
            output.note("stopped before the first sample: nothing was measured, and nothing saved");
            Ok(())
        }
        OutputForm::Text => bench_table::print(&document, output)
            .and_then(|()| bench_table::print_saved(&written, output)),
    };
    let written = exports::conclude(written, output);
    printed.and(written)?;
    conclude(&document, &signals, output)
}

fn measure(
    benchmark: &Benchmark,
    watch: &Watch,
    signals: &Signals,
    output: &mut Output,
) -> Result<Document> {
    let mut progress = BenchProgress::start(benchmark, output);
    let document = bench::measure(benchmark, watch, signals.cancel_token(), |event| {
        progress.note(event, output);
    });
    progress.finish();
    // Ctrl-C goes to a running Python process as well, which then fails.
    if document.is_err() {
        signals.check()?;
    }
    document.map_err(|error| match error {
        BenchError::Build(BuildError::SelfTest(_)) => Failure::refused(error),
        BenchError::Build(BuildError::Threads(_) | BuildError::KernelUnavailable(_)) => {
            Failure::usage(error)
        }
        _ => Failure::system(error),
    })
}

/// Fails after a signal, a false proof, or a point slower than allowed.
fn conclude(document: &Document, signals: &Signals, output: &mut Output) -> Result<()> {
    signals.check()?;
    let is_false = document.outcome == Ending::Failed;
    if is_false {
        output.error("the proof does not hold: a kernel did not hash what it was to hash");
    }
    let points = document.comparison.iter().flat_map(|comparison| &comparison.points);
    let too_slow: Vec<_> = points.filter(|point| point.too_slow).collect();
    for point in &too_slow {
        output.error(&comparison_table::too_slow(point));
    }
    if is_false || !too_slow.is_empty() { Err(Failure::AnsweredNo) } else { Ok(()) }
}
