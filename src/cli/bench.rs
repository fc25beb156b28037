//! `stripmine bench`: measures, prints, saves and compares.

use std::path::{Path, PathBuf};
use std::slice::from_ref;

use anyhow::{Context as _, anyhow};

use super::arguments::bench::BenchArguments;
use super::arguments::shared::OutputForm;
use super::bench_progress::BenchProgress;
use super::failure::{Failure, Result};
use super::output::Output;
use super::signals::Signals;
use super::{bench_plan, bench_table, comparison_table, exports, json, report};
use crate::bench::document::{Document, Ending};
use crate::bench::{self, BenchError, Benchmark, Watch, check_comparable, compare};
use crate::machine::Topology;
use crate::miner::BuildError;
use crate::text::shown_path;

pub(super) fn run_benchmark(
    arguments: &BenchArguments,
    quiet: bool,
    output: &mut Output,
) -> Result<()> {
    let topology = Topology::detect();
    // First, since all that follows adds to the machine's load.
    let watch = Watch::start(&topology);
    let signals = Signals::take_over()?;
    let plan = bench_plan::plan(arguments, &topology)?;
    let inputs: Vec<PathBuf> = arguments.compare.iter().cloned().collect();
    exports::check(&arguments.exports.files, &inputs)?;
    let saved = arguments.compare.as_deref().map(|path| read_saved(path, &plan)).transpose()?;
    let mut document = measure(&plan, &watch, &signals, quiet, output)?;
    if let Some(saved) = &saved {
        document.comparison = Some(compare(&document, saved, arguments.max_slowdown / 100.0));
    }
    if document.points.is_empty() && arguments.output.format == OutputForm::Text {
        output.note("stopped before the first sample: nothing was measured, and nothing saved");
    } else {
        save_and_print(&document, arguments, output)?;
    }
    conclude(&document, &signals, output)
}

/// Saves and prints the results. Without a sample no file is overwritten.
fn save_and_print(
    document: &Document,
    arguments: &BenchArguments,
    output: &mut Output,
) -> Result<()> {
    if document.points.is_empty() {
        return print(document, arguments, output);
    }
    let saved = exports::write(&arguments.exports.files, from_ref(document), None);
    print(document, arguments, output).and(saved)
}

fn print(document: &Document, arguments: &BenchArguments, output: &mut Output) -> Result<()> {
    if arguments.output.format == OutputForm::Json {
        return json::print(document, output);
    }
    bench_table::print(document, output)?;
    if let Some(comparison) = &document.comparison {
        comparison_table::print(comparison, output)?;
    }
    let paths: Vec<_> = arguments.exports.files.iter().map(|file| file.path.as_path()).collect();
    bench_table::print_saved(&paths, output)
}

/// Reads a saved benchmark, and checks that this run can be compared with it.
fn read_saved(path: &Path, plan: &Benchmark) -> Result<Document> {
    let points: Vec<_> = plan
        .kernels
        .iter()
        .flat_map(|kernel| plan.threads.iter().map(|threads| (kernel.name(), *threads)))
        .collect();
    let path_shown = shown_path(path);
    let Ok([document]) = <[Document; 1]>::try_from(report::read(path)?) else {
        let error = anyhow!("{path_shown}: has several benchmarks; compare with one at a time");
        return Err(Failure::usage(error));
    };
    check_comparable(&plan.workload.searched_header(), &points, &document)
        .with_context(|| format!("cannot compare with {path_shown}"))
        .map_err(Failure::Usage)?;
    Ok(document)
}

fn measure(
    plan: &Benchmark,
    watch: &Watch,
    signals: &Signals,
    quiet: bool,
    output: &mut Output,
) -> Result<Document> {
    let mut progress = BenchProgress::new(plan, quiet);
    progress.planned(plan, output);
    let document =
        bench::measure(plan, watch, signals.cancel_token(), |event| progress.note(event, output));
    progress.finish();
    // Ctrl-C goes to a running Python process as well, which then fails.
    if let (Err(_), Some(failure)) = (&document, signals.failure()) {
        return Err(failure);
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
    if let Some(failure) = signals.failure() {
        return Err(failure);
    }
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
