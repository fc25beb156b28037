//! CSV: a row for every sample. `docs/benchmarking.md` describes the columns.

use super::escape;
use crate::bench::account::{Account, Loss};
use crate::bench::curve::{curves, labels};
use crate::bench::document::{Document, PlainSample, Sample, Second};

const HEADING: &str = "label,workload,kernel,baseline,threads,pinned,round,hashes,elapsed_s,\
    hashes_per_s,sum,cycles_per_hash,clock_ghz,reached,waiting_for_cpu,throttled,off_cpu,idle,\
    lower_clock,less_per_cycle,cpu,sustained_at_s\n";

/// Columns that only points have: the clock, and where the threads went.
const ACCOUNT: usize = 9;

/// Which of them is the clock.
const CLOCK: usize = 1;

pub(super) fn render(documents: &[Document], kernel: Option<&str>) -> Vec<u8> {
    let mut table = csv::Writer::from_writer(HEADING.as_bytes().to_vec());
    for (document, label) in documents.iter().zip(&labels(documents)) {
        let mut row = |of: [&dyn ToString; 4],
                       it: &PlainSample,
                       sum: &dyn ToString,
                       account: [String; ACCOUNT],
                       [cpu, at_s]: [String; 2]| {
            let header: [&dyn ToString; 2] = [label, &document.workload.name];
            let sample: [&dyn ToString; 5] =
                [&it.round, &it.hashes, &it.elapsed_s, &it.hashes_per_s, sum];
            let cells = header.into_iter().chain(of).chain(sample);
            let cells =
                cells.map(|cell| escape::csv(&cell.to_string())).chain(account).chain([cpu, at_s]);
            let written = table.write_record(cells);
            written.expect("memory takes rows of equal length");
        };
        let (none, unknown) = (Default::default, Default::default);
        let curves = curves(document, &document.label, kernel);
        for point in curves.iter().flat_map(|curve| &curve.points) {
            let of: [&dyn ToString; 4] = [&point.kernel, &"", &point.threads, &point.pinned];
            for sample in &point.samples {
                row(of, &sample.plain(), &sample.sum, account(sample), none());
            }
        }
        for baseline in &document.baselines {
            let of: [&dyn ToString; 4] = [&"", &baseline.name, &1, &""];
            baseline.samples.iter().for_each(|sample| row(of, sample, &"", unknown(), none()));
        }
        let is_chosen = |name: &str| kernel.is_none_or(|kernel| kernel == name);
        for each in document.each_cpu.iter().filter(|each| is_chosen(&each.kernel)) {
            let of: [&dyn ToString; 4] = [&each.kernel, &"", &1, &true];
            for cpu in &each.cpus {
                let which = || [cpu.cpu.to_string(), String::new()];
                cpu.samples.iter().for_each(|sample| row(of, sample, &"", unknown(), which()));
            }
        }
        for run in document.sustained.iter().filter(|run| is_chosen(&run.kernel)) {
            let of: [&dyn ToString; 4] = [&run.kernel, &"", &run.threads, &""];
            for (round, second) in run.seconds.iter().enumerate() {
                let &Second { elapsed_s, hashes, hashes_per_s, .. } = second;
                let sample = PlainSample { round, elapsed_s, hashes, hashes_per_s };
                let mut clock = unknown();
                clock[CLOCK] = second.clock_ghz.map_or_else(String::new, |ghz| ghz.to_string());
                row(of, &sample, &"", clock, [String::new(), second.at_s.to_string()]);
            }
        }
    }
    table.into_inner().expect("memory takes everything")
}

/// The clock, and where the threads went. What is not known is empty.
fn account(sample: &Sample) -> [String; ACCOUNT] {
    let lost = |account: Account<f64>| Loss::ALL.map(|loss| account.loss(loss));
    let [waiting, throttled, off, idle, clock, per_cycle] =
        sample.account.map_or_else(Default::default, lost);
    let reached = sample.account.map(|account| account.reached);
    let (cycles, ghz) = (sample.cycles_per_hash(), sample.clock_ghz());
    [cycles, ghz, reached, waiting, throttled, off, idle, clock, per_cycle]
        .map(|figure| figure.map_or_else(String::new, |figure| figure.to_string()))
}
