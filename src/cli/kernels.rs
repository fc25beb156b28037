//! `stripmine kernels`: the kernels, which of them this CPU can run, and a quick rate.

use std::time::{Duration, Instant};

use serde::Serialize;

use super::arguments::header::KernelsArguments;
use super::arguments::shared::OutputForm;
use super::explain;
use super::failure::{Failure, Result};
use super::json;
use super::output::Output;
use super::table::{Column, TextTable};
use crate::chain::python_json::Value;
use crate::chain::{Candidate, SealedBlock, Timestamp};
use crate::machine::{System, instruction_sets, time_on_cpu};
use crate::pow::{Job, Kernel, Target, Template};
use crate::text::mega;

/// Time that a quick rate is measured for.
const QUICK: Duration = Duration::from_millis(20);

/// Nonces between two looks at the clock: a multiple of every kernel's group size.
const STEP: u64 = 32_000;

#[derive(Serialize)]
struct KernelsDocument {
    cpu: Option<String>,
    instruction_sets: Vec<&'static str>,
    auto: &'static str,
    kernels: Vec<KernelDocument>,
}

/// One kernel; its test and rate are null where this CPU cannot run it.
#[derive(Serialize)]
struct KernelDocument {
    name: &'static str,
    lanes: usize,
    available: bool,
    self_test: Option<&'static str>,
    hashes_per_s: Option<f64>,
    #[serde(skip)]
    failure: Option<String>,
}

pub(super) fn list_or_explain(arguments: &KernelsArguments, output: &mut Output) -> Result<()> {
    if arguments.explain {
        return explain::explain_header(arguments, output);
    }
    if arguments.difficulty.given().is_some() {
        return Err(Failure::usage("a difficulty is of use only with --explain; leave it out"));
    }
    let document = test_all()?;
    let failures: Vec<_> = document.kernels.iter().filter_map(|k| k.failure.clone()).collect();
    match arguments.output.format {
        OutputForm::Json => {
            let outcome = if failures.is_empty() { "done" } else { "failed" };
            json::print_outcome(outcome, &document, output)?;
        }
        OutputForm::Text => print_table(&document, output)?,
    }
    for failure in &failures {
        output.error(failure);
    }
    if failures.is_empty() { Ok(()) } else { Err(Failure::AnsweredNo) }
}

fn test_all() -> Result<KernelsDocument> {
    let header = sample_header()?;
    let kernels: Vec<_> = Kernel::ALL.iter().map(|kernel| test_kernel(*kernel, &header)).collect();
    Ok(KernelsDocument {
        cpu: System::of_this_machine().cpu_model(),
        instruction_sets: instruction_sets(),
        auto: Kernel::detect().name(),
        kernels,
    })
}

fn test_kernel(kernel: Kernel, header: &Template) -> KernelDocument {
    let tested = kernel.is_available().then(|| kernel.self_test());
    KernelDocument {
        name: kernel.name(),
        lanes: kernel.lanes(),
        available: kernel.is_available(),
        self_test: tested.as_ref().map(|test| if test.is_ok() { "passed" } else { "failed" }),
        hashes_per_s: tested.as_ref().map(|_| quick_rate(kernel, header)),
        failure: tested.and_then(Result::err).map(|error| error.to_string()),
    }
}

/// The header of a chain's first mined block.
fn sample_header() -> Result<Template> {
    let genesis = SealedBlock::genesis().hash().to_string();
    let candidate =
        Candidate::new(1, &Timestamp::Text("now".to_owned()), &Value::from("Block 1"), &genesis);
    Ok(candidate.map_err(Failure::system)?.template().clone())
}

/// Hashes per second on this thread, roughly: the best of a few short measurements.
fn quick_rate(kernel: Kernel, header: &Template) -> f64 {
    const MOMENTS: usize = 3;
    let started = Instant::now();
    // Other programs take the CPU away, but lengthen no time on it.
    let clock = || time_on_cpu().unwrap_or_else(|| started.elapsed());
    (0..MOMENTS).map(|_| rate_of_a_moment(kernel, header, clock)).fold(0.0, f64::max)
}

fn rate_of_a_moment(kernel: Kernel, header: &Template, clock: impl Fn() -> Duration) -> f64 {
    let job = Job::new(header, Target::ZERO, kernel);
    let (mut next, mut hashes, mut elapsed) = (320 * STEP, 0.0, Duration::ZERO);
    let started = clock();
    while elapsed < QUICK {
        // Nothing is found: no known digest is zero.
        let _ = job.search(next..=next + STEP - 1);
        next += STEP;
        hashes += STEP as f64;
        elapsed = clock().saturating_sub(started);
    }
    hashes / elapsed.as_secs_f64()
}

fn print_table(document: &KernelsDocument, output: &mut Output) -> Result<()> {
    let cpu = document.cpu.as_deref().unwrap_or("unknown CPU");
    output.line(&format!("{cpu}   {}", document.instruction_sets.join(" ")))?;
    output.line("")?;
    let table = TextTable::new([
        Column::left("kernel", 10),
        Column::right("lanes", 0),
        Column::left("runs here", 0),
        Column::left("self-test", 0),
        Column::right("MH/s", 6),
        Column::left("", 0),
    ]);
    output.line(&table.heading())?;
    for kernel in &document.kernels {
        let auto = if kernel.name == document.auto { "auto" } else { "" };
        output.line(&table.row(&[
            kernel.name.to_owned(),
            kernel.lanes.to_string(),
            if kernel.available { "yes" } else { "no" }.to_owned(),
            kernel.self_test.unwrap_or("").to_owned(),
            kernel.hashes_per_s.map(mega).unwrap_or_default(),
            auto.to_owned(),
        ]))?;
    }
    output.line("")?;
    output.line("MH/s: one thread for a moment of CPU time, on a chain header; roughly")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn a_quick_rate_goes_by_the_clock_it_is_given_however_long_it_takes() {
        // Whatever the wall clock says, five milliseconds pass for each step.
        let now = Cell::new(Duration::ZERO);
        let clock = || now.replace(now.get() + Duration::from_millis(5));
        let rate = rate_of_a_moment(Kernel::Sha2, &sample_header().unwrap(), clock);
        assert!((rate - STEP as f64 / 0.005).abs() < 1e-3, "{rate}");
    }
}
